//! Each call of each job goes wrong once, and stays so until the run ends: refused, failed, or done without an answer.
use super::job::{Ground, Job};
use super::truth::must_be_true;
use super::weather::{Fate, Sky, Weather};
use pinpoint_streams_model::live::FailureKind;

const FATES_OF_READS: [Fate; 2] = [Fate::Refused(FailureKind::ServiceEnded), Fate::Failed(FailureKind::Server)];
const FATES_OF_WRITES: [Fate; 4] = [
    Fate::Refused(FailureKind::Denied),
    Fate::Failed(FailureKind::Server),
    Fate::Lost(FailureKind::Timeout),
    // A page in place of an answer; a role whose ARN reads as its unique id.
    Fate::Lost(FailureKind::Unintelligible),
];

/// The job in this weather, whatever comes of it; then in clear weather. Whether the weather struck, and whether
/// the first run was already good.
async fn survives(job: Job, sky: Sky, of: &str) -> (bool, bool) {
    let mut ground = Ground::new(job).await;
    let weather = Weather::new(&ground.cloud, sky, 0);
    let is_good = match ground.run(&weather).await {
        Ok(ran) => {
            must_be_true(&ran, &weather, &ground.cloud, of);
            ran.outcome.tally().failed == 0
        }
        Err(problems) => {
            assert!(weather.sent().is_empty(), "{of}: {problems:#?}");
            false
        }
    };
    ground.must_converge().await;
    (weather.struck() > 0, is_good)
}

/// What was tried, in words.
async fn each_call(job: Job) -> String {
    let ground = &mut Ground::new(job).await;
    let fair = Weather::new(&ground.cloud, Sky::Clear, 0);
    let ran = ground.run(&fair).await.unwrap_or_else(|problems| panic!("{job:?}: {problems:#?}"));
    must_be_true(&ran, &fair, &ground.cloud, &format!("{job:?}"));
    assert!(ran.plan.steps.len() >= 4, "{job:?}: {:#?}", ran.plan.changes);
    let (calls, lists) = (fair.calls(), fair.lists());
    let (mut struck, mut good, mut tried) = (0, 0, 0);
    for call in 1..=calls {
        let is_write = fair.writes().contains(&call);
        for fate in if is_write { &FATES_OF_WRITES[..] } else { &FATES_OF_READS[..] } {
            let of = format!("{job:?}, call {call}, {fate:?}");
            let (did_strike, is_good) = survives(job, Sky::Nth(call, *fate), &of).await;
            struck += usize::from(did_strike);
            good += usize::from(is_good);
            tried += 1;
        }
    }
    assert_eq!(struck, tried, "{job:?}: every call is reached");
    assert!(good > 0 && good < struck, "{job:?}: {good} of {struck}");
    let mut passed_over = 0;
    for list in 1..=lists {
        for item in 0..6 {
            let sky = Sky::PassesOver { list, item };
            let (did_strike, _) = survives(job, sky, &format!("{job:?}, list {list} without item {item}")).await;
            if !did_strike {
                break;
            }
            passed_over += 1;
        }
    }
    assert!(passed_over > 0 || lists == 0, "{job:?}");
    format!("{job:?}: {calls} calls, {struck} faults, {passed_over} items passed over")
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
