//! Faults that have a time of their own: they pass within the two minutes that are waited, or they last.
use super::job::{Job, Task};
use super::one_call::LISTS;
use pinpoint_streams_executor::execute::{Outcome, StepResult};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_testkit::How;
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::faults::{Faults, MissingItem};
use std::time::Duration;

const ROLE_WRITES: [(&str, Job); 8] = [
    ("CreateRole", Job::FirstApply),
    ("PutRolePolicy", Job::FirstApply),
    ("UpdateAssumeRolePolicy", Job::Edit),
    ("DeleteRolePolicy", Job::Destroy),
    ("DeleteRole", Job::Destroy),
    ("TagRole", Job::Adopt),
    ("PutRolePolicy", Job::Quarantine),
    ("DeleteRole", Job::Reap),
];

async fn run(job: Job, calls: Vec<(When, Fault)>) -> (Task, Outcome) {
    let mut task = Task::new(job).await;
    let faults = Faults { calls: calls.clone(), ..Faults::default() };
    let (_, outcome) = task.run(&How::with(faults)).await.ran();
    assert!(task.trial.world.cloud.struck() > 0, "{job:?} makes no such call: {calls:?}");
    (task, outcome)
}

/// A change of a role takes this long to reach Pinpoint.
fn slow_by(seconds: u64) -> How {
    How::with(Faults { propagation: Duration::from_secs(seconds), ..Faults::default() })
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_change_is_waited_out_and_one_that_never_ends_fails_its_step() {
    let fault = Fault::Refuse(FailureKind::ConcurrentModification);
    for (name, job) in ROLE_WRITES {
        let (mut task, outcome) = run(job, vec![(When::operation(name).first(3), fault.clone())]).await;
        assert_eq!(outcome.tally().failed, 0, "{job:?}, {name}");
        task.finish().await;
        let (mut task, outcome) = run(job, vec![(When::operation(name), fault.clone())]).await;
        assert!(outcome.tally().failed > 0, "{job:?}, {name}");
        task.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_conflict_is_waited_out_and_one_that_lasts_puts_the_policies_back() {
    let fault = Fault::Refuse(FailureKind::DeleteConflict);
    for job in [Job::Destroy, Job::Edit, Job::Reap] {
        let (mut task, outcome) = run(job, vec![(When::operation("DeleteRole").first(3), fault.clone())]).await;
        assert_eq!(outcome.tally().failed, 0, "{job:?}");
        task.finish().await;

        let mut task = Task::new(job).await;
        let before = task.trial.world.cloud.snapshot().roles;
        let (_, outcome) = task.run(&How::with((When::operation("DeleteRole"), fault.clone()))).await.ran();
        let mut failed = 0;
        for step in outcome.steps.values() {
            let StepResult::Failed(failure) = &step.result else { continue };
            failed += 1;
            assert!(failure.details.iter().any(|detail| detail.starts_with("restored")), "{failure:#?}");
        }
        assert!(failed > 0, "{job:?}");
        for (arn, role) in task.trial.world.cloud.snapshot().roles {
            let Some(earlier) = before.get(&arn).filter(|earlier| earlier.id == role.id) else { continue };
            let (now, then) = (role.inline_policies.keys(), earlier.inline_policies.keys());
            assert!(then.eq(now), "{job:?}: {arn} lost a policy");
        }
        task.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_refused_after_an_answer_was_lost_is_told_as_unknown_and_looked_up() {
    let of_apps = [
        ("CreateApp", Job::FirstApply),
        ("PutEventStream", Job::FirstApply),
        ("DeleteEventStream", Job::Destroy),
        ("DeleteApp", Job::Destroy),
    ];
    for (name, job) in ROLE_WRITES.into_iter().chain(of_apps) {
        for last in [FailureKind::Denied, FailureKind::Credentials] {
            let when = || When::operation(name);
            let lost_then_refused =
                vec![(when().nth(1), Fault::LoseAnswer), (when().from(2), Fault::Refuse(last))];
            let (mut task, outcome) = run(job, lost_then_refused).await;
            let is_found = matches!(name, "CreateApp" | "CreateRole");
            assert!(is_found || !outcome.recorded.pending.is_empty(), "{job:?}, {name}: {:#?}", outcome.steps);
            task.finish().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_takes_up_to_a_minute_to_be_seen_is_waited_for() {
    for job in [Job::FirstApply, Job::Edit] {
        for seconds in [5, 30, 60] {
            let mut task = Task::new(job).await;
            let (_, outcome) = task.run(&slow_by(seconds)).await.ran();
            assert_eq!(outcome.tally().failed, 0, "{job:?}, {seconds} s: {:#?}", outcome.steps);
            task.finish().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_not_seen_for_longer_than_is_waited_fails_and_the_next_run_goes_on() {
    let mut task = Task::new(Job::FirstApply).await;
    let (_, outcome) = task.run(&slow_by(150)).await.ran();
    assert!(outcome.tally().failed > 0, "{:#?}", outcome.steps);
    tokio::time::sleep(Duration::from_secs(60)).await;
    task.finish().await;
}

#[tokio::test(start_paused = true)]
async fn an_app_whose_answer_was_lost_and_that_the_list_then_passes_over_is_not_made_twice() {
    let mut task = Task::new(Job::FirstApply).await;
    drop(task.run(&How::default()).await.ran());
    let lists = task.trial.world.cloud.calls().iter().filter(|call| LISTS.contains(&call.operation)).count();
    let mut passed_over = 0;
    for item in 0..6 {
        let mut task = Task::new(Job::FirstApply).await;
        let before = task.trial.world.cloud.snapshot().apps.len();
        // After all that are read for the plan comes the list in which the app is looked for.
        let calls = vec![(When::operation("CreateApp").nth(1), Fault::LoseAnswer)];
        let missing = Some(MissingItem { list: lists + 1, item });
        let faults = Faults { calls, missing, ..Faults::default() };
        let (_, outcome) = task.run(&How::with(faults)).await.ran();
        assert_eq!(outcome.tally().failed, 0, "{:#?}", outcome.steps);
        assert_eq!(task.trial.world.cloud.snapshot().apps.len(), before + 1);
        passed_over += task.trial.world.cloud.struck() - 1;
        task.finish().await;
    }
    assert!(passed_over > 1, "{passed_over}");
}
