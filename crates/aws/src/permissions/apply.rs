//! To make, change, adopt and delete what a workspace owns.
use super::audit::reading;
use super::policy::Statement;
use super::scope::{APPS, Scope};

pub(super) fn statements(scope: &Scope) -> Vec<Statement> {
    let mut statements = reading();
    statements.extend([
        // What is to be deleted is looked at once more.
        Statement::allow("LookBeforeDeleting", &["mobiletargeting:GetApp"]).on(APPS),
        // A role is made with our tags in the call itself; one that is adopted gets them first.
        scope.tagging(Statement::allow("MakeAndAdoptRoles", &["iam:CreateRole", "iam:TagRole"]).on(scope.roles())),
        scope.tagged(
            Statement::allow(
                "ChangeOwnRoles",
                &[
                    "iam:AttachRolePolicy",
                    "iam:DeleteRole",
                    "iam:DeleteRolePermissionsBoundary",
                    "iam:DeleteRolePolicy",
                    "iam:DetachRolePolicy",
                    "iam:PutRolePermissionsBoundary",
                    "iam:PutRolePolicy",
                    "iam:TagRole",
                    "iam:UntagRole",
                    "iam:UpdateAssumeRolePolicy",
                    "iam:UpdateRole",
                ],
            )
            .on(scope.roles()),
        ),
        scope.pass_roles(),
        scope.tagging(
            Statement::allow("MakeApps", &["mobiletargeting:CreateApp", "mobiletargeting:TagResource"]).on(APPS),
        ),
        scope.tagged(
            Statement::allow(
                "ChangeOwnApps",
                &["mobiletargeting:DeleteApp", "mobiletargeting:TagResource", "mobiletargeting:UntagResource"],
            )
            .on(APPS),
        ),
        // Apps that a manifest names by their ids bear no tags of ours.
        Statement::allow(
            "ChangeEventStreams",
            &["mobiletargeting:DeleteEventStream", "mobiletargeting:PutEventStream"],
        )
        .on(APPS),
    ]);
    statements.extend(scope.instance_profiles());
    statements
}
