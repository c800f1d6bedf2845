//! An embedded account in memory with the real adapter in front of it.
use pinpoint_streams_aws::{AccountCredentials, Aws, ConnectError, ConnectOptions, HostLookup, SharedHttpClient};
use pinpoint_streams_executor::clock::{Clock, SystemClock};
use pinpoint_streams_model::arn::{PolicyArn, StreamArn};
use pinpoint_streams_model::desired::{AppIdentity, Desired};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_sandbox::{Sandbox, Seed, SeedAccount, SeedApp, SeedStream, Settings, access_key_for};
use pinpoint_streams_testkit::contract::World;
use pinpoint_streams_testkit::desired::{ACCOUNT, REGION};
use pinpoint_streams_testkit::parsed;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// An account in which a change of a role reaches Pinpoint at once.
pub(crate) fn sandbox(seed: &Seed) -> Sandbox {
    let settings = Settings { propagation: Duration::ZERO, ..Settings::new(|| SystemClock.now()) };
    let sandbox = Sandbox::in_memory(settings);
    sandbox.seed(seed).unwrap();
    sandbox
}

/// The adapter in front of an HTTP client of the sandbox.
pub(crate) async fn connect(client: SharedHttpClient) -> Aws {
    connect_with(client, None).await
}

/// The same with something to resolve names.
pub(crate) async fn connect_with(client: SharedHttpClient, resolves: Option<HostLookup>) -> Aws {
    try_connect(client, resolves).await.unwrap()
}

pub(crate) async fn try_connect(
    client: SharedHttpClient,
    resolves: Option<HostLookup>,
) -> Result<Aws, ConnectError> {
    let credentials = AccountCredentials { id: Some(parsed(ACCOUNT)), ..AccountCredentials::chain(parsed("aws")) };
    let mut options = ConnectOptions::new(parsed("growth"), None);
    options.http_client = Some(client);
    options.resolves = resolves;
    let access_key = |account: Option<&AccountId>| access_key_for(account.map_or(ACCOUNT, AccountId::as_str));
    options.static_credentials = Some(Arc::new(access_key));
    Aws::connect(&BTreeMap::from([(parsed("main"), credentials)]), options).await
}

pub(crate) fn presumed_by(desired: &Desired) -> Seed {
    let mut account = SeedAccount::new(ACCOUNT);
    for (key, app) in &desired.apps {
        if let AppIdentity::Existing(id) = &app.identity {
            account.apps.push(SeedApp::new(app.region.as_str(), id.as_str(), key.as_str()));
        }
        if let Some(stream) = &app.event_stream {
            let arn = stream.target.arn.clone();
            if !account.streams.iter().any(|known| known.arn == arn) {
                account.streams.push(SeedStream { arn, kms_key: None, created: None });
            }
        }
    }
    Seed { accounts: vec![account] }
}

/// The app of most tests.
pub(crate) fn shop() -> SeedApp {
    SeedApp::new(REGION, "shop0000", "shop")
}

/// What the contract asks of a cloud, over the sandbox.
pub(crate) async fn contract_world() -> (Aws, World) {
    let kinesis: StreamArn = parsed(&format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"));
    let firehose: StreamArn = parsed(&format!("arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/lake"));
    let boundary: PolicyArn = parsed(&format!("arn:aws:iam::{ACCOUNT}:policy/boundary"));
    let streams = [&kinesis, &firehose].map(|arn| SeedStream { arn: arn.clone(), kms_key: None, created: None });
    let account = SeedAccount {
        apps: vec![shop()],
        streams: streams.into(),
        policies: vec![boundary.clone()],
        ..SeedAccount::new(ACCOUNT)
    };
    let sandbox = sandbox(&Seed { accounts: vec![account] });
    let world = World {
        account: parsed(ACCOUNT),
        region: parsed(REGION),
        kinesis,
        firehose,
        app: parsed("shop0000"),
        boundary,
        patience: Duration::ZERO,
    };
    (connect(sandbox.http_client()).await, world)
}
