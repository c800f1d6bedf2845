//! `verify` finds each fault that is planted, names it, and finds nothing where all is well.
use crate::workspace::{FailureKind, FakeCloud, Fault, POLICY, When, Workspace, app_id, ask, desired, parsed};
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::live::LiveStream;
use pinpoint_streams_model::plan::Options;
use pinpoint_streams_planner::Verify;
use pinpoint_streams_planner::verify::{CheckKind, CheckResult, Verification, VerifyCode};

/// One app with its role and stream.
struct Place {
    app: AppArn,
    role: RoleArn,
    stream: StreamArn,
}

/// A fault, where it is planted, and what must be named.
struct Planted {
    /// The key of the app, which also names its stream.
    key: &'static str,
    is_firehose: bool,
    plant: fn(&FakeCloud, &Place),
    check: CheckKind,
    code: VerifyCode,
    named: &'static str,
}

fn kinesis(
    key: &'static str,
    check: CheckKind,
    code: VerifyCode,
    named: &'static str,
    plant: fn(&FakeCloud, &Place),
) -> Planted {
    Planted { key, is_firehose: false, plant, check, code, named }
}

fn firehose(
    key: &'static str,
    check: CheckKind,
    code: VerifyCode,
    named: &'static str,
    plant: fn(&FakeCloud, &Place),
) -> Planted {
    Planted { is_firehose: true, ..kinesis(key, check, code, named, plant) }
}

fn trust(principal: &str, source: &str, account: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{principal}"}},
        "Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"aws:SourceAccount":"{account}"}},
        "ArnLike":{{"aws:SourceArn":"{source}"}}}}}}]}}"#
    )
}

fn policy(effect: &str, actions: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":[{actions}],"Resource":"{resource}"}}]}}"#
    )
}

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const OTHER_KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/aaaaabcd-12ab-34cd-56ef-1234567890ab";

fn live_stream(status: &str, direct_put: bool, customer_key: Option<&str>) -> LiveStream {
    let customer_key = customer_key.map(str::to_owned);
    LiveStream { active: status == "ACTIVE", status: status.to_owned(), direct_put, customer_key }
}

