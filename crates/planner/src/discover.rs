//! From what is live to a manifest that declares it, such that a plan on it adopts and changes nothing. What
//! a manifest cannot say stays as it is: a role managed elsewhere, or an app that stands there as a comment.
//!
//! | module | what it answers |
//! | --- | --- |
//! | `questions` | what must be read |
//! | `apps` | which apps can be declared, and why not the others |
//! | `roles` | whether a manifest can say a role, and why not |
//! | `keys` | what apps, roles and streams are called |
//! | `lift` | which settings most roles share |
//! | `write` | how it all stands in a manifest |
//! | `note` | what a person should know |
mod apps;
mod keys;
mod lift;
mod note;
mod questions;
mod roles;
mod write;

pub use note::{Note, NoteKind};

use crate::inquiry::Inquiry;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Workspace};
use pinpoint_streams_model::live::{Live, Question};
use pinpoint_streams_model::manifest::AccountSpec;
use pinpoint_streams_model::manifest::draft::DraftManifest;
use pinpoint_streams_model::region::Region;
use std::collections::{BTreeMap, BTreeSet};

/// A manifest for what is live, and what a person should know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// The manifest.
    pub manifest: DraftManifest,
    /// What could not be read, is left out, stays managed elsewhere, or is weak; in this order.
    pub notes: Vec<Note>,
    /// How much was found.
    pub counts: Counts,
}

/// How much was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Apps with an event stream that the manifest declares.
    pub apps: usize,
    /// Apps without an event stream, which it does not mention.
    pub apps_without_stream: usize,
    /// Apps that stand in it as a comment.
    pub left_out: usize,
    /// Roles that it declares.
    pub roles: usize,
    /// Roles that stay managed elsewhere.
    pub roles_elsewhere: usize,
    /// Questions that have no answer.
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
        questions::questions(self.accounts.values().filter_map(|spec| spec.id.as_ref()), &self.regions, live)
    }

    fn conclude(&self, live: &Live) -> Discovered {
        let Discover { accounts, regions: _, workspace } = self;
        let mut aliases: BTreeMap<AccountId, AccountAlias> = BTreeMap::new();
        for (alias, spec) in accounts {
            if let Some(id) = &spec.id {
                aliases.entry(id.clone()).or_insert_with(|| alias.clone());
            }
        }
        let declared = accounts
            .iter()
            .filter(|(alias, spec)| spec.id.as_ref().is_some_and(|id| aliases.get(id) == Some(alias)))
            .map(|(alias, spec)| (alias.clone(), spec.clone()))
            .collect();
        let mut found = apps::find(live, &aliases);
        let judged = roles::judge_all(live, &mut found.apps, workspace);
        write::write(found, judged, declared, &aliases, workspace)
    }
}
