//! The cloud and the record around a manifest: what it presumes to be there, and how both look after an apply.
use crate::clock::START;
use crate::cloud::FakeCloud;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::{AppIdentity, Desired, DesiredApp, DesiredRole, RoleRef, TrustScope};
use pinpoint_streams_model::ids::{AccountId, AppKey, Lineage, RoleKey, Serial};
use pinpoint_streams_model::live::{LiveApp, LiveRole, LiveStream};
use pinpoint_streams_model::ownership::{self, Origin, Tags};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::{
    AppRecord, EventStreamRecord, Object, Recorded, Resource, Resources, RoleRecord,
};
use pinpoint_streams_model::role_kind::RoleKind;
use std::collections::{BTreeMap, BTreeSet};

/// The lineage of everything that is made here as if an apply had made it.
pub fn lineage() -> Lineage {
    crate::parsed("1f0c9a52-6f43-4c1b-8d57-3f2b0c3e7a10")
}

impl FakeCloud {
    /// A cloud with all that the manifest takes to be there, and nothing that it asks for: accounts, apps given by
    /// id, streams, permissions boundaries, and roles managed elsewhere, which do what is needed of them.
    pub fn presumed_by(desired: &Desired) -> FakeCloud {
        let cloud = FakeCloud::new();
        cloud.presume(desired);
        cloud
    }

    /// Adds what the manifest takes to be there and is not there yet.
    pub fn presume(&self, desired: &Desired) {
        let before = self.snapshot();
        desired.accounts.values().for_each(|account| self.add_account(account));
        let mut elsewhere: BTreeMap<&RoleArn, (BTreeSet<_>, BTreeSet<_>)> = BTreeMap::new();
        for (key, app) in &desired.apps {
            if let AppIdentity::Existing(id) = &app.identity {
                let arn = arn_of(app, id);
                if !before.apps.contains_key(&arn) {
                    self.add_app_as(&arn, key.as_str());
                }
            }
            let Some(stream) = &app.event_stream else { continue };
            let customer_key = stream.target.kms_key.as_ref().map(ToString::to_string);
            let live = LiveStream { active: true, status: "ACTIVE".to_owned(), direct_put: true, customer_key };
            self.add_stream_as(&stream.target.arn, live);
            if let RoleRef::Elsewhere(arn) = &stream.role {
                let (sources, targets) = elsewhere.entry(arn).or_default();
                sources.insert(AppArn::with_id(&app.region, &app.account, "*"));
                targets.insert(stream.target.clone());
            }
        }
        for (arn, (sources, targets)) in elsewhere {
            let kind = RoleKind::for_event_streams();
            let (trust, permissions) =
                (kind.trust_policy(&arn.account, sources), kind.permissions(&targets.into_iter().collect()));
            if !before.roles.contains_key(arn) {
                self.add_role_with_policy(arn, &trust, &crate::parsed("elsewhere"), &permissions);
            }
        }
        for boundary in desired.roles.values().filter_map(|role| role.permissions_boundary.as_ref()) {
            let anything =
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
            self.add_policy(boundary, anything);
        }
    }

    /// A cloud as an apply of this manifest leaves it, settled and with an empty log; and what is then recorded.
    pub fn applied(desired: &Desired) -> (FakeCloud, Recorded) {
        let cloud = FakeCloud::presumed_by(desired);
        let apps: BTreeMap<&AppKey, AppArn> = desired
            .apps
            .iter()
            .map(|(key, app)| {
                let arn = match &app.identity {
                    AppIdentity::Existing(id) => arn_of(app, id),
                    AppIdentity::Owned { name, tags } => {
                        let arn = cloud.add_app(&app.account, &app.region, name);
                        let tags = owned(tags, desired, &Address::App(key.clone()));
                        tags.iter().for_each(|(key, value)| cloud.outside().tag_app(&arn, key, value));
                        arn
                    }
                };
                (key, arn)
            })
            .collect();
        for (key, role) in &desired.roles {
            let (trust, permissions) = documents(role, &apps);
            let arn = role_arn(key, role);
            cloud.add_role_with_policy(&arn, &trust, &role.policy_name, &permissions);
            let hand = cloud.outside();
            hand.update_role(&arn, &role.description, role.max_session_duration);
            hand.set_boundary(&arn, role.permissions_boundary.as_ref());
            let tags = owned(&role.tags, desired, &Address::Role(key.clone()));
            tags.iter().for_each(|(key, value)| hand.tag_role(&arn, key, value));
        }
        for (key, app) in &desired.apps {
            let Some(stream) = &app.event_stream else { continue };
            let role = match &stream.role {
                RoleRef::Managed(key) => role_arn(key, &desired.roles[key]),
                RoleRef::Elsewhere(arn) => arn.clone(),
            };
            cloud.outside().put_event_stream(&apps[key], &stream.target.arn, &role);
        }
        let recorded = recorded_from(desired, &cloud);
        (cloud, recorded)
    }
}

