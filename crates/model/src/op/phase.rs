//! Whether an operation may still hold what is not known yet.
use crate::ids::{AppId, Lineage, StepId};
use crate::policy::Text;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// What every field type of an operation can do.
pub trait Field: Debug + Clone + PartialEq + Eq + Serialize + DeserializeOwned + Send + Sync + 'static {}
impl<T: Debug + Clone + PartialEq + Eq + Serialize + DeserializeOwned + Send + Sync + 'static> Field for T {}

/// Whether an operation may still hold what is not known yet.
pub trait Phase: Debug + Clone + PartialEq + Eq + Send + Sync + 'static {
    /// A new app's id.
    type AppId: Field;
    /// A text that a new app's id may be part of.
    type Text: Field + crate::policy::ConditionValue;
    /// The lineage, which the first apply makes.
    type Lineage: Field;
}

/// As the planner leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {}
/// As it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {}

impl Phase for Planned {
    type AppId = Slot<AppId>;
    type Text = Text;
    type Lineage = Option<Lineage>;
}
impl Phase for Resolved {
    type AppId = AppId;
    type Text = String;
    type Lineage = Lineage;
}

/// A value that is known now, or after a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Slot<T> {
    /// Known now.
    Known(T),
    /// Known once that step is done.
    After {
        /// The step that makes it known.
        after_step: StepId,
    },
}
