//! The policies that `permissions` prints, held against the calls that are made: the caller of an embedded account has
//! that policy and no other, does all of the work, is refused nothing, and needs every action of it.
use crate::account::{presumed_by, sandbox};
use crate::leftovers::seed;
use pinpoint_streams_aws::permissions::{OperatorPolicy, Scope, Work, permissions};
use pinpoint_streams_aws::{Aws, SharedHttpClient};
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_executor::cloud::{ReadCloud, WriteCloud};
use pinpoint_streams_executor::execute::{Outcome, RunContext, Stores, execute};
use pinpoint_streams_executor::{Paced, RunEvents, Stop};
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::live::Question;
use pinpoint_streams_model::live::history::ConfigAggregator;
use pinpoint_streams_model::live::question::RegionalRoleArn;
use pinpoint_streams_model::live::residue::RegionalName;
use pinpoint_streams_model::live::simulation::SimulatedAccess;
use pinpoint_streams_model::op::{Op, RoleOp};
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::{Object, Recorded};
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::sweep::{Detach, SweepAction, SweepOptions};
use pinpoint_streams_planner::{Inputs, Restore, Sweep};
use pinpoint_streams_sandbox::decorators::{Answer, Faults, Permitted, Rule, When};
use pinpoint_streams_sandbox::{AppContents, Sandbox, SeedRole};
use pinpoint_streams_store::archive::{FileArchive, read_all};
use pinpoint_streams_store::session;
use pinpoint_streams_testkit::clock::START;
use pinpoint_streams_testkit::desired::{ACCOUNT, DesiredBuilder, REGION};
use pinpoint_streams_testkit::leftovers::{asked, two_hundred_roles};
use pinpoint_streams_testkit::memory::Memory;
use pinpoint_streams_testkit::{ask, desired, parsed, reconcile};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tempfile::TempDir;

/// A role that no workspace owns, and the instance profile that it is in.
const OTHER: &str = "arn:aws:iam::123456789012:role/Other";
const PROFILE: &str = "legacy";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;

/// Somebody with the permissions of one kind of work, and what they keep.
struct Operator {
    cloud: Paced<Aws>,
    permitted: Permitted,
    memory: Memory,
    folder: TempDir,
    runs: Cell<u32>,
}

impl Operator {
    async fn new(work: Work, sandbox: &Sandbox) -> Operator {
        Operator::with(&permissions(work, &scope()), sandbox, |client| client).await
    }

    async fn with(
        policy: &OperatorPolicy,
        sandbox: &Sandbox,
        around: impl FnOnce(SharedHttpClient) -> SharedHttpClient,
    ) -> Operator {
        let permitted = Permitted::by(document(policy), sandbox);
        let client = permitted.around(around(sandbox.http_client()));
        Operator {
            cloud: Paced::new(crate::account::connect(client).await),
            permitted,
            memory: Memory::new(),
            folder: tempfile::tempdir().unwrap(),
            runs: Cell::new(0),
        }
    }

    /// What somebody else has recorded and kept is known here too.
    fn after(self, other: &Operator) -> Operator {
        Operator { memory: other.memory.clone(), runs: Cell::new(other.runs.get()), ..self }
    }

    async fn plan(&self, mode: Mode, desired: &Desired, options: &Options) -> Plan {
        let loaded = session::load(&self.memory.state, &self.memory.journal, START).await.unwrap();
        let (desired, options) = (desired.clone(), options.clone());
        let inquiry = reconcile(mode, Inputs { desired: desired.into(), recorded: loaded.recorded, options });
        ask(&inquiry, &self.cloud).await.output.unwrap_or_else(|found| self.refusals(&found)).plan
    }

    async fn carry_out(&self, plan: &Plan) -> Outcome {
        self.runs.set(self.runs.get() + 1);
        let run = RunContext::new(parsed(&format!("run-{}", self.runs.get())), 4, &SystemClock, 7);
        let archive = FileArchive::new(self.folder.path());
        let stores = Stores { state: &self.memory.state, journal: &self.memory.journal, archive: &archive };
        let start = session::open(&self.memory.state, &self.memory.journal, START).await.unwrap();
        let mut events = RunEvents::begin(&SystemClock, "0.0.0", |_| {});
        execute(plan.clone().into(), &self.cloud, stores, start, run, Stop::never(), &mut events).await
    }

