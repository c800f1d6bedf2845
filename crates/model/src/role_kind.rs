//! What makes a role one of a kind: whom it trusts, for which sources, and what it may do where. A kind is a
//! file of facts here and a line in `KINDS`; all else is generic over the facts, and no code outside names them.
mod admission;
mod admitted_apps;
mod documents;
mod event_stream;
mod lint;
mod purpose;

pub use admitted_apps::{AdmittedApps, AppScope};
pub use purpose::Purpose;

use crate::arn::{KmsKeyArn, StreamArn};
use crate::policy::Principal;
use crate::region::Region;
use std::fmt;

/// Every kind.
const KINDS: [RoleKind; 1] = [RoleKind(&event_stream::FACTS)];

/// A kind of role.
#[derive(Clone, Copy)]
pub struct RoleKind(&'static KindFacts);

/// What is particular to a kind.
struct KindFacts {
    /// Unique, and how the kind is serialized.
    name: &'static str,
    /// The service, as people call it.
    service: &'static str,
    /// All names under which the service may assume a role, the one to write first; `{region}` is any region.
    principals: &'static [&'static str],
    /// Under which other names a caller passes a role to the service (`iam:PassedToService`).
    passed_to: &'static [&'static str],
    source: Source,
    /// Condition keys that the service once sent and sends no longer.
    no_longer_sent: &'static [&'static str],
    grants: &'static [Grant],
    purpose: Purpose,
    users: Users,
}

/// What the service acts for.
struct Source {
    /// The service field of its ARN.
    service: &'static str,
    /// Whether an ARN names one source, and not several.
    is_one: fn(&str) -> bool,
}

/// What the service does with resources of one type.
struct Grant {
    /// The service field of their ARN.
    service: &'static str,
    /// Whether an ARN names one such resource, and not several.
    is_one: fn(&str) -> bool,
    actions: &'static [&'static str],
    /// What these take on the customer's key that encrypts the resource.
    key_actions: &'static [&'static str],
}

/// What names the roles of a kind that are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Users {
    /// The event streams of apps, which a sweep reads.
    EventStreams,
    /// Something that is not read, so that no role of the kind can be shown to be unused.
    NotRead,
}

/// A stream to write to, and the customer's key it is encrypted with, if any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct StreamTarget {
    /// The stream.
    pub arn: StreamArn,
    /// The key; none for the stream service's own key or no encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<KmsKeyArn>,
}

const ASSUME_ROLE: &str = "sts:AssumeRole";
const SOURCE_ACCOUNT: &str = "aws:SourceAccount";
const SOURCE_ARN: &str = "aws:SourceArn";
const REGION: &str = "{region}";

impl RoleKind {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = RoleKind> {
        KINDS.into_iter()
    }

    /// The kind of role that an app's event stream names.
    pub const fn for_event_streams() -> RoleKind {
        RoleKind(&event_stream::FACTS)
    }

    /// How the kind is serialized.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The service that the roles of this kind trust.
    pub fn service_principal(self) -> &'static str {
        self.0.principals.first().copied().unwrap_or_default()
    }

    /// All names of the service, `{region}` where one is of a region.
    pub fn principals(self) -> &'static [&'static str] {
        self.0.principals
    }

    /// All names under which a caller passes a role to the service.
    pub fn passed_to(self) -> impl Iterator<Item = &'static str> {
        self.0.passed_to.iter().copied().chain([self.service_principal()])
    }

    /// All that the roles of this kind may do.
    pub fn actions(self) -> impl Iterator<Item = &'static str> {
        self.0.grants.iter().flat_map(|grant| grant.actions.iter().chain(grant.key_actions)).copied()
    }

    /// What its roles are for.
    pub fn purpose(self) -> Purpose {
        self.0.purpose
    }

    /// What names those of its roles that are in use.
    pub fn users(self) -> Users {
        self.0.users
    }

    /// Whether the principal is the trusted service, by its global or a regional name.
    pub fn is_principal(self, principal: &Principal) -> bool {
        let Principal::Service(service) = principal else { return false };
        self.0.principals.iter().any(|name| match name.split_once(REGION) {
            None => service == name,
            Some((before, after)) => {
                let region = service.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                region.is_some_and(|region| region.parse::<Region>().is_ok())
            }
        })
    }

    fn principals_in(self, region: &str) -> impl Iterator<Item = String> {
        self.0.principals.iter().map(move |name| name.replace(REGION, region))
    }

    fn grant(self, resource: &str) -> Option<&'static Grant> {
        let service = resource.split(':').nth(2)?;
        self.0.grants.iter().find(|grant| grant.service == service)
    }
}

impl PartialEq for RoleKind {
    fn eq(&self, other: &RoleKind) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for RoleKind {}

impl fmt::Debug for RoleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl serde::Serialize for RoleKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name)
    }
}
