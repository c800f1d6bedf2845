//! What the fake cloud holds: accounts with their roles and apps, and the streams. Plain data; what changes it is in
//! `iam`, `pinpoint`, `setup` and `outside_changes`.
use super::refusal::Refusal;
use jiff::Timestamp;
use pinpoint_streams_model::arn::{PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, PolicyName, RoleId, RoleName};
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_model::live::{
    Answer, FailureKind, InlinePolicies, LastUsed, LiveApp, LiveEventStream, LiveRole, LiveStream, PartialRole,
    Question, Unreadable,
};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::{Document, PolicyError};
use pinpoint_streams_model::region::{Partition, Region};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Accounts {
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) streams: BTreeMap<StreamArn, LiveStream>,
    pub(crate) policies: BTreeMap<PolicyArn, String>,
    /// The policies of streams and of keys themselves, by ARN.
    pub(crate) resource_policies: BTreeMap<String, String>,
    /// The CloudFormation stacks that hold roles, by name.
    pub(crate) stacks: BTreeMap<RegionalRole, String>,
    /// How long Pinpoint goes on seeing a role as it was.
    pub(crate) propagation: Duration,
    /// Whether GetApps answers with the apps' tags; on AWS it may or may not.
    pub(crate) apps_are_listed_without_tags: bool,
    /// What else may name Pinpoint, as a test sets it.
    pub(crate) residue: BTreeMap<Question, Answer>,
    ids_drawn: u64,
}

/// When a call is carried out, on both clocks, and its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) instant: Instant,
    pub(crate) time: Timestamp,
    pub(crate) call: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) partition: Partition,
    /// Whom the credentials meant for this account really lead to.
    pub(crate) caller: AccountId,
    pub(crate) roles: BTreeMap<RoleName, Role>,
    pub(crate) profiles: BTreeMap<String, Option<RoleName>>,
    pub(crate) apps: BTreeMap<(Region, AppId), App>,
    pub(crate) limits: Limits,
}

/// What an account may hold. AWS's defaults; sizes are characters without white space.
/// Source: IAM user guide, "IAM and AWS STS quotas"; Pinpoint developer guide, "Quotas".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub roles: usize,
    pub trust_policy_size: usize,
    pub inline_policies_size: usize,
    pub apps: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { roles: 1000, trust_policy_size: 2048, inline_policies_size: 10240, apps: 100 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) tags: Tags,
    pub(crate) channels: BTreeSet<String>,
    pub(crate) event_stream: Option<LiveEventStream>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) arn: RoleArn,
    pub(crate) id: RoleId,
    pub(crate) grants: Grants,
    pub(crate) description: String,
    pub(crate) max_session_duration: u32,
    pub(crate) tags: Tags,
    pub(crate) created: Timestamp,
    pub(crate) last_used: LastUsed,
    pub(crate) template: Option<String>,
    /// Left out of answers in bulk, as IAM may for a while.
    pub(crate) hidden_from_bulk: bool,
    /// What Pinpoint saw before the changes below reached it; none for a role that is new.
    settled: Option<Grants>,
    /// Changes on their way to Pinpoint, oldest first.
    coming: Vec<(Instant, Grants)>,
}

/// What decides who may assume a role and what it may do: what has to spread before Pinpoint sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grants {
    pub(crate) trust: String,
    pub(crate) inline: BTreeMap<PolicyName, String>,
    pub(crate) attached: BTreeSet<PolicyArn>,
    pub(crate) boundary: Option<PolicyArn>,
}

impl Accounts {
    pub(crate) fn known(&self, id: &AccountId) -> Result<&Account, Refusal> {
        self.accounts.get(id).ok_or_else(|| no_credentials(id))
    }

    pub(crate) fn known_mut(&mut self, id: &AccountId) -> Result<&mut Account, Refusal> {
        self.accounts.get_mut(id).ok_or_else(|| no_credentials(id))
    }

    pub(crate) fn role(&self, arn: &RoleArn) -> Option<&Role> {
        self.accounts.get(&arn.account)?.roles.get(&arn.name)
    }

    /// An id that IAM has never given and never gives again.
    pub(crate) fn new_role_id(&mut self) -> RoleId {
        self.ids_drawn += 1;
        crate::parsed(&format!("AROAFAKE{:013}", self.ids_drawn))
    }

    /// An id that Pinpoint has never given and never gives again.
    pub(crate) fn new_app_id(&mut self) -> AppId {
        self.ids_drawn += 1;
        crate::parsed(&format!("fa{:030x}", self.ids_drawn))
    }
}

