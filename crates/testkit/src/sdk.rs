//! What lies between the program and the cloud: an SDK that sends again what may be sent again, and answers to lists that
//! lack an item, as where pages move while they are read.
use crate::cloud::FakeCloud;
use crate::faults::MissingItem;
use crate::world::How;
use pinpoint_streams_executor::cloud::{AllRoles, CloudError, ReadCloud, RoleList, WriteCloud, Written};
use pinpoint_streams_model::arn::{PolicyArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, RoleName};
use pinpoint_streams_model::live::{FailureKind, LiveApp, LiveEventStream, LiveRole, LiveStream, Quotas};
use pinpoint_streams_model::op::{AppOp, Op, Resolved};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::Region;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::sleep;

/// How often the SDK sends what may be sent again.
const ATTEMPTS: u32 = 10;

/// A cloud as the program sees it. Clones share the count of lists.
#[derive(Debug, Clone)]
pub(crate) struct Sdk {
    cloud: FakeCloud,
    resends: bool,
    missing: Option<MissingItem>,
    lists: Arc<AtomicUsize>,
}

impl Sdk {
    pub(crate) fn new(cloud: &FakeCloud, how: &How) -> Sdk {
        Sdk { cloud: cloud.clone(), resends: how.resends, missing: how.faults.missing, lists: Arc::default() }
    }

    /// One call, sent again after a failure that leaves open whether it was carried out.
    async fn call<T, F: Future<Output = Result<T, CloudError>>>(
        &self,
        is_idempotent: bool,
        act: impl Fn() -> F,
    ) -> Result<T, CloudError> {
        let attempts = if self.resends && is_idempotent { ATTEMPTS } else { 1 };
        let (mut in_doubt, mut attempt) = (false, 1);
        loop {
            let answer = act().await;
            let is_sent_again = answer.as_ref().is_err_and(|error| {
                in_doubt |= !error.definitely_refused;
                use FailureKind::{Connection, Server, Timeout};
                matches!(error.kind, Connection | Server | Timeout)
            });
            if !is_sent_again || attempt == attempts {
                return answer.map_err(|error| error.after(in_doubt));
            }
            sleep(Duration::from_millis(200) * 2u32.pow(attempt.min(5))).await;
            attempt += 1;
        }
    }

    /// A list, which may lack one of its items.
    async fn list<K: Ord + Clone, V, F: Future<Output = Result<BTreeMap<K, V>, CloudError>>>(
        &self,
        act: impl Fn() -> F,
    ) -> Result<BTreeMap<K, V>, CloudError> {
        let mut answer = self.call(true, act).await?;
        let lists = self.lists.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(MissingItem { list, item }) = self.missing
            && list == lists
            && let Some(key) = answer.keys().nth(item).cloned()
        {
            answer.remove(&key);
            self.cloud.count_fault();
        }
        Ok(answer)
    }
}

impl ReadCloud for Sdk {
    async fn caller(&self, account: &AccountId) -> Result<AccountId, CloudError> {
        self.call(true, || self.cloud.caller(account)).await
    }

    async fn quotas(&self, account: &AccountId) -> Result<Quotas, CloudError> {
        self.call(true, || self.cloud.quotas(account)).await
    }

    async fn all_roles(&self, account: &AccountId) -> Result<AllRoles, CloudError> {
        self.list(|| self.cloud.all_roles(account)).await
    }

    async fn role(&self, account: &AccountId, name: &RoleName) -> Result<Option<LiveRole>, CloudError> {
        self.call(true, || self.cloud.role(account, name)).await
    }

    async fn role_list(&self, account: &AccountId) -> Result<RoleList, CloudError> {
        self.list(|| self.cloud.role_list(account)).await
    }

    async fn policy_document(&self, account: &AccountId, arn: &PolicyArn) -> Result<Option<Document>, CloudError> {
        self.call(true, || self.cloud.policy_document(account, arn)).await
    }

    async fn stack_of(
        &self,
        account: &AccountId,
        region: &Region,
        role: &RoleName,
    ) -> Result<Option<String>, CloudError> {
        self.call(true, || self.cloud.stack_of(account, region, role)).await
    }

    async fn apps(&self, account: &AccountId, region: &Region) -> Result<BTreeMap<AppId, LiveApp>, CloudError> {
        self.list(|| self.cloud.apps(account, region)).await
    }

    async fn app(&self, account: &AccountId, region: &Region, id: &AppId) -> Result<Option<LiveApp>, CloudError> {
        self.call(true, || self.cloud.app(account, region, id)).await
    }

    async fn app_tags(&self, account: &AccountId, region: &Region, id: &AppId) -> Result<Tags, CloudError> {
        self.call(true, || self.cloud.app_tags(account, region, id)).await
    }

    async fn channels(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> Result<BTreeSet<String>, CloudError> {
        self.call(true, || self.cloud.channels(account, region, id)).await
    }

    async fn event_stream(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> Result<Option<LiveEventStream>, CloudError> {
        self.call(true, || self.cloud.event_stream(account, region, id)).await
    }

    async fn stream(&self, arn: &StreamArn) -> Result<Option<LiveStream>, CloudError> {
        self.call(true, || self.cloud.stream(arn)).await
    }
}

impl WriteCloud for Sdk {
    async fn write(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        self.call(!matches!(op, Op::App(AppOp::Create(_))), || self.cloud.write(op)).await
    }
}
