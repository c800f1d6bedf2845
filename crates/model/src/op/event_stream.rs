//! What is done to an event stream.
use super::phase::Phase;
use crate::arn::{RoleArn, StreamArn};
use crate::ids::{AccountId, AppId};
use crate::region::Region;
use serde::{Deserialize, Serialize};

/// Sets an app's event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "", deny_unknown_fields)]
pub struct PutEventStream<P: Phase> {
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: P::AppId,
    /// Where events go.
    pub destination: StreamArn,
    /// As whom.
    pub role_arn: RoleArn,
    /// Whether it is recorded as protected.
    pub protect: bool,
    /// Whether it becomes this workspace's; one that no manifest declares is put back without that.
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

/// Deletes an app's event stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteEventStream {
    /// The app's account.
    pub account: AccountId,
    /// The app's region.
    pub region: Region,
    /// The app.
    pub app_id: AppId,
    /// Where events went when this was planned.
    pub destination: String,
    /// As whom, when this was planned.
    pub role_arn: String,
}
