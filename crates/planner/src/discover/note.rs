//! What a person should know of what was discovered.
use pinpoint_streams_model::arn::RoleArn;
use serde::Serialize;

/// One thing that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// What kind of thing.
    pub kind: NoteKind,
    /// The role that it is about.
    pub role: Option<RoleArn>,
    /// What there is to know: a lowercase fragment.
    pub message: String,
}

/// What kind of thing a person should know, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// A question has no answer, so that something may be missing.
    Unread,
    /// An app with an event stream stands in the manifest as a comment alone.
    LeftOut,
    /// A role stays managed elsewhere.
    ManagedElsewhere,
    /// A role lets more in than the apps that use it, or asks for what Pinpoint does not send.
    WeakTrust,
    /// A role may do more than write to the streams of its apps.
    BroadPermissions,
    /// A role has policies that the manifest does not declare. They stay.
    ForeignPolicies,
}

impl NoteKind {
    /// What it is called where its message is read.
    pub fn as_str(self) -> &'static str {
        match self {
            NoteKind::Unread => "not read",
            NoteKind::LeftOut => "left out",
            NoteKind::ManagedElsewhere => "managed elsewhere",
            NoteKind::WeakTrust => "weak trust",
            NoteKind::BroadPermissions => "broad permissions",
            NoteKind::ForeignPolicies => "policies that stay",
        }
    }
}

/// What there is to know of one role, without saying yet whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) kind: NoteKind,
    pub(super) message: String,
}

impl Remark {
    pub(super) fn new(kind: NoteKind, message: impl Into<String>) -> Remark {
        Remark { kind, message: message.into() }
    }

    /// As a comment in the manifest.
    pub(super) fn comment(&self) -> String {
        format!("{}: {}", self.kind.as_str(), self.message)
    }
}
