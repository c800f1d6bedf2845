//! IAM: roles and what hangs on them. It is global: one endpoint a partition.
pub(crate) mod bulk;
mod role;

pub(crate) mod policy;
pub(crate) mod read;
pub(crate) mod write;
