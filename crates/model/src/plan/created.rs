//! The fields of what an operation creates: every one, so that a reader of the plan sees all that is sent. A new field
//! of an operation does not compile until it is here.
use super::{FieldChange, FieldValue};
use crate::{CreateApp, CreateRole, Planned, PutEventStream, RoleArn, Tags};
use serde::Serialize;

impl FieldChange {
    /// A field of something new.
    pub fn made(path: &str, value: &impl Serialize) -> FieldChange {
        FieldChange { path: path.to_owned(), before: None, after: Some(FieldValue::of(value)), effect: None }
    }

    /// A field of something that is deleted or forgotten.
    pub fn lost(path: &str, value: &impl Serialize) -> FieldChange {
        FieldChange { path: path.to_owned(), before: Some(FieldValue::of(value)), after: None, effect: None }
    }
}

impl CreateApp<Planned> {
    /// Account and region are those of the change, and everything that is created gets ownership tags.
    pub fn fields(&self) -> Vec<FieldChange> {
        let CreateApp { account: _, region: _, name, tags, owner: _, protect } = self;
        let mut fields = vec![FieldChange::made("name", name)];
        fields.extend(of_tags(tags));
        fields.extend(of_protection(*protect));
        fields
    }
}

impl CreateRole<Planned> {
    /// Without the policies of other operations. Everything that is created gets ownership tags.
    pub fn fields(&self) -> Vec<FieldChange> {
        let CreateRole {
            arn,
            trust_policy,
            description,
            max_session_duration,
            permissions_boundary,
            tags,
            owner: _,
            protect,
        } = self;
        let RoleArn { partition: _, account: _, path, name } = arn;
        let mut fields = vec![
            FieldChange::made("name", name),
            FieldChange::made("path", path),
            FieldChange::made("trust_policy", trust_policy),
        ];
        fields.extend((!description.is_empty()).then(|| FieldChange::made("description", description)));
        fields.push(FieldChange::made("max_session_duration", max_session_duration));
        fields.extend(permissions_boundary.as_ref().map(|arn| FieldChange::made("permissions_boundary", arn)));
        fields.extend(of_tags(tags));
        fields.extend(of_protection(*protect));
        fields
    }
}

impl PutEventStream<Planned> {
    /// The fields of a new event stream. Account and region are those of the change.
    pub fn fields(&self) -> Vec<FieldChange> {
        let PutEventStream { account: _, region: _, app_id, destination, role_arn, protect, record: _ } = self;
        let mut fields = vec![
            FieldChange::made("app_id", app_id),
            FieldChange::made("destination", &destination.to_string()),
            FieldChange::made("role_arn", &role_arn.to_string()),
        ];
        fields.extend(of_protection(*protect));
        fields
    }
}

fn of_tags(tags: &Tags) -> impl Iterator<Item = FieldChange> {
    tags.iter().map(|(key, value)| FieldChange::made(&format!("tags.{key}"), value))
}

/// What is not protected does not say so.
fn of_protection(protect: bool) -> Option<FieldChange> {
    protect.then(|| FieldChange::made("protect", &true))
}
