//! The property, and the way to its end: whatever stands in the way there is met with the remedy that it names.
use super::act::{Act, Beginning, Life, Run, lives};
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::{Desired, KeyedText};
use pinpoint_streams_model::live::{LastUsed, LiveEventStream};
use pinpoint_streams_model::op::{AppOp, EventStreamOp, Op, RoleOp};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::plan::Options;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::Object;
use pinpoint_streams_model::role_kind::{RoleKind, StreamTarget};
use pinpoint_streams_model::sweep::Detach;
use pinpoint_streams_testkit::desired::ACCOUNT;
use pinpoint_streams_testkit::{Command, FakeCloud, How, RunEnd, Trial, World, nightly, parsed};
use proptest::prelude::proptest;
use proptest::sample::Index;

/// How many runs it takes at most until nothing is left to do, once nothing goes wrong any more.
const RUNS: usize = 4;

proptest! {
    #![proptest_config(nightly::cases(128, 10_000))]

    #[test]
    fn whatever_happens_in_a_life_the_record_is_true_and_its_end_is_what_was_wanted(life in lives(2..=8)) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(live(life));
    }
}

async fn live(life: Life) {
    let Life { beginning, first, acts } = life;
    let mut living = Living::begin(&beginning, first);
    for act in acts {
        match act {
            Act::Edit(desired) => living.trial.edit(desired),
            Act::Disturb(deeds) => {
                for deed in &deeds {
                    living.is_meddled_with |= living.trial.disturb(deed);
                }
            }
            Act::Wait(time) => {
                living.trial.world.cloud.clock().advance(time);
                living.trial.world.cloud.settle();
            }
            Act::Run(run, how) => drop(living.run(&run, &how).await),
        }
        living.trial.record_is_true().await;
    }
    living.comes_to_its_end().await;
}

/// A workspace on trial, and the flags that a person would have come to.
struct Living {
    trial: Trial,
    options: Options,
    /// Whether something was changed outside of the program, or the record lost something.
    is_meddled_with: bool,
}

impl Living {
    fn begin(beginning: &Beginning, first: Desired) -> Living {
        let mut world = match beginning.clone() {
            Beginning::Bare => World::new(first.clone()),
            Beginning::Applied(before) => World::applied(before),
            Beginning::ByHand(before) => World::made_by_hand(before),
            Beginning::HalfForgotten(before, lost) => {
                let world = World::applied(before);
                let mut state = world.memory.state.now().unwrap();
                for lost in lost {
                    let addresses: Vec<Address> = state.resources.keys().cloned().collect();
                    if !addresses.is_empty() {
                        state.resources.remove(lost.get(&addresses));
                    }
                }
                world.memory.state.replace(Some(state));
                world
            }
        };
        world.edit(first);
        plant_bystanders(&world.cloud);
        let options = Options { allow_mass_delete: true, delete_apps: true, ..Options::default() };
        let is_meddled_with = matches!(beginning, Beginning::ByHand(_) | Beginning::HalfForgotten(..));
        Living { trial: Trial::of(world), options, is_meddled_with }
    }

    async fn run(&mut self, run: &Run, how: &How) -> RunEnd {
        let options = self.options_of(run).await;
        let command = match run {
            Run::Apply { .. } | Run::Partial { .. } => Command::apply_with(options),
            Run::Destroy { .. } => Command::destroy_with(options),
            Run::Look(mode) => Command::Look(*mode, Box::new(options)),
            Run::Sweep(action) => Command::sweep(*action),
        };
        self.trial.run(&command, how).await
    }

