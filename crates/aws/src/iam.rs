//! IAM: roles, their attachments, and managed policies. Global: one endpoint per partition.
pub(crate) mod bulk;
pub(crate) mod last_accessed;
pub(crate) mod role;

pub(crate) mod policy;
pub(crate) mod read;
pub(crate) mod simulate;
pub(crate) mod write;
