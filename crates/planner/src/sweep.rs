//! Sweep: which roles that trust Pinpoint nothing uses any more, on what evidence, and what is done with them.
//! Works on accounts, without a manifest. It never guesses: what could not be read, or proves nothing, is unknown.
//!
//! | module | what it answers |
//! | --- | --- |
//! | `questions` | which questions AWS must answer |
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
mod questions;
mod trust;

use crate::inquiry::{Inquiry, PlanResult, Planned};
use facts::Facts;
use guard::Guards;
use pinpoint_streams_model::fact::{Evidence, Fact};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Workspace};
use pinpoint_streams_model::live::{Live, Question};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::sweep::{Findings, SweepOptions};
use std::collections::{BTreeMap, BTreeSet};

/// Finds the roles that trust Pinpoint and that nothing uses any more, and plans what is done about them.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// Whose state and tags are ours.
    pub workspace: Workspace,
    /// The accounts that can be called. One that cannot is not among them: what rests on it is unknown.
    pub accounts: BTreeMap<AccountAlias, AccountId>,
    /// What the workspace's state says; empty where there is none.
    pub recorded: Recorded,
    pub options: SweepOptions,
}

/// What a sweep found, and what it would do about that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepReport {
    /// The roles that trust Pinpoint, and what could not be read.
    pub findings: Findings,
    /// What is unknown, held back or someone else's does not stand in the way: it is left alone, and the plan says so.
    pub planned: PlanResult,
}

impl Inquiry for Sweep {
    type Output = SweepReport;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        questions::questions(self, live)
    }

    fn conclude(&self, live: &Live) -> SweepReport {
        let facts = Facts::of(self, live);
        let guards = Guards::of(&facts);
        let roles = facts.candidates.iter().map(|candidate| {
            let mut finding = judge::judge(&facts, candidate);
            finding.held_by = guards.hold(candidate, &finding);
            finding
        });
        let findings = Findings { roles: roles.collect(), unread: facts.unread() };
        let plan = plan::plan(&facts, &findings);
        let planned = plan.map(|plan| Planned { plan, recorded: facts.recorded });
        SweepReport { findings, planned }
    }
}

/// What an API call answered.
fn api_fact(call: &str, fact: Fact) -> Evidence {
    Evidence { fact, call: Some(call.to_owned()) }
}

/// What a person, a file or our own state says.
fn local_fact(fact: Fact) -> Evidence {
    Evidence { fact, call: None }
}
