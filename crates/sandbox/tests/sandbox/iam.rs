use crate::caller::{ACCOUNT, Caller, kinesis_permissions, sandbox, trust};
use percent_encoding::percent_decode_str;
use pinpoint_streams_sandbox::{RoleUse, Seed, SeedAccount, SeedRole};

const ANYONE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

#[tokio::test]
async fn a_role_comes_back_as_it_was_made() {
    let caller = Caller::of(&sandbox());
    let made = caller
        .iam(
            "CreateRole",
            &[
                ("RoleName", "Shop"),
                ("Path", "/pinpoint-streams/"),
                ("AssumeRolePolicyDocument", ANYONE),
                ("Description", "Lets <Pinpoint> & co stream"),
                ("MaxSessionDuration", "7200"),
                ("Tags.member.1.Key", "team"),
                ("Tags.member.1.Value", "growth"),
            ],
        )
        .await
        .ok();
    let role = caller.iam("GetRole", &[("RoleName", "Shop")]).await.ok();
    assert_eq!(role.xml("Arn"), Some("arn:aws:iam::123456789012:role/pinpoint-streams/Shop"));
    assert_eq!(role.xml("RoleId"), made.xml("RoleId"));
    assert_eq!(role.xml("CreateDate"), Some("2026-11-23T09:30:00Z"));
    assert_eq!(role.xml("Description"), Some("Lets &lt;Pinpoint&gt; &amp; co stream"));
    assert_eq!(role.xml("MaxSessionDuration"), Some("7200"));
    assert_eq!(role.xml("Key"), Some("team"));
    assert_eq!(role.xml("RoleLastUsed"), Some(""));
}

#[tokio::test]
async fn role_ids_are_in_iams_form() {
    let caller = Caller::of(&sandbox());
    let role = caller.create_role("Shop", ANYONE).await.ok();
    let id = role.xml("RoleId").unwrap();
    assert_eq!(id.len(), 21);
    assert!(id.starts_with("AROA"));
    assert!(id.chars().all(|c| c.is_ascii_uppercase() || ('2'..='7').contains(&c)), "{id}");
}

#[tokio::test]
async fn documents_come_percent_encoded_by_rfc_3986() {
    let caller = Caller::of(&sandbox());
    let document = r#"{"Version":"2012-10-17","Statement":[{"Sid":"plus","Effect":"Allow","Action":"kinesis:*","Resource":"arn:aws:kinesis:us-east-1:123456789012:stream/a+b c"}]}"#;
    caller.create_role("Shop", ANYONE).await.ok();
    caller.put_role_policy("Shop", "p", document).await.ok();
    let names = [("RoleName", "Shop"), ("PolicyName", "p")];
    let policy = caller.iam("GetRolePolicy", &names).await.ok();
    let encoded = policy.xml("PolicyDocument").unwrap();
    assert!(encoded.contains("a%2Bb%20c"), "{encoded}");
    assert!(encoded.starts_with("%7B%22Version%22%3A%222012-10-17%22"), "{encoded}");
    let decoded = percent_decode_str(encoded).decode_utf8().unwrap();
    assert_eq!(decoded, document);
}

#[tokio::test]
async fn names_are_unique_without_regard_to_case_and_keep_theirs() {
    let caller = Caller::of(&sandbox());
    caller.create_role("Shop", ANYONE).await.ok();
    let again = caller.create_role("SHOP", ANYONE).await;
    assert_eq!(again.error(), (409, "EntityAlreadyExists".to_owned()));
    let role = caller.iam("GetRole", &[("RoleName", "sHoP")]).await.ok();
    assert_eq!(role.xml("RoleName"), Some("Shop"));
}

#[tokio::test]
async fn a_role_made_again_has_another_id() {
    let caller = Caller::of(&sandbox());
    let first = caller.create_role("Shop", ANYONE).await.ok();
    caller.iam("DeleteRole", &[("RoleName", "Shop")]).await.ok();
    let second = caller.create_role("Shop", ANYONE).await.ok();
    assert_eq!(first.xml("Arn"), second.xml("Arn"));
    assert_ne!(first.xml("RoleId"), second.xml("RoleId"));
}

