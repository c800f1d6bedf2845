//! A workspace in its accounts, and runs of the program on it, whatever goes wrong meanwhile.
use super::act::{Beginning, How, Run};
use super::witness::Witness;
use jiff::Timestamp;
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_executor::events::EventStream;
use pinpoint_streams_executor::execute::{Outcome, RunContext, execute};
use pinpoint_streams_executor::pace::Paced;
use pinpoint_streams_executor::stop::Stop;
use pinpoint_streams_executor::{SurveyOptions, ask};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::event::Event;
use pinpoint_streams_model::live::LastUsed;
use pinpoint_streams_model::ownership::PREFIX;
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::problem::Problems;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::role_kind::{RoleKind, StreamTarget};
use pinpoint_streams_model::sweep::{SweepAction, SweepOptions};
use pinpoint_streams_planner::{Inputs, Planned, Sweep};
use pinpoint_streams_store::session::{self, Loaded, SessionError};
use pinpoint_streams_testkit::desired::ACCOUNT;
use pinpoint_streams_testkit::leftovers;
use pinpoint_streams_testkit::mishaps::Signals;
use pinpoint_streams_testkit::{FakeCloud, Memory, Mortal, parsed, reconcile};
use std::time::Duration;

/// A run that takes longer than this is told to stop, as a person would in the end.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// A workspace in its accounts.
pub(super) struct World {
    pub(super) desired: Desired,
    pub(super) cloud: FakeCloud,
    pub(super) memory: Memory,
    witness: Witness,
    runs: u32,
}

/// How a run ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The program died.
    Died,
    /// The state could not be opened.
    NotOpened(SessionError),
    /// Something stood in the way, so that nothing was done.
    Refused(Problems),
    /// It was only looked at.
    Looked,
    /// It was carried out, in whole or in part.
    Ran(Box<Plan>, Box<Outcome>),
}

impl World {
    pub(super) fn begin(beginning: &Beginning, first: &Desired) -> World {
        let (cloud, memory) = match beginning {
            Beginning::Bare => (FakeCloud::presumed_by(first), Memory::new()),
            Beginning::Applied(before) => {
                let (cloud, recorded) = FakeCloud::applied(before);
                (cloud, Memory::recording(&before.workspace, &recorded))
            }
            Beginning::ByHand(before) => {
                let (cloud, _) = FakeCloud::applied(before);
                strip_tags(&cloud);
                (cloud, Memory::new())
            }
            Beginning::HalfForgotten(before, lost) => {
                let (cloud, mut recorded) = FakeCloud::applied(before);
                for lost in lost.iter().filter(|_| !before.apps.is_empty()) {
                    let addresses: Vec<Address> = recorded.resources.keys().cloned().collect();
                    if !addresses.is_empty() {
                        recorded.resources.remove(lost.get(&addresses));
                    }
                }
                (cloud, Memory::recording(&before.workspace, &recorded))
            }
        };
        cloud.presume(first);
        plant_bystanders(&cloud);
        let witness = Witness::of(&cloud, &memory);
        World { desired: first.clone(), cloud, memory, witness, runs: 0 }
    }

    /// The manifest becomes this, and what it presumes is there.
    pub(super) fn edit(&mut self, desired: Desired) {
        self.cloud.presume(&desired);
        self.desired = desired;
    }

    /// What state and journal say now.
    pub(super) async fn recorded(&self) -> Recorded {
        let loaded = session::load(&self.memory.state, &self.memory.journal).await;
        loaded.unwrap_or_else(|error| panic!("what was kept cannot be read: {error}")).recorded
    }

    /// One run from reading the state to writing it, with all that goes wrong in it.
    pub(super) async fn run(&mut self, run: &Run, options: &Options, how: &How) -> Ended {
        self.runs += 1;
        how.mishaps.befall(&self.cloud);
        if let Some(room) = how.mishaps.room {
            self.memory.state.has_room_for(room / 2);
            self.memory.journal.has_room_for(room);
            self.memory.archive.has_room_for(room / 2);
        }
        let ended = {
            let going = self.go(run, options, how);
            let alive = tokio::time::timeout(3 * PATIENCE, self.cloud.until_death(going));
            alive.await.ok().flatten()
        };
        if ended.is_none() {
            self.cloud.kill();
        }
        self.cloud.revive();
        self.cloud.heal();
        self.cloud.set_propagation(Duration::ZERO);
        self.memory.state.has_room();
        self.memory.journal.has_room();
        self.memory.archive.has_room();
        ended.unwrap_or(Ended::Died)
    }

