//! The codes of problems that prevent a plan.
use super::ErrorCode;
use crate::problem::ProblemCode;

crate::error_codes! {
    WRONG_CALLER = "PS0201", "credentials of another account",
        "The credentials belong to another account than the one that the manifest declares.",
        "Use the credentials of the declared account, or correct its `id` in the manifest.";
    ASSERTION_CONTRADICTED = "PS0202", "an assertion that AWS contradicts",
        "The manifest or a flag asserts something, such as that a region was never used, and AWS says otherwise.",
        "Remove the assertion.";
    WRONG_ACCOUNT = "PS0203", "the state is of another account",
        "The state records resources of another account than the manifest names for the same alias. Accounts are pinned at the first apply.",
        "Correct `id` in the manifest, or use another workspace for the other account.";
    UNREADABLE = "PS0204", "something that the plan needs could not be read",
        "AWS did not answer a read, most often because the caller may not make it. Nothing is concluded from a failed read.",
        "Allow the operation: `pinpoint-streams permissions --for audit` prints the policy that a plan needs. Otherwise try again.";
    OUTCOME_UNKNOWN = "PS0205", "the outcome of an earlier write is unknown",
        "An earlier run did not see the answer to a write, and what AWS has now could not be read.",
        "Make the read possible, then plan again.";
    APP_NOT_FOUND = "PS0206", "an app does not exist",
        "No app has the `id` that the manifest gives, in that account and region.",
        "Correct `id`, `account` or `region`, or give the app a `name` instead, and it is created.";
    STREAM_NOT_FOUND = "PS0207", "a stream does not exist",
        "No Kinesis or Firehose stream has that name, in that account and region.",
        "Create the stream, or correct its name.";
    STREAM_NOT_ACTIVE = "PS0208", "a stream is not active",
        "The stream exists, but is being created or deleted, or has failed.",
        "Wait until it is active, or repair it.";
    STREAM_NOT_DIRECT_PUT = "PS0209", "a Firehose stream does not accept records",
        "The Firehose stream has a source other than Direct PUT, so that Pinpoint cannot write to it.",
        "Use a Firehose stream whose source is Direct PUT.";
    STREAM_KEY_MISSING = "PS0210", "the role may not use the key of the stream",
        "The stream is encrypted with a customer managed key, and the role would have no permission for it.",
        "Set `kms_key` of the stream to the ARN of the key.";
    REGION_WITHOUT_PINPOINT = "PS0211", "Pinpoint has no endpoint in a region",
        "The region is one in which Amazon Pinpoint does not exist.",
        "Use another region.";
    UNVERIFIED = "PS0212", "an archive that is not verified",
        "Neither the state nor the journal knows the archive, or it grants more than Pinpoint needs.",
        "Restore from the archive of the workspace that deleted the resource, or review the archive and confirm it as the hint says.";
    NOTHING_TO_RESTORE = "PS0213", "nothing to restore",
        "The archives contain nothing that can be restored.",
        "Name other archives.";
    POLICY_NOT_FOUND = "PS0214", "a managed policy does not exist",
        "A role needs a managed policy or a permissions boundary that does not exist.",
        "Create the policy, or correct its ARN.";
    ROLE_NOT_FOUND = "PS0215", "a role or another principal does not exist",
        "The manifest or an archive names a role, or another principal, that does not exist.",
        "Create it, or correct its ARN.";
    NOT_OURS = "PS0216", "a resource exists and is not owned by the workspace",
        "A resource with this name exists, and this workspace did not create it.",
        "Choose another name, or take it over with `--adopt`.";
    OWNED_BY_ANOTHER = "PS0217", "a resource is owned by another workspace",
        "Its ownership tags are those of another workspace or lineage.",
        "Let that workspace give it up first, or choose another name.";
    RECORDED_ELSEWHERE = "PS0218", "a resource has another address in this workspace",
        "The state records it, or its tags name it, under another address.",
        "Add a `[[moved]]` block from the old key to the new one.";
    NOT_DELETED = "PS0219", "what would be restored was not deleted",
        "The resource still exists, or exists again.",
        "Leave it out of the restore.";
    IDENTITY_CHANGED = "PS0220", "a role was replaced outside pinpoint-streams",
        "The role with this name has another role ID than the recorded one: it was deleted and created again.",
        "Find out who did so. Adopt the new role with `--adopt`, or forget the old one.";
    STATE_LOST = "PS0221", "resources of this workspace that the state does not have",
        "Resources have this workspace's ownership tags, but are not in the state: it was lost, or is an older one.",
        "Restore the state, or rebuild it with `pinpoint-streams state recover`.";
    PROTECTED = "PS0222", "a protected resource would be deleted or replaced",
        "The resource has `protect = true`.",
        "Set `protect = false` and apply that first, if the change is meant.";
    APP_DELETION = "PS0223", "an app would be deleted with its data",
        "Deleting an app deletes its endpoints, segments and campaigns, which cannot be restored.",
        "Keep the app, or pass `--delete-apps`.";
    APP_MISSING = "PS0224", "an app of the workspace no longer exists",
        "The app was deleted outside pinpoint-streams. Its data is lost, and a new app has another ID.",
        "Let the app be created again as the hint says, or remove it from the manifest.";
    IMMUTABLE = "PS0225", "a change that AWS cannot make",
        "An attribute differs that AWS cannot change on an existing resource.",
        "Give the resource a new name, so that it is replaced, or undo the change.";
    ROLE_IN_USE = "PS0226", "a role is in use",
        "A role that would be deleted or changed is used by something outside this workspace, or that could not be ruled out.",
        "Remove the other use first.";
    FOREIGN_ATTACHMENT = "PS0227", "a role has attachments that this workspace did not make",
        "A role that would be deleted has policies or instance profiles that are not managed here.",
        "Detach them, or allow it with `--allow-detach`.";
    MASS_DELETE = "PS0228", "more deletes than are allowed",
        "The plan deletes or replaces more than `[safety] max_delete` allows.",
        "Review the plan. If it is right, pass `--allow-mass-delete`, or use `--target`.";
    TRUST_POLICY_TOO_LARGE = "PS0229", "a trust policy over the quota",
        "The trust policy of a role would be larger than the account's quota: too many apps share the role.",
        "Use several roles, or `trust = \"region\"`, or request a higher quota.";
    INLINE_POLICIES_TOO_LARGE = "PS0230", "inline policies over the quota",
        "The inline policies of a role would be larger than the account's quota.",
        "Use several roles.";
    TOO_MANY_ROLES = "PS0231", "more roles than the account's quota",
        "The account would have more roles than its quota.",
        "Share roles, delete unused ones, or request a higher quota.";
    TOO_MANY_APPS = "PS0232", "more apps than a region allows",
        "A region would have more Pinpoint apps than its quota.",
        "Delete unused apps, or request a higher quota.";
    REQUIRED_TAG_MISSING = "PS0233", "a required tag is missing",
        "A resource lacks a tag that `[safety] required_tags` requires.",
        "Add the tag to the resource or to `[role_defaults]`.";
    MOVE_OR_FORGET = "PS0234", "a move that cannot be made",
        "A `[[moved]]` or `[[forget]]` block cannot be applied to what the state records.",
        "Correct or remove the block.";
    AMBIGUOUS = "PS0235", "several resources match",
        "More than one resource fits the description, and none may be guessed.",
        "Give the app its `id`, or name the archive.";
    SELECTOR = "PS0236", "a selector that matches nothing",
        "`--target`, `--exclude` or `--replace` matches no address, or an address that it cannot apply to.",
        "Correct the address; `pinpoint-streams state list` and the plan show all of them.";
    NOT_VERSIONED = "PS0237", "the bucket of the state is not versioned",
        "Without versioning, an overwritten state cannot be restored.",
        "Enable versioning of the bucket.";
    UNSAFE = "PS0238", "changes that need a person's approval",
        "The plan deletes, replaces or widens something, which `--auto-approve=safe` does not approve.",
        "Review the plan and approve it on a terminal, or with `--auto-approve`.";
}

