//! Entries as resources: what was left out follows from other entries.
use super::{Policy, RoleUsers, StateEntry, StateIdentity, own_event_stream, own_role};
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::ids::{AccountId, AppKey};
use pinpoint_streams_model::live::DEFAULT_SESSION_DURATION;
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::{AppRecord, EventStreamRecord, Object, Resource, Resources, RoleRecord};
use pinpoint_streams_model::role_kind::{RoleKind, StreamTarget};
use pinpoint_streams_model::sorted_set::SortedSet;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The entries of a state by address. In a map of their own they would double the peak memory.
#[derive(Debug)]
pub(in super::super) struct Entries(Vec<(Address, Box<StateEntry>)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entries, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("resources by address")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                // They are written in order. A person may have reordered lines.
                let (mut ordered, mut others) = (Vec::new(), BTreeMap::new());
                while let Some((address, entry)) = map.next_entry::<Address, _>()? {
                    let is_next = ordered.last().is_none_or(|(last, _)| *last < address);
                    let occurred = !is_next && (at(&ordered, &address).is_some() || others.contains_key(&address));
                    if occurred {
                        return Err(A::Error::custom(format!("`{address}` occurs twice")));
                    }
                    if is_next {
                        ordered.push((address, entry));
                    } else {
                        others.insert(address, entry);
                    }
                }
                if !others.is_empty() {
                    ordered.extend(others);
                    ordered.sort_by(|(one, _), (other, _)| one.cmp(other));
                }
                Ok(Entries(ordered))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// Why an entry is not a resource, for people.
type Invalid = String;

/// The resources that these entries stand for.
pub(in super::super) fn resources(
    Entries(entries): Entries,
    identity: StateIdentity<'_>,
) -> Result<Resources, Invalid> {
    let (event_streams, others): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(address, entry)| entry.kind(address) == Kind::EventStream);
    let mut in_order = InOrder::of(&others);
    let event_streams = event_streams.into_iter().map(|(address, entry)| {
        let resource = Arc::new(event_stream(&address, entry, &mut in_order)?);
        Ok((address, resource))
    });
    let event_streams: Vec<_> = event_streams.collect::<Result<_, Invalid>>()?;
    let mut reader =
        EntryReader { identity, event_streams: InOrder::of(&event_streams), permissions: BTreeMap::new() };
    let others = others.into_iter().map(|(address, entry)| {
        let resource = match entry.kind(&address) {
            Kind::Role => reader.role(&address, entry)?,
            Kind::App | Kind::EventStream => reader.app(&address, entry)?,
        };
        Ok((address, Arc::new(resource)))
    });
    let others: Vec<_> = others.collect::<Result<_, Invalid>>()?;
    Ok(others.into_iter().chain(event_streams).collect())
}

/// What is at this address, among these in ascending order.
fn at<'a, T>(sorted: &'a [(Address, T)], address: &Address) -> Option<&'a T> {
    let place = sorted.binary_search_by(|(each, _)| each.cmp(address)).ok()?;
    sorted.get(place).map(|(_, found)| found)
}

/// Looks addresses up. Those that are looked for in ascending order are found without a search.
struct InOrder<'a, T> {
    sorted: &'a [(Address, T)],
    next: usize,
}

impl<'a, T> InOrder<'a, T> {
    fn of(sorted: &'a [(Address, T)]) -> InOrder<'a, T> {
        InOrder { sorted, next: 0 }
    }

    fn find(&mut self, address: &Address) -> Option<&'a T> {
        let is_next = self.sorted.get(self.next).is_some_and(|(next, _)| next == address);
        let place = match is_next {
            true => self.next,
            false => self.sorted.binary_search_by(|(each, _)| each.cmp(address)).ok()?,
        };
        self.next = place + 1;
        self.sorted.get(place).map(|(_, found)| found)
    }
}

impl StateEntry {
    fn kind(&self, address: &Address) -> Kind {
        self.kind.unwrap_or(address.kind())
    }
}

