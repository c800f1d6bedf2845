//! The keys that each table may hold: what the decoder knows, suggestions draw on, and the JSON Schema
//! must agree with.

/// The manifest itself.
pub const MANIFEST: &[&str] = &[
    "version",
    "workspace",
    "include",
    "defaults",
    "accounts",
    "role_defaults",
    "streams",
    "roles",
    "apps",
    "variables",
    "moved",
    "forget",
    "safety",
    "sweep",
    "notices",
    "state",
];
/// A file that a manifest includes.
pub const INCLUDED: &[&str] = &["streams", "roles", "apps"];
/// `[defaults]`.
pub const DEFAULTS: &[&str] = &["account", "region"];
/// `[accounts.*]`.
pub const ACCOUNT: &[&str] = &["id", "profile", "assume_role", "external_id", "session_name"];
/// `[role_defaults]`.
pub const ROLE_DEFAULTS: &[&str] =
    &["name", "path", "policy_name", "description", "max_session_duration", "permissions_boundary", "tags"];
/// `[roles.*]`: a role that several apps share.
pub const SHARED_ROLE: &[&str] = &[
    "trust",
    "name",
    "path",
    "policy_name",
    "description",
    "max_session_duration",
    "permissions_boundary",
    "tags",
];
/// `role = { … }` of an app: its own role, or with `arn` alone one that is managed elsewhere.
pub const OWN_ROLE: &[&str] =
    &["arn", "name", "path", "policy_name", "description", "max_session_duration", "permissions_boundary", "tags"];
/// `[streams.*]`.
pub const STREAM: &[&str] = &["kinesis", "firehose", "kms_key"];
/// `[apps.*]`.
pub const APP: &[&str] = &["id", "name", "account", "region", "stream", "role", "tags", "protect", "adopt"];
/// `[[moved]]`.
pub const MOVED: &[&str] = &["from", "to"];
/// `[[forget]]`.
pub const FORGET: &[&str] = &["address"];
/// `[safety]`.
pub const SAFETY: &[&str] = &["max_delete", "required_tags", "read_only"];
/// `[sweep]`.
pub const SWEEP: &[&str] = &["exclude", "no_pinpoint_in"];
/// `[notices]`.
pub const NOTICES: &[&str] = &["end_of_support"];
/// `[state]`.
pub const STATE: &[&str] = &["path", "s3"];
/// `s3 = { … }` of `[state]`.
pub const STATE_S3: &[&str] = &["bucket", "key", "region", "profile"];
