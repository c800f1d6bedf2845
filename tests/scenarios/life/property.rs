//! The property, and the way to its end: whatever stands in the way there is met with the remedy that it names.
use super::act::{Act, Beginning, How, Life, Run, lives};
use super::truth::{Hearsay, declared_arn, nothing_is_there_twice};
use super::world::{Ended, World};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::{AppIdentity, Desired, KeyedText};
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::live::{FailureKind, LiveEventStream};
use pinpoint_streams_model::op::{AppOp, EventStreamOp, Op, RoleOp};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::plan::{Detach, Options};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::Object;
use pinpoint_streams_testkit::cloud::Snapshot;
use pinpoint_streams_testkit::disturbance::{Act as Deed, Disturbance};
use pinpoint_streams_testkit::mishaps::Mishaps;
use pinpoint_streams_testkit::nightly;
use proptest::prelude::proptest;
use proptest::sample::Index;
use std::collections::BTreeSet;

/// How many runs it takes at most until nothing is left to do, once nothing goes wrong any more.
const RUNS: usize = 4;

proptest! {
    #![proptest_config(nightly::cases(256, 10_000))]

    #[test]
    fn whatever_happens_in_a_life_the_record_is_true_and_its_end_is_what_was_wanted(life in lives(2..=8)) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(live(life));
    }
}

/// Lives a life to its end.
async fn live(life: Life) {
    let Life { beginning, first, acts } = life;
    let mut living = Living::begin(&beginning, first);
    for act in acts {
        match act {
            Act::Edit(desired) => living.edit(desired),
            Act::Disturb(deeds) => deeds.iter().for_each(|deed| living.disturb(deed)),
            Act::Wait(time) => {
                living.world.cloud.clock().advance(time);
                living.world.cloud.settle();
            }
            Act::Run(run, how) => drop(living.run(run, &how).await),
        }
        living.world.is_true(&living.hearsay).await;
    }
    living.comes_to_its_end().await;
    living.world.cloud.watch_writes(|_| {});
}

/// A workspace, and what is known of what happened to it.
struct Living {
    world: World,
    hearsay: Hearsay,
    options: Options,
    /// Whether another hand was at work, or the record lost something.
    is_meddled_with: bool,
}

impl Living {
    fn begin(beginning: &Beginning, first: Desired) -> Living {
        let world = World::begin(beginning, &first);
        let Snapshot { roles, apps, .. } = world.cloud.snapshot();
        let mut hearsay = Hearsay::default();
        let ours = |tags: &std::collections::BTreeMap<String, String>| {
            tags.keys().any(|key| key.starts_with(pinpoint_streams_model::ownership::PREFIX))
        };
        for role in roles.values() {
            match ours(&role.tags) {
                true => drop(hearsay.stray.insert(role.arn.to_string())),
                false => drop(hearsay.roles.insert(role.id.clone())),
            }
        }
        for (arn, app) in &apps {
            match app.tags.as_ref().is_some_and(ours) {
                true => drop(hearsay.stray.insert(arn.to_string())),
                false => drop(hearsay.apps.insert(app.id.clone())),
            }
        }
        if matches!(beginning, Beginning::Applied(_)) {
            hearsay.stray.clear();
        }
        let options = Options { allow_mass_delete: true, delete_apps: true, ..Options::default() };
        let is_meddled_with = matches!(beginning, Beginning::ByHand(_) | Beginning::HalfForgotten(..));
        Living { world, hearsay, options, is_meddled_with }
    }

    fn edit(&mut self, desired: Desired) {
        let known: BTreeSet<_> = self.world.cloud.apps_now().into_keys().collect();
        self.world.edit(desired);
        let presumed = self.world.cloud.apps_now().into_iter().filter(|(arn, _)| !known.contains(arn));
        self.hearsay.apps.extend(presumed.map(|(_, app)| app.id));
    }

