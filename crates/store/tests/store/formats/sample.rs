//! One of everything that is written, with every field named: a new field does not compile without a value here,
//! and then what is written differs from what is kept in `tests/formats`.
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::{Evidence, EvidenceSource, Fact, Refusal, Subject};
use pinpoint_streams_model::ids::{Serial, StepId};
use pinpoint_streams_model::live::{FailureKind, InlinePolicies, LastUsed, LiveEventStream, LiveRole, Unreadable};
use pinpoint_streams_model::op::{
    AppOp, CreateApp, CreateRole, DeleteApp, DeleteEventStream, EventStreamOp, Op, Owner, Phase, Planned,
    PutEventStream, RecordOp, Resolved, RoleOp, Slot,
};
use pinpoint_streams_model::ownership::{Origin, Tags};
use pinpoint_streams_model::plan::{
    Access, Action, Basis, Change, CredentialSource, FieldChange, FieldValue, Mode, Options, Plan, Reason,
    RestoreOptions, Step, Summary, Warning,
};
use pinpoint_streams_model::policy::{Direction, Document, Text};
use pinpoint_streams_model::problem::ProblemCode;
use pinpoint_streams_model::recorded::{
    AppRecord, EventStreamRecord, Object, Output, Pending, Quarantined, Resource, Resources, RoleRecord,
};
use pinpoint_streams_model::region::Partition;
use pinpoint_streams_model::role_kind::Purpose;
use pinpoint_streams_model::sweep::{
    BundleFile, Detach, Finding, SweepAction, SweepOptions, SweptAccount, Unread, Verdict,
};
use pinpoint_streams_store::archive;
use pinpoint_streams_store::journal::{
    About, Archived, Begin, End, EndResult, FORMAT as JOURNAL, Failed, Header, Reading, Record,
};
use pinpoint_streams_store::state::{FORMAT as STATE, RunLogDigest, State};
use pinpoint_streams_testkit::parsed;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const TIME: &str = "2026-11-23T09:00:00Z";
const ACCOUNT: &str = "123456789012";
const APP: &str = "810c7aab86d42fb2b56c8c966example";
const ROLE: &str = "arn:aws:iam::123456789012:role/pinpoint-streams/PinpointEventStream-shop";
const ROLE_ID: &str = "AROAQ7SSZBKHRKPWRZUN6";
const STREAM: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";
const FIREHOSE: &str = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/lake";
const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/team/boundary";

fn text(text: &str) -> String {
    text.to_owned()
}

fn tags() -> Tags {
    Tags::from([(text("team"), text("growth")), (text("naïve \"key\""), text("日本語 \\ \n"))])
}

fn permissions() -> Document {
    let document = r#"{"Version": "2012-10-17", "Id": "p", "Statement": [
        {"Sid": "Write", "Effect": "Allow", "Action": ["kinesis:PutRecords", "kinesis:DescribeStream"],
         "Resource": "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"},
        {"Effect": "Deny", "NotAction": "kinesis:*", "NotResource": ["*"],
         "Condition": {"Bool": {"aws:SecureTransport": false}, "ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a*", "b"]}}}]}"#;
    Document::from_json(document).unwrap()
}

fn trust<V: pinpoint_streams_model::policy::ConditionValue>(source: V) -> Document<V> {
    pinpoint_streams_model::role_kind::RoleKind::for_event_streams().trust_policy(&parsed(ACCOUNT), [source])
}

fn app_arn(id: &str) -> String {
    format!("arn:aws:mobiletargeting:eu-west-1:123456789012:apps/{id}")
}

fn owner<P: Phase>(lineage: P::Lineage, address: &str, origin: Origin) -> Owner<P> {
    Owner { workspace: parsed("growth"), lineage, address: parsed(address), origin }
}

