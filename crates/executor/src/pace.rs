//! A cloud that slows down when AWS asks for it: calls that were throttled are made again at the pace
//! that the service allows, and nobody above notices but by the time it takes. What a step of a run does meanwhile is
//! its `call_slot`'s.
mod call_slot;
mod floor;
mod limiter;

use crate::cloud::{CloudError, ReadCloud, WriteCloud, Written};
pub(crate) use call_slot::{CallSlot, Waiting};
use limiter::Limiter;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::question::Service;
use pinpoint_streams_model::live::{Answer, FailureKind, Question, Read};
use pinpoint_streams_model::op::{Op, Resolved};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long one call is made again for, throttled as it may be.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

tokio::task_local! {
    /// The pace of the service that the paced call in hand is made to.
    static LIMITER: Arc<Limiter>;
}

/// A turn among the calls to a service of an account. A read that takes several calls (pages, a role and its lists)
/// has one for its first call; for every other call what reads asks for another, so that the pace is that of
/// calls, and a call that was refused waits as any other does.
#[derive(Debug)]
pub struct Turn {
    limiter: Arc<Limiter>,
    at: Instant,
}

impl Turn {
    /// Waits for the turn of another call of the paced read in hand; none where nothing paces it.
    pub async fn next() -> Option<Turn> {
        Some(Turn::of(LIMITER.try_with(Arc::clone).ok()?).await)
    }

    async fn of(limiter: Arc<Limiter>) -> Turn {
        let at = call_slot::wait_for_turn(limiter.turn()).await;
        Turn { limiter, at }
    }

    /// The call was answered, well or not, and not for want of capacity.
    pub fn answered(self) {
        self.limiter.answered();
    }

    /// The call was throttled.
    pub fn refused(self) {
        self.limiter.refused(self.at);
    }
}

/// A cloud at the pace that AWS allows. Reads and writes of one service and account share a pace.
#[derive(Debug)]
pub struct Paced<C> {
    cloud: C,
    limiters: Mutex<BTreeMap<(Service, AccountId), Arc<Limiter>>>,
}

impl<C> Paced<C> {
    /// This cloud, paced. It must hand a throttled call back at once.
    pub fn new(cloud: C) -> Self {
        Paced { cloud, limiters: Mutex::default() }
    }

    fn limiter(&self, service: Service, account: &AccountId) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(limiters.entry((service, account.clone())).or_default())
    }

    /// Makes a call again, each time in its turn, for as long as it is throttled.
    async fn paced<T, F>(
        &self,
        service: Service,
        account: &AccountId,
        call: impl Fn() -> F + Send,
        is_throttled: impl Fn(&T) -> bool + Send,
    ) -> T
    where
        F: Future<Output = T> + Send,
    {
        let (limiter, began) = (self.limiter(service, account), Instant::now());
        loop {
            let turn = Turn::of(Arc::clone(&limiter)).await;
            let answer = LIMITER.scope(Arc::clone(&limiter), call()).await;
            if !is_throttled(&answer) {
                turn.answered();
                return answer;
            }
            turn.refused();
            if began.elapsed() >= PATIENCE {
                return answer;
            }
        }
    }
}

impl<C: ReadCloud> ReadCloud for Paced<C> {
    async fn read(&self, question: &Question) -> Read<Answer> {
        let is_throttled =
            |read: &Read<_>| matches!(read, Read::Unreadable(why) if why.kind == FailureKind::Throttled);
        let read = || self.cloud.read(question);
        self.paced(question.service(), question.account(), read, is_throttled).await
    }
}

impl<C: WriteCloud> WriteCloud for Paced<C> {
    async fn write(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        let service = if op.role().is_some() { Service::Iam } else { Service::Pinpoint };
        // Only the record is written: no service is called.
        let Some(account) = op.account() else { return self.cloud.write(op).await };
        let is_throttled =
            |answer: &Result<_, CloudError>| matches!(answer, Err(error) if error.kind == FailureKind::Throttled);
        let in_doubt = AtomicBool::new(false);
        let write = || async {
            call_slot::note_sent();
            let answer = self.cloud.write(op).await;
            if !is_throttled(&answer) {
                call_slot::note_accepted();
            }
            if answer.as_ref().is_err_and(|error| !error.definitely_refused) {
                in_doubt.store(true, Ordering::Relaxed);
            }
            answer
        };
        let answer = self.paced(service, account, write, is_throttled).await;
        answer.map_err(|error| error.after(in_doubt.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::Stop;
    use std::sync::atomic::AtomicUsize;
    use tokio::sync::Semaphore;
    use tokio::time::sleep;

    /// A read of a call and then two side by side, which are throttled so often.
    struct ThreeCalls(AtomicUsize);

    impl ThreeCalls {
        async fn call(&self) {
            loop {
                let turn = Turn::next().await.unwrap();
                if self.0.load(Ordering::Relaxed) == 0 {
                    return turn.answered();
                }
                self.0.fetch_sub(1, Ordering::Relaxed);
                turn.refused();
            }
        }
    }

    impl ReadCloud for ThreeCalls {
        async fn read(&self, _: &Question) -> Read<Answer> {
            tokio::join!(self.call(), self.call());
            Read::Absent
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_whose_read_is_throttled_midway_leaves_its_slot_to_others() {
        let slots = Arc::new(Semaphore::new(1));
        let permit = Arc::clone(&slots).acquire_owned().await.unwrap();
        let slot = CallSlot::new(Arc::clone(&slots), permit, Stop::never());
        let (cloud, began) = (Paced::new(ThreeCalls(AtomicUsize::new(3))), Instant::now());
        let question = Question::Quotas("123456789012".parse().unwrap());
        let look = async {
            sleep(Duration::from_millis(100)).await;
            slots.available_permits()
        };
        let (read, free): (Read<Answer>, usize) = tokio::join!(slot.during(cloud.read(&question)), look);
        assert_eq!((read, free), (Read::Absent, 1));
        assert!(began.elapsed() > Duration::from_secs(1), "{:?}", began.elapsed());
    }
}