fn faults() -> Vec<Planted> {
    use CheckKind::{App, EventStream, Key, Permissions, Stream, Trust};
    use VerifyCode::*;
    vec![
        kinesis("appgone", App, AppMissing, "there is no app appgone", |cloud, place| {
            cloud.outside().delete_app(&place.app);
        }),
        kinesis("unset", EventStream, EventStreamMissing, "has no event stream for app unset", |cloud, place| {
            cloud.outside().delete_event_stream(&place.app);
        }),
        kinesis("astray", EventStream, WrongDestination, "stream/elsewhere, not to", |cloud, place| {
            let elsewhere = "arn:aws:kinesis:us-east-1:123456789012:stream/elsewhere";
            cloud.outside().put_event_stream(&place.app, elsewhere, &place.role);
        }),
        kinesis(
            "otherrole",
            EventStream,
            WrongRole,
            "uses role arn:aws:iam::123456789012:role/Other",
            |cloud, place| {
                cloud.outside().put_event_stream(
                    &place.app,
                    &place.stream,
                    "arn:aws:iam::123456789012:role/Other",
                );
            },
        ),
        kinesis("norole", Trust, RoleMissing, "there is no role", |cloud, place| {
            cloud.outside().delete_role(&place.role);
        }),
        kinesis("principal", Trust, TrustRefuses, "principal admits firehose.amazonaws.com", |cloud, place| {
            let text = trust("firehose.amazonaws.com", &place.app.to_string(), "123456789012");
            cloud.outside().put_trust_policy(&place.role, &text);
        }),
        kinesis("sourcearn", Trust, TrustRefuses, "aws:SourceArn admits", |cloud, place| {
            let other = AppArn { id: app_id("another"), ..place.app.clone() }.to_string();
            cloud
                .outside()
                .put_trust_policy(&place.role, &trust("pinpoint.amazonaws.com", &other, "123456789012"));
        }),
        kinesis("sourceaccount", Trust, TrustRefuses, "aws:SourceAccount admits 210987654321", |cloud, place| {
            let text = trust("pinpoint.amazonaws.com", &place.app.to_string(), "210987654321");
            cloud.outside().put_trust_policy(&place.role, &text);
        }),
        kinesis("action", Permissions, PermissionMissing, "allows kinesis:PutRecords on", |cloud, place| {
            let text = policy("Allow", r#""kinesis:DescribeStream""#, &place.stream.to_string());
            cloud.outside().put_inline_policy(&place.role, &parsed(POLICY), &text);
        }),
        kinesis("deny", Permissions, PermissionDenied, "denies kinesis:PutRecords on", |cloud, place| {
            let text = policy("Deny", r#""kinesis:Put*""#, "*");
            cloud.outside().put_inline_policy(&place.role, &parsed("Deny"), &text);
        }),
        kinesis("boundary", Permissions, OutsideBoundary, "permissions boundary", |cloud, place| {
            let boundary: PolicyArn = parsed("arn:aws:iam::123456789012:policy/Boundary");
            cloud.add_policy(&boundary, &policy("Allow", r#""s3:*""#, "*"));
            cloud.outside().set_boundary(&place.role, Some(&boundary));
        }),
        kinesis("streamgone", Stream, StreamMissing, "there is no stream", |cloud, place| {
            cloud.outside().delete_stream(&place.stream);
        }),
        kinesis("deleting", Stream, StreamNotActive, "is DELETING, not ACTIVE", |cloud, place| {
            cloud.add_stream_as(&place.stream, live_stream("DELETING", true, None));
        }),
        firehose("source", Stream, StreamNotDirectPut, "has a source of its own", |cloud, place| {
            cloud.add_stream_as(&place.stream, live_stream("ACTIVE", false, None));
        }),
        kinesis("streampolicy", Permissions, StreamPolicyDenies, "itself denies the role", |cloud, place| {
            let text = policy("Deny", r#""kinesis:PutRecords""#, &place.stream.to_string());
            let text = text.replace(r#""Effect""#, r#""Principal":"*","Effect""#);
            cloud.set_resource_policy(&place.stream, &text);
        }),
        firehose("keypolicy", Key, KeyPolicyMissing, "allows neither the role nor its account", |cloud, place| {
            cloud.add_stream_as(&place.stream, live_stream("ACTIVE", true, Some(OTHER_KEY)));
            let text = policy("Allow", r#""kms:*""#, "*");
            let text = text.replace(r#""Effect""#, r#""Principal":{"AWS":"210987654321"},"Effect""#);
            cloud.set_resource_policy(OTHER_KEY, &text);
        }),
        firehose("nokey", Key, KeyPermissionMissing, "allows kms:", |cloud, place| {
            cloud.add_stream_as(&place.stream, live_stream("ACTIVE", true, Some(KEY)));
        }),
    ]
}

/// An applied workspace with an app for each fault, none of which is planted yet.
fn sound() -> Workspace {
    let declared = faults().into_iter().fold(desired(), |desired, planted| {
        desired.app(planted.key, |app| match planted.is_firehose {
            true => app.firehose(planted.key),
            false => app.kinesis(planted.key),
        })
    });
    // A stream with a customer key that the role may use, an app that was created, and one without an event stream.
    let declared = declared
        .app("encrypted", |app| app.kinesis("encrypted").kms_key("1234abcd-12ab-34cd-56ef-1234567890ab"))
        .app("made", |app| app.created("Made").kinesis("made"))
        .app("quiet", |app| app);
    Workspace::applied(declared)
}

fn place(workspace: &Workspace, key: &str) -> Place {
    let app = &workspace.desired.apps[&parsed(key)];
    let role = &workspace.desired.roles[&parsed(key)];
    Place {
        app: app.arn(&app_id(key)),
        role: role.arn_under(&parsed(key)).unwrap(),
        stream: app.event_stream.as_ref().unwrap().target.arn.clone(),
    }
}

async fn verify(workspace: &Workspace) -> Verification {
    let Workspace { desired, cloud, recorded, options } = workspace;
    let inquiry = Verify { desired: desired.clone().into(), recorded: recorded.clone(), options: options.clone() };
    ask(&inquiry, cloud).await.output.unwrap()
}

/// The findings of an app, as check, code and message.
fn found(verification: &Verification, key: &str) -> Vec<(CheckKind, VerifyCode, String)> {
    let app = verification.apps.iter().find(|app| app.address.key() == Some(key)).unwrap();
    let findings = app.checks.iter().flat_map(|check| check.findings.iter().map(move |found| (check.kind, found)));
    findings.map(|(kind, found)| (kind, found.code, found.message.clone())).collect()
}

#[track_caller]
fn is_named(verification: &Verification, Planted { key, check, code, named, .. }: &Planted) {
    let found = found(verification, key);
    let is_it = |(kind, its, message): &(CheckKind, VerifyCode, String)| {
        (kind, its) == (check, code) && message.contains(named)
    };
    assert!(found.iter().any(is_it), "{key}: {code:?} ({named}) is not among {found:#?}");
}

#[tokio::test]
async fn nothing_is_found_where_all_is_well() {
    let workspace = sound();
    let verification = verify(&workspace).await;
    assert_eq!(verification.findings().count(), 0, "{:#?}", verification.findings().collect::<Vec<_>>());
    assert_eq!(verification.without_event_stream, 1);
    assert!(!verification.has_unknown());
    let key_check = |key: &str| {
        let app = verification.apps.iter().find(|app| app.address.key() == Some(key)).unwrap();
        app.checks.iter().find(|check| check.kind == CheckKind::Key).unwrap().result()
    };
    assert_eq!((key_check("encrypted"), key_check("made")), (CheckResult::Ok, CheckResult::NotApplicable));
    assert_eq!(workspace.cloud.writes().len(), 0);
}

#[tokio::test]
async fn each_planted_fault_is_found_and_named_and_no_other_app_is_blamed() {
    for planted in faults() {
        let workspace = sound();
        (planted.plant)(&workspace.cloud, &place(&workspace, planted.key));
        let verification = verify(&workspace).await;
        is_named(&verification, &planted);
        for app in &verification.apps {
            let key = app.address.key().unwrap();
            if key != planted.key {
                assert_eq!(found(&verification, key), [], "{} was planted", planted.key);
            }
        }
        assert!(!verification.has_unknown(), "{}", planted.key);
    }
}

#[tokio::test]
async fn all_planted_faults_together_are_found() {
    let workspace = sound();
    for planted in faults() {
        (planted.plant)(&workspace.cloud, &place(&workspace, planted.key));
    }
    let verification = verify(&workspace).await;
    faults().iter().for_each(|planted| is_named(&verification, planted));
    for key in ["encrypted", "made"] {
        assert_eq!(found(&verification, key), [], "{key}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_unknown_and_hides_no_fault() {
    for operation in [
        "GetEventStream",
        // A role that cannot be read by itself is looked for among all.
        "GetRole GetAccountAuthorizationDetails",
        "SimulatePrincipalPolicy",
        "DescribeStreamSummary",
        "GetApps",
        "GetResourcePolicy",
        "GetKeyPolicy",
    ] {
        let shop =
            desired().app("shop", |app| app.kinesis("clicks").kms_key("1234abcd-12ab-34cd-56ef-1234567890ab"));
        let mut workspace = Workspace::applied(shop);
        for one in operation.split(' ') {
            workspace.cloud.fail(When::operation(one), Fault::Refuse(FailureKind::Denied));
        }
        workspace.options = Options::default();
        let verification = verify(&workspace).await;
        assert!(verification.has_unknown(), "{operation}");
        let codes: Vec<_> = verification.findings().map(|found| found.code).collect();
        assert!(codes.iter().all(|code| *code == VerifyCode::Unknown), "{operation}: {codes:?}");
    }
}

#[tokio::test]
async fn an_external_id_makes_the_trust_unknown_because_pinpoint_may_not_send_it() {
    let workspace = Workspace::applied(desired().app("shop", |app| app.kinesis("clicks")));
    let Place { role, .. } = place(&workspace, "shop");
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},
        "Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}]}"#;
    workspace.cloud.outside().put_trust_policy(&role, text);
    let verification = verify(&workspace).await;
    let found = found(&verification, "shop");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1 == VerifyCode::Unknown && found[0].2.contains("sts:ExternalId"), "{found:?}");
}

#[tokio::test]
async fn selectors_choose_and_a_pattern_that_matches_nothing_is_a_problem() {
    let mut workspace = sound();
    workspace.options.targets = vec!["event_stream.made".to_owned()];
    assert_eq!(verify(&workspace).await.apps.len(), 1);
    workspace.options.targets = vec!["event_stream.nothing".to_owned()];
    let Workspace { desired, cloud, recorded, options } = workspace;
    cloud.clear_log();
    let problems = ask(&Verify { desired: desired.into(), recorded, options }, &cloud).await.output.unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(cloud.calls().len(), 0, "nothing is asked");
}

#[tokio::test]
async fn an_app_that_was_not_created_yet_is_named() {
    let workspace = Workspace::new(desired().app("made", |app| app.created("Made").kinesis("made")));
    let found = found(&verify(&workspace).await, "made");
    let codes: Vec<_> = found.iter().map(|(kind, code, _)| (*kind, *code)).collect();
    assert_eq!(codes, [(CheckKind::App, VerifyCode::AppNotCreated), (CheckKind::Trust, VerifyCode::RoleMissing)]);
}

#[tokio::test]
async fn what_a_key_grants_to_the_role_itself_needs_no_policy_of_the_role() {
    let workspace = Workspace::applied(desired().app("shop", |app| app.firehose("lake")));
    let Place { role, stream, .. } = place(&workspace, "shop");
    workspace.cloud.add_stream_as(&stream, live_stream("ACTIVE", true, Some(KEY)));
    assert!(!found(&verify(&workspace).await, "shop").is_empty());
    let text = policy("Allow", r#""kms:*""#, "*");
    let text = text.replace(r#""Effect""#, &format!(r#""Principal":{{"AWS":"{role}"}},"Effect""#));
    workspace.cloud.set_resource_policy(KEY, &text);
    assert_eq!(found(&verify(&workspace).await, "shop"), []);
}
