//! One workspace in its accounts, and runs of the program on it: what is typed, what goes wrong meanwhile, how it ended.
use crate::applied::without_ownership_tags;
use crate::cloud::FakeCloud;
use crate::faults::{HOUR, How};
use crate::inquiries::{ask, ask_once, reconcile};
use crate::memory::Memory;
use crate::sdk::Sdk;
use crate::{leftovers, write_checks};
use pinpoint_streams_executor::clock::Clock as _;
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_executor::execute::{Outcome, RunContext, execute};
use pinpoint_streams_executor::{Paced, RunEvents, Stop};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::event::{Ending, Event};
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::problem::Problems;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::sweep::{SweepAction, SweepOptions};
use pinpoint_streams_planner::{Inputs, Inquiry, PlanResult, Planned, Restore, Sweep};
use pinpoint_streams_store::Loaded;
use pinpoint_streams_store::session::{self, SessionError};
use std::collections::BTreeSet;
use std::fmt::Debug;

#[derive(Debug, Clone)]
pub enum Command {
    /// `apply` or `destroy`.
    Manifest(Mode, Box<Options>),
    /// `plan`, `plan --destroy` or `drift`: nothing is written.
    Look(Mode, Box<Options>),
    /// `sweep --apply`. Each run fills in its id and the time.
    Sweep(Box<SweepOptions>),
    /// `restore` of what these runs archived.
    Restore(BTreeSet<RunId>),
}

impl Command {
    pub fn apply() -> Command {
        Command::apply_with(Options::default())
    }

    pub fn apply_with(options: Options) -> Command {
        Command::Manifest(Mode::Converge, Box::new(options))
    }

    /// `destroy --delete-apps`.
    pub fn destroy() -> Command {
        Command::destroy_with(Options { delete_apps: true, ..Options::default() })
    }

    pub fn destroy_with(options: Options) -> Command {
        Command::Manifest(Mode::Destroy, Box::new(options))
    }

    /// A sweep with this action, asked as [`leftovers::asked`].
    pub fn sweep(action: SweepAction) -> Command {
        Command::Sweep(Box::new(SweepOptions { action, ..leftovers::asked() }))
    }

    pub fn restore(run: &str) -> Command {
        Command::Restore(BTreeSet::from([crate::parsed(run)]))
    }

    /// Reads and plans, as the program does.
    async fn plan(&self, run: &Run<'_>, cloud: &impl ReadCloud, start: &Loaded) -> PlanResult {
        let World { desired, cloud: fake, memory, .. } = run.world;
        let (desired, recorded) = (desired.clone(), start.recorded.clone());
        match self {
            Command::Manifest(mode, options) | Command::Look(mode, options) => {
                let options = (**options).clone();
                run.ask(&reconcile(*mode, Inputs { desired: desired.into(), recorded, options }), cloud).await
            }
            Command::Sweep(options) => {
                let (now, id) = (fake.clock().now(), run.id.to_string());
                let options = SweepOptions { now, run: id, ..(**options).clone() };
                let Desired { workspace, accounts, .. } = desired;
                run.ask(&Sweep::live(workspace, accounts, recorded, options), cloud).await.planned
            }
            Command::Restore(runs) => {
                let archives = memory.archive.archived_by(runs, start.state.as_ref());
                let restore = Restore { archives, desired: desired.into(), recorded, unverified: false };
                run.ask(&restore, cloud).await
            }
        }
    }
}

#[derive(Debug)]
pub enum RunEnd {
    /// The program crashed or was killed.
    Crashed,
    /// State or journal could not be opened.
    NotOpened(SessionError),
    /// Problems stood in the way: nothing was done.
    Refused(Problems),
    /// Only planned.
    Looked(Box<Plan>),
    /// Carried out, in whole or in part.
    Ran(Box<Plan>, Box<Outcome>),
}

impl RunEnd {
    #[track_caller]
    pub fn ran(self) -> (Plan, Outcome) {
        match self {
            RunEnd::Ran(plan, outcome) => (*plan, *outcome),
            other => panic!("the run did not come to its end: {other:#?}"),
        }
    }
}

/// A workspace in its accounts. A clone is another handle to the same cloud and stores; a fork is a copy.
#[derive(Debug, Clone)]
pub struct World {
    pub cloud: FakeCloud,
    pub memory: Memory,
    pub desired: Desired,
    pub events: Vec<Event>,
    /// Whether each plan is also made from the same answers in other orders, which must not change it.
    pub checks_answer_order: bool,
    pub(crate) runs: u32,
}

/// The run that goes on.
struct Run<'a> {
    id: RunId,
    world: &'a World,
    parallelism: usize,
}

impl World {
    /// Accounts with all that this manifest presumes, in which nothing was applied yet.
    pub fn new(desired: Desired) -> World {
        World::over(FakeCloud::presumed_by(&desired), desired)
    }

    /// The same over a cloud that may hold more.
    pub fn over(cloud: FakeCloud, desired: Desired) -> World {
        World { cloud, memory: Memory::new(), desired, events: Vec::new(), checks_answer_order: true, runs: 0 }
    }

    /// As an apply of this manifest leaves it.
    pub fn applied(desired: Desired) -> World {
        let (cloud, recorded) = FakeCloud::applied(&desired);
        World { memory: Memory::recording(&desired.workspace, &recorded), ..World::over(cloud, desired) }
    }

    /// All that this manifest asks for was made by hand: nothing is tagged, and there is no state.
    pub fn made_by_hand(desired: Desired) -> World {
        let (cloud, _) = FakeCloud::applied(&desired);
        without_ownership_tags(&cloud);
        World::over(cloud, desired)
    }

