//! A share of all calls goes wrong, beneath an SDK that sends again what may be sent again, in every job.
use super::job::{Ground, Job};
use super::truth::must_be_true;
use super::weather::{Fate, Sky, Weather};
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::live::FailureKind;

/// Runs in this weather until there is nothing more to do, and demands the truth of each run. What struck, in words.
async fn weathers(name: &str, shares: &[(f64, Fate)]) -> String {
    let (mut struck, mut runs) = (0, 0);
    for job in Job::ALL {
        for seed in 0..2 {
            let mut ground = Ground::new(job).await;
            let of = format!("{name}, {job:?}, seed {seed}");
            let mut is_over = false;
            for run in 0..6 {
                let weather = Weather::new(&ground.cloud, Sky::Shares(shares.to_vec()), 100 * seed + run);
                runs += 1;
                match ground.run(&weather).await {
                    Ok(ran) => {
                        must_be_true(&ran, &weather, &ground.cloud, &of);
                        is_over = ran.outcome.ending == Ending::NoChanges;
                    }
                    Err(problems) => assert!(weather.sent().is_empty(), "{of}: {problems:#?}"),
                }
                struck += weather.struck();
                if is_over {
                    break;
                }
            }
            assert!(is_over, "{of}: it does not come to an end");
            ground.must_converge().await;
        }
    }
    assert!(struck > 50, "{name}: {struck} faults in {runs} runs");
    format!("{name}: {struck} faults in {runs} runs")
}

#[tokio::test(start_paused = true)]
async fn throttling_of_three_calls_in_ten_stops_no_job() {
    println!("{}", weathers("throttling", &[(0.3, Fate::Refused(FailureKind::Throttled))]).await);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_at_one_call_in_ten_stops_no_job() {
    let fates = [(0.05, Fate::Failed(FailureKind::Server)), (0.05, Fate::Lost(FailureKind::Server))];
    println!("{}", weathers("5xx", &fates).await);
}

#[tokio::test(start_paused = true)]
async fn connections_that_are_reset_stop_no_job() {
    let fates = [(0.1, Fate::Failed(FailureKind::Connection)), (0.1, Fate::Lost(FailureKind::Connection))];
    println!("{}", weathers("resets", &fates).await);
}

#[tokio::test(start_paused = true)]
async fn answers_that_never_come_stop_no_job() {
    println!("{}", weathers("silence", &[(0.1, Fate::Silence), (0.1, Fate::DoneInSilence)]).await);
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_lost_after_the_work_was_done_stop_no_job_and_make_nothing_twice() {
    println!("{}", weathers("lost", &[(0.2, Fate::Lost(FailureKind::Connection))]).await);
}

#[tokio::test(start_paused = true)]
async fn all_of_it_at_once_stops_no_job() {
    let fates = [
        (0.3, Fate::Refused(FailureKind::Throttled)),
        (0.1, Fate::Failed(FailureKind::Server)),
        (0.05, Fate::Failed(FailureKind::Connection)),
        (0.05, Fate::Lost(FailureKind::Connection)),
        (0.03, Fate::DoneInSilence),
    ];
    println!("{}", weathers("all at once", &fates).await);
}
