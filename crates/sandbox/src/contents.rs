//! The contents of a sandbox, as `sandbox show` prints them.
use crate::world::iam::Role;
use crate::world::{Account, World};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Contents {
    /// By account id.
    pub accounts: BTreeMap<String, AccountContents>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountContents {
    /// `aws` or `aws-us-gov`.
    pub partition: String,
    pub roles: Vec<RoleContents>,
    pub policies: Vec<String>,
    /// By region; empty regions are omitted.
    pub regions: BTreeMap<String, RegionContents>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleContents {
    pub name: String,
    pub arn: String,
    pub id: String,
    /// Empty if it has none.
    pub description: String,
    /// Seconds.
    pub max_session_duration: u32,
    pub trust_policy: Value,
    pub inline_policies: BTreeMap<String, Value>,
    pub attached_policies: Vec<String>,
    pub permissions_boundary: Option<String>,
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RegionContents {
    pub apps: Vec<AppContents>,
    pub kinesis: Vec<String>,
    pub firehose: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppContents {
    pub id: String,
    pub name: String,
    pub tags: BTreeMap<String, String>,
    pub event_stream: Option<EventStreamContents>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventStreamContents {
    pub destination: String,
    pub role: String,
}

/// The contents of a world. Empty accounts are omitted: reading from an account creates it.
pub(crate) fn of(world: &World) -> Contents {
    let accounts = world.accounts().map(|(id, account)| (id.to_owned(), of_account(account)));
    let holds_something = |account: &AccountContents| {
        let AccountContents { partition: _, roles, policies, regions } = account;
        !(roles.is_empty() && policies.is_empty() && regions.is_empty())
    };
    Contents { accounts: accounts.filter(|(_, account)| holds_something(account)).collect() }
}

fn of_account(account: &Account) -> AccountContents {
    let regions = account.regional.regions();
    let regions = regions.map(|region| (region.to_owned(), of_region(account, region)));
    AccountContents {
        partition: account.partition.clone(),
        roles: account.roles.values().map(of_role).collect(),
        policies: account.policies.keys().cloned().collect(),
        regions: regions.filter(|(_, region)| *region != RegionContents::default()).collect(),
    }
}

fn of_role(role: &Role) -> RoleContents {
    let inline = role.inline.iter();
    RoleContents {
        name: role.name.clone(),
        arn: role.arn.clone(),
        id: role.id.clone(),
        description: role.description.clone().unwrap_or_default(),
        max_session_duration: role.max_session,
        trust_policy: document(&role.trust),
        inline_policies: inline.map(|(name, text)| (name.clone(), document(text))).collect(),
        attached_policies: role.attached.iter().cloned().collect(),
        permissions_boundary: role.boundary.clone(),
        tags: role.tags.clone(),
    }
}

/// A document as JSON; as a string if it is not JSON.
fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

fn of_region(account: &Account, region: &str) -> RegionContents {
    let regional = &account.regional;
    let mut apps: Vec<AppContents> = regional
        .apps(region)
        .into_values()
        .map(|app| AppContents {
            id: app.id,
            name: app.name,
            tags: app.tags.into_iter().collect(),
            event_stream: app.event_stream.map(|stream| EventStreamContents {
                destination: stream.destination_stream_arn,
                role: stream.role_arn,
            }),
        })
        .collect();
    apps.sort_by(|a, b| a.id.cmp(&b.id));
    let kinesis = regional.streams(region).into_values();
    let mut kinesis: Vec<String> = kinesis.map(|stream| stream.arn).collect();
    kinesis.sort();
    let firehose = regional.delivery_streams(region).into_values();
    let mut firehose: Vec<String> = firehose.map(|stream| stream.arn).collect();
    firehose.sort();
    RegionContents { apps, kinesis, firehose }
}
