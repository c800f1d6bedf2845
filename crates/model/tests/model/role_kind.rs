//! The documents of the kind for event streams against AWS's own samples, and what live policies admit.
use pinpoint_streams_model::policy::{Name, Principal, Request, evaluate, same_meaning};
use pinpoint_streams_model::role_kind::AppScope;
use pinpoint_streams_model::sorted_set::SortedSet;
use pinpoint_streams_model::{
    AccountId, AdmittedApps, AppArn, Decision, Document, RoleKind, StepId, StreamArn, StreamTarget, Text,
};
use std::collections::{BTreeMap, BTreeSet};

const KIND: RoleKind = RoleKind::for_event_streams();
const ACCOUNT: &str = "123456789012";
const APP: &str = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/810c7aab86d42fb2b56c8c966example";
const OTHER_APP: &str = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/0123456789abcdef0123456789abcdef";
const EU_APP: &str = "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/810c7aab86d42fb2b56c8c966example";
const KINESIS: &str = "arn:aws:kinesis:us-east-1:123456789012:stream/streamName";
const FIREHOSE: &str = "arn:aws:firehose:us-east-1:123456789012:deliverystream/delivery-stream-name";
const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The samples of `seed/iam-role-for-streaming-events.txt` with their placeholders filled in.
const SAMPLE_TRUST: &str = r#"{ "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Principal": { "Service": "pinpoint.amazonaws.com" }, "Action": "sts:AssumeRole", "Condition": { "StringEquals": { "aws:SourceAccount": "123456789012" }, "ArnLike": { "aws:SourceArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/810c7aab86d42fb2b56c8c966example" } } } ] }"#;
const SAMPLE_KINESIS: &str = r#"{ "Version": "2012-10-17", "Statement": { "Action": [ "kinesis:PutRecords", "kinesis:DescribeStream" ], "Effect": "Allow", "Resource": [ "arn:aws:kinesis:us-east-1:123456789012:stream/streamName" ] } }"#;
const SAMPLE_FIREHOSE: &str = r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": [ "firehose:PutRecordBatch", "firehose:DescribeDeliveryStream" ], "Resource": [ "arn:aws:firehose:us-east-1:123456789012:deliverystream/delivery-stream-name" ] } }"#;

fn read(text: &str) -> Document {
    Document::from_json(text).unwrap()
}

fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

fn target(arn: &str, key: Option<&str>) -> StreamTarget {
    StreamTarget { arn: arn.parse().unwrap(), kms_key: key.map(|key| key.parse().unwrap()) }
}

/// A trust policy with one statement: this principal, this condition block.
fn trust(principal: &str, condition: &str) -> Document {
    read(&format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {principal},
            "Action": "sts:AssumeRole", "Condition": {{{condition}}}}}}}"#
    ))
}

const PINPOINT: &str = r#"{"Service": "pinpoint.amazonaws.com"}"#;

#[test]
fn the_documents_mean_what_the_samples_of_aws_mean() {
    let built = KIND.trust_policy(&account(), [APP.to_owned()]);
    assert!(same_meaning(&built, &read(SAMPLE_TRUST)));
    let built = KIND.permissions(&SortedSet::from([target(KINESIS, None)]));
    assert!(same_meaning(&built, &read(SAMPLE_KINESIS)));
    let built = KIND.permissions(&SortedSet::from([target(FIREHOSE, None)]));
    assert!(same_meaning(&built, &read(SAMPLE_FIREHOSE)));
}

#[test]
fn an_app_that_is_yet_to_be_made_stands_in_the_trust_policy_as_unknown() {
    let format = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/{}".to_owned();
    let unknown = Text::After { after_step: StepId(1), format };
    let planned = KIND.trust_policy(&account(), [unknown]);
    let json = serde_json::to_string(&planned).unwrap();
    assert_eq!(serde_json::from_str::<Document<Text>>(&json).unwrap(), planned);
    let settled = planned.map_values(|text| Ok::<_, ()>(text.fill("810c7aab86d42fb2b56c8c966example")));
    assert!(same_meaning(&settled.unwrap(), &read(SAMPLE_TRUST)));
}

