use crate::caller::{ACCOUNT, Answer, Caller, Clock, sandbox, settings, trust};
use pinpoint_streams_sandbox::{Member, Sandbox, Seed, SeedAccount, SeedRole, access_key_for};
use serde_json::{Value, json};
use tempfile::TempDir;

const MEMBER: &str = "222222222222";
const SUSPENDED: &str = "333333333333";

/// An organization of so many accounts, of which two have the role `Audit`.
fn organization(accounts: usize) -> Seed {
    let account = |id: &str| SeedAccount {
        roles: vec![SeedRole::new(format!("arn:aws:iam::{id}:role/Audit").parse().unwrap(), trust(id))],
        ..SeedAccount::new(id)
    };
    let suspended = Member { state: "SUSPENDED".to_owned(), ..Member::active(SUSPENDED, "old") };
    let mut organization = vec![Member::active(ACCOUNT, "management"), Member::active(MEMBER, "shop"), suspended];
    let more = (organization.len()..accounts).map(|n| Member::active(&format!("9000{n:08}"), "more"));
    organization.extend(more);
    let management = SeedAccount { organization, ..account(ACCOUNT) };
    Seed { accounts: vec![management, account(MEMBER), account(SUSPENDED)] }
}

fn seeded(accounts: usize) -> Caller {
    let sandbox = sandbox();
    sandbox.seed(&organization(accounts)).unwrap();
    Caller::of(&sandbox)
}

async fn page(caller: &Caller, body: Value) -> Answer {
    caller.json11("organizations", "ListAccounts", body).await
}

#[tokio::test]
async fn the_management_account_lists_all_in_pages_of_twenty() {
    let caller = seeded(45);
    let (mut ids, mut token) = (Vec::new(), Value::Null);
    let mut pages = 0;
    loop {
        let body = if token.is_null() { json!({}) } else { json!({ "NextToken": token }) };
        let answer = page(&caller, body).await.ok().json();
        let accounts = answer["Accounts"].as_array().unwrap();
        ids.extend(accounts.iter().map(|account| account["Id"].as_str().unwrap().to_owned()));
        pages += 1;
        token = answer["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!((pages, ids.len()), (3, 45));
    let first = page(&caller, json!({ "MaxResults": 3 })).await.ok().json();
    assert_eq!(first["Accounts"][2]["State"], "SUSPENDED");
}

#[tokio::test]
async fn only_the_management_account_lists_the_organization() {
    let caller = seeded(3);
    let member = page(&caller.in_account(MEMBER), json!({})).await;
    assert_eq!(member.error(), (400, "AccessDeniedException".to_owned()));
    let stranger = page(&caller.in_account("444444444444"), json!({})).await;
    assert_eq!(stranger.error(), (400, "AWSOrganizationsNotInUseException".to_owned()));
}

#[tokio::test]
async fn a_role_is_assumed_in_an_account_that_has_it_and_is_active() {
    let caller = seeded(12);
    let assume = async |account: &str| {
        let arn = format!("arn:aws:iam::{account}:role/Audit");
        caller.query("sts", "AssumeRole", &[("RoleArn", &arn), ("RoleSessionName", "ps-growth")]).await
    };
    let assumed = assume(MEMBER).await.ok();
    assert_eq!(assumed.xml("AccessKeyId"), Some(access_key_for(MEMBER).as_str()));
    for unreachable in [SUSPENDED, "900000000005"] {
        let refused = assume(unreachable).await;
        assert_eq!(refused.error(), (403, "AccessDenied".to_owned()));
        assert!(refused.body.contains("is not authorized to perform: sts:AssumeRole"), "{}", refused.body);
    }
}

#[tokio::test]
async fn an_organization_outlives_the_process() {
    let folder = TempDir::new().unwrap();
    let open = || Sandbox::open(folder.path(), settings(&Clock::default())).unwrap();
    open().seed(&organization(5)).unwrap();
    let listed = page(&Caller::of(&open()), json!({})).await.ok().json();
    assert_eq!(listed["Accounts"].as_array().unwrap().len(), 5);
    assert_eq!(open().seed(&organization(9)).unwrap().created, Vec::<String>::new());
}
