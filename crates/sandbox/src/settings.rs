//! Settings of a sandbox: clock, propagation delay, quotas, ids.
use crate::ended::Ended;
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
pub struct Settings {
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// How long until Pinpoint sees a change of a role. On AWS usually a few seconds, rarely a minute.
    pub propagation: Duration,
    pub quotas: Quotas,
    /// Where event streams have ended. The first match applies.
    pub ended: Vec<Ended>,
    /// The seed of generated ids. None for random ids, as a world on disk needs.
    pub ids: Option<u64>,
}

impl Settings {
    /// AWS's default quotas and a propagation delay of 500 ms.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Settings {
        Settings {
            now: Arc::new(now),
            propagation: Duration::from_millis(500),
            quotas: Quotas::default(),
            ended: Vec::new(),
            ids: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { now: _, propagation, quotas, ended, ids } = self;
        f.debug_struct("Settings")
            .field("propagation", propagation)
            .field("quotas", quotas)
            .field("ended", ended)
            .field("ids", ids)
            .finish_non_exhaustive()
    }
}

/// The quotas of an account. Sources: IAM user guide, "IAM and AWS STS quotas"; Pinpoint developer guide, "Quotas".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas {
    /// `RolesQuota`.
    pub roles: usize,
    /// Characters of a trust policy, not counting white space (`AssumeRolePolicySizeQuota`).
    pub trust_policy_size: usize,
    /// Characters of all inline policies of a role, not counting white space (`RolePolicySizeQuota`).
    pub role_policy_size: usize,
    /// Managed policies per role (`AttachedPoliciesPerRoleQuota`).
    pub attached_policies: usize,
    /// Pinpoint apps per region.
    pub apps: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas { roles: 1000, trust_policy_size: 2048, role_policy_size: 10240, attached_policies: 10, apps: 100 }
    }
}
