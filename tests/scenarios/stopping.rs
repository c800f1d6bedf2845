//! A run that is told to end while its calls hang: as a cancelled CI job is, and by a person's one, two and three
//! Ctrl-C. Whatever the moment, the next run takes up what was left.
use crate::workspace::Workspace;
use pinpoint_streams_executor::execute::{NotWritten, Outcome, StepResult, Written};
use pinpoint_streams_executor::{Level, Stop};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::event::{Ending, What};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_testkit::cloud::{Fault, Service, When};
use pinpoint_streams_testkit::desired;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long after SIGINT a cancelled CI job is sent SIGTERM, and how long after it SIGKILL.
const SIGTERM: Duration = Duration::from_millis(7_500);
const SIGKILL: Duration = Duration::from_millis(10_000);
/// The time in which a run that is told to stop waiting has written its state and given up its lock.
const TWO_SECONDS: Duration = Duration::from_secs(2);

fn apps() -> Desired {
    desired()
        .shared_role("shared", |role| role)
        .app("shop", |app| app.kinesis("clicks"))
        .app("blue", |app| app.kinesis("clicks").role("shared"))
        .app("blog", |app| app.created("Blog").firehose("lake").role("shared"))
        .build()
}

/// What hangs.
#[derive(Debug, Clone, Copy)]
enum Hang {
    /// The role that an event stream names does not come to be ready.
    RoleNotReady,
    /// AWS asks for fewer calls, of one service, for ever.
    Throttled(Service),
    /// Calls of this operation are not answered.
    NoAnswer(&'static str),
    /// Calls of this operation are done, and their answers lost.
    LostAnswer(&'static str),
    /// Every call takes so long.
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
    fn on(self, workspace: &Workspace) {
        let cloud = &workspace.cloud;
        match self {
            Hang::RoleNotReady => {
                cloud.fail(When::operation("PutEventStream"), Fault::Refuse(FailureKind::RoleNotReady));
            }
            Hang::Throttled(service) => {
                let calls = When::matching(move |call| call.is_write && call.service() == service);
                cloud.fail(calls, Fault::Refuse(FailureKind::Throttled));
            }
            Hang::NoAnswer(operation) => cloud.fail(When::operation(operation), Fault::NeverAnswer),
            Hang::LostAnswer(operation) => {
                cloud.fail(When::operation(operation), Fault::LoseAnswer);
                cloud.fail(When::operation(operation), Fault::Delay(Duration::from_secs(9)));
            }
            Hang::Slow(latency) => cloud.fail(When::write(), Fault::Delay(latency)),
        }
    }
}

/// A run that signals come to, at these times after it began.
struct Signalled {
    outcome: Option<Outcome>,
    began: Instant,
    took: Duration,
}

async fn signalled(workspace: &mut Workspace, signals: &[Duration], killed: Duration) -> Signalled {
    let (stopper, stop) = Stop::channel();
    workspace.stop = stop;
    let began = Instant::now();
    let press = async {
        for signal in signals {
            sleep_until(began + *signal).await;
            stopper.raise();
        }
    };
    let run = async {
        let ended = workspace.attempt_until(began + killed, Mode::Converge).await;
        (ended.map(|(_, outcome)| outcome), began.elapsed())
    };
    let ((outcome, took), ()) = tokio::join!(run, press);
    workspace.stop = Stop::never();
    Signalled { outcome, began, took }
}

/// The steps that were begun later than this.
fn begun_after(workspace: &Workspace, moment: Duration) -> usize {
    let begun = workspace.events.iter().filter(|event| {
        matches!(event.what, What::StepStarted { .. }) && u128::from(event.elapsed_ms) > moment.as_millis()
    });
    begun.count()
}

/// What the next run makes of it: all is done, once, and nothing is left to do.
async fn goes_on(workspace: &mut Workspace, case: &str) {
    workspace.cloud.revive();
    workspace.cloud.heal();
    workspace.apply().await;
    let snapshot = workspace.cloud.snapshot();
    assert_eq!((snapshot.apps.len(), snapshot.roles.len()), (3, 2), "{case}: something twice, or lost");
    let recorded = workspace.recorded().await;
    assert!(recorded.pending.is_empty(), "{case}: {:#?}", recorded.pending);
    assert_eq!(recorded.resources.len(), 6, "{case}");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_ci_job_has_written_its_state_two_seconds_after_sigterm_whatever_hangs() {
    for hang in HANGS {
        for sigint in [1, 9].map(Duration::from_secs) {
            let case = format!("{hang:?}, SIGINT after {sigint:?}");
            let mut workspace = Workspace::new(apps());
            hang.on(&workspace);
            let signals = [sigint, sigint + SIGTERM];
            let ran = signalled(&mut workspace, &signals, sigint + SIGKILL).await;
            let outcome = ran.outcome.unwrap_or_else(|| panic!("{case}: SIGKILL found it running"));
            assert!(ran.took < sigint + SIGTERM + TWO_SECONDS, "{case}: {:?}", ran.took);
            assert_eq!(begun_after(&workspace, sigint), 0, "{case}: nothing new is begun");
            let was_stopped = ran.took > sigint;
            if was_stopped {
                assert_eq!(outcome.ending, Ending::Stopped, "{case}: {:#?}", outcome.steps);
            }
            assert!(matches!(outcome.state_written, Ok(Written::Serial(_))), "{case}");
            goes_on(&mut workspace, &case).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_sigkill_cuts_off_at_any_moment_is_taken_up_by_the_next_run() {
    for hang in HANGS {
        for killed in [3, 30].map(Duration::from_secs) {
            let case = format!("{hang:?}, SIGKILL after {killed:?}");
            let mut workspace = Workspace::new(apps());
            hang.on(&workspace);
            let _ = signalled(&mut workspace, &[], killed).await;
            goes_on(&mut workspace, &case).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_signal_ends_what_stands_in_line_before_a_throttled_service() {
    for service in [Service::Iam, Service::Pinpoint] {
        let mut workspace = Workspace::new(apps());
        Hang::Throttled(service).on(&workspace);
        let sigint = Duration::from_secs(30);
        let ran = signalled(&mut workspace, &[sigint], Duration::from_secs(600)).await;
        let outcome = ran.outcome.unwrap();
        assert_eq!((ran.took, outcome.ending), (sigint, Ending::Stopped), "{service:?}");
        let late = workspace.cloud.calls().into_iter().filter(|call| call.at > ran.began + sigint).count();
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
        goes_on(&mut workspace, &format!("{service:?}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_two_and_three_signals_end_a_hanging_run_later_soon_and_at_once() {
    let seconds = Duration::from_secs;
    for (signals, written) in [(vec![5], None), (vec![5, 9], Some(true)), (vec![5, 9, 9], Some(false))] {
        let mut workspace = Workspace::new(apps());
        Hang::NoAnswer("PutEventStream").on(&workspace);
        let signals: Vec<Duration> = signals.into_iter().map(seconds).collect();
        let ran = signalled(&mut workspace, &signals, seconds(60)).await;
        match written {
            None => assert!(ran.outcome.is_none(), "one signal waits for the answer"),
            Some(is_written) => {
                let outcome = ran.outcome.unwrap();
                assert_eq!(outcome.ending, Ending::Stopped);
                assert_eq!(outcome.state_written.is_ok(), is_written);
                let limit = if is_written { seconds(9) + TWO_SECONDS } else { seconds(9) };
                assert!(ran.took <= limit, "{:?}", ran.took);
                assert!(is_written || matches!(outcome.state_written, Err(NotWritten::Left)));
            }
        }
        goes_on(&mut workspace, &format!("{signals:?}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_wins_over_a_step_that_failed_by_itself() {
    let mut workspace = Workspace::new(apps());
    workspace.cloud.fail(When::operation("CreateApp"), Fault::Refuse(FailureKind::Denied));
    Hang::NoAnswer("CreateRole").on(&workspace);
    let seconds = Duration::from_secs;
    let ran = signalled(&mut workspace, &[seconds(5), seconds(6)], seconds(60)).await;
    let outcome = ran.outcome.unwrap();
    assert_eq!(outcome.ending, Ending::Stopped);
    assert!(outcome.steps.values().any(|step| {
        matches!(&step.result, StepResult::Failed(failure) if failure.code == "AccessDeniedException")
    }));
    goes_on(&mut workspace, "a stop and a failure").await;
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_finds_only_the_last_steps_running_has_stopped_nothing() {
    let mut workspace = Workspace::new(apps());
    workspace.cloud.fail(When::operation("PutEventStream"), Fault::Delay(Duration::from_secs(20)));
    let seconds = Duration::from_secs;
    let ran = signalled(&mut workspace, &[seconds(10)], seconds(60)).await;
    assert_eq!(ran.outcome.unwrap().ending, Ending::Done);
    goes_on(&mut workspace, "the last steps").await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_stands_in_line_leaves_its_slot_to_others_and_says_so() {
    let many = (0..12).fold(desired(), |manifest, n| {
        manifest
            .app(&format!("app{n:02}"), |app| app.created(&format!("App {n}")).kinesis("clicks").role("shared"))
    });
    let mut workspace = Workspace::new(many.shared_role("shared", |role| role).build());
    Hang::Throttled(Service::Iam).on(&workspace);
    let ran = signalled(&mut workspace, &[Duration::from_secs(20)], Duration::from_secs(60)).await;
    let tally = ran.outcome.unwrap().tally();
    assert_eq!(tally.done, 12, "every app is made while the role waits");
    let waits = workspace.events.iter().any(
        |event| matches!(&event.what, What::StepWaiting { reason, .. } if reason == "AWS asks for fewer calls"),
    );
    assert!(waits, "{:#?}", workspace.events);
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_deletion_failed_gets_back_what_it_lost_though_the_run_is_told_to_end() {
    let mut workspace = Workspace::new(apps());
    workspace.apply().await;
    let before = workspace.cloud.snapshot();
    workspace.edit(desired().app("blog", |app| app.created("Blog").firehose("lake")).build());
    // The policies go, the role does not, and what is put back has to stand in line.
    workspace.cloud.fail(When::operation("DeleteRole"), Fault::Delay(Duration::from_secs(10)));
    workspace.cloud.fail(When::operation("DeleteRole"), Fault::Refuse(FailureKind::Denied));
    workspace.cloud.fail(When::operation("PutRolePolicy").first(3), Fault::Refuse(FailureKind::Throttled));
    let ran = signalled(&mut workspace, &[Duration::from_secs(5)], Duration::from_secs(120)).await;
    assert!(ran.outcome.is_some());
    assert_eq!(workspace.stop.level(), Level::Run);
    let after = workspace.cloud.snapshot();
    for (name, role) in &before.roles {
        assert_eq!(after.roles[name].inline_policies, role.inline_policies, "{name:?}");
    }
}
