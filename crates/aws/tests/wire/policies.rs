//! What managed policies say.
use crate::canned::{Canned, Reply, account};
use pinpoint_streams_model::live::question::AccountPolicy;
use pinpoint_streams_model::live::{FailureKind, Unreadable};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_testkit::Reads;

const ARN: &str = "arn:aws:iam::aws:policy/AmazonKinesisFullAccess";
const WIRE: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
    %22Action%22%3A%22kinesis%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";

fn policy(version: &str) -> Reply {
    let policy = format!("<Policy><Arn>{ARN}</Arn><DefaultVersionId>{version}</DefaultVersionId></Policy>");
    Reply::xml("GetPolicy", &policy)
}

fn said(text: &str) -> Reply {
    Reply::xml("GetPolicyVersion", &format!("<PolicyVersion><Document>{text}</Document></PolicyVersion>"))
}

fn no_such() -> Reply {
    Reply::xml_error(404, "NoSuchEntity", "Policy was not found.")
}

async fn document(canned: Canned) -> Result<Option<Document>, Unreadable> {
    canned.aws().await.policy_document(&AccountPolicy { account: account(), arn: ARN.parse().unwrap() }).await
}

fn kinesis_all() -> Document {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}]}"#;
    Document::from_json(text).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_default_version_is_what_a_policy_says() {
    let canned = Canned::new()
        .on("Action=GetPolicy&", policy("v7"))
        .on("Action=GetPolicyVersion&", said("%7B%7D"))
        .on("VersionId=v7", said(WIRE));
    assert_eq!(document(canned).await.unwrap(), Some(kinesis_all()));
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_not_there_is_absent() {
    assert_eq!(document(Canned::new().on("Action=GetPolicy&", no_such())).await.unwrap(), None);
    let deleted_meanwhile = Canned::new()
        .on_each("Action=GetPolicy&", [policy("v7"), no_such()])
        .on("Action=GetPolicyVersion&", no_such());
    assert_eq!(document(deleted_meanwhile).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_made_way_for_another_is_read_anew() {
    let canned = Canned::new()
        .on_each("Action=GetPolicy&", [policy("v7"), policy("v8")])
        .on("VersionId=v7", no_such())
        .on("VersionId=v8", said(WIRE));
    assert_eq!(document(canned).await.unwrap(), Some(kinesis_all()));
}

#[tokio::test(start_paused = true)]
async fn a_default_version_that_is_not_there_or_says_nothing_is_no_absence() {
    let canned = || Canned::new().on("Action=GetPolicy&", policy("v7"));
    let lost = document(canned().on("Action=GetPolicyVersion&", no_such())).await.unwrap_err();
    assert_eq!(lost.operation, "GetPolicyVersion");
    for (reply, kind) in [
        (said("%7B"), FailureKind::Unintelligible),
        (Reply::xml("GetPolicyVersion", "<PolicyVersion/>"), FailureKind::Unintelligible),
        (Reply::xml_error(403, "AccessDenied", "me is not authorized to perform: it"), FailureKind::Denied),
    ] {
        let error = document(canned().on("Action=GetPolicyVersion&", reply)).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_another_policy_or_version_is_unreadable() {
    let version = |id: &str| {
        let content =
            format!("<PolicyVersion><Document>{WIRE}</Document><VersionId>{id}</VersionId></PolicyVersion>");
        Canned::new().on("Action=GetPolicyVersion&", Reply::xml("GetPolicyVersion", &content))
    };
    assert!(document(version("v7").on("Action=GetPolicy&", policy("v7"))).await.is_ok());
    let other = "<Policy><Arn>arn:aws:iam::aws:policy/Other</Arn><DefaultVersionId>v7</DefaultVersionId></Policy>";
    for canned in [
        version("v7").on("Action=GetPolicy&", Reply::xml("GetPolicy", other)),
        version("v8").on("Action=GetPolicy&", policy("v7")),
    ] {
        assert_eq!(document(canned).await.unwrap_err().kind, FailureKind::Unintelligible);
    }
}
