//! What the program is asked, and the worlds in which it is asked.
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::plan::Options;
use pinpoint_streams_model::sweep::{Detach, SweepAction, SweepOptions, Verdict};
use pinpoint_streams_testkit::leftovers::{Leftovers, asked, two_hundred_roles};
use pinpoint_streams_testkit::{Command, How, RunEnd, Trial, World, desired, parsed};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    FirstApply,
    /// Creates, updates, replaces and deletes.
    Edit,
    Destroy,
    Adopt,
    Quarantine,
    Reap,
}

impl Job {
    pub(crate) const ALL: [Job; 6] =
        [Job::FirstApply, Job::Edit, Job::Destroy, Job::Adopt, Job::Quarantine, Job::Reap];
}

/// A job in its world.
pub(crate) struct Task {
    pub(crate) trial: Trial,
    pub(crate) command: Command,
}

/// Four apps: one with a role of its own, two with one that they share, one of them created, one with another.
fn start() -> Desired {
    desired()
        .shared_role("shared", |role| role)
        .shared_role("kept", |role| role)
        .app("red", |app| app.kinesis("clicks").role("kept"))
        .app("shop", |app| app.kinesis("clicks"))
        .app("blue", |app| app.kinesis("clicks").role("shared"))
        .app("blog", |app| app.created("Blog").firehose("lake").role("shared"))
        .build()
}

/// The shared role gets another name, `blog` another stream and a role of its own, `shop` goes, and `green` is let in
/// by the role that stays.
fn end() -> Desired {
    desired()
        .shared_role("shared", |role| role.name("Renamed"))
        .shared_role("kept", |role| role)
        .app("red", |app| app.kinesis("clicks").role("kept"))
        .app("green", |app| app.kinesis("clicks").role("kept"))
        .app("blue", |app| app.kinesis("clicks").role("shared").tag("team", "growth"))
        .app("blog", |app| app.created("Blog").kinesis("other").own_role(|role| role.description("its own")))
        .build()
}

impl Task {
    pub(crate) async fn new(job: Job) -> Task {
        let task = |trial, command| Task { trial, command };
        match job {
            Job::FirstApply => task(Trial::new(start()), Command::apply()),
            Job::Edit => {
                let mut trial = applied().await;
                trial.edit(end());
                task(trial, Command::apply())
            }
            Job::Destroy => {
                let options = Options { delete_apps: true, allow_mass_delete: true, ..Options::default() };
                task(applied().await, Command::destroy_with(options))
            }
            Job::Adopt => {
                let adopt = Options { adopt: true, ..Options::default() };
                task(Trial::of(World::made_by_hand(start())), Command::apply_with(adopt))
            }
            Job::Quarantine => {
                let left = left_over();
                let accounts = BTreeMap::from([(parsed("main"), left.account.clone())]);
                let world = World::over(left.cloud(), Desired::nothing(parsed("growth"), accounts));
                task(Trial::of(world), sweep(SweepAction::Quarantine, &left))
            }
            Job::Reap => {
                let Task { mut trial, command } = Box::pin(Task::new(Job::Quarantine)).await;
                trial.finish(&command).await;
                trial.world.cloud.clock().advance(Duration::from_secs(31 * 24 * 60 * 60));
                task(trial, sweep(SweepAction::Reap { after_days: 30 }, &left_over()))
            }
        }
    }

    pub(crate) async fn run(&mut self, how: &How) -> RunEnd {
        self.trial.run(&self.command, how).await
    }

    /// A copy. Runs on it do not change this one.
    pub(crate) fn fork(&self) -> Task {
        Task { trial: self.trial.fork(), command: self.command.clone() }
    }

    /// Runs without faults: everything is done, and a second run finds nothing to do.
    pub(crate) async fn finish(&mut self) {
        self.trial.finish(&self.command).await;
    }
}

async fn applied() -> Trial {
    let mut trial = Trial::new(start());
    trial.apply().await;
    trial
}

fn sweep(action: SweepAction, left: &Leftovers) -> Command {
    let allow_detach = [Detach::Managed, Detach::Inline, Detach::Profile].into();
    Command::Sweep(Box::new(SweepOptions { action, allow_detach, terraform: left.terraform(), ..asked() }))
}

/// Two roles that nothing uses any more, and two that are in use.
fn left_over() -> Leftovers {
    let mut left = two_hundred_roles();
    for verdict in [Verdict::Obsolete, Verdict::InUse] {
        let mut room = 3;
        left.roles.retain(|role| {
            let is_one = role.verdict == Some(verdict);
            room -= usize::from(is_one && room > 0);
            !is_one || room > 0
        });
    }
    left.roles.retain(|role| matches!(role.verdict, Some(Verdict::Obsolete | Verdict::InUse)));
    let named: BTreeSet<String> = left.roles.iter().map(|role| role.arn.to_string()).collect();
    left.apps.retain(|app| app.event_stream.as_ref().is_some_and(|(_, role)| named.contains(&role.to_string())));
    left
}
