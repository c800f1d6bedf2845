//! How what is live is recorded: as it is, since what was last written is not known. What is ours of it is what
//! the manifest declares; unmanaged tags and policies are not recorded.
use pinpoint_streams_model::desired::{KeyedPart, KeyedText};
use pinpoint_streams_model::manifest::draft::BUILT_IN;
use pinpoint_streams_model::ownership::{ADDRESS, LINEAGE, ORIGIN, WORKSPACE};
use pinpoint_streams_model::{
    AccountRegion, Address, AppArn, AppIdentity, AppKey, AppRecord, Desired, DesiredEventStream, DesiredRole,
    EventStreamRecord, Fact, Live, LiveApp, LiveEventStream, LiveRole, Object, Origin, PolicyName, Read, Recorded,
    Resource, RoleArn, RoleKey, RoleRecord, RoleRef, Tags, Warning,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn role(desired: &Desired, key: &RoleKey, origin: Origin, live: &LiveRole) -> Resource {
    let declared = desired.roles.get(key);
    let is_ours = |name: &PolicyName| match declared {
        Some(role) => role.policy_name == *name,
        None => {
            name.as_str() == BUILT_IN.policy_name || desired.roles.values().any(|role| role.policy_name == *name)
        }
    };
    let none = Tags::new();
    Resource {
        account: live.arn.account.clone(),
        origin,
        protect: declared.is_some_and(|role| role.protect),
        named_under: declared
            .and_then(|role| named_under(role, key, &live.arn))
            .unwrap_or(key.clone())
            .to_string(),
        changed_at: jiff::Timestamp::UNIX_EPOCH,
        object: Object::Role(RoleRecord::of(
            live,
            is_ours,
            ours_of(&live.tags, declared.map_or(&none, |role| &role.tags)),
        )),
    }
}

/// The key that a role was named after: its own, or after a move the one that gives the name that it has.
fn named_under(role: &DesiredRole, key: &RoleKey, arn: &RoleArn) -> Option<RoleKey> {
    let gives = |key: &RoleKey| {
        role.arn_under(key).is_ok_and(|under| under == *arn && under.name.is_written_like(&arn.name))
    };
    if gives(key) {
        return Some(key.clone());
    }
    let KeyedText(parts) = &role.name;
    let place = parts.iter().position(|part| matches!(part, KeyedPart::Key))?;
    let (before, after) = parts.split_at(place);
    let literal = |parts: &[KeyedPart]| -> String {
        let literals = parts.iter().map_while(|part| match part {
            KeyedPart::Literal(text) => Some(text.as_str()),
            KeyedPart::Key => None,
        });
        literals.collect()
    };
    let rest = arn.name.as_str().strip_prefix(&literal(before))?;
    let next = literal(after.get(1..)?);
    // Where the name holds the key twice, the first piece that gives the whole name is it.
    let ends = (1..=rest.len()).filter(|end| rest.get(*end..).is_some_and(|rest| rest.starts_with(&next)));
    ends.filter_map(|end| rest.get(..end)?.parse().ok()).find(gives)
}

pub(super) fn app(
    desired: &Desired,
    key: &AppKey,
    origin: Origin,
    place: &AccountRegion,
    (live, tags): (&LiveApp, &Tags),
) -> Resource {
    let declared = desired.apps.get(key);
    let none = Tags::new();
    let declared_tags = declared.map_or(&none, |app| match &app.identity {
        AppIdentity::Owned { name: _, tags } => tags,
        AppIdentity::Existing(_) => &none,
    });
    let object = Object::App(AppRecord {
        region: place.region.clone(),
        id: live.id.clone(),
        name: live.name.clone(),
        tags: ours_of(tags, declared_tags),
    });
    Resource {
        account: place.account.clone(),
        origin,
        protect: declared.is_some_and(|app| app.protect),
        named_under: key.to_string(),
        changed_at: jiff::Timestamp::UNIX_EPOCH,
        object,
    }
}

/// Of an object's tags those that are declared, and those that say whose it is.
fn ours_of(live: &Tags, declared: &Tags) -> Tags {
    let is_ownership = |key: &str| [WORKSPACE, LINEAGE, ADDRESS, ORIGIN].contains(&key);
    let mut ours = live.clone();
    ours.retain(|key, _| declared.contains_key(key) || is_ownership(key));
    ours
}

/// Records the event streams, which have no tags: those that name a role, or are of an app, that was recorded;
/// and those that are just as the manifest has them on a role that is managed elsewhere.
pub(super) fn event_streams(live: &Live, desired: &Desired, recorded: &mut Recorded, warnings: &mut Vec<Warning>) {
    let keys = Keys::of(desired, recorded);
    let mut found = BTreeMap::new();
    for (place, read) in &live.event_streams {
        let Read::Present(stream) = read else { continue };
        let role = recorded_role(recorded, stream);
        let after_role = || role.as_ref().and_then(|(role, _)| keys.after_role(role, desired));
        let Some(key) = keys.by_app.get(place).cloned().or_else(after_role) else { continue };
        let is_ours = role.is_some()
            || recorded.resources.contains_key(&Address::App(key.clone()))
            || is_as_declared(desired, &key, stream);
        if !is_ours {
            continue;
        }
        let address = Address::EventStream(key.clone());
        let (Ok(destination), Ok(role_arn)) = (stream.destination.parse(), stream.role_arn.parse()) else {
            let LiveEventStream { destination, role_arn } = stream.clone();
            let fact = Fact::NotRecordable { destination, role_arn };
            warnings.push(Warning { address: Some(address), fact });
            continue;
        };
        let declared = desired.apps.get(&key);
        let is_created = declared.is_some() && role.is_some_and(|(_, origin)| origin == Origin::Created);
        let resource = Resource {
            account: place.account.clone(),
            origin: if is_created { Origin::Created } else { Origin::Adopted },
            protect: declared.is_some_and(|app| app.protect),
            named_under: key.to_string(),
            changed_at: jiff::Timestamp::UNIX_EPOCH,
            object: Object::EventStream(EventStreamRecord {
                region: place.region.clone(),
                app_id: place.id.clone(),
                destination,
                role_arn,
            }),
        };
        if found.insert(address.clone(), resource).is_some() {
            let fact = Fact::SeveralApps { recorded: place.id.clone() };
            warnings.push(Warning { address: Some(address), fact });
        }
    }
    for (address, resource) in found {
        recorded.resources.insert_new(address, resource);
    }
}

/// The recorded role that an event stream names, and how it came to be ours.
fn recorded_role(recorded: &Recorded, stream: &LiveEventStream) -> Option<(RoleKey, Origin)> {
    let named: RoleArn = stream.role_arn.parse().ok()?;
    recorded.resources.roles(&named).find_map(|(address, resource)| match address {
        Address::Role(key) => Some((key.clone(), resource.origin)),
        Address::App(_) | Address::EventStream(_) | Address::Undeclared(..) => None,
    })
}

/// The key under which the event stream of each app is managed.
struct Keys {
    by_app: BTreeMap<AppArn, AppKey>,
    taken: BTreeSet<AppKey>,
}

impl Keys {
    fn of(desired: &Desired, recorded: &Recorded) -> Keys {
        let mut keys = BTreeMap::new();
        for (address, resource) in &recorded.resources {
            if let (Address::App(key), Object::App(app)) = (address, &resource.object) {
                keys.insert(app.arn(&resource.account), key.clone());
            }
        }
        for (key, app) in &desired.apps {
            if let AppIdentity::Existing(id) = &app.identity {
                keys.insert(app.arn(id), key.clone());
            }
        }
        Keys { taken: keys.values().cloned().collect(), by_app: keys }
    }

    /// The block of the app is gone, and its own role still has its key. A role that several apps share has
    /// the key of none.
    fn after_role(&self, role: &RoleKey, desired: &Desired) -> Option<AppKey> {
        let key: AppKey = role.as_str().parse().ok()?;
        let is_taken = desired.roles.contains_key(role) || desired.apps.contains_key(&key);
        (!is_taken && !self.taken.contains(&key)).then_some(key)
    }
}

/// Whether an event stream is just as the manifest has it, on a role that is managed elsewhere.
fn is_as_declared(desired: &Desired, key: &AppKey, live: &LiveEventStream) -> bool {
    let declared = desired.apps.get(key).and_then(|app| app.event_stream.as_ref());
    let Some(DesiredEventStream { target, role: RoleRef::Elsewhere(role) }) = declared else { return false };
    live.destination == target.arn.to_string() && live.role_arn.parse().is_ok_and(|named: RoleArn| named == *role)
}
