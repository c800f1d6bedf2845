//! An embedded AWS for trying and testing: several accounts with IAM, STS, Pinpoint, Kinesis and Firehose, what
//! CloudFormation and Organizations say of roles and accounts, as the HTTP client of the AWS SDK, kept on disk, as strict as AWS where it matters.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use pinpoint_streams_sandbox::{Sandbox, Settings, access_key_for};
//! # fn clock() -> jiff::Timestamp { jiff::Timestamp::UNIX_EPOCH }
//! let sandbox = Sandbox::open(".pinpoint-streams/sandbox/aws".as_ref(), Settings::new(clock))?;
//! let http_client = sandbox.http_client();          // for the SDK's configuration
//! let access_key_id = access_key_for("123456789012"); // the account is in the key
//! # Ok(())
//! # }
//! ```
//!
//! | module | what it does |
//! | --- | --- |
//! | `connector`, `account`, `operation`, `wire` | from an HTTP request to a caller and an operation, and back |
//! | `clerk`, `store` | who may touch the world, and how it outlives the process |
//! | `world` | all accounts as plain data |
//! | `iam`, `sts`, `pinpoint`, `streams`, `cloudformation`, `organizations`, `authority` | what AWS would answer |
//! | `seed`, `contents` | what is put in at first; what is in it now |
//! | [`decorators`] | an HTTP client that is slow, throttled, faulty, ended or counted |
//!
//! What AWS does and a sandbox does not: check signatures or the caller's permissions; rewrite principals in trust
//! policies (an account id to its root ARN, a deleted role to its unique id); refuse simultaneous changes of one
//! role with `ConcurrentModification` (a rule of [`decorators::Faults`] does); deliver events.
//!
//! winterbaume's services keep and answer Pinpoint, Kinesis and Firehose where they do as AWS does; IAM and STS are
//! our own.

mod account;
mod authority;
mod cloudformation;
mod connector;
mod contents;
pub mod decorators;
mod ended;
mod iam;
mod operation;
mod organizations;
mod pinpoint;
mod query;
mod sandbox;
mod seed;
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
pub use operation::{Operation, Service};
pub use sandbox::{RoleHistory, Sandbox};
pub use seed::{
    Seed, SeedAccount, SeedApp, SeedEventStream, SeedMember, SeedPolicy, SeedReport, SeedRole, SeedStack,
    SeedStream, SeedUse,
};
pub use settings::{Quotas, Settings};
pub use store::StoreError;
