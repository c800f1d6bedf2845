//! Whose a role is that the state does not know.
use super::compare::{RoleDifferences, compare};
use super::declared::{Role, Roles};
use crate::context::{Context, lost_lineage};
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::op::{RecordOp, RoleOp};
use pinpoint_streams_model::ownership::{self, Origin, PREFIX};
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::{Object, Resource, RoleRecord};

impl Role<'_> {
    pub(super) fn adopt(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        live: &LiveRole,
        after: &mut Vec<Handle>,
    ) -> Result<(), Vec<Problem>> {
        if live.arn != *self.arn || !live.name().is_written_like(&self.arn.name) {
            let message = format!("a role of this name exists elsewhere: {}", live.arn);
            return Err(vec![self.problem(ProblemCode::NotOurs, message, "give this role another name")]);
        }
        let wanted = self.wanted(Some(live));
        let owner = self.context.owner(&self.address, Origin::Adopted);
        let differences = compare(&wanted, live, None, &owner);
        let asked = self.desired.adopt || self.context.options.adopt;
        let claim = claim(self.context, &self.address, live, &differences, asked)?;
        let ours = live.inline_policies.get_key_value(wanted.policy_name);
        let resource = Resource {
            account: self.arn.account.clone(),
            origin: claim.origin,
            protect: self.desired.protect,
            named_under: self.key.to_string(),
            // One that a lost run made may be so new that Pinpoint does not see it yet.
            changed_at: live.created.filter(|_| claim.origin == Origin::Created).unwrap_or_default(),
            object: Object::Role(RoleRecord {
                arn: self.arn.clone(),
                id: live.id.clone(),
                trust_policy: live.trust_policy.clone(),
                inline_policies: ours
                    .map(|(name, document)| (name.clone(), document.clone()))
                    .into_iter()
                    .collect(),
                description: live.description.clone(),
                max_session_duration: live.max_session_duration,
                permissions_boundary: live.permissions_boundary.clone(),
                tags: live
                    .tags
                    .iter()
                    .filter(|(key, _)| self.desired.tags.contains_key(*key))
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect(),
            }),
        };
        let write = RecordOp::write(resource);
        after.push(draft.step(&self.address, after.clone(), write));
        let mut tag_changes = differences.tags.set.clone();
        tag_changes.retain(|key, _| !key.starts_with(PREFIX));
        let tag = RoleOp::Tag {
            role: self.arn.clone(),
            tags: tag_changes,
            owner: Some(self.context.owner(&self.address, claim.origin)),
        };
        draft.step(&self.address, after.clone(), tag);
        self.mend(draft, roles, &wanted, live, &differences, after)?;
        self.warn_of_foreign(draft, live, None);
        draft.change(self.change(Action::Adopt, claim.reason, differences.fields));
        Ok(())
    }
}

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
    let problem = |code, message: String, hint: String| Problem::new(code, message, hint).at(address);
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
                lost_lineage(context, lineage, "role"),
            ));
        }
        if owner.address.as_deref() != Some(&address.to_string()) {
            return Err(problem(
                ProblemCode::OwnedByAnother,
                format!("role {name} is tagged as {}", owner.address.as_deref().unwrap_or("another address")),
                "give this role another name, or add a [[moved]] block".to_owned(),
            ));
        }
        // What a run of this very state made is brought up to date like all that is recorded.
        if !only_tags && !adopt && owner.origin != Origin::Created {
            return Err(problem(
                ProblemCode::StateLost,
                format!(
                    "role {name} is this workspace's by its tags, is not in the state, and differs in {}",
                    paths()
                ),
                "--adopt adopts it and brings it up to date".to_owned(),
            ));
        }
        return Ok(Claim { origin: owner.origin, reason: Reason::LostRecord });
    }
    if only_tags || adopt {
        return Ok(Claim { origin: Origin::Adopted, reason: Reason::AdoptionAsked });
    }
    Err(problem(
        ProblemCode::NotOurs,
        format!("role {name} exists, this workspace did not create it, and it differs in {}", paths()),
        "`adopt = true` on its app, or --adopt, adopts it; or give this role another name".to_owned(),
    ))
}

fn tag_path() -> String {
    format!("tags.{}", ownership::PREFIX)
}
