//! `[accounts]`: which AWS accounts there are, and how one gets into them.
use crate::arn::RoleArn;
use crate::ids::AccountId;

/// One account as the manifest declares it, or the caller's own with nothing declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountSpec {
    /// Its id. Always there for a declared account; any other caller is refused.
    pub id: Option<AccountId>,
    /// The profile of the shared AWS configuration to use.
    pub profile: Option<String>,
    /// The role to assume; always one of this account.
    pub assume_role: Option<RoleArn>,
    /// Goes with `assume_role`.
    pub external_id: Option<String>,
    /// Goes with `assume_role`.
    pub session_name: Option<String>,
}
