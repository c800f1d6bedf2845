//! The least IAM policy of whoever runs the program, for each kind of work. Pure: what a call takes is known here,
//! because the calls are made in this crate. Tests hold it against the calls that are made.
mod apply;
mod audit;
mod policy;
mod restore;
mod scope;
mod teardown;

pub use policy::{OperatorPolicy, Statement};
pub use scope::Scope;

/// What the caller is going to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// Look: `plan`, `sweep` without `--apply`, `discover`, `policy show`.
    Audit,
    /// `apply` and `destroy`: make, change, adopt and delete what the workspace owns.
    Apply,
    /// `sweep --apply`: quarantine any role, release it, and delete what is quarantined.
    Teardown,
    /// `restore`: make again what was deleted. It makes roles as they were, whatever they may do.
    Restore,
}

/// The least policy for this work within this scope. All actions are those of the Service Authorization Reference.
pub fn permissions(work: Work, scope: &Scope) -> OperatorPolicy {
    OperatorPolicy::new(match work {
        Work::Audit => audit::statements(scope),
        Work::Apply => apply::statements(scope),
        Work::Teardown => teardown::statements(scope),
        Work::Restore => restore::statements(scope),
    })
}
