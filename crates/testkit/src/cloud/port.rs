//! The fake cloud as the program sees it: the two ports.
use super::FakeCloud;
use super::account::{Account, Accounts, App, Moment, Role};
use super::call::Request;
use super::pinpoint::has_pinpoint;
use super::refusal::{Refusal, request_id};
use super::residue::described_by;
use pinpoint_streams_executor::cloud::{CloudError, ReadCloud, WriteCloud, Written};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::history::{ConfigAggregators, ConfigHistory};
use pinpoint_streams_model::live::question::{AccountPolicy, RegionalRole};
use pinpoint_streams_model::live::residue::RegionalName;
use pinpoint_streams_model::live::resource_policy::{KeyPolicy, StreamPolicy};
use pinpoint_streams_model::live::stack::{StackResource, StackResources};
use pinpoint_streams_model::live::{
    Answer, FailureKind, ListedRole, LiveRole, PartialRole, Question, Quotas, Read, Unreadable,
};
use pinpoint_streams_model::op::{AppOp, Op, Resolved};
use pinpoint_streams_model::policy::{Document, PolicyError};
use pinpoint_streams_model::region::{AccountRegion, ENABLED_BY_DEFAULT, Region};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

fn app_of<'a>(accounts: &'a Accounts, app: &AppArn) -> Result<Option<&'a App>, Refusal> {
    let account = accounts.known(&app.account)?;
    has_pinpoint(&app.region)?;
    Ok(account.apps.get(&(app.region.clone(), app.id.clone())))
}

fn no_app() -> Refusal {
    Refusal::not_found("Application not found")
}

fn unintelligible(error: PolicyError) -> Refusal {
    Refusal::new(FailureKind::Unintelligible, error.to_string())
}

fn live_role(account: &Account, role: &Role) -> Result<LiveRole, Refusal> {
    account.live_role(role).map_err(unintelligible)
}

/// The role, if all of its policies could be read.
fn whole(PartialRole { role, unread_policies }: PartialRole) -> Result<Answer, CloudError> {
    match unread_policies.into_values().next() {
        None => Ok(role.into()),
        Some(Unreadable { kind, operation, code, message, request_id, .. }) => Err(CloudError {
            kind,
            operation: operation.into(),
            code,
            message,
            request_id,
            definitely_refused: true,
            source: None,
        }),
    }
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
        if let Some(request) = FakeCloud::residue_request(question) {
            return self.find(request, |accounts| accounts.residue(question)).await;
        }
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
                    let read = |role: &Role| {
                        (role.arn.name.clone(), alone(live_role(account, role).map(Arc::new), request, now))
                    };
                    Ok(shown.map(read).collect::<BTreeMap<_, _>>())
                };
                self.get(request, details).await
            }
            Question::Role { role: AccountRole { account, name }, directly: _ } => {
                let get = |accounts: &Accounts| {
                    let account = accounts.known(account)?;
                    let read = account.roles.get(name).map(|role| account.role_in_part(role));
                    read.transpose().map_err(unintelligible)
                };
                let read = self.call(request("GetRole", name), Some(|| None), |accounts, _| get(accounts)).await?;
                read.map(whole).transpose()
            }
            Question::RoleInPart(AccountRole { account, name }) => {
                let get = |accounts: &Accounts| {
                    let account = accounts.known(account)?;
                    let read = account.roles.get(name).map(|role| account.role_in_part(role));
                    read.transpose().map_err(unintelligible)
                };
                self.find(request("GetRole", name), get).await
            }
            Question::RoleList(id) => {
                let list = |accounts: &Accounts, request: &_, now| {
                    let account = accounts.known(id)?;
                    let listed = account.roles.values().map(|role| {
                        // The list has no policies but the trust policy.
                        let listed = account.role_in_part(role).map_err(unintelligible).map(|read| {
                            let LiveRole { arn, id, trust_policy, created, .. } = read.role;
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
                    document.transpose().map_err(unintelligible)
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
                let describe = |accounts: &Accounts| {
                    accounts.known(arn.account())?;
                    Ok(accounts.streams.get(arn).cloned())
                };
                self.find(request(described_by(arn), arn), describe).await
            }
            Question::StackResources(RegionalName { place, name }) => {
                let list = |accounts: &Accounts| {
                    accounts.known(&place.account)?;
                    let held =
                        accounts.stacks.iter().filter(|(role, stack)| role.place == *place && *stack == name);
                    let resource = |(number, (role, _)): (usize, (&RegionalRole, _))| {
                        let resource_type = "AWS::IAM::Role".to_owned();
                        let resource = StackResource { resource_type, physical_id: role.name.to_string() };
                        (format!("Role{number}"), resource)
                    };
                    let resources: BTreeMap<_, _> = held.enumerate().map(resource).collect();
                    Ok((!resources.is_empty()).then_some(StackResources(resources)))
                };
                self.find(request("ListStackResources", name), list).await
            }
            Question::StreamPolicy(arn) => {
                let get = |accounts: &Accounts| {
                    accounts.known(arn.account())?;
                    let policy = accounts.resource_policies.get(&arn.to_string());
                    let document = policy.map(|text| Document::from_json(text)).transpose();
                    Ok(document.map_err(unintelligible)?.map(StreamPolicy))
                };
                self.find(request("GetResourcePolicy", arn), get).await
            }
            Question::KeyPolicy(key) => {
                let get = |accounts: &Accounts| {
                    accounts.known(&key.account)?;
                    let of_new = format!(
                        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"kms:*","Resource":"*"}}]}}"#,
                        key.account
                    );
                    let policy = accounts.resource_policies.get(&key.to_string()).unwrap_or(&of_new);
                    Ok(Some(KeyPolicy(Document::from_json(policy).map_err(unintelligible)?)))
                };
                self.find(request("GetKeyPolicy", key), get).await
            }
            Question::Simulation(access) => {
                let simulate = |accounts: &Accounts| {
                    accounts.known(&access.role.account)?;
                    Ok(accounts.simulation(access))
                };
                self.find(request("SimulatePrincipalPolicy", &access.role.name), simulate).await
            }
            // What other services keep of event streams and of the use of roles: no recorder runs, no aggregator and no
            // analyzer is there, and nothing was logged.
            Question::ConfigRecorder(_)
            | Question::AggregatedEventStreams(_)
            | Question::LastAccessed(_)
            | Question::UnusedRoles(_) => Ok(None),
            Question::ConfigAggregators(_) => Ok(Some(ConfigAggregators(BTreeSet::new()).into())),
            Question::ConfigHistory(_) => Ok(Some(ConfigHistory { event_stream: None, app: None }.into())),
            Question::RoleUses(_) => Ok(Some(Answer::RoleUses(BTreeSet::new()))),
            Question::EventStreamChanges(_) => Ok(Some(Answer::EventStreamChanges(BTreeSet::new()))),
            Question::ConfigEventStreams(_)
            | Question::EmailIdentities(_)
            | Question::IdentityPolicies(_)
            | Question::ConfigurationSets(_)
            | Question::PinpointDestinations(_)
            | Question::Functions(_)
            | Question::FunctionPolicy(_)
            | Question::ImportJobs(_)
            | Question::ExportJobs(_)
            | Question::Recommenders(_)
            | Question::EmailChannel(_)
            | Question::MessageTemplates(_)
            | Question::StreamCapacity(_)
            | Question::IncomingRecords(_) => unreachable!("answered by `residue`"),
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
