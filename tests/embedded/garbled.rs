//! Every operation with every odd answer, through the real adapter, in every job. What must hold is read from the
//! embedded account: nothing that is used, foreign or owned by others is planned for deletion, quarantined or taken
//! over; nothing is made twice; no write is called done that was not carried out; and once answers are whole again, the
//! same job ends with what is wanted.
mod ground;
mod truth;

use ground::{Ground, Job, Ran};
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_sandbox::Operation;
use pinpoint_streams_sandbox::decorators::{Garble, Oddity};
use pinpoint_streams_testkit::nightly;
use proptest::test_runner::RngSeed;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use truth::Truth;

/// How many cases of a job are tried with every change, beside those that are [`TELLING`].
const USUAL: u32 = 4;
/// The cases whose name contains this text are tried, to see them again.
const SELECTED: &str = "PINPOINT_STREAMS_GARBLED";
/// So many members of an answer are left out, one at a time.
const MEMBERS: usize = 16;

/// Cases, always odd, that one check of the adapter withstands: that of the form of IAM's answers, or of the app that an
/// event stream is said to be on, when it is read and when it is written. Without that check, the case fails.
const TELLING: [(Job, &str, Oddity); 6] = [
    (Job::FirstApply, "PutRolePolicy", Oddity::Html),
    (Job::FirstApply, "PutEventStream", Oddity::AnotherObject),
    (Job::Edit, "DeleteRole", Oddity::Html),
    (Job::Adopt, "TagRole", Oddity::Html),
    (Job::Quarantine, "TagRole", Oddity::Html),
    (Job::Quarantine, "GetEventStream", Oddity::AnotherObject),
];

/// What a job does and leaves behind when every answer is whole.
struct Clean {
    calls: Vec<Operation>,
    risky: BTreeSet<String>,
    end: String,
}

async fn clean(job: Job) -> Clean {
    let mut ground = Ground::new(job).await;
    let risky = match ground.run(None).await {
        Ran::Done(plan, outcome) => {
            assert_eq!(outcome.ending, Ending::Done, "{job:?}: {:#?}", outcome.steps);
            assert!(plan.steps.len() > 2, "{job:?}: {:#?}", plan.changes);
            truth::risky(&plan)
        }
        other => panic!("{job:?}: {other:#?}"),
    };
    let calls = ground.garbled.calls();
    finish(&mut ground).await;
    Clean { calls, risky, end: Truth::of(&ground).end() }
}

/// Without odd answers: everything is done, and then nothing is left to do.
async fn finish(ground: &mut Ground) {
    match ground.run(None).await {
        Ran::Done(_, outcome) => {
            let is_done = matches!(outcome.ending, Ending::Done | Ending::NoChanges);
            assert!(is_done && outcome.state_written.is_ok(), "afterwards: {:#?}", outcome.steps);
        }
        other => panic!("afterwards: {other:#?}"),
    }
    match ground.run(None).await {
        Ran::Done(plan, _) => assert!(plan.is_empty(), "something is left to do: {:#?}", plan.changes),
        other => panic!("at last: {other:#?}"),
    }
}

/// Whether an answer was odd.
async fn survives(job: Job, garble: &Garble, clean: &Clean) -> bool {
    let mut ground = Ground::new(job).await;
    let before = Truth::of(&ground);
    let ran = ground.run(Some(garble.clone())).await;
    if ground.garbled.struck() == 0 {
        return false;
    }
    let carried_out = ground.garbled.carried_out();
    before.still_holds(&ground);
    if let Ran::Done(plan, outcome) = &ran {
        let more: Vec<_> = truth::risky(plan).difference(&clean.risky).cloned().collect();
        assert!(more.is_empty(), "planned: {more:#?}");
        truth::done_was_carried_out(outcome, &carried_out);
        before.knows_what_is_recorded(&outcome.recorded, &ground);
        // A sweep may leave roles alone for another time.
        let is_sweep = matches!(job, Job::Quarantine | Job::Reap);
        if outcome.ending == Ending::Done && !is_sweep {
            ends_as(clean, &ground, "called done");
        }
    }
    finish(&mut ground).await;
    before.still_holds(&ground);
    ends_as(clean, &ground, "in the end");
    true
}

fn ends_as(clean: &Clean, ground: &Ground, when: &str) {
    let end = Truth::of(ground).end();
    assert!(end == clean.end, "{when}: {:#?}", truth::difference(&end, &clean.end));
}

