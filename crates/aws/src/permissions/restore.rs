//! Recreating what was deleted. A caller with these permissions can create a role that allows anything.
use super::audit;
use super::policy::Statement;
use super::scope::{APPS, PROFILES, Scope};

pub(super) fn statements(scope: &Scope) -> Vec<Statement> {
    let mut statements = audit::restoring(scope);
    statements.extend([
        Statement::allow(
            "MakeRolesAgain",
            &["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePolicy", "iam:TagRole"],
        )
        .on(scope.roles()),
        Statement::allow("PutRolesIntoProfiles", &["iam:AddRoleToInstanceProfile"]).on(PROFILES),
        scope.pass_roles_to_instances(),
        scope.pass_roles(),
        Statement::allow("PutEventStreams", &["mobiletargeting:PutEventStream"]).on(APPS),
    ]);
    statements
}
