use crate::caller::{ACCOUNT, Caller, kinesis_permissions, sandbox, trust};
use pinpoint_streams_sandbox::{
    RoleUse, Seed, SeedAccount, SeedApp, SeedEventStream, SeedPolicy, SeedRole, SeedStream,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn seed() -> Seed {
    let stream = |arn: &str, kms_key: Option<&str>| SeedStream {
        arn: arn.parse().unwrap(),
        kms_key: kms_key.map(str::to_owned),
        created: None,
    };
    Seed {
        accounts: vec![SeedAccount {
            apps: vec![SeedApp::new("us-east-1", "810c7aab86d42fb2b56c8c966example", "shop")],
            streams: vec![
                stream("arn:aws:kinesis:us-east-1:123456789012:stream/clicks", None),
                stream(
                    "arn:aws:firehose:us-east-1:123456789012:deliverystream/lake",
                    Some("arn:aws:kms:us-east-1:123456789012:key/k"),
                ),
            ],
            roles: vec![SeedRole {
                inline: vec![("p".to_owned(), kinesis_permissions().to_owned())],
                ..SeedRole::new("arn:aws:iam::123456789012:role/elsewhere/Legacy".parse().unwrap(), trust(ACCOUNT))
            }],
            policies: vec!["arn:aws:iam::123456789012:policy/boundary".parse().unwrap()],
            ..SeedAccount::new(ACCOUNT)
        }],
    }
}

#[tokio::test]
async fn what_is_seeded_is_there_and_works() {
    let sandbox = sandbox();
    let caller = Caller::of(&sandbox);
    assert_eq!(sandbox.seed(&seed()).unwrap().created.len(), 5);
    let path = "/v1/apps/810c7aab86d42fb2b56c8c966example/eventstream";
    let body = json!({
        "DestinationStreamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
        "RoleArn": "arn:aws:iam::123456789012:role/elsewhere/Legacy",
    });
    caller.pinpoint("POST", path, body).await.ok();
    let lake = json!({ "DeliveryStreamName": "lake" });
    let lake = caller.json11("firehose", "DescribeDeliveryStream", lake).await.ok().json();
    let encryption = &lake["DeliveryStreamDescription"]["DeliveryStreamEncryptionConfiguration"];
    assert_eq!(encryption["KeyType"], "CUSTOMER_MANAGED_CMK");
}

#[tokio::test]
async fn what_was_seeded_and_then_deleted_stays_away() {
    let sandbox = sandbox();
    let caller = Caller::of(&sandbox);
    sandbox.seed(&seed()).unwrap();
    let path = "/v1/apps/810c7aab86d42fb2b56c8c966example";
    caller.pinpoint("DELETE", path, Value::Null).await.ok();
    assert_eq!(sandbox.seed(&seed()).unwrap().created, Vec::<String>::new());
    assert_eq!(caller.pinpoint("GET", path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn what_is_there_already_is_left_as_it_is() {
    let sandbox = sandbox();
    let caller = Caller::of(&sandbox);
    let clicks = json!({ "StreamName": "clicks", "ShardCount": 3 });
    caller.json11("kinesis", "CreateStream", clicks).await.ok();
    let created = sandbox.seed(&seed()).unwrap().created;
    assert!(!created.iter().any(|arn| arn.ends_with("clicks")), "{created:?}");
    let name = json!({ "StreamName": "clicks" });
    let read = caller.json11("kinesis", "DescribeStreamSummary", name).await.ok().json();
    assert_eq!(read["StreamDescriptionSummary"]["OpenShardCount"], 3);
}

#[tokio::test]
async fn a_govcloud_account_has_its_partition_in_every_arn() {
    let sandbox = sandbox();
    let account =
        SeedAccount { id: ACCOUNT.to_owned(), partition: "aws-us-gov".to_owned(), ..SeedAccount::default() };
    sandbox.seed(&Seed { accounts: vec![account] }).unwrap();
    let caller = Caller::of(&sandbox).in_region("us-gov-west-1");
    let role = caller.create_role("Shop", &trust(ACCOUNT)).await.ok();
    assert_eq!(role.xml("Arn"), Some("arn:aws-us-gov:iam::123456789012:role/Shop"));
    let app = caller.pinpoint("POST", "/v1/apps", json!({ "Name": "a" })).await.ok().json();
    assert!(app["Arn"].as_str().unwrap().starts_with("arn:aws-us-gov:mobiletargeting:us-gov-west-1:"));
    caller.json11("kinesis", "CreateStream", json!({ "StreamName": "clicks" })).await.ok();
    let name = json!({ "StreamName": "clicks" });
    let read = caller.json11("kinesis", "DescribeStreamSummary", name).await.ok().json();
    let arn = "arn:aws-us-gov:kinesis:us-gov-west-1:123456789012:stream/clicks";
    assert_eq!(read["StreamDescriptionSummary"]["StreamARN"], arn);
}

#[test]
fn the_contents_show_what_was_seeded() {
    let sandbox = sandbox();
    sandbox.seed(&seed()).unwrap();
    let contents = sandbox.contents().unwrap();
    let account = &contents.accounts[ACCOUNT];
    assert_eq!(account.roles[0].name, "Legacy");
    assert_eq!(account.policies, ["arn:aws:iam::123456789012:policy/boundary"]);
    let region = &account.regions["us-east-1"];
    assert_eq!(region.apps[0].name, "shop");
    assert_eq!(region.kinesis.len() + region.firehose.len(), 2);
    assert!(serde_json::to_value(&contents).unwrap()["accounts"][ACCOUNT].is_object());
}

#[tokio::test]
async fn an_encrypted_stream_shows_its_key() {
    let sandbox = sandbox();
    let key = "arn:aws:kms:us-east-1:123456789012:key/k";
    let mut seed = seed();
    seed.accounts[0].streams[0].kms_key = Some(key.to_owned());
    sandbox.seed(&seed).unwrap();
    let name = json!({ "StreamName": "clicks" });
    let read = Caller::of(&sandbox).json11("kinesis", "DescribeStreamSummary", name).await.ok().json();
    let summary = &read["StreamDescriptionSummary"];
    assert_eq!(summary["EncryptionType"], "KMS");
    assert_eq!(summary["KeyId"], key);
}

#[test]
fn what_a_seed_gains_is_made_the_next_time() {
    let sandbox = sandbox();
    let mut seed = seed();
    sandbox.seed(&seed).unwrap();
    let app = SeedApp::new("eu-west-1", "blog", "blog");
    seed.accounts[0].apps.push(app);
    let created = sandbox.seed(&seed).unwrap().created;
    assert_eq!(created, ["arn:aws:mobiletargeting:eu-west-1:123456789012:apps/blog"]);
}

#[tokio::test]
async fn a_role_is_seeded_with_a_past_and_all_that_hangs_on_it() {
    let sandbox = sandbox();
    let policy = "arn:aws:iam::123456789012:policy/growth/Write";
    let document =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:Put*","Resource":"*"}]}"#;
    let used = RoleUse { at: "2026-03-04T05:06:07Z".parse().unwrap(), region: "eu-west-1".to_owned() };
    let role = SeedRole {
        attached: vec![policy.parse().unwrap(), "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess".parse().unwrap()],
        instance_profiles: vec!["Workers".to_owned()],
        boundary: Some("arn:aws:iam::123456789012:policy/boundary".parse().unwrap()),
        description: Some("Old".to_owned()),
        tags: BTreeMap::from([("team".to_owned(), "growth".to_owned())]),
        created: Some("2019-01-02T03:04:05Z".parse().unwrap()),
        last_used: Some(used),
        template: Some("arn:aws:iam::aws:role-template/Analytics".to_owned()),
        ..SeedRole::new("arn:aws:iam::123456789012:role/Old".parse().unwrap(), trust(ACCOUNT))
    };
    let mut seed = seed();
    seed.accounts[0].roles.push(role);
    seed.accounts[0].managed_policies =
        vec![SeedPolicy { arn: policy.parse().unwrap(), document: document.to_owned() }];
    sandbox.seed(&seed).unwrap();
    let caller = Caller::of(&sandbox);
    let name = [("RoleName", "Old")];
    let role = caller.iam("GetRole", &name).await.ok();
    assert_eq!(role.xml("CreateDate"), Some("2019-01-02T03:04:05Z"));
    assert_eq!(role.xml("LastUsedDate"), Some("2026-03-04T05:06:07Z"));
    assert_eq!(role.xml("TemplateArn"), Some("arn:aws:iam::aws:role-template/Analytics"));
    assert_eq!(role.xml("PermissionsBoundaryArn"), Some("arn:aws:iam::123456789012:policy/boundary"));
    assert_eq!(role.xml("Description"), Some("Old"));
    assert_eq!(role.xml("Key"), Some("team"));
    let attached = caller.iam("ListAttachedRolePolicies", &name).await.ok();
    assert_eq!(attached.all_xml("PolicyArn").len(), 2);
    let profiles = caller.iam("ListInstanceProfilesForRole", &name).await.ok();
    assert_eq!(profiles.xml("InstanceProfileName"), Some("Workers"));
    let said = caller.iam("GetPolicyVersion", &[("PolicyArn", policy), ("VersionId", "v1")]).await.ok();
    assert!(said.body.contains("kinesis%3APut%2A"), "{}", said.body);
}

#[tokio::test]
async fn an_event_stream_is_seeded_whatever_it_names() {
    let sandbox = sandbox();
    let mut seed = seed();
    seed.accounts[0].event_streams = vec![SeedEventStream {
        region: "us-east-1".to_owned(),
        app: "810c7aab86d42fb2b56c8c966example".to_owned(),
        destination: "arn:aws:kinesis:us-east-1:123456789012:stream/gone".to_owned(),
        role: "arn:aws:iam::123456789012:role/Gone".to_owned(),
    }];
    sandbox.seed(&seed).unwrap();
    let caller = Caller::of(&sandbox);
    let path = "/v1/apps/810c7aab86d42fb2b56c8c966example/eventstream";
    let stream = caller.pinpoint("GET", path, Value::Null).await.ok().json();
    assert_eq!(stream["RoleArn"], "arn:aws:iam::123456789012:role/Gone");
    caller.pinpoint("DELETE", path, Value::Null).await.ok();
    sandbox.seed(&seed).unwrap();
    assert_eq!(caller.pinpoint("GET", path, Value::Null).await.status, 404);
}
