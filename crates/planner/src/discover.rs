//! The manifest that declares what is live, so that a plan for it adopts and changes nothing. What a manifest cannot
//! express stays as it is: a role managed elsewhere, or an app in a comment.
//!
//! | module | what it answers |
//! | --- | --- |
//! | `apps` | which apps can be declared, and why not the others |
//! | `roles` | whether a manifest can declare a role, and why not |
//! | `keys` | what apps, roles and streams are called |
//! | `lift` | which settings most roles share |
//! | `write` | the manifest |
mod apps;
mod keys;
mod lift;
mod roles;
mod write;

use crate::Inquiry;
use pinpoint_streams_model::manifest::AccountSpec;
use pinpoint_streams_model::manifest::draft::DraftManifest;
use pinpoint_streams_model::{
    AccountAlias, AccountId, AccountRegion, AppArn, Live, Question, Read, Region, RoleArn, StreamArn, Workspace,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A manifest for what is live, and what a person should know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    pub manifest: DraftManifest,
    /// What could not be read, is left out, stays managed elsewhere, or is weak; in this order.
    pub notes: Vec<Note>,
    pub counts: Counts,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Apps with an event stream that the manifest declares.
    pub apps: usize,
    /// Apps without an event stream, which it does not mention.
    pub apps_without_stream: usize,
    /// Apps that are in it as a comment.
    pub left_out: usize,
    pub roles: usize,
    pub roles_elsewhere: usize,
    pub unread: usize,
}

/// Finds the event streams in these accounts and regions, and makes a manifest that declares them.
#[derive(Debug, Clone)]
pub struct Discover {
    /// An account without an id is left out, and so is one that was named before under another alias.
    pub accounts: BTreeMap<AccountAlias, AccountSpec>,
    pub regions: BTreeSet<Region>,
    pub workspace: Workspace,
}

impl Inquiry for Discover {
    type Output = Discovered;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        questions(self.accounts.values().filter_map(|spec| spec.id.as_ref()), &self.regions, live)
    }

    fn conclude(&self, live: &Live) -> Discovered {
        let Discover { accounts, regions: _, workspace } = self;
        let mut aliases: BTreeMap<AccountId, AccountAlias> = BTreeMap::new();
        for (alias, spec) in accounts {
            if let Some(id) = &spec.id {
                aliases.entry(id.clone()).or_insert_with(|| alias.clone());
            }
        }
        let mut declared = accounts.clone();
        declared.retain(|alias, spec| spec.id.as_ref().is_some_and(|id| aliases.get(id) == Some(alias)));
        let mut found = apps::find(live, &aliases);
        let judged = roles::judge_all(live, &mut found.apps, workspace);
        write::write(found, judged, declared, &aliases, workspace)
    }
}

/// One thing that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    pub kind: NoteKind,
    pub role: Option<RoleArn>,
    /// What there is to know: a lowercase fragment.
    pub message: String,
}

/// What kind of thing a person should know, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// A question has no answer, so that something may be missing.
    Unread,
    /// An app with an event stream that is in the manifest only as a comment.
    LeftOut,
    ManagedElsewhere,
    /// A role lets more in than the apps that use it, or asks for what Pinpoint does not send.
    WeakTrust,
    /// A role may do more than write to the streams of its apps.
    BroadPermissions,
    /// A role has policies that the manifest does not declare. They stay.
    ForeignPolicies,
}

impl NoteKind {
    /// What it is called where its message is read.
    pub fn as_str(self) -> &'static str {
        match self {
            NoteKind::Unread => "not read",
            NoteKind::LeftOut => "left out",
            NoteKind::ManagedElsewhere => "managed elsewhere",
            NoteKind::WeakTrust => "weak trust",
            NoteKind::BroadPermissions => "broad permissions",
            NoteKind::ForeignPolicies => "policies that stay",
        }
    }
}

/// What there is to know of one role, without saying yet whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) kind: NoteKind,
    pub(super) message: String,
}

impl Remark {
    pub(super) fn new(kind: NoteKind, message: impl Into<String>) -> Remark {
        Remark { kind, message: message.into() }
    }

    /// As a comment in the manifest.
    pub(super) fn comment(&self) -> String {
        format!("{}: {}", self.kind.as_str(), self.message)
    }
}

/// What must be asked to discover what is in these accounts and regions, given what has been answered so far.
pub(super) fn questions<'a>(
    accounts: impl Iterator<Item = &'a AccountId>,
    regions: &BTreeSet<Region>,
    live: &Live,
) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    for account in accounts {
        questions.extend(Question::of_account(account));
        for region in regions {
            questions.insert(Question::Apps(AccountRegion::of(account, region)));
            let Some(Read::Present(apps)) = live.apps.get(&AccountRegion::of(account, region)) else { continue };
            for id in apps.keys() {
                let app = AppArn::of(account, region, id);
                questions.insert(Question::EventStream(app.clone()));
                let Some(Read::Present(stream)) = live.event_streams.get(&app) else { continue };
                // What is in another account cannot be read from here, and no manifest can name it.
                if let Ok(arn) = stream.destination.parse::<StreamArn>()
                    && arn.account() == account
                    && arn.region() == region
                {
                    questions.insert(Question::Stream(arn));
                }
                if let Ok(arn) = stream.role_arn.parse::<RoleArn>()
                    && arn.account == *account
                {
                    questions.insert(Question::role(&arn.account, &arn.name));
                }
            }
        }
    }
    questions
}
