//! Why a text is not a policy document.

/// Why a text is not a policy document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The percent-encoding is broken, or hides bytes that are not UTF-8.
    #[error("the policy is not percent-encoded UTF-8")]
    Encoding,
    /// It is not JSON, or JSON with one key twice.
    #[error("the policy is not JSON: {0}")]
    Json(String),
    /// It is JSON, but not of a policy's shape.
    #[error("the policy's {at} {problem}")]
    Shape {
        /// Where: `Statement[0].Action`.
        at: String,
        /// What is wrong there.
        problem: String,
    },
}
