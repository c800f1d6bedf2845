//! The accounts of an organization, and the way into each of them.
use crate::canned::{Canned, Reply, account, caller};
use pinpoint_streams_aws::{AccountCredentials, AccountState, ConnectErrorKind, OrganizationAccount};
use pinpoint_streams_model::ids::AccountAlias;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::region::Partition;
use pinpoint_streams_testkit::Reads;
use std::collections::BTreeMap;

const TARGET: &str = "https://organizations.";

fn page(accounts: &[(&str, &str)], next: Option<&str>) -> Reply {
    let account = |(id, rest): &(&str, &str)| format!(r#"{{"Id":"{id}","Name":"account {id}"{rest}}}"#);
    let accounts: Vec<String> = accounts.iter().map(account).collect();
    let next = next.map(|token| format!(r#","NextToken":"{token}""#)).unwrap_or_default();
    let body = format!(r#"{{"Accounts":[{}]{next}}}"#, accounts.join(","));
    Reply::http(200, "application/x-amz-json-1.1", body)
}

fn refusal(code: &str, message: &str) -> Reply {
    Reply::json11_error(400, code, message)
}

const ACTIVE: &str = r#","State":"ACTIVE""#;

async fn accounts(canned: Canned) -> Vec<(String, String)> {
    let accounts = canned.aws().await.organization_accounts().await.unwrap();
    accounts.into_iter().map(|account| (account.id.to_string(), account.state.to_string())).collect()
}

#[tokio::test(start_paused = true)]
async fn accounts_are_listed_over_an_empty_page_whatever_their_state() {
    let canned = Canned::new()
        .on(TARGET, page(&[("222222222222", ACTIVE)], Some("t1")))
        .on(r#""NextToken":"t1""#, page(&[], Some("t2")))
        .on(
            r#""NextToken":"t2""#,
            page(&[("111111111111", r#","State":"SUSPENDED""#), ("333333333333", r#","Status":"ACTIVE""#)], None),
        );
    let expected = [("111111111111", "SUSPENDED"), ("222222222222", "ACTIVE"), ("333333333333", "ACTIVE")];
    assert_eq!(accounts(canned).await, expected.map(|(id, state)| (id.to_owned(), state.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn what_is_null_is_missing() {
    let unnamed =
        r#"{"Accounts":[{"Id":"111111111111","Name":null,"State":"ACTIVE","Status":null}],"NextToken":"t1"}"#;
    let empty = r#"{"Accounts":null,"NextToken":null}"#;
    let canned =
        Canned::new().on(TARGET, Reply::json(200, unnamed)).on(r#""NextToken":"t1""#, Reply::json(200, empty));
    assert_eq!(accounts(canned).await, [("111111111111".to_owned(), "ACTIVE".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn what_took_the_place_of_the_status_is_what_counts() {
    let both = r#","Status":"ACTIVE","State":"PENDING_CLOSURE""#;
    let canned = Canned::new().on(TARGET, page(&[("111111111111", both)], None));
    assert_eq!(accounts(canned).await, [("111111111111".to_owned(), "PENDING_CLOSURE".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn an_organization_that_cannot_be_listed_to_its_end_is_an_error() {
    for (reply, kind) in [
        (refusal("AccessDeniedException", "me is not authorized to perform: it"), FailureKind::Denied),
        (refusal("AWSOrganizationsNotInUseException", "no organization"), FailureKind::Invalid),
        (refusal("TooManyRequestsException", "slow down"), FailureKind::Throttled),
        (page(&[("111111111111", "")], None), FailureKind::Unintelligible),
        (page(&[("111111111111", ACTIVE)], Some("t1")), FailureKind::Unintelligible),
    ] {
        let canned = Canned::new().on(TARGET, reply.clone());
        let error = canned.aws().await.organization_accounts().await.unwrap_err();
        assert_eq!((error.kind, error.operation.as_ref()), (kind, "ListAccounts"), "{reply:?}");
    }
}

fn assumed(account: &str) -> Reply {
    Reply::xml(
        "AssumeRole",
        &format!(
            "<Credentials><AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials>"
        ),
    )
}

fn member(id: &str) -> OrganizationAccount {
    OrganizationAccount { id: id.parse().unwrap(), name: "m".to_owned(), state: AccountState::Active }
}

/// The way into these accounts from the one of all tests.
fn ways(ids: &[&str]) -> BTreeMap<AccountAlias, AccountCredentials> {
    let from = AccountCredentials {
        profile: Some("audit".to_owned()),
        external_id: Some("x".to_owned()),
        ..AccountCredentials::chain(Partition::Aws)
    };
    let way = |id: &&str| {
        let way = member(id).credentials(&from, &"/".parse().unwrap(), &"Audit".parse().unwrap());
        (id.parse().unwrap(), way)
    };
    ids.iter().map(way).collect()
}

#[tokio::test(start_paused = true)]
async fn each_account_is_reached_through_its_role_and_one_that_is_not_is_named() {
    let ids = ["111111111111", "222222222222", "333333333333"];
    let canned = Canned::default()
        .on_each("Action=GetCallerIdentity", ["123456789012", "111111111111", "222222222222"].map(caller))
        .on("111111111111%3Arole%2FAudit", assumed("111111111111"))
        .on("222222222222%3Arole%2FAudit", assumed("222222222222"))
        .on("333333333333%3Arole%2FAudit", Reply::xml_error(403, "AccessDenied", "denied"))
        .with_one_key();
    let aws = canned.connect(&ways(&ids)).await.unwrap();
    assert_eq!(canned.sent("Action=GetCallerIdentity").len(), 3, "one at the start, one in each account reached");
    assert_eq!(aws.accounts().len(), 3, "none is dropped");
    let failures: Vec<_> = aws.failures().collect();
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].account, Some("333333333333".parse().unwrap()));
    assert!(matches!(failures[0].kind, ConnectErrorKind::RoleRefused(_)), "{:?}", failures[0]);
    let error = aws.role_list(&"333333333333".parse().unwrap()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (FailureKind::Credentials, "AccessDenied"));
}

#[test]
fn the_way_into_an_account_keeps_where_it_starts() {
    let way = &ways(&["222222222222"])[&"222222222222".parse().unwrap()];
    assert_eq!(way.assume_role.as_ref().unwrap().to_string(), "arn:aws:iam::222222222222:role/Audit");
    assert_eq!((way.profile.as_deref(), way.external_id.as_deref()), (Some("audit"), Some("x")));
    assert_eq!(way.id.as_ref().map(ToString::to_string).as_deref(), Some("222222222222"));
    assert_ne!(way.id, Some(account()));
}
