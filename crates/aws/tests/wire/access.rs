//! What decides whether a role may use a stream: IAM's simulator, and the policies of streams and keys themselves; and what a
//! stack contains.
use crate::canned::{Canned, Reply, account, region};
use pinpoint_streams_model::live::residue::RegionalName;
use pinpoint_streams_model::live::resource_policy::{KeyPolicy, StreamPolicy};
use pinpoint_streams_model::live::simulation::{SimulatedAccess, SimulatedEffect, Simulation};
use pinpoint_streams_model::live::stack::StackResources;
use pinpoint_streams_model::live::{Answer, FailureKind, Question, Read, Unreadable};
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_testkit::executor::cloud::ReadCloud;
use serde_json::json;
use std::collections::BTreeSet;

const STREAM: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";
const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"a:b","Resource":"*"}]}"#;

async fn read(canned: &Canned, question: &Question) -> Result<Option<Answer>, Unreadable> {
    canned.aws().await.read(question).await.known()
}

fn access() -> SimulatedAccess {
    SimulatedAccess {
        role: "arn:aws:iam::123456789012:role/Shop".parse().unwrap(),
        actions: BTreeSet::from(["kinesis:PutRecords".to_owned(), "kinesis:DescribeStream".to_owned()]),
        resource: STREAM.to_owned(),
    }
}

fn result(action: &str, resource: &str, decision: &str, more: &str) -> String {
    format!(
        "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>\
         <EvalDecision>{decision}</EvalDecision>{more}</member>"
    )
}

fn results(members: &[String], more: &str) -> Reply {
    let members = members.concat();
    Reply::xml("SimulatePrincipalPolicy", &format!("<EvaluationResults>{members}</EvaluationResults>{more}"))
}

async fn simulated(reply: Reply) -> Result<Option<Simulation>, Unreadable> {
    let canned = Canned::new().on("Action=SimulatePrincipalPolicy", reply);
    let answer = read(&canned, &Question::Simulation(access())).await?;
    Ok(answer.map(|answer| Read::Present(answer).typed::<Simulation>().present().unwrap().clone()))
}

#[tokio::test(start_paused = true)]
async fn the_simulator_says_of_each_action_whether_and_by_what_it_is_refused() {
    let boundary = "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false\
        </AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>\
        <MissingContextValues><member>kms:ViaService</member></MissingContextValues>";
    let organization = "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations>\
        </OrganizationsDecisionDetail>";
    let reply = results(
        &[
            result("kinesis:putrecords", STREAM, "implicitDeny", boundary),
            result("kinesis:DescribeStream", STREAM, "explicitDeny", organization),
        ],
        "<IsTruncated>false</IsTruncated>",
    );
    let Simulation(decisions) = simulated(reply).await.unwrap().unwrap();
    let put = &decisions["kinesis:PutRecords"];
    assert_eq!((put.effect, put.is_outside_boundary), (SimulatedEffect::ImplicitlyDenied, true));
    assert_eq!(put.missing_context, BTreeSet::from(["kms:ViaService".to_owned()]));
    let describe = &decisions["kinesis:DescribeStream"];
    assert_eq!((describe.effect, describe.is_denied_by_organization), (SimulatedEffect::ExplicitlyDenied, true));
}

