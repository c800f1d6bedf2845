//! What stands in the way of a plan. Problems are data: all are found before any is shown.
use crate::address::Address;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    pub code: ProblemCode,
    /// What it is about; none where it is about the plan as a whole.
    pub address: Option<Address>,
    /// What is wrong: a lowercase fragment.
    pub message: String,
    pub hint: Option<String>,
}

/// All that stands in the way, in the order of codes and addresses.
pub type Problems = Vec<Problem>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The credentials lead to another account than the declared one.
    WrongCaller,
    /// The state names another account than the manifest.
    WrongAccount,
    /// A read that the plan rests on failed.
    Unreadable,
    /// A write of an earlier run may or may not have been carried out, and could not be looked at.
    OutcomeUnknown,
    /// An app given by `id` is not there.
    AppNotFound,
    StreamNotFound,
    StreamNotActive,
    /// The Firehose stream does not take records from applications.
    StreamNotDirectPut,
    /// The stream is encrypted with a customer key that the role may not use.
    StreamKeyMissing,
    /// Pinpoint has no endpoint in the region.
    RegionWithoutPinpoint,
    /// Neither state nor journal vouches for the archive, or what it grants reaches beyond Pinpoint.
    Unverified,
    /// None of the archives holds anything that can come back.
    NothingToRestore,
    /// A managed policy that a role cannot be without is not there.
    PolicyNotFound,
    /// The role, or another principal, that is named is not there.
    RoleNotFound,
    /// Something of this name exists and is not ours.
    NotOurs,
    /// It bears the tags of another workspace or lineage.
    OwnedByAnother,
    /// The role of this name is not the one that was recorded.
    IdentityChanged,
    /// It is ours by its tags, but the state does not know it.
    StateLost,
    Protected,
    /// An app would be deleted, and with it its data.
    AppDeletion,
    /// An app that we own is gone, and its data with it.
    AppVanished,
    /// Something that AWS cannot change has changed.
    Immutable,
    /// The role is in use, or it could not be read whether it is.
    RoleInUse,
    /// Something that is not ours hangs on the role.
    ForeignAttachment,
    /// More deletes and replaces than `[safety] max_delete`.
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
    /// A `[[moved]]` or `[[forget]]` block does not fit.
    MoveOrForget,
    /// Several objects fit, and nothing says which is meant.
    Ambiguous,
    /// A selector that matches nothing, or an address that cannot be replaced.
    Selector,
    /// The bucket that the state is in keeps no versions.
    NotVersioned,
    /// The plan holds what `--auto-approve=safe` does not approve.
    Unsafe,
}
