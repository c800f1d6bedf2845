//! A cloud that repeats throttled calls at the rate that AWS allows. `call_slot` is what a step does while it waits.
mod call_slot;
mod limiter;

use crate::cloud::{CloudError, ReadCloud, WriteCloud, Written};
pub(crate) use call_slot::{CallSlot, Waiting};
use limiter::{Limiter, Pass};
use pinpoint_streams_model::live::question::{ApiOperation, Service};
use pinpoint_streams_model::{AccountId, Answer, FailureKind, Op, Question, Read, Region, Resolved};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// LookupEvents a second, in an account and region. Source: CloudTrail API reference, LookupEvents.
const CLOUDTRAIL_RATE: f64 = 2.0;
/// How long a throttled call is repeated.
const RETRY_FOR: Duration = Duration::from_secs(10 * 60);

tokio::task_local! {
    /// The paced read or write that is under way.
    static CURRENT: Current;
}

/// One read or write.
#[derive(Debug, Clone)]
struct Current {
    limiters: Arc<Limiters>,
    account: AccountId,
    region: Option<Region>,
    /// The turn of the call that is under way. It ends when another call waits for its own: calls of an operation must not
    /// wait for one another.
    pass: Arc<Mutex<Option<Held>>>,
}

/// What a call holds while it runs.
#[derive(Debug)]
struct Held {
    _pass: Pass,
    _connection: Option<OwnedSemaphorePermit>,
    since: Instant,
}

/// A turn in the queue of calls of an operation. A read gets one for its first call and must ask for another for each
/// further call (pages, a role's lists), so that every call is paced.
#[derive(Debug)]
pub struct Turn {
    current: Current,
    limiter: Arc<Limiter>,
    held: Held,
}

impl Turn {
    /// Waits for the turn of another call of the current paced read; `None` if it is not paced.
    pub async fn next(operation: ApiOperation) -> Option<Turn> {
        let current = CURRENT.try_with(Current::clone).ok()?;
        lock(&current.pass).take();
        Some(Turn::of(operation, current).await)
    }

    async fn of(operation: ApiOperation, current: Current) -> Turn {
        let limiter = current.limiters.of(operation, &current.account, current.region.as_ref());
        let connections = Arc::clone(&current.limiters.connections);
        let turn = async {
            let _pass = limiter.turn().await;
            // The semaphore is never closed.
            let _connection = connections.acquire_owned().await.ok();
            Held { _pass, _connection, since: Instant::now() }
        };
        let held = call_slot::wait_for_turn(turn).await;
        Turn { current, limiter, held }
    }

    /// Makes the call, and notes whether AWS refused it.
    pub async fn during<T>(self, call: impl Future<Output = T>, is_throttled: impl FnOnce(&T) -> bool) -> T {
        let Turn { current, limiter, held } = self;
        let since = held.since;
        let pass = Arc::new(Mutex::new(Some(held)));
        let answer = CURRENT.scope(Current { pass: Arc::clone(&pass), ..current }, call).await;
        // If the turn was given back, a later call was refused, of an operation that has noted it.
        let is_own = lock(&pass).is_some();
        match is_own && is_throttled(&answer) {
            true => limiter.refused(since),
            false => limiter.answered(),
        }
        answer
    }
}

/// AWS limits each operation by itself, in each account and region. IAM and its like have no regions.
type Limited = (ApiOperation, AccountId, Option<Region>);

#[derive(Debug)]
struct Limiters {
    of: Mutex<BTreeMap<Limited, Arc<Limiter>>>,
    /// How many calls may run, over all operations.
    connections: Arc<Semaphore>,
}

