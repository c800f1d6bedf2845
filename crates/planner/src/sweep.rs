//! Sweep: which roles that trust Pinpoint nothing uses any more, on what evidence, and what is done with them.
//! Works on accounts, without a manifest. It never guesses: what could not be read, or is not proof, is unknown.
//!
//! | module | what it answers |
//! | --- | --- |
//! | `questions` | which questions AWS must answer |
//! | `readings` | the answers, indexed: which regions answered, which event streams name which role |
//! | `candidate` | the roles that trust Pinpoint: whom each trusts, which apps that admits, and what it may do |
//! | `proof` | whether absence is proven where it has to be |
//! | `kept` | answers that were kept in bundles of evidence |
//! | `recorded_users` | the event streams that AWS Config and CloudTrail know |
//! | `sources` | what AWS Config, CloudTrail, last accessed data and Access Analyzer add to a verdict |
//! | `residue` | what else in the accounts names Pinpoint |
//! | `owner` | who manages a role |
//! | `marks` | what a quarantine consists of |
//! | `judge` | the verdict and its evidence |
//! | `guard` | why a role, or the whole sweep, is left alone |
//! | `plan` | the steps |
mod candidate;
mod guard;
mod judge;
mod kept;
mod last_look;
mod marks;
mod named_roles;
mod other_users;
mod owner;
mod plan;
mod proof;
mod questions;
mod readings;
mod recorded_users;
mod residue;
mod sources;

use crate::{Inquiry, PlanResult, Planned};
use guard::Guards;
pub use kept::Bundle;
pub use last_look::{Basis, LastLook};
use pinpoint_streams_model::{
    AccountAlias, AccountId, BundleFile, Evidence, Fact, Findings, Live, Question, Recorded, Subject,
    SweepOptions, Unreadable, Workspace,
};
use questions::Extent;
use readings::Readings;
pub use residue::{FindResidue, PRICES_AS_OF, PRICES_SOURCE};
use std::collections::{BTreeMap, BTreeSet};

/// Finds the roles that trust Pinpoint and that nothing uses any more, and plans what to do about them.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// Whose state and tags are ours.
    pub workspace: Workspace,
    /// The accounts that can be called. One that cannot is not among them: what rests on it is unknown.
    pub accounts: BTreeMap<AccountAlias, AccountId>,
    /// What the workspace's state says; empty where there is none.
    pub recorded: Recorded,
    pub options: SweepOptions,
    /// Answers of earlier captures, the newest first.
    pub bundles: Vec<Bundle>,
    /// Whether AWS is asked. Otherwise the sweep rests on the bundles alone.
    pub is_live: bool,
}

impl Sweep {
    /// One that rests on what AWS answers.
    pub fn live(
        workspace: Workspace,
        accounts: BTreeMap<AccountAlias, AccountId>,
        recorded: Recorded,
        options: SweepOptions,
    ) -> Sweep {
        Sweep { workspace, accounts, recorded, options, bundles: Vec::new(), is_live: true }
    }
}

/// What a sweep found, and what it would do about that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepReport {
    /// The roles that trust Pinpoint, and what could not be read.
    pub findings: Findings,
    /// The bundles of evidence that it is based on, the newest first.
    pub bundles: Vec<BundleFile>,
    /// Roles that are unknown, held back or managed elsewhere are left alone, and the plan says so.
    pub planned: PlanResult,
}

impl Inquiry for Sweep {
    type Output = SweepReport;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        if !self.is_live {
            return BTreeSet::new();
        }
        let (live, origins) = kept::completed(live, &self.bundles);
        questions::questions(&Readings::of(self, &live, &origins), Extent::Needed)
    }

    /// A bundle stands in for what AWS has not answered yet, and may say otherwise.
    fn may_ask_ahead(&self) -> bool {
        self.bundles.is_empty()
    }

    fn conclude(&self, live: &Live) -> SweepReport {
        let (live, origins) = kept::completed(live, &self.bundles);
        let readings = Readings::of(self, &live, &origins);
        let guards = Guards::of(&readings);
        let candidates = candidate::candidates(&readings);
        let roles = candidates.iter().map(|candidate| {
            let mut finding = judge::judge(&readings, candidate);
            finding.evidence.extend(questions::kept(&readings, candidate));
            finding.held_by = guards.hold(candidate, &finding);
            finding
        });
        let findings = Findings { roles: roles.collect(), unread: readings.unread() };
        let plan = plan::plan(&readings, &candidates, &findings);
        let last_look = LastLook::of(&readings, &candidates, &findings);
        let planned = plan.map(|plan| Planned { plan, recorded: readings.recorded, last_look });
        SweepReport { findings, bundles: self.options.bundles.clone(), planned }
    }
}

/// Asks all that a sweep of these accounts could ask, for a bundle of evidence.
#[derive(Debug, Clone)]
pub struct Capture(pub Sweep);

impl Inquiry for Capture {
    type Output = ();

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        questions::questions(&Readings::of(&self.0, live, &BTreeMap::new()), Extent::Everything)
    }

    fn may_ask_ahead(&self) -> bool {
        true
    }

    fn conclude(&self, _: &Live) {}
}

fn api_fact(call: &str, fact: Fact) -> Evidence {
    Evidence { fact, call: Some(call.to_owned()) }
}

/// What a person, a file or our own state says.
fn local_fact(fact: Fact) -> Evidence {
    Evidence { fact, call: None }
}

fn read_failed(what: Subject, why: &Unreadable) -> Evidence {
    api_fact(&why.operation, Fact::ReadFailed { what, why: why.clone() })
}