    async fn go(&self, run: &Run, options: &Options, how: &How) -> Ended {
        let mut mortal = Mortal::keeping(&self.memory, &self.cloud);
        if let Some(every) = how.push_every {
            mortal = mortal.pushing(every);
        }
        let stores = mortal.stores();
        let cloud = Paced::new(self.cloud.clone());
        let opened = match run {
            Run::Look(_) => session::load(stores.state, stores.journal).await,
            _ => session::open(stores.state, stores.journal).await,
        };
        let mut loaded = match opened {
            Ok(loaded) => loaded,
            Err(error) => return Ended::NotOpened(error),
        };
        let planned = match run {
            Run::Sweep(action) => self.sweep(&cloud, &loaded, *action, how.parallelism).await,
            Run::Look(mode) => self.plan(&cloud, *mode, &mut loaded, options, how.parallelism).await,
            Run::Destroy { .. } => self.plan(&cloud, Mode::Destroy, &mut loaded, options, how.parallelism).await,
            Run::Apply { .. } | Run::Partial { .. } => {
                self.plan(&cloud, Mode::Converge, &mut loaded, options, how.parallelism).await
            }
        };
        let plan = match planned {
            Ok(plan) => plan,
            Err(problems) => return Ended::Refused(problems),
        };
        if matches!(run, Run::Look(_)) {
            return Ended::Looked;
        }
        let id = format!("run-{}", self.runs);
        self.witness.begins(&id, &loaded.recorded, &plan);
        let clock = self.cloud.clock();
        let context = RunContext {
            run: parsed(&id),
            parallelism: how.parallelism,
            clock: &clock,
            seed: u64::from(self.runs),
            approved_by: None,
            findings: Vec::new(),
            reading: None,
        };
        let mut events = EventStream::begin(&clock, "0.0.0", |_: &Event| {});
        let (stopper, stop) = Stop::channel();
        let signals = async {
            let patience = tokio::time::sleep(PATIENCE);
            match how.mishaps.signals {
                None => patience.await,
                Some(Signals { at_write, .. }) => tokio::select! {
                    () = patience => {}
                    () = self.witness.nth_write(at_write) => {}
                },
            }
            let (times, at_once) =
                how.mishaps.signals.map_or((3, false), |signals| (signals.times, signals.at_once));
            for time in 0..times {
                if time > 0 && !at_once {
                    tokio::time::sleep(Duration::from_millis(if time == 1 { 7500 } else { 2500 })).await;
                }
                stopper.raise();
            }
            // Whoever is told once and hangs all the same is told again in the end.
            tokio::time::sleep(PATIENCE).await;
            while stopper.raise() < pinpoint_streams_executor::stop::Level::Leave {}
            std::future::pending::<()>().await;
        };
        let run = execute(&plan, &cloud, stores, loaded, context, stop, &mut events);
        tokio::select! {
            biased;
            outcome = run => Ended::Ran(Box::new(plan), Box::new(outcome)),
            () = signals => Ended::Died,
        }
    }

    async fn plan(
        &self,
        cloud: &Paced<FakeCloud>,
        mode: Mode,
        loaded: &mut Loaded,
        options: &Options,
        parallelism: usize,
    ) -> Result<Plan, Problems> {
        let (desired, recorded) = (self.desired.clone(), loaded.recorded.clone());
        let inquiry = reconcile(mode, Inputs { desired, recorded, options: options.clone() });
        let Planned { plan, recorded } = ask(&inquiry, cloud, SurveyOptions { parallelism }).await.output?;
        loaded.recorded = recorded;
        Ok(plan)
    }

    async fn sweep(
        &self,
        cloud: &Paced<FakeCloud>,
        loaded: &Loaded,
        action: SweepAction,
        parallelism: usize,
    ) -> Result<Plan, Problems> {
        let options = SweepOptions {
            action,
            now: self.cloud.clock().now(),
            run: format!("run-{}", self.runs),
            ..leftovers::asked()
        };
        let Desired { workspace, accounts, .. } = self.desired.clone();
        let sweep = Sweep { workspace, accounts, recorded: loaded.recorded.clone(), options };
        Ok(ask(&sweep, cloud, SurveyOptions { parallelism }).await.output.planned?.plan)
    }
}

/// Takes our tags off everything, as if somebody else had made it.
pub(super) fn strip_tags(cloud: &FakeCloud) {
    let (hand, snapshot) = (cloud.another_hand(), cloud.snapshot());
    for (arn, role) in &snapshot.roles {
        role.tags.keys().filter(|key| key.starts_with(PREFIX)).for_each(|key| hand.untag_role(arn, key));
    }
    for (arn, app) in &snapshot.apps {
        let keys = app.tags.iter().flat_map(|tags| tags.keys());
        keys.filter(|key| key.starts_with(PREFIX)).for_each(|key| hand.untag_app(arn, key));
    }
}

/// Others in the same account: a role of another service, an app that streams as a role of its own, and two roles
/// that somebody left behind.
fn plant_bystanders(cloud: &FakeCloud) {
    let account = parsed(ACCOUNT);
    let (hand, long_ago) = (cloud.another_hand(), parsed::<Timestamp>("2024-05-01T00:00:00Z"));
    let arn = |name: &str| parsed::<RoleArn>(&format!("arn:aws:iam::{ACCOUNT}:role/{name}"));
    let stream = |name: &str| StreamTarget {
        arn: parsed(&format!("arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{name}")),
        kms_key: None,
    };
    let kind = RoleKind::for_event_streams();
    let role = |name: &str, app: &AppArn, target: &StreamTarget| {
        let trust = kind.trust_policy(&account, [app.to_string()]);
        let permissions = kind.permissions(&[target.clone()].into());
        cloud.add_role_with_policy(&arn(name), &trust, &parsed("write"), &permissions);
        cloud.set_history(&arn(name), None, long_ago, LastUsed::Never { within_days: 400 });
    };
    let app = cloud.add_app(&account, &parsed("us-east-1"), "Theirs");
    hand.tag_app(&app, "owner", "them");
    let theirs = stream("theirs");
    cloud.add_stream(&theirs.arn);
    role("Theirs", &app, &theirs);
    hand.put_event_stream(&app, &theirs.arn, arn("Theirs"));
    role("Theirs-too", &app, &theirs);
    let gone = AppArn { id: parsed("00000000000000000000000000000bad"), ..app };
    role("Leftover-1", &gone, &stream("gone"));
    role("Leftover-2", &gone, &stream("gone"));
}
