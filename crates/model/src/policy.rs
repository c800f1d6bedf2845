//! IAM policy documents: parsed strictly, kept as types, and compared by meaning instead of spelling. Knows nothing
//! about Pinpoint; see `role_kind`.
//!
//! | module | purpose |
//! | --- | --- |
//! | `document` | the types of a policy document |
//! | `meaning` | equivalence, and the canonical form |
//! | `direction` | whether a change grants more or less |
//! | `union` | a document that grants what either of two documents grants |
//! | `lost` | who may do less after a change |
//! | `witness` | a request that a change newly allows |
//! | `evaluate` | whether a document allows a request, and if not, which clause does not match |
mod conditions;
mod coverage;
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
pub mod lost;
pub mod meaning;
pub mod name;
pub mod text;
pub mod union;
pub mod witness;

pub use direction::{Direction, direction};
pub use document::{Actions, Clause, Document, Effect, PrincipalClause, Resources, Statement, Version};
pub use evaluate::{evaluate, explain};
pub use explain::{Decision, Explanation, Fit, Mismatch, Request, Unstated};
pub use json::Json;
pub use lost::no_longer_allowed;
pub use meaning::{lines_to_compare, same_meaning};
pub use name::Name;
pub use operator::{Operator, Quantifier, Test};
pub use parse::PolicyError;
pub use principal::Principal;
pub use text::{ConditionValue, Text};
pub use union::union;
pub use witness::{ExampleRequest, newly_allowed};

#[cfg(test)]
fn read(statements: &str) -> Document {
    serde_json::from_str(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)).unwrap()
}
