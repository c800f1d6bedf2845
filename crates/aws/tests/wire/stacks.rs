//! Which CloudFormation stack holds a role, and when that is not known.
use crate::canned::{Canned, Reply, account, region, role};
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_model::live::{FailureKind, Unreadable};
use pinpoint_streams_testkit::Reads;

async fn stack(reply: Reply) -> Result<Option<String>, Unreadable> {
    let canned = Canned::new().on("Action=DescribeStackResources", reply);
    let stack = canned.aws().await.stack(&RegionalRole::of(&account(), &region(), &role())).await;
    let sent = &canned.sent("Action=DescribeStackResources")[0];
    assert!(sent.uri.contains("cloudformation.eu-west-1.amazonaws.com"), "{}", sent.uri);
    assert!(sent.body.contains("PhysicalResourceId=Shop"), "{}", sent.body);
    stack
}

fn resources(of: &[(&str, &str)]) -> Reply {
    let member = |(kind, id): &(&str, &str)| {
        format!(
            "<member><StackName>growth-roles</StackName><LogicalResourceId>R</LogicalResourceId>\
             <PhysicalResourceId>{id}</PhysicalResourceId><ResourceType>{kind}</ResourceType>\
             <Timestamp>2026-01-02T03:04:05Z</Timestamp><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>"
        )
    };
    let members: String = of.iter().map(member).collect();
    Reply::xml("DescribeStackResources", &format!("<StackResources>{members}</StackResources>"))
}

#[tokio::test(start_paused = true)]
async fn the_stack_that_holds_the_role_is_named() {
    let held = resources(&[("AWS::S3::Bucket", "assets"), ("AWS::IAM::Role", "Shop")]);
    assert_eq!(stack(held).await.unwrap().as_deref(), Some("growth-roles"));
}

#[tokio::test(start_paused = true)]
async fn a_role_of_no_stack_is_absence_in_cloudformations_own_words_alone() {
    let none = Reply::xml_error(400, "ValidationError", "Stack for Shop does not exist");
    assert_eq!(stack(none).await.unwrap(), None);
    for (reply, kind) in [
        (Reply::xml_error(400, "ValidationError", "1 validation error detected"), FailureKind::Invalid),
        (Reply::xml_error(403, "AccessDenied", "me is not authorized to perform: it"), FailureKind::Denied),
        (Reply::xml_error(400, "Throttling", "Rate exceeded"), FailureKind::Throttled),
        (Reply::xml_error(404, "NotFound", "Stack for Shop does not exist"), FailureKind::Invalid),
        (Reply::xml_error(400, "ValidationError", "Stack for Blog does not exist"), FailureKind::Unintelligible),
        (Reply::xml_error(400, "ValidationError", "The endpoint does not exist"), FailureKind::Unintelligible),
        (Reply::html(404), FailureKind::Unintelligible),
        (Reply::html(400), FailureKind::Unintelligible),
        (resources(&[]), FailureKind::Unintelligible),
    ] {
        assert_eq!(stack(reply.clone()).await.unwrap_err().kind, kind, "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn something_else_of_the_same_name_proves_nothing_of_the_role() {
    for other in [("AWS::Lambda::Function", "Shop"), ("AWS::IAM::Role", "Blog")] {
        let error = stack(resources(&[other])).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (FailureKind::Unintelligible, "NameNotUnique"));
        assert!(error.message.contains("growth-roles"), "{error}");
    }
}