/// One of each operation.
fn every_op<P: Phase>(lineage: &P::Lineage, app_id: P::AppId, source: P::Text) -> Vec<Op<P>> {
    let (account, region, role) = (|| parsed(ACCOUNT), || parsed("eu-west-1"), || parsed(ROLE));
    let created = |address: &str| owner(lineage.clone(), address, Origin::Created);
    let adopted = |address: &str| owner(lineage.clone(), address, Origin::Adopted);
    let keys = BTreeSet::from([text("team"), text("cost center")]);
    let profile = text("web");
    let policy_name = || parsed("PinpointEventStreamPermissionsPolicy");
    let ops = vec![
        Op::App(AppOp::Create(CreateApp {
            account: account(),
            region: region(),
            name: text("Blog"),
            tags: tags(),
            owner: created("app.blog"),
            protect: true,
        })),
        Op::App(AppOp::Tag {
            account: account(),
            region: region(),
            app_id: parsed(APP),
            tags: tags(),
            owner: Some(adopted("app.blog")),
        }),
        Op::App(AppOp::Tag {
            account: account(),
            region: region(),
            app_id: parsed(APP),
            tags: Tags::new(),
            owner: None,
        }),
        Op::App(AppOp::Untag {
            account: account(),
            region: region(),
            app_id: parsed(APP),
            tag_keys: keys.clone(),
        }),
        Op::App(AppOp::Delete(DeleteApp {
            account: account(),
            region: region(),
            app_id: parsed(APP),
            name: text("Blog"),
        })),
        Op::Role(RoleOp::Create(CreateRole {
            arn: role(),
            trust_policy: trust(source.clone()),
            description: text("Lets Amazon Pinpoint stream blog to clicks"),
            max_session_duration: 3600,
            permissions_boundary: Some(parsed(BOUNDARY)),
            tags: tags(),
            owner: Some(created("role.blog")),
            protect: false,
        })),
        Op::Role(RoleOp::Create(CreateRole {
            arn: role(),
            trust_policy: trust(source.clone()),
            description: String::new(),
            max_session_duration: 43200,
            permissions_boundary: None,
            tags: Tags::new(),
            owner: None,
            protect: false,
        })),
        Op::Role(RoleOp::UpdateTrustPolicy { role: role(), trust_policy: trust(source) }),
        Op::Role(RoleOp::PutPolicy { role: role(), policy_name: policy_name(), document: permissions() }),
        Op::Role(RoleOp::DeletePolicy { role: role(), policy_name: policy_name() }),
        Op::Role(RoleOp::Update { role: role(), description: text("by hand"), max_session_duration: 7200 }),
        Op::Role(RoleOp::PutBoundary { role: role(), permissions_boundary: parsed(BOUNDARY) }),
        Op::Role(RoleOp::DeleteBoundary { role: role() }),
        Op::Role(RoleOp::Tag { role: role(), tags: tags(), owner: Some(adopted("role.shop")) }),
        Op::Role(RoleOp::Tag { role: role(), tags: tags(), owner: None }),
        Op::Role(RoleOp::Untag { role: role(), tag_keys: keys }),
        Op::Role(RoleOp::AttachPolicy { role: role(), policy: parsed(BOUNDARY) }),
        Op::Role(RoleOp::DetachPolicy { role: role(), policy: parsed(BOUNDARY) }),
        Op::Role(RoleOp::AddToProfile { role: role(), instance_profile: profile.clone() }),
        Op::Role(RoleOp::RemoveFromProfile { role: role(), instance_profile: profile }),
        Op::Role(RoleOp::Delete { role: role(), role_id: parsed(ROLE_ID) }),
        Op::EventStream(EventStreamOp::Put(PutEventStream {
            account: account(),
            region: region(),
            app_id: app_id.clone(),
            destination: parsed(STREAM),
            role_arn: role(),
            protect: true,
            record: true,
        })),
        Op::EventStream(EventStreamOp::Put(PutEventStream {
            account: account(),
            region: region(),
            app_id,
            destination: parsed(FIREHOSE),
            role_arn: role(),
            protect: false,
            record: false,
        })),
        Op::EventStream(EventStreamOp::Delete(DeleteEventStream {
            account: account(),
            region: region(),
            app_id: parsed(APP),
            destination: text(STREAM),
            role_arn: text(ROLE),
        })),
        Op::Record(RecordOp::Write { resource: Box::new(role_resource()) }),
        Op::Record(RecordOp::Move { from: parsed("role.old") }),
        Op::Record(RecordOp::Forget {}),
        Op::Record(RecordOp::SetProtect { protect: true }),
    ];
    let there: BTreeSet<usize> = ops.iter().map(number).collect();
    assert_eq!(there, (0..24).collect(), "one of each operation");
    for op in &ops {
        let json = serde_json::to_value(op).unwrap();
        assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), [op.name()], "one key, its name");
        assert_eq!(serde_json::from_value::<Op<P>>(json).unwrap(), *op);
    }
    ops
}

