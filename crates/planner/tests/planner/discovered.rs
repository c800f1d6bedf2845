//! From an account to a manifest for it: a plan on it adopts, and nothing but tags is written.
use crate::workspace::Workspace;
use pinpoint_streams_model::manifest::{AccountSpec, Manifest, OneFile, Overrides};
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_AT};
use pinpoint_streams_model::{
    AccountAlias, Action, AppArn, Desired, Document, FailureKind, PolicyArn, PolicyName, Recorded, RoleArn,
    RoleRef,
};
use pinpoint_streams_planner::Discover;
use pinpoint_streams_planner::discover::{Discovered, NoteKind};
use pinpoint_streams_testkit::cloud::{Call, Fault, When};
use pinpoint_streams_testkit::desired::ACCOUNT;
use pinpoint_streams_testkit::disturbance::{Disturbance, Severity, some_disturbances_up_to};
use pinpoint_streams_testkit::strategies::{OTHER_ACCOUNT, manifests};
use pinpoint_streams_testkit::{FakeCloud, app_id, ask, desired, parsed};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::collections::BTreeMap;

fn accounts() -> BTreeMap<AccountAlias, AccountSpec> {
    let spec = |id: &str| AccountSpec { id: Some(parsed(id)), ..AccountSpec::default() };
    BTreeMap::from([(parsed("main"), spec(ACCOUNT)), (parsed("other"), spec(OTHER_ACCOUNT))])
}

async fn discovered(cloud: &FakeCloud) -> Discovered {
    let accounts = accounts();
    accounts.values().filter_map(|spec| spec.id.as_ref()).for_each(|id| cloud.add_account(id));
    let regions = ["us-east-1", "eu-west-1"].map(parsed).into();
    ask(&Discover { accounts, regions, workspace: parsed("growth") }, cloud).await.output
}

#[track_caller]
fn loaded(text: &str) -> Desired {
    let manifest = Manifest::load("pinpoint-streams.toml", text.to_owned(), &OneFile, &Overrides::default())
        .unwrap_or_else(|errors| panic!("{errors:?}\n{text}"));
    assert!(manifest.warnings().is_empty(), "{:?}\n{text}", manifest.warnings());
    Desired::clone(manifest.offline())
}

/// Discovers, plans with `--adopt`, applies, and demands that tags alone were written.
async fn taken_over(cloud: FakeCloud) -> (Discovered, Workspace) {
    let found = discovered(&cloud).await;
    assert_eq!(found.manifest, discovered(&cloud).await.manifest, "the same account gives the same manifest");
    let text = found.manifest.to_toml();
    let before = cloud.snapshot();
    cloud.clear_log();
    let mut workspace =
        Workspace { desired: loaded(&text), cloud, recorded: Recorded::default(), options: Default::default() };
    workspace.options.adopt = true;
    let plan = match workspace.try_plan(pinpoint_streams_model::plan::Mode::Converge).await {
        Ok(plan) => plan,
        Err(problems) => panic!("{problems:#?}\n{text}"),
    };
    for change in &plan.changes {
        assert_eq!(change.action, Action::Adopt, "{change:#?}\n{text}");
        let is_tag = |path: &str| path.starts_with("tags.pinpoint-streams:");
        assert!(change.fields.iter().all(|field| is_tag(&field.path)), "{change:#?}\n{text}");
    }
    workspace.apply().await;
    let writes = workspace.cloud.writes();
    assert!(writes.iter().all(|call| call.operation == "TagRole"), "{writes:#?}\n{text}");
    let mut after = workspace.cloud.snapshot();
    for role in after.roles.values_mut() {
        let tags = &before.roles[&role.arn].tags;
        role.tags.retain(|key, _| tags.contains_key(key));
    }
    assert_eq!(before, after);
    workspace.options.adopt = false;
    let again = workspace.plan().await;
    assert!(again.is_empty(), "{:#?}", again.changes);
    (found, workspace)
}

