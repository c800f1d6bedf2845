//! IAM policy documents: read strictly, kept as types, and handled by what they mean, not by how they
//! are written. Nothing here knows about Pinpoint; that is `role_kind`.
//!
//! | module | what it answers |
//! | --- | --- |
//! | `document` | what a policy is, and how it reads and writes itself |
//! | `meaning` | do two documents mean the same, and how does that meaning look written down? |
//! | `direction` | does a change grant more, or less? |
//! | `union` | what grants all that either document grants? |
//! | `evaluate` | does a document allow this request, and if not, which clause is in the way? |
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
