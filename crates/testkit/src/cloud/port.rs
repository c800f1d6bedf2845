//! The fake cloud as the program sees it: the two ports.
use super::FakeCloud;
use super::account::{Account, Role};
use super::call::Request;
use super::pinpoint::has_pinpoint;
use super::refusal::{Refusal, request_id};
use pinpoint_streams_executor::cloud::{AllRoles, CloudError, ReadCloud, RoleList, WriteCloud, Written};
use pinpoint_streams_model::arn::{PolicyArn, StreamArn, StreamService};
use pinpoint_streams_model::ids::{AccountId, AppId, RoleName};
use pinpoint_streams_model::live::{
    FailureKind, ListedRole, LiveApp, LiveEventStream, LiveRole, LiveStream, Quotas,
};
use pinpoint_streams_model::op::{AppOp, Op, Resolved};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::Region;
use std::collections::{BTreeMap, BTreeSet};

fn app_of<'a>(
    account: &'a Account,
    region: &Region,
    id: &AppId,
) -> Result<Option<&'a super::account::App>, Refusal> {
    has_pinpoint(region)?;
    Ok(account.apps.get(&(region.clone(), id.clone())))
}

fn no_app() -> Refusal {
    Refusal::not_found("Application not found")
}

fn live_role(account: &Account, role: &Role) -> Result<LiveRole, Refusal> {
    account.live_role(role).map_err(|error| Refusal::new(FailureKind::Unintelligible, error.to_string()))
}

impl ReadCloud for FakeCloud {
    async fn caller(&self, account: &AccountId) -> Result<AccountId, CloudError> {
        let request = Request::read("GetCallerIdentity", account, account);
        self.call(request, None, |accounts, _| Ok(accounts.known(account)?.caller.clone())).await
    }

    async fn quotas(&self, account: &AccountId) -> Result<Quotas, CloudError> {
        let request = Request::read("GetAccountSummary", account, account);
        let read = self.call(request, None, |accounts, _| {
            let Account { roles, limits, .. } = accounts.known(account)?;
            Ok(Quotas {
                roles: roles.len(),
                roles_quota: limits.roles,
                trust_policy_size: limits.trust_policy_size,
                inline_policies_size: limits.inline_policies_size,
            })
        });
        read.await
    }

    async fn all_roles(&self, account: &AccountId) -> Result<AllRoles, CloudError> {
        let request = Request::read("GetAccountAuthorizationDetails", account, account);
        let read = self.call(request.clone(), None, |accounts, now| {
            let account = accounts.known(account)?;
            let shown = account.roles.values().filter(|role| !role.hidden_from_bulk);
            let made_out = shown.map(|role| {
                let live = live_role(account, role).map_err(|refusal| refusal.into_error(&request, now.call));
                (role.arn.name.clone(), live)
            });
            Ok(made_out.collect())
        });
        read.await
    }

    async fn role(&self, account: &AccountId, name: &RoleName) -> Result<Option<LiveRole>, CloudError> {
        let request = Request::read("GetRole", account, name);
        let read = self.call(request, Some(|| None), |accounts, _| {
            let account = accounts.known(account)?;
            account.roles.get(name).map(|role| live_role(account, role)).transpose()
        });
        read.await
    }

    async fn role_list(&self, account: &AccountId) -> Result<RoleList, CloudError> {
        let request = Request::read("ListRoles", account, account);
        let read = self.call(request.clone(), None, |accounts, now| {
            let account = accounts.known(account)?;
            let listed = account.roles.values().map(|role| {
                let listed = live_role(account, role)
                    .map(|LiveRole { arn, id, trust_policy, created, .. }| ListedRole {
                        arn,
                        id,
                        trust_policy,
                        created,
                    })
                    .map_err(|refusal| refusal.into_error(&request, now.call));
                (role.arn.name.clone(), listed)
            });
            Ok(listed.collect())
        });
        read.await
    }

    async fn policy_document(&self, account: &AccountId, arn: &PolicyArn) -> Result<Option<Document>, CloudError> {
        let request = Request::read("GetPolicyVersion", account, arn);
        let read = self.call(request, Some(|| None), |accounts, _| {
            accounts.known(account)?;
            let document = accounts.policies.get(arn).map(|text| Document::from_json(text));
            document.transpose().map_err(|error| Refusal::new(FailureKind::Unintelligible, error.to_string()))
        });
        read.await
    }

