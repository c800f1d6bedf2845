//! A share of all calls goes wrong, beneath an SDK that sends again what may be sent again, in every job.
use super::job::{Job, Task};
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_testkit::cloud::Fault;
use pinpoint_streams_testkit::faults::Random;
use pinpoint_streams_testkit::{How, RunEnd};
use std::time::Duration;

/// Only when the SDK has waited for as long as it does for an answer.
fn in_silence(fault: Fault) -> Fault {
    Fault::Late(Duration::from_secs(30), Box::new(fault))
}

/// Runs with these faults until there is nothing more to do. What went wrong, in words.
async fn with_shares(name: &str, shares: &[(u64, Fault)]) -> String {
    let (mut struck, mut runs) = (0, 0);
    for job in Job::ALL {
        for seed in 0..3 {
            let mut task = Task::new(job).await;
            let mut is_over = false;
            for run in 0..6 {
                let random = Random { seed: 100 * seed + run, shares: shares.to_vec() };
                let ended = task.run(&How { resends: true, ..How::with(random) }).await;
                runs += 1;
                struck += task.trial.world.cloud.struck();
                is_over = matches!(ended, RunEnd::Ran(_, outcome) if outcome.ending == Ending::NoChanges);
                if is_over {
                    break;
                }
            }
            assert!(is_over, "{name}, {job:?}, seed {seed}: it does not come to an end");
            task.finish().await;
        }
    }
    assert!(struck > 50, "{name}: {struck} faults in {runs} runs");
    format!("{name}: {struck} faults in {runs} runs")
}

#[tokio::test(start_paused = true)]
async fn throttling_of_three_calls_in_ten_stops_no_job() {
    println!("{}", with_shares("throttling", &[(300, Fault::Refuse(FailureKind::Throttled))]).await);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_at_one_call_in_ten_stops_no_job() {
    let fates = [(50, Fault::Refuse(FailureKind::Server)), (50, Fault::DoneBut(FailureKind::Server))];
    println!("{}", with_shares("5xx", &fates).await);
}

#[tokio::test(start_paused = true)]
async fn connections_that_are_reset_stop_no_job() {
    let fates = [(100, Fault::Refuse(FailureKind::Connection)), (100, Fault::DoneBut(FailureKind::Connection))];
    println!("{}", with_shares("resets", &fates).await);
}

#[tokio::test(start_paused = true)]
async fn answers_that_never_come_stop_no_job() {
    println!(
        "{}",
        with_shares(
            "silence",
            &[(100, in_silence(Fault::Refuse(FailureKind::Timeout))), (100, in_silence(Fault::LoseAnswer))]
        )
        .await
    );
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_lost_after_the_work_was_done_stop_no_job_and_make_nothing_twice() {
    println!("{}", with_shares("lost", &[(200, Fault::DoneBut(FailureKind::Connection))]).await);
}

#[tokio::test(start_paused = true)]
async fn all_of_it_at_once_stops_no_job() {
    let fates = [
        (300, Fault::Refuse(FailureKind::Throttled)),
        (100, Fault::Refuse(FailureKind::Server)),
        (50, Fault::Refuse(FailureKind::Connection)),
        (50, Fault::DoneBut(FailureKind::Connection)),
        (30, in_silence(Fault::LoseAnswer)),
    ];
    println!("{}", with_shares("all at once", &fates).await);
}