    fn disturb(&mut self, deed: &Disturbance) {
        let Some(to) = deed.apply(&self.world.cloud) else { return };
        if deed.act == Deed::RecreateRole {
            let role = self.world.cloud.role_now(&to.parse().unwrap()).unwrap();
            self.hearsay.roles.insert(role.id);
            self.hearsay.stray.insert(to.clone());
        }
        self.hearsay.touched.insert(to);
        self.is_meddled_with = true;
    }

    /// A run, and what holds of it whatever goes wrong.
    async fn run(&mut self, run: Run, how: &How) -> Ended {
        let options = self.options_of(&run).await;
        let foreign = self.world.is_foreign(&run).await;
        self.world.cloud.clear_log();
        let kept_before = (self.world.memory.state.now(), self.world.memory.journal.bytes());
        let ended = self.world.run(&run, &options, how).await;
        foreign.is_untouched(&self.world);
        self.world.lets_go(&mut self.hearsay).await;
        let wrote = self.world.cloud.writes();
        if matches!(ended, Ended::Looked) || matches!(run, Run::Look(_)) {
            assert!(wrote.is_empty(), "a look that writes: {wrote:?}");
            let kept = (self.world.memory.state.now(), self.world.memory.journal.bytes());
            assert!(kept == kept_before, "a look that writes what is kept");
        }
        if matches!(ended, Ended::Refused(_) | Ended::NotOpened(_)) {
            assert!(wrote.is_empty(), "nothing was to be done: {wrote:?}");
        }
        if let Ended::NotOpened(error) = &ended {
            assert!(how.mishaps.room.is_some(), "what is kept cannot be opened: {error}");
        }
        if how.mishaps.propagation.is_zero() {
            let refused = wrote.iter().find(|call| call.answer == Some(Err(FailureKind::RoleNotReady)));
            assert!(refused.is_none(), "an event stream before its role: {refused:?}");
        }
        let outages = self.world.cloud.outages();
        assert!(outages.is_empty(), "a stream was stopped: {outages:?}");
        if how.mishaps.is_calm()
            && let Ended::Ran(plan, outcome) = &ended
        {
            let is_done = matches!(outcome.ending, Ending::Done | Ending::NoChanges);
            assert!(is_done && outcome.state_written.is_ok(), "{:#?}\n{plan:#?}", outcome.steps);
        }
        ended
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
                let recorded = self.world.recorded().await;
                let mut addresses: Vec<String> = recorded.resources.keys().map(ToString::to_string).collect();
                addresses.extend(self.world.desired.roles.keys().map(|key| format!("role.{key}")));
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
        self.world.cloud.settle();
        self.options.allow_detach = [Detach::Inline, Detach::Managed, Detach::Profile].into();
        self.converges(Run::Apply { adopt: false }).await;
        let recorded = self.world.is_true(&self.hearsay).await;
        assert!(recorded.pending.is_empty(), "{:#?}", recorded.pending);
        nothing_is_there_twice(&self.world, &recorded, &self.hearsay);
        self.everything_wanted_is_there();
        self.world.desired = without_protection(self.world.desired.clone());
        self.converges(Run::Apply { adopt: false }).await;
        self.converges(Run::Destroy { delete_apps: true, include_adopted: true }).await;
        let recorded = self.world.is_true(&self.hearsay).await;
        assert!(recorded.resources.is_empty() && recorded.pending.is_empty(), "{recorded:#?}");
    }

