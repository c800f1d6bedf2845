//! Applies a seed to a world.
use super::{Seed, SeedAccount, SeedApp, SeedEventStream, SeedPolicy, SeedReport, SeedRole, SeedStream};
use crate::world::iam::{InstanceProfile, ManagedPolicy, Role};
use crate::world::regional::Kind;
use crate::world::sources::{Aggregator, Analyzer, Recorder};
use crate::world::{Member, World};
use pinpoint_streams_model::arn::{PolicyArn, RoleArn, StreamArn, StreamService};
use winterbaume_firehose::views::DeliveryStreamView;
use winterbaume_kinesis::views::{ShardView, StreamView};
use winterbaume_pinpoint::views::{EventStreamView, PinpointAppView};

/// Creates the resources that do not exist and were never seeded.
pub(crate) fn apply(world: &mut World, seed: &Seed) -> SeedReport {
    let mut seeder = Seeder { world, report: SeedReport::default() };
    for account in &seed.accounts {
        seeder.account(account);
    }
    seeder.report
}

struct Seeder<'a> {
    world: &'a mut World,
    report: SeedReport,
}

impl Seeder<'_> {
    fn account(&mut self, seed: &SeedAccount) {
        let SeedAccount {
            id,
            partition,
            apps,
            streams,
            roles,
            policies,
            managed_policies,
            event_streams,
            organization,
            config,
            aggregators,
            analyzers,
            others,
        } = seed;
        let known = self.world.known_account(id);
        if known.is_none_or(|account| account.partition != *partition) {
            self.world.set_partition(id, partition);
        }
        for arn in policies {
            self.policy(id, arn, ALLOW_ALL);
        }
        for SeedPolicy { arn, document } in managed_policies {
            self.policy(id, arn, document);
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
        for stream in event_streams {
            self.event_stream(id, stream);
        }
        self.organization(id, organization);
        self.sources(id, config, aggregators, analyzers);
        for other in others {
            if self.is_due(&format!("other/{id}/{}", other.key()), false) {
                self.world.put_other(id, other.clone());
            }
        }
    }

    fn sources(
        &mut self,
        account: &str,
        recorders: &[Recorder],
        aggregators: &[Aggregator],
        analyzers: &[Analyzer],
    ) {
        for recorder in recorders {
            if self.is_due(&format!("config/{account}/{}", recorder.region), false) {
                self.world.put_recorder(account, recorder.clone());
            }
        }
        for aggregator in aggregators {
            let Aggregator { region, name } = aggregator;
            if self.is_due(&format!("aggregator/{account}/{region}/{name}"), false) {
                self.world.put_aggregator(account, aggregator.clone());
            }
        }
        for analyzer in analyzers {
            let Analyzer { region, name, unused_access_age: _ } = analyzer;
            if self.is_due(&format!("analyzer/{account}/{region}/{name}"), false) {
                self.world.put_analyzer(account, analyzer.clone());
            }
        }
    }

    /// Whether to create a resource now. It is marked as seeded in either case.
    fn is_due(&mut self, arn: &str, exists: bool) -> bool {
        let due = self.world.mark_seeded(arn) && !exists;
        if due {
            self.report.created.push(arn.to_owned());
        }
        due
    }

    fn app(&mut self, account: &str, seed: &SeedApp) {
        let SeedApp { region, id, name } = seed;
        let arn = self.world.app_arn(account, region, id);
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
        let SeedStream { arn, kms_key, created } = seed;
        let (region, name) = (arn.region().to_string(), arn.name());
        let created = created.unwrap_or_else(|| self.world.now()).to_string();
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
        let SeedRole {
            arn,
            trust_json,
            inline,
            attached,
            instance_profiles,
            boundary,
            description,
            tags,
            created,
            last_used,
            template,
            stack,
        } = seed;
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
            created: created.unwrap_or(now),
            trust: trust_json.clone(),
            description: description.clone(),
            max_session: 3600,
            boundary: boundary.as_ref().map(ToString::to_string),
            tags: tags.clone(),
            inline: inline.iter().cloned().collect(),
            attached: attached.iter().map(ToString::to_string).collect(),
            last_used: last_used.clone(),
            template: template.clone(),
            stack: stack.clone(),
            // Seeded roles have propagated.
            changed: jiff::Timestamp::UNIX_EPOCH,
        };
        self.world.put_role(account, role);
        for profile in instance_profiles {
            self.profile(account, arn, profile);
        }
    }

    fn profile(&mut self, account: &str, role: &RoleArn, name: &str) {
        let arn = format!("arn:{}:iam::{account}:instance-profile/{name}", role.partition);
        let exists = self.world.account(account).profiles.contains_key(&name.to_ascii_lowercase());
        if !self.is_due(&arn, exists) {
            return;
        }
        let profile = InstanceProfile {
            arn,
            id: self.world.ids.iam("AIPA"),
            name: name.to_owned(),
            path: "/".to_owned(),
            created: self.world.now(),
            role: Some(role.name.to_string()),
        };
        self.world.put_profile(account, profile);
    }

    fn event_stream(&mut self, account: &str, seed: &SeedEventStream) {
        let SeedEventStream { region, app, destination, role } = seed;
        let arn = format!("{}/eventstream", self.world.app_arn(account, region, app));
        let Some(mut held) = self.world.account(account).regional.apps(region).remove(app) else { return };
        if !self.is_due(&arn, held.event_stream.is_some()) {
            return;
        }
        held.event_stream = Some(EventStreamView {
            application_id: app.clone(),
            destination_stream_arn: destination.clone(),
            role_arn: role.clone(),
            last_modified_date: self.world.now().to_string(),
        });
        self.world.change_region(account, region, Kind::Pinpoint, Some(app), |regional| {
            regional.put_app(region, held);
        });
    }

    fn organization(&mut self, account: &str, members: &[Member]) {
        let exists = !self.world.account(account).members.is_empty();
        if !members.is_empty() && self.is_due(&format!("organization/{account}"), exists) {
            self.world.set_members(account, members.to_vec());
        }
    }

    fn policy(&mut self, account: &str, arn: &PolicyArn, document: &str) {
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
            document: document.to_owned(),
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
