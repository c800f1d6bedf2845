//! The only crate that calls AWS: it implements the executor's ports [`ReadCloud`] and [`WriteCloud`] with the SDK, and
//! converts responses to the model's types or a classified [`CloudError`].
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `connect` | connects to the accounts of a manifest |
//! | `credentials` | sources of credentials, and the SDK configuration with them |
//! | `credential_failure` | why there are no credentials |
//! | `profile` | the AWS configuration files |
//! | `http_client`, `trust_store` | the one HTTP client of all accounts; the certificates of a CA bundle |
//! | `account` | one account's clients by region |
//! | `calling` | timeouts and the SDK's retries |
//! | `service_time` | AWS's clock |
//! | `pages` | pagination |
//! | `classify` | classification of errors |
//! | `access_analyzer`, `cloudformation`, `cloudtrail`, `cloudwatch`, `config`, `iam`, `kms`, `lambda`, `organizations`, `pinpoint`, `regions`, `ses`, `streams`, `sts` | one service each |
//! | `service` | clients for services whose SDK crates would take long to compile |
//! | `s3` | state, lock and archives in a bucket |
//! | `permissions` | the caller's minimal policy |
//! | `ports` | the executor's ports |
//!
//! [`ReadCloud`]: pinpoint_streams_executor::cloud::ReadCloud
//! [`WriteCloud`]: pinpoint_streams_executor::cloud::WriteCloud
//! [`CloudError`]: pinpoint_streams_executor::cloud::CloudError
mod access_analyzer;
mod account;
mod answer_form;
mod calling;
mod classify;
mod cloudformation;
mod cloudtrail;
mod cloudwatch;
mod config;
mod connect;
mod connect_error;
mod credential_failure;
mod credentials;
mod http_client;
mod iam;
mod kms;
mod lambda;
mod organizations;
mod pages;
pub mod permissions;
mod pinpoint;
mod ports;
mod profile;
mod regions;
pub mod s3;
mod service;
mod service_time;
mod ses;
mod streams;
mod sts;
mod trust_store;

pub use aws_smithy_runtime_api::client::http::SharedHttpClient;
pub use calling::Timeouts;
pub use connect::Aws;
pub use connect_error::{ConnectError, ConnectErrorKind};
pub use credential_failure::{CredentialCause, CredentialFailure};
pub use credentials::{AccountCredentials, ConnectOptions, HostLookup, StaticCredentials};
pub use organizations::{AccountState, OrganizationAccount};
pub use profile::{partition, profile_names, region};
pub use service_time::ServiceTime;