    fn everything_wanted_is_there(&self) {
        let Snapshot { roles, apps, event_streams } = self.world.cloud.snapshot();
        for (key, role) in &self.world.desired.roles {
            assert!(roles.contains_key(&role.arn_under(key).unwrap()), "no role {key}");
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

    /// Runs until there is nothing to do, doing what the problems on the way say is to be done.
    async fn converges(&mut self, run: Run) {
        let mut tried = Vec::new();
        let (mut runs, mut remedies) = (0, 0);
        loop {
            let how = How { mishaps: Mishaps::default(), parallelism: 4, push_every: None };
            match self.run(run.clone(), &how).await {
                Ended::Ran(plan, _) if plan.is_empty() => {
                    self.hearsay.touched.clear();
                    return;
                }
                Ended::Ran(plan, _) => {
                    runs += 1;
                    assert!(runs < RUNS, "there is always something left to do: {:#?}", plan.changes);
                }
                Ended::Refused(problems) => {
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
            self.world.is_true(&self.hearsay).await;
        }
    }

    /// Does what a person would do about a problem.
    async fn remedy(&mut self, run: &Run, problem: &Problem) {
        let address = problem.address.clone();
        match (problem.code, address) {
            (ProblemCode::IdentityChanged | ProblemCode::Immutable, Some(address)) => {
                self.world.desired.forget.insert(address);
            }
            // An event stream that the record does not know: somebody else made it, or the record lost it.
            (ProblemCode::RoleInUse | ProblemCode::AppDeletion, Some(address)) if self.is_meddled_with => {
                self.nobody_else_streams(&address).await;
            }
            (ProblemCode::Protected, Some(address)) => self.unprotect(&address),
            // What is to be renamed takes nothing over: it gets a name that is free.
            (ProblemCode::NotOurs, Some(Address::Role(key))) if self.options.adopt => {
                let free = KeyedText::literal(format!("Free-{key}"));
                self.world.desired.roles.get_mut(&key).into_iter().for_each(|role| role.name = free.clone());
            }
            (ProblemCode::NotOurs | ProblemCode::OwnedByAnother | ProblemCode::StateLost, Some(address)) => {
                self.options.adopt = true;
                let arn = declared_arn(&self.world, &address);
                if problem.code != ProblemCode::NotOurs
                    && let Some(arn) = arn
                {
                    let hand = self.world.cloud.another_hand();
                    if let Some(role) = self.world.cloud.role_now(&arn) {
                        role.tags.keys().for_each(|key| hand.untag_role(&arn, key));
                        self.hearsay.touched.insert(arn.to_string());
                        self.hearsay.stray.insert(arn.to_string());
                    }
                }
            }
            _ => panic!("{run:?}: {problem:#?}"),
        }
    }

    /// Whoever made an event stream that is not known to be ours takes it away, where it is in the way of this.
    async fn nobody_else_streams(&mut self, address: &Address) {
        let recorded = self.world.recorded().await;
        let is_made_by_us = |app: &AppArn| {
            let made = recorded.resources.values().filter(|resource| resource.origin == Origin::Created);
            made.map(|resource| &resource.object)
                .any(|object| matches!(object, Object::EventStream(stream) if stream.app_id == app.id))
        };
        let role = declared_arn(&self.world, address);
        let is_in_the_way = |app: &AppArn, stream: &LiveEventStream| {
            let names = |arn: &RoleArn| stream.role_arn == arn.to_string();
            match recorded.resources.get(address).map(|resource| &resource.object) {
                Some(Object::App(record)) => record.id == app.id,
                Some(Object::Role(record)) => names(&record.arn) || role.as_ref().is_some_and(names),
                Some(Object::EventStream(_)) | None => role.as_ref().is_some_and(names),
            }
        };
        for (app, stream) in self.world.cloud.event_streams_now() {
            if is_in_the_way(&app, &stream) && !is_made_by_us(&app) {
                self.world.cloud.another_hand().delete_event_stream(&app);
                self.hearsay.touched.insert(app.to_string());
            }
        }
    }

    /// The protection is taken off in the record. That an apply of `protect = false` does so is tested elsewhere.
    fn unprotect(&mut self, address: &Address) {
        if let Some(mut state) = self.world.memory.state.now() {
            state.resources.change(address, |resource| resource.protect = false);
            for pending in state.pending.iter_mut().filter(|pending| pending.address == *address) {
                match &mut pending.op {
                    Op::App(AppOp::Create(create)) => create.protect = false,
                    Op::Role(RoleOp::Create(create)) => create.protect = false,
                    Op::EventStream(EventStreamOp::Put(put)) => put.protect = false,
                    _ => {}
                }
            }
            self.world.memory.state.replace(Some(state));
        }
    }
}

fn without_protection(mut desired: Desired) -> Desired {
    desired.apps.values_mut().for_each(|app| app.protect = false);
    desired.roles.values_mut().for_each(|role| role.protect = false);
    desired
}
