//! The oracle: what must hold of a workspace after anything that was typed and anything that went wrong meanwhile. It
//! knows the accounts and what was changed in them outside of the program, and shares no reasoning with planner or
//! executor: the record agrees with the accounts, none of our resources is lost or exists twice, nothing foreign is touched, every
//! write was written down before it was made, the table of a run is true, and at rest nothing is left to do.
//!
//! | module | what it is about |
//! | --- | --- |
//! | `record` | the record against the accounts |
//! | `touchable` | what a run may touch |
//! | `crate::write_checks` | each write as it arrives |
//! | `table` | what a run says of its steps |
//! | `likeness` | whether two worlds came out the same |
mod likeness;
mod record;
mod table;
mod touchable;

pub use likeness::{likeness, unarchived};
pub use record::at_rest;

use crate::cloud::Snapshot;
use crate::disturbance::{Act, Disturbance};
use crate::faults::How;
use crate::world::{Command, RunEnd, World};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::desired::{AppIdentity, Desired, DesiredRole};
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::ids::{AppId, RoleId, RoleKey};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::ownership::{Origin, PREFIX, Tags, WORKSPACE};
use pinpoint_streams_model::plan::{Mode, Plan};
use pinpoint_streams_model::recorded::{Object, Recorded};
use std::collections::BTreeSet;

/// What was changed outside of the program, as far as it matters to what the record can know.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// Roles and apps changed since the last plan that found nothing to do, by ARN.
    pub touched: BTreeSet<String>,
    pub roles: BTreeSet<RoleId>,
    pub apps: BTreeSet<AppId>,
    /// Roles and apps that bear our tags though the record may not know them: somebody tagged them so, or the record
    /// lost them.
    pub stray: BTreeSet<String>,
}

impl Outside {
    /// In this world, before the first run: what bears no tags of ours was made by others; what does and is not recorded
    /// is stray.
    pub fn of(world: &World) -> Outside {
        let mut outside = Outside::default();
        let recorded = world.memory.state.now().map(|state| state.recorded()).unwrap_or_default();
        let is_ours = |tags: &Tags| tags.keys().any(|key| key.starts_with(PREFIX));
        for (arn, role) in world.cloud.snapshot().roles {
            match is_ours(&role.tags) {
                true if knows_role(&recorded, &role.id) => false,
                true => outside.stray.insert(arn.to_string()),
                false => outside.roles.insert(role.id),
            };
        }
        for (arn, app) in world.cloud.apps_now() {
            match app.tags.as_ref().is_some_and(is_ours) {
                true if knows_app(&recorded, &app.id) => false,
                true => outside.stray.insert(arn.to_string()),
                false => outside.apps.insert(app.id),
            };
        }
        outside
    }
}

fn knows_role(recorded: &Recorded, id: &RoleId) -> bool {
    recorded.resources.values().any(|resource| matches!(&resource.object, Object::Role(role) if role.id == *id))
}

fn knows_app(recorded: &Recorded, id: &AppId) -> bool {
    recorded.resources.values().any(|resource| matches!(&resource.object, Object::App(app) if app.id == *id))
}

/// A world whose every run is judged.
#[derive(Debug)]
pub struct Trial {
    pub world: World,
    pub outside: Outside,
}

impl Trial {
    /// The world in which this manifest alone is presumed.
    pub fn new(desired: Desired) -> Trial {
        Trial::of(World::new(desired))
    }

    pub fn of(world: World) -> Trial {
        Trial { outside: Outside::of(&world), world }
    }

    /// A copy. Runs on it do not change this one.
    pub fn fork(&self) -> Trial {
        Trial { world: self.world.fork(), outside: self.outside.clone() }
    }

    /// The manifest becomes this, and what it presumes is there.
    pub fn edit(&mut self, desired: Desired) {
        let known = self.world.cloud.apps_now();
        self.world.edit(desired);
        let apps = self.world.cloud.apps_now().into_iter();
        self.outside.apps.extend(apps.filter(|(arn, _)| !known.contains_key(arn)).map(|(_, app)| app.id));
    }

    /// Something is changed outside of the program; says whether there was anything to change.
    pub fn disturb(&mut self, disturbance: &Disturbance) -> bool {
        let Some(to) = disturbance.apply(&self.world.cloud) else { return false };
        if disturbance.act == Act::RecreateRole {
            let role = self.world.cloud.role_now(&crate::parsed(&to));
            self.outside.roles.extend(role.map(|role| role.id));
            self.outside.stray.insert(to.clone());
        }
        self.outside.touched.insert(to)
    }