fn no_credentials(account: &AccountId) -> Refusal {
    Refusal::new(
        FailureKind::Credentials,
        format!("the fake cloud has no account {account}; add_account makes one"),
    )
}

impl Account {
    pub(crate) fn new(id: &AccountId, partition: Partition) -> Account {
        Account {
            partition,
            caller: id.clone(),
            roles: BTreeMap::new(),
            profiles: BTreeMap::new(),
            apps: BTreeMap::new(),
            limits: Limits::default(),
        }
    }

    pub(crate) fn live_role(&self, role: &Role) -> Result<LiveRole, PolicyError> {
        for text in role.grants.inline.values() {
            Document::from_wire(text)?;
        }
        Ok(self.role_in_part(role)?.role)
    }

    /// The role without the inline policies that are not documents.
    pub(crate) fn role_in_part(&self, role: &Role) -> Result<PartialRole, PolicyError> {
        let Role {
            arn, id, grants, description, max_session_duration, tags, created, last_used, template, ..
        } = role;
        let Grants { trust, inline, attached, boundary } = grants;
        let (mut inline_policies, mut unread_policies) = (InlinePolicies::new(), BTreeMap::new());
        for (name, text) in inline {
            match Document::from_wire(text) {
                Ok(document) => drop(inline_policies.insert(name.clone(), document)),
                Err(error) => drop(unread_policies.insert(name.clone(), not_a_document(&error))),
            }
        }
        let profiles = self.profiles.iter().filter(|(_, held)| held.as_ref() == Some(&arn.name));
        let role = LiveRole {
            arn: arn.clone(),
            id: id.clone(),
            trust_policy: Document::from_wire(trust)?,
            inline_policies,
            attached_policies: attached.clone(),
            instance_profiles: profiles.map(|(profile, _)| profile.clone()).collect(),
            permissions_boundary: boundary.clone(),
            description: description.clone(),
            max_session_duration: *max_session_duration,
            tags: tags.clone(),
            created: Some(*created),
            last_used: last_used.clone(),
            template: template.clone(),
        };
        Ok(PartialRole { role, unread_policies })
    }
}

fn not_a_document(error: &PolicyError) -> Unreadable {
    Unreadable {
        kind: FailureKind::Unintelligible,
        operation: "GetRolePolicy".to_owned(),
        code: "InvalidAnswer".to_owned(),
        message: error.to_string(),
        request_id: None,
        beneath: Vec::new(),
    }
}

impl Role {
    /// A role that Pinpoint does not see yet.
    pub(crate) fn new(arn: RoleArn, id: RoleId, grants: Grants, now: Moment) -> Role {
        Role {
            arn,
            id,
            coming: vec![(now.instant, grants.clone())],
            grants,
            description: String::new(),
            max_session_duration: 3600,
            tags: Tags::new(),
            created: now.time,
            last_used: LastUsed::Never { within_days: 400 },
            template: None,
            hidden_from_bulk: false,
            settled: None,
        }
    }

    /// Changes the role; Pinpoint sees it later.
    pub(crate) fn change(&mut self, now: Moment, change: impl FnOnce(&mut Grants)) {
        change(&mut self.grants);
        self.coming.push((now.instant, self.grants.clone()));
    }

    pub(crate) fn change_settled(&mut self, change: impl FnOnce(&mut Grants)) {
        change(&mut self.grants);
        self.settle();
    }

    /// Lets Pinpoint see the role as it is.
    pub(crate) fn settle(&mut self) {
        self.coming.clear();
        self.settled = Some(self.grants.clone());
    }

    /// The role as Pinpoint sees it; none while it does not.
    pub(crate) fn seen(&self, now: Instant, propagation: Duration) -> Option<&Grants> {
        let arrived = self.coming.iter().rev().find(|(at, _)| *at + propagation <= now);
        arrived.map(|(_, grants)| grants).or(self.settled.as_ref())
    }
}

impl App {
    pub(crate) fn new(name: impl Into<String>, tags: Tags) -> App {
        App { name: name.into(), tags, channels: BTreeSet::new(), event_stream: None }
    }

    pub(crate) fn live(&self, id: &AppId, with_tags: bool) -> LiveApp {
        LiveApp { id: id.clone(), name: self.name.clone(), tags: with_tags.then(|| self.tags.clone()) }
    }
}
