//! An account that is swept in tests: what is asked, how it is read, and how a plan is carried out on it.
use jiff::Timestamp;
use pinpoint_streams_model::{
    AccountAlias, AccountId, Address, Change, Finding, Findings, Live, Object, Origin, Outputs, Plan, Problems,
    Recorded, Resource, SweepOptions, Workspace,
};
use pinpoint_streams_planner::{Sweep, SweepReport};
use pinpoint_streams_testkit::applied::lineage;
use pinpoint_streams_testkit::clock::START;
use pinpoint_streams_testkit::executor::clock::Clock;
use pinpoint_streams_testkit::executor::cloud::WriteCloud;
pub(crate) use pinpoint_streams_testkit::leftovers::asked;
use pinpoint_streams_testkit::leftovers::{Leftovers, two_hundred_roles};
use pinpoint_streams_testkit::{FakeCloud, ask, parsed};
use std::collections::BTreeMap;
use std::time::Duration;

/// An account, and what a sweep of it is asked.
pub(crate) struct SweptAccount {
    pub(crate) left: Leftovers,
    pub(crate) cloud: FakeCloud,
    pub(crate) workspace: Workspace,
    pub(crate) accounts: BTreeMap<AccountAlias, AccountId>,
    pub(crate) recorded: Recorded,
    pub(crate) options: SweepOptions,
}

impl SweptAccount {
    /// The account of two hundred roles.
    pub(crate) fn of_two_hundred_roles() -> SweptAccount {
        SweptAccount::of(two_hundred_roles())
    }

    /// Only these kinds of leftovers, and the apps and streams of all.
    pub(crate) fn with_kinds(kinds: &[&str]) -> SweptAccount {
        let mut left = two_hundred_roles();
        left.roles.retain(|role| kinds.contains(&role.kind));
        SweptAccount::of(left)
    }

    fn of(left: Leftovers) -> SweptAccount {
        let cloud = left.cloud();
        let resources = left.roles.iter().filter(|role| role.recorded).map(|role| {
            let resource = Resource {
                account: left.account.clone(),
                origin: Origin::Created,
                protect: false,
                named_under: role.arn.name.to_string(),
                changed_at: START,
                object: Object::Role(role.record(&cloud)),
            };
            (parsed(&format!("role.{}", role.arn.name)), resource)
        });
        let recorded = Recorded { resources: resources.collect(), ..Recorded::default() };
        let options = SweepOptions { terraform: left.terraform(), ..asked() };
        let accounts = BTreeMap::from([(parsed("main"), left.account.clone())]);
        SweptAccount { left, cloud, workspace: parsed("growth"), accounts, recorded, options }
    }

    pub(crate) fn asked(mut self, change: impl FnOnce(&mut SweepOptions)) -> SweptAccount {
        change(&mut self.options);
        self
    }

    /// Lets days pass.
    pub(crate) fn later(&mut self, days: u64) {
        self.cloud.clock().advance(Duration::from_secs(days * 24 * 60 * 60));
        self.options.now = self.now();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.cloud.clock().now()
    }

    pub(crate) fn sweep(&self) -> Sweep {
        let SweptAccount { workspace, accounts, recorded, options, .. } = self;
        let (workspace, accounts) = (workspace.clone(), accounts.clone());
        Sweep::live(workspace, accounts, recorded.clone(), options.clone())
    }

    pub(crate) async fn live(&self) -> Live {
        ask(&self.sweep(), &self.cloud).await.live
    }

    async fn report(&self) -> SweepReport {
        ask(&self.sweep(), &self.cloud).await.output
    }

    pub(crate) async fn findings(&self) -> Findings {
        self.report().await.findings
    }

    pub(crate) async fn finding(&self, name: &str) -> Finding {
        let mut found = self.findings().await;
        found.roles.retain(|finding| finding.role.name.as_str() == name);
        assert_eq!(found.roles.len(), 1, "findings on {name}");
        found.roles.remove(0)
    }

    pub(crate) async fn try_plan(&self) -> Result<Plan, Problems> {
        Ok(self.report().await.planned?.plan)
    }

    pub(crate) async fn plan(&self) -> Plan {
        self.try_plan().await.unwrap_or_else(|problems| panic!("the plan has problems: {problems:#?}"))
    }

    /// Plans, carries out, plans again and demands nothing to do.
    pub(crate) async fn apply(&mut self) -> Plan {
        let plan = self.plan().await;
        let mut outputs = Outputs::new();
        for step in &plan.steps {
            let op = step.op.clone().resolve(&outputs, &lineage()).unwrap();
            let written = self.cloud.write(&op).await;
            let output =
                written.unwrap_or_else(|error| panic!("{} of {}: {error}", op.name(), step.address)).output;
            self.recorded.absorb(&step.address, &op, &output, self.now());
            outputs.insert(step.id, output);
        }
        let again = self.plan().await;
        assert!(again.is_empty(), "after an apply there is something to do: {:#?}", again.changes);
        plan
    }
}

/// The names of the roles that a plan changes.
pub(crate) fn changed(plan: &Plan) -> Vec<String> {
    let name = |change: &Change| match &change.address {
        Address::Undeclared(role) => role.name.to_string(),
        other => panic!("{other} is no role of a sweep"),
    };
    plan.changes.iter().map(name).collect()
}
