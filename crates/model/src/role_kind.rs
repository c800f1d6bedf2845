//! Kinds of roles: the service that a role trusts, for which sources, and its actions on which resources. A kind is
//! a file of facts here and a line in `KINDS`; everything else is generic, and no code outside names the facts.
mod admission;
mod admitted_apps;
mod described;
mod documents;
mod event_stream;
mod lint;
mod purpose;
mod weakness;

pub use admitted_apps::{AdmittedApps, AppScope, BeyondApps};
pub use purpose::Purpose;
pub use weakness::Weakness;

use crate::policy::Principal;
use crate::{KmsKeyArn, Region, StreamArn};
use std::fmt;

const KINDS: [RoleKind; 1] = [RoleKind(&event_stream::FACTS)];

#[derive(Clone, Copy)]
pub struct RoleKind(&'static KindFacts);

struct KindFacts {
    /// Unique, and how the kind is serialized.
    name: &'static str,
    /// For people.
    service: &'static str,
    /// All service principals that may assume a role, first the one to write; `{region}` is any region.
    principals: &'static [&'static str],
    /// Other names of the service in `iam:PassedToService`.
    passed_to: &'static [&'static str],
    source: Source,
    /// Condition keys that the service no longer sends.
    no_longer_sent: &'static [&'static str],
    grants: &'static [Grant],
    purpose: Purpose,
    users: Users,
}

/// What the service acts on behalf of.
struct Source {
    /// The service field of its ARN.
    service: &'static str,
    /// What the resource of its ARN begins with.
    resource: &'static str,
    /// Whether an ARN names exactly one source.
    is_one: fn(&str) -> bool,
}

/// What the service does with resources of one type.
struct Grant {
    /// The service field of their ARN.
    service: &'static str,
    /// Whether an ARN names exactly one such resource.
    is_one: fn(&str) -> bool,
    actions: &'static [&'static str],
    /// What these need on the customer managed key of the resource.
    key_actions: &'static [&'static str],
}

/// What uses the roles of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Users {
    /// Event streams, which a sweep reads.
    EventStreams,
    /// Something that is not read, so no role of the kind can be proven unused.
    NotRead,
}

/// A stream to write to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct StreamTarget {
    pub arn: StreamArn,
    /// The customer managed key that encrypts it; none for an AWS key or no encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<KmsKeyArn>,
}

const ASSUME_ROLE: &str = "sts:AssumeRole";
const SOURCE_ACCOUNT: &str = "aws:SourceAccount";
const SOURCE_ARN: &str = "aws:SourceArn";
const SOURCE_ORGANIZATION: [&str; 2] = ["aws:SourceOrgID", "aws:SourceOrgPaths"];
const REGION: &str = "{region}";

impl RoleKind {
    pub fn all() -> impl Iterator<Item = RoleKind> {
        KINDS.into_iter()
    }

    /// The kind of the roles of event streams.
    pub const fn for_event_streams() -> RoleKind {
        RoleKind(&event_stream::FACTS)
    }

    pub fn name(self) -> &'static str {
        self.0.name
    }

    pub fn service_principal(self) -> &'static str {
        self.0.principals.first().copied().unwrap_or_default()
    }

    /// All service principals, with `{region}` in regional ones.
    pub fn principals(self) -> &'static [&'static str] {
        self.0.principals
    }

    /// All names of the service in `iam:PassedToService`.
    pub fn passed_to(self) -> impl Iterator<Item = &'static str> {
        self.0.passed_to.iter().copied().chain([self.service_principal()])
    }

    pub fn actions(self) -> impl Iterator<Item = &'static str> {
        self.0.grants.iter().flat_map(|grant| grant.actions.iter().chain(grant.key_actions)).copied()
    }

    pub fn purpose(self) -> Purpose {
        self.0.purpose
    }

    pub fn users(self) -> Users {
        self.0.users
    }

    /// Whether the principal is the trusted service, by its global or a regional name, in any letter case: whether IAM
    /// ignores it is not documented.
    pub fn is_principal(self, principal: &Principal) -> bool {
        let Principal::Service(service) = principal else { return false };
        let service = service.to_ascii_lowercase();
        self.0.principals.contains(&service.as_str()) || self.region_of(&service).is_some()
    }

    /// The region that a regional name of the service in lower case contains.
    fn region_of(self, service: &str) -> Option<Region> {
        self.0.principals.iter().find_map(|name| {
            let (before, after) = name.split_once(REGION)?;
            service.strip_prefix(before)?.strip_suffix(after)?.parse().ok()
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
