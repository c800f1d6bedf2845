//! The pipeline from opening the record to writing it: nothing is written to AWS before the plan is approved.
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_executor::execute::{NotWritten, Outcome, RunContext};
use pinpoint_streams_executor::{Approval, Interrupt, Interrupts, Level, Proposal, RunEvents, Stopped, apply};
use pinpoint_streams_model::{Desired, Ending, Options, Plan};
use pinpoint_streams_planner::{Converge, Inputs, Inquiry, PlanResult, Planned};
use pinpoint_streams_store::Loaded;
use pinpoint_streams_store::lock::LockCheck;
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::StateError;
use pinpoint_streams_testkit::{FakeCloud, Memory, ask, desired, parsed};
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

/// What the person who is asked for approval does.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Yes,
    No,
    Hesitates,
}

#[derive(Debug, PartialEq)]
enum Refused {
    Declined,
    Stopped,
}

impl From<SessionError> for Refused {
    fn from(error: SessionError) -> Refused {
        panic!("{error}")
    }
}

impl From<Stopped> for Refused {
    fn from(_: Stopped) -> Refused {
        Refused::Stopped
    }
}

struct Proposed {
    desired: Desired,
    cloud: FakeCloud,
    answer: Answer,
}

impl Proposal for Proposed {
    type Inquiry = Converge;
    type Cloud = FakeCloud;
    type Error = Refused;

    async fn admit(&self) -> Result<(), Refused> {
        Ok(())
    }

    async fn prepare(&mut self, start: &Loaded) -> Result<(Converge, FakeCloud), Refused> {
        let (desired, recorded) = (self.desired.clone(), start.recorded.clone());
        Ok((
            Converge::new(Inputs { desired: desired.into(), recorded, options: Options::default() }),
            self.cloud.clone(),
        ))
    }

    async fn ask(&self, inquiry: &Converge, cloud: &impl ReadCloud) -> <Converge as Inquiry>::Output {
        ask(inquiry, cloud).await.output
    }

    fn check(&mut self, concluded: PlanResult) -> Result<Planned, Refused> {
        Ok(concluded.unwrap())
    }

    async fn approve(&mut self, _: &Plan) -> Result<Approval, Refused> {
        match self.answer {
            Answer::Yes => Ok(Approval::default()),
            Answer::No => Err(Refused::Declined),
            Answer::Hesitates => pending().await,
        }
    }
}

/// A lock that is lost after this many checks.
#[derive(Debug)]
struct LostAfter(AtomicUsize);

impl LockCheck for LostAfter {
    fn is_held(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        let left = self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        Box::pin(std::future::ready(left.is_ok()))
    }
}

/// One signal, a minute after the start.
struct OneSignal {
    is_left: bool,
    lock: Option<Arc<dyn LockCheck>>,
    stopped: Vec<Interrupt>,
}

impl Interrupts for OneSignal {
    async fn signal(&mut self) {
        if !self.is_left {
            pending::<()>().await;
        }
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        self.is_left = false;
    }

    fn lock_lost(&self) -> impl Future<Output = ()> + use<> {
        pending()
    }

    fn lock(&self) -> Option<Arc<dyn LockCheck>> {
        self.lock.clone()
    }

    fn stopping(&mut self, because: Interrupt, _: Level) {
        self.stopped.push(because);
    }
}

async fn applied(answer: Answer, memory: &Memory, cloud: &FakeCloud) -> Result<Outcome, Refused> {
    let mut interrupts = OneSignal { is_left: true, lock: None, stopped: Vec::new() };
    applied_with(&mut interrupts, answer, memory, cloud).await
}

async fn applied_with(
    interrupts: &mut OneSignal,
    answer: Answer,
    memory: &Memory,
    cloud: &FakeCloud,
) -> Result<Outcome, Refused> {
    let desired = shop();
    let clock = cloud.clock();
    let run = RunContext::new(parsed("r1"), 4, &clock, 7);
    let mut events = RunEvents::begin(&clock, "0.0.0", |_| {});
    let mut proposed = Proposed { desired, cloud: cloud.clone(), answer };
    apply(&mut proposed, memory.stores(), run, interrupts, &mut events).await
}

fn shop() -> Desired {
    desired().app("shop", |app| app.kinesis("clicks")).build()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_before_the_plan_is_approved() {
    for (answer, refused) in [(Answer::No, Refused::Declined), (Answer::Hesitates, Refused::Stopped)] {
        let (memory, cloud) = (Memory::new(), FakeCloud::presumed_by(&shop()));
        let before = cloud.snapshot();
        assert_eq!(applied(answer, &memory, &cloud).await.unwrap_err(), refused);
        assert_eq!(cloud.snapshot(), before);
        assert_eq!((memory.state.now(), memory.journal.bytes()), (None, None));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_approved_is_carried_out_and_recorded() {
    let (memory, cloud) = (Memory::new(), FakeCloud::presumed_by(&shop()));
    assert_eq!(applied(Answer::Yes, &memory, &cloud).await.unwrap().ending, Ending::Done);
    assert_eq!(memory.state.now().unwrap().resources.len(), 2);
    assert_eq!(applied(Answer::Yes, &memory, &cloud).await.unwrap().ending, Ending::NoChanges);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_lock_is_lost_makes_no_further_write_and_the_next_one_goes_on() {
    let whole = FakeCloud::presumed_by(&shop());
    let _ = applied(Answer::Yes, &Memory::new(), &whole).await.unwrap();
    let writes = whole.writes().len();
    assert!(writes > 2, "{writes}");
    // The first two checks are before and after the journal is created; each further one is before a write.
    for checks in 0..=writes + 1 {
        let (memory, cloud) = (Memory::new(), FakeCloud::presumed_by(&shop()));
        let lock: Arc<dyn LockCheck> = Arc::new(LostAfter(AtomicUsize::new(checks)));
        let mut interrupts = OneSignal { is_left: false, lock: Some(lock), stopped: Vec::new() };
        let outcome = applied_with(&mut interrupts, Answer::Yes, &memory, &cloud).await.unwrap();
        assert_eq!(cloud.writes().len(), checks.saturating_sub(2), "after {checks} checks: {outcome:#?}");
        assert_eq!(interrupts.stopped, [Interrupt::LockLost]);
        assert_eq!(outcome.ending, if checks < 2 { Ending::Refused } else { Ending::Stopped });
        let is_left = matches!(outcome.state_written, Err(NotWritten::State(StateError::LockLost { .. })));
        assert_eq!(is_left, checks >= 2, "the journal has it: {outcome:#?}");
        assert_eq!(applied(Answer::Yes, &memory, &cloud).await.unwrap().ending, Ending::Done);
        assert_eq!(cloud.count("CreateRole"), 1);
        assert_eq!(applied(Answer::Yes, &memory, &cloud).await.unwrap().ending, Ending::NoChanges);
    }
}
