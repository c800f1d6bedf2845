//! What a person types, carried out over a world in memory just as the program does it.
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_executor::execute::{Outcome, RunContext, execute};
use pinpoint_streams_executor::{EventStream, Paced, Stop};
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::digest;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::problem::Problems;
use pinpoint_streams_model::sweep::{SweepAction, SweepOptions};
use pinpoint_streams_planner::{Inputs, PlanResult, Planned, Restore, Sweep};
use pinpoint_streams_store::archive::is_vouched;
use pinpoint_streams_store::{Loaded, session};
use pinpoint_streams_testkit::executor::clock::Clock as _;
use pinpoint_streams_testkit::{World, ask, leftovers, parsed, reconcile};
use std::collections::BTreeSet;

/// What a person types.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) desired: Desired,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// `apply`, `destroy`.
    Manifest(Mode, Box<Options>),
    /// `sweep --apply`.
    Sweep(SweepAction),
    /// `restore` of what these runs archived.
    Restore(BTreeSet<RunId>),
}

impl Command {
    pub(super) fn apply(desired: Desired) -> Command {
        Command { desired, kind: Kind::Manifest(Mode::Converge, Box::default()) }
    }

    pub(super) fn destroy(desired: Desired) -> Command {
        let options = Options { delete_apps: true, ..Options::default() };
        Command { desired, kind: Kind::Manifest(Mode::Destroy, Box::new(options)) }
    }

    pub(super) fn sweep(desired: Desired, action: SweepAction) -> Command {
        Command { desired, kind: Kind::Sweep(action) }
    }

    pub(super) fn restore(desired: Desired, run: &str) -> Command {
        Command { desired, kind: Kind::Restore(BTreeSet::from([parsed(run)])) }
    }

    /// Reads and plans.
    async fn plan(&self, world: &World, cloud: &impl ReadCloud, start: &Loaded, run: &RunId) -> PlanResult {
        let (desired, recorded) = (self.desired.clone(), start.recorded.clone());
        match &self.kind {
            Kind::Manifest(mode, options) => {
                let options = (**options).clone();
                ask(&reconcile(*mode, Inputs { desired, recorded, options }), cloud).await.output
            }
            Kind::Sweep(action) => {
                let options = sweep_options(*action, world, run);
                let Desired { workspace, accounts, .. } = desired;
                ask(&Sweep { workspace, accounts, recorded, options }, cloud).await.output.planned
            }
            Kind::Restore(runs) => {
                let archives = archives(world, runs, start);
                ask(&Restore { archives, desired, recorded, unverified: false }, cloud).await.output
            }
        }
    }

    /// One run, from opening what is kept to its end.
    pub(super) async fn run(
        &self,
        world: &World,
        run: &str,
        parallelism: usize,
    ) -> Result<(Plan, Outcome), Problems> {
        let run: RunId = parsed(run);
        let (clock, cloud) = (world.cloud.clock(), Paced::new(world.cloud.clone()));
        let start = session::open(&world.memory.state, &world.memory.journal).await;
        let start = start.unwrap_or_else(|error| panic!("what is kept cannot be opened: {error}"));
        let Planned { plan, recorded } = self.plan(world, &cloud, &start, &run).await?;
        let start = Loaded { recorded, ..start };
        let run = RunContext {
            run,
            parallelism,
            clock: &clock,
            seed: 7,
            approved_by: None,
            findings: Vec::new(),
            reading: None,
        };
        let mut events = EventStream::begin(&clock, "0.0.0", |_| {});
        let outcome = execute(&plan, &cloud, world.memory.stores(), start, run, Stop::never(), &mut events).await;
        Ok((plan, outcome))
    }
}

fn sweep_options(action: SweepAction, world: &World, run: &RunId) -> SweepOptions {
    SweepOptions {
        action,
        now: world.cloud.clock().now(),
        run: run.to_string(),
        max_delete: 1000,
        // What a deletion leaves of a role may have no purpose any more.
        all_purposes: action == SweepAction::Delete,
        ..leftovers::asked()
    }
}

/// What these runs archived: of what they archived twice, having died between, the first.
fn archives(world: &World, runs: &BTreeSet<RunId>, start: &Loaded) -> Vec<Archived> {
    let entries = world.memory.archive.entries().into_iter().enumerate();
    let of_runs = entries.filter(|(_, entry)| runs.contains(&entry.run));
    let archived = of_runs.map(|(at, entry)| {
        let digest = digest::of(&entry);
        let is_vouched = is_vouched(&digest, start.state.as_ref());
        Archived { path: format!("memory/{}", at + 1), digest, is_vouched, entry }
    });
    archived.collect()
}
