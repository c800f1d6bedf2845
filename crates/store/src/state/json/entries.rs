//! The resources of a state as they are written since format 4: what follows from other entries is left out, since a
//! workspace may have thousands of roles.
//!
//! | what is written | what it means |
//! | --- | --- |
//! | no `kind` | that of the address |
//! | no `account` | that of a role's ARN, or of an event stream's destination |
//! | no `named_under` | the key of the address |
//! | no `region` of an event stream | that of its destination |
//! | no `role_arn` of an event stream | that of the role with the same key |
//! | no `max_session_duration` | 3600 |
//! | `"trust_policy": "KIND"` | the trust policy that roles of the kind have for the apps of `event_streams` |
//! | `"KIND"` as inline policy | the permissions that roles of the kind have for the destinations of `event_streams`, without KMS keys |
//! | no `event_streams` beside these | the event stream with the same key |
//! | `"ownership_tags": true` | the four ownership tags, beside `tags` |
//!
//! The policies of a kind are spelled as the kind spells them. They are part of the format: a new kind, or other policies of
//! one, need a new format.
use jiff::Timestamp;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, AppKey, Lineage, PolicyName, Workspace};
use pinpoint_streams_model::ownership::{self, Origin, Tags};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::{AppRecord, EventStreamRecord, Object, Resource, Resources, RoleRecord};
use pinpoint_streams_model::region::Region;
use pinpoint_streams_model::role_kind::{RoleKind, StreamTarget};
use pinpoint_streams_model::sorted_map::SortedMap;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// In seconds. Source: IAM API reference, CreateRole (the default).
const USUAL_SESSION: u32 = 3600;

/// One resource, with the fields of all kinds: of an app, a role or an event stream.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StateEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    origin: Option<Origin>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    named_under: Option<String>,
    changed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<RoleArn>,
    /// Of an app or a role.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_streams: Option<Vec<AppKey>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust_policy: Option<Policy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inline_policies: Option<SortedMap<PolicyName, Policy>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_session_duration: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<PolicyArn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<AppId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<StreamArn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<RoleArn>,
    #[serde(skip_serializing_if = "is_empty")]
    tags: Tags,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    ownership_tags: bool,
}

fn is_empty(tags: &Tags) -> bool {
    tags.is_empty()
}

#[derive(Debug)]
enum Policy {
    /// That of roles of this kind.
    OfKind(RoleKind),
    Document(Document),
}

impl Policy {
    fn of(document: &Document, is_of: impl FnMut(&RoleKind) -> bool) -> Policy {
        match RoleKind::all().find(is_of) {
            Some(kind) => Policy::OfKind(kind),
            None => Policy::Document(document.clone()),
        }
    }

    fn is_of_kind(&self) -> bool {
        matches!(self, Policy::OfKind(_))
    }

    fn document(self, of_kind: impl FnOnce(RoleKind) -> Document) -> Document {
        match self {
            Policy::OfKind(kind) => of_kind(kind),
            Policy::Document(document) => document,
        }
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Policy::OfKind(kind) => kind.serialize(serializer),
            Policy::Document(document) => document.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Policy, D::Error> {
        struct PolicyVisitor;

        impl<'de> Visitor<'de> for PolicyVisitor {
            type Value = Policy;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a policy or a kind of role")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Policy, E> {
                let kind = RoleKind::all().find(|kind| kind.name() == name);
                kind.map(Policy::OfKind).ok_or_else(|| E::custom(format!("there is no kind of role `{name}`")))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Policy, A::Error> {
                Document::deserialize(MapAccessDeserializer::new(map)).map(Policy::Document)
            }
        }

        deserializer.deserialize_any(PolicyVisitor)
    }
}

/// The entries of a state, in the order of the file. A map would double the peak memory.
#[derive(Debug)]
pub(super) struct Entries(Vec<(Address, Box<StateEntry>)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entries, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("resources by address")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let (mut entries, mut addresses) = (Vec::new(), BTreeSet::new());
                while let Some((address, entry)) = map.next_entry::<Address, _>()? {
                    if !addresses.insert(address.clone()) {
                        return Err(A::Error::custom(format!("`{address}` occurs twice")));
                    }
                    entries.push((address, entry));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// What ownership tags name beside the address and origin.
#[derive(Clone, Copy)]
pub(super) struct StateIdentity<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) lineage: &'a Lineage,
}

impl StateIdentity<'_> {
    fn tags(&self, address: &Address, origin: Origin) -> Tags {
        ownership::tags(self.workspace, self.lineage, address, origin)
    }
}

