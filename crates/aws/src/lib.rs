//! The only crate that speaks to AWS: it fills the executor's ports [`ReadCloud`] and [`WriteCloud`] with
//! calls of the SDK, and turns what AWS answers into the model's types or a classified [`CloudError`].
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `connect` | from what a manifest says of its accounts to clients that are allowed in |
//! | `credentials` | where an account's credentials come from, and the SDK's configuration with them |
//! | `account` | one account's clients, one set a region |
//! | `calling` | timeouts, and what the SDK repeats by itself |
//! | `pages` | lists, to their last page |
//! | `classify` | what an error means |
//! | `cloudformation`, `iam`, `organizations`, `pinpoint`, `streams`, `sts` | one service each |
//! | `s3` | state, lock and archives in a bucket |
//! | `permissions` | what the caller must be allowed to do |
//! | `ports` | which service answers which question |
//!
//! [`ReadCloud`]: pinpoint_streams_executor::cloud::ReadCloud
//! [`WriteCloud`]: pinpoint_streams_executor::cloud::WriteCloud
//! [`CloudError`]: pinpoint_streams_executor::cloud::CloudError
mod account;
mod calling;
mod classify;
mod cloudformation;
mod connect;
mod connect_error;
mod credentials;
mod iam;
mod organizations;
mod pages;
pub mod permissions;
mod pinpoint;
mod ports;
pub mod s3;
mod session;
mod streams;
mod sts;

pub use aws_smithy_runtime_api::client::http::SharedHttpClient;
pub use calling::Timeouts;
pub use connect::Aws;
pub use connect_error::{ConnectError, ConnectErrorKind};
pub use credentials::{AccountCredentials, ConnectOptions, HostLookup, StaticCredentials};
pub use organizations::{AccountState, OrganizationAccount};
