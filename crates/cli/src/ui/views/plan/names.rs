//! Short names for what a plan is about: apps, roles and streams.
use super::unknowns::Unknowns;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::op::{AppOp, DeleteApp, DeleteEventStream, EventStreamOp, Op, PutEventStream, Slot};
use pinpoint_streams_model::op::{CreateRole, RecordOp, RoleOp};
use pinpoint_streams_model::plan::{FieldChange, Plan};
use pinpoint_streams_model::recorded::Object;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The least number of characters of an app id.
const SHORTEST: usize = 4;

#[derive(Debug)]
pub(super) struct Names<'a> {
    pub(super) unknowns: Unknowns<'a>,
    /// The address of each role that the plan is about.
    roles: BTreeMap<String, &'a Address>,
    /// How many characters tell the apps of the plan apart.
    id_length: usize,
}

impl<'a> Names<'a> {
    pub(super) fn of(plan: &'a Plan) -> Names<'a> {
        let mut roles = BTreeMap::new();
        let mut ids: BTreeSet<String> = BTreeSet::new();
        for step in &plan.steps {
            match &step.op {
                Op::Role(RoleOp::Create(CreateRole { arn, .. })) => {
                    roles.insert(arn.to_string(), &step.address);
                }
                Op::Role(op) => {
                    roles.entry(op.role().to_string()).or_insert(&step.address);
                }
                Op::Record(RecordOp::Write { resource }) => match &resource.object {
                    Object::Role(role) => {
                        roles.entry(role.arn.to_string()).or_insert(&step.address);
                    }
                    Object::EventStream(stream) => {
                        ids.insert(stream.app_id.to_string());
                    }
                    Object::App(app) => {
                        ids.insert(app.id.to_string());
                    }
                },
                Op::EventStream(EventStreamOp::Put(PutEventStream { app_id: Slot::Known(id), .. }))
                | Op::EventStream(EventStreamOp::Delete(DeleteEventStream { app_id: id, .. }))
                | Op::App(AppOp::Delete(DeleteApp { app_id: id, .. }) | AppOp::Tag { app_id: id, .. }) => {
                    ids.insert(id.to_string());
                }
                Op::EventStream(EventStreamOp::Put(_))
                | Op::App(AppOp::Create(_) | AppOp::Untag { .. })
                | Op::Record(RecordOp::Move { .. } | RecordOp::Forget {} | RecordOp::SetProtect { .. }) => {}
            }
        }
        let fields = plan.changes.iter().flat_map(|change| &change.fields).filter(|field| field.path == "app_id");
        for FieldChange { before, after, .. } in fields {
            let values = before.iter().chain(after);
            ids.extend(values.filter_map(|value| value.json().as_str().map(str::to_owned)));
        }
        Names { unknowns: Unknowns::of(plan), roles, id_length: distinct_length(&ids) }
    }

    /// `app 810c…`, or `app (known after app.blog)`.
    pub(super) fn app(&self, id: &Value) -> String {
        match (self.unknowns.whole(id), id.as_str()) {
            (Some(words), _) => format!("app {words}"),
            (None, Some(id)) => format!("app {}", self.short(id)),
            (None, None) => format!("app {id}"),
        }
    }

    fn short(&self, id: &str) -> String {
        let is_id = id.chars().all(|c| c.is_ascii_alphanumeric());
        match id.char_indices().nth(self.id_length) {
            Some((end, _)) if is_id && id.chars().count() > self.id_length + 1 => format!("{}…", &id[..end]),
            _ => id.to_owned(),
        }
    }

    /// `kinesis clickstream`, with the account where it is another.
    pub(super) fn stream(&self, arn: &str, account: &AccountId) -> String {
        let Ok(arn) = arn.parse::<StreamArn>() else { return arn.to_owned() };
        let elsewhere =
            if arn.account() == account { String::new() } else { format!(" of account {}", arn.account()) };
        format!("{} {}{elsewhere}", arn.service(), arn.name())
    }

    /// `role.shop`, or the name of a role that the plan does not change.
    pub(super) fn role(&self, arn: &str, account: &AccountId) -> String {
        if let Some(address) = self.roles.get(arn) {
            return address.to_string();
        }
        let Ok(arn) = arn.parse::<RoleArn>() else { return arn.to_owned() };
        let elsewhere =
            if arn.account == *account { String::new() } else { format!(" of account {}", arn.account) };
        format!("role {}{elsewhere}", arn.name)
    }

    /// A source in a trust policy: `app 810c…`, or `any app of us-east-1`.
    pub(super) fn source(&self, arn: &str) -> String {
        if let Ok(AppArn { id, .. }) = arn.parse() {
            return format!("app {}", self.short(id.as_str()));
        }
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        match (fields.as_slice(), arn.rsplit_once('/')) {
            ([_, _, _, region, ..], Some((_, "*"))) => format!("any app of {region}"),
            (_, Some((_, id))) => format!("app {id}"),
            _ => arn.to_owned(),
        }
    }
}

/// The fewest characters by which these differ.
fn distinct_length(ids: &BTreeSet<String>) -> usize {
    let common = |(a, b): (&String, &String)| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    // Sorted, so the neighbours are the closest.
    let closest = ids.iter().zip(ids.iter().skip(1)).map(common).max();
    closest.map_or(SHORTEST, |common| (common + 1).max(SHORTEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_long_as_it_takes_to_tell_them_apart() {
        let length = |ids: &[&str]| distinct_length(&ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(length(&[]), 4);
        assert_eq!(length(&["810c7aab", "91d2b0c4"]), 4);
        assert_eq!(length(&["810c7aab", "810c7ffe"]), 6);
    }
}
