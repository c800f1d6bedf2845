//! Operations on an app and its event stream. In JSON an app is three fields: account, region and id.
use super::Call;
use super::phase::{Owner, Phase, Resolved, with_ownership};
use crate::{AccountId, AppArn, AppId, LiveEventStream, Region, RoleArn, StreamArn, Tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub enum AppOp<P: Phase> {
    #[serde(rename = "create_app")]
    Create(CreateApp<P>),
    /// Adds or overwrites tags; other tags stay.
    #[serde(rename = "tag_app")]
    Tag {
        account: AccountId,
        region: Region,
        app_id: AppId,
        /// Declared tags.
        tags: Tags,
        /// Ownership tags, if they are to be written.
        owner: Option<Owner<P>>,
    },
    #[serde(rename = "untag_app")]
    Untag { account: AccountId, region: Region, app_id: AppId, tag_keys: BTreeSet<String> },
    #[serde(rename = "delete_app")]
    Delete(DeleteApp),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct CreateApp<P: Phase> {
    pub account: AccountId,
    pub region: Region,
    pub name: String,
    /// Declared tags.
    pub tags: Tags,
    /// Ownership tags.
    pub owner: Owner<P>,
    pub protect: bool,
}

/// Deletes an app and all its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteApp {
    pub account: AccountId,
    pub region: Region,
    pub app_id: AppId,
    /// The name at plan time.
    pub name: String,
}

impl<P: Phase> AppOp<P> {
    pub fn tag(app: &AppArn, tags: Tags, owner: Option<Owner<P>>) -> AppOp<P> {
        let AppArn { account, region, id } = app.clone();
        AppOp::Tag { account, region, app_id: id, tags, owner }
    }

    pub fn untag(app: &AppArn, tag_keys: BTreeSet<String>) -> AppOp<P> {
        let AppArn { account, region, id } = app.clone();
        AppOp::Untag { account, region, app_id: id, tag_keys }
    }

    pub fn delete(app: &AppArn, name: String) -> AppOp<P> {
        let AppArn { account, region, id } = app.clone();
        AppOp::Delete(DeleteApp { account, region, app_id: id, name })
    }

    pub fn call(&self) -> Call {
        match self {
            AppOp::Create(_) => Call::write("create_app", "CreateApp"),
            AppOp::Tag { .. } => Call::write("tag_app", "TagResource"),
            AppOp::Untag { .. } => Call::removal("untag_app", "UntagResource"),
            AppOp::Delete(_) => Call::removal("delete_app", "DeleteApp"),
        }
    }

    fn place(&self) -> (&AccountId, &Region) {
        match self {
            AppOp::Create(CreateApp { account, region, .. })
            | AppOp::Tag { account, region, .. }
            | AppOp::Untag { account, region, .. }
            | AppOp::Delete(DeleteApp { account, region, .. }) => (account, region),
        }
    }

    pub fn account(&self) -> &AccountId {
        self.place().0
    }

    pub fn region(&self) -> &Region {
        self.place().1
    }

    /// None before the app exists.
    pub fn app(&self) -> Option<AppArn> {
        match self {
            AppOp::Create(_) => None,
            AppOp::Tag { account, region, app_id, .. }
            | AppOp::Untag { account, region, app_id, .. }
            | AppOp::Delete(DeleteApp { account, region, app_id, .. }) => {
                Some(AppArn::of(account, region, app_id))
            }
        }
    }
}

impl CreateApp<Resolved> {
    /// Declared tags and ownership.
    pub fn all_tags(&self) -> Tags {
        with_ownership(&self.tags, Some(&self.owner))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum EventStreamOp<P: Phase> {
    #[serde(rename = "put_event_stream")]
    Put(PutEventStream<P>),
    #[serde(rename = "delete_event_stream")]
    Delete(DeleteEventStream),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct PutEventStream<P: Phase> {
    pub account: AccountId,
    pub region: Region,
    pub app_id: P::AppId,
    pub destination: StreamArn,
    pub role_arn: RoleArn,
    pub protect: bool,
    /// Whether it is recorded as owned by this workspace. An undeclared event stream is restored without a record.
    #[serde(default = "recorded", skip_serializing_if = "is_recorded")]
    pub record: bool,
}

fn recorded() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands in a reference")]
fn is_recorded(record: &bool) -> bool {
    *record
}

/// Deletes an event stream. Destination and role are those at plan time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteEventStream {
    pub account: AccountId,
    pub region: Region,
    pub app_id: AppId,
    pub destination: String,
    pub role_arn: String,
}

impl<P: Phase> EventStreamOp<P> {
    pub fn delete(app: &AppArn, live: &LiveEventStream) -> EventStreamOp<P> {
        let AppArn { account, region, id } = app.clone();
        let LiveEventStream { destination, role_arn } = live.clone();
        EventStreamOp::Delete(DeleteEventStream { account, region, app_id: id, destination, role_arn })
    }

    pub fn call(&self) -> Call {
        match self {
            EventStreamOp::Put(_) => Call::write("put_event_stream", "PutEventStream"),
            EventStreamOp::Delete(_) => Call::removal("delete_event_stream", "DeleteEventStream"),
        }
    }

    pub fn account(&self) -> &AccountId {
        match self {
            EventStreamOp::Put(PutEventStream { account, .. })
            | EventStreamOp::Delete(DeleteEventStream { account, .. }) => account,
        }
    }

    pub fn region(&self) -> &Region {
        match self {
            EventStreamOp::Put(PutEventStream { region, .. })
            | EventStreamOp::Delete(DeleteEventStream { region, .. }) => region,
        }
    }
}

impl EventStreamOp<Resolved> {
    pub fn app(&self) -> AppArn {
        match self {
            EventStreamOp::Put(PutEventStream { account, region, app_id, .. })
            | EventStreamOp::Delete(DeleteEventStream { account, region, app_id, .. }) => {
                AppArn::of(account, region, app_id)
            }
        }
    }
}