#[tokio::test]
async fn a_missing_role_is_no_such_entity() {
    let caller = Caller::of(&sandbox());
    for action in ["GetRole", "DeleteRole", "ListRoleTags", "ListRolePolicies"] {
        let answer = caller.iam(action, &[("RoleName", "Nobody")]).await;
        assert_eq!(answer.error(), (404, "NoSuchEntity".to_owned()), "{action}");
    }
}

#[tokio::test]
async fn what_is_no_trust_policy_is_malformed() {
    let caller = Caller::of(&sandbox());
    let wrong = [
        "{",
        r#"{"Version":"2012-10-17"}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint"},"Action":"sts:AssumeRole"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"s3:GetObject"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"sts:AssumeRole","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/Nobody"},"Action":"sts:AssumeRole"}]}"#,
    ];
    for document in wrong {
        let answer = caller.create_role("Shop", document).await;
        assert_eq!(answer.error(), (400, "MalformedPolicyDocument".to_owned()), "{document}");
    }
}

#[tokio::test]
async fn what_is_no_permissions_policy_is_malformed() {
    let caller = Caller::of(&sandbox());
    caller.create_role("Shop", ANYONE).await.ok();
    let wrong = [
        "[]",
        ANYONE,
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kinesis:*"}}"#,
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"PutRecords","Resource":"*"}}"#,
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kinesis:*","Resource":"clicks"}}"#,
    ];
    for document in wrong {
        let answer = caller.put_role_policy("Shop", "p", document).await;
        assert_eq!(answer.error(), (400, "MalformedPolicyDocument".to_owned()), "{document}");
    }
}

#[tokio::test]
async fn white_space_does_not_count_towards_a_quota() {
    let caller = Caller::of(&sandbox());
    let padded = ANYONE.replace(':', &format!(":{}", " ".repeat(500)));
    assert!(padded.len() > 2048);
    caller.create_role("Shop", &padded).await.ok();
    let arns: Vec<String> =
        (0..40).map(|n| format!("\"arn:aws:mobiletargeting:us-east-1:{ACCOUNT}:apps/{n:032}\"")).collect();
    let long = ANYONE.replace(
        r#""sts:AssumeRole"}"#,
        &format!(r#""sts:AssumeRole","Condition":{{"ArnLike":{{"aws:SourceArn":[{}]}}}}}}"#, arns.join(",")),
    );
    let answer = caller.create_role("Long", &long).await;
    assert_eq!(answer.error(), (409, "LimitExceeded".to_owned()));
    assert!(answer.body.contains("ACLSizePerRole: 2048"), "{}", answer.body);
}

#[tokio::test]
async fn inline_policies_share_one_quota() {
    let caller = Caller::of(&sandbox());
    caller.create_role("Shop", ANYONE).await.ok();
    let stream = format!("arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{}", "s".repeat(100));
    let streams = vec![format!("\"{stream}\""); 45].join(",");
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"kinesis:PutRecords","Resource":[{streams}]}}}}"#
    );
    caller.put_role_policy("Shop", "one", &document).await.ok();
    let answer = caller.put_role_policy("Shop", "two", &document).await;
    assert_eq!(answer.error(), (409, "LimitExceeded".to_owned()));
    let names = caller.iam("ListRolePolicies", &[("RoleName", "Shop")]).await.ok();
    assert_eq!(names.all_xml("member"), ["one"]);
}