#[tokio::test(start_paused = true)]
async fn a_simulation_that_leaves_something_open_is_no_answer() {
    let allowed = |action: &str| result(action, STREAM, "allowed", "");
    let both = [allowed("kinesis:PutRecords"), allowed("kinesis:DescribeStream")];
    assert!(simulated(results(&both, "")).await.unwrap().is_some());
    let none = Reply::xml_error(404, "NoSuchEntity", "Entity arn cannot be found.");
    assert_eq!(simulated(none).await.unwrap(), None);
    let denied = Reply::xml_error(403, "AccessDenied", "me is not authorized to perform: it");
    assert_eq!(simulated(denied).await.unwrap_err().kind, FailureKind::Denied);
    let elsewhere =
        result("kinesis:PutRecords", "arn:aws:kinesis:eu-west-1:123456789012:stream/other", "allowed", "");
    for reply in [
        results(&[], ""),
        results(&both[..1], ""),
        results(&[allowed("kinesis:PutRecords"), allowed("s3:GetObject")], ""),
        results(&[elsewhere, allowed("kinesis:DescribeStream")], ""),
        results(&[result("kinesis:PutRecords", STREAM, "perhaps", "")], ""),
        results(&both, "<IsTruncated>true</IsTruncated>"),
    ] {
        let error = simulated(reply.clone()).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Unintelligible, "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_a_policy_of_its_own_or_none() {
    let question = Question::StreamPolicy(STREAM.parse().unwrap());
    for none in ["{}", ""] {
        let canned = Canned::new().on("GetResourcePolicy", Reply::json11(200, &json!({ "Policy": none })));
        assert_eq!(read(&canned, &question).await.unwrap(), None);
    }
    let canned = Canned::new().on("GetResourcePolicy", Reply::json11(200, &json!({ "Policy": POLICY })));
    let answer = read(&canned, &question).await.unwrap().unwrap();
    let Answer::StreamPolicy(StreamPolicy(policy)) = answer else { panic!("{answer:?}") };
    assert_eq!(policy.statements.len(), 1);
    let canned = Canned::new().on("GetResourcePolicy", Reply::json11(200, &json!({ "Policy": "no JSON" })));
    assert_eq!(read(&canned, &question).await.unwrap_err().kind, FailureKind::Unintelligible);
    let firehose = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/lake".parse().unwrap();
    assert_eq!(read(&Canned::new(), &Question::StreamPolicy(firehose)).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn the_policy_of_a_key_is_read_where_the_key_is() {
    let question = Question::KeyPolicy(KEY.parse().unwrap());
    let canned = Canned::new().on("GetKeyPolicy", Reply::json11(200, &json!({ "Policy": POLICY })));
    let answer = read(&canned, &question).await.unwrap().unwrap();
    assert!(matches!(answer, Answer::KeyPolicy(KeyPolicy(_))), "{answer:?}");
    let sent = &canned.sent("GetKeyPolicy")[0];
    assert!(sent.uri.contains("kms.eu-west-1.amazonaws.com"), "{}", sent.uri);
    assert!(sent.authorization.contains("/eu-west-1/kms/aws4_request"), "{}", sent.authorization);
    assert!(sent.body.contains(KEY), "{}", sent.body);
    let gone = Reply::json11_error(400, "NotFoundException", "Key does not exist");
    let canned = Canned::new().on("GetKeyPolicy", gone);
    assert_eq!(read(&canned, &question).await.unwrap(), None);
}

fn stack() -> Question {
    let place = AccountRegion::of(&account(), &region());
    Question::StackResources(RegionalName { place, name: "growth-roles".to_owned() })
}

#[tokio::test(start_paused = true)]
async fn the_resources_of_a_stack_are_read_to_the_last_page() {
    let page = |logical: &str, more: &str| {
        let member = format!(
            "<member><LogicalResourceId>{logical}</LogicalResourceId><PhysicalResourceId>p</PhysicalResourceId>\
             <ResourceType>AWS::IAM::Role</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
             <LastUpdatedTimestamp>2026-01-02T03:04:05Z</LastUpdatedTimestamp></member>"
        );
        let list = format!("<StackResourceSummaries>{member}</StackResourceSummaries>{more}");
        Reply::xml("ListStackResources", &list)
    };
    let canned = Canned::new()
        .on("Action=ListStackResources", page("A", "<NextToken>m+/=&amp;re</NextToken>"))
        .on("NextToken=m%2B%2F%3D%26re", page("B", "\n  <NextToken/>"));
    let answer = read(&canned, &stack()).await.unwrap().unwrap();
    let Answer::StackResources(StackResources(resources)) = answer else { panic!("{answer:?}") };
    assert_eq!(resources.keys().collect::<Vec<_>>(), ["A", "B"]);
}

#[tokio::test(start_paused = true)]
async fn a_stack_is_absent_in_cloudformations_own_words_alone() {
    for (reply, kind) in [
        (Reply::xml_error(400, "ValidationError", "Stack with id growth-roles does not exist"), None),
        (
            Reply::xml_error(400, "ValidationError", "Stack with id other does not exist"),
            Some(FailureKind::Unintelligible),
        ),
        (Reply::xml_error(400, "ValidationError", "1 validation error detected"), Some(FailureKind::Invalid)),
        (Reply::xml_error(403, "AccessDenied", "me is not authorized to perform: it"), Some(FailureKind::Denied)),
    ] {
        let canned = Canned::new().on("Action=ListStackResources", reply.clone());
        match read(&canned, &stack()).await {
            Ok(answer) => assert_eq!((answer, kind), (None, None), "{reply:?}"),
            Err(error) => assert_eq!(Some(error.kind), kind, "{reply:?}"),
        }
    }
}
