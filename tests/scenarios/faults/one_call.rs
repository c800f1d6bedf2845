//! Each call of each job goes wrong once, and stays so until the run ends: refused, failed, or done without an answer.
use super::job::{Job, Task};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::faults::{Faults, MissingItem};
use pinpoint_streams_testkit::{How, RunEnd};

const FAULTS_OF_READS: [Fault; 2] = [Fault::Refuse(FailureKind::ServiceEnded), Fault::Refuse(FailureKind::Server)];
const FAULTS_OF_WRITES: [Fault; 4] = [
    Fault::Refuse(FailureKind::Denied),
    Fault::Refuse(FailureKind::Server),
    Fault::LoseAnswer,
    // A page in place of an answer; a role whose ARN reads as its unique id.
    Fault::DoneBut(FailureKind::Unintelligible),
];
pub(super) const LISTS: [&str; 3] = ["GetAccountAuthorizationDetails", "ListRoles", "GetApps"];

/// The job with these faults, whatever comes of it; then without. Whether a fault struck, and whether the first run was
/// already good.
async fn survives(ready: &Task, faults: impl Into<Faults>, checks_answer_order: bool) -> (bool, bool) {
    let mut task = ready.fork();
    task.trial.world.checks_answer_order = checks_answer_order;
    let ended = task.run(&How::with(faults)).await;
    let is_good = matches!(ended, RunEnd::Ran(_, outcome) if outcome.tally().failed == 0);
    let did_strike = task.trial.world.cloud.struck() > 0;
    task.trial.world.checks_answer_order = false;
    task.finish().await;
    (did_strike, is_good)
}

/// What was tried, in words.
async fn each_call(job: Job) -> String {
    let ready = Task::new(job).await;
    let mut task = ready.fork();
    let (plan, _) = task.run(&How::default()).await.ran();
    assert!(plan.steps.len() >= 4, "{job:?}: {:#?}", plan.changes);
    let calls = task.trial.world.cloud.calls();
    let lists = calls.iter().filter(|call| LISTS.contains(&call.operation)).count();
    let (mut good, mut tried) = (0, 0);
    for (call, nth) in calls.iter().zip(1..) {
        for fault in if call.is_write { &FAULTS_OF_WRITES[..] } else { &FAULTS_OF_READS[..] } {
            // Under one kind of failed read, since it takes time. A plan is made before any write.
            let checks_answer_order = matches!(fault, Fault::Refuse(FailureKind::ServiceEnded));
            let faults = (When::any().nth(nth), fault.clone());
            let (did_strike, is_good) = survives(&ready, faults, checks_answer_order).await;
            assert!(did_strike, "{job:?}, {call}, {fault:?}: it is not reached");
            good += usize::from(is_good);
            tried += 1;
        }
    }
    assert!(good > 0 && good < tried, "{job:?}: {good} of {tried}");
    let mut passed_over = 0;
    for list in 1..=lists {
        for item in 0..6 {
            let (did_strike, _) = survives(&ready, MissingItem { list, item }, true).await;
            if !did_strike {
                break;
            }
            passed_over += 1;
        }
    }
    assert!(passed_over > 0 || lists == 0, "{job:?}");
    format!("{job:?}: {} calls, {tried} faults, {passed_over} items passed over", calls.len())
}

macro_rules! each {
    ($($name:ident: $job:expr,)*) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            println!("{}", each_call($job).await);
        }
    )*};
}

each! {
    a_first_apply_survives_each_of_its_calls_going_wrong: Job::FirstApply,
    an_edit_survives_each_of_its_calls_going_wrong: Job::Edit,
    a_destroy_survives_each_of_its_calls_going_wrong: Job::Destroy,
    an_adoption_survives_each_of_its_calls_going_wrong: Job::Adopt,
    a_quarantine_survives_each_of_its_calls_going_wrong: Job::Quarantine,
    a_reap_survives_each_of_its_calls_going_wrong: Job::Reap,
}