/// The role with the key of an event stream.
fn own_role(address: &Address) -> Option<Address> {
    match address {
        Address::EventStream(key) => Some(Address::Role(key.clone().into())),
        Address::App(_) | Address::Role(_) | Address::Undeclared(_) => None,
    }
}

/// What a role's policies follow from: the event streams that use it, most often one.
#[derive(Default)]
struct RoleUsers {
    apps: Vec<AppArn>,
    targets: Vec<StreamTarget>,
}

impl RoleUsers {
    fn add(&mut self, account: &AccountId, event_stream: &EventStreamRecord) {
        self.apps.push(event_stream.app(account));
        self.targets.push(StreamTarget { arn: event_stream.destination.clone(), kms_key: None });
    }

    fn trust_policy(&self, kind: RoleKind, role: &RoleArn) -> Document {
        kind.trust_policy(&role.account, self.apps.iter().map(ToString::to_string))
    }

    fn permissions(&self, kind: RoleKind) -> Document {
        kind.permissions(&self.targets.iter().cloned().collect())
    }
}

/// The event stream with the key of a role.
fn own_event_stream(address: &Address) -> Option<AppKey> {
    match address {
        Address::Role(key) => key.as_str().parse().ok(),
        Address::App(_) | Address::EventStream(_) | Address::Undeclared(_) => None,
    }
}

/// Writes the resources of a state as [`StateEntry`].
pub(super) struct ResourcesToWrite<'a> {
    pub(super) identity: StateIdentity<'a>,
    pub(super) resources: &'a Resources,
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
            max_session_duration: Some(role.max_session_duration).filter(|seconds| *seconds != USUAL_SESSION),
            permissions_boundary: role.permissions_boundary.clone(),
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
            role_arn: Some(role_arn).filter(|arn| own_role.is_none_or(|role| role.arn != **arn)).cloned(),
            ..StateEntry::default()
        }
    }
}

/// Why an entry is not a resource, for people.
type Invalid = String;

/// The resources that these entries stand for.
pub(super) fn resources(Entries(entries): Entries, identity: StateIdentity<'_>) -> Result<Resources, Invalid> {
    let role_arn = |(address, entry): &(Address, Box<StateEntry>)| Some((address.clone(), entry.arn.clone()?));
    let role_arns = entries.iter().filter_map(role_arn).collect();
    let mut reader = EntryReader { identity, role_arns, event_streams: BTreeMap::new() };
    let (event_streams, others): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(address, entry)| entry.kind(address) == Kind::EventStream);
    for (address, entry) in event_streams {
        let resource = reader.event_stream(&address, *entry)?;
        reader.event_streams.insert(address, resource);
    }
    let others = others.into_iter().map(|(address, entry)| {
        let resource = match entry.kind(&address) {
            Kind::Role => reader.role(&address, *entry)?,
            Kind::App | Kind::EventStream => reader.app(&address, *entry)?,
        };
        Ok((address, resource))
    });
    let others: Vec<_> = others.collect::<Result<_, Invalid>>()?;
    Ok(others.into_iter().chain(reader.event_streams).collect())
}

impl StateEntry {
    fn kind(&self, address: &Address) -> Kind {
        self.kind.unwrap_or(address.kind())
    }
}

struct EntryReader<'a> {
    identity: StateIdentity<'a>,
    role_arns: BTreeMap<Address, RoleArn>,
    event_streams: BTreeMap<Address, Resource>,
}