/// A role that was changed outside pinpoint-streams.
#[derive(Debug, Clone, Copy)]
enum Wild {
    RegionalPrincipal,
    NoConditions,
    ExternalId,
    TwoPrincipals,
    WildcardStream,
    ObjectStatement,
    ExtraStatement,
    ExtraPolicy,
    ManagedPoliciesAlone,
    MadeByAStack,
    OfAnotherWorkspace,
    OddTexts,
    ManyTags,
}

fn wild() -> impl Strategy<Value = Wild> {
    prop_oneof![
        Just(Wild::RegionalPrincipal),
        Just(Wild::NoConditions),
        Just(Wild::ExternalId),
        Just(Wild::TwoPrincipals),
        Just(Wild::WildcardStream),
        Just(Wild::ObjectStatement),
        Just(Wild::ExtraStatement),
        Just(Wild::ExtraPolicy),
        Just(Wild::ManagedPoliciesAlone),
        Just(Wild::MadeByAStack),
        Just(Wild::OfAnotherWorkspace),
        Just(Wild::OddTexts),
        Just(Wild::ManyTags),
    ]
}

impl Wild {
    fn make(self, cloud: &FakeCloud, role: &RoleArn) {
        let hand = cloud.outside();
        let live = cloud.snapshot().roles[role].clone();
        let trust = live.trust_policy.to_json();
        let (name, permissions) = match live.inline_policies.first() {
            Some((name, document)) => (name.clone(), document.to_json()),
            None => return,
        };
        let principal = "pinpoint.amazonaws.com";
        let trusting = |condition: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{principal}"}},"Action":"sts:AssumeRole"{condition}}}]}}"#
            )
        };
        let granting = |actions: &str, resource: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{actions},"Resource":"{resource}"}}}}"#
            )
        };
        match self {
            Wild::RegionalPrincipal => {
                hand.put_trust_policy(role, &trust.replace(principal, "pinpoint.us-east-1.amazonaws.com"));
            }
            Wild::NoConditions => hand.put_trust_policy(role, &trusting("")),
            Wild::ExternalId => {
                let condition = r#","Condition":{"StringEquals":{"sts:ExternalId":"123456789012"}}"#;
                hand.put_trust_policy(role, &trusting(condition));
            }
            Wild::TwoPrincipals => {
                let two = format!(r#"["{principal}","lambda.amazonaws.com"]"#);
                let two = trust.replace(&format!("\"{principal}\""), &two);
                if Document::from_json(&two).is_ok() {
                    hand.put_trust_policy(role, &two);
                }
            }
            Wild::WildcardStream => {
                let wide =
                    granting(r#"["kinesis:*","firehose:PutRecordBatch"]"#, "arn:aws:kinesis:us-east-1:*:*/*");
                hand.put_inline_policy(role, &name, &wide);
            }
            Wild::ObjectStatement => hand.respell_policies(role),
            Wild::ExtraStatement => {
                let more = r#""Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},"#;
                let permissions = permissions.replace("\"Statement\":[", more);
                let object = r#""Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},{"Effect""#;
                let permissions = match permissions.contains("s3:") {
                    true => permissions,
                    false => permissions.replace(r#""Statement":{"Effect""#, object).replace("}}", "}]}"),
                };
                hand.put_inline_policy(role, &name, &permissions);
            }
            Wild::ExtraPolicy => {
                hand.put_inline_policy(role, &parsed("another"), &granting("\"s3:GetObject\"", "*"));
            }
            Wild::ManagedPoliciesAlone => {
                for name in live.inline_policies.keys() {
                    hand.delete_inline_policy(role, name);
                }
                let arn: PolicyArn = parsed("arn:aws:iam::aws:policy/AmazonKinesisFullAccess");
                hand.attach_policy(role, &arn);
            }
            Wild::MadeByAStack => hand.tag_role(role, "aws:cloudformation:stack-name", "analytics"),
            Wild::OfAnotherWorkspace => hand.tag_role(role, "pinpoint-streams:workspace", "sales"),
            Wild::OddTexts => {
                hand.update_role(role, "{app} \"x\" \\ größe\n{{stream}} }", 7200);
                hand.tag_role(role, "cost center/größe", "a=b:c @x");
            }
            Wild::ManyTags => (0..48).for_each(|n| hand.tag_role(role, &format!("tag{n}"), "x")),
        }
    }
}

/// An account in which nothing is ours: roles without our tags, some changed outside pinpoint-streams, apps with odd names.
type Account = (Desired, Vec<(Wild, usize)>, Vec<Disturbance>, Vec<(String, usize)>);

fn account() -> impl Strategy<Value = Account> {
    let wild = proptest::collection::vec((wild(), any::<usize>()), 0..6);
    let names = prop_oneof![
        Just("Shop".to_owned()),
        Just("shop!".to_owned()),
        Just("日本語 \u{202e}\"\n[apps.evil]".to_owned()),
        Just("shop-us-east-1".to_owned()),
        Just(String::new()),
        "\\PC{0,64}",
    ];
    let names = proptest::collection::vec((names, any::<usize>()), 0..6);
    (manifests(), wild, some_disturbances_up_to(Severity::Lost), names)
}

fn build(
    desired: &Desired,
    wild: &[(Wild, usize)],
    disturbed: &[Disturbance],
    names: &[(String, usize)],
) -> FakeCloud {
    let (cloud, _) = FakeCloud::applied(desired);
    let (roles, apps) = (cloud.snapshot().roles, cloud.snapshot().apps);
    for tag in ["workspace", "lineage", "address", "origin"].map(|tag| format!("pinpoint-streams:{tag}")) {
        roles.keys().for_each(|role| cloud.outside().untag_role(role, &tag));
        apps.keys().for_each(|app| cloud.outside().untag_app(app, &tag));
    }
    for (name, at) in names {
        let before = cloud.snapshot();
        let Some(arn) = before.apps.keys().nth(at % before.apps.len().max(1)) else { continue };
        cloud.add_app_as(arn, name);
        if let Some(stream) = before.event_streams.get(arn) {
            cloud.outside().put_event_stream(arn, &stream.destination, &stream.role_arn);
        }
    }
    for (wild, at) in wild {
        let roles = cloud.snapshot().roles;
        if let Some(role) = roles.keys().nth(at % roles.len().max(1)) {
            wild.make(&cloud, role);
        }
    }
    disturbed.iter().for_each(|one| drop(one.apply(&cloud)));
    cloud.settle();
    cloud
}

#[test]
fn whatever_is_live_the_discovered_manifest_adopts_and_writes_nothing_but_tags() {
    let mut runner = TestRunner::new(Config { cases: 192, failure_persistence: None, ..Config::default() });
    let result = runner.run(&account(), |(desired, wild, disturbed, names)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let cloud = build(&desired, &wild, &disturbed, &names);
            let streams = cloud.snapshot().event_streams.len();
            let (found, _) = taken_over(cloud).await;
            let counted = found.counts.apps + found.counts.left_out;
            if counted != streams {
                return Err(TestCaseError::fail(format!("{counted} of {streams} apps with event streams")));
            }
            Ok(())
        })
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// The account of a person who followed the CLI steps of the developer guide: `create-role` and `put-role-policy`.
fn made_with_the_aws_cli() -> FakeCloud {
    let cloud = FakeCloud::new();
    let app = AppArn {
        region: parsed("us-east-1"),
        account: parsed(ACCOUNT),
        id: parsed("810c7aab86d42fb2b56c8c966example"),
    };
    cloud.add_app_as(&app, "My shop");
    cloud.add_stream(&parsed("arn:aws:kinesis:us-east-1:123456789012:stream/clickstream"));
    let role: RoleArn = parsed("arn:aws:iam::123456789012:role/PinpointEventStreamRole");
    let trust = Document::from_json(
        r#"{ "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Principal": { "Service": "pinpoint.amazonaws.com" },
             "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceAccount": "123456789012" },
             "ArnLike": { "aws:SourceArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/810c7aab86d42fb2b56c8c966example" } } } ] }"#,
    );
    cloud.add_role(&role, &trust.unwrap());
    let policy: PolicyName = parsed("PinpointEventStreamPermissionsPolicy");
    cloud.outside().put_inline_policy(
        &role,
        &policy,
        r#"{ "Version": "2012-10-17", "Statement": { "Action": [ "kinesis:PutRecords", "kinesis:DescribeStream" ],
             "Effect": "Allow", "Resource": [ "arn:aws:kinesis:us-east-1:123456789012:stream/clickstream" ] } }"#,
    );
    let stream = "arn:aws:kinesis:us-east-1:123456789012:stream/clickstream";
    cloud.outside().put_event_stream(&app, stream, &role);
    cloud.settle();
    cloud
}

