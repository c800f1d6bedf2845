//! What lies between the program and the cloud: an SDK that sends again what may be sent again, and answers to lists that
//! lack an item, as where pages move while they are read.
use crate::cloud::FakeCloud;
use crate::faults::{How, MissingItem};
use pinpoint_streams_executor::cloud::{CloudError, ReadCloud, WriteCloud, Written};
use pinpoint_streams_model::live::{Answer, FailureKind, Question, Read};
use pinpoint_streams_model::op::{AppOp, Op, Resolved};
use std::collections::BTreeMap;
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

    /// The answer to a list may lack one of its items.
    fn pass_over<K: Ord + Clone, V>(&self, list: &mut BTreeMap<K, V>) {
        let lists = self.lists.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(MissingItem { list: nth, item }) = self.missing
            && nth == lists
            && let Some(key) = list.keys().nth(item).cloned()
        {
            list.remove(&key);
            self.cloud.count_fault();
        }
    }
}

impl ReadCloud for Sdk {
    async fn read(&self, question: &Question) -> Read<Answer> {
        let read = || async { self.cloud.read(question).await.known().map_err(CloudError::unread) };
        let mut answer = Read::from(self.call(true, read).await.map_err(CloudError::unreadable));
        match &mut answer {
            Read::Present(Answer::Roles(roles)) => self.pass_over(roles),
            Read::Present(Answer::RoleList(roles)) => self.pass_over(roles),
            Read::Present(Answer::Apps(apps)) => self.pass_over(apps),
            _ => {}
        }
        answer
    }
}

impl WriteCloud for Sdk {
    async fn write(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        self.call(!matches!(op, Op::App(AppOp::Create(_))), || self.cloud.write(op)).await
    }
}