    async fn done(&self, plan: &Plan) {
        assert!(!plan.is_empty());
        let outcome = self.carry_out(plan).await;
        let refused = self.permitted.refused();
        assert_eq!(outcome.ending, Ending::Done, "{refused:#?}\n{:?}", outcome.tally());
    }

    async fn apply(&self, desired: &Desired, options: &Options) {
        self.done(&self.plan(Mode::Converge, desired, options).await).await;
        assert!(self.plan(Mode::Converge, desired, options).await.is_empty());
    }

    async fn sweep(&self, options: &SweepOptions) -> Plan {
        let recorded = session::load(&self.memory.state, &self.memory.journal, START).await.unwrap().recorded;
        let (workspace, accounts) = (parsed("growth"), BTreeMap::from([(parsed("main"), parsed(ACCOUNT))]));
        let sweep = Sweep::live(workspace, accounts, recorded, options.clone());
        ask(&sweep, &self.cloud).await.output.planned.unwrap_or_else(|found| self.refusals(&found)).plan
    }

    async fn archives(&self, other: &Operator) -> Vec<Archived> {
        let folders = std::fs::read_dir(other.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let state = session::load(&self.memory.state, &self.memory.journal, START).await.unwrap().state;
        read_all(&folders.max().unwrap(), state.as_ref()).unwrap()
    }

    /// Puts back what the last run of somebody took away.
    async fn restore(&self, other: &Operator, desired: &Desired) {
        let archives = self.archives(other).await;
        let recorded = session::load(&self.memory.state, &self.memory.journal, START).await.unwrap().recorded;
        let restore = Restore { archives, desired: desired.clone().into(), recorded, unverified: false };
        let planned = ask(&restore, &self.cloud).await.output;
        self.done(&planned.unwrap_or_else(|found| self.refusals(&found)).plan).await;
    }

    fn refusals(&self, problems: &dyn std::fmt::Debug) -> ! {
        panic!("{:#?}\n{problems:#?}", self.permitted.refused())
    }

    /// All of the policy was needed, and nothing beyond it asked for.
    fn needed_all_of(&self, policy: &OperatorPolicy, others: &[&Operator]) {
        let mut used = self.permitted.used();
        used.extend(others.iter().flat_map(|other| other.permitted.used()));
        let granted = policy.statement.iter().flat_map(|statement| &statement.action);
        let granted: BTreeSet<String> = granted.map(ToString::to_string).collect();
        assert_eq!(self.permitted.refused(), BTreeSet::new());
        assert_eq!(granted.difference(&used).collect::<Vec<_>>(), [""; 0], "superfluous");
        assert_eq!(used.difference(&granted).collect::<Vec<_>>(), [""; 0], "not named");
    }
}

fn scope() -> Scope {
    Scope { workspace: Some(parsed("growth")), ..Scope::default() }
}

fn document(policy: &OperatorPolicy) -> Document {
    Document::from_json(&json(policy)).unwrap()
}

fn json(policy: &OperatorPolicy) -> String {
    serde_json::to_string(policy).unwrap()
}

/// Every kind of stream and of role, and an app that is made.
fn first() -> DesiredBuilder {
    of_given_apps().app("blog", |app| app.created("Blog").kinesis("clicks").tag("site", "blog"))
}

fn of_given_apps() -> DesiredBuilder {
    desired()
        .workspace("growth")
        .shared_role("shared", |role| role.permissions_boundary("arn:aws:iam::123456789012:policy/boundary"))
        .app("shop", |app| app.kinesis("clicks").own_role(|role| role.description("first")))
        .app("lake", |app| app.firehose("lake").tag("site", "lake"))
        .app("red", |app| app.kinesis("clicks").role("shared"))
}

/// What can change in each of them does.
fn edited() -> DesiredBuilder {
    desired()
        .workspace("growth")
        .shared_role("shared", |role| role)
        .app("shop", |app| app.kinesis("clicks").own_role(|role| role.description("second").policy_name("Other")))
        .app("lake", |app| {
            app.firehose("lake").own_role(|role| {
                role.permissions_boundary("arn:aws:iam::123456789012:policy/boundary").tag("team", "lake")
            })
        })
        .app("blue", |app| app.kinesis("clicks").role("shared"))
        .app("blog", |app| app.created("Blog").kinesis("clicks").tag("team", "blog"))
}

fn world(manifests: &[&Desired]) -> Sandbox {
    let mut seeds = manifests.iter().map(|desired| presumed_by(desired));
    let mut seed = seeds.next().unwrap();
    for other in seeds {
        for account in other.accounts {
            let known = &mut seed.accounts[0];
            let (apps, streams) = (known.apps.clone(), known.streams.clone());
            known.apps.extend(account.apps.into_iter().filter(|app| !apps.contains(app)));
            known.streams.extend(account.streams.into_iter().filter(|stream| !streams.contains(stream)));
        }
    }
    seed.accounts[0].policies.push(parsed("arn:aws:iam::123456789012:policy/boundary"));
    let other =
        SeedRole { instance_profiles: vec![PROFILE.to_owned()], ..SeedRole::new(parsed(OTHER), TRUST.to_owned()) };
    seed.accounts[0].roles.push(other);
    sandbox(&seed)
}

fn everything() -> Options {
    let allow_detach = [Detach::Managed, Detach::Inline, Detach::Profile].into();
    Options { delete_apps: true, allow_mass_delete: true, allow_detach, ..Options::default() }
}

/// Somebody attaches a policy to a role, and puts it in an instance profile.
async fn change_outside(sandbox: &Sandbox, operator: &Operator) {
    let admin = crate::account::connect(sandbox.http_client()).await;
    let recorded = session::load(&operator.memory.state, &operator.memory.journal, START).await.unwrap().recorded;
    let role = recorded.resources.values().find_map(|resource| match &resource.object {
        Object::Role(role) => Some(role.arn.clone()),
        _ => None,
    });
    let role = role.unwrap();
    let policy = parsed("arn:aws:iam::123456789012:policy/boundary");
    admin.write(&Op::Role(RoleOp::AttachPolicy { role: role.clone(), policy })).await.unwrap();
    // A profile holds one role.
    let take = RoleOp::RemoveFromProfile { role: parsed(OTHER), instance_profile: PROFILE.to_owned() };
    admin.write(&Op::Role(take)).await.unwrap();
    let add = RoleOp::AddToProfile { role, instance_profile: PROFILE.to_owned() };
    admin.write(&Op::Role(add)).await.unwrap();
}

#[tokio::test]
async fn apply_needs_each_permission_of_its_policy_and_no_other() {
    let (first, edited) = (first().build(), edited().build());
    let sandbox = world(&[&first, &edited]);
    let policy = permissions(Work::Apply, &scope());
    let refusing = Arc::new(Faults::seeded(1));
    let operator = Operator::with(&policy, &sandbox, |client| refusing.around(client)).await;
    operator.apply(&first, &everything()).await;
    operator.apply(&edited, &everything()).await;
    change_outside(&sandbox, &operator).await;

    // A role that cannot be deleted after all gets back what was taken off it.
    refusing.add(no_role_is_deleted());
    let outcome = operator.carry_out(&operator.plan(Mode::Destroy, &edited, &everything()).await).await;
    assert_eq!(outcome.ending, Ending::Failed);
    refusing.clear_rules();
    refusing.add(apps_without_tags(&sandbox));
    operator.plan(Mode::Destroy, &edited, &everything()).await;
    refusing.clear_rules();
    operator.done(&operator.plan(Mode::Destroy, &edited, &everything()).await).await;

    // What somebody else made by hand is adopted.
    let adopter = Operator::new(Work::Apply, &sandbox).await;
    let maker = Operator::with(&permissions(Work::Apply, &Scope::default()), &sandbox, |client| client).await;
    let given = of_given_apps().build();
    let elsewhere = Desired { workspace: parsed("elsewhere"), ..given.clone() };
    maker.apply(&elsewhere, &everything()).await;
    untag_all(&sandbox).await;
    adopter.apply(&given, &Options { adopt: true, ..everything() }).await;
    operator.needed_all_of(&policy, &[&adopter]);
}

/// As if something had just been attached to each role outside of the program.
fn no_role_is_deleted() -> Rule {
    let body =
        "<ErrorResponse><Error><Code>UnmodifiableEntity</Code><Message>no</Message></Error></ErrorResponse>";
    let answer = Answer::Respond { status: 400, headers: Vec::new(), body: body.to_owned() };
    Rule { operation: Some("DeleteRole".to_owned()), when: When::Always, answer }
}

/// GetApps leaves the tags out, as some answers do.
fn apps_without_tags(sandbox: &Sandbox) -> Rule {
    let account = sandbox.contents().unwrap().accounts[ACCOUNT].clone();
    let (region, contents) = account.regions.iter().next().unwrap();
    let item = |app: &AppContents| {
        let arn = format!("arn:aws:mobiletargeting:{region}:{ACCOUNT}:apps/{}", app.id);
        serde_json::json!({"Id": app.id, "Name": app.name, "Arn": arn})
    };
    let items: Vec<_> = contents.apps.iter().map(item).collect();
    let body = serde_json::json!({ "Item": items }).to_string();
    let answer = Answer::Respond { status: 200, headers: Vec::new(), body };
    Rule { operation: Some("GetApps".to_owned()), when: When::Always, answer }
}

/// One leftover of each kind.
fn leftovers() -> Sandbox {
    let mut left = two_hundred_roles();
    let mut kinds = BTreeSet::new();
    left.roles.retain(|role| kinds.insert(role.kind));
    sandbox(&seed(&left))
}

async fn untag_all(sandbox: &Sandbox) {
    let admin = crate::account::connect(sandbox.http_client()).await;
    let account = sandbox.contents().unwrap().accounts[ACCOUNT].clone();
    for role in account.roles {
        let untag = RoleOp::Untag { role: parsed(&role.arn), tag_keys: role.tags.into_keys().collect() };
        admin.write(&Op::Role(untag)).await.unwrap();
    }
    assert!(admin.read(&Question::Roles(parsed(ACCOUNT))).await.required().is_ok());
}

/// Every read of a source other than IAM and Pinpoint.
async fn read_other_sources(reader: &Operator) {
    let place: AccountRegion = AccountRegion::of(&parsed(ACCOUNT), &parsed(REGION));
    let role: RoleArn = parsed(&format!("arn:aws:iam::{ACCOUNT}:role/Shop"));
    let app = AppArn::of(&place.account, &place.region, &parsed("shop0000"));
    for question in [
        Question::ConfigRecorder(place.clone()),
        Question::ConfigEventStreams(place.clone()),
        Question::ConfigAggregators(place.clone()),
        Question::AggregatedEventStreams(ConfigAggregator { place: place.clone(), name: "all".to_owned() }),
        Question::ConfigHistory(app),
        Question::RoleUses(RegionalRoleArn { role: role.clone(), region: place.region.clone() }),
        Question::EventStreamChanges(place.clone()),
        Question::LastAccessed(role),
        Question::UnusedRoles(place.clone()),
        Question::KeyPolicy(parsed(&format!(
            "arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        ))),
        Question::Simulation(SimulatedAccess {
            role: parsed(&format!("arn:aws:iam::{ACCOUNT}:role/Shop")),
            actions: BTreeSet::from(["kinesis:PutRecords".to_owned()]),
            resource: "*".to_owned(),
        }),
    ] {
        assert!(reader.cloud.read(&question).await.required().is_ok(), "{question:?}");
    }
    let stream = parsed(&format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"));
    assert!(reader.cloud.read(&Question::StreamPolicy(stream)).await.is_known());
    let stack = RegionalName { place, name: "growth-roles".to_owned() };
    assert!(reader.cloud.read(&Question::StackResources(stack)).await.is_known());
}

#[tokio::test]
async fn audit_needs_each_permission_of_its_policy_and_no_other() {
    let desired = first().build();
    let sandbox = world(&[&desired]);
    let maker = Operator::new(Work::Apply, &sandbox).await;
    maker.apply(&desired, &everything()).await;
    let policy = permissions(Work::Audit, &scope());
    let auditor = Operator::new(Work::Audit, &sandbox).await.after(&maker);
    assert!(auditor.plan(Mode::Converge, &desired, &everything()).await.is_empty());
    auditor.plan(Mode::Destroy, &desired, &everything()).await;
    let hiding = Arc::new(Faults::seeded(1));
    hiding.add(apps_without_tags(&sandbox));
    let asking = Operator::with(&policy, &sandbox, |client| hiding.around(client)).await.after(&maker);
    assert!(asking.plan(Mode::Converge, &desired, &everything()).await.is_empty());
    let sweeper = Operator::new(Work::Audit, &leftovers()).await;
    sweeper.sweep(&asked()).await;
    let reader = Operator::new(Work::Audit, &crate::sources::account(false)).await;
    read_other_sources(&reader).await;
    let finder = Operator::new(Work::Audit, &crate::residue::full()).await;
    for question in crate::residue::questions() {
        assert!(finder.cloud.read(&question).await.required().is_ok(), "{question:?}");
    }
    auditor.needed_all_of(&policy, &[&asking, &sweeper, &reader, &finder]);

    let outcome = auditor.carry_out(&auditor.plan(Mode::Destroy, &desired, &everything()).await).await;
    assert_eq!(outcome.ending, Ending::Failed, "an auditor changes nothing");
    assert!(maker.plan(Mode::Converge, &desired, &everything()).await.is_empty());
}

#[tokio::test]
async fn teardown_needs_each_permission_of_its_policy_and_no_other() {
    let sandbox = leftovers();
    let allow_detach = [Detach::Managed, Detach::Inline, Detach::Profile].into();
    let asked = |action| SweepOptions {
        action,
        now: SystemClock.now(),
        max_delete: 1000,
        all_purposes: true,
        allow_detach: BTreeSet::clone(&allow_detach),
        ..asked()
    };
    let policy = permissions(Work::Teardown, &scope());
    let refusing = Arc::new(Faults::seeded(1));
    let operator = Operator::with(&policy, &sandbox, |client| refusing.around(client)).await;
    operator.done(&operator.sweep(&asked(SweepAction::Quarantine)).await).await;
    operator.done(&operator.sweep(&asked(SweepAction::Release)).await).await;
    operator.done(&operator.sweep(&asked(SweepAction::Quarantine)).await).await;
    refusing.add(no_role_is_deleted());
    let reaped = operator.sweep(&asked(SweepAction::Reap { after_days: 0 })).await;
    assert_eq!(operator.carry_out(&reaped).await.ending, Ending::Failed);
    refusing.clear_rules();
    operator.done(&operator.sweep(&asked(SweepAction::Reap { after_days: 0 })).await).await;

    // Where there are many, they are read together.
    let many = Operator::new(Work::Teardown, &crate::account::sandbox(&seed(&two_hundred_roles()))).await;
    many.sweep(&asked(SweepAction::Quarantine)).await;

    operator.needed_all_of(&policy, &[&many]);

    let restorer = Operator::new(Work::Restore, &sandbox).await.after(&operator);
    let nothing = Desired::nothing(parsed("growth"), BTreeMap::from([(parsed("main"), parsed(ACCOUNT))]));
    restorer.restore(&operator, &nothing).await;
    assert_eq!(restorer.permitted.refused(), BTreeSet::new());

    // And what a workspace owned comes back with its event streams.
    let desired = of_given_apps().build();
    let world = world(&[&desired]);
    let maker = Operator::new(Work::Apply, &world).await;
    maker.apply(&desired, &everything()).await;
    maker.done(&maker.plan(Mode::Destroy, &desired, &everything()).await).await;
    let again = Operator::new(Work::Restore, &world).await.after(&maker);
    again.restore(&maker, &desired).await;

    // One role of many is read by itself.
    let one = Operator::new(Work::Restore, &crate::account::sandbox(&seed(&two_hundred_roles()))).await;
    let one = one.after(&operator);
    let archives = one.archives(&operator).await;
    let (archives, recorded) = (archives[..1].to_vec(), Recorded::default());
    ask(&Restore { archives, desired: nothing.into(), recorded, unverified: false }, &one.cloud).await;
    restorer.needed_all_of(&permissions(Work::Restore, &scope()), &[&again, &one]);
}
