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
mod read;
mod write;

use jiff::Timestamp;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::arn::{PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, AppKey, Lineage, PolicyName, Workspace};
use pinpoint_streams_model::ownership::{self, Origin, Tags};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::EventStreamRecord;
use pinpoint_streams_model::region::Region;
use pinpoint_streams_model::role_kind::{RoleKind, StreamTarget};
use pinpoint_streams_model::sorted_map::SortedMap;
use pinpoint_streams_model::sorted_set::SortedSet;
pub(super) use read::{Entries, resources};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
pub(super) use write::ResourcesToWrite;

/// One resource, with the fields of all kinds: of an app, a role or an event stream. Large fields that most entries
/// leave out are boxed: all entries are in memory before the first becomes a resource.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a resource")]
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
    permissions_boundary: Option<Box<PolicyArn>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<AppId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<StreamArn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<Box<RoleArn>>,
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

/// What a role's policies follow from: the event streams that use it, most often one, with their accounts.
#[derive(Default)]
struct RoleUsers<'a>(Vec<(&'a AccountId, &'a EventStreamRecord)>);

impl<'a> RoleUsers<'a> {
    fn add(&mut self, account: &'a AccountId, event_stream: &'a EventStreamRecord) {
        self.0.push((account, event_stream));
    }

    fn trust_policy(&self, kind: RoleKind, role: &RoleArn) -> Document {
        let apps = self.0.iter().map(|(account, event_stream)| event_stream.app(account).to_string());
        kind.trust_policy(&role.account, apps)
    }

    fn permissions(&self, kind: RoleKind) -> Document {
        kind.permissions(&self.targets())
    }

    fn targets(&self) -> SortedSet<StreamTarget> {
        let target = |event_stream: &EventStreamRecord| StreamTarget {
            arn: event_stream.destination.clone(),
            kms_key: None,
        };
        self.0.iter().map(|(_, event_stream)| target(event_stream)).collect()
    }
}

/// The event stream with the key of a role.
fn own_event_stream(address: &Address) -> Option<AppKey> {
    match address {
        Address::Role(key) => key.as_str().parse().ok(),
        Address::App(_) | Address::EventStream(_) | Address::Undeclared(_) => None,
    }
}
