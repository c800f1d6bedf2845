//! To look, and to change nothing.
use super::policy::Statement;
use super::scope::{APPS, POLICIES, ROLES, Scope};

/// Everything that is read.
pub(super) fn statements(scope: &Scope) -> Vec<Statement> {
    let mut statements = sweeping(scope);
    statements.extend([all_roles(), more_of_apps()]);
    statements
}

/// What a sweep reads.
pub(super) fn sweeping(scope: &Scope) -> Vec<Statement> {
    let mut statements = everywhere();
    statements.push(managed_policies());
    statements.push(Statement::allow("ReadStacks", &["cloudformation:DescribeStackResources"]).on("*"));
    statements.extend(entering(scope));
    statements
}

/// What a restore reads.
pub(super) fn restoring(scope: &Scope) -> Vec<Statement> {
    let mut statements = everywhere();
    statements.extend([all_roles(), managed_policies()]);
    statements.extend(entering(scope));
    statements
}

/// What a plan of a manifest reads.
pub(super) fn reading() -> Vec<Statement> {
    let mut statements = everywhere();
    statements.extend([all_roles(), more_of_apps()]);
    statements
}

/// Many roles are read together.
fn all_roles() -> Statement {
    Statement::allow("ReadAllRoles", &["iam:GetAccountAuthorizationDetails"]).on("*")
}

/// What is lost with an app that is to be deleted, and the tags of one where the list of apps has left them out.
fn more_of_apps() -> Statement {
    let actions = ["mobiletargeting:GetChannels", "mobiletargeting:ListTagsForResource"];
    Statement::allow("ReadMoreOfApps", &actions).on(APPS)
}

/// What an attached policy says.
fn managed_policies() -> Statement {
    Statement::allow("ReadManagedPolicies", &["iam:GetPolicy", "iam:GetPolicyVersion"]).on(POLICIES)
}

/// To enter each account of an organization.
fn entering(scope: &Scope) -> Vec<Statement> {
    let Some(role) = &scope.organization_role else { return Vec::new() };
    let role = format!("arn:*:iam::*:role/{role}");
    vec![
        Statement::allow("ReadOrganization", &["organizations:ListAccounts"]).on("*"),
        Statement::allow("EnterAccounts", &["sts:AssumeRole"]).on(role),
    ]
}

/// What every plan reads.
fn everywhere() -> Vec<Statement> {
    vec![
        // IAM knows no narrower resource for these.
        Statement::allow("ReadAccount", &["iam:GetAccountSummary", "iam:ListRoles"]).on("*"),
        Statement::allow(
            "ReadRoles",
            &[
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
            ],
        )
        .on(ROLES),
        Statement::allow("ReadApps", &["mobiletargeting:GetApps", "mobiletargeting:GetEventStream"]).on(APPS),
        Statement::allow("ReadStreams", &["firehose:DescribeDeliveryStream", "kinesis:DescribeStreamSummary"])
            .on("arn:*:firehose:*:*:deliverystream/*")
            .on("arn:*:kinesis:*:*:stream/*"),
    ]
}
