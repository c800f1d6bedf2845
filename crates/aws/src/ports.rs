//! The executor's ports: which service of which account and region answers which question.
use crate::account::Regional;
use crate::classify::Asked;
use crate::connect::Aws;
use crate::{cloudformation, iam, pinpoint, streams, sts};
use pinpoint_streams_executor::cloud::{AllRoles, CloudError, ReadCloud, RoleList, WriteCloud, Written};
use pinpoint_streams_model::arn::{AppArn, PolicyArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, RoleName};
use pinpoint_streams_model::live::{LiveApp, LiveEventStream, LiveRole, LiveStream, Quotas};
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::Output;
use pinpoint_streams_model::region::Region;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Aws {
    fn regional(&self, asked: Asked, account: &AccountId, region: &Region) -> Result<Arc<Regional>, CloudError> {
        Ok(self.account(asked, account)?.regional(region))
    }
}

impl ReadCloud for Aws {
    /// Asked once, while connecting.
    async fn caller(&self, account: &AccountId) -> Result<AccountId, CloudError> {
        Ok(self.account(sts::GET_CALLER_IDENTITY, account)?.caller.clone())
    }

    async fn quotas(&self, account: &AccountId) -> Result<Quotas, CloudError> {
        iam::read::quotas(&self.account(iam::read::SUMMARY, account)?.iam).await
    }

    async fn all_roles(&self, account: &AccountId) -> Result<AllRoles, CloudError> {
        iam::read::all_roles(&self.account(iam::read::DETAILS, account)?.iam).await
    }

    async fn role(&self, account: &AccountId, name: &RoleName) -> Result<Option<LiveRole>, CloudError> {
        iam::read::role(&self.account(iam::read::GET, account)?.iam, name).await
    }

    async fn role_list(&self, account: &AccountId) -> Result<RoleList, CloudError> {
        iam::read::role_list(&self.account(iam::read::LIST, account)?.iam).await
    }

    async fn policy_document(&self, account: &AccountId, arn: &PolicyArn) -> Result<Option<Document>, CloudError> {
        iam::policy::document(&self.account(iam::policy::GET, account)?.iam, arn).await
    }

    async fn stack_of(
        &self,
        account: &AccountId,
        region: &Region,
        role: &RoleName,
    ) -> Result<Option<String>, CloudError> {
        let regional = self.regional(cloudformation::DESCRIBE, account, region)?;
        cloudformation::stack_of(&regional.cloudformation, role).await
    }

    async fn apps(&self, account: &AccountId, region: &Region) -> Result<BTreeMap<AppId, LiveApp>, CloudError> {
        let regional = self.regional(pinpoint::read::GET_APPS, account, region)?;
        pinpoint::read::apps(&regional).await
    }

    async fn app(&self, account: &AccountId, region: &Region, id: &AppId) -> Result<Option<LiveApp>, CloudError> {
        let regional = self.regional(pinpoint::read::GET_APP, account, region)?;
        pinpoint::read::app(&regional, id).await
    }

    async fn app_tags(&self, account: &AccountId, region: &Region, id: &AppId) -> Result<Tags, CloudError> {
        let regional = self.regional(pinpoint::read::LIST_TAGS, account, region)?;
        let app = AppArn { region: region.clone(), account: account.clone(), id: id.clone() };
        pinpoint::read::tags(&regional, &app).await
    }

    async fn channels(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> Result<BTreeSet<String>, CloudError> {
        let regional = self.regional(pinpoint::read::GET_CHANNELS, account, region)?;
        pinpoint::read::channels(&regional, id).await
    }

    async fn event_stream(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> Result<Option<LiveEventStream>, CloudError> {
        let regional = self.regional(pinpoint::read::GET_EVENT_STREAM, account, region)?;
        pinpoint::read::event_stream(&regional, id).await
    }

    async fn stream(&self, arn: &StreamArn) -> Result<Option<LiveStream>, CloudError> {
        let regional = self.regional(streams::described_by(arn), arn.account(), arn.region())?;
        match arn {
            StreamArn::Kinesis(_) => streams::kinesis::stream(&regional.kinesis, arn).await,
            StreamArn::Firehose(_) => streams::firehose::stream(&regional.firehose, arn).await,
        }
    }
}

impl WriteCloud for Aws {
    async fn write(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        match op {
            Op::App(op) => {
                let regional = self.regional(Asked::pinpoint(op.call().api), op.account(), op.region())?;
                pinpoint::write::app(&regional, op).await
            }
            Op::EventStream(op) => {
                let regional = self.regional(Asked::pinpoint(op.call().api), op.account(), op.region())?;
                pinpoint::write::event_stream(&regional, op).await
            }
            Op::Role(op) => {
                let account = self.account(Asked::iam(op.call().api), &op.role().account)?;
                iam::write::role(&account.iam, op).await
            }
            Op::Record(_) => Ok(Written { output: Output::Done, request_id: None }),
        }
    }
}
