use crate::caller::{ACCOUNT, Caller, kinesis_permissions, sandbox, trust};

#[tokio::test]
async fn the_authorization_details_hold_everything_but_description_and_session() {
    let caller = Caller::of(&sandbox());
    let trust = trust(ACCOUNT);
    let shop = ("RoleName", "Shop");
    let profile = ("InstanceProfileName", "Box");
    let managed = "arn:aws:iam::aws:policy/AmazonKinesisFullAccess";
    let parameters = [
        shop,
        ("AssumeRolePolicyDocument", trust.as_str()),
        ("Description", "secret words"),
        ("PermissionsBoundary", managed),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "growth"),
    ];
    caller.iam("CreateRole", &parameters).await.ok();
    caller.put_role_policy("Shop", "p", kinesis_permissions()).await.ok();
    caller.iam("AttachRolePolicy", &[shop, ("PolicyArn", managed)]).await.ok();
    caller.iam("CreateInstanceProfile", &[profile]).await.ok();
    caller.iam("AddRoleToInstanceProfile", &[shop, profile]).await.ok();

    let details = caller.iam("GetAccountAuthorizationDetails", &[("Filter.member.1", "Role")]).await.ok();
    assert_eq!(details.xml("RoleName"), Some("Shop"));
    assert_eq!(details.xml("InstanceProfileName"), Some("Box"));
    assert_eq!(details.all_xml("PolicyName"), ["p", "AmazonKinesisFullAccess"]);
    assert_eq!(details.xml("PermissionsBoundaryArn"), Some(managed));
    assert_eq!(details.xml("Key"), Some("team"));
    assert_eq!(details.xml("RoleLastUsed"), Some(""));
    for absent in ["Description", "MaxSessionDuration", "secret"] {
        assert!(!details.body.contains(absent), "{absent}");
    }
}

#[tokio::test]
async fn policies_and_roles_come_in_one_sequence_of_pages() {
    let caller = Caller::of(&sandbox());
    for name in ["A", "B", "C"] {
        caller.create_role(name, &trust(ACCOUNT)).await.ok();
    }
    let policy = [("PolicyName", "P"), ("PolicyDocument", kinesis_permissions())];
    caller.iam("CreatePolicy", &policy).await.ok();
    let first = caller.iam("GetAccountAuthorizationDetails", &[("MaxItems", "2")]).await.ok();
    assert_eq!(first.all_xml("RoleName"), ["A"]);
    assert_eq!(first.all_xml("PolicyName"), ["P"]);
    let marker = first.xml("Marker").unwrap();
    let second = caller.iam("GetAccountAuthorizationDetails", &[("Marker", marker)]).await.ok();
    assert_eq!(second.all_xml("RoleName"), ["B", "C"]);
    assert_eq!(second.xml("IsTruncated"), Some("false"));
}

#[tokio::test]
async fn an_unknown_filter_is_refused() {
    let caller = Caller::of(&sandbox());
    let answer = caller.iam("GetAccountAuthorizationDetails", &[("Filter.member.1", "Roles")]).await;
    assert_eq!(answer.error(), (400, "ValidationError".to_owned()));
}
