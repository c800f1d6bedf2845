//! To quarantine any role, to release it, and to delete what has been quarantined: nothing goes that was not
//! quarantined first, as `sweep --delete` would have it.
use super::audit;
use super::policy::Statement;
use super::scope::Scope;
use pinpoint_streams_model::sweep::QUARANTINED_AT;

pub(super) fn statements(scope: &Scope) -> Vec<Statement> {
    let request_tag = format!("aws:RequestTag/{QUARANTINED_AT}");
    let resource_tag = format!("aws:ResourceTag/{QUARANTINED_AT}");
    let mut statements = audit::sweeping(scope);
    statements.extend([
        // IAM cannot be told the inline policy's name: this is the one permission to guard.
        Statement::allow("Quarantine", &["iam:PutRolePolicy"]).on(scope.roles()),
        Statement::allow("MarkAsQuarantined", &["iam:TagRole"]).on(scope.roles()).where_like(request_tag, &["*"]),
        Statement::allow(
            "ReleaseOrDeleteWhatIsQuarantined",
            &[
                "iam:AttachRolePolicy",
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:UntagRole",
            ],
        )
        .on(scope.roles())
        .where_like(resource_tag, &["*"]),
    ]);
    statements.extend(scope.instance_profiles());
    statements
}
