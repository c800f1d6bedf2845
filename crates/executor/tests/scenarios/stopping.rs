//! What a first, a second and a third signal do.
use crate::world::{KIND, Steps, World, account, app_arn, create_app, failure, results, role_arn};
use pinpoint_streams_executor::execute::{NotWritten, Outcome, StateWrite, StepResult};
use pinpoint_streams_executor::{Level, Stop};
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_ID};
use pinpoint_streams_model::{Document, Ending, FailureKind, LiveRole, Plan, RoleOp, StepId, Tags};
use pinpoint_streams_store::journal::EndResult;
use pinpoint_streams_store::state::{FileStateStore, State, StateError, StateStore};
use pinpoint_streams_testkit::cloud::{Fault, Service, When};
use pinpoint_streams_testkit::{parsed, run_logs};
use std::collections::BTreeSet;
use std::future::pending;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Onboards an app while signals come at these seconds; the second from which on calls hang is the cloud's.
async fn stopped_at(world: &mut World, signals: &[u64]) -> (Outcome, Duration) {
    let (stopper, stop) = Stop::channel();
    world.stop = stop;
    let mut steps = Steps::default();
    steps.onboard("shop");
    let plan = steps.plan();
    let began = Instant::now();
    let press = async {
        let mut passed = 0;
        for second in signals {
            sleep(Duration::from_secs(second - passed)).await;
            passed = *second;
            stopper.raise();
        }
    };
    let (outcome, ()) = tokio::join!(world.run(&plan), press);
    (outcome, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn the_first_signal_lets_what_runs_finish_and_starts_nothing_new() {
    let mut world = World::new();
    world.cloud.set_latency(Duration::from_secs(10));
    let (outcome, took) = stopped_at(&mut world, &[15]).await;
    assert_eq!((outcome.ending, took.as_secs()), (Ending::Stopped, 20));
    assert_eq!(results(&outcome), ["done", "done", "not started", "not started"]);
    assert_eq!(world.recorded().await.resources.len(), 2);
    assert!(world.recorded().await.pending.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_second_signal_ends_a_wait_at_once() {
    let mut world = World::new();
    world.cloud.fail(When::operation("PutRolePolicy"), Fault::Refuse(FailureKind::ConcurrentModification));
    let (outcome, took) = stopped_at(&mut world, &[40, 41]).await;
    assert_eq!((outcome.ending, took.as_secs()), (Ending::Stopped, 41));
    assert_eq!(failure(&outcome, StepId(3)).code, "Stopped");
    assert_eq!(results(&outcome), ["done", "done", "unfinished", "not started"]);
    assert!(world.recorded().await.pending.is_empty(), "IAM had refused it: nothing is in doubt");
    // The run log does not call it failed either: `report` tells them apart by this code.
    let kept = run_logs(&world.runs_folder());
    let last = kept[0].writes().last().unwrap().end.unwrap().result.clone();
    let EndResult::Error(cut_short) = last else { panic!("{last:?}") };
    assert_eq!((cut_short.code.as_str(), cut_short.in_doubt), ("Stopped", false), "{cut_short:?}");
    assert!(cut_short.message.starts_with("stopped while waiting to retry: "), "{cut_short:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_answer_was_lost_stays_in_doubt_if_a_signal_ends_the_wait() {
    let mut world = World::new();
    world.cloud.fail(When::operation("PutRolePolicy"), Fault::LoseAnswer);
    let (outcome, _) = stopped_at(&mut world, &[1, 1]).await;
    assert_eq!(outcome.ending, Ending::Stopped);
    let kept = run_logs(&world.runs_folder());
    let last = kept[0].writes().last().unwrap().end.unwrap().result.clone();
    let EndResult::Error(cut_short) = last else { panic!("{last:?}") };
    assert_eq!((cut_short.code.as_str(), cut_short.in_doubt), ("Stopped", true), "{cut_short:?}");
    assert_eq!(world.recorded().await.pending.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_second_signal_lets_go_of_calls_within_two_seconds_and_writes_the_state() {
    let mut world = World::new();
    world.cloud.fail(When::operation("PutRolePolicy"), Fault::NeverAnswer);
    let (outcome, took) = stopped_at(&mut world, &[10, 20]).await;
    assert!((20..22).contains(&took.as_secs()), "{took:?}");
    assert_eq!(outcome.ending, Ending::Stopped);
    assert_eq!(failure(&outcome, StepId(3)).code, "Interrupted");
    assert!(matches!(outcome.state_written, Ok(StateWrite::Serial(_))));
    let recorded = world.recorded().await;
    assert_eq!((recorded.resources.len(), recorded.pending.len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn the_third_signal_leaves_at_once_and_the_journal_has_it() {
    let mut world = World::new();
    world.cloud.fail(When::operation("PutRolePolicy"), Fault::NeverAnswer);
    let (outcome, took) = stopped_at(&mut world, &[10, 20, 20]).await;
    assert_eq!(took.as_secs(), 20);
    assert!(matches!(outcome.state_written, Err(NotWritten::ExitedNow)));
    let recorded = world.recorded().await;
    assert_eq!((recorded.resources.len(), recorded.pending.len()), (2, 1));
    assert_eq!(world.stop.level(), Level::ExitNow);
}

/// A state in a bucket that does not answer from a time on.
struct Silent {
    state: FileStateStore,
    from: Instant,
}

impl StateStore for Silent {
    fn place(&self) -> String {
        self.state.place()
    }

    async fn read(&self) -> Result<Option<State>, StateError> {
        self.state.read().await
    }

    async fn write(&self, state: &State) -> Result<(), StateError> {
        if Instant::now() >= self.from {
            pending::<()>().await;
        }
        self.state.write(state).await
    }

    fn push_every(&self) -> Option<Duration> {
        Some(Duration::from_secs(5))
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_does_not_answer_delays_no_run_for_two_seconds_after_the_second_signal() {
    // The bucket is silent before the first call; during a push; only at the last write.
    for (silent_from, signals, took) in [(0, [2, 4], 5), (8, [12, 14], 15), (13, [12, 14], 15)] {
        let (mut world, (stopper, stop)) = (World::new(), Stop::channel());
        world.stop = stop;
        world.cloud.fail(When::operation("PutRolePolicy"), Fault::NeverAnswer);
        let mut steps = Steps::default();
        steps.onboard("shop");
        let (began, plan) = (Instant::now(), steps.plan());
        let silent = Silent { state: world.state_store(), from: began + Duration::from_secs(silent_from) };
        let press = async {
            for second in signals {
                sleep_until(began + Duration::from_secs(second)).await;
                stopper.raise();
            }
        };
        let journal = world.journal();
        let (outcome, ()) = tokio::join!(world.run_in(&silent, &plan, &journal), press);
        assert_eq!(began.elapsed().as_secs(), took, "silent from {silent_from}: {outcome:#?}");
        if silent_from == 0 {
            assert_eq!(outcome.ending, Ending::Refused);
            assert!(world.cloud.writes().is_empty());
            continue;
        }
        assert_eq!(outcome.ending, Ending::Stopped);
        let why = &outcome.state_written;
        assert!(matches!(why, Err(NotWritten::State(StateError::NotAnswered { .. }))), "{why:?}");
        // What is left unwritten is in the outcome, to be kept beside the manifest, and in the journal.
        let kept = outcome.state.unwrap();
        assert_eq!((kept.resources.len(), kept.pending.len()), (2, 1));
        let recorded = world.recorded().await;
        assert_eq!((recorded.resources.len(), recorded.pending.len()), (2, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_signal_after_the_last_step_stops_nothing() {
    let mut world = World::new();
    world.cloud.fail(When::operation("PutEventStream"), Fault::Delay(Duration::from_secs(5)));
    let (outcome, _) = stopped_at(&mut world, &[2]).await;
    assert_eq!(outcome.ending, Ending::Done);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_turn_when_the_run_is_left_at_once_is_not_started() {
    let (mut world, mut steps) = (World::new(), Steps::default());
    for n in 0..9 {
        steps.add(&format!("app.app{n}"), &[], create_app(&format!("app{n}")));
    }
    world.cloud.limit_rate(Service::Pinpoint, 1, 1);
    let (stopper, stop) = Stop::channel();
    (world.stop, world.is_paced) = (stop, true);
    let plan = steps.plan();
    let leave = async {
        sleep(Duration::from_millis(1500)).await;
        while stopper.raise() < Level::ExitNow {}
    };
    let (outcome, ()) = tokio::join!(world.run(&plan), leave);
    // One may have been throttled and wait to try again.
    let is_so = |result: &StepResult| {
        matches!(result, StepResult::Done { .. } | StepResult::NotStarted { .. } | StepResult::Unfinished(_))
    };
    assert!(outcome.tally().done > 0 && outcome.tally().not_started > 0, "{:?}", outcome.tally());
    assert!(outcome.steps.values().all(|step| is_so(&step.result)), "{:#?}", outcome.steps);
}

const ROLES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Roles that nobody declared, and the plan that quarantines them, two at a time.
fn leftovers() -> (World, Plan) {
    let (mut world, mut steps) = (World::new(), Steps::default());
    world.parallelism = 2;
    let denial = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    for key in ROLES {
        let role = role_arn(key);
        world.cloud.add_role(&role, &KIND.trust_policy(&account(), [app_arn("gone").to_string()]));
        let address = format!("iam.123456789012/ps-{key}");
        let (policy_name, document) = (parsed(QUARANTINE_POLICY), Document::from_json(denial).unwrap());
        let put = steps.add(&address, &[], RoleOp::PutPolicy { role: role.clone(), policy_name, document });
        let id = world.cloud.snapshot().role(&format!("ps-{key}")).id.to_string();
        let tags = Tags::from([(QUARANTINED_ID.to_owned(), id)]);
        steps.add(&address, &[put], RoleOp::Tag { role, tags, owner: None });
    }
    (world, steps.plan())
}

/// Whether each role is quarantined. Fails if one is in part.
fn quarantined(world: &World, when: &str) -> BTreeSet<&'static str> {
    let is_whole = |role: &LiveRole| {
        let is_denied = role.inline_policies.contains_key(&parsed(QUARANTINE_POLICY));
        assert_eq!(
            role.tags.contains_key(QUARANTINED_ID),
            is_denied,
            "{when}: {} is quarantined in part",
            role.arn
        );
        is_denied
    };
    let account = world.cloud.snapshot();
    ROLES.into_iter().filter(|key| is_whole(account.role(&format!("ps-{key}")))).collect()
}

#[tokio::test(start_paused = true)]
async fn whenever_a_sweep_is_stopped_each_role_is_quarantined_whole_or_not_at_all() {
    // Each call takes 100 ms: a signal falls before, within and after every call of the run.
    let call = Duration::from_millis(100);
    let whole = {
        let (mut world, plan) = leftovers();
        world.cloud.set_latency(call);
        let began = Instant::now();
        let _ = world.done(&plan).await;
        began.elapsed()
    };
    let mut seen = BTreeSet::new();
    for signals in 1..=2 {
        for is_paced in [false, true] {
            let mut at = Duration::ZERO;
            while at <= whole + call {
                let (mut world, plan) = leftovers();
                world.cloud.set_latency(call);
                let (stopper, stop) = Stop::channel();
                (world.stop, world.is_paced) = (stop, is_paced);
                let press = async {
                    sleep(at).await;
                    for _ in 0..signals {
                        stopper.raise();
                    }
                };
                let (outcome, ()) = tokio::join!(world.run(&plan), press);
                let when = format!("{signals} signals after {at:?}, paced {is_paced}");
                let done = quarantined(&world, &when);
                seen.insert(done.len());
                let recorded = world.recorded().await;
                assert_eq!(recorded.quarantined.len(), done.len(), "{when}");
                assert!(recorded.pending.is_empty(), "{when}: {:?}", recorded.pending);
                let is_all = done.len() == ROLES.len();
                assert_eq!(outcome.ending, if is_all { Ending::Done } else { Ending::Stopped }, "{when}");
                at += Duration::from_millis(50);
            }
        }
    }
    assert_eq!(seen.first(), Some(&0));
    assert_eq!(seen.last(), Some(&ROLES.len()));
    assert!(seen.len() >= 3, "it was stopped in between: {seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_was_stopped_is_completed_by_the_next() {
    let (mut world, plan) = leftovers();
    world.cloud.set_latency(Duration::from_millis(100));
    let (stopper, stop) = Stop::channel();
    world.stop = stop;
    let press = async {
        sleep(Duration::from_millis(350)).await;
        stopper.raise();
    };
    let (outcome, ()) = tokio::join!(world.run(&plan), press);
    let words = results(&outcome);
    assert!(words.contains(&"done") && words.contains(&"not started") && !words.contains(&"failed"), "{words:?}");
    world.stop = Stop::never();
    let _ = world.done(&plan).await;
    assert_eq!(quarantined(&world, "in the end").len(), ROLES.len());
}
