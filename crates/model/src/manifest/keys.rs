//! The keys that each table may hold: what the decoder knows, suggestions draw on, and the JSON Schema
//! must agree with.

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
pub const DEFAULTS: &[&str] = &["account", "region"];
pub const ACCOUNT: &[&str] = &["id", "profile", "assume_role", "external_id", "session_name"];
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
pub const STREAM: &[&str] = &["kinesis", "firehose", "kms_key"];
pub const APP: &[&str] = &["id", "name", "account", "region", "stream", "role", "tags", "protect", "adopt"];
pub const MOVED: &[&str] = &["from", "to"];
pub const FORGET: &[&str] = &["address"];
pub const SAFETY: &[&str] = &["max_delete", "required_tags", "read_only"];
pub const SWEEP: &[&str] = &["exclude", "no_pinpoint_in"];
pub const NOTICES: &[&str] = &["end_of_support"];
pub const STATE: &[&str] = &["path", "s3"];
pub const STATE_S3: &[&str] = &["bucket", "key", "region", "profile", "encrypt", "kms_key_id"];