/// A number for each operation. One that is added must be added to the sample too.
fn number<P: Phase>(op: &Op<P>) -> usize {
    match op {
        Op::App(AppOp::Create(_)) => 0,
        Op::App(AppOp::Tag { .. }) => 1,
        Op::App(AppOp::Untag { .. }) => 2,
        Op::App(AppOp::Delete(_)) => 3,
        Op::Role(RoleOp::Create(_)) => 4,
        Op::Role(RoleOp::UpdateTrustPolicy { .. }) => 5,
        Op::Role(RoleOp::PutPolicy { .. }) => 6,
        Op::Role(RoleOp::DeletePolicy { .. }) => 7,
        Op::Role(RoleOp::Update { .. }) => 8,
        Op::Role(RoleOp::PutBoundary { .. }) => 9,
        Op::Role(RoleOp::DeleteBoundary { .. }) => 10,
        Op::Role(RoleOp::Tag { .. }) => 11,
        Op::Role(RoleOp::Untag { .. }) => 12,
        Op::Role(RoleOp::AttachPolicy { .. }) => 13,
        Op::Role(RoleOp::DetachPolicy { .. }) => 14,
        Op::Role(RoleOp::AddToProfile { .. }) => 15,
        Op::Role(RoleOp::RemoveFromProfile { .. }) => 16,
        Op::Role(RoleOp::Delete { .. }) => 17,
        Op::EventStream(EventStreamOp::Put(_)) => 18,
        Op::EventStream(EventStreamOp::Delete(_)) => 19,
        Op::Record(RecordOp::Write { .. }) => 20,
        Op::Record(RecordOp::Move { .. }) => 21,
        Op::Record(RecordOp::Forget { .. }) => 22,
        Op::Record(RecordOp::SetProtect { .. }) => 23,
    }
}

fn resource(origin: Origin, protect: bool, object: Object) -> Resource {
    Resource {
        account: parsed(ACCOUNT),
        origin,
        protect,
        named_under: text("shop"),
        changed_at: parsed(TIME),
        object,
    }
}

fn role_resource() -> Resource {
    let role = RoleRecord {
        arn: parsed(ROLE),
        id: parsed(ROLE_ID),
        trust_policy: trust(app_arn(APP)),
        inline_policies: InlinePolicies::from([(parsed("PinpointEventStreamPermissionsPolicy"), permissions())]),
        description: text("Lets Amazon Pinpoint stream shop to clicks"),
        max_session_duration: 3600,
        permissions_boundary: Some(parsed(BOUNDARY)),
        tags: tags(),
    };
    resource(Origin::Adopted, false, Object::Role(role))
}