#[tokio::test(start_paused = true)]
async fn a_role_made_by_the_steps_of_the_developer_guide_is_declared_as_it_is() {
    let (found, _) = taken_over(made_with_the_aws_cli()).await;
    assert_eq!(found.notes, []);
    insta::assert_snapshot!(found.manifest.to_toml());
}

#[tokio::test(start_paused = true)]
async fn a_manifest_for_many_apps_says_what_they_share_once() {
    let mut builder =
        desired().account("other", OTHER_ACCOUNT).shared_role("team", |role| role.name("TeamStreams").path("/"));
    for n in 0..4 {
        builder = builder.app(&format!("shop{n}"), |app| {
            app.kinesis("clicks").own_role(|role| {
                role.name(&format!("Stream-shop{n}-prod")).path("/").description("").tag("team", "growth")
            })
        });
    }
    let manifest = builder
        .app("blog", |app| app.region("eu-west-1").firehose("lake").kms_key("1234abcd").role("team"))
        .app("news", |app| app.region("eu-west-1").kinesis("clicks").role("team"))
        .app("far", |app| {
            app.account("other")
                .kinesis("clicks")
                .own_role(|role| role.path("/").description("").tag("team", "sales"))
        })
        .build();
    let wild = [(Wild::NoConditions, 1), (Wild::ExtraPolicy, 2)];
    let cloud = build(&manifest, &wild, &[], &[]);
    cloud.outside().put_event_stream(
        &AppArn { region: parsed("us-east-1"), account: parsed(ACCOUNT), id: app_id("shop3") },
        "arn:aws:kinesis:us-east-1:210987654321:stream/clicks",
        "arn:aws:iam::123456789012:role/Gone",
    );
    let (found, _) = taken_over(cloud).await;
    insta::assert_snapshot!(found.manifest.to_toml());
}

