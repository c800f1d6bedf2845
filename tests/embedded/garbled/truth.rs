//! What is true in the embedded account, and what must stay so.
use super::ground::{Ground, Job};
use pinpoint_streams_executor::execute::{Outcome, StepResult};
use pinpoint_streams_model::desired::AppIdentity;
use pinpoint_streams_model::plan::{Action, Plan};
use pinpoint_streams_model::recorded::{Object, Recorded};
use pinpoint_streams_model::sweep::Verdict;
use pinpoint_streams_sandbox::{AccountContents, AppContents, RoleContents};
use pinpoint_streams_testkit::desired::ACCOUNT;
use std::collections::{BTreeMap, BTreeSet};

/// Everything in the account, by the id that it has for life.
pub(super) struct Truth {
    roles: BTreeMap<String, RoleContents>,
    apps: BTreeMap<String, AppContents>,
    /// The ids of those that the job may change.
    ours: BTreeSet<String>,
}

impl Truth {
    pub(super) fn of(ground: &Ground) -> Truth {
        let AccountContents { roles, regions, .. } = ground.sandbox.contents().unwrap().accounts[ACCOUNT].clone();
        let roles: BTreeMap<_, _> = roles.into_iter().map(|role| (role.id.clone(), role)).collect();
        let apps = regions.into_values().flat_map(|region| region.apps);
        let apps: BTreeMap<_, _> = apps.map(|app| (app.id.clone(), app)).collect();
        let recorded = ground.memory.state.now().map(|state| state.recorded()).unwrap_or_default();
        let mut ours: BTreeSet<String> = ids(&recorded).collect();
        let is_sweep = matches!(ground.job, Job::Quarantine | Job::Reap);
        for role in roles.values().filter(|_| is_sweep) {
            let is_obsolete = |left: &&pinpoint_streams_testkit::leftovers::LeftoverRole| {
                left.arn.to_string() == role.arn && left.verdict == Some(Verdict::Obsolete)
            };
            ours.extend(ground.left.roles.iter().find(is_obsolete).map(|_| role.id.clone()));
        }
        // What a manifest names is its own; an edit lets go of what the one before named.
        if !is_sweep {
            for app in ground.desired.apps.values().chain(super::ground::start().apps.values()) {
                if let AppIdentity::Existing(id) = &app.identity {
                    ours.insert(id.to_string());
                }
            }
        }
        if ground.job == Job::Adopt {
            let wanted = wanted_roles(ground);
            ours.extend(roles.values().filter(|role| wanted.contains(&role.arn)).map(|role| role.id.clone()));
        }
        Truth { roles, apps, ours }
    }

    /// What others have is as it was, and what is new is what was wanted, once.
    pub(super) fn still_holds(&self, ground: &Ground) {
        let now = Truth::of(ground);
        for (id, role) in self.roles.iter().filter(|(id, _)| !self.ours.contains(*id)) {
            assert_eq!(now.roles.get(id), Some(role), "a role of others");
        }
        for (id, app) in self.apps.iter().filter(|(id, _)| !self.ours.contains(*id)) {
            assert_eq!(now.apps.get(id), Some(app), "an app of others");
        }
        let wanted = wanted_roles(ground);
        for role in now.roles.values().filter(|role| !self.roles.contains_key(&role.id)) {
            assert!(wanted.contains(&role.arn), "nobody wants {role:#?}");
        }
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for app in now.apps.values() {
            *names.entry(app.name.as_str()).or_default() += 1;
        }
        for app in now.apps.values().filter(|app| !self.apps.contains_key(&app.id)) {
            assert_eq!(names[app.name.as_str()], 1, "made twice: {}", app.name);
        }
    }

    /// Nothing of others is in the record.
    pub(super) fn knows_what_is_recorded(&self, recorded: &Recorded, ground: &Ground) {
        let now = Truth::of(ground);
        for id in ids(recorded) {
            let is_others =
                (self.roles.contains_key(&id) || self.apps.contains_key(&id)) && !self.ours.contains(&id);
            assert!(!is_others, "taken over: {id}");
            let is_there = now.roles.contains_key(&id) || now.apps.contains_key(&id);
            let was_there = self.roles.contains_key(&id) || self.apps.contains_key(&id);
            assert!(is_there || was_there, "recorded, and never there: {id}");
        }
    }

