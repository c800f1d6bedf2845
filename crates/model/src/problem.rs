//! Problems that prevent a plan. All are collected before any is shown.
use crate::Address;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    pub code: ProblemCode,
    /// None if it concerns the whole plan.
    pub address: Option<Address>,
    /// A lowercase fragment.
    pub message: String,
    pub hint: Option<String>,
}

/// In the order of codes and addresses.
pub type Problems = Vec<Problem>;

impl Problem {
    /// A problem that concerns the whole plan.
    pub fn new(code: ProblemCode, message: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem { code, address: None, message: message.into(), hint: Some(hint.into()) }
    }

    #[must_use]
    pub fn at(self, address: &Address) -> Problem {
        Problem { address: Some(address.clone()), ..self }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Problems {
        vec![problem]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The credentials belong to another account than the declared one.
    WrongCaller,
    /// AWS says otherwise than the manifest or a flag asserts.
    AssertionContradicted,
    /// The state names another account than the manifest.
    WrongAccount,
    /// A read that the plan needs failed.
    Unreadable,
    /// The outcome of a write of an earlier run is unknown and could not be checked.
    OutcomeUnknown,
    /// An app given by `id` does not exist.
    AppNotFound,
    StreamNotFound,
    StreamNotActive,
    /// The Firehose stream does not accept records from applications.
    StreamNotDirectPut,
    /// The role may not use the customer managed key of the stream.
    StreamKeyMissing,
    /// Pinpoint has no endpoint in the region.
    RegionWithoutPinpoint,
    /// Neither the state nor the journal knows the archive, or it grants more than Pinpoint needs.
    Unverified,
    /// The archives contain nothing that can be restored.
    NothingToRestore,
    /// A managed policy that a role needs does not exist.
    PolicyNotFound,
    /// A role or another named principal does not exist.
    RoleNotFound,
    /// A resource with this name exists and is not owned by the workspace.
    NotOurs,
    /// It has the ownership tags of another workspace or lineage.
    OwnedByAnother,
    /// The state has it, or its tags name it, under another address of this workspace.
    RecordedElsewhere,
    /// What would be restored was not deleted.
    NotDeleted,
    /// The role with this name is not the recorded one.
    IdentityChanged,
    /// It has the workspace's ownership tags, but is not in the state.
    StateLost,
    Protected,
    /// An app would be deleted with its data.
    AppDeletion,
    /// An owned app no longer exists; its data is lost.
    #[serde(rename = "app_vanished")]
    AppMissing,
    /// An attribute changed that AWS cannot update.
    Immutable,
    /// The role is in use, or its use could not be read.
    RoleInUse,
    /// The role has unmanaged policies or instance profiles.
    ForeignAttachment,
    /// More deletes and replaces than `[safety] max_delete` allows.
    MassDelete,
    /// A trust policy over the account's quota.
    TrustPolicyTooLarge,
    /// Inline policies over the account's quota.
    InlinePoliciesTooLarge,
    /// More roles than the account's quota.
    TooManyRoles,
    /// More apps than a region allows.
    TooManyApps,
    /// A tag of `[safety] required_tags` is missing.
    RequiredTagMissing,
    /// A `[[moved]]` or `[[forget]]` block cannot be applied.
    MoveOrForget,
    /// Several resources match.
    Ambiguous,
    /// A selector that matches nothing, or an address that cannot be replaced.
    Selector,
    /// Versioning is off for the state's bucket.
    NotVersioned,
    /// The plan contains changes that `--auto-approve=safe` does not approve.
    Unsafe,
}
