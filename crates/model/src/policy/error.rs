//! The parse error of policy documents.

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("the policy is not percent-encoded UTF-8")]
    Encoding,
    /// Not JSON, or JSON with a duplicate key.
    #[error("the policy is not JSON: {0}")]
    Json(String),
    /// JSON, but not a policy.
    #[error("the policy's {at} {problem}")]
    Shape {
        /// For example `Statement[0].Action`.
        at: String,
        problem: String,
    },
}
