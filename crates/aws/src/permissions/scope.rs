//! How far a policy reaches: the narrower, the safer.
use super::policy::Statement;
use pinpoint_streams_model::ids::{RoleName, RolePath, Workspace};
use pinpoint_streams_model::ownership;
use pinpoint_streams_model::role_kind::RoleKind;

/// How far a policy reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only what bears this workspace's tags; any workspace's where there is none.
    pub workspace: Option<Workspace>,
    /// Only roles of this path are written; of every path where there is none.
    pub role_path: Option<RolePath>,
    /// The role that is assumed in each account of an organization.
    pub organization_role: Option<RoleName>,
}

impl Scope {
    /// The roles that may be written.
    pub(super) fn roles(&self) -> String {
        format!("arn:*:iam::*:role{}*", self.role_path.as_ref().map_or("/", RolePath::as_str))
    }

    /// Only requests that write our tags of this workspace.
    pub(super) fn tagging(&self, statement: Statement) -> Statement {
        self.by_workspace(statement, "aws:RequestTag")
    }

    /// Only what bears our tags of this workspace.
    pub(super) fn tagged(&self, statement: Statement) -> Statement {
        self.by_workspace(statement, "aws:ResourceTag")
    }

    /// To take a role that is deleted out of its instance profile, and to put it back if it cannot be deleted.
    pub(super) fn instance_profiles(&self) -> [Statement; 2] {
        let profiles = ["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile"];
        [Statement::allow("TakeRolesOutOfProfiles", &profiles).on(PROFILES), self.pass_roles_to_instances()]
    }

    /// To put roles into instance profiles.
    pub(super) fn pass_roles_to_instances(&self) -> Statement {
        Statement::allow("PassRolesToInstances", &["iam:PassRole"])
            .on(self.roles())
            .where_is("iam:PassedToService", &["ec2.amazonaws.com"])
    }

    fn by_workspace(&self, statement: Statement, key: &str) -> Statement {
        let key = format!("{key}/{}", ownership::WORKSPACE);
        match &self.workspace {
            Some(workspace) => statement.where_is(key, &[workspace.as_str()]),
            None => statement.where_like(key, &["*"]),
        }
    }

    /// To hand roles to Pinpoint. Tags are no condition here: IAM does not look at them for iam:PassRole
    /// (IAM user guide, "Grant a user permissions to pass a role to an AWS service").
    pub(super) fn pass_roles(&self) -> Statement {
        let passed_to: Vec<&str> = RoleKind::for_event_streams().passed_to().collect();
        Statement::allow("PassRolesToPinpoint", &["iam:PassRole"])
            .on(self.roles())
            .where_is("iam:PassedToService", &passed_to)
    }
}

/// All apps with what belongs to them. The developer guide has `apps` for the list, the Service Authorization
/// Reference `apps/*`.
pub(super) const APPS: &str = "arn:*:mobiletargeting:*:*:apps*";
pub(super) const ROLES: &str = "arn:*:iam::*:role/*";
/// Every managed policy, AWS's own too.
pub(super) const POLICIES: &str = "arn:*:iam::*:policy/*";
pub(super) const PROFILES: &str = "arn:*:iam::*:instance-profile/*";
