//! A role that is brought up to date.
use super::compare::{RoleDifferences, compare, foreign_policies, permissions_path};
use super::declared::{Role, Roles};
use super::staging::Change as PolicyChange;
use super::wanted::WantedRole;
use crate::change::{protect, record_change, refuse_owned_elsewhere, settle_change};
use crate::differences::{evaluable, refreshed_tags, wanted_tags};
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::{
    Fact, LiveRole, Object, Origin, Problem, ProblemCode, RecordOp, Resource, RoleOp, RoleRecord, StepId, Tags,
    Text,
};

/// The record with everything that is live as desired. A run whose record was lost has written it.
fn refreshed_record(
    wanted: &WantedRole<'_>,
    wanted_tags: &Tags,
    live: &LiveRole,
    record: &RoleRecord,
) -> RoleRecord {
    let mut refreshed = record.clone();
    if !same_meaning(&record.trust_policy, &live.trust_policy)
        && same_meaning(&live.trust_policy, &evaluable(&wanted.trust_policy))
    {
        refreshed.trust_policy = live.trust_policy.clone();
    }
    refreshed
        .inline_policies
        .retain(|name, _| name == wanted.policy_name || live.inline_policies.contains_key(name));
    if let Some(is) = live.inline_policies.get(wanted.policy_name)
        && same_meaning(is, &wanted.permissions)
        && record.inline_policies.get(wanted.policy_name).is_none_or(|was| !same_meaning(was, is))
    {
        refreshed.inline_policies.insert(wanted.policy_name.clone(), is.clone());
    }
    if live.description == wanted.desired.description {
        refreshed.description.clone_from(&live.description);
    }
    if live.max_session_duration == wanted.desired.max_session_duration {
        refreshed.max_session_duration = live.max_session_duration;
    }
    if live.permissions_boundary.as_ref() == wanted.boundary() {
        refreshed.permissions_boundary.clone_from(&live.permissions_boundary);
    }
    refreshed.tags = refreshed_tags(wanted_tags, &live.tags, &record.tags);
    refreshed
}

impl Role<'_> {
    pub(super) fn update(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        resource: &Resource,
        record: &RoleRecord,
        live: &LiveRole,
        after: &[Handle],
    ) -> Result<(), Problem> {
        let wanted = self.wanted(Some(live));
        let owner = self.context.owner(&self.address, resource.origin);
        let wanted_tags = wanted_tags(wanted.tags(), &owner);
        let mut differences = compare(&wanted, live, Some(record), &wanted_tags);
        refuse_owned_elsewhere(self.context, &self.address, &live.tags)?;
        self.refuse_overwriting(record, live, &differences)?;
        if resource.origin == Origin::Created
            && record.inline_policies.is_empty()
            && live.inline_policies.is_empty()
        {
            differences.fields.completes(&permissions_path(wanted.policy_name));
        }
        let refreshed = refreshed_record(&wanted, &wanted_tags, live, record);
        let is_stale = refreshed != *record;
        let mut after = after.to_vec();
        if is_stale {
            let again = Resource { object: Object::Role(refreshed), ..resource.clone() };
            let write = RecordOp::write(again);
            after.push(draft.step(&self.address, after.clone(), write));
        }
        let after = after.as_slice();
        if !differences.tags.set.is_empty() || differences.tags.ownership {
            let owner = differences.tags.ownership.then_some(owner);
            let tag = RoleOp::Tag { role: self.arn.clone(), tags: differences.tags.set.clone(), owner };
            draft.step(&self.address, after.iter().copied(), tag);
        }
        if !differences.tags.unset.is_empty() {
            let untag = RoleOp::Untag { role: self.arn.clone(), tag_keys: differences.tags.unset.clone() };
            draft.step(&self.address, after.iter().copied(), untag);
        }
        self.mend(draft, roles, &wanted, live, &differences, after)?;
        self.warn_of_foreign(draft, live, Some(record));
        let fields = &mut differences.fields;
        protect(draft, &self.address, resource, self.desired.protect, after.to_vec(), fields);
        settle_change(draft, &self.address, resource, differences.fields);
        if is_stale {
            record_change(draft, &self.address, resource);
        }
        Ok(())
    }

    /// An unmanaged inline policy is not overwritten because the declared one gets its name.
    fn refuse_overwriting(
        &self,
        record: &RoleRecord,
        live: &LiveRole,
        differences: &RoleDifferences,
    ) -> Result<(), Problem> {
        let name = &self.desired.policy_name;
        let is_foreign = live.inline_policies.contains_key(name) && !record.inline_policies.contains_key(name);
        if !is_foreign || !differences.permissions || self.desired.adopt || self.context.options.adopt {
            return Ok(());
        }
        let message = format!("it has an inline policy {name} already, which this workspace did not write");
        let hint = "choose another policy_name; `adopt = true` on its app, or --adopt, overwrites that policy";
        Err(self.problem(ProblemCode::NotOurs, message, hint))
    }

    /// The steps that mend everything but tags.
    pub(super) fn mend(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        wanted: &WantedRole<'_>,
        live: &LiveRole,
        differences: &RoleDifferences,
        after: &[Handle],
    ) -> Result<(), Problem> {
        let clauses = wanted.trust_policy.statements.iter().flat_map(|statement| &statement.condition);
        let values: Vec<&Text> = clauses.flat_map(|clause| &clause.values).collect();
        let names = |app: StepId| {
            values.iter().any(|value| matches!(value, Text::After { after_step, .. } if *after_step == app))
        };
        let app_steps = self.app_steps().filter(|step| names(step.id()));
        let with_apps: Vec<Handle> = after.iter().copied().chain(app_steps).collect();
        let mut ready = Vec::new();
        let role = || self.arn.clone();
        let Role { context, address, usage, .. } = self;
        let staged = |after| PolicyChange { context, address, wanted, usage, after };
        if differences.trust_policy {
            staged(&with_apps).trust(draft, live, &mut ready, &mut roles.late)?;
        }
        if differences.permissions {
            let old = live.inline_policies.get(wanted.policy_name);
            staged(after).permissions(draft, old, &mut ready, &mut roles.late)?;
        }
        for name in &differences.old_policies {
            staged(after).remove_policy(name, &ready, &mut roles.late);
        }
        if differences.description_or_session {
            let update = RoleOp::Update {
                role: role(),
                description: self.desired.description.clone(),
                max_session_duration: self.desired.max_session_duration,
            };
            draft.step(&self.address, after.iter().copied(), update);
        }
        if differences.boundary {
            let op = match wanted.boundary() {
                Some(boundary) => RoleOp::PutBoundary { role: role(), permissions_boundary: boundary.clone() },
                None => RoleOp::DeleteBoundary { role: role() },
            };
            ready.push(draft.step(&self.address, after.iter().copied(), op));
        }
        ready.extend(after);
        roles.ready.insert(self.key.clone(), ready);
        Ok(())
    }

    pub(super) fn warn_of_foreign(&self, draft: &mut Draft, live: &LiveRole, record: Option<&RoleRecord>) {
        let inline = foreign_policies(live, record, Some(&self.desired.policy_name));
        let attached = live.attached_policies.iter().map(ToString::to_string);
        let names: Vec<String> = inline.iter().map(ToString::to_string).chain(attached).collect();
        if !names.is_empty() {
            draft.warn(&self.address, Fact::ForeignPolicies { names });
        }
    }
}
