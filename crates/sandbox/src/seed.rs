//! What a sandbox begins with: made once, so that what a person deletes afterwards stays deleted.

use crate::pinpoint;
use crate::world::World;
use crate::world::iam::{ManagedPolicy, Role};
use crate::world::regional::Kind;
use pinpoint_streams_model::arn::{PolicyArn, RoleArn, StreamArn, StreamService};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use winterbaume_firehose::views::DeliveryStreamView;
use winterbaume_kinesis::views::{ShardView, StreamView};
use winterbaume_pinpoint::views::PinpointAppView;

/// What should be there at first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// By account.
    pub accounts: Vec<SeedAccount>,
}

/// What should be in one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedAccount {
    /// Twelve digits.
    pub id: String,
    /// `aws` or `aws-us-gov`.
    pub partition: String,
    /// Pinpoint apps with the ids they have in the manifest.
    #[serde(default)]
    pub apps: Vec<SeedApp>,
    /// Kinesis and Firehose streams.
    #[serde(default)]
    pub streams: Vec<SeedStream>,
    /// Roles that are managed elsewhere.
    #[serde(default)]
    pub roles: Vec<SeedRole>,
    /// ARNs of managed policies that allow everything, such as permissions boundaries.
    #[serde(default)]
    pub policies: Vec<PolicyArn>,
}

/// A Pinpoint app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedApp {
    /// Where.
    pub region: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedStream {
    /// Its ARN; names the region too.
    pub arn: StreamArn,
    /// The ARN of the customer's key that encrypts it.
    #[serde(default)]
    pub kms_key: Option<String>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedRole {
    /// Its ARN; names path and name too.
    pub arn: RoleArn,
    /// The trust policy.
    pub trust_json: String,
    /// Names and documents of inline policies.
    #[serde(default)]
    pub inline: Vec<(String, String)>,
}

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedReport {
    /// ARNs, in the order of the seed.
    pub created: Vec<String>,
}

/// Makes what is missing and was never seeded.
pub(crate) fn plant(world: &mut World, seed: &Seed) -> SeedReport {
    let mut planter = Planter { world, report: SeedReport::default() };
    for account in &seed.accounts {
        planter.account(account);
    }
    planter.report
}

struct Planter<'a> {
    world: &'a mut World,
    report: SeedReport,
}

