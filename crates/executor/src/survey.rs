//! Reading what a plan needs to know: questions go in, answers come out, until no new question is asked.
//! How roles are read in few calls is `roles`.
mod roles;

use crate::cloud::{AllRoles, CloudError, ReadCloud};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use pinpoint_streams_model::arn::{PolicyArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, RoleName};
use pinpoint_streams_model::live::{
    ListedRole, Live, LiveApp, LiveEventStream, LiveRole, LiveStream, Question, Quotas, Read, Unreadable,
};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::Region;
use roles::Roles;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// How a survey reads.
#[derive(Debug, Clone, Copy)]
pub struct SurveyOptions {
    /// How many calls may be under way at once, over all accounts; at least one.
    pub parallelism: usize,
}

/// What was read, and what a person should know of how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// The answers.
    pub live: Live,
    /// What could be better next time.
    pub hints: Vec<Hint>,
}

/// What a person should know of how something was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Roles were read one by one, because reading them in bulk is not allowed.
    BulkDenied {
        /// In this account.
        account: AccountId,
        /// How AWS refused.
        denied: Unreadable,
        /// How many roles were read one by one instead.
        roles: usize,
    },
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Hint::BulkDenied { account, denied, roles } = self;
        let operation = &denied.operation;
        write!(
            f,
            "{roles} roles of {account} were read one by one; allowing iam:{operation} saves most of these calls"
        )
    }
}

/// Asks what `wants` wants to know, given what is known so far, until it wants nothing new. What cannot be
/// read is an answer too: [`Read::Unreadable`].
pub async fn survey<C: ReadCloud>(
    cloud: &C,
    wants: impl Fn(&Live) -> BTreeSet<Question>,
    options: SurveyOptions,
) -> Survey {
    let mut surveyor = Surveyor { cloud, survey: Survey::default(), roles: Roles::default() };
    loop {
        let mut new = wants(&surveyor.survey.live);
        new.retain(|question| !surveyor.survey.live.answers(question));
        if new.is_empty() {
            return surveyor.survey;
        }
        surveyor.round(new, options.parallelism.max(1)).await;
    }
}

/// One call, or one run of pages.
#[derive(Debug, Clone)]
enum Ask {
    Caller(AccountId),
    Quotas(AccountId),
    AllRoles(AccountId),
    /// Any question that one call answers.
    One(Question),
}

struct Surveyor<'a, C> {
    cloud: &'a C,
    survey: Survey,
    roles: Roles,
}

impl<C: ReadCloud> Surveyor<'_, C> {
    /// Answers these questions. Calls wait for each other only where one decides on another.
    async fn round(&mut self, questions: BTreeSet<Question>, parallelism: usize) {
        let (mut first, mut rest, mut wanted) = (Vec::new(), VecDeque::new(), BTreeMap::new());
        for question in questions {
            match question {
                Question::Account(account) => first.push(account),
                Question::Role(account, name) => {
                    wanted.entry(account).or_insert_with(BTreeSet::<RoleName>::new).insert(name);
                }
                other => rest.push_back(Ask::One(other)),
            }
        }
        // How roles are read rests on how many there are.
        first.extend(wanted.keys().cloned());
        first.retain(|account| !self.survey.live.answers(&Question::Account(account.clone())));
        first.sort();
        first.dedup();
        let mut asks: VecDeque<Ask> = first.iter().cloned().map(Ask::Quotas).collect();
        for (account, names) in wanted {
            let quotas = self.survey.live.quotas.get(&account).cloned();
            self.roles.want(account.clone(), names);
            if let Some(quotas) = quotas {
                asks.extend(self.roles.decide(&account, &quotas, &mut self.survey.live));
            }
        }
        asks.extend(first.into_iter().map(Ask::Caller));
        asks.append(&mut rest);

        // Futures are made as they are started: ten thousand that only wait would take more memory than all
        // the answers.
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < parallelism
                && let Some(ask) = asks.pop_front()
            {
                running.push(answer(self.cloud, ask));
            }
            let Some(answer) = running.next().await else { return };
            for ask in self.take(answer).into_iter().rev() {
                asks.push_front(ask);
            }
        }
    }

    /// Puts an answer where it belongs, and says what is to be asked because of it.
    fn take(&mut self, answer: Answer) -> Vec<Ask> {
        let live = &mut self.survey.live;
        match answer {
            Answer::Quotas(account, quotas) => {
                live.quotas.insert(account.clone(), quotas.clone());
                return self.roles.decide(&account, &quotas, live);
            }
            Answer::AllRoles(account, all) => {
                let (asks, hint) = self.roles.take_all(&account, all, live);
                self.survey.hints.extend(hint);
                return asks;
            }
            Answer::Caller(account, caller) => drop(live.callers.insert(account, caller)),
            Answer::Role(key, role) => drop(live.roles.insert(key, role)),
            Answer::RoleAgain(key, role) => {
                live.roles_read_again.insert(key.clone());
                live.roles.insert(key, role);
            }
            Answer::RoleList(account, list) => drop(live.role_lists.insert(account, list)),
            Answer::PolicyDocument(key, document) => drop(live.policies.insert(key, document)),
            Answer::Stack(key, stack) => drop(live.stacks.insert(key, stack)),
            Answer::Apps(key, apps) => drop(live.apps.insert(key, apps)),
            Answer::AppAgain(key, app) => take_app_again(live, key, app),
            Answer::AppTags(key, tags) => drop(live.app_tags.insert(key, tags)),
            Answer::Channels(key, channels) => drop(live.channels.insert(key, channels)),
            Answer::EventStream(key, stream) => drop(live.event_streams.insert(key, stream)),
            Answer::Stream(arn, stream) => drop(live.streams.insert(arn, stream)),
        }
        Vec::new()
    }
}

