//! The fake cloud as the program sees it: the two ports.
use super::FakeCloud;
use super::account::{Account, Accounts, App, Moment, Role};
use super::call::Request;
use super::pinpoint::has_pinpoint;
use super::refusal::{Refusal, request_id};
use pinpoint_streams_executor::cloud::{CloudError, ReadCloud, WriteCloud, Written};
use pinpoint_streams_model::arn::{AppArn, StreamService};
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::question::AccountPolicy;
use pinpoint_streams_model::live::{Answer, FailureKind, ListedRole, LiveRole, Question, Quotas, Read};
use pinpoint_streams_model::op::{AppOp, Op, Resolved};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::{AccountRegion, Region};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// Source: Account Management reference guide, "Enable or disable AWS Regions in your account".
const ENABLED_BY_DEFAULT: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

fn app_of<'a>(accounts: &'a Accounts, app: &AppArn) -> Result<Option<&'a App>, Refusal> {
    let account = accounts.known(&app.account)?;
    has_pinpoint(&app.region)?;
    Ok(account.apps.get(&(app.region.clone(), app.id.clone())))
}

fn no_app() -> Refusal {
    Refusal::not_found("Application not found")
}

fn live_role(account: &Account, role: &Role) -> Result<LiveRole, Refusal> {
    account.live_role(role).map_err(|error| Refusal::new(FailureKind::Unintelligible, error.to_string()))
}

/// One of many, whose refusal is its own.
fn alone<T>(one: Result<T, Refusal>, request: &Request, now: Moment) -> Read<T> {
    Read::from(one.map(Some).map_err(|refusal| refusal.into_error(request, now.call).unreadable()))
}

impl FakeCloud {
    /// One call that reads what is always there.
    async fn get<T: Into<Answer>>(
        &self,
        request: Request,
        look: impl FnOnce(&Accounts, &Request, Moment) -> Result<T, Refusal>,
    ) -> Result<Option<Answer>, CloudError> {
        let found = self.call(request.clone(), None, |accounts, now| look(accounts, &request, now)).await?;
        Ok(Some(found.into()))
    }

    /// One call that reads what may exist; `Fault::Overlook` answers that it does not.
    async fn find<T: Into<Answer>>(
        &self,
        request: Request,
        look: impl FnOnce(&Accounts) -> Result<Option<T>, Refusal>,
    ) -> Result<Option<Answer>, CloudError> {
        let found = self.call(request, Some(|| None), |accounts, _| look(accounts)).await?;
        Ok(found.map(T::into))
    }

