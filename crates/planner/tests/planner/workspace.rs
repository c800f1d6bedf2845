//! A workspace for tests: a manifest, a cloud and a record. Steps are carried out one by one in the
//! order of the plan; how they overlap is the executor's business.
pub(crate) use pinpoint_streams_model::address::Address;
pub(crate) use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn};
pub(crate) use pinpoint_streams_model::desired::{Desired, TrustScope};
pub(crate) use pinpoint_streams_model::fact::Fact;
pub(crate) use pinpoint_streams_model::live::FailureKind;
pub(crate) use pinpoint_streams_model::ownership::{Origin, Tags};
pub(crate) use pinpoint_streams_model::plan::{Action, Mode, Plan, Reason};
pub(crate) use pinpoint_streams_model::policy::{Direction, Document};
pub(crate) use pinpoint_streams_model::problem::{Problem, ProblemCode, Problems};
pub(crate) use pinpoint_streams_model::recorded::{Recorded, Resource};
use pinpoint_streams_model::{Change, Lineage, Options, Output, Outputs, Step};
pub(crate) use pinpoint_streams_planner::Inquiry;
use pinpoint_streams_planner::{Inputs, PlanResult};
pub(crate) use pinpoint_streams_testkit::cloud::{Fault, When};
pub(crate) use pinpoint_streams_testkit::desired::{DesiredBuilder, RoleBuilder};
use pinpoint_streams_testkit::executor::clock::Clock;
use pinpoint_streams_testkit::executor::cloud::WriteCloud;
pub(crate) use pinpoint_streams_testkit::{FakeCloud, app_id, ask, desired, parsed};
use pinpoint_streams_testkit::{applied::lineage, reconcile};

/// The role of `shop`.
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/pinpoint-streams/PinpointEventStream-shop";
pub(crate) const POLICY: &str = "PinpointEventStreamPermissionsPolicy";

/// Its stream.
pub(crate) const CLICKS: &str = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks";
/// A trust policy that admits every app there is.
pub(crate) const OPEN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// A trust policy that admits these two apps.
pub(crate) fn admitting(one: &AppArn, other: &AppArn) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"pinpoint.amazonaws.com"}},
        "Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"aws:SourceAccount":"123456789012"}},
        "ArnLike":{{"aws:SourceArn":["{one}","{other}"]}}}}}}]}}"#
    )
}

pub(crate) fn shop() -> DesiredBuilder {
    desired().app("shop", |app| app.kinesis("clicks"))
}

pub(crate) fn shop_role() -> RoleArn {
    parsed(ROLE)
}

pub(crate) fn shop_app() -> AppArn {
    AppArn { region: parsed("us-east-1"), account: parsed("123456789012"), id: app_id("shop") }
}

pub(crate) fn lose_ownership_tags(cloud: &FakeCloud, role: &RoleArn) {
    for tag in ["workspace", "lineage", "address", "origin"] {
        cloud.outside().untag_role(role, &format!("pinpoint-streams:{tag}"));
    }
}

/// A manifest, a cloud and a record.
pub(crate) struct Workspace {
    pub(crate) desired: Desired,
    pub(crate) cloud: FakeCloud,
    pub(crate) recorded: Recorded,
    pub(crate) options: Options,
}

impl Workspace {
    /// Before the first apply.
    pub(crate) fn new(desired: impl Into<Desired>) -> Workspace {
        let desired = desired.into();
        let cloud = FakeCloud::presumed_by(&desired);
        Workspace { desired, cloud, recorded: Recorded::default(), options: Options::default() }
    }

    /// After an apply.
    pub(crate) fn applied(desired: impl Into<Desired>) -> Workspace {
        let desired = desired.into();
        let (cloud, recorded) = FakeCloud::applied(&desired);
        Workspace { desired, cloud, recorded, options: Options::default() }
    }

    /// The same workspace with another manifest, and with all that this one presumes.
    pub(crate) fn edited(mut self, desired: impl Into<Desired>) -> Workspace {
        self.desired = desired.into();
        self.cloud.presume(&self.desired);
        self.cloud.clear_log();
        self
    }

    /// What is recorded at an address.
    pub(crate) fn recorded_at(&self, address: &str) -> &Resource {
        &self.recorded.resources[&parsed(address)]
    }

    /// Loses the record of an address.
    pub(crate) fn lose(&mut self, address: &str) {
        self.recorded.resources.remove(&parsed::<Address>(address)).unwrap();
    }

    /// The one role of the cloud.
    pub(crate) fn only_role(&self) -> RoleArn {
        let roles = self.cloud.snapshot().roles;
        assert_eq!(roles.len(), 1, "{:?}", roles.keys());
        roles.into_keys().next().unwrap()
    }