impl Limiters {
    fn of(&self, operation: ApiOperation, account: &AccountId, region: Option<&Region>) -> Arc<Limiter> {
        let mut limiters = lock(&self.of);
        let limiter = limiters.entry((operation, account.clone(), region.cloned()));
        Arc::clone(limiter.or_insert_with(|| {
            Arc::new(match operation.service {
                Service::CloudTrail => Limiter::at_most(CLOUDTRAIL_RATE),
                _ => Limiter::default(),
            })
        }))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A cloud at the rate that AWS allows to each operation.
#[derive(Debug)]
pub struct Paced<C> {
    cloud: C,
    limiters: Arc<Limiters>,
}

impl<C> Paced<C> {
    /// Paces a cloud, which must not retry throttled calls itself.
    pub fn new(cloud: C) -> Self {
        Paced::at_most(cloud, Semaphore::MAX_PERMITS)
    }

    /// The same, with so many concurrent calls at most.
    pub fn at_most(cloud: C, calls: usize) -> Self {
        let connections = Arc::new(Semaphore::new(calls.clamp(1, Semaphore::MAX_PERMITS)));
        Paced { cloud, limiters: Arc::new(Limiters { of: Mutex::default(), connections }) }
    }

    pub fn cloud(&self) -> &C {
        &self.cloud
    }

    /// Repeats a read or a write, whose first call is of this operation, each time in its turn, while it is throttled.
    async fn paced<T, F>(
        &self,
        operation: ApiOperation,
        account: &AccountId,
        region: Option<&Region>,
        call: impl Fn() -> F + Send,
        is_throttled: impl Fn(&T) -> bool + Send,
    ) -> T
    where
        F: Future<Output = T> + Send,
    {
        let (began, account, region) = (Instant::now(), account.clone(), region.cloned());
        let current = Current { limiters: Arc::clone(&self.limiters), account, region, pass: Arc::default() };
        loop {
            let turn = Turn::of(operation, current.clone()).await;
            let answer = turn.during(call(), &is_throttled).await;
            if !is_throttled(&answer) || began.elapsed() >= RETRY_FOR {
                return answer;
            }
        }
    }
}

impl<C: ReadCloud> ReadCloud for Paced<C> {
    async fn read(&self, question: &Question) -> Read<Answer> {
        let is_throttled =
            |read: &Read<_>| matches!(read, Read::Unreadable(why) if why.kind == FailureKind::Throttled);
        // Boxed, as are writes: the future of all of AWS's calls is too large to be held in those of all steps.
        let read = || Box::pin(self.cloud.read(question));
        self.paced(question.first_call(), question.account(), question.region(), read, is_throttled).await
    }
}

impl<C: WriteCloud> WriteCloud for Paced<C> {
    async fn write(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        // The operation changes only the record.
        let Some(((operation, region), account)) = op.operation().zip(op.account()) else {
            return self.cloud.write(op).await;
        };
        let is_throttled =
            |answer: &Result<_, CloudError>| matches!(answer, Err(error) if error.kind == FailureKind::Throttled);
        let in_doubt = AtomicBool::new(false);
        let write = || {
            Box::pin(async {
                call_slot::note_sent().await;
                let answer = self.cloud.write(op).await;
                if !is_throttled(&answer) {
                    call_slot::note_accepted();
                }
                if answer.as_ref().is_err_and(|error| !error.definitely_refused) {
                    in_doubt.store(true, Ordering::Relaxed);
                }
                answer
            })
        };
        let answer = self.paced(operation, account, region, write, is_throttled).await;
        answer.map_err(|error| error.after(in_doubt.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::Stop;
    use pinpoint_streams_model::{AccountRegion, Unreadable};
    use std::sync::atomic::AtomicUsize;
    use tokio::time::sleep;

    /// A read of one call and then two concurrent ones, throttled this many times.
    struct ThreeCalls(AtomicUsize);

    impl ThreeCalls {
        async fn call(&self) {
            loop {
                let turn = Turn::next(ApiOperation::new(Service::Iam, "GetRole")).await.unwrap();
                let call = async {
                    self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                };
                if turn.during(call, Result::is_ok).await.is_err() {
                    return;
                }
            }
        }
    }

    impl ReadCloud for ThreeCalls {
        async fn read(&self, _: &Question) -> Read<Answer> {
            tokio::join!(self.call(), self.call());
            Read::Absent
        }
    }

    /// Reads of so many calls each, of one operation; how many calls ran at the same time.
    #[derive(Default)]
    struct Nested {
        running: AtomicUsize,
        most: AtomicUsize,
    }

    impl Nested {
        async fn call(&self) {
            let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(running, Ordering::Relaxed);
            sleep(Duration::from_millis(50)).await;
            self.running.fetch_sub(1, Ordering::Relaxed);
        }
    }

    impl ReadCloud for Nested {
        async fn read(&self, question: &Question) -> Read<Answer> {
            self.call().await;
            for _ in 0..3 {
                let turn = Turn::next(question.first_call()).await.unwrap();
                turn.during(self.call(), |()| false).await;
            }
            Read::Absent
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_of_one_read_do_not_wait_for_one_another_and_keep_within_the_bound() {
        for (bound, expected) in [(3, 3), (usize::MAX, 40)] {
            let (cloud, began) = (Paced::at_most(Nested::default(), bound), Instant::now());
            let question = Question::Quotas("123456789012".parse().unwrap());
            futures::future::join_all((0..40).map(|_| cloud.read(&question))).await;
            assert_eq!(cloud.cloud.most.load(Ordering::Relaxed), expected, "bound {bound}");
            let least = if bound == 3 { 40.0 * 4.0 * 0.05 / 3.0 } else { 0.2 };
            let seconds = began.elapsed().as_secs_f64();
            assert!((least..least + 0.5).contains(&seconds), "bound {bound}: {seconds}");
        }
    }

    /// Refuses one operation, in one region.
    struct Refusing(Question);

    impl ReadCloud for Refusing {
        async fn read(&self, question: &Question) -> Read<Answer> {
            match *question == self.0 {
                true => Read::Unreadable(Unreadable {
                    kind: FailureKind::Throttled,
                    operation: "GetApps".to_owned(),
                    code: "TooManyRequestsException".to_owned(),
                    message: "Too many requests".to_owned(),
                    request_id: None,
                    beneath: Vec::new(),
                }),
                false => Read::Absent,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_to_one_operation_slows_no_other_and_no_other_region_or_account() {
        let account = |id: &str| -> AccountId { id.parse().unwrap() };
        let apps =
            |id: &str, region: &str| Question::Apps(AccountRegion::of(&account(id), &region.parse().unwrap()));
        let refused = apps("123456789012", "eu-west-1");
        let cloud = Paced::new(Refusing(refused.clone()));
        let others = [
            apps("123456789012", "us-east-1"),
            apps("210987654321", "eu-west-1"),
            Question::Recommenders(AccountRegion::of(&account("123456789012"), &"eu-west-1".parse().unwrap())),
        ];
        let began = Instant::now();
        let answered = async {
            for _ in 0..100 {
                futures::future::join_all(others.iter().map(|question| cloud.read(question))).await;
            }
            began.elapsed()
        };
        tokio::select! {
            biased;
            _ = cloud.read(&refused) => panic!("it was answered"),
            elapsed = answered => assert_eq!(elapsed, Duration::ZERO),
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