fn cases(job: Job, calls: &[Operation]) -> Vec<Garble> {
    let mut counts: BTreeMap<&Operation, u64> = BTreeMap::new();
    for call in calls {
        *counts.entry(call).or_default() += 1;
    }
    let mut cases = Vec::new();
    for (operation, count) in counts {
        let numbers: BTreeSet<u64> = [1, count].into();
        for nth in numbers.into_iter().map(Some).chain([None]) {
            for oddity in Oddity::all(MEMBERS) {
                let case = Garble { operation: operation.to_string(), nth, oddity, is_carried_out: true };
                // A whole answer of IAM to another change of a role differs from its own in nothing.
                let is_telling = oddity != Oddity::AnotherObject
                    || matches!(case.operation.as_str(), "CreateApp" | "CreateRole" | "DeleteApp")
                    || case.operation.ends_with("EventStream");
                // Pinpoint's "not found" does not say of which app: one of another region, or of before the app or its event
                // stream was made, is a whole answer.
                let is_lie = matches!(case.operation.as_str(), "GetApp" | "GetEventStream")
                    && matches!(oddity, Oddity::AnotherRegion | Oddity::Duplicate)
                    && matches!(job, Job::Edit | Job::Destroy | Job::Restore);
                if is_lie {
                    continue;
                }
                if !operation.is_read() && oddity.is_made_up() && is_telling {
                    cases.push(Garble { is_carried_out: false, ..case.clone() });
                }
                cases.push(case);
            }
        }
    }
    cases
}

#[expect(clippy::disallowed_methods, reason = "the environment selects cases, to see one again")]
fn is_selected(job: Job, case: &Garble) -> bool {
    std::env::var(SELECTED).map_or(true, |part| format!("{job:?} {case:?}").contains(&part))
}

fn is_telling(job: Job, case: &Garble) -> bool {
    TELLING.iter().any(|(of, operation, oddity)| {
        *of == job && *operation == case.operation && *oddity == case.oddity && case.nth.is_none()
    })
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let limit = Duration::from_secs(24 * 60 * 60);
    runtime.block_on(async { tokio::time::timeout(limit, work).await.unwrap_or_else(|_| panic!("it hangs")) })
}

/// The futures of a whole run are large without optimization.
fn with_room<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(work).unwrap();
    thread.join().unwrap_or_else(|panic| panic!("{}", message(&*panic)))
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}

/// What was tried, in words.
fn each_answer(job: Job) -> String {
    let clean = block_on(clean(job));
    let all: Vec<Garble> = cases(job, &clean.calls).into_iter().filter(|case| is_selected(job, case)).collect();
    let config = nightly::cases(USUAL, u32::MAX);
    let mut rng = match config.rng_seed {
        RngSeed::Fixed(seed) => fastrand::Rng::with_seed(seed),
        RngSeed::Random => fastrand::Rng::new(),
    };
    let (mut chosen, mut others): (Vec<Garble>, Vec<Garble>) =
        all.iter().cloned().partition(|case| is_telling(job, case));
    rng.shuffle(&mut others);
    others.truncate(config.cases.try_into().unwrap());
    chosen.extend(others);
    let (mut struck, mut failures) = (0, Vec::new());
    for case in &chosen {
        let tried = catch_unwind(AssertUnwindSafe(|| block_on(survives(job, case, &clean))));
        match tried {
            Ok(did_strike) => struck += usize::from(did_strike),
            Err(panic) => failures.push(format!("{case:?}: {}", message(&*panic))),
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), chosen.len(), failures.join("\n\n"));
    assert!(struck >= chosen.len() / 4, "{job:?}: {struck} of {}", chosen.len());
    format!("{job:?}: {} of {} cases, in {struck} of them an answer was odd", chosen.len(), all.len())
}

macro_rules! each {
    ($($name:ident: $job:expr,)*) => {$(
        #[test]
        fn $name() {
            println!("{}", with_room(|| each_answer($job)));
        }
    )*};
}

each! {
    no_odd_answer_misleads_a_first_apply: Job::FirstApply,
    no_odd_answer_misleads_an_edit: Job::Edit,
    no_odd_answer_misleads_a_destroy: Job::Destroy,
    no_odd_answer_misleads_an_adoption: Job::Adopt,
    no_odd_answer_misleads_a_quarantine: Job::Quarantine,
    no_odd_answer_misleads_a_reap: Job::Reap,
    no_odd_answer_misleads_a_restore: Job::Restore,
}