    /// Everything in the account, without what each run has of its own: ids, the values of tags, and the order of ids in a
    /// policy.
    pub(super) fn end(&self) -> String {
        let mut lines = Vec::new();
        for role in self.roles.values() {
            let mut role = RoleContents { id: String::new(), ..role.clone() };
            role.tags.iter_mut().filter(|(key, _)| key.starts_with("pinpoint-streams:")).for_each(|(_, value)| {
                value.clear();
            });
            lines.push(format!("{role:#?}"));
        }
        for app in self.apps.values() {
            let mut app = app.clone();
            app.tags.remove("pinpoint-streams:lineage");
            lines.push(format!("{app:#?}"));
        }
        let named = |line: String| self.apps.values().fold(line, |line, app| line.replace(&app.id, &app.name));
        let in_order = |block: String| {
            let mut lines: Vec<&str> = block.lines().collect();
            lines.sort_unstable();
            lines.join("\n")
        };
        let blocks: BTreeSet<String> = lines.into_iter().map(named).map(in_order).collect();
        blocks.into_iter().collect::<Vec<_>>().join("\n")
    }
}

/// The lines in which two ends differ.
pub(super) fn difference(found: &str, wanted: &str) -> Vec<String> {
    let (found, wanted): (BTreeSet<&str>, BTreeSet<&str>) = (found.lines().collect(), wanted.lines().collect());
    let more = found.difference(&wanted).map(|line| format!("+ {line}"));
    more.chain(wanted.difference(&found).map(|line| format!("- {line}"))).collect()
}

fn ids(recorded: &Recorded) -> impl Iterator<Item = String> + '_ {
    recorded.resources.values().filter_map(|resource| match &resource.object {
        Object::Role(role) => Some(role.id.to_string()),
        Object::App(app) => Some(app.id.to_string()),
        Object::EventStream(_) => None,
    })
}

fn wanted_roles(ground: &Ground) -> BTreeSet<String> {
    let roles = ground.desired.roles.iter();
    roles.map(|(key, role)| role.arn_under(key).unwrap().to_string()).collect()
}

/// What a plan takes away or over.
pub(super) fn risky(plan: &Plan) -> BTreeSet<String> {
    let changes = plan.changes.iter().filter(|change| {
        matches!(change.action, Action::Delete | Action::Replace | Action::Adopt | Action::Quarantine)
    });
    let changes = changes.map(|change| format!("{:?} {}", change.action, change.address));
    let steps = plan
        .steps
        .iter()
        .filter(|step| ["delete_", "detach_", "remove_"].iter().any(|verb| step.op.name().starts_with(verb)));
    changes.chain(steps.map(|step| format!("{} {}", step.op.name(), step.address))).collect()
}

/// Each step that was done took a call that was carried out.
pub(super) fn done_was_carried_out(outcome: &Outcome, carried_out: &BTreeMap<String, u64>) {
    let mut done: BTreeMap<&str, u64> = BTreeMap::new();
    for step in outcome.steps.values() {
        if matches!(step.result, StepResult::Done { .. }) {
            *done.entry(step.op).or_default() += 1;
        }
    }
    for (op, count) in done {
        let Some(operation) = operation_of(op) else { continue };
        let made = carried_out.get(operation).copied().unwrap_or_default();
        assert!(count <= made, "{count} times {op} were done, {made} times {operation} was carried out");
    }
}

fn operation_of(op: &str) -> Option<&'static str> {
    Some(match op {
        "create_app" => "CreateApp",
        "delete_app" => "DeleteApp",
        "put_event_stream" => "PutEventStream",
        "delete_event_stream" => "DeleteEventStream",
        "create_role" => "CreateRole",
        "update_trust_policy" => "UpdateAssumeRolePolicy",
        "put_role_policy" => "PutRolePolicy",
        "delete_role_policy" => "DeleteRolePolicy",
        "update_role" => "UpdateRole",
        "tag_role" => "TagRole",
        "untag_role" => "UntagRole",
        "delete_role" => "DeleteRole",
        "tag_app" => "TagResource",
        "untag_app" => "UntagResource",
        _ => return None,
    })
}