#[test]
fn a_customer_key_adds_what_its_stream_service_needs() {
    let statements = |targets: &[StreamTarget]| KIND.permissions(&targets.iter().cloned().collect()).to_json();
    let kinesis = statements(&[target(KINESIS, Some(KEY))]);
    assert!(
        kinesis.contains(&format!(r#"{{"Effect":"Allow","Action":"kms:GenerateDataKey","Resource":"{KEY}"}}"#))
    );
    let both = statements(&[target(KINESIS, Some(KEY)), target(FIREHOSE, Some(KEY))]);
    assert_eq!(both.matches("kms:GenerateDataKey").count(), 1);
    assert!(both.contains(r#""Action":["kms:Decrypt","kms:GenerateDataKey"]"#));
}

#[test]
fn the_streams_of_one_service_share_a_statement() {
    let second = target("arn:aws:kinesis:us-east-1:123456789012:stream/second", None);
    let built = KIND.permissions(&SortedSet::from([target(KINESIS, None), second.clone()]));
    assert_eq!(built.statements.len(), 1);
    assert_eq!(KIND.may_write([&built].into_iter(), &second.arn), Decision::Allowed);
    assert_eq!(KIND.may_write([&built].into_iter(), &FIREHOSE.parse().unwrap()), Decision::NotAllowed);
}

#[test]
fn a_role_may_write_only_with_every_action_on_the_stream() {
    let stream: StreamArn = KINESIS.parse().unwrap();
    let describe = read(&SAMPLE_KINESIS.replace(r#""kinesis:PutRecords", "#, ""));
    let put = read(&SAMPLE_KINESIS.replace(r#", "kinesis:DescribeStream""#, ""));
    assert_eq!(KIND.may_write([&describe].into_iter(), &stream), Decision::NotAllowed);
    assert_eq!(KIND.may_write([&describe, &put].into_iter(), &stream), Decision::Allowed);
    let quarantine =
        read(r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#);
    assert_eq!(KIND.may_write([&put, &describe, &quarantine].into_iter(), &stream), Decision::ExplicitlyDenied);
    let wild = read(
        r#"{"Statement": {"Effect": "Allow", "Action": "kinesis:*", "Resource": "arn:aws:kinesis:us-east-1:*:*/*"}}"#,
    );
    assert_eq!(KIND.may_write([&wild].into_iter(), &stream), Decision::Allowed);
}

#[test]
fn a_key_is_judged_by_the_service_that_uses_it() {
    let one = KIND.permissions(&SortedSet::from([target(KINESIS, Some(KEY))]));
    let context = BTreeMap::new();
    let may_use_key = |action: &&str| {
        let request = Request { principal: None, action, resource: Some(KEY), context: &context };
        evaluate(&one, &request) == Decision::Allowed
    };
    assert!(KIND.key_actions_on(KINESIS).iter().all(may_use_key));
    assert!(!KIND.key_actions_on(FIREHOSE).iter().all(may_use_key));
}

#[test]
fn a_trust_policy_admits_its_apps_and_says_why_not_others() {
    let sample = read(SAMPLE_TRUST);
    assert_eq!(KIND.admits(&sample, APP, ACCOUNT), Decision::Allowed);
    assert_eq!(KIND.admits(&sample, OTHER_APP, ACCOUNT), Decision::NotAllowed);
    let explanation = KIND.explain_admission(&sample, OTHER_APP, ACCOUNT);
    let reasons: Vec<_> = explanation.mismatches().iter().map(ToString::to_string).collect();
    assert_eq!(reasons, [format!("aws:SourceArn admits {APP}, not {OTHER_APP}")]);
    let ses = trust(r#"{"Service": "ses.amazonaws.com"}"#, "");
    let reasons = KIND.explain_admission(&ses, APP, ACCOUNT).mismatches()[0].to_string();
    assert_eq!(reasons, "principal admits ses.amazonaws.com, not pinpoint.amazonaws.com");
}

#[test]
fn the_regional_principal_of_roles_in_the_wild_is_recognised() {
    let regional = trust(r#"{"Service": "pinpoint.us-east-1.amazonaws.com"}"#, "");
    assert_eq!(KIND.admits(&regional, APP, ACCOUNT), Decision::Allowed);
    assert_eq!(KIND.admits(&regional, EU_APP, ACCOUNT), Decision::NotAllowed);
    assert!(KIND.is_the_only_trusted(&regional));
    assert!(
        !KIND.is_the_only_trusted(&trust(r#"{"Service": ["pinpoint.amazonaws.com", "ses.amazonaws.com"]}"#, ""))
    );
    assert!(!KIND.is_principal(&Principal::Service("pinpoint.evil.amazonaws.com".to_owned())));
}

#[test]
fn a_condition_on_what_pinpoint_may_not_send_is_undecidable() {
    let external = trust(PINPOINT, r#""StringEquals": {"sts:ExternalId": "123456789012"}"#);
    match KIND.admits(&external, APP, ACCOUNT) {
        Decision::Undecidable(why) => assert!(why.contains("sts:ExternalId"), "{why}"),
        other => panic!("{other:?}"),
    }
}

fn may_admit(admitted: &AdmittedApps, app: &str) -> bool {
    let app: AppArn = app.parse().unwrap();
    match admitted {
        AdmittedApps::None => false,
        AdmittedApps::Everything => true,
        AdmittedApps::Within(scopes) => scopes.iter().any(|scope| match scope {
            AppScope::App(one) => *one == app,
            AppScope::Region { region, account } => {
                *region == app.region && account.as_ref().is_none_or(|account| *account == app.account)
            }
        }),
    }
}

#[test]
fn admitted_apps_are_those_of_the_source_condition() {
    let exact = KIND.admitted_apps(&read(SAMPLE_TRUST));
    assert!(may_admit(&exact, APP) && !may_admit(&exact, OTHER_APP));
    assert_eq!(exact.exact_apps().map(ToString::to_string).collect::<Vec<_>>(), [APP]);

    let all = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/*";
    let region = KIND.admitted_apps(&trust(PINPOINT, &format!(r#""ArnLike": {{"AWS:SourceArn": "{all}"}}"#)));
    assert!(may_admit(&region, APP) && may_admit(&region, OTHER_APP) && !may_admit(&region, EU_APP));
    let in_account = AppScope::Region { region: "us-east-1".parse().unwrap(), account: Some(account()) };
    assert_eq!(region, AdmittedApps::Within(BTreeSet::from([in_account])));
}

#[test]
fn what_does_not_limit_the_source_admits_everything() {
    let admitted = |condition: &str| KIND.admitted_apps(&trust(PINPOINT, condition));
    for open in [
        String::new(),
        r#""StringEquals": {"aws:SourceAccount": "123456789012"}"#.to_owned(),
        r#""ArnLike": {"aws:SourceArn": "arn:aws:mobiletargeting:*:123456789012:apps/*"}"#.to_owned(),
        r#""ArnLike": {"aws:SourceArn": "*"}"#.to_owned(),
        r#""StringLike": {"aws:SourceArn": "arn:aws:mobiletargeting:us-east-1*"}"#.to_owned(),
        format!(r#""ArnLikeIfExists": {{"aws:SourceArn": "{APP}"}}"#),
        format!(r#""ArnNotLike": {{"aws:SourceArn": "{APP}"}}"#),
        format!(r#""ForAllValues:ArnLike": {{"aws:SourceArn": "{APP}"}}"#),
        r#""ArnLike": {"aws:SourceArn": "arn:aws:mobiletargeting:us-east-1:${aws:PrincipalAccount}:apps"}"#
            .to_owned(),
    ] {
        let admitted = admitted(&open);
        assert!(may_admit(&admitted, APP) && may_admit(&admitted, OTHER_APP), "{open}");
    }
    assert_eq!(admitted(""), AdmittedApps::Everything);
    assert_eq!(KIND.admitted_apps(&trust(r#""*""#, "")), AdmittedApps::Everything);
}

#[test]
fn a_policy_that_does_not_trust_pinpoint_admits_no_app() {
    assert_eq!(KIND.admitted_apps(&trust(r#"{"Service": "ses.amazonaws.com"}"#, "")), AdmittedApps::None);
    let sms = r#""ArnLike": {"aws:SourceArn": "arn:aws:sms-voice:us-east-1:123456789012:configuration-set/a"}"#;
    assert_eq!(KIND.admitted_apps(&trust(PINPOINT, sms)), AdmittedApps::None);
}

/// Whether an empty list limits anything is documented both ways.
#[test]
fn an_empty_list_of_sources_may_admit_every_app() {
    let nothing = KIND.trust_policy::<String>(&account(), []);
    assert_eq!(KIND.admitted_apps(&nothing), AdmittedApps::Everything);
}

#[test]
fn of_two_source_conditions_both_hold_so_either_bounds_the_answer() {
    let both = format!(r#""ArnLike": {{"aws:SourceArn": "*"}}, "arnequals": {{"aws:SourceArn": "{APP}"}}"#);
    let admitted = KIND.admitted_apps(&trust(PINPOINT, &both));
    assert!(may_admit(&admitted, APP) && !may_admit(&admitted, OTHER_APP));
}

#[test]
fn every_kind_has_a_name_of_its_own_and_what_a_role_of_it_takes() {
    let names: BTreeSet<&str> = RoleKind::all().map(RoleKind::name).collect();
    assert_eq!(names.len(), RoleKind::all().count());
    for kind in RoleKind::all() {
        assert!(!kind.service_principal().is_empty() && kind.actions().count() > 0, "{kind:?}");
        assert!(kind.is_principal(&Principal::Service(kind.service_principal().to_owned())), "{kind:?}");
    }
}

#[test]
fn what_is_written_keeps_the_spelling_of_aws_in_canonical_form() {
    for action in RoleKind::all().flat_map(RoleKind::actions) {
        assert_eq!(Name::from(action).canonical().as_str(), action, "add it to the spellings of policy::name");
    }
}