    async fn stack_of(
        &self,
        account: &AccountId,
        region: &Region,
        role: &RoleName,
    ) -> Result<Option<String>, CloudError> {
        let request = Request::read("DescribeStackResources", account, role);
        let read = self.call(request, Some(|| None), |accounts, _| {
            accounts.known(account)?;
            Ok(accounts.stacks.get(&(account.clone(), region.clone(), role.clone())).cloned())
        });
        read.await
    }

    async fn apps(&self, account: &AccountId, region: &Region) -> Result<BTreeMap<AppId, LiveApp>, CloudError> {
        let request = Request::read("GetApps", account, region);
        let read = self.call(request, None, |accounts, _| {
            has_pinpoint(region)?;
            let with_tags = !accounts.apps_are_listed_without_tags;
            let apps = accounts.known(account)?.apps_in(region);
            Ok(apps.map(|(id, app)| (id.clone(), app.live(id, with_tags))).collect())
        });
        read.await
    }

    async fn app(&self, account: &AccountId, region: &Region, id: &AppId) -> Result<Option<LiveApp>, CloudError> {
        let request = Request::read("GetApp", account, id);
        let read = self.call(request, Some(|| None), |accounts, _| {
            let with_tags = !accounts.apps_are_listed_without_tags;
            Ok(app_of(accounts.known(account)?, region, id)?.map(|app| app.live(id, with_tags)))
        });
        read.await
    }

    async fn app_tags(&self, account: &AccountId, region: &Region, id: &AppId) -> Result<Tags, CloudError> {
        let request = Request::read("ListTagsForResource", account, id);
        let read = self.call(request, None, |accounts, _| {
            Ok(app_of(accounts.known(account)?, region, id)?.ok_or_else(no_app)?.tags.clone())
        });
        read.await
    }

    async fn channels(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> Result<BTreeSet<String>, CloudError> {
        let request = Request::read("GetChannels", account, id);
        let read = self.call(request, None, |accounts, _| {
            Ok(app_of(accounts.known(account)?, region, id)?.ok_or_else(no_app)?.channels.clone())
        });
        read.await
    }

    async fn event_stream(
        &self,
        account: &AccountId,
        region: &Region,
        id: &AppId,
    ) -> Result<Option<LiveEventStream>, CloudError> {
        let request = Request::read("GetEventStream", account, id);
        let read = self.call(request, Some(|| None), |accounts, _| {
            Ok(app_of(accounts.known(account)?, region, id)?.and_then(|app| app.event_stream.clone()))
        });
        read.await
    }

    async fn stream(&self, arn: &StreamArn) -> Result<Option<LiveStream>, CloudError> {
        let operation = match arn.service() {
            StreamService::Kinesis => "DescribeStreamSummary",
            StreamService::Firehose => "DescribeDeliveryStream",
        };
        let request = Request::read(operation, arn.account(), arn);
        let read = self.call(request, Some(|| None), |accounts, _| {
            accounts.known(arn.account())?;
            Ok(accounts.streams.get(arn).cloned())
        });
        read.await
    }
}

/// The API operation behind an operation on AWS, and what it is about.
///
/// # Panics
/// On an operation on the record alone: it must never come to a cloud.
fn write_request(op: &Op<Resolved>) -> Request {
    let subject = match op {
        Op::App(AppOp::Create(create)) => create.name.clone(),
        Op::App(op) => op.app().map(|app| app.id.to_string()).unwrap_or_default(),
        Op::Role(op) => op.role().name.to_string(),
        Op::EventStream(op) => op.app().id.to_string(),
        Op::Record(_) => String::new(),
    };
    match (op.call(), op.account()) {
        (Some(call), Some(account)) => Request::write(call.api, account, subject),
        _ => panic!("{} is for the record alone and must not come to a cloud", op.name()),
    }
}

impl WriteCloud for FakeCloud {
    async fn write(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        let request = Request { op: Some(op.clone()), ..write_request(op) };
        self.show(op);
        let done = self.call(request, None, |accounts, now| {
            let output = match op {
                Op::App(op) => accounts.write_app(op),
                Op::Role(op) => accounts.write_role(op, now),
                Op::EventStream(op) => accounts.write_event_stream(op, now),
                Op::Record(_) => unreachable!("write_request has refused it"),
            }?;
            Ok(Written { output, request_id: Some(request_id(now.call)) })
        });
        done.await
    }
}
