//! Resources as entries: what follows from other entries is left out.
use super::{Policy, RoleUsers, StateEntry, StateIdentity, own_event_stream, own_role};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::PolicyName;
use pinpoint_streams_model::live::DEFAULT_SESSION_DURATION;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::{AppRecord, EventStreamRecord, Object, Resource, Resources, RoleRecord};
use pinpoint_streams_model::sorted_map::SortedMap;
use serde::{Serialize, Serializer};

/// Writes the resources of a state as [`StateEntry`].
pub(in super::super) struct ResourcesToWrite<'a> {
    pub(in super::super) identity: StateIdentity<'a>,
    pub(in super::super) resources: &'a Resources,
}

impl Serialize for ResourcesToWrite<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(self.resources.iter().map(|(address, resource)| (address, self.entry(address, resource))))
    }
}

impl ResourcesToWrite<'_> {
    fn entry(&self, address: &Address, resource: &Resource) -> StateEntry {
        let Resource { account, origin, protect, named_under, changed_at, object } = resource;
        let (implied, mut entry) = match object {
            Object::App(app) => (None, self.app(app)),
            Object::Role(role) => (Some(&role.arn.account), self.role(address, role)),
            Object::EventStream(stream) => {
                (Some(stream.destination.account()), self.event_stream(address, stream))
            }
        };
        let ownership = self.identity.tags(address, *origin);
        let ownership_tags = ownership.iter().all(|(key, value)| entry.tags.get(key) == Some(value));
        if ownership_tags {
            entry.tags.retain(|key, _| !ownership.contains_key(key));
        }
        StateEntry {
            account: (Some(account) != implied).then(|| account.clone()),
            origin: Some(*origin),
            protect: *protect,
            named_under: (address.key() != Some(named_under)).then(|| named_under.clone()),
            changed_at: Some(*changed_at),
            kind: Some(object.kind()).filter(|kind| *kind != address.kind()),
            ownership_tags,
            ..entry
        }
    }

    fn app(&self, app: &AppRecord) -> StateEntry {
        let AppRecord { region, id, name, tags } = app.clone();
        StateEntry {
            region: Some(region),
            id: Some(id.to_string()),
            name: Some(name),
            tags,
            ..StateEntry::default()
        }
    }

    fn role(&self, address: &Address, role: &RoleRecord) -> StateEntry {
        let RoleRecord { arn, id, trust_policy, inline_policies, description, .. } = role;
        let (mut users, mut keys) = (RoleUsers::default(), Vec::new());
        for (address, resource) in self.resources.event_streams_on(arn) {
            if let (Address::EventStream(key), Object::EventStream(stream)) = (address, &resource.object) {
                users.add(&resource.account, stream);
                keys.push(key.clone());
            }
        }
        let inline = |(name, policy): (&PolicyName, &Document)| {
            (name.clone(), Policy::of(policy, |kind| *policy == users.permissions(*kind)))
        };
        let trust_policy = Policy::of(trust_policy, |kind| *trust_policy == users.trust_policy(*kind, arn));
        let inline_policies: SortedMap<_, _> = inline_policies.iter().map(inline).collect();
        let is_referred = [&trust_policy].into_iter().chain(inline_policies.values()).any(Policy::is_of_kind);
        let is_own = own_event_stream(address).is_some_and(|own| keys == [own]);
        StateEntry {
            arn: Some(arn.clone()),
            id: Some(id.to_string()),
            event_streams: Some(keys).filter(|_| is_referred && !is_own),
            trust_policy: Some(trust_policy),
            inline_policies: Some(inline_policies),
            description: Some(description.clone()),
            max_session_duration: Some(role.max_session_duration)
                .filter(|seconds| *seconds != DEFAULT_SESSION_DURATION),
            permissions_boundary: role.permissions_boundary.clone().map(Box::new),
            tags: role.tags.clone(),
            ..StateEntry::default()
        }
    }

    fn event_stream(&self, address: &Address, stream: &EventStreamRecord) -> StateEntry {
        let EventStreamRecord { region, app_id, destination, role_arn } = stream;
        let own_role = own_role(address).and_then(|role| self.resources.get(&role)?.object.as_role());
        StateEntry {
            region: Some(region).filter(|region| *region != destination.region()).cloned(),
            app_id: Some(app_id.clone()),
            destination: Some(destination.clone()),
            role_arn: Some(role_arn)
                .filter(|arn| own_role.is_none_or(|role| role.arn != **arn))
                .cloned()
                .map(Box::new),
            ..StateEntry::default()
        }
    }
}
