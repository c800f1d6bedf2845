//! What makes a role one of a kind: whom it trusts, for which sources, and what it may do where.
//! Nothing else in the program names a kind's principal.
use crate::arn::{KmsKeyArn, StreamArn};

/// A kind of role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleKind {
    /// Lets Amazon Pinpoint write an app's events to a stream.
    PinpointEventStream,
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