    async fn options_of(&self, run: &Run) -> Options {
        let mut options = self.options.clone();
        match run {
            Run::Apply { adopt } => options.adopt |= *adopt,
            Run::Destroy { delete_apps, include_adopted } => {
                options.delete_apps = *delete_apps;
                options.include_adopted = *include_adopted;
            }
            Run::Partial { picks, exclude } => {
                let recorded = self.trial.world.recorded().await;
                let mut addresses: Vec<String> = recorded.resources.keys().map(ToString::to_string).collect();
                addresses.extend(self.trial.world.desired.roles.keys().map(|key| format!("role.{key}")));
                let picked = |pick: &Index| (!addresses.is_empty()).then(|| pick.get(&addresses).clone());
                let picked = picks.iter().filter_map(picked).collect();
                if *exclude {
                    options.excludes = picked;
                } else {
                    options.targets = picked;
                }
            }
            Run::Look(_) | Run::Sweep(_) => {}
        }
        options
    }

    /// Nothing goes wrong any more: what is wanted comes to be, and then goes.
    async fn comes_to_its_end(&mut self) {
        self.trial.world.cloud.settle();
        self.options.allow_detach = [Detach::Inline, Detach::Managed, Detach::Profile].into();
        self.converges(Run::Apply { adopt: false }).await;
        self.trial.is_at_rest().await;
        self.trial.everything_wanted_is_there();
        self.trial.world.desired = without_protection(self.trial.world.desired.clone());
        self.converges(Run::Apply { adopt: false }).await;
        self.converges(Run::Destroy { delete_apps: true, include_adopted: true }).await;
        let recorded = self.trial.record_is_true().await;
        assert!(recorded.resources.is_empty() && recorded.pending.is_empty(), "{recorded:#?}");
    }

    /// Runs until there is nothing to do, doing what the problems on the way say is to be done.
    async fn converges(&mut self, run: Run) {
        let mut tried = Vec::new();
        let (mut runs, mut remedies) = (0, 0);
        loop {
            match self.run(&run, &How::default()).await {
                RunEnd::Ran(plan, _) if plan.is_empty() => {
                    self.trial.outside.touched.clear();
                    return;
                }
                RunEnd::Ran(plan, _) => {
                    runs += 1;
                    assert!(runs < RUNS, "there is always something left to do: {:#?}", plan.changes);
                }
                RunEnd::Refused(problems) => {
                    remedies += 1;
                    assert!(remedies < 12, "nothing helps: {problems:#?}\n{tried:#?}");
                    // What is protected stays, and so may be in the way of the rest.
                    let is_protected = |problem: &&Problem| problem.code == ProblemCode::Protected;
                    let first = problems.iter().find(is_protected);
                    for problem in first.map_or(problems.iter().collect(), |first| vec![first]) {
                        self.remedy(&run, problem).await;
                    }
                    tried.push(problems);
                }
                ended => panic!("{ended:?}"),
            }
            self.trial.record_is_true().await;
        }
    }

    /// Does what a person would do about a problem.
    async fn remedy(&mut self, run: &Run, problem: &Problem) {
        let address = problem.address.clone();
        match (problem.code, address) {
            (ProblemCode::IdentityChanged | ProblemCode::Immutable, Some(address)) => {
                self.trial.world.desired.forget.insert(address);
            }
            // An event stream that the record does not know: somebody else made it, or the record lost it.
            (ProblemCode::RoleInUse | ProblemCode::AppDeletion, Some(address)) if self.is_meddled_with => {
                self.delete_foreign_event_stream(&address).await;
            }
            (ProblemCode::Protected, Some(address)) => self.unprotect(&address),
            // What is to be renamed takes nothing over: it gets a name that is free.
            (code @ (ProblemCode::NotOurs | ProblemCode::RecordedElsewhere), Some(Address::Role(key)))
                if self.options.adopt || code == ProblemCode::RecordedElsewhere =>
            {
                let free = KeyedText::literal(format!("Free-{key}"));
                self.trial.world.desired.roles.get_mut(&key).into_iter().for_each(|role| role.name = free.clone());
            }
            (ProblemCode::NotOurs | ProblemCode::OwnedByAnother | ProblemCode::StateLost, Some(address)) => {
                self.options.adopt = true;
                let arn = declared_arn(&self.trial.world.desired, &address);
                if problem.code != ProblemCode::NotOurs
                    && let Some(arn) = arn
                {
                    let outside = self.trial.world.cloud.outside();
                    if let Some(role) = self.trial.world.cloud.role_now(&arn) {
                        role.tags.keys().for_each(|key| outside.untag_role(&arn, key));
                        self.trial.outside.touched.insert(arn.to_string());
                        self.trial.outside.stray.insert(arn.to_string());
                    }
                }
            }
            _ => panic!("{run:?}: {problem:#?}"),
        }
    }