    async fn answer(&self, question: &Question) -> Result<Option<Answer>, CloudError> {
        let request = |operation, subject: &dyn Display| Request::read(operation, question.account(), subject);
        match question {
            Question::Caller(id) => {
                let request = request("GetCallerIdentity", id);
                self.get(request, |accounts, _, _| Ok(accounts.known(id)?.caller.clone())).await
            }
            Question::Quotas(id) => {
                let request = request("GetAccountSummary", id);
                let summary = |accounts: &Accounts, _: &_, _| {
                    let Account { roles, limits, .. } = accounts.known(id)?;
                    Ok(Quotas {
                        roles: roles.len(),
                        roles_quota: limits.roles,
                        trust_policy_size: limits.trust_policy_size,
                        inline_policies_size: limits.inline_policies_size,
                    })
                };
                self.get(request, summary).await
            }
            Question::Roles(id) => {
                let request = request("GetAccountAuthorizationDetails", id);
                let details = |accounts: &Accounts, request: &_, now| {
                    let account = accounts.known(id)?;
                    let shown = account.roles.values().filter(|role| !role.hidden_from_bulk);
                    let read =
                        |role: &Role| (role.arn.name.clone(), alone(live_role(account, role), request, now));
                    Ok(shown.map(read).collect::<BTreeMap<_, _>>())
                };
                self.get(request, details).await
            }
            Question::Role { role: AccountRole { account, name }, directly: _ } => {
                let get = |accounts: &Accounts| {
                    let account = accounts.known(account)?;
                    account.roles.get(name).map(|role| live_role(account, role)).transpose()
                };
                self.find(request("GetRole", name), get).await
            }
            Question::RoleList(id) => {
                let list = |accounts: &Accounts, request: &_, now| {
                    let account = accounts.known(id)?;
                    let listed = account.roles.values().map(|role| {
                        let listed =
                            live_role(account, role).map(|LiveRole { arn, id, trust_policy, created, .. }| {
                                ListedRole { arn, id, trust_policy, created }
                            });
                        (role.arn.name.clone(), alone(listed, request, now))
                    });
                    Ok(listed.collect::<BTreeMap<_, _>>())
                };
                self.get(request("ListRoles", id), list).await
            }
            Question::PolicyDocument(AccountPolicy { account, arn }) => {
                let get = |accounts: &Accounts| {
                    accounts.known(account)?;
                    let document = accounts.policies.get(arn).map(|text| Document::from_json(text));
                    document
                        .transpose()
                        .map_err(|error| Refusal::new(FailureKind::Unintelligible, error.to_string()))
                };
                self.find(request("GetPolicyVersion", arn), get).await
            }
            Question::EnabledRegions(account) => {
                let list = |accounts: &Accounts, _: &_, _| {
                    accounts.known(account)?;
                    // A region with a stack has been enabled.
                    let places = accounts.stacks.keys().map(|stack| &stack.place);
                    let with_stacks =
                        places.filter(|place| place.account == *account).map(|place| place.region.clone());
                    Ok(with_stacks.chain(ENABLED_BY_DEFAULT.map(crate::parsed)).collect::<BTreeSet<Region>>())
                };
                self.get(request("ListRegions", account), list).await
            }
            Question::Stack(role) => {
                let describe = |accounts: &Accounts| {
                    accounts.known(&role.place.account)?;
                    Ok(accounts.stacks.get(role).cloned())
                };
                self.find(request("DescribeStackResources", &role.name), describe).await
            }
            Question::Apps(AccountRegion { account, region }) => {
                let list = |accounts: &Accounts, _: &_, _| {
                    has_pinpoint(region)?;
                    let with_tags = !accounts.apps_are_listed_without_tags;
                    let apps = accounts.known(account)?.apps_in(region);
                    Ok(apps.map(|(id, app)| (id.clone(), app.live(id, with_tags))).collect::<BTreeMap<_, _>>())
                };
                self.get(request("GetApps", region), list).await
            }
            Question::App(arn) => {
                let get = |accounts: &Accounts| {
                    let with_tags = !accounts.apps_are_listed_without_tags;
                    Ok(app_of(accounts, arn)?.map(|app| app.live(&arn.id, with_tags)))
                };
                self.find(request("GetApp", &arn.id), get).await
            }
            Question::AppTags(arn) => {
                let list =
                    |accounts: &Accounts, _: &_, _| Ok(app_of(accounts, arn)?.ok_or_else(no_app)?.tags.clone());
                self.get(request("ListTagsForResource", &arn.id), list).await
            }
            Question::Channels(arn) => {
                let get = |accounts: &Accounts, _: &_, _| {
                    Ok(app_of(accounts, arn)?.ok_or_else(no_app)?.channels.clone())
                };
                self.get(request("GetChannels", &arn.id), get).await
            }
            Question::EventStream(arn) => {
                let get =
                    |accounts: &Accounts| Ok(app_of(accounts, arn)?.and_then(|app| app.event_stream.clone()));
                self.find(request("GetEventStream", &arn.id), get).await
            }
            Question::Stream(arn) => {
                let operation = match arn.service() {
                    StreamService::Kinesis => "DescribeStreamSummary",
                    StreamService::Firehose => "DescribeDeliveryStream",
                };
                let describe = |accounts: &Accounts| {
                    accounts.known(arn.account())?;
                    Ok(accounts.streams.get(arn).cloned())
                };
                self.find(request(operation, arn), describe).await
            }
            Question::ConfigRecorder(place) => {
                let describe = |accounts: &Accounts| accounts.recorder(place);
                self.find(request("DescribeConfigurationRecorders", place), describe).await
            }
            Question::ConfigEventStreams(place) => {
                let select = |accounts: &Accounts, _: &_, _| accounts.recorded_event_streams(place);
                self.get(request("SelectResourceConfig", place), select).await
            }
            Question::ConfigAggregators(place) => {
                let describe = |accounts: &Accounts, _: &_, _| accounts.aggregators(place);
                self.get(request("DescribeConfigurationAggregators", place), describe).await
            }
            Question::AggregatedEventStreams(aggregator) => {
                let select = |accounts: &Accounts| accounts.aggregated(aggregator);
                self.find(request("SelectAggregateResourceConfig", &aggregator.name), select).await
            }
            Question::ConfigHistory(app) => {
                let get = |accounts: &Accounts, _: &_, _| accounts.config_history(app);
                self.get(request("GetResourceConfigHistory", &app.id), get).await
            }
            Question::RoleUses(used) => {
                let look_up = |accounts: &Accounts, _: &_, now| accounts.role_uses(used, now);
                self.get(request("LookupEvents", &used.role.name), look_up).await
            }
            Question::EventStreamChanges(place) => {
                let look_up = |accounts: &Accounts, _: &_, now| accounts.event_stream_changes(place, now);
                self.get(request("LookupEvents", place), look_up).await
            }
            Question::LastAccessed(role) => {
                let get = |accounts: &Accounts| accounts.last_accessed(role);
                self.find(request("GenerateServiceLastAccessedDetails", &role.name), get).await
            }
            Question::UnusedRoles(place) => {
                let now = self.moment(0);
                let list = |accounts: &Accounts| accounts.unused_roles(place, now);
                self.find(request("ListAnalyzers", place), list).await
            }
        }
    }
}

impl ReadCloud for FakeCloud {
    async fn read(&self, question: &Question) -> Read<Answer> {
        Read::from(self.answer(question).await.map_err(CloudError::unreadable))
    }
}

/// The API operation behind an operation on AWS, and what it is about.
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
                Op::App(op) => accounts.write_app(op, now),
                Op::Role(op) => accounts.write_role(op, now),
                Op::EventStream(op) => accounts.write_event_stream(op, now),
                Op::Record(_) => unreachable!("write_request has refused it"),
            }?;
            Ok(Written { output, request_id: Some(request_id(now.call)) })
        });
        done.await
    }
}
