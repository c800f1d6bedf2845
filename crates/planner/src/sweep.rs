//! Sweep: which roles that trust Pinpoint nothing uses any more, on what evidence, and what is done with them.
//! Works on accounts, without a manifest. It never guesses: what could not be read, or proves nothing, is unknown.
//!
//! | module | what it answers |
//! | --- | --- |
//! | `wants` | which questions AWS must answer |
//! | `facts` | the answers, arranged: who is a candidate, who uses which role |
//! | `trust` | whom a role trusts, and which apps that lets in |
//! | `purpose` | what a role was made for, by the meaning of its permissions |
//! | `proof` | whether absence is proven where it would have to be |
//! | `owner` | who manages a role |
//! | `marks` | what a quarantine is made of |
//! | `judge` | the verdict, and what it rests on |
//! | `guard` | what holds a sweep back from a role, or altogether |
//! | `plan` | the steps |
mod facts;
mod guard;
mod judge;
mod marks;
mod owner;
mod plan;
mod proof;
mod purpose;
mod trust;
mod wants;

pub use plan::sweep_plan;
pub use wants::sweep_wants;

use facts::Facts;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Workspace};
use pinpoint_streams_model::live::Live;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::sweep::{Evidence, Findings, SweepOptions};
use std::collections::BTreeMap;

/// What a sweep is asked, and where.
#[derive(Debug, Clone, Copy)]
pub struct Sweep<'a> {
    /// Whose state and tags are ours.
    pub workspace: &'a Workspace,
    /// The accounts that can be called. One that cannot is not among them: what rests on it is unknown.
    pub accounts: &'a BTreeMap<AccountAlias, AccountId>,
    /// What the workspace's state says; empty where there is none.
    pub recorded: &'a Recorded,
    /// Every flag.
    pub options: &'a SweepOptions,
}

/// What is to be said of every role that trusts Pinpoint, and what could not be read.
pub fn findings(sweep: &Sweep<'_>, live: &Live) -> Findings {
    let facts = Facts::of(sweep, live);
    let guards = guard::Guards::of(&facts);
    let roles = facts.candidates().map(|candidate| {
        let mut finding = judge::judge(&facts, &candidate);
        finding.held_by = guards.hold(&candidate, &finding);
        finding
    });
    Findings { roles: roles.collect(), unread: facts.unread() }
}

/// A fact that a call said.
fn said(call: &str, fact: impl Into<String>) -> Evidence {
    Evidence { fact: fact.into(), call: Some(call.to_owned()) }
}

/// A fact that a person, a file or our own state said.
fn told(fact: impl Into<String>) -> Evidence {
    Evidence { fact: fact.into(), call: None }
}
