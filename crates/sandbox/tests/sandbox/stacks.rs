use crate::caller::{ACCOUNT, Answer, Caller, sandbox, trust};
use pinpoint_streams_sandbox::{Sandbox, Seed, SeedAccount, SeedRole, Stack};

fn seeded() -> Sandbox {
    let role = |name: &str, stack: Option<&str>| SeedRole {
        stack: stack.map(|stack| Stack { region: "eu-west-1".to_owned(), name: stack.to_owned() }),
        ..SeedRole::new(format!("arn:aws:iam::{ACCOUNT}:role/{name}").parse().unwrap(), trust(ACCOUNT))
    };
    let roles = vec![role("Shop", Some("growth")), role("Blog", Some("growth")), role("Wild", None)];
    let sandbox = sandbox();
    sandbox.seed(&Seed { accounts: vec![SeedAccount { roles, ..SeedAccount::new(ACCOUNT) }] }).unwrap();
    sandbox
}

async fn stack_of(caller: &Caller, role: &str) -> Answer {
    caller.query("cloudformation", "DescribeStackResources", &[("PhysicalResourceId", role)]).await
}

#[tokio::test]
async fn a_stack_is_found_by_the_name_of_a_role_in_it_and_shows_all_it_holds() {
    let caller = Caller::of(&seeded()).in_region("eu-west-1");
    let answer = stack_of(&caller, "Shop").await.ok();
    assert_eq!(answer.all_xml("StackName"), ["growth", "growth"]);
    assert_eq!(answer.all_xml("PhysicalResourceId"), ["Blog", "Shop"]);
    assert_eq!(answer.xml("ResourceType"), Some("AWS::IAM::Role"));
}

#[tokio::test]
async fn a_role_of_no_stack_of_the_region_does_not_exist_there() {
    let caller = Caller::of(&seeded());
    for (region, role) in [("us-east-1", "Shop"), ("eu-west-1", "Wild"), ("eu-west-1", "Nobody")] {
        let answer = stack_of(&caller.in_region(region), role).await;
        assert_eq!(answer.error(), (400, "ValidationError".to_owned()));
        let says = format!("Stack for {role} does not exist");
        assert_eq!(answer.xml("Message"), Some(says.as_str()));
    }
}
