//! The nouns of pinpoint-streams. Everything here is data and pure functions on data: no clock, no
//! environment, no files, no network.
pub mod address;
pub mod archive;
pub mod arn;
pub mod deception;
pub mod desired;
pub mod digest;
pub mod event;
pub mod ids;
pub mod live;
pub mod manifest;
pub mod op;
pub mod ownership;
pub mod plan;
pub mod policy;
pub mod problem;
pub mod recorded;
pub mod region;
pub mod resource;
pub mod role_kind;
pub mod sweep;
