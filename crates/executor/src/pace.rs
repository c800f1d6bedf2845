//! A cloud that slows down when AWS asks for it: calls that were throttled are made again at the pace
//! that the service allows, and nobody above notices but by the time it takes. What a step of a run does meanwhile is
//! its `seat`'s.
mod floor;
mod limiter;
mod seat;

use crate::cloud::{AllRoles, CloudError, ReadCloud, RoleList, WriteCloud, Written};
use limiter::Limiter;
use pinpoint_streams_model::arn::{PolicyArn, StreamArn, StreamService};
use pinpoint_streams_model::ids::{AccountId, AppId, RoleName};
use pinpoint_streams_model::live::{FailureKind, LiveApp, LiveEventStream, LiveRole, LiveStream, Quotas};
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::Region;
pub(crate) use seat::{InLine, Seat};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long one call is made again for, throttled as it may be.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// A service with a throttle of its own in each account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Service {
    Iam,
    Sts,
    CloudFormation,
    Pinpoint,
    Kinesis,
    Firehose,
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

    /// The cloud beneath.
    pub fn into_inner(self) -> C {
        self.cloud
    }

    fn limiter(&self, service: Service, account: &AccountId) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(limiters.entry((service, account.clone())).or_default())
    }

    async fn paced<T, F>(
        &self,
        service: Service,
        account: &AccountId,
        call: impl Fn() -> F + Send,
    ) -> Result<T, CloudError>
    where
        F: Future<Output = Result<T, CloudError>> + Send,
    {
        let (limiter, began, mut in_doubt) = (self.limiter(service, account), Instant::now(), false);
        loop {
            let turn = seat::stand_in_line(limiter.turn()).await;
            match call().await {
                Err(error) if error.kind == FailureKind::Throttled => {
                    limiter.refused(turn);
                    in_doubt |= !error.definitely_refused;
                    if began.elapsed() >= PATIENCE {
                        return Err(error.after(in_doubt));
                    }
                }
                answer => {
                    limiter.answered();
                    return answer.map_err(|error| error.after(in_doubt));
                }
            }
        }
    }
}

impl<C: ReadCloud> ReadCloud for Paced<C> {
    async fn caller(&self, account: &AccountId) -> Result<AccountId, CloudError> {
        self.paced(Service::Sts, account, || self.cloud.caller(account)).await
    }

    async fn quotas(&self, account: &AccountId) -> Result<Quotas, CloudError> {
        self.paced(Service::Iam, account, || self.cloud.quotas(account)).await
    }

    async fn all_roles(&self, account: &AccountId) -> Result<AllRoles, CloudError> {
        self.paced(Service::Iam, account, || self.cloud.all_roles(account)).await
    }

    async fn role(&self, account: &AccountId, name: &RoleName) -> Result<Option<LiveRole>, CloudError> {
        self.paced(Service::Iam, account, || self.cloud.role(account, name)).await
    }

    async fn role_list(&self, account: &AccountId) -> Result<RoleList, CloudError> {
        self.paced(Service::Iam, account, || self.cloud.role_list(account)).await
    }

    async fn policy_document(&self, account: &AccountId, arn: &PolicyArn) -> Result<Option<Document>, CloudError> {
        self.paced(Service::Iam, account, || self.cloud.policy_document(account, arn)).await
    }

    async fn stack_of(
        &self,
        account: &AccountId,
        region: &Region,
        role: &RoleName,
    ) -> Result<Option<String>, CloudError> {
        self.paced(Service::CloudFormation, account, || self.cloud.stack_of(account, region, role)).await
    }

    async fn apps(&self, account: &AccountId, region: &Region) -> Result<BTreeMap<AppId, LiveApp>, CloudError> {
        self.paced(Service::Pinpoint, account, || self.cloud.apps(account, region)).await
    }

    async fn app(&self, account: &AccountId, region: &Region, id: &AppId) -> Result<Option<LiveApp>, CloudError> {
        self.paced(Service::Pinpoint, account, || self.cloud.app(account, region, id)).await
    }

    async fn app_tags(&self, account: &AccountId, region: &Region, id: &AppId) -> Result<Tags, CloudError> {
        self.paced(Service::Pinpoint, account, || self.cloud.app_tags(account, region, id)).await
    }

    async fn channels(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> Result<BTreeSet<String>, CloudError> {
        self.paced(Service::Pinpoint, account, || self.cloud.channels(account, region, id)).await
    }

    async fn event_stream(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> Result<Option<LiveEventStream>, CloudError> {
        self.paced(Service::Pinpoint, account, || self.cloud.event_stream(account, region, id)).await
    }

    async fn stream(&self, arn: &StreamArn) -> Result<Option<LiveStream>, CloudError> {
        let service = match arn.service() {
            StreamService::Kinesis => Service::Kinesis,
            StreamService::Firehose => Service::Firehose,
        };
        self.paced(service, arn.account(), || self.cloud.stream(arn)).await
    }
}

impl<C: WriteCloud> WriteCloud for Paced<C> {
    async fn write(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        let service = if op.role().is_some() { Service::Iam } else { Service::Pinpoint };
        match op.account() {
            Some(account) => {
                let write = || async {
                    seat::note_asked();
                    let answer = self.cloud.write(op).await;
                    if !answer.as_ref().is_err_and(|error| error.kind == FailureKind::Throttled) {
                        seat::note_under_way();
                    }
                    answer
                };
                self.paced(service, account, write).await
            }
            // Only the record is written: no service is called.
            None => self.cloud.write(op).await,
        }
    }
}
