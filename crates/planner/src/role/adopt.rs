//! Whose a role is that the state does not know.
use super::compare::{RoleDifferences, compare};
use super::declared::{Role, Roles};
use crate::context::{Context, lost_lineage};
use crate::differences::{evaluable, wanted_tags};
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::policy::no_longer_allowed;
use pinpoint_streams_model::{
    Action, Address, Fact, LiveRole, Object, Origin, Problem, ProblemCode, Reason, RecordOp, Resource, RoleOp,
    RoleRecord, ownership,
};

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
        // What another workspace owns is refused below.
        let origin = ownership::read(&live.tags).map_or(Origin::Adopted, |owner| owner.origin);
        let owner = self.context.owner(&self.address, origin);
        let differences = compare(&wanted, live, None, &wanted_tags(wanted.tags(), &owner));
        let is_as_wanted = only_our_tags(&differences);
        let asked = self.desired.adopt || self.context.options.adopt;
        let reason = claim(self.context, &self.address, live, &differences, asked)?;
        let mut tags = live.tags.clone();
        tags.retain(|key, _| self.desired.tags.contains_key(key));
        let resource = Resource {
            account: self.arn.account.clone(),
            origin,
            protect: self.desired.protect,
            named_under: self.key.to_string(),
            // One that a lost run made may be so new that Pinpoint does not see it yet.
            changed_at: live.created.filter(|_| origin == Origin::Created).unwrap_or_default(),
            object: Object::Role(RoleRecord::of(live, |name| name == wanted.policy_name, tags)),
        };
        let write = RecordOp::write(resource);
        after.push(draft.step(&self.address, after.clone(), write));
        let tag = RoleOp::Tag { role: self.arn.clone(), tags: differences.tags.set.clone(), owner: Some(owner) };
        draft.step(&self.address, after.clone(), tag);
        self.mend(draft, roles, &wanted, live, &differences, after)?;
        self.warn_of_foreign(draft, live, None);
        // Of a role that others may rely on, a trust policy that is rewritten is no mere adoption.
        let is_rewritten = origin == Origin::Adopted && differences.trust_policy;
        let action = if is_rewritten { Action::Update } else { Action::Adopt };
        let mut change = self.change(action, reason, differences.fields);
        if is_rewritten {
            let principals = no_longer_allowed(&live.trust_policy, &evaluable(&wanted.trust_policy));
            change.notes.extend((!principals.is_empty()).then(|| Fact::LosesAccess { principals }.into()));
        }
        let is_as_it_is = is_as_wanted && reason == Reason::AdoptionAsked;
        change.notes.extend(is_as_it_is.then(|| Fact::AdoptedAsItIs {}.into()));
        draft.change(change);
        Ok(())
    }
}

/// Why a role of the wanted name may become ours: it is by its tags, adoption was asked, or nothing
/// but our tags would be written to it.
fn claim(
    context: &Context<'_>,
    address: &Address,
    live: &LiveRole,
    differences: &RoleDifferences,
    adopt: bool,
) -> Result<Reason, Problem> {
    let problem = |code, message: String, hint: &str| Problem::new(code, message, hint).at(address);
    let name = live.name();
    let only_tags = only_our_tags(differences);
    let paths = || {
        let paths = differences.fields.fields.iter().map(|field| field.path.as_str());
        paths.filter(|path| !path.starts_with(&tag_path())).collect::<Vec<_>>().join(", ")
    };
    if let Some(owner) = ownership::read(&live.tags) {
        let workspace = owner.workspace.as_deref().unwrap_or("unknown");
        if workspace != context.desired.workspace.as_str() {
            let message = format!("role {name} belongs to workspace `{workspace}`");
            let hint = "give this role another name; one role has one owner";
            return Err(problem(ProblemCode::OwnedByAnother, message, hint));
        }
        let lineage = owner.lineage.as_deref().unwrap_or("unknown");
        if context.lineage().is_none_or(|ours| ours.as_str() != lineage) {
            let message = format!("role {name} belongs to this workspace under another lineage, `{lineage}`");
            return Err(problem(ProblemCode::StateLost, message, &lost_lineage(context, lineage, "role")));
        }
        if owner.address.as_deref() != Some(&address.to_string()) {
            let message =
                format!("role {name} is tagged as {}", owner.address.as_deref().unwrap_or("another address"));
            let hint = "give this role another name, or add a [[moved]] block";
            return Err(problem(ProblemCode::OwnedByAnother, message, hint));
        }
        // What a run of this very state made is brought up to date like all that is recorded.
        if !only_tags && !adopt && owner.origin != Origin::Created {
            let paths = paths();
            let message = format!(
                "role {name} is this workspace's by its tags, is not in the state, and differs in {paths}"
            );
            return Err(problem(ProblemCode::StateLost, message, "--adopt adopts it and brings it up to date"));
        }
        return Ok(Reason::LostRecord);
    }
    if only_tags || adopt {
        return Ok(Reason::AdoptionAsked);
    }
    let message = format!("role {name} exists, this workspace did not create it, and it differs in {}", paths());
    let hint = "`adopt = true` on its app, or --adopt, adopts it; or give this role another name";
    Err(problem(ProblemCode::NotOurs, message, hint))
}

/// Whether nothing but ownership tags would be written.
fn only_our_tags(differences: &RoleDifferences) -> bool {
    differences.fields.fields.iter().all(|field| field.path.starts_with(&tag_path()))
}

fn tag_path() -> String {
    format!("tags.{}", ownership::PREFIX)
}
