//! Deleting a role: whether it is free, and what must be taken off it first.
use super::compare::foreign_policies;
use super::declared::{Roles, identity_changed};
use crate::change::{change, forget, refuse_protected, refuse_unowned};
use crate::context::{Context, unreadable_problem};
use crate::differences::Differences;
use crate::draft::{Draft, Handle};
use crate::usage::{PossibleApps, Usage, Use};
use pinpoint_streams_model::sweep::is_quarantine;
use pinpoint_streams_model::{
    AccountRegion, Action, Address, AppArn, AppKey, Detach, Fact, FailureKind, LiveRole, Mode, Origin, PolicyName,
    Problem, ProblemCode, Read, Reason, Resource, RoleArn, RoleOp, RoleRecord,
};

/// One role that is to go.
pub(crate) struct Deletion<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) address: &'a Address,
    pub(crate) record: &'a RoleRecord,
    pub(crate) live: &'a LiveRole,
    /// Whether a role of the same name comes back in this plan, which the event streams go on using.
    pub(crate) comes_back: bool,
}

impl Deletion<'_> {
    /// Refuses if the role lacks this workspace's ownership tags. Every role that we made or adopted has them since the
    /// call that made it or the first that changed it, so a record of another role was not written by a run of ours.
    pub(crate) fn refuse_unowned(&self) -> Result<(), Problem> {
        refuse_unowned(self.context, self.address, &self.live.tags)
    }

    /// The predicate that every role delete passes: no event stream names the role once this plan is done.
    pub(crate) fn refuse_unless_free(&self, usage: &Usage<'_>) -> Result<(), Vec<Problem>> {
        let role = &self.live.arn;
        let possible = PossibleApps::of(self.context.live, self.context.recorded, self.live);
        let mut problems = Vec::new();
        for pattern in possible.elsewhere.values().flatten() {
            let message = format!(
                "its trust policy admits {pattern}, an app in another account, whose event streams cannot be read from here"
            );
            let hint = "remove that app from the trust policy if nothing there uses the role";
            problems.push(self.problem(ProblemCode::RoleInUse, message, hint));
        }
        for place in &possible.regions {
            match self.context.live.apps.get(place) {
                Some(Read::Unreadable(why)) if self.is_asserted_gone(place, why.kind) => {}
                Some(Read::Unreadable(why)) => {
                    let what = format!("the apps of {place}, which its trust policy admits");
                    problems.push(unreadable_problem(Some(self.address), &what, why));
                }
                Some(Read::Present(_) | Read::Absent) | None => {
                    problems.extend(self.context.apps(self.address, place).err());
                }
            }
        }
        for place in &possible.apps {
            let read = self.context.event_stream(self.address, place);
            problems.extend(read.and_then(|_| self.still_used(place, usage.get(place), role)).err());
        }
        // An event stream that is not behind the trust policy but names the role all the same.
        for (place, known) in usage.now_on(role).filter(|(place, _)| !possible.apps.contains(place)) {
            problems.extend(self.still_used(place, Some(known), role).err());
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn is_asserted_gone(&self, place: &AccountRegion, kind: FailureKind) -> bool {
        kind == FailureKind::ServiceEnded && self.context.options.event_streams_gone.contains(place)
    }

    fn still_used(&self, app: &AppArn, known: Option<&Use<'_>>, role: &RoleArn) -> Result<(), Problem> {
        let uses = known.filter(|known| known.after.as_ref().is_some_and(|stream| stream.uses(role)));
        let Some(Use { address, .. }) = uses else { return Ok(()) };
        let by = address.as_ref();
        if self.comes_back && by.is_some() {
            return Ok(());
        }
        let who = by.map_or_else(|| format!("app {} in {}", app.id, app.place()), Address::to_string);
        let hint = match by.filter(|address| !self.context.selection.covers(address)) {
            Some(address) => {
                &format!("this plan leaves it out: add --target {address}, or leave out the --exclude")
            }
            None => {
                "point that event stream to another role, or delete it, first; [[forget]] stops managing the role"
            }
        };
        Err(self.problem(ProblemCode::RoleInUse, format!("the event stream of {who} uses it"), hint))
    }

    fn problem(&self, code: ProblemCode, message: String, hint: &str) -> Problem {
        Problem::new(code, message, hint).at(self.address)
    }

    /// Refuses if something is attached to the role that is not ours and may not be detached.
    pub(crate) fn refuse_foreign(&self) -> Result<(), Vec<Problem>> {
        let allowed = &self.context.options.allow_detach;
        let mut problems = Vec::new();
        let mut hold = |what: Detach, flag: &str, names: Vec<String>, noun: &str| {
            if !names.is_empty() && !allowed.contains(&what) {
                let names = names.join(", ");
                let message = format!("{noun} that this workspace did not create prevent its deletion: {names}");
                let hint = match self.context.mode {
                    // Neither `undo` nor `restore` takes anything off that it did not put there.
                    Mode::Restore => format!("take the {noun} off by hand first, if the role is to go"),
                    _ => format!("--allow-detach {flag} detaches them with the role"),
                };
                problems.push(self.problem(ProblemCode::ForeignAttachment, message, &hint));
            }
        };
        let inline = foreign_policies(self.live, Some(self.record), None);
        hold(Detach::Inline, "inline", inline.iter().map(ToString::to_string).collect(), "inline policies");
        let managed = self.live.attached_policies.iter().map(ToString::to_string).collect();
        hold(Detach::Managed, "managed", managed, "managed policies");
        let profiles = self.live.instance_profiles.iter().cloned().collect();
        hold(Detach::Profile, "profile", profiles, "instance profiles");
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

/// The role that an app's recorded event stream names, if it is recorded too.
pub(crate) fn recorded_role_of<'a>(context: &Context<'a>, key: &AppKey) -> Option<&'a Address> {
    let stream = context.resource(&Address::EventStream(key.clone()))?.object.as_event_stream()?;
    context.recorded.resources.role(&stream.role_arn).map(|(address, _)| address)
}

/// Adds the steps that take everything off a role and delete it.
pub(crate) fn delete_steps(draft: &mut Draft, address: &Address, live: &LiveRole, after: &[Handle]) -> Handle {
    let role = &live.arn;
    let mut ops = Vec::new();
    for instance_profile in live.instance_profiles.iter().cloned() {
        ops.push(RoleOp::RemoveFromProfile { role: role.clone(), instance_profile });
    }
    for policy in live.attached_policies.iter().cloned() {
        ops.push(RoleOp::DetachPolicy { role: role.clone(), policy });
    }
    let take_off = |policy_name| RoleOp::DeletePolicy { role: role.clone(), policy_name };
    let (denial, granting): (Vec<PolicyName>, Vec<PolicyName>) =
        live.inline_policies.keys().cloned().partition(|name| is_quarantine(name.as_str()));
    ops.extend(granting.into_iter().map(take_off));
    let mut waits: Vec<Handle> = after.to_vec();
    for op in ops {
        waits.push(draft.step(address, after.iter().copied(), op));
    }
    // What denies everything goes once there is nothing left to deny, so that the role never works again on its way out.
    for policy_name in denial {
        waits.push(draft.step(address, waits.clone(), take_off(policy_name)));
    }
    draft.step(address, waits, RoleOp::Delete { role: role.clone(), role_id: live.id.clone() })
}

/// A recorded role that nothing wants any more.
pub(super) struct UnwantedRole<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) usage: &'a Usage<'a>,
    pub(super) address: &'a Address,
    pub(super) resource: &'a Resource,
    pub(super) record: &'a RoleRecord,
    pub(super) still_named: &'a [(Address, RoleArn)],
}