impl ProblemCode {
    /// The stable code of the error.
    pub fn error_code(self) -> &'static ErrorCode {
        match self {
            ProblemCode::WrongCaller => &WRONG_CALLER,
            ProblemCode::AssertionContradicted => &ASSERTION_CONTRADICTED,
            ProblemCode::WrongAccount => &WRONG_ACCOUNT,
            ProblemCode::Unreadable => &UNREADABLE,
            ProblemCode::OutcomeUnknown => &OUTCOME_UNKNOWN,
            ProblemCode::AppNotFound => &APP_NOT_FOUND,
            ProblemCode::StreamNotFound => &STREAM_NOT_FOUND,
            ProblemCode::StreamNotActive => &STREAM_NOT_ACTIVE,
            ProblemCode::StreamNotDirectPut => &STREAM_NOT_DIRECT_PUT,
            ProblemCode::StreamKeyMissing => &STREAM_KEY_MISSING,
            ProblemCode::RegionWithoutPinpoint => &REGION_WITHOUT_PINPOINT,
            ProblemCode::Unverified => &UNVERIFIED,
            ProblemCode::NothingToRestore => &NOTHING_TO_RESTORE,
            ProblemCode::PolicyNotFound => &POLICY_NOT_FOUND,
            ProblemCode::RoleNotFound => &ROLE_NOT_FOUND,
            ProblemCode::NotOurs => &NOT_OURS,
            ProblemCode::OwnedByAnother => &OWNED_BY_ANOTHER,
            ProblemCode::RecordedElsewhere => &RECORDED_ELSEWHERE,
            ProblemCode::NotDeleted => &NOT_DELETED,
            ProblemCode::IdentityChanged => &IDENTITY_CHANGED,
            ProblemCode::StateLost => &STATE_LOST,
            ProblemCode::Protected => &PROTECTED,
            ProblemCode::AppDeletion => &APP_DELETION,
            ProblemCode::AppMissing => &APP_MISSING,
            ProblemCode::Immutable => &IMMUTABLE,
            ProblemCode::RoleInUse => &ROLE_IN_USE,
            ProblemCode::ForeignAttachment => &FOREIGN_ATTACHMENT,
            ProblemCode::MassDelete => &MASS_DELETE,
            ProblemCode::TrustPolicyTooLarge => &TRUST_POLICY_TOO_LARGE,
            ProblemCode::InlinePoliciesTooLarge => &INLINE_POLICIES_TOO_LARGE,
            ProblemCode::TooManyRoles => &TOO_MANY_ROLES,
            ProblemCode::TooManyApps => &TOO_MANY_APPS,
            ProblemCode::RequiredTagMissing => &REQUIRED_TAG_MISSING,
            ProblemCode::MoveOrForget => &MOVE_OR_FORGET,
            ProblemCode::Ambiguous => &AMBIGUOUS,
            ProblemCode::Selector => &SELECTOR,
            ProblemCode::NotVersioned => &NOT_VERSIONED,
            ProblemCode::Unsafe => &UNSAFE,
        }
    }
}
