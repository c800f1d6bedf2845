//! The executor's ports: which service of which account and region answers which question.
use crate::account::Regional;
use crate::classify::Asked;
use crate::connect::Aws;
use crate::{cloudformation, iam, pinpoint, streams, sts};
use pinpoint_streams_executor::cloud::{AllRoles, CloudError, ReadCloud, RoleList, WriteCloud, Written};
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn, StreamArn};
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
        use iam::write as roles;
        use pinpoint::write as apps;
        let asked = Asked::iam(op.name());
        let regional = |account, region| self.regional(asked, account, region);
        let global = |role: &RoleArn| Ok(self.account(asked, &role.account)?.iam.clone());
        match op {
            Op::CreateApp(op) => apps::create_app(regional(&op.account, &op.region)?.as_ref(), op).await,
            Op::TagApp(op) => apps::tag_app(regional(&op.account, &op.region)?.as_ref(), op).await,
            Op::UntagApp(op) => apps::untag_app(regional(&op.account, &op.region)?.as_ref(), op).await,
            Op::DeleteApp(op) => apps::delete_app(regional(&op.account, &op.region)?.as_ref(), op).await,
            Op::PutEventStream(op) => {
                apps::put_event_stream(regional(&op.account, &op.region)?.as_ref(), op).await
            }
            Op::DeleteEventStream(op) => {
                apps::delete_event_stream(regional(&op.account, &op.region)?.as_ref(), op).await
            }
            Op::CreateRole(op) => roles::create(&global(&op.arn)?, op).await,
            Op::UpdateTrustPolicy(op) => roles::trust_policy(&global(&op.role)?, op).await,
            Op::PutRolePolicy(op) => roles::put_policy(&global(&op.role)?, op).await,
            Op::DeleteRolePolicy(op) => roles::delete_policy(&global(&op.role)?, op).await,
            Op::UpdateRole(op) => roles::update(&global(&op.role)?, op).await,
            Op::PutPermissionsBoundary(op) => roles::put_boundary(&global(&op.role)?, op).await,
            Op::DeletePermissionsBoundary(op) => roles::delete_boundary(&global(&op.role)?, op).await,
            Op::TagRole(op) => roles::tag(&global(&op.role)?, op).await,
            Op::UntagRole(op) => roles::untag(&global(&op.role)?, op).await,
            Op::AttachRolePolicy(op) => roles::attach(&global(&op.role)?, op).await,
            Op::DetachRolePolicy(op) => roles::detach(&global(&op.role)?, op).await,
            Op::AddRoleToInstanceProfile(op) => roles::join_profile(&global(&op.role)?, op).await,
            Op::RemoveRoleFromInstanceProfile(op) => roles::leave_profile(&global(&op.role)?, op).await,
            Op::DeleteRole(op) => roles::delete(&global(&op.role)?, op).await,
            Op::WriteRecord(_) | Op::MoveRecord(_) | Op::ForgetRecord(_) | Op::SetProtect(_) => {
                Ok(Written { output: Output::Done, request_id: None })
            }
        }
    }
}
