//! Faults that have a time of their own: they pass within the two minutes that are waited, or they last.
use super::job::{Ground, Job, Ran};
use super::truth::must_be_true;
use super::weather::{Fate, Sky, Weather};
use pinpoint_streams_executor::execute::StepResult;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_testkit::cloud::{Fault, When};
use std::time::Duration;

/// The writes of roles, by name, with a job that makes them.
const ROLE_WRITES: [(&str, Job); 8] = [
    ("create_role", Job::FirstApply),
    ("put_role_policy", Job::FirstApply),
    ("update_trust_policy", Job::Edit),
    ("delete_role_policy", Job::Destroy),
    ("delete_role", Job::Destroy),
    ("tag_role", Job::Adopt),
    ("put_role_policy", Job::Quarantine),
    ("delete_role", Job::Reap),
];

async fn run(job: Job, name: &'static str, fates: Vec<Fate>) -> (Ground, Ran) {
    let mut ground = Ground::new(job).await;
    let weather = Weather::new(&ground.cloud, Sky::Writes(name, fates), 0);
    let ran = ground.run(&weather).await.unwrap_or_else(|problems| panic!("{job:?}: {problems:#?}"));
    assert!(weather.struck() > 0, "{job:?} makes no {name}");
    must_be_true(&ran, &weather, &ground.cloud, &format!("{job:?}, {name}"));
    (ground, ran)
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_change_is_waited_out_and_one_that_never_ends_fails_its_step() {
    let fate = Fate::Refused(FailureKind::ConcurrentModification);
    for (name, job) in ROLE_WRITES {
        let (mut ground, ran) = run(job, name, vec![fate, fate, fate, Fate::Fair]).await;
        assert_eq!(ran.outcome.tally().failed, 0, "{job:?}, {name}");
        ground.must_converge().await;
        let (mut ground, ran) = run(job, name, vec![fate]).await;
        assert!(ran.outcome.tally().failed > 0, "{job:?}, {name}");
        ground.must_converge().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_conflict_is_waited_out_and_one_that_lasts_puts_the_policies_back() {
    let fate = Fate::Refused(FailureKind::DeleteConflict);
    for job in [Job::Destroy, Job::Edit, Job::Reap] {
        let (mut ground, ran) = run(job, "delete_role", vec![fate, fate, fate, Fate::Fair]).await;
        assert_eq!(ran.outcome.tally().failed, 0, "{job:?}");
        ground.must_converge().await;

        let mut ground = Ground::new(job).await;
        let before = ground.cloud.snapshot().roles;
        let weather = Weather::new(&ground.cloud, Sky::Writes("delete_role", vec![fate]), 0);
        let ran = ground.run(&weather).await.unwrap_or_else(|problems| panic!("{job:?}: {problems:#?}"));
        must_be_true(&ran, &weather, &ground.cloud, &format!("{job:?}"));
        let mut failed = 0;
        for step in ran.outcome.steps.values() {
            let StepResult::Failed(failure) = &step.result else { continue };
            failed += 1;
            assert!(failure.hints.iter().any(|hint| hint.starts_with("restored")), "{failure:#?}");
        }
        assert!(failed > 0, "{job:?}");
        for (arn, role) in ground.cloud.snapshot().roles {
            let Some(earlier) = before.get(&arn).filter(|earlier| earlier.id == role.id) else { continue };
            let (now, then) = (role.inline_policies.keys(), earlier.inline_policies.keys());
            assert!(then.eq(now), "{job:?}: {arn} lost a policy");
        }
        ground.must_converge().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_refused_after_an_answer_was_lost_is_told_as_unknown_and_looked_up() {
    let of_apps = [
        ("create_app", Job::FirstApply),
        ("put_event_stream", Job::FirstApply),
        ("delete_event_stream", Job::Destroy),
        ("delete_app", Job::Destroy),
    ];
    for (name, job) in ROLE_WRITES.into_iter().chain(of_apps) {
        for last in [FailureKind::Denied, FailureKind::Credentials] {
            let fates = vec![Fate::Lost(FailureKind::Timeout), Fate::Refused(last)];
            let (mut ground, ran) = run(job, name, fates).await;
            let is_found = matches!(name, "create_app" | "create_role");
            assert!(is_found || !ran.kept.pending.is_empty(), "{job:?}, {name}: {:#?}", ran.outcome.steps);
            ground.must_converge().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_takes_up_to_a_minute_to_be_seen_is_waited_for() {
    for job in [Job::FirstApply, Job::Edit] {
        for seconds in [5, 30, 60] {
            let mut ground = Ground::new(job).await;
            ground.cloud.set_propagation(Duration::from_secs(seconds));
            let clear = Weather::new(&ground.cloud, Sky::Clear, 0);
            let ran = ground.run(&clear).await.unwrap_or_else(|problems| panic!("{job:?}: {problems:#?}"));
            assert_eq!(ran.outcome.tally().failed, 0, "{job:?}, {seconds} s: {:#?}", ran.outcome.steps);
            ground.must_converge().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_not_seen_for_longer_than_is_waited_fails_and_the_next_run_goes_on() {
    let mut ground = Ground::new(Job::FirstApply).await;
    ground.cloud.set_propagation(Duration::from_secs(150));
    let clear = Weather::new(&ground.cloud, Sky::Clear, 0);
    let ran = ground.run(&clear).await.unwrap_or_else(|problems| panic!("{problems:#?}"));
    must_be_true(&ran, &clear, &ground.cloud, "150 s");
    assert!(ran.outcome.tally().failed > 0, "{:#?}", ran.outcome.steps);
    tokio::time::sleep(Duration::from_secs(60)).await;
    ground.must_converge().await;
}

#[tokio::test(start_paused = true)]
async fn an_app_whose_answer_was_lost_and_that_the_list_then_passes_over_is_not_made_twice() {
    let mut ground = Ground::new(Job::FirstApply).await;
    let fair = Weather::new(&ground.cloud, Sky::Clear, 0);
    ground.run(&fair).await.unwrap_or_else(|problems| panic!("{problems:#?}"));
    let mut passed_over = 0;
    for item in 0..6 {
        let mut ground = Ground::new(Job::FirstApply).await;
        let before = ground.cloud.snapshot().apps.len();
        ground.cloud.fail(When::operation("CreateApp").nth(1), Fault::LoseAnswer);
        // After all that are read for the plan comes the list in which the app is looked for.
        let weather = Weather::new(&ground.cloud, Sky::PassesOver { list: fair.lists() + 1, item }, 0);
        let ran = ground.run(&weather).await.unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(ran.outcome.tally().failed, 0, "{:#?}", ran.outcome.steps);
        assert_eq!(ground.cloud.snapshot().apps.len(), before + 1);
        passed_over += weather.struck();
        ground.must_converge().await;
    }
    assert!(passed_over > 1, "{passed_over}");
}
