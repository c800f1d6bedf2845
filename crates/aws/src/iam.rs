//! IAM: roles, their attachments, and managed policies. Global: one endpoint per partition.
pub(crate) mod bulk;
mod role;

pub(crate) mod policy;
pub(crate) mod read;
pub(crate) mod write;