/// What would be recorded if an apply of this manifest had just left the cloud as it is: whatever of it is there.
/// Created apps are known by their tags, roles by their names.
pub fn recorded_from(desired: &Desired, cloud: &FakeCloud) -> Recorded {
    let snapshot = cloud.snapshot();
    let mut resources = Resources::default();
    let mut record = |address: Address, account: &AccountId, protect: bool, object: Object| {
        let resource = Resource {
            account: account.clone(),
            origin: Origin::Created,
            protect,
            named_under: address.key().unwrap_or_default().to_owned(),
            changed_at: START,
            object,
        };
        resources.insert(address, resource);
    };
    for (key, role) in &desired.roles {
        if let Some(live) = snapshot.roles.get(&role_arn(key, role)) {
            let mut role_record = role_record(live);
            role_record.inline_policies.retain(|name, _| *name == role.policy_name);
            record(Address::Role(key.clone()), &role.account, role.protect, Object::Role(role_record));
        }
    }
    for (key, app) in &desired.apps {
        let address = Address::App(key.clone());
        let arn = match &app.identity {
            AppIdentity::Existing(id) => Some(arn_of(app, id)),
            AppIdentity::Owned { .. } => {
                snapshot.apps.iter().find(|(_, live)| bears(live, &address)).map(|(arn, _)| arn.clone())
            }
        };
        let Some(arn) = arn else { continue };
        if let (AppIdentity::Owned { .. }, Some(live)) = (&app.identity, snapshot.apps.get(&arn)) {
            let LiveApp { id, name, tags } = live.clone();
            let app_record = AppRecord { region: arn.region.clone(), id, name, tags: tags.unwrap_or_default() };
            record(address, &app.account, app.protect, Object::App(app_record));
        }
        let Some(live) = snapshot.event_streams.get(&arn).filter(|_| app.event_stream.is_some()) else { continue };
        if let (Ok(destination), Ok(role_arn)) = (live.destination.parse(), live.role_arn.parse()) {
            let AppArn { region, account, id: app_id } = arn;
            let stream = EventStreamRecord { region, app_id, destination, role_arn };
            record(Address::EventStream(key.clone()), &account, app.protect, Object::EventStream(stream));
        }
    }
    let used = |id: &AccountId| desired.apps.values().any(|app| app.account == *id);
    let accounts = desired.accounts.iter().filter(|(_, id)| used(id));
    Recorded {
        lineage: Some(lineage()),
        serial: Serial(1),
        accounts: accounts.map(|(alias, id)| (alias.clone(), id.clone())).collect(),
        resources,
        pending: Vec::new(),
        quarantined: BTreeMap::new(),
    }
}

/// Takes the ownership tags off everything, as if somebody else had made it.
pub fn without_ownership_tags(cloud: &FakeCloud) {
    let (outside, snapshot) = (cloud.outside(), cloud.snapshot());
    let is_ours = |key: &&String| key.starts_with(ownership::PREFIX);
    for (arn, role) in &snapshot.roles {
        role.tags.keys().filter(is_ours).for_each(|key| outside.untag_role(arn, key));
    }
    for (arn, app) in &snapshot.apps {
        let keys = app.tags.iter().flat_map(|tags| tags.keys());
        keys.filter(is_ours).for_each(|key| outside.untag_app(arn, key));
    }
}

fn arn_of(app: &DesiredApp, id: &pinpoint_streams_model::ids::AppId) -> AppArn {
    AppArn::of(&app.account, &app.region, id)
}

fn role_arn(key: &RoleKey, role: &DesiredRole) -> RoleArn {
    role.arn_under(key).unwrap_or_else(|error| panic!("the test is wrong: {error}"))
}

fn documents(role: &DesiredRole, apps: &BTreeMap<&AppKey, AppArn>) -> (Document, Document) {
    let sources = role.apps.iter().filter_map(|key| apps.get(key)).map(|app| match role.trust {
        TrustScope::Apps => app.to_string(),
        TrustScope::Region => AppArn::with_id(&app.region, &app.account, "*"),
    });
    (role.kind.trust_policy(&role.account, sources), role.kind.permissions(&role.targets))
}

fn owned(declared: &Tags, desired: &Desired, address: &Address) -> Tags {
    let mut tags = declared.clone();
    tags.extend(ownership::tags(&desired.workspace, &lineage(), address, Origin::Created));
    tags
}

fn bears(app: &LiveApp, address: &Address) -> bool {
    let tagged = app.tags.as_ref().and_then(|tags| tags.get(ownership::ADDRESS));
    tagged.is_some_and(|tag| *tag == address.to_string())
}

/// The role as a state records it.
pub(crate) fn role_record(live: &LiveRole) -> RoleRecord {
    RoleRecord {
        arn: live.arn.clone(),
        id: live.id.clone(),
        trust_policy: live.trust_policy.clone(),
        inline_policies: live.inline_policies.clone(),
        description: live.description.clone(),
        max_session_duration: live.max_session_duration,
        permissions_boundary: live.permissions_boundary.clone(),
        tags: live.tags.clone(),
    }
}
