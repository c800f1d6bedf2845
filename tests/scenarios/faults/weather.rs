//! Between the program and a cloud: which calls go wrong and how, the same ones for the same seed; and what of the
//! writes was carried out.
use pinpoint_streams_executor::cloud::{AllRoles, CloudError, ReadCloud, RoleList, WriteCloud, Written};
use pinpoint_streams_model::arn::{PolicyArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, RoleName};
use pinpoint_streams_model::live::{FailureKind, LiveApp, LiveEventStream, LiveRole, LiveStream, Quotas};
use pinpoint_streams_model::op::{AppOp, Op, Resolved};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::Region;
use pinpoint_streams_testkit::FakeCloud;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::sleep;

/// What becomes of one attempt of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Fair,
    /// Refused for certain.
    Refused(FailureKind),
    /// Not done, and the answer does not say so.
    Failed(FailureKind),
    /// Done, and the answer does not say so.
    Lost(FailureKind),
    /// Not done, and never answered.
    Silence,
    /// Done, and never answered.
    DoneInSilence,
}

/// Which attempts go wrong.
#[derive(Debug, Clone)]
pub(crate) enum Sky {
    Clear,
    /// These shares of all attempts. Beneath the program is an SDK that sends again what may be sent again.
    Shares(Vec<(f64, Fate)>),
    /// This call alone, from 1; the SDK has given up already.
    Nth(usize, Fate),
    /// Writes of this name meet with these fates, one after another, and with the last for good.
    Writes(&'static str, Vec<Fate>),
    /// The answer to this list, from 1, lacks this item, as where pages move while they are read.
    PassesOver {
        list: usize,
        item: usize,
    },
}

/// A write as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) op: Op<Resolved>,
    pub(crate) was_carried_out: bool,
    /// Whether the program can know whether it was.
    pub(crate) is_in_doubt: bool,
}

/// A cloud in this weather. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Weather {
    cloud: FakeCloud,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    sky: Sky,
    luck: fastrand::Rng,
    calls: usize,
    lists: usize,
    struck: usize,
    /// The numbers of the calls that write.
    writes: BTreeSet<usize>,
    sent: Vec<Sent>,
}

/// How often the SDK sends what may be sent again.
const ATTEMPTS: u32 = 10;
/// How long it waits for an answer.
const ATTEMPT: Duration = Duration::from_secs(30);

