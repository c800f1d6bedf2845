//! What years with Pinpoint leave in an account, as plain data: roles with what becomes of them in a sweep, apps
//! with and without event streams, streams. A fake cloud is planted with it; a sandbox can be seeded from it.
//! The account of two hundred roles is in `account`.
mod account;

pub use account::two_hundred_roles;

use crate::FakeCloud;
use crate::applied::role_record;
use crate::clock::START;
use jiff::Timestamp;
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, PolicyName};
use pinpoint_streams_model::live::LastUsed;
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::RoleRecord;
use pinpoint_streams_model::region::Region;
use pinpoint_streams_model::role_kind::Purpose;
use pinpoint_streams_model::sweep::{SweepAction, SweepOptions, Verdict};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Stands in a tag's value for the role's id, which is known only once the role is made.
pub const ROLE_ID: &str = "{role_id}";

#[derive(Debug, Clone, Serialize)]
pub struct Leftovers {
    pub account: AccountId,
    pub roles: Vec<LeftoverRole>,
    pub apps: Vec<LeftoverApp>,
    /// Its streams; what the roles may write to beside these is gone.
    pub streams: BTreeSet<StreamArn>,
    pub policies: BTreeMap<PolicyArn, String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct LeftoverRole {
    /// What kind of leftover it is: several roles are of one kind.
    pub kind: &'static str,
    /// What a sweep should say; none where it should say nothing, because the role does not trust Pinpoint.
    pub verdict: Option<Verdict>,
    /// What a sweep should take it to be for.
    pub purpose: Purpose,
    pub arn: RoleArn,
    pub trust: String,
    pub inline: BTreeMap<PolicyName, String>,
    pub attached: BTreeSet<PolicyArn>,
    pub instance_profile: Option<String>,
    pub boundary: Option<PolicyArn>,
    pub description: String,
    /// Its tags; [`ROLE_ID`] stands for its id.
    pub tags: Tags,
    pub created: Timestamp,
    pub last_used: LastUsed,
    pub template: Option<String>,
    /// The CloudFormation stack that holds it, and the stack's region.
    pub stack: Option<(Region, String)>,
    pub terraform: Option<String>,
    pub recorded: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct LeftoverApp {
    pub arn: AppArn,
    pub name: String,
    /// Its event stream: destination and role.
    pub event_stream: Option<(String, String)>,
}

/// What a sweep is asked by default, of the regions that the account of two hundred roles is swept in.
pub fn asked() -> SweepOptions {
    let globs = ["ap-northeast-*", "ap-southeast-*", "eu-central-*", "eu-west-2", "us-east-2", "us-west-2"];
    SweepOptions {
        action: SweepAction::Quarantine,
        now: START,
        run: "run-2".to_owned(),
        regions: ["us-east-1", "eu-west-1", "ap-south-1"].map(crate::parsed).into(),
        unused_since: crate::parsed("2026-10-31T00:00:00Z"),
        min_age_days: 30,
        max_delete: 25,
        all_purposes: false,
        exclude: Default::default(),
        no_pinpoint_in: globs.map(str::to_owned).into(),
        event_streams_gone: Default::default(),
        no_stacks_in: Default::default(),
        allow_detach: Default::default(),
        terraform: Default::default(),
        sources: Default::default(),
        bundles: Default::default(),
    }
}

impl Leftovers {
    pub fn plant(&self, cloud: &FakeCloud) {
        let Leftovers { account, roles, apps, streams, policies } = self;
        cloud.add_account(account);
        policies.iter().for_each(|(arn, document)| cloud.add_policy(arn, document));
        streams.iter().for_each(|stream| cloud.add_stream(stream));
        roles.iter().for_each(|role| role.plant(cloud));
        for LeftoverApp { arn, name, event_stream } in apps {
            cloud.add_app_as(arn, name);
            if let Some((destination, role)) = event_stream {
                cloud.outside().put_event_stream(arn, destination, role);
            }
        }
    }

    pub fn cloud(&self) -> FakeCloud {
        let cloud = FakeCloud::new();
        self.plant(&cloud);
        cloud
    }

    pub fn terraform(&self) -> BTreeMap<String, String> {
        let named = |role: &LeftoverRole| Some((role.arn.to_string(), role.terraform.clone()?));
        self.roles.iter().filter_map(named).collect()
    }

    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a LeftoverRole> {
        self.roles.iter().filter(move |role| role.kind == kind)
    }
}

impl LeftoverRole {
    fn plant(&self, cloud: &FakeCloud) {
        let document = Document::from_json(&self.trust).unwrap_or_else(|error| panic!("{}: {error}", self.arn));
        let id = cloud.add_role(&self.arn, &document);
        let (hand, arn) = (cloud.outside(), &self.arn);
        hand.put_trust_policy(arn, &self.trust);
        self.inline.iter().for_each(|(name, text)| hand.put_inline_policy(arn, name, text));
        self.attached.iter().for_each(|policy| hand.attach_policy(arn, policy));
        self.instance_profile.iter().for_each(|profile| hand.put_in_instance_profile(arn, profile));
        hand.set_boundary(arn, self.boundary.as_ref());
        hand.update_role(arn, &self.description, 3600);
        for (key, value) in &self.tags {
            hand.tag_role(arn, key, &value.replace(ROLE_ID, id.as_str()));
        }
        cloud.set_history(arn, self.template.as_deref(), self.created, self.last_used.clone());
        if let Some((region, stack)) = &self.stack {
            cloud.put_in_stack(arn, region, stack);
        }
    }

    pub fn record(&self, cloud: &FakeCloud) -> RoleRecord {
        role_record(&cloud.snapshot().roles[&self.arn])
    }
}