struct EntryReader<'a> {
    identity: StateIdentity<'a>,
    event_streams: InOrder<'a, Arc<Resource>>,
    /// The permissions of roles whose policies follow from their event streams: most have the same.
    permissions: BTreeMap<(&'static str, SortedSet<StreamTarget>), Document>,
}

impl<'a> EntryReader<'a> {
    fn app(&self, address: &Address, mut entry: Box<StateEntry>) -> Result<Resource, Invalid> {
        let object = Object::App(AppRecord {
            tags: self.tags(address, &mut entry)?,
            region: required(address, "region", entry.region.take())?,
            id: parsed(address, "id", entry.id.take())?,
            name: required(address, "name", entry.name.take())?,
        });
        resource(address, entry, None, object)
    }

    fn role(&mut self, address: &Address, mut entry: Box<StateEntry>) -> Result<Resource, Invalid> {
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
                .map(|(name, policy)| (name, policy.document(|kind| self.permissions(kind, &users))))
                .collect(),
            description: required(address, "description", entry.description.take())?,
            max_session_duration: entry.max_session_duration.unwrap_or(DEFAULT_SESSION_DURATION),
            permissions_boundary: entry.permissions_boundary.take().map(|boundary| *boundary),
            tags: self.tags(address, &mut entry)?,
            arn: arn.clone(),
        });
        resource(address, entry, Some(arn.account), object)
    }

    /// The event streams that the policies of a role follow from: these, or that with the key of the role.
    fn users(&mut self, role: &Address, keys: Option<Vec<AppKey>>) -> Result<RoleUsers<'a>, Invalid> {
        let mut users = RoleUsers::default();
        for key in keys.unwrap_or_else(|| own_event_stream(role).into_iter().collect()) {
            let address = Address::EventStream(key);
            let event_stream = self.event_streams.find(&address).map(|resource| &**resource);
            let Some(Resource { account, object: Object::EventStream(record), .. }) = event_stream else {
                return Err(format!("the policies of {role} refer to {address}, which is not there"));
            };
            users.add(account, record);
        }
        Ok(users)
    }

    fn permissions(&mut self, kind: RoleKind, users: &RoleUsers<'_>) -> Document {
        let document = self.permissions.entry((kind.name(), users.targets()));
        document.or_insert_with_key(|(_, targets)| kind.permissions(targets)).clone()
    }

    fn tags(&self, address: &Address, entry: &mut StateEntry) -> Result<Tags, Invalid> {
        let mut tags = std::mem::take(&mut entry.tags);
        if entry.ownership_tags {
            tags.extend(self.identity.tags(address, required(address, "origin", entry.origin)?));
        }
        Ok(tags)
    }
}

/// `others`: the entries that are not event streams.
fn event_stream(
    address: &Address,
    mut entry: Box<StateEntry>,
    others: &mut InOrder<'_, Box<StateEntry>>,
) -> Result<Resource, Invalid> {
    let destination = required(address, "destination", entry.destination.take())?;
    let arn_of_own_role = || others.find(&own_role(address)?)?.arn.clone();
    let account = destination.account().clone();
    let object = Object::EventStream(EventStreamRecord {
        region: entry.region.take().unwrap_or_else(|| destination.region().clone()),
        app_id: required(address, "app_id", entry.app_id.take())?,
        role_arn: required(address, "role_arn", entry.role_arn.take().map(|arn| *arn).or_else(arn_of_own_role))?,
        destination,
    });
    resource(address, entry, Some(account), object)
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
    entry: Box<StateEntry>,
    implied: Option<AccountId>,
    object: Object,
) -> Result<Resource, Invalid> {
    let StateEntry { account, origin, protect, named_under, changed_at, .. } = *entry;
    Ok(Resource {
        account: required(address, "account", account.or(implied))?,
        origin: required(address, "origin", origin)?,
        protect,
        named_under: required(address, "named_under", named_under.or_else(|| address.key().map(str::to_owned)))?,
        changed_at: required(address, "changed_at", changed_at)?,
        object,
    })
}