/// A state with one of each kind of resource, and every operation pending.
pub(super) fn state() -> State {
    let app = AppRecord { region: parsed("eu-west-1"), id: parsed(APP), name: text("Blog \"1\""), tags: tags() };
    let stream = EventStreamRecord {
        region: parsed("eu-west-1"),
        app_id: parsed(APP),
        destination: parsed(FIREHOSE),
        role_arn: parsed(ROLE),
    };
    let mut plain = role_resource();
    if let Object::Role(role) = &mut plain.object {
        role.permissions_boundary = None;
        role.inline_policies.clear();
    }
    let pending = every_op::<Resolved>(&parsed("3f2a"), parsed(APP), app_arn(APP)).into_iter().zip(1..);
    let pending = pending.map(|(op, step)| Pending {
        run: parsed("r1"),
        step: StepId(step),
        address: parsed("role.shop"),
        op,
        began_at: parsed(TIME),
    });
    State {
        format: STATE,
        workspace: parsed("growth"),
        lineage: parsed("3f2a"),
        serial: Serial(7),
        last_run: Some(parsed("r1")),
        journal_seq: 12,
        accounts: BTreeMap::from([(parsed("main"), parsed(ACCOUNT))]),
        resources: Resources::from_iter([
            (parsed("app.blog"), resource(Origin::Created, true, Object::App(app))),
            (parsed("event_stream.blog"), resource(Origin::Created, false, Object::EventStream(stream))),
            (parsed("role.shop"), role_resource()),
            (parsed("iam.123456789012/PinpointEventStream-old"), plain),
        ]),
        pending: pending.collect(),
        run_logs: vec![RunLogDigest { run: parsed("r1"), digest: text("sha256:6").into(), as_found: true }],
        archives: BTreeMap::from([(text("archive/20261123T090000Z-r0/role.old.json"), text("sha256:5").into())]),
        quarantined: BTreeMap::from([(
            parsed(ROLE),
            Quarantined { role_id: parsed(ROLE_ID), at: parsed(TIME), is_being_deleted: true },
        )]),
    }
}

fn unreadable(request_id: Option<&str>) -> Unreadable {
    Unreadable {
        kind: FailureKind::Denied,
        operation: text("GetRole"),
        code: text("AccessDenied"),
        message: text("no"),
        request_id: request_id.map(text),
        beneath: Vec::new(),
    }
}

/// Facts with every type of field.
fn facts() -> Vec<Fact> {
    let app = || AppArn { region: parsed("eu-west-1"), account: parsed(ACCOUNT), id: parsed(APP) };
    vec![
        Fact::LastUsed { at: parsed(TIME), region: Some(parsed("eu-west-1")) },
        Fact::LastUsed { at: parsed(TIME), region: None },
        Fact::NeverUsed { within_days: 400 },
        Fact::LastUseNotRead {},
        Fact::RecordedAs { address: parsed("role.shop"), other_id: Some(parsed(ROLE_ID)) },
        Fact::InNoStack { regions: BTreeSet::from([parsed("eu-west-1"), parsed("us-east-1")]) },
        Fact::Asserted { places: BTreeSet::from([parsed("123456789012/us-east-1")]) },
        Fact::AppGone { app: app() },
        Fact::ReadFailed { what: Subject::EventStream(app()), why: unreadable(Some("id-1")) },
        Fact::ReadFailed { what: Subject::ManagedPolicy(parsed(BOUNDARY)), why: unreadable(None) },
        Fact::NotRead { what: Subject::Caller },
        Fact::NotRead { what: Subject::Stack(parsed("eu-west-1")) },
        Fact::NotRead { what: Subject::Apps(parsed("123456789012/us-east-1")) },
        Fact::TrustsOthers { principals: BTreeSet::from([text("ec2.amazonaws.com")]) },
        Fact::OtherPurpose { purpose: Purpose::Export },
        Fact::StreamGone { stream: parsed(STREAM) },
        Fact::OwnedByThisWorkspace { workspace: parsed("growth"), lineage: parsed("3f2a") },
    ]
}

fn findings() -> Vec<Finding> {
    let purposes = [
        Purpose::EventStream,
        Purpose::Import,
        Purpose::Export,
        Purpose::Recommender,
        Purpose::Email,
        Purpose::Unclear,
    ];
    let last = [
        LastUsed::NotRead,
        LastUsed::Never { within_days: 400 },
        LastUsed::At(parsed(TIME), Some(parsed("eu-west-1"))),
        LastUsed::At(parsed(TIME), None),
    ];
    let finding = |(nth, verdict): (usize, Verdict)| Finding {
        role: parsed(&format!("arn:aws:iam::123456789012:role/old-{nth}")),
        role_id: parsed(ROLE_ID),
        verdict,
        purpose: purposes[nth % purposes.len()],
        created: (nth.is_multiple_of(2)).then(|| parsed(TIME)),
        last_used: last[nth % last.len()].clone(),
        evidence: facts()
            .into_iter()
            .skip(nth * 2)
            .take(2)
            .map(|fact| Evidence { fact, call: (nth % 2 == 1).then(|| text("GetRole")) })
            .collect(),
        held_by: if nth.is_multiple_of(2) {
            vec![Fact::Excluded { pattern: text("old-*") }, Fact::TooYoung { days: 3, min_days: 30 }]
        } else {
            Vec::new()
        },
        advice: None,
    };
    Verdict::ALL.into_iter().enumerate().map(finding).collect()
}

