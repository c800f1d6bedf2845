//! A cloud that repeats throttled calls at the rate that AWS allows. `call_slot` is what a step does while it waits.
mod call_slot;
mod limiter;

use crate::cloud::{CloudError, ReadCloud, WriteCloud, Written};
pub(crate) use call_slot::{CallSlot, Waiting};
use limiter::Limiter;
use pinpoint_streams_model::live::question::Service;
use pinpoint_streams_model::{AccountId, Answer, FailureKind, Op, Question, Read, Region, Resolved};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// LookupEvents a second, in an account and region. Source: CloudTrail API reference, LookupEvents.
const CLOUDTRAIL_RATE: f64 = 2.0;
/// How long a throttled call is repeated.
const RETRY_FOR: Duration = Duration::from_secs(10 * 60);

tokio::task_local! {
    /// The limiter of the current paced call.
    static LIMITER: Arc<Limiter>;
}

/// A turn in the queue of calls to a service of an account. A read gets one for its first call and must ask for
/// another for each further call (pages, a role's lists), so that every call is paced.
#[derive(Debug)]
pub struct Turn {
    limiter: Arc<Limiter>,
    at: Instant,
}

impl Turn {
    /// Waits for the turn of another call of the current paced read; `None` if it is not paced.
    pub async fn next() -> Option<Turn> {
        Some(Turn::of(LIMITER.try_with(Arc::clone).ok()?).await)
    }

    async fn of(limiter: Arc<Limiter>) -> Turn {
        let at = call_slot::wait_for_turn(limiter.turn()).await;
        Turn { limiter, at }
    }

    /// The call was not throttled.
    pub fn answered(self) {
        self.limiter.answered();
    }

    pub fn refused(self) {
        self.limiter.refused(self.at);
    }
}

/// The region only for CloudTrail.
type LimiterKey = (Service, AccountId, Option<Region>);

/// A cloud at the rate that AWS allows. Reads and writes of one service and account share a rate; CloudTrail has one in
/// each region.
#[derive(Debug)]
pub struct Paced<C> {
    cloud: C,
    limiters: Mutex<BTreeMap<LimiterKey, Arc<Limiter>>>,
}

impl<C> Paced<C> {
    /// Paces a cloud, which must not retry throttled calls itself.
    pub fn new(cloud: C) -> Self {
        Paced { cloud, limiters: Mutex::default() }
    }

    fn limiter(&self, service: Service, account: &AccountId, region: Option<&Region>) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = limiters.entry((service, account.clone(), region.cloned()));
        Arc::clone(limiter.or_insert_with(|| {
            Arc::new(match service {
                Service::CloudTrail => Limiter::at_most(CLOUDTRAIL_RATE),
                _ => Limiter::default(),
            })
        }))
    }
}

/// Repeats a call, each time in its turn, while it is throttled.
async fn paced<T, F>(
    limiter: Arc<Limiter>,
    call: impl Fn() -> F + Send,
    is_throttled: impl Fn(&T) -> bool + Send,
) -> T
where
    F: Future<Output = T> + Send,
{
    let began = Instant::now();
    loop {
        let turn = Turn::of(Arc::clone(&limiter)).await;
        let answer = LIMITER.scope(Arc::clone(&limiter), call()).await;
        if !is_throttled(&answer) {
            turn.answered();
            return answer;
        }
        turn.refused();
        if began.elapsed() >= RETRY_FOR {
            return answer;
        }
    }
}

impl<C: ReadCloud> ReadCloud for Paced<C> {
    async fn read(&self, question: &Question) -> Read<Answer> {
        let is_throttled =
            |read: &Read<_>| matches!(read, Read::Unreadable(why) if why.kind == FailureKind::Throttled);
        // Boxed: the future of all of AWS's reads is too large to be held in those of all steps.
        let read = || Box::pin(self.cloud.read(question));
        let region = match question {
            Question::RoleUses(used) => Some(&used.region),
            Question::EventStreamChanges(place) => Some(&place.region),
            _ => None,
        };
        let limiter = self.limiter(question.service(), question.account(), region);
        paced(limiter, read, is_throttled).await
    }
}

impl<C: WriteCloud> WriteCloud for Paced<C> {
    async fn write(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        let service = if op.role().is_some() { Service::Iam } else { Service::Pinpoint };
        // The operation changes only the record.
        let Some(account) = op.account() else { return self.cloud.write(op).await };
        let is_throttled =
            |answer: &Result<_, CloudError>| matches!(answer, Err(error) if error.kind == FailureKind::Throttled);
        let in_doubt = AtomicBool::new(false);
        let write = || async {
            call_slot::note_sent().await;
            let answer = self.cloud.write(op).await;
            if !is_throttled(&answer) {
                call_slot::note_accepted();
            }
            if answer.as_ref().is_err_and(|error| !error.definitely_refused) {
                in_doubt.store(true, Ordering::Relaxed);
            }
            answer
        };
        let answer = paced(self.limiter(service, account, None), write, is_throttled).await;
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

    /// A read of one call and then two concurrent ones, throttled this many times.
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