#[tokio::test(start_paused = true)]
async fn what_a_manifest_cannot_say_stays_managed_elsewhere_with_the_reason() {
    for wild in [
        Wild::RegionalPrincipal,
        Wild::NoConditions,
        Wild::ExternalId,
        Wild::TwoPrincipals,
        Wild::WildcardStream,
        Wild::ExtraStatement,
        Wild::ManagedPoliciesAlone,
        Wild::MadeByAStack,
        Wild::OfAnotherWorkspace,
        Wild::ManyTags,
    ] {
        let manifest = desired().app("shop", |app| app.kinesis("clicks")).build();
        let (found, workspace) = taken_over(build(&manifest, &[(wild, 0)], &[], &[])).await;
        let stream = workspace.desired.apps.values().next().unwrap().event_stream.clone().unwrap();
        assert!(matches!(stream.role, RoleRef::Elsewhere(_)), "{wild:?}");
        let why = found.notes.iter().filter(|note| note.kind == NoteKind::ManagedElsewhere);
        assert_eq!(why.count(), 1, "{wild:?}: {:?}", found.notes);
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_is_called_quarantined_only_while_it_is_denied_everything() {
    let manifest = desired().app("shop", |app| app.kinesis("clicks")).build();
    let cloud = build(&manifest, &[], &[], &[]);
    let role = cloud.snapshot().roles.keys().next().unwrap().clone();
    cloud.outside().tag_role(&role, QUARANTINED_AT, "2026-11-10T00:00:00Z");
    let text = discovered(&cloud).await.manifest.to_toml();
    assert!(text.contains("tags of a quarantine are left on it; `pinpoint-streams sweep --release`"), "{text}");
    let denial = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    cloud.outside().put_inline_policy(&role, &parsed(QUARANTINE_POLICY), denial);
    let text = discovered(&cloud).await.manifest.to_toml();
    assert!(text.contains("it is quarantined; `pinpoint-streams sweep --release`"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_object_statement_an_extra_policy_and_odd_texts_are_said() {
    for wild in [Wild::ObjectStatement, Wild::ExtraPolicy, Wild::OddTexts] {
        let manifest = desired().app("shop", |app| app.kinesis("clicks")).build();
        let (_, workspace) = taken_over(build(&manifest, &[(wild, 0)], &[], &[])).await;
        assert_eq!(workspace.desired.roles.len(), 1, "{wild:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_is_named_and_not_taken_for_absence() {
    let manifest = desired().app("shop", |app| app.kinesis("clicks")).build();
    for operation in ["GetCallerIdentity", "GetApps", "GetEventStream", "GetRole", "DescribeStreamSummary"] {
        let cloud = build(&manifest, &[], &[], &[]);
        let is_stream = operation == "DescribeStreamSummary";
        let matching = move |call: &Call| match call.operation {
            "GetAccountAuthorizationDetails" | "GetRole" => operation == "GetRole",
            "DescribeStreamSummary" | "DescribeStream" => is_stream,
            other => other == operation,
        };
        cloud.fail(When::matching(matching), Fault::Refuse(FailureKind::Denied));
        let found = discovered(&cloud).await;
        let text = found.manifest.to_toml();
        assert!(text.contains("answered"), "{operation}: {text}");
        let first = found.notes.first().unwrap_or_else(|| panic!("{operation}: {text}"));
        let kind = match operation {
            "GetRole" => NoteKind::ManagedElsewhere,
            "DescribeStreamSummary" => NoteKind::LeftOut,
            _ => NoteKind::Unread,
        };
        assert_eq!(first.kind, kind, "{operation}: {first:?}");
        loaded(&text);
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_lead_elsewhere_give_nothing_to_declare() {
    let manifest = desired().app("shop", |app| app.kinesis("clicks")).build();
    let cloud = build(&manifest, &[], &[], &[]);
    cloud.set_caller(&parsed(ACCOUNT), &parsed(OTHER_ACCOUNT));
    let found = discovered(&cloud).await;
    assert_eq!(found.counts.apps, 0);
    assert!(found.manifest.to_toml().contains("the credentials meant for it lead to 210987654321"));
}

#[tokio::test(start_paused = true)]
async fn a_role_named_in_other_letters_is_the_same_role() {
    let manifest = desired().app("shop", |app| app.kinesis("clicks")).build();
    let cloud = build(&manifest, &[], &[], &[]);
    let app = AppArn { region: parsed("us-east-1"), account: parsed(ACCOUNT), id: app_id("shop") };
    let role = "arn:aws:iam::123456789012:role/pinpoint-streams/pinpointeventstream-SHOP";
    cloud.outside().put_event_stream(&app, "arn:aws:kinesis:us-east-1:123456789012:stream/clicks", role);
    let (_, workspace) = taken_over(cloud).await;
    assert_eq!(workspace.desired.roles.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_app_changes_no_key_but_that_of_its_namesake() {
    let one = desired().app("shop", |app| app.kinesis("clicks")).app("blog", |app| app.kinesis("clicks"));
    let two = one.clone().app("news", |app| app.region("eu-west-1").kinesis("clicks"));
    let keys = async |cloud: FakeCloud| -> Vec<String> {
        let groups = discovered(&cloud).await.manifest.groups;
        groups.into_iter().flat_map(|group| group.apps).map(|(key, _)| key.to_string()).collect()
    };
    assert_eq!(keys(build(&one.build(), &[], &[], &[])).await, ["blog", "shop"]);
    let cloud = build(&two.build(), &[], &[], &[]);
    assert_eq!(keys(cloud.clone()).await, ["news", "blog", "shop"]);
    let news = AppArn { region: parsed("eu-west-1"), account: parsed(ACCOUNT), id: app_id("news") };
    let stream = cloud.snapshot().event_streams[&news].clone();
    cloud.add_app_as(&news, "Shop");
    cloud.outside().put_event_stream(&news, &stream.destination, &stream.role_arn);
    assert_eq!(keys(cloud).await, ["shop-eu-west-1", "blog", "shop-us-east-1"]);
}