impl Weather {
    pub(crate) fn new(cloud: &FakeCloud, sky: Sky, seed: u64) -> Weather {
        let luck = fastrand::Rng::with_seed(seed);
        let inner = Inner { sky, luck, calls: 0, lists: 0, struck: 0, writes: BTreeSet::new(), sent: Vec::new() };
        Weather { cloud: cloud.clone(), inner: Arc::new(Mutex::new(inner)) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.lock().calls
    }

    /// Which of the calls were writes.
    pub(crate) fn writes(&self) -> BTreeSet<usize> {
        self.lock().writes.clone()
    }

    /// How many lists were asked for.
    pub(crate) fn lists(&self) -> usize {
        self.lock().lists
    }

    /// How often something went wrong.
    pub(crate) fn struck(&self) -> usize {
        self.lock().struck
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    fn fate(&self, call: usize, op: Option<&Op<Resolved>>) -> Fate {
        let inner = &mut *self.lock();
        let fate = match &mut inner.sky {
            Sky::Clear | Sky::PassesOver { .. } => Fate::Fair,
            Sky::Shares(shares) => {
                let mut drawn = inner.luck.f64();
                let fate = shares.iter().find(|(share, _)| {
                    drawn -= share;
                    drawn < 0.0
                });
                fate.map_or(Fate::Fair, |(_, fate)| *fate)
            }
            Sky::Nth(n, fate) if *n == call => *fate,
            Sky::Writes(name, fates) if op.is_some_and(|op| op.name() == *name) => {
                if fates.len() > 1 {
                    fates.remove(0)
                } else {
                    fates[0]
                }
            }
            Sky::Nth(..) | Sky::Writes(..) => Fate::Fair,
        };
        inner.struck += usize::from(fate != Fate::Fair);
        fate
    }

    async fn call<T, F: Future<Output = Result<T, CloudError>>>(
        &self,
        op: Option<&Op<Resolved>>,
        act: impl Fn() -> F,
    ) -> Result<T, CloudError> {
        let call = {
            let inner = &mut *self.lock();
            inner.calls += 1;
            if op.is_some() {
                inner.writes.insert(inner.calls);
            }
            inner.calls
        };
        let attempts = match (&self.lock().sky, op) {
            (Sky::Shares(_), Some(Op::App(AppOp::Create(_)))) => 1,
            (Sky::Shares(_), _) => ATTEMPTS,
            _ => 1,
        };
        let (mut in_doubt, mut was_carried_out, mut attempt) = (false, false, 1);
        let answer = loop {
            let fate = self.fate(call, op);
            let answer = match fate {
                Fate::Fair => act().await.inspect(|_| was_carried_out = true),
                Fate::Refused(kind) => Err(error(kind, true)),
                Fate::Failed(kind) => Err(error(kind, false)),
                Fate::Lost(kind) => {
                    was_carried_out |= act().await.is_ok();
                    Err(error(kind, false))
                }
                Fate::Silence => {
                    sleep(ATTEMPT).await;
                    Err(error(FailureKind::Timeout, false))
                }
                Fate::DoneInSilence => {
                    was_carried_out |= act().await.is_ok();
                    sleep(ATTEMPT).await;
                    Err(error(FailureKind::Timeout, false))
                }
            };
            let is_sent_again = answer.as_ref().is_err_and(|error| {
                in_doubt |= !error.definitely_refused;
                use FailureKind::{Connection, Server, Timeout};
                matches!(error.kind, Connection | Server | Timeout)
            });
            if !is_sent_again || attempt == attempts {
                break answer.map_err(|error| error.after(in_doubt));
            }
            sleep(Duration::from_millis(200) * 2u32.pow(attempt.min(5))).await;
            attempt += 1;
        };
        if let Some(op) = op {
            let is_in_doubt = answer.as_ref().is_err_and(|error| !error.definitely_refused);
            self.lock().sent.push(Sent { op: op.clone(), was_carried_out, is_in_doubt });
        }
        answer
    }

    /// A list, which may lack one of its items.
    async fn list<K: Ord + Clone, V, F: Future<Output = Result<BTreeMap<K, V>, CloudError>>>(
        &self,
        act: impl Fn() -> F,
    ) -> Result<BTreeMap<K, V>, CloudError> {
        let mut answer = self.call(None, act).await?;
        let inner = &mut *self.lock();
        inner.lists += 1;
        if let Sky::PassesOver { list, item } = inner.sky
            && list == inner.lists
            && let Some(key) = answer.keys().nth(item).cloned()
        {
            answer.remove(&key);
            inner.struck += 1;
        }
        Ok(answer)
    }
}

fn error(kind: FailureKind, definitely_refused: bool) -> CloudError {
    CloudError {
        kind,
        operation: "Weather",
        code: format!("{kind:?}"),
        message: "bad weather".to_owned(),
        request_id: None,
        definitely_refused,
        source: None,
    }
}

impl ReadCloud for Weather {
    async fn caller(&self, account: &AccountId) -> Result<AccountId, CloudError> {
        self.call(None, || self.cloud.caller(account)).await
    }

    async fn quotas(&self, account: &AccountId) -> Result<Quotas, CloudError> {
        self.call(None, || self.cloud.quotas(account)).await
    }

    async fn all_roles(&self, account: &AccountId) -> Result<AllRoles, CloudError> {
        self.list(|| self.cloud.all_roles(account)).await
    }

    async fn role(&self, account: &AccountId, name: &RoleName) -> Result<Option<LiveRole>, CloudError> {
        self.call(None, || self.cloud.role(account, name)).await
    }

    async fn role_list(&self, account: &AccountId) -> Result<RoleList, CloudError> {
        self.list(|| self.cloud.role_list(account)).await
    }

    async fn policy_document(&self, account: &AccountId, arn: &PolicyArn) -> Result<Option<Document>, CloudError> {
        self.call(None, || self.cloud.policy_document(account, arn)).await
    }

    async fn stack_of(
        &self,
        account: &AccountId,
        region: &Region,
        role: &RoleName,
    ) -> Result<Option<String>, CloudError> {
        self.call(None, || self.cloud.stack_of(account, region, role)).await
    }

    async fn apps(&self, account: &AccountId, region: &Region) -> Result<BTreeMap<AppId, LiveApp>, CloudError> {
        self.list(|| self.cloud.apps(account, region)).await
    }

    async fn app(&self, account: &AccountId, region: &Region, id: &AppId) -> Result<Option<LiveApp>, CloudError> {
        self.call(None, || self.cloud.app(account, region, id)).await
    }

    async fn app_tags(&self, account: &AccountId, region: &Region, id: &AppId) -> Result<Tags, CloudError> {
        self.call(None, || self.cloud.app_tags(account, region, id)).await
    }

    async fn channels(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> Result<BTreeSet<String>, CloudError> {
        self.call(None, || self.cloud.channels(account, region, id)).await
    }

    async fn event_stream(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> Result<Option<LiveEventStream>, CloudError> {
        self.call(None, || self.cloud.event_stream(account, region, id)).await
    }

    async fn stream(&self, arn: &StreamArn) -> Result<Option<LiveStream>, CloudError> {
        self.call(None, || self.cloud.stream(arn)).await
    }
}

impl WriteCloud for Weather {
    async fn write(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        self.call(Some(op), || self.cloud.write(op)).await
    }
}