    /// Deletes an event stream of others that is in the way of this address.
    async fn delete_foreign_event_stream(&mut self, address: &Address) {
        let recorded = self.trial.world.recorded().await;
        let is_made_by_us = |app: &AppArn| {
            let made = recorded.resources.values().filter(|resource| resource.origin == Origin::Created);
            made.map(|resource| &resource.object)
                .any(|object| matches!(object, Object::EventStream(stream) if stream.app_id == app.id))
        };
        let role = declared_arn(&self.trial.world.desired, address);
        let is_in_the_way = |app: &AppArn, stream: &LiveEventStream| {
            let names = |arn: &RoleArn| stream.role_arn == arn.to_string();
            match recorded.resources.get(address).map(|resource| &resource.object) {
                Some(Object::App(record)) => record.id == app.id,
                Some(Object::Role(record)) => names(&record.arn) || role.as_ref().is_some_and(names),
                Some(Object::EventStream(_)) | None => role.as_ref().is_some_and(names),
            }
        };
        for (app, stream) in self.trial.world.cloud.event_streams_now() {
            if is_in_the_way(&app, &stream) && !is_made_by_us(&app) {
                self.trial.world.cloud.outside().delete_event_stream(&app);
                self.trial.outside.touched.insert(app.to_string());
            }
        }
    }

    /// The protection is taken off in the record. That an apply of `protect = false` does so is tested elsewhere.
    fn unprotect(&mut self, address: &Address) {
        if let Some(mut state) = self.trial.world.memory.state.now() {
            state.resources.change(address, |resource| resource.protect = false);
            for pending in state.pending.iter_mut().filter(|pending| pending.address == *address) {
                match &mut pending.op {
                    Op::App(AppOp::Create(create)) => create.protect = false,
                    Op::Role(RoleOp::Create(create)) => create.protect = false,
                    Op::EventStream(EventStreamOp::Put(put)) => put.protect = false,
                    _ => {}
                }
            }
            self.trial.world.memory.state.replace(Some(state));
        }
    }
}

fn without_protection(mut desired: Desired) -> Desired {
    desired.apps.values_mut().for_each(|app| app.protect = false);
    desired.roles.values_mut().for_each(|role| role.protect = false);
    desired
}

fn declared_arn(desired: &Desired, address: &Address) -> Option<RoleArn> {
    let Address::Role(key) = address else { return None };
    desired.roles.get(key)?.arn_under(key).ok()
}

/// Others in the same account: a role of another service, an app that streams as a role of its own, and two roles
/// that somebody left behind.
fn plant_bystanders(cloud: &FakeCloud) {
    let account = parsed(ACCOUNT);
    let (outside, long_ago) = (cloud.outside(), parsed::<Timestamp>("2024-05-01T00:00:00Z"));
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
    outside.tag_app(&app, "owner", "them");
    let theirs = stream("theirs");
    cloud.add_stream(&theirs.arn);
    role("Theirs", &app, &theirs);
    outside.put_event_stream(&app, &theirs.arn, arn("Theirs"));
    role("Theirs-too", &app, &theirs);
    let gone = AppArn { id: parsed("00000000000000000000000000000bad"), ..app };
    role("Leftover-1", &gone, &stream("gone"));
    role("Leftover-2", &gone, &stream("gone"));
}
