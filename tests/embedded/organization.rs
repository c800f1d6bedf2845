//! An organization of twelve accounts: listed, reached through a role in each, and none of them dropped.
use crate::account::sandbox;
use pinpoint_streams_aws::{AccountCredentials, AccountState, Aws, ConnectErrorKind, ConnectOptions};
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_sandbox::{Member, Sandbox, Seed, SeedAccount, SeedRole, Stack, access_key_for};
use pinpoint_streams_testkit::{Reads, parsed};
use std::collections::BTreeMap;
use std::sync::Arc;

const ACCOUNTS: usize = 12;
const MANAGEMENT: &str = "100000000000";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn id(index: usize) -> String {
    format!("{}", 100_000_000_000 + index)
}

/// The sixth account is suspended, the seventh lacks the role.
fn organization() -> Sandbox {
    let member = |index: usize| {
        let state = if index == 5 { "SUSPENDED" } else { "ACTIVE" };
        Member { state: state.to_owned(), ..Member::active(&id(index), &format!("team {index}")) }
    };
    let role = |index: usize, name: &str| {
        SeedRole::new(parsed(&format!("arn:aws:iam::{}:role/{name}", id(index))), TRUST)
    };
    let accounts = (0..ACCOUNTS).map(|index| {
        let stack = Some(Stack { region: "eu-west-1".to_owned(), name: "pinpoint".to_owned() });
        let mut roles = vec![SeedRole { stack, ..role(index, "Legacy") }];
        if index != 6 {
            roles.push(role(index, "Audit"));
        }
        let organization = if index == 0 { (0..ACCOUNTS).map(member).collect() } else { Vec::new() };
        SeedAccount { roles, organization, ..SeedAccount::new(id(index)) }
    });
    sandbox(&Seed { accounts: accounts.collect() })
}

/// Everyone starts from the management account's credentials.
fn options(sandbox: &Sandbox) -> ConnectOptions {
    let mut options = ConnectOptions::new(parsed("growth"), None);
    options.http_client = Some(sandbox.http_client());
    options.static_credentials = Some(Arc::new(|_| access_key_for(MANAGEMENT)));
    options
}

#[tokio::test]
async fn ten_of_twelve_accounts_are_read_and_the_other_two_are_named() {
    let sandbox = organization();
    let start = AccountCredentials::chain(parsed("aws"));
    let here = BTreeMap::from([(parsed("organization"), start.clone())]);
    let aws = Aws::connect(&here, options(&sandbox)).await.unwrap();
    let listed = aws.organization_accounts().await.unwrap();
    assert_eq!(listed.len(), ACCOUNTS);
    let suspended: Vec<_> = listed.iter().filter(|account| account.state != AccountState::Active).collect();
    assert_eq!(suspended.iter().map(|account| account.name.as_str()).collect::<Vec<_>>(), ["team 5"]);

    let ways: BTreeMap<AccountAlias, AccountCredentials> = listed
        .iter()
        .map(|account| (parsed(account.id.as_str()), account.credentials(&start, &parsed("/"), &parsed("Audit"))))
        .collect();
    let aws = Aws::connect(&ways, options(&sandbox)).await.unwrap();
    let unreached: Vec<_> = aws.failures().map(|failure| failure.account.clone().unwrap()).collect();
    assert_eq!(unreached, [id(5), id(6)].map(|id| parsed::<AccountId>(&id)));
    assert!(aws.failures().all(|failure| matches!(failure.kind, ConnectErrorKind::RoleRefused(_))));

    for account in aws.accounts().values() {
        let roles = aws.role_list(account).await;
        if unreached.contains(account) {
            assert_eq!(roles.unwrap_err().kind, FailureKind::Credentials);
            continue;
        }
        assert!(roles.unwrap().contains_key(&parsed("Legacy")));
        assert_eq!(aws.caller(account).await.unwrap(), *account, "the role was assumed there");
        let stack = aws.stack(&RegionalRole::of(account, &parsed("eu-west-1"), &parsed("Legacy"))).await.unwrap();
        assert_eq!(stack.as_deref(), Some("pinpoint"));
        assert_eq!(
            aws.stack(&RegionalRole::of(account, &parsed("us-east-1"), &parsed("Legacy"))).await.unwrap(),
            None
        );
    }
}