    /// A copy of its own. Faults and crashes are left behind.
    pub fn fork(&self) -> World {
        World { cloud: self.cloud.fork(), memory: self.memory.fork(), ..self.clone() }
    }

    pub fn holds_the_same_as(&self, other: &World) -> bool {
        self.cloud.holds_the_same_as(&other.cloud) && self.memory.holds_the_same_as(&other.memory)
    }

    /// The manifest becomes this, and what it presumes is there.
    pub fn edit(&mut self, desired: Desired) {
        self.cloud.presume(&desired);
        self.desired = desired;
    }

    /// What state and journal say now.
    pub async fn loaded(&self) -> Loaded {
        let loaded = session::load(&self.memory.state, &self.memory.journal, self.cloud.clock().now()).await;
        loaded.unwrap_or_else(|error| panic!("state and journal cannot be read: {error}"))
    }

    pub async fn recorded(&self) -> Recorded {
        self.loaded().await.recorded
    }

    /// The id that the last run had.
    pub fn last_run(&self) -> RunId {
        crate::parsed(&format!("run-{}", self.runs))
    }

    /// One run, from opening the state to writing it. The faults of `how` end with it.
    pub async fn run(&mut self, command: &Command, how: &How) -> RunEnd {
        self.runs += 1;
        let (mut events, faults) = (Vec::new(), &how.faults);
        faults.begin(&self.cloud, &self.memory);
        if how.push_every.is_some() {
            self.memory.state.set_push_every(how.push_every);
        }
        let ended = {
            let run = Run { id: self.last_run(), world: self, parallelism: how.parallelism };
            let going = self.cloud.until_crash(run.go(command, how, &mut events));
            tokio::time::timeout(faults.killed_after.unwrap_or(3 * HOUR), going).await.ok().flatten()
        };
        if ended.is_none() {
            self.cloud.crash();
            self.cloud.restart();
        }
        self.cloud.unwatch_writes();
        faults.end(&self.cloud, &self.memory);
        if how.push_every.is_some() {
            self.memory.state.set_push_every(None);
        }
        self.events = events;
        ended.unwrap_or(RunEnd::Crashed)
    }

    /// A run without faults but those set on the cloud.
    pub async fn attempt(&mut self, command: &Command) -> (Plan, Outcome) {
        self.run(command, &How::default()).await.ran()
    }

    /// Runs until everything is done, and once more to find nothing left to do; or says why not.
    pub async fn converge(&mut self, command: &Command) -> Result<Plan, String> {
        let (plan, outcome) = match self.run(command, &How::default()).await {
            RunEnd::Ran(plan, outcome) => (plan, outcome),
            other => return Err(format!("{other:#?}")),
        };
        if !matches!(outcome.ending, Ending::Done | Ending::NoChanges) || outcome.state_written.is_err() {
            return Err(format!("{:?}: {:#?} {:?}", outcome.ending, outcome.steps, outcome.state_written));
        }
        let runs = self.runs;
        let again = self.run(command, &How::default()).await;
        self.runs = runs;
        match again {
            RunEnd::Ran(again, _) if again.is_empty() => Ok(*plan),
            RunEnd::Ran(again, _) => Err(format!("there is something left to do: {:#?}", again.changes)),
            other => Err(format!("a second run: {other:#?}")),
        }
    }

    /// The same.
    pub async fn finish(&mut self, command: &Command) -> Plan {
        let (mode, runs) = (command.clone(), self.runs);
        self.converge(command).await.unwrap_or_else(|why| panic!("{mode:?} after {runs} runs: {why}"))
    }
}

impl Run<'_> {
    /// Asks as the program does, and checks the order of the answers where the world does.
    async fn ask<I: Inquiry<Output: Debug + PartialEq>>(&self, inquiry: &I, cloud: &impl ReadCloud) -> I::Output {
        match self.world.checks_answer_order {
            true => ask(inquiry, cloud).await.output,
            false => ask_once(inquiry, cloud).await.output,
        }
    }

    async fn go(&self, command: &Command, how: &How, events: &mut Vec<Event>) -> RunEnd {
        let World { cloud: fake, memory, .. } = self.world;
        let (memory, cloud, clock) = (memory.of_process(fake), Paced::new(Sdk::new(fake, how)), fake.clock());
        let opened = match command {
            Command::Look(..) => session::load(&memory.state, &memory.journal, clock.now()).await,
            _ => session::open(&memory.state, &memory.journal, clock.now()).await,
        };
        let start = match opened {
            Ok(start) => start,
            Err(error) => return RunEnd::NotOpened(error),
        };
        let Planned { plan, recorded, last_look } = match command.plan(self, &cloud, &start).await {
            Ok(planned) => planned,
            Err(problems) => return RunEnd::Refused(problems),
        };
        if let Command::Look(..) = command {
            return RunEnd::Looked(Box::new(plan));
        }
        let start = Loaded { recorded, ..start };
        write_checks::watch(fake, &memory, &self.id, &start.recorded, &plan);
        let context = RunContext::new(self.id.clone(), self.parallelism, &clock, self.world.runs.into());
        let context = RunContext { last_look, ..context };
        let (stopper, stop) = Stop::channel();
        let mut events = RunEvents::begin(&clock, "0.0.0", |event: &Event| events.push(event.clone()));
        let run = execute(plan.clone().into(), &cloud, memory.stores(), start, context, stop, &mut events);
        tokio::select! {
            biased;
            outcome = run => RunEnd::Ran(Box::new(plan), Box::new(outcome)),
            () = how.faults.send_signals(fake, &stopper) => RunEnd::Crashed,
        }
    }
}
