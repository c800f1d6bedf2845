//! The resources of a state as they are written. Since format 4, what follows from other entries is left out: a workspace
//! may have thousands of roles. Earlier formats leave nothing out, so they are read in the same way.
//!
//! | what is written | what it means |
//! | --- | --- |
//! | no `kind` | that of the address |
//! | no `account` | that of a role's ARN; of an event stream's destination; the only one of the state, for an app |
//! | no `named_under` | the key of the address |
//! | no `region` of an event stream | that of its destination |
//! | no `role_arn` of an event stream | that of the role with the same key |
//! | no `max_session_duration` | 3600 |
//! | `"trust_policy": "KIND"` | what roles of the kind have for the apps whose event streams are recorded on this one |
//! | `"KIND"` as inline policy | what roles of the kind have for the destinations of these, without keys |
//! | `"ownership_tags": true` | the four ownership tags, beside `tags` |
use jiff::Timestamp;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, AppId, Lineage, PolicyName, Workspace};
use pinpoint_streams_model::ownership::{self, Origin, Tags};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::{AppRecord, EventStreamRecord, Object, Resource, Resources, RoleRecord};
use pinpoint_streams_model::region::Region;
use pinpoint_streams_model::role_kind::{RoleKind, StreamTarget};
use pinpoint_streams_model::sorted_map::SortedMap;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// In seconds. Source: IAM API reference, CreateRole (the default).
const USUAL_SESSION: u32 = 3600;

/// One resource, with the fields of all kinds: of an app, a role or an event stream.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Entry {
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
    fn of(document: &Document, kinds: impl FnMut(&RoleKind) -> bool) -> Policy {
        match RoleKind::all().find(kinds) {
            Some(kind) => Policy::OfKind(kind),
            None => Policy::Document(document.clone()),
        }
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
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
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

        deserializer.deserialize_any(Reader)
    }
}

/// The entries of a state, in the order of the file. A map of them would take twice the memory, for a moment.
#[derive(Debug)]
pub(super) struct Entries(Vec<(Address, Box<Entry>)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entries, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("resources by address")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

/// What a state says beside its resources.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) lineage: &'a Lineage,
    pub(super) accounts: &'a BTreeMap<AccountAlias, AccountId>,
}

impl Owner<'_> {
    fn tags(&self, address: &Address, origin: Origin) -> Tags {
        ownership::tags(self.workspace, self.lineage, address, origin)
    }

    fn only_account(&self) -> Option<&AccountId> {
        let mut accounts = self.accounts.values();
        accounts.next().filter(|_| accounts.next().is_none())
    }
}

/// The role with the key of an event stream.
fn own_role(address: &Address) -> Option<Address> {
    match address {
        Address::EventStream(key) => Some(Address::Role(key.clone().into())),
        Address::App(_) | Address::Role(_) | Address::Undeclared(_) => None,
    }
}

/// The event streams that are recorded on a role, most often one.
#[derive(Default)]
struct Users {
    apps: Vec<AppArn>,
    targets: Vec<StreamTarget>,
}

impl Users {
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

/// Writes the resources of a state as [`Entry`].
pub(super) struct Written<'a> {
    pub(super) owner: Owner<'a>,
    pub(super) resources: &'a Resources,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.resources.iter().map(|(address, one)| (address, self.entry(address, one))))
    }
}

