//! What may be removed from a role although it is not managed here.
use serde::{Deserialize, Serialize};

/// What `--allow-detach` allows to be removed from a role before it is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detach {
    Managed,
    /// Unmanaged inline policies.
    Inline,
    Profile,
}
