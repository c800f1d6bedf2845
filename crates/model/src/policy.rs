//! IAM policy documents: parsed strictly, kept as types, and compared by meaning instead of spelling. Knows nothing
//! about Pinpoint; see `role_kind`.
//!
//! | module | purpose |
//! | --- | --- |
//! | `document` | the types of a policy document |
//! | `meaning` | equivalence, and the canonical form |
//! | `direction` | whether a change grants more or less |
//! | `union` | a document that grants what either of two documents grants |
//! | `evaluate` | whether a document allows a request, and if not, which clause does not match |
mod conditions;
mod coverage;
mod error;
mod json;
mod operator;
mod parse;
mod pattern;
mod principal;
mod write;

pub mod direction;
pub mod document;
pub mod evaluate;
pub mod explain;
pub mod meaning;
pub mod name;
pub mod request;
pub mod text;
pub mod union;

#[cfg(test)]
mod properties;

pub use direction::{Direction, direction};
pub use document::{Actions, Clause, Document, Effect, PrincipalClause, Resources, Statement, Version};
pub use error::PolicyError;
pub use evaluate::{evaluate, explain};
pub use explain::{Decision, Explanation, Finding, Fit, Mismatch};
pub use json::Json;
pub use meaning::same_meaning;
pub use name::Name;
pub use operator::{Operator, Quantifier, Test};
pub use principal::Principal;
pub use request::{Request, Unstated};
pub use text::{ConditionValue, Text};
pub use union::union;