impl Written<'_> {
    fn entry(&self, address: &Address, resource: &Resource) -> Entry {
        let Resource { account, origin, protect, named_under, changed_at, object } = resource;
        let (implied, mut entry) = match object {
            Object::App(app) => (self.owner.only_account(), self.app(app)),
            Object::Role(role) => (Some(&role.arn.account), self.role(role)),
            Object::EventStream(stream) => {
                (Some(stream.destination.account()), self.event_stream(address, stream))
            }
        };
        let ownership = self.owner.tags(address, *origin);
        let ownership_tags = ownership.iter().all(|(key, value)| entry.tags.get(key) == Some(value));
        if ownership_tags {
            entry.tags.retain(|key, _| !ownership.contains_key(key));
        }
        Entry {
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

    fn app(&self, app: &AppRecord) -> Entry {
        let AppRecord { region, id, name, tags } = app.clone();
        Entry { region: Some(region), id: Some(id.to_string()), name: Some(name), tags, ..Entry::default() }
    }

    fn role(&self, role: &RoleRecord) -> Entry {
        let RoleRecord { arn, id, trust_policy, inline_policies, description, .. } = role;
        let mut users = Users::default();
        for (_, resource) in self.resources.event_streams_on(arn) {
            resource.object.as_event_stream().into_iter().for_each(|stream| users.add(&resource.account, stream));
        }
        let inline = |(name, policy): (&PolicyName, &Document)| {
            (name.clone(), Policy::of(policy, |kind| *policy == users.permissions(*kind)))
        };
        Entry {
            arn: Some(arn.clone()),
            id: Some(id.to_string()),
            trust_policy: Some(Policy::of(trust_policy, |kind| *trust_policy == users.trust_policy(*kind, arn))),
            inline_policies: Some(inline_policies.iter().map(inline).collect()),
            description: Some(description.clone()),
            max_session_duration: Some(role.max_session_duration).filter(|seconds| *seconds != USUAL_SESSION),
            permissions_boundary: role.permissions_boundary.clone(),
            tags: role.tags.clone(),
            ..Entry::default()
        }
    }

    fn event_stream(&self, address: &Address, stream: &EventStreamRecord) -> Entry {
        let EventStreamRecord { region, app_id, destination, role_arn } = stream;
        let own_role = own_role(address).and_then(|role| self.resources.get(&role)?.object.as_role());
        Entry {
            region: Some(region).filter(|region| *region != destination.region()).cloned(),
            app_id: Some(app_id.clone()),
            destination: Some(destination.clone()),
            role_arn: Some(role_arn).filter(|arn| own_role.is_none_or(|role| role.arn != **arn)).cloned(),
            ..Entry::default()
        }
    }
}

/// Why an entry is no resource, for people.
type Incomplete = String;

/// The resources that these entries stand for.
pub(super) fn resources(Entries(entries): Entries, owner: Owner<'_>) -> Result<Resources, Incomplete> {
    let role_arn = |(address, entry): &(Address, Box<Entry>)| Some((address.clone(), entry.arn.clone()?));
    let reader = Reader { owner, role_arns: entries.iter().filter_map(role_arn).collect() };
    let (event_streams, others): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(address, entry)| entry.kind(address) == Kind::EventStream);
    let mut users: BTreeMap<RoleArn, Users> = BTreeMap::new();
    let mut resources = Vec::with_capacity(event_streams.len());
    for (address, entry) in event_streams {
        let resource = reader.event_stream(&address, *entry)?;
        if let Object::EventStream(stream) = &resource.object {
            users.entry(stream.role_arn.clone()).or_default().add(&resource.account, stream);
        }
        resources.push((address, resource));
    }
    let others = others.into_iter().map(|(address, entry)| {
        let resource = match entry.kind(&address) {
            Kind::Role => reader.role(&address, *entry, &users)?,
            Kind::App | Kind::EventStream => reader.app(&address, *entry)?,
        };
        Ok((address, resource))
    });
    others.chain(resources.into_iter().map(Ok)).collect()
}

impl Entry {
    fn kind(&self, address: &Address) -> Kind {
        self.kind.unwrap_or(address.kind())
    }
}

struct Reader<'a> {
    owner: Owner<'a>,
    role_arns: BTreeMap<Address, RoleArn>,
}

impl Reader<'_> {
    fn app(&self, address: &Address, mut entry: Entry) -> Result<Resource, Incomplete> {
        let object = Object::App(AppRecord {
            tags: self.tags(address, &mut entry)?,
            region: required(address, "region", entry.region.take())?,
            id: parsed(address, "id", entry.id.take())?,
            name: required(address, "name", entry.name.take())?,
        });
        resource(address, entry, self.owner.only_account().cloned(), object)
    }

    fn role(
        &self,
        address: &Address,
        mut entry: Entry,
        users: &BTreeMap<RoleArn, Users>,
    ) -> Result<Resource, Incomplete> {
        let arn = required(address, "arn", entry.arn.take())?;
        let none = Users::default();
        let users = users.get(&arn).unwrap_or(&none);
        let inline = required(address, "inline_policies", entry.inline_policies.take())?.into_iter();
        let trust_policy = required(address, "trust_policy", entry.trust_policy.take())?;
        let object = Object::Role(RoleRecord {
            id: parsed(address, "id", entry.id.take())?,
            trust_policy: trust_policy.document(|kind| users.trust_policy(kind, &arn)),
            inline_policies: inline
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

    fn event_stream(&self, address: &Address, mut entry: Entry) -> Result<Resource, Incomplete> {
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

    fn tags(&self, address: &Address, entry: &mut Entry) -> Result<Tags, Incomplete> {
        let mut tags = std::mem::take(&mut entry.tags);
        if entry.ownership_tags {
            tags.extend(self.owner.tags(address, required(address, "origin", entry.origin)?));
        }
        Ok(tags)
    }
}

fn required<T>(address: &Address, field: &str, value: Option<T>) -> Result<T, Incomplete> {
    value.ok_or_else(|| format!("{address} has no `{field}`"))
}

fn parsed<T>(address: &Address, field: &str, text: Option<String>) -> Result<T, Incomplete>
where
    T: FromStr<Err: fmt::Display>,
{
    required(address, field, text)?.parse().map_err(|error| format!("`{field}` of {address}: {error}"))
}

fn resource(
    address: &Address,
    entry: Entry,
    implied: Option<AccountId>,
    object: Object,
) -> Result<Resource, Incomplete> {
    let Entry { account, origin, protect, named_under, changed_at, .. } = entry;
    Ok(Resource {
        account: required(address, "account", account.or(implied))?,
        origin: required(address, "origin", origin)?,
        protect,
        named_under: required(address, "named_under", named_under.or_else(|| address.key().map(str::to_owned)))?,
        changed_at: required(address, "changed_at", changed_at)?,
        object,
    })
}
