//! How tests ask: the same way as the program, and in other orders.
use fastrand::Rng;
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_executor::{AskOptions, InquiryResult, ask as ask_of};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::live::{Live, Question};
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_planner::{Converge, Destroy, Drift, Inputs, Inquiry, PlanResult};
use std::collections::BTreeSet;
use std::fmt::Debug;

/// Asks as the program does, and demands of an inquiry that may be asked ahead that the order of the answers makes no
/// difference.
pub async fn ask<I>(inquiry: &I, cloud: &impl ReadCloud) -> InquiryResult<I::Output>
where
    I: Inquiry<Output: Debug + PartialEq>,
{
    let result = ask_once(inquiry, cloud).await;
    demand_same_in_any_order(inquiry, &result.live);
    result
}

/// Asks as the program does.
pub(crate) async fn ask_once<I: Inquiry>(inquiry: &I, cloud: &impl ReadCloud) -> InquiryResult<I::Output> {
    ask_of(inquiry, cloud, AskOptions { parallelism: 10 }).await
}

/// With more answers it takes too long.
const MOST_ANSWERS: usize = 2000;

/// Demands that the inquiry asks the same questions and comes to the same conclusion if it is given these answers in an
/// order of chance, which differs with their number. Names that differ in letter case alone, as those of roles, are the same here.
#[track_caller]
pub fn demand_same_in_any_order<I>(inquiry: &I, answers: &Live)
where
    I: Inquiry<Output: Debug + PartialEq>,
{
    if !inquiry.may_ask_ahead() {
        return;
    }
    let in_rounds = Replay::of(inquiry, answers, |open| open.len());
    if in_rounds.asked.len() > MOST_ANSWERS {
        return;
    }
    let mut luck = Rng::with_seed(in_rounds.asked.len() as u64);
    let replay = Replay::of(inquiry, answers, |open| {
        luck.shuffle(open);
        luck.usize(1..=open.len().div_ceil(2))
    });
    let differing: Vec<&Question> = in_rounds.asked.symmetric_difference(&replay.asked).collect();
    assert!(differing.is_empty(), "asked in one order alone: {differing:#?}");
    let (concluded, again) = (inquiry.conclude(answers), inquiry.conclude(&replay.live));
    assert!(again == concluded, "concluded differently:\n{again:#?}\nnot\n{concluded:#?}");
}

/// An inquiry that is given known answers, some at a time.
#[derive(Default)]
struct Replay {
    asked: BTreeSet<Question>,
    live: Live,
}

impl Replay {
    /// `next` orders the open questions, and returns how many of the first are answered before the inquiry asks again. Roles
    /// that may be read in bulk are answered last, as by `ask`.
    #[track_caller]
    fn of(inquiry: &impl Inquiry, answers: &Live, mut next: impl FnMut(&mut [Question]) -> usize) -> Replay {
        let (mut replay, mut open, mut roles) = (Replay::default(), Vec::new(), Vec::new());
        loop {
            let new = inquiry.questions(&replay.live).into_iter();
            for question in new.filter(|question| !replay.live.answers(question)) {
                if replay.asked.insert(question.clone()) {
                    let is_role = matches!(question, Question::Role { directly: false, .. });
                    if is_role { &mut roles } else { &mut open }.push(question);
                }
            }
            if open.is_empty() {
                if roles.is_empty() {
                    return replay;
                }
                roles.drain(..).for_each(|role| replay.answer(role, answers));
                continue;
            }
            let number = next(&mut open);
            open.drain(..number).for_each(|question| replay.answer(question, answers));
        }
    }

    #[track_caller]
    fn answer(&mut self, question: Question, answers: &Live) {
        let live = &mut self.live;
        let Some(answer) = answers.answer(&question) else {
            panic!("asked in another order alone: {question:#?}")
        };
        if let Question::Role { role, directly: false } = &question
            && let Some(bulk) = answers.roles_in_bulk.get(&role.account)
        {
            live.roles_in_bulk.insert(role.account.clone(), bulk.clone());
            for (other, read) in answers.roles.iter().filter(|(other, _)| other.account == role.account) {
                live.roles.entry(other.clone()).or_insert_with(|| read.clone());
            }
        }
        live.record(question, answer);
    }
}

/// An inquiry that only asks, and may be asked ahead.
#[derive(Debug)]
pub struct Questions<F>(pub F);

impl<F: Fn(&Live) -> BTreeSet<Question>> Inquiry for Questions<F> {
    type Output = ();

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        self.0(live)
    }

    fn may_ask_ahead(&self) -> bool {
        true
    }

    fn conclude(&self, _: &Live) {}
}

/// The inquiry of this mode on a manifest and a record.
pub fn reconcile(mode: Mode, inputs: Inputs) -> Box<dyn Inquiry<Output = PlanResult> + Send + Sync> {
    match mode {
        Mode::Converge => Box::new(Converge::new(inputs)),
        Mode::Destroy => Box::new(Destroy::new(inputs)),
        Mode::Drift => Box::new(Drift::new(inputs)),
        Mode::Sweep | Mode::Restore => panic!("the test is wrong: {mode:?} has inputs of its own"),
    }
}

/// What an apply of this manifest plans where nothing was applied yet.
pub async fn first_plan(desired: Desired, cloud: &impl ReadCloud) -> Plan {
    let inputs = Inputs { desired: desired.into(), recorded: Recorded::default(), options: Options::default() };
    let planned = ask(&Converge::new(inputs), cloud).await.output;
    planned.unwrap_or_else(|problems| panic!("{problems:#?}")).plan
}
