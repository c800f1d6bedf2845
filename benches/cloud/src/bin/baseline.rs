//! What the program is measured against: the AWS SDK without it.
//!
//!     baseline read SEED     reads the apps of the first account the obvious way: ten at a time, each call after the one before
//!     baseline calls SEED    the reads of a plan of all accounts, and nothing else: the pages of IAM's roles and of Pinpoint's apps,
//!                            and each app's event stream
//!
//! `AWS_ENDPOINT_URL` is taken from the environment.
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_iam::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_iam::types::EntityType;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;

type Failure = Box<dyn Error + Send + Sync>;
type Call<'a> = BoxFuture<'a, Result<(), Failure>>;

const APPS_AT_ONCE: usize = 10;
const CALLS_AT_ONCE: usize = 64;
const ROLES_PER_PAGE: i32 = 1000;
const APPS_PER_PAGE: &str = "100";
const USAGE: &str = "usage: baseline read SEED | baseline calls SEED";

struct App {
    id: String,
    region: String,
}

struct Account {
    apps: Vec<App>,
    iam: aws_sdk_iam::Client,
    /// By region.
    pinpoint: BTreeMap<String, aws_sdk_pinpoint::Client>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, seed] = &arguments[..] else { return Err(USAGE.into()) };
    let seed: Value = serde_json::from_slice(&std::fs::read(seed)?)?;
    let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
    let accounts = seed["accounts"].as_array().ok_or("the seed has no accounts")?;
    let accounts = accounts.iter().map(|account| Account::new(&config, account));
    let accounts: Vec<Account> = accounts.collect::<Result<_, Failure>>()?;
    let (calls, at_once) = match command.as_str() {
        "read" => {
            let first = accounts.first().ok_or("the seed has no accounts")?;
            (first.apps.iter().map(|app| first.read(app).boxed()).collect(), APPS_AT_ONCE)
        }
        "calls" => (accounts.iter().flat_map(Account::calls_of_plan).collect::<Vec<_>>(), CALLS_AT_ONCE),
        _ => return Err(USAGE.into()),
    };
    stream::iter(calls).buffer_unordered(at_once).try_for_each(|()| async { Ok(()) }).await
}

fn apps(account: &Value) -> Result<Vec<App>, Failure> {
    let apps = account["apps"].as_array().ok_or("an account of the seed has no apps")?;
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("an app of the seed lacks a field");
    apps.iter().map(|app| Ok(App { id: text(&app["id"])?, region: text(&app["region"])? })).collect()
}

impl Account {
    /// The endpoint knows the account by the access key.
    fn new(config: &SdkConfig, account: &Value) -> Result<Account, Failure> {
        let id = account["id"].as_str().ok_or("an account of the seed has no ID")?;
        let credentials = Credentials::new(format!("SANDBOX{id}"), "any", None, None, "seed");
        let config = config.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build();
        let apps = apps(account)?;
        let mut pinpoint = BTreeMap::new();
        for App { region, .. } in &apps {
            pinpoint.entry(region.clone()).or_insert_with(|| {
                let config = aws_sdk_pinpoint::config::Builder::from(&config).region(Region::new(region.clone()));
                aws_sdk_pinpoint::Client::from_conf(config.build())
            });
        }
        Ok(Account { apps, iam: aws_sdk_iam::Client::new(&config), pinpoint })
    }

    fn calls_of_plan(&self) -> Vec<Call<'_>> {
        let roles = [self.role_details().boxed(), self.roles().boxed()];
        let apps = self.pinpoint.values().map(|region| list_apps(region).boxed());
        let streams = self.apps.iter().map(|app| self.get_event_stream(app).map(|role| role.map(drop)).boxed());
        roles.into_iter().chain(apps).chain(streams).collect()
    }

    async fn role_details(&self) -> Result<(), Failure> {
        let request = self.iam.get_account_authorization_details().filter(EntityType::Role);
        let mut pages = request.max_items(ROLES_PER_PAGE).into_paginator().send();
        while let Some(page) = pages.next().await {
            page?;
        }
        Ok(())
    }

    async fn roles(&self) -> Result<(), Failure> {
        let mut pages = self.iam.list_roles().max_items(ROLES_PER_PAGE).into_paginator().send();
        while let Some(page) = pages.next().await {
            page?;
        }
        Ok(())
    }

    /// The ARN of the event stream's role.
    async fn get_event_stream(&self, app: &App) -> Result<String, Failure> {
        let answer = self.pinpoint[&app.region].get_event_stream().application_id(&app.id).send().await?;
        let stream = answer.event_stream.ok_or("GetEventStream answered without an event stream")?;
        Ok(stream.role_arn.ok_or("the event stream has no role")?)
    }

    /// The app, its event stream and all of its role.
    async fn read(&self, app: &App) -> Result<(), Failure> {
        self.pinpoint[&app.region].get_app().application_id(&app.id).send().await?;
        let role = self.get_event_stream(app).await?;
        let role = role.rsplit('/').next().unwrap_or_default();
        let iam = &self.iam;
        iam.get_role().role_name(role).send().await?;
        for policy in iam.list_role_policies().role_name(role).send().await?.policy_names {
            iam.get_role_policy().role_name(role).policy_name(policy).send().await?;
        }
        iam.list_attached_role_policies().role_name(role).send().await?;
        iam.list_role_tags().role_name(role).send().await?;
        Ok(())
    }
}

async fn list_apps(pinpoint: &aws_sdk_pinpoint::Client) -> Result<(), Failure> {
    let mut token = None;
    loop {
        let answer = pinpoint.get_apps().page_size(APPS_PER_PAGE).set_token(token).send().await?;
        let apps = answer.applications_response.ok_or("GetApps answered without apps")?;
        token = apps.next_token;
        if token.is_none() {
            return Ok(());
        }
    }
}