#[tokio::test]
async fn a_role_with_something_on_it_cannot_be_deleted() {
    let caller = Caller::of(&sandbox());
    let shop = ("RoleName", "Shop");
    let profile = ("InstanceProfileName", "Box");
    let managed = ("PolicyArn", "arn:aws:iam::aws:policy/AmazonKinesisFullAccess");
    let delete = async || caller.iam("DeleteRole", &[shop]).await;
    caller.create_role("Shop", ANYONE).await.ok();
    caller.put_role_policy("Shop", "p", kinesis_permissions()).await.ok();
    caller.iam("AttachRolePolicy", &[shop, managed]).await.ok();
    caller.iam("CreateInstanceProfile", &[profile]).await.ok();
    caller.iam("AddRoleToInstanceProfile", &[shop, profile]).await.ok();

    assert_eq!(delete().await.error(), (409, "DeleteConflict".to_owned()));
    caller.iam("RemoveRoleFromInstanceProfile", &[shop, profile]).await.ok();
    assert!(delete().await.body.contains("must detach all policies first"));
    caller.iam("DetachRolePolicy", &[shop, managed]).await.ok();
    assert!(delete().await.body.contains("must delete policies first"));
    caller.iam("DeleteRolePolicy", &[shop, ("PolicyName", "p")]).await.ok();
    delete().await.ok();
}

#[tokio::test]
async fn a_boundary_must_exist_and_can_be_taken_off() {
    let caller = Caller::of(&sandbox());
    let arn = "arn:aws:iam::123456789012:policy/boundary";
    let shop = ("RoleName", "Shop");
    caller.create_role("Shop", ANYONE).await.ok();
    let put = [shop, ("PermissionsBoundary", arn)];
    let missing = caller.iam("PutRolePermissionsBoundary", &put).await;
    assert_eq!(missing.error(), (404, "NoSuchEntity".to_owned()));
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let policy = [("PolicyName", "boundary"), ("PolicyDocument", document)];
    caller.iam("CreatePolicy", &policy).await.ok();
    caller.iam("PutRolePermissionsBoundary", &put).await.ok();
    let role = caller.iam("GetRole", &[shop]).await.ok();
    assert_eq!(role.xml("PermissionsBoundaryArn"), Some(arn));
    caller.iam("DeleteRolePermissionsBoundary", &[shop]).await.ok();
    let role = caller.iam("GetRole", &[shop]).await.ok();
    assert_eq!(role.xml("PermissionsBoundaryArn"), None);
}

#[tokio::test]
async fn the_quota_of_roles_is_the_one_in_the_summary() {
    let mut settings = crate::caller::settings(&Default::default());
    settings.quotas.roles = 2;
    let sandbox = pinpoint_streams_sandbox::Sandbox::in_memory(settings);
    let caller = Caller::of(&sandbox);
    caller.create_role("One", ANYONE).await.ok();
    caller.create_role("Two", ANYONE).await.ok();
    let third = caller.create_role("Three", ANYONE).await;
    assert_eq!(third.error(), (409, "LimitExceeded".to_owned()));
    let summary = caller.iam("GetAccountSummary", &[]).await.ok();
    let entry = |key: &str| {
        let entries = summary.all_xml("entry");
        let found = entries.into_iter().find(|entry| entry.contains(&format!("<key>{key}</key>")));
        found.unwrap().to_owned()
    };
    assert!(entry("Roles").contains("<value>2</value>"));
    assert!(entry("RolesQuota").contains("<value>2</value>"));
    assert!(entry("AssumeRolePolicySizeQuota").contains("<value>2048</value>"));
}

#[tokio::test]
async fn what_iam_does_not_know_is_an_invalid_action() {
    let caller = Caller::of(&sandbox());
    let answer = caller.iam("CreateUser", &[("UserName", "eve")]).await;
    assert_eq!(answer.error(), (400, "InvalidAction".to_owned()));
    assert!(answer.xml("RequestId").is_some());
}

#[tokio::test]
async fn each_account_has_a_world_of_its_own() {
    let sandbox = sandbox();
    let main = Caller::of(&sandbox);
    let other = main.in_account("210987654321");
    main.create_role("Shop", &trust(ACCOUNT)).await.ok();
    let missing = other.iam("GetRole", &[("RoleName", "Shop")]).await;
    assert_eq!(missing.error().0, 404);
    let role = other.create_role("Shop", &trust("210987654321")).await.ok();
    assert_eq!(role.xml("Arn"), Some("arn:aws:iam::210987654321:role/Shop"));
    let identity = other.query("sts", "GetCallerIdentity", &[]).await.ok();
    assert_eq!(identity.xml("Account"), Some("210987654321"));
}

