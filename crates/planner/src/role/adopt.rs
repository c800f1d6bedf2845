//! Whose a role is that the state does not know.
use super::compare::RoleDifferences;
use crate::context::Context;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::ownership::{self, Origin};
use pinpoint_streams_model::plan::Reason;
use pinpoint_streams_model::problem::{Problem, ProblemCode};

/// That a role may become ours, and how.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) origin: Origin,
    pub(crate) reason: Reason,
}

/// Whether a role of the wanted name may become ours: it is by its tags, adoption was asked, or nothing
/// but our tags would be written to it.
pub(crate) fn claim(
    context: &Context<'_>,
    address: &Address,
    live: &LiveRole,
    differences: &RoleDifferences,
    adopt: bool,
) -> Result<Claim, Problem> {
    let problem = |code, message: String, hint: String| Problem {
        code,
        address: Some(address.clone()),
        message,
        hint: Some(hint),
    };
    let name = live.name();
    let only_tags = differences.fields.fields.iter().all(|field| field.path.starts_with(&tag_path()));
    let paths = || {
        let paths = differences.fields.fields.iter().map(|field| field.path.as_str());
        paths.filter(|path| !path.starts_with(&tag_path())).collect::<Vec<_>>().join(", ")
    };
    if let Some(owner) = ownership::read(&live.tags) {
        let workspace = owner.workspace.as_deref().unwrap_or("unknown");
        if workspace != context.desired.workspace.as_str() {
            return Err(problem(
                ProblemCode::OwnedByAnother,
                format!("role {name} belongs to workspace `{workspace}`"),
                "give this role another name; one role has one owner".to_owned(),
            ));
        }
        let lineage = owner.lineage.as_deref().unwrap_or("unknown");
        if context.lineage().is_none_or(|ours| ours.as_str() != lineage) {
            return Err(problem(
                ProblemCode::StateLost,
                format!("role {name} belongs to this workspace under another lineage, `{lineage}`"),
                "put the state file of that lineage back beside the manifest; without it, take the \
                 pinpoint-streams tags off the role"
                    .to_owned(),
            ));
        }
        if owner.address.as_deref() != Some(&address.to_string()) {
            return Err(problem(
                ProblemCode::OwnedByAnother,
                format!("role {name} is tagged as {}", owner.address.as_deref().unwrap_or("another address")),
                "give this role another name, or add a [[moved]] block".to_owned(),
            ));
        }
        if !only_tags && !adopt {
            return Err(problem(
                ProblemCode::StateLost,
                format!("role {name} is ours by its tags, is not in the state, and differs in {}", paths()),
                "--adopt takes it over and brings it up to date".to_owned(),
            ));
        }
        return Ok(Claim { origin: owner.origin, reason: Reason::LostRecord });
    }
    if only_tags || adopt {
        return Ok(Claim { origin: Origin::Adopted, reason: Reason::AdoptionAsked });
    }
    Err(problem(
        ProblemCode::NotOurs,
        format!("role {name} exists, this workspace did not make it, and it differs in {}", paths()),
        "`adopt = true` on its app, or --adopt, takes it over; or give this role another name".to_owned(),
    ))
}

fn tag_path() -> String {
    format!("tags.{}", ownership::PREFIX)
}