type RoleKey = (AccountId, RoleName);
type AppKey = (AccountId, Region, AppId);

/// What was found out, and about what.
enum Answer {
    Caller(AccountId, Read<AccountId>),
    Quotas(AccountId, Read<Quotas>),
    AllRoles(AccountId, Result<AllRoles, CloudError>),
    Role(RoleKey, Read<LiveRole>),
    RoleAgain(RoleKey, Read<LiveRole>),
    RoleList(AccountId, Read<BTreeMap<RoleName, Read<ListedRole>>>),
    PolicyDocument((AccountId, PolicyArn), Read<Document>),
    Stack((AccountId, Region, RoleName), Read<String>),
    Apps((AccountId, Region), Read<BTreeMap<AppId, LiveApp>>),
    AppAgain(AppKey, Read<LiveApp>),
    AppTags(AppKey, Read<Tags>),
    Channels(AppKey, Read<BTreeSet<String>>),
    EventStream(AppKey, Read<LiveEventStream>),
    Stream(StreamArn, Read<LiveStream>),
}

async fn answer<C: ReadCloud>(cloud: &C, ask: Ask) -> Answer {
    match ask {
        Ask::Caller(account) | Ask::One(Question::Account(account)) => {
            let caller = there(cloud.caller(&account).await);
            Answer::Caller(account, caller)
        }
        Ask::Quotas(account) => {
            let quotas = there(cloud.quotas(&account).await);
            Answer::Quotas(account, quotas)
        }
        Ask::AllRoles(account) => {
            let all = cloud.all_roles(&account).await;
            Answer::AllRoles(account, all)
        }
        Ask::One(Question::Role(account, name)) => {
            let role = perhaps(cloud.role(&account, &name).await);
            Answer::Role((account, name), role)
        }
        Ask::One(Question::RoleAgain(account, name)) => {
            let role = perhaps(cloud.role(&account, &name).await);
            Answer::RoleAgain((account, name), role)
        }
        Ask::One(Question::RoleList(account)) => {
            let list = cloud.role_list(&account).await;
            let list = list.map(|list| list.into_iter().map(|(name, role)| (name, there(role))).collect());
            Answer::RoleList(account, there(list))
        }
        Ask::One(Question::PolicyDocument(account, arn)) => {
            let document = perhaps(cloud.policy_document(&account, &arn).await);
            Answer::PolicyDocument((account, arn), document)
        }
        Ask::One(Question::Stack(account, region, name)) => {
            let stack = perhaps(cloud.stack_of(&account, &region, &name).await);
            Answer::Stack((account, region, name), stack)
        }
        Ask::One(Question::Apps(account, region)) => {
            let apps = there(cloud.apps(&account, &region).await);
            Answer::Apps((account, region), apps)
        }
        Ask::One(Question::AppAgain(account, region, id)) => {
            let app = perhaps(cloud.app(&account, &region, &id).await);
            Answer::AppAgain((account, region, id), app)
        }
        Ask::One(Question::AppTags(account, region, id)) => {
            let tags = there(cloud.app_tags(&account, &region, &id).await);
            Answer::AppTags((account, region, id), tags)
        }
        Ask::One(Question::Channels(account, region, id)) => {
            let channels = there(cloud.channels(&account, &region, &id).await);
            Answer::Channels((account, region, id), channels)
        }
        Ask::One(Question::EventStream(account, region, id)) => {
            let stream = perhaps(cloud.event_stream(&account, &region, &id).await);
            Answer::EventStream((account, region, id), stream)
        }
        Ask::One(Question::Stream(arn)) => {
            let stream = perhaps(cloud.stream(&arn).await);
            Answer::Stream(arn, stream)
        }
    }
}

/// An answer to a question about what is always there.
fn there<T>(result: Result<T, CloudError>) -> Read<T> {
    match result {
        Ok(value) => Read::Present(value),
        Err(error) => Read::Unreadable(error.unreadable()),
    }
}

/// An answer to a question about what may be there.
fn perhaps<T>(result: Result<Option<T>, CloudError>) -> Read<T> {
    match result {
        Ok(Some(value)) => Read::Present(value),
        Ok(None) => Read::Absent,
        Err(error) => Read::Unreadable(error.unreadable()),
    }
}

/// The app's own answer goes into the listing that lacked it; if it failed, the listing proves nothing.
fn take_app_again(live: &mut Live, key: AppKey, app: Read<LiveApp>) {
    live.apps_read_again.insert(key.clone());
    let (account, region, id) = key;
    let listing = live.apps.entry((account, region)).or_insert_with(|| Read::Present(BTreeMap::new()));
    match (app, listing) {
        (Read::Present(app), Read::Present(apps)) => drop(apps.insert(id, app)),
        (Read::Unreadable(why), listing) => *listing = Read::Unreadable(why),
        (Read::Absent | Read::Present(_), _) => {}
    }
}