impl UnwantedRole<'_> {
    pub(super) fn decide(&self, draft: &mut Draft, roles: &mut Roles) -> Result<(), Vec<Problem>> {
        let UnwantedRole { context, usage, address, resource, record, still_named } = self;
        let reason = context.reason_to_go();
        let Some(live) = context.role(address, &record.arn.in_account())? else {
            forget(context, draft, address, resource, Reason::Missing, Vec::new());
            return Ok(());
        };
        if live.id != record.id {
            return Err(vec![identity_changed(address, record, live)]);
        }
        if let Some((stream, _)) = still_named.iter().find(|(_, role)| *role == live.arn) {
            let may_be_deleted = !context.desired.forget.contains(stream);
            draft.warn(address, Fact::StillUsedBy { event_stream: stream.clone(), may_be_deleted });
            forget(context, draft, address, resource, reason, Vec::new());
            return Ok(());
        }
        if resource.origin == Origin::Adopted && !context.options.include_adopted {
            forget(context, draft, address, resource, reason, Vec::new());
            return Ok(());
        }
        refuse_protected(address, resource, "deleted")?;
        let deletion = Deletion { context, address, record, live, comes_back: false };
        let mut problems = deletion.refuse_foreign().err().unwrap_or_default();
        problems.extend(deletion.refuse_unowned().err());
        problems.extend(deletion.refuse_unless_free(usage).err().unwrap_or_default());
        if !problems.is_empty() {
            return Err(problems);
        }
        draft.change(change(address, resource, Action::Delete, reason, deleted_fields(live).fields));
        roles.to_delete.push(((*address).clone(), live.clone(), Vec::new()));
        Ok(())
    }
}

/// The fields of a role that goes.
pub(crate) fn deleted_fields(live: &LiveRole) -> Differences {
    let mut differences = Differences::default();
    differences.lost("name", live.name().as_str());
    differences.lost_policy("trust_policy", &live.trust_policy);
    for (name, document) in &live.inline_policies {
        differences.lost_policy(&format!("inline_policies.{name}"), document);
    }
    differences.fields.iter_mut().for_each(|field| field.effect = None);
    differences
}
