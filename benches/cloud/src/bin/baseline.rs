//! What the program is measured against: the AWS SDK without it.
//!
//!     baseline read SEED          reads all apps the obvious way: ten at a time, each call after the one before
//!     baseline calls SEED COUNT   GetEventStream and nothing else, 64 calls at a time
//!
//! Only the first account of the seed is read. Credentials and `AWS_ENDPOINT_URL` are taken from the environment.
use aws_config::{BehaviorVersion, Region, SdkConfig};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;

type Failure = Box<dyn Error + Send + Sync>;

const APPS_AT_ONCE: usize = 10;
const CALLS_AT_ONCE: usize = 64;
const USAGE: &str = "usage: baseline read SEED | baseline calls SEED COUNT";

struct App {
    id: String,
    region: String,
}

struct Clients {
    iam: aws_sdk_iam::Client,
    /// By region.
    pinpoint: BTreeMap<String, aws_sdk_pinpoint::Client>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ([_, seed] | [_, seed, _]) = arguments[..] else { return Err(USAGE.into()) };
    let apps = apps(&serde_json::from_slice(&std::fs::read(seed)?)?)?;
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let clients = Clients::new(&config, &apps);
    match arguments[..] {
        ["read", _] => {
            let reads = apps.iter().map(|app| read(&clients, app));
            stream::iter(reads).buffer_unordered(APPS_AT_ONCE).try_for_each(|()| async { Ok(()) }).await
        }
        ["calls", _, count] => {
            let calls = apps.iter().cycle().take(count.parse()?).map(|app| get_event_stream(&clients, app));
            stream::iter(calls).buffer_unordered(CALLS_AT_ONCE).try_for_each(|_| async { Ok(()) }).await
        }
        _ => Err(USAGE.into()),
    }
}

fn apps(seed: &Value) -> Result<Vec<App>, Failure> {
    let apps = seed["accounts"][0]["apps"].as_array().ok_or("the seed has no account")?;
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("an app of the seed lacks a field");
    apps.iter().map(|app| Ok(App { id: text(&app["id"])?, region: text(&app["region"])? })).collect()
}

impl Clients {
    fn new(config: &SdkConfig, apps: &[App]) -> Clients {
        let pinpoint = |app: &App| {
            let region = Region::new(app.region.clone());
            let config = aws_sdk_pinpoint::config::Builder::from(config).region(region).build();
            (app.region.clone(), aws_sdk_pinpoint::Client::from_conf(config))
        };
        let mut clients = BTreeMap::new();
        for app in apps {
            if !clients.contains_key(&app.region) {
                clients.extend([pinpoint(app)]);
            }
        }
        Clients { iam: aws_sdk_iam::Client::new(config), pinpoint: clients }
    }
}

/// The ARN of the event stream's role.
async fn get_event_stream(clients: &Clients, app: &App) -> Result<String, Failure> {
    let answer = clients.pinpoint[&app.region].get_event_stream().application_id(&app.id).send().await?;
    let stream = answer.event_stream.ok_or("GetEventStream answered without an event stream")?;
    Ok(stream.role_arn.ok_or("the event stream has no role")?)
}

/// The app, its event stream and all of its role.
async fn read(clients: &Clients, app: &App) -> Result<(), Failure> {
    clients.pinpoint[&app.region].get_app().application_id(&app.id).send().await?;
    let role = get_event_stream(clients, app).await?;
    let role = role.rsplit('/').next().unwrap_or_default();
    let iam = &clients.iam;
    iam.get_role().role_name(role).send().await?;
    for policy in iam.list_role_policies().role_name(role).send().await?.policy_names {
        iam.get_role_policy().role_name(role).policy_name(policy).send().await?;
    }
    iam.list_attached_role_policies().role_name(role).send().await?;
    iam.list_role_tags().role_name(role).send().await?;
    Ok(())
}