    /// One more app beside that of `shop`.
    pub(crate) fn guest(&self) -> AppArn {
        let guest = AppArn { id: app_id("guest"), ..shop_app() };
        self.cloud.add_app_as(&guest, "Guest");
        guest
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Options)) -> Workspace {
        change(&mut self.options);
        self
    }

    pub(crate) fn inquiry(&self, mode: Mode) -> impl Inquiry<Output = PlanResult> + use<> {
        let Workspace { desired, cloud: _, recorded, options } = self;
        let inputs =
            Inputs { desired: desired.clone().into(), recorded: recorded.clone(), options: options.clone() };
        reconcile(mode, inputs)
    }

    pub(crate) async fn try_plan(&self, mode: Mode) -> Result<Plan, Problems> {
        Ok(ask(&self.inquiry(mode), &self.cloud).await.output?.plan)
    }

    #[track_caller]
    pub(crate) fn demand(result: Result<Plan, Problems>) -> Plan {
        result.unwrap_or_else(|problems| panic!("the plan has problems: {problems:#?}"))
    }

    pub(crate) async fn plan(&self) -> Plan {
        Self::demand(self.try_plan(Mode::Converge).await)
    }

    pub(crate) async fn problems(&self) -> Problems {
        match self.try_plan(Mode::Converge).await {
            Ok(plan) => panic!("the plan has no problems: {:#?}", plan.changes),
            Err(problems) => problems,
        }
    }

    /// Of a plan with problems, what does not depend on them.
    pub(crate) async fn standing(&self) -> Option<Plan> {
        let inquiry = self.inquiry(Mode::Converge);
        let answers = ask(&inquiry, &self.cloud).await;
        assert!(answers.output.is_err(), "the plan has no problems");
        inquiry.standing(&answers.live)
    }

    pub(crate) async fn problem(&self) -> Problem {
        let mut problems = self.problems().await;
        assert_eq!(problems.len(), 1, "{problems:#?}");
        problems.remove(0)
    }

    /// The one problem, which is this.
    pub(crate) async fn refused(&self, code: ProblemCode, address: &str) -> Problem {
        let problem = self.problem().await;
        assert_eq!(self::code(&problem), (code, address.to_owned()), "{problem:#?}");
        problem
    }

    /// A plan of nothing to do.
    pub(crate) async fn settled(&self) -> Plan {
        let plan = self.plan().await;
        assert!(plan.is_empty(), "{:#?}", plan.changes);
        plan
    }

    /// Plans, carries out, plans again and demands nothing to do.
    pub(crate) async fn apply(&mut self) -> Plan {
        let plan = self.plan().await;
        self.carry_out(&plan).await;
        self.options.replace.clear();
        let again = self.plan().await;
        assert!(again.is_empty(), "after an apply there is something to do: {:#?}", again.changes);
        plan
    }

    pub(crate) async fn destroy(&mut self) -> Plan {
        let plan = Self::demand(self.try_plan(Mode::Destroy).await);
        self.carry_out(&plan).await;
        let again = Self::demand(self.try_plan(Mode::Destroy).await);
        assert!(again.is_empty(), "after a destroy there is something to do: {:#?}", again.changes);
        plan
    }

    /// Carries the steps out in their order.
    pub(crate) async fn carry_out(&mut self, plan: &Plan) {
        self.carry_out_in(plan, false).await;
    }

    /// Carries the steps out in their order, or of those that are ready always the last first.
    pub(crate) async fn carry_out_in(&mut self, plan: &Plan, last_first: bool) {
        if let Ok(planned) = ask(&self.inquiry(Mode::Drift), &self.cloud).await.output {
            self.recorded = planned.recorded;
        }
        let lineage: Lineage = self.recorded.lineage.get_or_insert_with(lineage).clone();
        self.recorded.accounts = self.desired.accounts.clone();
        let mut outputs = Outputs::new();
        let mut left: Vec<&Step> = plan.steps.iter().collect();
        while !left.is_empty() {
            let is_ready = |step: &&Step| step.after.iter().all(|after| outputs.contains_key(after));
            let at = if last_first { left.iter().rposition(is_ready) } else { left.iter().position(is_ready) };
            let step = left.remove(at.unwrap());
            let op = step.op.clone().resolve(&outputs, &lineage).unwrap();
            let output = if op.is_record_only() {
                Output::Done
            } else {
                self.cloud
                    .write(&op)
                    .await
                    .unwrap_or_else(|error| panic!("{} of {}: {error}", op.name(), step.address))
                    .output
            };
            self.recorded.absorb(&step.address, &op, &output, self.cloud.clock().now());
            outputs.insert(step.id, output);
        }
    }
}

/// The change of an address.
#[track_caller]
pub(crate) fn change<'p>(plan: &'p Plan, address: &str) -> &'p Change {
    let address: Address = address.parse().unwrap();
    plan.changes
        .iter()
        .find(|change| change.address == address)
        .unwrap_or_else(|| panic!("{address} does not change: {:#?}", plan.changes))
}

/// What happens to an address, and why.
#[track_caller]
pub(crate) fn fate(plan: &Plan, address: &str) -> (Action, Reason) {
    let change = change(plan, address);
    (change.action, change.reason)
}

/// The paths of the fields that change.
#[track_caller]
pub(crate) fn paths<'p>(plan: &'p Plan, address: &str) -> Vec<&'p str> {
    change(plan, address).fields.iter().map(|field| field.path.as_str()).collect()
}

/// The operations of a plan in their order, `op address`.
pub(crate) fn operations(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| format!("{} {}", step.op.name(), step.address)).collect()
}

/// The code and address of a problem.
pub(crate) fn code(problem: &Problem) -> (ProblemCode, String) {
    (problem.code, problem.address.as_ref().map(ToString::to_string).unwrap_or_default())
}
