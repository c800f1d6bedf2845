//! Policies that resources have themselves.
use crate::Document;
use serde::{Deserialize, Serialize};

/// The resource-based policy of a Kinesis stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamPolicy(pub Document);

/// The policy of a KMS key. Every key has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPolicy(pub Document);
