//! How far an archive is to be trusted: it may have been changed, or come from anywhere, and what it holds
//! becomes somebody's permissions.
use crate::context::Context;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::archive::{Archived, Object};
use pinpoint_streams_model::plan::FieldChange;
use pinpoint_streams_model::policy::Direction;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::role_kind::RoleKind;

/// Why a person's word is needed for this archive; empty where it is not.
fn doubts(archived: &Archived) -> Vec<&'static str> {
    let mut doubts = Vec::new();
    if !archived.is_verified {
        doubts.push("neither state nor journal knows its digest");
    }
    if let Object::Role(role) = &archived.entry.object
        && !RoleKind::all().any(|kind| kind.is_the_only_trusted(&role.trust_policy))
    {
        doubts.push("its trust policy admits others beside Pinpoint");
    }
    doubts
}

/// Refuses an archive that needs a person's word and has none; says whether it needed one.
pub(super) fn check(context: &Context<'_>, address: &Address, archived: &Archived) -> Result<bool, Problem> {
    let doubts = doubts(archived);
    let is_accepted = context.options.restore.as_ref().is_some_and(|restore| restore.unverified);
    if doubts.is_empty() || is_accepted {
        return Ok(!doubts.is_empty());
    }
    Err(Problem {
        code: ProblemCode::Unverified,
        address: Some(address.clone()),
        message: format!(
            "the archive {} is not to be trusted by itself: {}",
            archived.path,
            doubts.join(", and ")
        ),
        hint: Some("--unverified accepts it; the plan then shows what it grants as `widens`".to_owned()),
    })
}

/// What an archive in doubt grants widens what there is; what a run of ours took away only comes back.
pub(super) fn mark(fields: &mut [FieldChange], is_in_doubt: bool) {
    let grants = |path: &str| {
        ["inline_policies.", "attached_policies.", "instance_profiles."].iter().any(|kind| path.starts_with(kind))
            || ["trust_policy", "destination", "role_arn"].contains(&path)
    };
    for field in fields {
        field.effect = (is_in_doubt && grants(&field.path)).then_some(Direction::Widens);
    }
}