    /// A run, and what must hold of it whatever goes wrong.
    pub async fn run(&mut self, command: &Command, how: &How) -> RunEnd {
        let touchable = self.touchable(command).await;
        let (kept, open) = (self.world.memory.fork(), self.world.recorded().await.pending);
        self.world.cloud.clear_log();
        let ended = self.world.run(command, how).await;
        touchable.nothing_else_changed(&self.world);
        let wrote = self.world.cloud.writes();
        match &ended {
            RunEnd::Crashed => {}
            RunEnd::Looked(_) => {
                assert!(wrote.is_empty(), "a plan that writes: {wrote:?}");
                assert!(kept.holds_the_same_as(&self.world.memory), "a plan that writes what is kept");
            }
            RunEnd::Refused(_) => assert!(wrote.is_empty(), "nothing was to be done: {wrote:?}"),
            RunEnd::NotOpened(error) => {
                assert!(wrote.is_empty(), "nothing was to be done: {wrote:?}");
                let is_full = how.faults.room != Default::default();
                assert!(is_full, "what is kept cannot be opened: {error}");
            }
            RunEnd::Ran(plan, outcome) => {
                self.table_is_true(plan, outcome, &open).await;
                let is_done = matches!(outcome.ending, Ending::Done | Ending::NoChanges);
                let is_well = is_done && outcome.state_written.is_ok();
                assert!(is_well || !self.is_calm(how), "{:#?}\n{plan:#?}", outcome.steps);
            }
        }
        if how.faults.propagation.is_zero() {
            let is_early = |call: &&crate::cloud::Call| call.answer == Some(Err(FailureKind::RoleNotReady));
            let refused = wrote.iter().find(is_early);
            assert!(refused.is_none() || !self.is_calm(how), "an event stream before its role: {refused:?}");
        }
        let outages = self.world.cloud.outages();
        assert!(outages.is_empty(), "an event stream was stopped: {outages:?}");
        self.record_is_true().await;
        self.outside_takes_over_what_was_let_go().await;
        ended
    }

    fn is_calm(&self, how: &How) -> bool {
        how.faults.is_calm() && !self.world.cloud.has_faults()
    }

    /// Runs until everything is done, and once more to find nothing left to do; then all is at rest.
    pub async fn finish(&mut self, command: &Command) -> Plan {
        let (plan, outcome) = self.run(command, &How::default()).await.ran();
        let is_done = matches!(outcome.ending, Ending::Done | Ending::NoChanges);
        assert!(is_done && outcome.state_written.is_ok(), "{:#?}", outcome.steps);
        let (again, _) = self.run(command, &How::default()).await.ran();
        assert!(again.is_empty(), "there is something left to do: {:#?}", again.changes);
        self.outside.touched.clear();
        self.is_at_rest().await;
        match command {
            Command::Manifest(Mode::Converge, options)
                if options.targets.is_empty() && options.excludes.is_empty() =>
            {
                self.everything_wanted_is_there();
            }
            Command::Manifest(Mode::Destroy, options) if options.delete_apps => {
                let left = self.world.recorded().await.resources;
                let ours: Vec<_> = left.values().filter(|resource| resource.origin == Origin::Created).collect();
                assert!(ours.is_empty(), "resources of this workspace are left: {ours:#?}");
            }
            _ => {}
        }
        plan
    }
    pub fn everything_wanted_is_there(&self) {
        let Snapshot { roles, apps, event_streams } = self.world.cloud.snapshot();
        for (key, role) in &self.world.desired.roles {
            assert!(roles.contains_key(&declared(key, role)), "no role {key}");
        }
        for (key, app) in &self.world.desired.apps {
            let streams = event_streams.iter().filter(|(arn, _)| match &app.identity {
                AppIdentity::Existing(id) => arn.id == *id,
                AppIdentity::Owned { name, .. } => apps.get(*arn).is_some_and(|live| live.name == *name),
            });
            let wanted = app.event_stream.as_ref().map(|stream| stream.target.arn.to_string());
            let there = wanted
                .as_ref()
                .is_none_or(|wanted| streams.clone().any(|(_, stream)| stream.destination == *wanted));
            assert!(there, "no event stream of {key}");
        }
    }

    pub async fn apply(&mut self) -> Plan {
        self.finish(&Command::apply()).await
    }
    pub async fn is_at_rest(&self) {
        let wrong = at_rest(&self.world, &self.outside).await;
        assert!(wrong.is_empty(), "at rest: {wrong:#?}");
    }

    /// What the record no longer has counts as made by others, should it be adopted again.
    async fn outside_takes_over_what_was_let_go(&mut self) {
        let recorded = self.world.recorded().await;
        let is_untagged = |tags: &Tags| !tags.contains_key(WORKSPACE);
        let roles = self.world.cloud.snapshot().roles.into_values().filter(|role| is_untagged(&role.tags));
        let roles = roles.filter(|role| !knows_role(&recorded, &role.id)).map(|role| role.id);
        self.outside.roles.extend(roles);
        let apps = self.world.cloud.apps_now().into_values();
        let apps = apps.filter(|app| app.tags.as_ref().is_none_or(is_untagged) && !knows_app(&recorded, &app.id));
        self.outside.apps.extend(apps.map(|app| app.id));
    }
}

fn declared(key: &RoleKey, role: &DesiredRole) -> RoleArn {
    role.arn_under(key).unwrap_or_else(|error| panic!("the test is wrong: {error}"))
}
