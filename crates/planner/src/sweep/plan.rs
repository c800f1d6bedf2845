//! The plan of a sweep: for each role that the verdict and the guards let through, its change with the
//! evidence, and its steps.
use super::candidate::Candidate;
use super::guard;
use super::marks::{self, QuarantineState};
use super::readings::Readings;
use super::sources;
use crate::differences::{ComparedPolicy, Differences, Field};
use crate::draft::{Draft, finish};
use crate::role;
use pinpoint_streams_model::plan::FieldChange;
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::sweep::QUARANTINE_POLICY;
use pinpoint_streams_model::{
    AccountRole, Action, Address, Change, Desired, Direction, Fact, Finding, Findings, LiveRole, Plan, PolicyName,
    Problems, Reason, RoleOp, SweepAction, Unread, Warning,
};
use std::collections::BTreeMap;
use wildmatch::WildMatch;

pub(super) fn plan(
    readings: &Readings<'_>,
    candidates: &[Candidate<'_>],
    found: &Findings,
) -> Result<Plan, Problems> {
    let mut draft = Draft::default();
    draft.problems.extend(guard::invalid_excludes(readings));
    draft.problems.extend(guard::contradicted_assertions(readings));
    for (candidate, finding) in candidates.iter().zip(&found.roles) {
        decide(readings, &mut draft, candidate, finding);
    }
    let mut deletes = BTreeMap::new();
    for change in draft.changes.values().filter(|change| change.action == Action::Delete) {
        *deletes.entry(change.account.clone()).or_default() += 1;
    }
    draft.problems.extend(guard::mass_deletes(readings, &deletes));
    let steps = draft.take_steps();
    draft.warnings.extend(warnings(readings, found));
    let desired = Desired::nothing(readings.sweep.workspace.clone(), readings.sweep.accounts.clone());
    finish(&guard::context(readings, &desired, &guard::options(readings)), draft, steps)
}

/// Does to one role what the sweep was asked for, unless it is held back.
fn decide(readings: &Readings<'_>, draft: &mut Draft, candidate: &Candidate<'_>, finding: &Finding) {
    let address = finding.address();
    let (Some(role), Some(action)) = (candidate.role, guard::action(readings, candidate, finding.verdict)) else {
        draft.keep += 1;
        return;
    };
    if !finding.held_by.is_empty() {
        draft.keep += 1;
        draft.warn(&address, Fact::LeftAlone { by: finding.held_by.clone() });
        return;
    }
    let (reason, fields) = match action {
        Action::Quarantine => (Reason::Obsolete, quarantine(readings, draft, &address, role)),
        Action::Release => (Reason::Released, release(draft, &address, role)),
        _ => {
            role::delete_steps(draft, &address, role, &[]);
            let is_reaped = matches!(readings.sweep.options.action, SweepAction::Reap { .. });
            let reason = if is_reaped { Reason::Reaped } else { Reason::Obsolete };
            (reason, role::deleted_fields(role).fields)
        }
    };
    let change = Change::new(address, (&role.arn.account, None), action, reason).with(fields);
    draft.change(Change { notes: finding.evidence.clone(), ..change });
}

/// Denies first, and then says so: should the second fail, the policy's name still tells whose it is, while
/// tags without it would say that it was removed outside pinpoint-streams.
fn quarantine(readings: &Readings<'_>, draft: &mut Draft, address: &Address, role: &LiveRole) -> Vec<FieldChange> {
    let (tags, denial) = (marks::tags(&readings.sweep.options, role), marks::denial());
    let mut differences = Differences::default();
    let mut denied = None;
    let there = QuarantineState::of(role, false).policy.map(|(_, document)| document);
    if let (false, Ok(policy_name)) =
        (there.is_some_and(|there| same_meaning(there, &denial)), QUARANTINE_POLICY.parse::<PolicyName>())
    {
        differences.compare_policies(Field {
            path: &format!("inline_policies.{policy_name}"),
            live: there.map(ComparedPolicy::Known),
            wanted: Some(ComparedPolicy::Known(&denial)),
            recorded: None,
        });
        let put = RoleOp::PutPolicy { role: role.arn.clone(), policy_name, document: denial };
        denied = Some(draft.step(address, [], put));
    }
    for (key, value) in &tags {
        let path = format!("tags.{key}");
        differences.compare(Field { path: &path, live: role.tags.get(key), wanted: Some(value), recorded: None });
    }
    draft.step(address, denied, RoleOp::Tag { role: role.arn.clone(), tags, owner: None });
    in_direction(differences, Direction::Narrows)
}

/// Allows first, for the same reason.
fn release(draft: &mut Draft, address: &Address, role: &LiveRole) -> Vec<FieldChange> {
    let marks = QuarantineState::of(role, false);
    let mut differences = Differences::default();
    let allowed = marks.policy.map(|(policy_name, document)| {
        differences.lost_policy(&format!("inline_policies.{policy_name}"), document);
        let delete = RoleOp::DeletePolicy { role: role.arn.clone(), policy_name: policy_name.clone() };
        draft.step(address, [], delete)
    });
    let tag_keys = marks.tag_keys();
    for key in &tag_keys {
        role.tags.get(key).into_iter().for_each(|value| differences.lost(&format!("tags.{key}"), value));
    }
    if !tag_keys.is_empty() {
        draft.step(address, allowed, RoleOp::Untag { role: role.arn.clone(), tag_keys });
    }
    in_direction(differences, Direction::Widens)
}

/// A policy that denies narrows when it comes and widens when it goes.
fn in_direction(differences: Differences, direction: Direction) -> Vec<FieldChange> {
    let fields = differences.fields.into_iter();
    fields.map(|field| FieldChange { effect: field.effect.map(|_| direction), ..field }).collect()
}

fn warnings(readings: &Readings<'_>, found: &Findings) -> Vec<Warning> {
    let about_all = |fact| Warning { address: None, fact };
    let unread = found.unread.iter().map(|Unread { account, role, why }| match role {
        None => about_all(Fact::RolesUnknown { account: account.clone(), why: Box::new(why.fact.clone()) }),
        Some(role) => {
            let address = Some(Address::Undeclared(AccountRole::of(account, role)));
            Warning { address, fact: why.fact.clone() }
        }
    });
    let idle = readings.sweep.options.exclude.iter().filter(|glob| {
        let pattern = WildMatch::new(&glob.to_lowercase());
        !found.roles.iter().any(|finding| pattern.matches(&finding.role.name.as_str().to_lowercase()))
    });
    let idle = idle.map(|glob| about_all(Fact::ExcludesNothing { pattern: glob.clone() }));
    unread.chain(idle).chain(sources::failures(readings.live).map(about_all)).collect()
}