impl Planter<'_> {
    fn account(&mut self, seed: &SeedAccount) {
        let SeedAccount { id, partition, apps, streams, roles, policies } = seed;
        let known = self.world.known_account(id);
        if known.is_none_or(|account| account.partition != *partition) {
            self.world.set_partition(id, partition);
        }
        for arn in policies {
            self.policy(id, arn);
        }
        for stream in streams {
            self.stream(id, stream);
        }
        for app in apps {
            self.app(id, app);
        }
        for role in roles {
            self.role(id, role);
        }
    }

    /// Whether to make a thing now; it is noted as seeded in any case.
    fn is_due(&mut self, arn: &str, exists: bool) -> bool {
        let due = self.world.mark_seeded(arn) && !exists;
        if due {
            self.report.created.push(arn.to_owned());
        }
        due
    }

    fn app(&mut self, account: &str, seed: &SeedApp) {
        let SeedApp { region, id, name } = seed;
        let arn = pinpoint::app_arn(self.world, account, region, id);
        let apps = self.world.account(account).regional.apps(region);
        if !self.is_due(&arn, apps.contains_key(id)) {
            return;
        }
        let app = PinpointAppView {
            id: id.clone(),
            arn,
            name: name.clone(),
            creation_date: self.world.now().to_string(),
            ..PinpointAppView::default()
        };
        self.world.change_region(account, region, Kind::Pinpoint, Some(id), |regional| {
            regional.put_app(region, app);
        });
    }

    fn stream(&mut self, account: &str, seed: &SeedStream) {
        let SeedStream { arn, kms_key } = seed;
        let (region, name) = (arn.region().to_string(), arn.name());
        let created = self.world.now().to_string();
        let regional = &self.world.account(account).regional;
        match arn.service() {
            StreamService::Kinesis => {
                let exists = regional.streams(&region).contains_key(name);
                if self.is_due(&arn.to_string(), exists) {
                    let stream = kinesis_stream(account, arn, kms_key.clone(), created);
                    self.world.change_region(account, &region, Kind::Kinesis, None, |regional| {
                        regional.put_stream(&region, stream);
                    });
                }
            }
            StreamService::Firehose => {
                let exists = regional.delivery_streams(&region).contains_key(name);
                if self.is_due(&arn.to_string(), exists) {
                    let stream = delivery_stream(arn, created);
                    self.world.change_region(account, &region, Kind::Firehose, None, |regional| {
                        regional.put_delivery_stream(&region, stream);
                    });
                    let keys = Kind::DeliveryStreamKeys;
                    self.world.change_region(account, &region, keys, None, |regional| {
                        regional.set_delivery_stream_key(&region, name, kms_key.as_deref());
                    });
                }
            }
        }
    }

    fn role(&mut self, account: &str, seed: &SeedRole) {
        let SeedRole { arn, trust_json, inline } = seed;
        let name = arn.name.as_str();
        let exists = self.world.account(account).role(name).is_some();
        if !self.is_due(&arn.to_string(), exists) {
            return;
        }
        let now = self.world.now();
        let role = Role {
            name: name.to_owned(),
            path: arn.path.as_str().to_owned(),
            id: self.world.ids.iam("AROA"),
            arn: arn.to_string(),
            created: now,
            trust: trust_json.clone(),
            description: None,
            max_session: 3600,
            boundary: None,
            tags: BTreeMap::new(),
            inline: inline.iter().cloned().collect(),
            attached: BTreeSet::new(),
            last_used: None,
            // Seeded roles have been there for long: Pinpoint knows them.
            changed: jiff::Timestamp::UNIX_EPOCH,
        };
        self.world.put_role(account, role);
    }

    fn policy(&mut self, account: &str, arn: &PolicyArn) {
        let arn = arn.as_str();
        let exists = self.world.account(account).policies.contains_key(arn);
        if !self.is_due(arn, exists) {
            return;
        }
        let (path, name) =
            arn.split_once(":policy/").map_or(("", arn), |(_, rest)| rest.rsplit_once('/').unwrap_or(("", rest)));
        let policy = ManagedPolicy {
            name: name.to_owned(),
            path: if path.is_empty() { "/".to_owned() } else { format!("/{path}/") },
            id: self.world.ids.iam("ANPA"),
            arn: arn.to_owned(),
            created: self.world.now(),
            description: None,
            document: ALLOW_ALL.to_owned(),
        };
        self.world.put_policy(account, policy);
    }
}

const ALLOW_ALL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn kinesis_stream(account: &str, arn: &StreamArn, kms_key: Option<String>, created: String) -> StreamView {
    StreamView {
        name: arn.name().to_owned(),
        arn: arn.to_string(),
        status: "ACTIVE".to_owned(),
        stream_mode: "PROVISIONED".to_owned(),
        shards: vec![ShardView {
            shard_id: "shardId-000000000000".to_owned(),
            starting_hash_key: "0".to_owned(),
            ending_hash_key: u128::MAX.to_string(),
            parent_shard_id: None,
            adjacent_parent_shard_id: None,
            closed: false,
        }],
        retention_period_hours: 24,
        encryption_type: if kms_key.is_some() { "KMS" } else { "NONE" }.to_owned(),
        key_id: kms_key,
        tags: Default::default(),
        consumers: Vec::new(),
        created_timestamp: Some(created),
        account_id: account.to_owned(),
        enhanced_monitoring: Vec::new(),
        resource_policy: None,
        max_record_size_in_ki_b: None,
        next_sequence_per_shard: Default::default(),
    }
}

fn delivery_stream(arn: &StreamArn, created: String) -> DeliveryStreamView {
    DeliveryStreamView {
        name: arn.name().to_owned(),
        arn: arn.to_string(),
        status: "ACTIVE".to_owned(),
        destination_type: "DirectPut".to_owned(),
        destination_id: "destinationId-000000000001".to_owned(),
        created_timestamp: Some(created),
        tags: Default::default(),
        encryption_status: "DISABLED".to_owned(),
        version_id: "1".to_owned(),
    }
}
