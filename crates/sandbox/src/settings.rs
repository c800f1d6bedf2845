//! What a sandbox is told from outside: the clock, how slow IAM is, the quotas, how ids are drawn.

use crate::ended::Ended;
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How a sandbox behaves.
#[derive(Clone)]
pub struct Settings {
    /// The wall clock. A sandbox reads no other.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// For how long after a change of a role Pinpoint does not see it yet. AWS: usually a few seconds, rarely a minute.
    pub propagation: Duration,
    /// The limits of every account.
    pub quotas: Quotas,
    /// Where event streams have ended; the first that fits a call decides.
    pub ended: Vec<Ended>,
    /// Draws the same ids in every run. None: ids differ from run to run, as a world kept on disk needs it.
    pub ids: Option<u64>,
}

impl Settings {
    /// A sandbox with AWS's default quotas, where one wait for IAM is just long enough to be seen.
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

/// The limits of an account. Sources: IAM user guide, "IAM and AWS STS quotas"; Pinpoint developer guide, "Quotas".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas {
    /// Roles an account may have (`RolesQuota`).
    pub roles: usize,
    /// Characters of a trust policy, white space not counted (`AssumeRolePolicySizeQuota`).
    pub trust_policy_size: usize,
    /// Characters of all inline policies of a role together, white space not counted (`RolePolicySizeQuota`).
    pub role_policy_size: usize,
    /// Managed policies attached to one role (`AttachedPoliciesPerRoleQuota`).
    pub attached_policies: usize,
    /// Pinpoint apps in one region; not adjustable on AWS.
    pub apps: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas { roles: 1000, trust_policy_size: 2048, role_policy_size: 10240, attached_policies: 10, apps: 100 }
    }
}