/// A plan with every option, action, reason, direction and operation.
fn plan() -> Plan {
    use Action::*;
    let reasons = [
        Reason::New,
        Reason::ManifestChanged,
        Reason::Drifted,
        Reason::ManifestChangedAndDrifted,
        Reason::Missing,
        Reason::DependsOn,
        Reason::Moved,
        Reason::LostRecord,
        Reason::AdoptionAsked,
        Reason::ReplaceAsked,
        Reason::RemovedFromManifest,
        Reason::DestroyAsked,
        Reason::ForgetAsked,
        Reason::Obsolete,
        Reason::Reaped,
        Reason::Released,
        Reason::Restored,
    ];
    let actions = [Create, Update, Replace, Delete, Adopt, Forget, Quarantine, Release, Keep];
    let effects = [Direction::Same, Direction::Widens, Direction::Narrows, Direction::Both];
    let changes = reasons.into_iter().enumerate().map(|(nth, reason)| {
        let address: pinpoint_streams_model::address::Address =
            parsed(["role.shop", "app.blog", "event_stream.blog", "iam.123456789012/old-1"][nth % 4]);
        let field = FieldChange {
            path: text("trust_policy"),
            before: Some(FieldValue::of(&trust(app_arn("a1")))),
            after: Some(FieldValue::of(&trust(unknown()))),
            effect: Some(effects[nth % effects.len()]),
        };
        let plain = FieldChange {
            path: text("tags.team"),
            before: None,
            after: Some(FieldValue::of(&"growth")),
            effect: None,
        };
        Change {
            kind: address.kind(),
            region: (nth % 2 == 1).then(|| parsed("eu-west-1")),
            address,
            account: parsed(ACCOUNT),
            action: actions[nth % actions.len()],
            reason,
            fields: if nth < effects.len() { vec![field, plain] } else { Vec::new() },
            notes: if nth.is_multiple_of(2) { vec![Fact::StopsUntilRoleReady {}.into()] } else { Vec::new() },
        }
    });
    let ops = every_op::<Planned>(&None, Slot::After { after_step: StepId(1) }, unknown())
        .into_iter()
        .chain(every_op(&Some(parsed("3f2a")), Slot::Known(parsed(APP)), Text::Known(app_arn(APP))));
    let steps = ops.zip(1..).map(|(op, id)| Step {
        id: StepId(id),
        address: parsed("role.shop"),
        after: if id > 2 { vec![StepId(1), StepId(id - 1)] } else { Vec::new() },
        op,
    });
    let mut plan = Plan {
        // A log keeps the plan of its run in the format that this had.
        format_version: 2,
        tool_version: text("0.1.0"),
        workspace: parsed("growth"),
        mode: Mode::Sweep,
        plan_digest: String::new().into(),
        options: Options {
            targets: vec![text("role.*")],
            excludes: vec![text("app.x")],
            accounts: vec![parsed("main")],
            replace: BTreeSet::from([parsed("role.shop")]),
            adopt: true,
            allow_mass_delete: true,
            delete_apps: true,
            include_adopted: true,
            allow_detach: BTreeSet::from([Detach::Managed, Detach::Inline, Detach::Profile]),
            event_streams_gone: BTreeSet::from([parsed("123456789012/eu-west-1")]),
            sweep: Some(SweepOptions {
                action: SweepAction::Reap { after_days: 30 },
                now: parsed(TIME),
                run: text("r1"),
                regions: BTreeSet::from([parsed("eu-west-1")]),
                unused_since: parsed("2026-10-31T00:00:00Z"),
                min_age_days: 30,
                max_delete: 25,
                all_purposes: true,
                exclude: BTreeSet::from([text("Legacy*")]),
                no_pinpoint_in: BTreeSet::from([text("ap-*")]),
                event_streams_gone: BTreeSet::from([parsed("123456789012/us-east-1")]),
                no_stacks_in: BTreeSet::from([parsed("123456789012/af-south-1")]),
                allow_detach: BTreeSet::from([Detach::Managed]),
                terraform: BTreeMap::from([(text(ROLE), text("tf.json"))]),
                sources: EvidenceSource::ALL.into(),
                bundles: vec![BundleFile {
                    file: "december.evidence".to_owned(),
                    digest: "sha256:0".to_owned().into(),
                    finished: parsed("2026-12-01T00:00:00Z"),
                }],
            }),
            restore: Some(RestoreOptions {
                archives: BTreeSet::from([text("sha256:5").into()]),
                unverified: true,
            }),
        },
        basis: Basis {
            manifest_digest: text("sha256:4").into(),
            lineage: Some(parsed("3f2a")),
            serial: Serial(7),
            accounts: BTreeMap::from([(parsed("main"), parsed(ACCOUNT))]),
        },
        changes: changes.collect(),
        steps: steps.collect(),
        summary: Summary {
            create: 1,
            update: 2,
            replace: 3,
            delete: 4,
            adopt: 5,
            forget: 6,
            quarantine: 7,
            release: 8,
            keep: 9,
        },
        warnings: vec![
            Warning { address: None, fact: Fact::PartialPlan {} },
            Warning {
                address: Some(parsed("role.shop")),
                fact: Fact::Problem {
                    code: ProblemCode::StreamNotActive,
                    message: text("it is CREATING"),
                    hint: Some(text("wait")),
                },
            },
            Warning {
                address: Some(parsed("event_stream.shop")),
                fact: Fact::DoesNotAdmit {
                    role: parsed(ROLE),
                    app: parsed(APP),
                    why: Refusal::Undecidable(text("sts:ExternalId")),
                },
            },
            Warning {
                address: None,
                fact: Fact::LeftAlone { by: vec![Fact::Excluded { pattern: text("a*") }, Fact::AgeUnknown {}] },
            },
        ],
        access: None,
    };
    let source = |partition, profile: Option<&str>, assume_role| CredentialSource {
        partition,
        profile: profile.map(text),
        assume_role,
    };
    plan.set_access(Some(Access {
        manifest: false,
        accounts: Some(BTreeMap::from([
            (parsed("main"), source(Partition::Aws, Some("prod"), Some(parsed(ROLE)))),
            (parsed("other"), source(Partition::AwsUsGov, None, None)),
        ])),
        archive: Some(text("archive/20261123T090000Z-r1")),
    }));
    plan
}

