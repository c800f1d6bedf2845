//! A run that is stopped while its calls hang: as a cancelled CI job is, and by a person's one, two and three
//! Ctrl-C. Whatever the moment, the next run takes up what was left.
use crate::crash::three_apps;
use pinpoint_streams_executor::execute::{NotWritten, Outcome, StateWrite, StepResult};
use pinpoint_streams_model::event::{Ending, EventKind};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_testkit::cloud::{Fault, Service, When};
use pinpoint_streams_testkit::faults::Faults;
use pinpoint_streams_testkit::{Command, How, RunEnd, Trial, desired};
use std::time::Duration;
use tokio::time::Instant;

/// How long after SIGINT a cancelled CI job is sent SIGTERM, and how long after it SIGKILL.
const SIGTERM: u64 = 7_500;
const SIGKILL: u64 = 10_000;
/// The time in which an abandoned run writes its state and releases its lock.
const TWO_SECONDS: u64 = 2_000;

#[derive(Debug, Clone, Copy)]
enum Hang {
    /// The role that an event stream names does not come to be ready.
    RoleNotReady,
    /// throttled by AWS, of one service, for ever.
    Throttled(Service),
    /// Calls of this operation are not answered.
    NoAnswer(&'static str),
    /// Calls of this operation are done, and their answers lost.
    LostAnswer(&'static str),
    Slow(Duration),
}

const HANGS: [Hang; 9] = [
    Hang::RoleNotReady,
    Hang::Throttled(Service::Iam),
    Hang::Throttled(Service::Pinpoint),
    Hang::NoAnswer("CreateApp"),
    Hang::NoAnswer("CreateRole"),
    Hang::NoAnswer("PutEventStream"),
    Hang::LostAnswer("CreateApp"),
    Hang::LostAnswer("CreateRole"),
    Hang::Slow(Duration::from_secs(5)),
];

impl Hang {
    fn faults(self) -> Vec<(When, Fault)> {
        let refuse = |when, kind| vec![(when, Fault::Refuse(kind))];
        match self {
            Hang::RoleNotReady => refuse(When::operation("PutEventStream"), FailureKind::RoleNotReady),
            Hang::Throttled(service) => {
                let calls = When::matching(move |call| call.is_write && call.service() == service);
                refuse(calls, FailureKind::Throttled)
            }
            Hang::NoAnswer(operation) => vec![(When::operation(operation), Fault::NeverAnswer)],
            Hang::LostAnswer(operation) => {
                let late = Fault::Delay(Duration::from_secs(9));
                vec![(When::operation(operation), Fault::LoseAnswer), (When::operation(operation), late)]
            }
            Hang::Slow(latency) => vec![(When::write(), Fault::Delay(latency))],
        }
    }
}

/// A run that signals come to, at these times after it began.
struct Signalled {
    outcome: Option<Outcome>,
    began: Instant,
    took: Duration,
}

async fn signalled(trial: &mut Trial, calls: Vec<(When, Fault)>, signals: &[u64], killed: u64) -> Signalled {
    let killed_after = Some(Duration::from_millis(killed));
    let signals: Vec<Duration> = signals.iter().copied().map(Duration::from_millis).collect();
    let faults = Faults { calls, killed_after, ..Faults::signals(&signals) };
    let began = Instant::now();
    let outcome = match trial.run(&Command::apply(), &How::with(faults)).await {
        RunEnd::Crashed => None,
        ended => Some(ended.ran().1),
    };
    Signalled { outcome, began, took: began.elapsed() }
}

/// The steps that were begun later than this.
fn begun_after(trial: &Trial, moment: u64) -> usize {
    let begun = trial
        .world
        .events
        .iter()
        .filter(|event| matches!(event.what, EventKind::StepStarted { .. }) && event.elapsed_ms > moment);
    begun.count()
}

/// What the next run makes of it: all is done, once, and nothing is left to do.
async fn goes_on(trial: &mut Trial) {
    trial.apply().await;
    let snapshot = trial.world.cloud.snapshot();
    assert_eq!((snapshot.apps.len(), snapshot.roles.len()), (3, 2), "something twice, or lost");
    assert_eq!(trial.world.recorded().await.resources.len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_ci_job_has_written_its_state_two_seconds_after_sigterm_whatever_hangs() {
    for hang in HANGS {
        for sigint in [1_000, 9_000] {
            let case = format!("{hang:?}, SIGINT after {sigint} ms");
            let mut trial = Trial::new(three_apps());
            let signals = [sigint, sigint + SIGTERM];
            let ran = signalled(&mut trial, hang.faults(), &signals, sigint + SIGKILL).await;
            let outcome = ran.outcome.unwrap_or_else(|| panic!("{case}: SIGKILL found it running"));
            let limit = Duration::from_millis(sigint + SIGTERM + TWO_SECONDS);
            assert!(ran.took < limit, "{case}: {:?}", ran.took);
            assert_eq!(begun_after(&trial, sigint), 0, "{case}: nothing new is begun");
            if ran.took > Duration::from_millis(sigint) {
                assert_eq!(outcome.ending, Ending::Stopped, "{case}: {:#?}", outcome.steps);
            }
            assert!(matches!(outcome.state_written, Ok(StateWrite::Serial(_))), "{case}");
            goes_on(&mut trial).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_sigkill_cuts_off_at_any_moment_is_taken_up_by_the_next_run() {
    for hang in HANGS {
        for killed in [3_000, 30_000] {
            let mut trial = Trial::new(three_apps());
            let _ = signalled(&mut trial, hang.faults(), &[], killed).await;
            goes_on(&mut trial).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_signal_ends_what_stands_in_line_before_a_throttled_service() {
    for service in [Service::Iam, Service::Pinpoint] {
        let mut trial = Trial::new(three_apps());
        let ran = signalled(&mut trial, Hang::Throttled(service).faults(), &[30_000], 600_000).await;
        let (outcome, sigint) = (ran.outcome.unwrap(), Duration::from_secs(30));
        assert_eq!((ran.took, outcome.ending), (sigint, Ending::Stopped), "{service:?}");
        let late = trial.world.cloud.calls().into_iter().filter(|call| call.at > ran.began + sigint).count();
        assert_eq!(late, 0, "{service:?}: no call after the signal");
        assert_eq!(outcome.tally().failed, 0, "{service:?}: {:#?}", outcome.steps);
        let reasons: Vec<_> = outcome
            .steps
            .values()
            .filter_map(|step| match &step.result {
                StepResult::NotStarted { reason } => Some(reason.as_str()),
                _ => None,
            })
            .collect();
        assert!(reasons.contains(&"the run was stopped before its call was made"), "{service:?}: {reasons:?}");
        goes_on(&mut trial).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_two_and_three_signals_end_a_hanging_run_later_soon_and_at_once() {
    let signals: [(&[u64], _); 3] =
        [(&[5_000], None), (&[5_000, 9_000], Some(true)), (&[5_000, 9_000, 9_000], Some(false))];
    for (signals, written) in signals {
        let mut trial = Trial::new(three_apps());
        let ran = signalled(&mut trial, Hang::NoAnswer("PutEventStream").faults(), signals, 60_000).await;
        match written {
            None => assert!(ran.outcome.is_none(), "one signal waits for the answer"),
            Some(is_written) => {
                let outcome = ran.outcome.unwrap();
                assert_eq!(outcome.ending, Ending::Stopped);
                assert_eq!(outcome.state_written.is_ok(), is_written);
                let limit = if is_written { 9_000 + TWO_SECONDS } else { 9_000 };
                assert!(ran.took <= Duration::from_millis(limit), "{:?}", ran.took);
                assert!(is_written || matches!(outcome.state_written, Err(NotWritten::ExitedNow)));
            }
        }
        goes_on(&mut trial).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_wins_over_a_step_that_failed_by_itself() {
    let mut trial = Trial::new(three_apps());
    let mut calls = Hang::NoAnswer("CreateRole").faults();
    calls.push((When::operation("CreateApp"), Fault::Refuse(FailureKind::Denied)));
    let outcome = signalled(&mut trial, calls, &[5_000, 6_000], 60_000).await.outcome.unwrap();
    assert_eq!(outcome.ending, Ending::Stopped);
    assert!(outcome.steps.values().any(|step| {
        matches!(&step.result, StepResult::Failed(failure) if failure.code == "AccessDeniedException")
    }));
    goes_on(&mut trial).await;
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_finds_only_the_last_steps_running_has_stopped_nothing() {
    let mut trial = Trial::new(three_apps());
    let late = vec![(When::operation("PutEventStream"), Fault::Delay(Duration::from_secs(20)))];
    let ran = signalled(&mut trial, late, &[10_000], 60_000).await;
    assert_eq!(ran.outcome.unwrap().ending, Ending::Done);
    goes_on(&mut trial).await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_stands_in_line_leaves_its_slot_to_others_and_says_so() {
    let many = (0..12).fold(desired(), |manifest, n| {
        manifest
            .app(&format!("app{n:02}"), |app| app.created(&format!("App {n}")).kinesis("clicks").role("shared"))
    });
    let mut trial = Trial::new(many.shared_role("shared", |role| role).build());
    let ran = signalled(&mut trial, Hang::Throttled(Service::Iam).faults(), &[20_000], 60_000).await;
    let tally = ran.outcome.unwrap().tally();
    assert_eq!(tally.done, 12, "every app is made while the role waits");
    let waits =
        trial.world.events.iter().any(
            |event| matches!(&event.what, EventKind::StepWaiting { reason, .. } if reason == "throttled by AWS"),
        );
    assert!(waits, "{:#?}", trial.world.events);
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_deletion_failed_gets_back_what_it_lost_though_the_run_is_told_to_end() {
    let mut trial = Trial::new(three_apps());
    trial.apply().await;
    let before = trial.world.cloud.snapshot();
    trial.edit(desired().app("blog", |app| app.created("Blog").firehose("lake")).build());
    // The policies go, the role does not, and what is put back has to stand in line.
    let calls = vec![
        (When::operation("DeleteRole"), Fault::Delay(Duration::from_secs(10))),
        (When::operation("DeleteRole"), Fault::Refuse(FailureKind::Denied)),
        (When::operation("PutRolePolicy").first(3), Fault::Refuse(FailureKind::Throttled)),
    ];
    assert!(signalled(&mut trial, calls, &[5_000], 120_000).await.outcome.is_some());
    let after = trial.world.cloud.snapshot();
    for (name, role) in &before.roles {
        assert_eq!(after.roles[name].inline_policies, role.inline_policies, "{name:?}");
    }
}