#[tokio::test]
async fn a_simulation_judges_inline_policies_within_the_boundary() {
    let caller = Caller::of(&sandbox());
    caller.create_role("Shop", ANYONE).await.ok();
    caller.put_role_policy("Shop", "p", kinesis_permissions()).await.ok();
    let simulated = caller
        .iam(
            "SimulatePrincipalPolicy",
            &[
                ("PolicySourceArn", "arn:aws:iam::123456789012:role/Shop"),
                ("ActionNames.member.1", "kinesis:PutRecords"),
                ("ActionNames.member.2", "kinesis:DeleteStream"),
                ("ResourceArns.member.1", "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"),
            ],
        )
        .await
        .ok();
    assert_eq!(simulated.all_xml("EvalDecision"), ["allowed", "implicitDeny"]);
}

#[tokio::test]
async fn a_role_can_be_given_a_past() {
    let sandbox = sandbox();
    let role = SeedRole {
        created: Some("2021-03-01T00:00:00Z".parse().unwrap()),
        last_used: Some(RoleUse { at: "2026-10-30T12:00:00Z".parse().unwrap(), region: "us-east-1".to_owned() }),
        ..SeedRole::new("arn:aws:iam::123456789012:role/Shop".parse().unwrap(), ANYONE)
    };
    let account = SeedAccount { id: ACCOUNT.to_owned(), roles: vec![role], ..SeedAccount::default() };
    sandbox.seed(&Seed { accounts: vec![account] }).unwrap();
    let caller = Caller::of(&sandbox);
    let role = caller.iam("GetRole", &[("RoleName", "Shop")]).await.ok();
    assert_eq!(role.xml("CreateDate"), Some("2021-03-01T00:00:00Z"));
    assert_eq!(role.xml("LastUsedDate"), Some("2026-10-30T12:00:00Z"));
    assert_eq!(role.xml("Region"), Some("us-east-1"));
}

#[tokio::test]
async fn assuming_a_role_gives_keys_of_its_account() {
    let main = Caller::of(&sandbox());
    main.in_account("210987654321").create_role("Deploy", ANYONE).await.ok();
    let arn = "arn:aws:iam::210987654321:role/Deploy";
    let session = ("RoleSessionName", "s");
    let assumed = main.query("sts", "AssumeRole", &[("RoleArn", arn), session]).await.ok();
    assert_eq!(assumed.xml("AccessKeyId"), Some("SANDBOX210987654321"));
    let missing =
        main.query("sts", "AssumeRole", &[("RoleArn", "arn:aws:iam::210987654321:role/No"), session]).await;
    assert_eq!(missing.error(), (403, "AccessDenied".to_owned()));
}

#[tokio::test]
async fn a_role_of_awss_own_cannot_be_changed() {
    let caller = Caller::of(&sandbox());
    let path = ("Path", "/aws-service-role/pinpoint.amazonaws.com/");
    let parameters = [("RoleName", "Linked"), path, ("AssumeRolePolicyDocument", ANYONE)];
    caller.iam("CreateRole", &parameters).await.ok();
    let answer = caller.iam("DeleteRole", &[("RoleName", "Linked")]).await;
    assert_eq!(answer.error(), (400, "UnmodifiableEntity".to_owned()));
}

#[tokio::test]
async fn an_unsupported_service_is_named() {
    let caller = Caller::of(&sandbox());
    let answer = caller.query("sqs", "ListQueues", &[]).await;
    assert_eq!(answer.error(), (400, "InvalidAction".to_owned()));
    assert!(answer.body.contains("the sandbox does not support ListQueues"), "{}", answer.body);
}
