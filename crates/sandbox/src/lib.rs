//! An embedded AWS for testing and trying out: several accounts with IAM, STS, Pinpoint, Kinesis, Firehose, and parts of
//! CloudFormation, Organizations, Config, CloudTrail, Access Analyzer, SES, Lambda and CloudWatch. It is an HTTP client of
//! the AWS SDK, stores its world on disk, and validates requests as AWS does.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use pinpoint_streams_sandbox::{Sandbox, Settings, access_key_for};
//! # fn clock() -> jiff::Timestamp { jiff::Timestamp::UNIX_EPOCH }
//! let sandbox = Sandbox::open(".pinpoint-streams/sandbox/aws".as_ref(), Settings::new(clock))?;
//! let http_client = sandbox.http_client();          // for the configuration of the SDK
//! let access_key_id = access_key_for("123456789012"); // the account is in the key
//! # Ok(())
//! # }
//! ```
//!
//! | module | responsibility |
//! | --- | --- |
//! | `account`, `operation`, `wire`, `xml`, `query`, `json_call` | requests and replies in each protocol |
//! | `ended`, `settings` | how a sandbox behaves |
//! | `world`, `store`, `world_store` | all accounts as plain data; the file; access to both |
//! | `authority` | IAM policy evaluation |
//! | `iam`, `sts`, `pinpoint`, `streams`, `cloudformation`, `organizations`, `regions`, `config`, `cloudtrail`, `access_analyzer`, `ses`, `lambda`, `cloudwatch`, `kms` | the services |
//! | `connector` | dispatches requests to the services |
//! | `seed`, `contents`, `sandbox` | initial resources; contents; the public handle |
//! | [`decorators`] | HTTP clients that wrap others: latency, throttling, faults, permissions |
//!
//! Each module depends only on those above it.
//!
//! Differences from AWS: signatures are not checked; callers have all permissions (but see [`decorators::Permitted`]);
//! principals in trust policies are not rewritten (an account ID to its root ARN, a deleted role to its unique ID);
//! concurrent changes of a role do not fail with `ConcurrentModification` (use [`decorators::Faults`]); no events are
//! delivered.
//!
//! winterbaume stores Pinpoint, Kinesis and Firehose resources and handles requests where it behaves as AWS does.
mod access_analyzer;
mod account;
mod authority;
mod cloudformation;
mod cloudtrail;
mod cloudwatch;
mod config;
mod connector;
mod contents;
pub mod decorators;
mod ended;
mod iam;
mod json_call;
mod kms;
mod lambda;
mod operation;
mod organizations;
mod pinpoint;
mod query;
mod regions;
mod sandbox;
mod seed;
mod ses;
mod settings;
mod store;
mod streams;
mod sts;
mod wire;
mod world;
mod world_store;
mod xml;

pub use account::access_key_for;
pub use contents::{AccountContents, AppContents, Contents, EventStreamContents, RegionContents, RoleContents};
pub use operation::Operation;
pub use pinpoint_streams_model::live::question::Service;
pub use sandbox::Sandbox;
pub use seed::{Seed, SeedAccount, SeedApp, SeedEventStream, SeedPolicy, SeedReport, SeedRole, SeedStream};
pub use settings::{Quotas, Settings};
pub use store::StoreError;
pub use world::Member;
pub use world::iam::{RoleUse, Stack};
pub use world::others::{OtherKind, OtherResource};
pub use world::sources::{Aggregator, Analyzer, Recorder};