fn unknown() -> Text {
    Text::After { after_step: StepId(1), format: app_arn("{}") }
}

/// The first line of a journal, with all that it can say of its run.
pub(super) fn header() -> Header {
    let unread = |role: Option<&str>| Unread {
        account: parsed(ACCOUNT),
        role: role.map(parsed),
        why: Evidence {
            fact: Fact::ReadFailed { what: Subject::TrustPolicy, why: unreadable(Some("id-2")) },
            call: Some(text("GetRole")),
        },
    };
    let swept = |id: Option<&str>, why: Option<&str>| SweptAccount {
        alias: parsed("main"),
        id: id.map(parsed),
        unreachable: why.map(text),
    };
    Header {
        format: JOURNAL,
        lineage: parsed("3f2a"),
        serial: Serial(7),
        run: parsed("r2"),
        about: Some(Box::new(About {
            began_at: parsed(TIME),
            approved_by: Some(text("ana on ci-7, by --expect-digest and --approve-accounts")),
            findings: findings(),
            reading: Some(Reading {
                at: parsed(TIME),
                accounts: vec![swept(Some(ACCOUNT), None), swept(None, Some("no credentials"))],
                unread: vec![unread(None), unread(Some("old-9"))],
            }),
            plan: plan().into(),
        })),
    }
}