impl EntryReader<'_> {
    fn app(&self, address: &Address, mut entry: StateEntry) -> Result<Resource, Invalid> {
        let object = Object::App(AppRecord {
            tags: self.tags(address, &mut entry)?,
            region: required(address, "region", entry.region.take())?,
            id: parsed(address, "id", entry.id.take())?,
            name: required(address, "name", entry.name.take())?,
        });
        resource(address, entry, None, object)
    }

    fn role(&self, address: &Address, mut entry: StateEntry) -> Result<Resource, Invalid> {
        let arn = required(address, "arn", entry.arn.take())?;
        let inline = required(address, "inline_policies", entry.inline_policies.take())?;
        let trust_policy = required(address, "trust_policy", entry.trust_policy.take())?;
        let users = match [&trust_policy].into_iter().chain(inline.values()).any(Policy::is_of_kind) {
            true => self.users(address, entry.event_streams.take())?,
            false => RoleUsers::default(),
        };
        let object = Object::Role(RoleRecord {
            id: parsed(address, "id", entry.id.take())?,
            trust_policy: trust_policy.document(|kind| users.trust_policy(kind, &arn)),
            inline_policies: inline
                .into_iter()
                .map(|(name, policy)| (name, policy.document(|kind| users.permissions(kind))))
                .collect(),
            description: required(address, "description", entry.description.take())?,
            max_session_duration: entry.max_session_duration.unwrap_or(USUAL_SESSION),
            permissions_boundary: entry.permissions_boundary.take(),
            tags: self.tags(address, &mut entry)?,
            arn: arn.clone(),
        });
        resource(address, entry, Some(arn.account), object)
    }

    /// The event streams that the policies of a role follow from: these, or that with the key of the role.
    fn users(&self, role: &Address, keys: Option<Vec<AppKey>>) -> Result<RoleUsers, Invalid> {
        let mut users = RoleUsers::default();
        for key in keys.unwrap_or_else(|| own_event_stream(role).into_iter().collect()) {
            let address = Address::EventStream(key);
            let resource = self.event_streams.get(&address);
            let stream =
                resource.and_then(|resource| Some((&resource.account, resource.object.as_event_stream()?)));
            let (account, stream) =
                stream.ok_or_else(|| format!("the policies of {role} refer to {address}, which is not there"))?;
            users.add(account, stream);
        }
        Ok(users)
    }

    fn event_stream(&self, address: &Address, mut entry: StateEntry) -> Result<Resource, Invalid> {
        let destination = required(address, "destination", entry.destination.take())?;
        let own_role = || self.role_arns.get(&own_role(address)?).cloned();
        let account = destination.account().clone();
        let object = Object::EventStream(EventStreamRecord {
            region: entry.region.take().unwrap_or_else(|| destination.region().clone()),
            app_id: required(address, "app_id", entry.app_id.take())?,
            role_arn: required(address, "role_arn", entry.role_arn.take().or_else(own_role))?,
            destination,
        });
        resource(address, entry, Some(account), object)
    }

    fn tags(&self, address: &Address, entry: &mut StateEntry) -> Result<Tags, Invalid> {
        let mut tags = std::mem::take(&mut entry.tags);
        if entry.ownership_tags {
            tags.extend(self.identity.tags(address, required(address, "origin", entry.origin)?));
        }
        Ok(tags)
    }
}

fn required<T>(address: &Address, field: &str, value: Option<T>) -> Result<T, Invalid> {
    value.ok_or_else(|| format!("{address} has no `{field}`"))
}

fn parsed<T>(address: &Address, field: &str, text: Option<String>) -> Result<T, Invalid>
where
    T: FromStr<Err: fmt::Display>,
{
    required(address, field, text)?.parse().map_err(|error| format!("`{field}` of {address}: {error}"))
}

fn resource(
    address: &Address,
    entry: StateEntry,
    implied: Option<AccountId>,
    object: Object,
) -> Result<Resource, Invalid> {
    let StateEntry { account, origin, protect, named_under, changed_at, .. } = entry;
    Ok(Resource {
        account: required(address, "account", account.or(implied))?,
        origin: required(address, "origin", origin)?,
        protect,
        named_under: required(address, "named_under", named_under.or_else(|| address.key().map(str::to_owned)))?,
        changed_at: required(address, "changed_at", changed_at)?,
        object,
    })
}
