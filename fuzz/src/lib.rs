//! What the targets for AWS's answers share.
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `script` | an HTTP client whose responses are the fuzzer's input |
//! | `calls` | every call of the adapter, by the service that answers |
//! | `answers` | runs a call and checks what becomes of the responses |
//! | `subject` | whether an answer is about what was asked for |
//! | `sign_in`, `bucket` | the same for connecting, and for state, lock and archives in S3 |
pub mod answers;
pub mod bucket;
mod calls;
mod script;
pub mod sign_in;
mod subject;