/// Every operation begun, with every kind of end and without one; and something archived.
pub(super) fn records() -> Vec<Record> {
    let mut records = Vec::new();
    let ends = |nth: usize, op: &Op<Resolved>| match op {
        Op::App(AppOp::Create(_)) => Some(EndResult::Output(Output::App(parsed(APP)))),
        Op::Role(RoleOp::Create(_)) => Some(EndResult::Output(Output::Role(parsed(ROLE_ID)))),
        _ if nth % 5 == 1 => None,
        _ if nth % 5 == 2 => Some(EndResult::Error(Failed {
            code: text("Throttling"),
            message: text("slow \"down\"\n"),
            in_doubt: nth.is_multiple_of(2),
        })),
        _ => Some(EndResult::Output(Output::Done)),
    };
    for (nth, op) in every_op::<Resolved>(&parsed("3f2a"), parsed(APP), app_arn(APP)).into_iter().enumerate() {
        let seq = records.len() as u64 + 1;
        let step = StepId(nth as u32 + 1);
        let end = ends(nth, &op);
        let address = if nth.is_multiple_of(2) { parsed("role.shop") } else { parsed("app.blog") };
        records.push(Record::Begin(Begin { seq, step, address, op: Box::new(op), time: parsed(TIME) }));
        if let Some(result) = end {
            let request_id = (!nth.is_multiple_of(3)).then(|| text("4b1c"));
            records.push(Record::End(End { seq: seq + 1, begin: seq, result, request_id, time: parsed(TIME) }));
        }
    }
    records.push(Record::Archived(Archived {
        seq: records.len() as u64 + 1,
        step: StepId(21),
        path: text("archive/20261123T090000Z-r2/role.shop.json"),
        digest: text("sha256:6").into(),
        time: parsed(TIME),
    }));
    records
}

/// One archived thing of each kind, with all that it can have and with as little.
pub(super) fn entries() -> Vec<archive::Entry> {
    let role = |template: Option<&str>, last_used| LiveRole {
        arn: parsed(ROLE),
        id: parsed(ROLE_ID),
        trust_policy: trust(app_arn(APP)),
        inline_policies: InlinePolicies::from([(parsed("P"), permissions())]),
        attached_policies: BTreeSet::from([parsed(BOUNDARY)]),
        instance_profiles: BTreeSet::from([text("web")]),
        permissions_boundary: template.is_some().then(|| parsed(BOUNDARY)),
        description: text("by hand: it's \"x\""),
        max_session_duration: 3600,
        tags: tags(),
        created: template.is_some().then(|| parsed(TIME)),
        last_used,
        template: template.map(text),
    };
    let live = || LiveEventStream { destination: text(STREAM), role_arn: text(ROLE) };
    let app = |known: bool| archive::App {
        account: parsed(ACCOUNT),
        region: parsed("eu-west-1"),
        app_id: parsed(APP),
        name: text("Blog"),
        tags: known.then(tags),
        channels: known.then(|| BTreeSet::from([text("GCM"), text("EMAIL")])),
        event_stream: known.then(live),
        unread: if known { Vec::new() } else { vec![text("GetChannels answered AccessDenied: no")] },
    };
    let objects = [
        ("role.shop", archive::Object::Role(Arc::new(role(Some("t"), LastUsed::Never { within_days: 400 })))),
        ("iam.123456789012/old-1", archive::Object::Role(Arc::new(role(None, LastUsed::NotRead)))),
        (
            "event_stream.blog",
            archive::Object::EventStream(archive::EventStream {
                account: parsed(ACCOUNT),
                region: parsed("eu-west-1"),
                app_id: parsed(APP),
                event_stream: live(),
            }),
        ),
        ("app.blog", archive::Object::App(app(true))),
        ("app.shop", archive::Object::App(app(false))),
    ];
    let entry = |(address, object): (&str, _)| archive::Entry {
        format: archive::FORMAT,
        workspace: parsed("growth"),
        lineage: parsed("3f2a"),
        run: parsed("r2"),
        time: parsed(TIME),
        address: parsed(address),
        object,
    };
    objects.map(entry).into()
}
