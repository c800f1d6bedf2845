//! The minimal IAM policy of the caller, for each kind of work. Pure. Tests compare it with the calls that are made.
mod bucket;
mod policy;

pub use policy::{OperatorPolicy, Scope, Statement};

use pinpoint_streams_model::sweep::QUARANTINED_AT;

/// All apps with their subresources. The developer guide has `apps` for the list, the Service Authorization Reference
/// `apps/*`.
const APPS: &str = "arn:*:mobiletargeting:*:*:apps*";
const ROLES: &str = "arn:*:iam::*:role/*";
/// Every managed policy, AWS's own too.
const POLICIES: &str = "arn:*:iam::*:policy/*";
const PROFILES: &str = "arn:*:iam::*:instance-profile/*";

/// What the caller is going to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// Read only: `plan`, `sweep` without `--apply`, `discover`, `policy show`, `verify`.
    Audit,
    /// `apply` and `destroy`: create, change, adopt and delete the workspace's resources.
    Apply,
    /// `sweep --apply`: quarantine any role, release it, and delete quarantined roles, as with `sweep --delete`.
    Teardown,
    /// `restore`: recreate what was deleted. A caller with these permissions can create a role that allows anything.
    Restore,
}

/// The minimal policy for this work within this scope. All actions are those of the Service Authorization Reference.
pub fn permissions(work: Work, scope: &Scope) -> OperatorPolicy {
    let mut statement = vec![
        // IAM supports no narrower resource for these.
        Statement::allow("ReadAccount", "iam:GetAccountSummary iam:ListRoles").on("*"),
        Statement::allow(
            "ReadRoles",
            "iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListInstanceProfilesForRole \
             iam:ListRolePolicies",
        )
        .on(ROLES),
        Statement::allow("ReadApps", "mobiletargeting:GetApps mobiletargeting:GetEventStream").on(APPS),
        Statement::allow("ReadStreams", "firehose:DescribeDeliveryStream kinesis:DescribeStreamSummary")
            .on("arn:*:firehose:*:*:deliverystream/*")
            .on("arn:*:kinesis:*:*:stream/*"),
    ];
    let all_roles = Statement::allow("ReadAllRoles", "iam:GetAccountAuthorizationDetails").on("*");
    let managed_policies =
        Statement::allow("ReadManagedPolicies", "iam:GetPolicy iam:GetPolicyVersion").on(POLICIES);
    let stacks =
        Statement::allow("ReadStacks", "account:ListRegions cloudformation:DescribeStackResources").on("*");
    // The channels of an app to be deleted, and tags where the list of apps omits them.
    let more_of_apps =
        Statement::allow("ReadAppDetails", "mobiletargeting:GetChannels mobiletargeting:ListTagsForResource")
            .on(APPS);
    match work {
        Work::Audit => {
            statement.extend([managed_policies, stacks]);
            statement.extend(evidence());
            statement.extend(residue());
            statement.push(Statement::allow("SimulateRoles", "iam:SimulatePrincipalPolicy").on(ROLES));
            statement.push(
                Statement::allow("ReadStreamPolicies", "kinesis:GetResourcePolicy")
                    .on("arn:*:kinesis:*:*:stream/*"),
            );
            statement.push(Statement::allow("ReadKeyPolicies", "kms:GetKeyPolicy").on("arn:*:kms:*:*:key/*"));
            statement.push(Statement::allow("ListStacks", "cloudformation:ListStackResources").on("*"));
            statement.extend(organization(scope));
            statement.extend([all_roles, more_of_apps]);
        }
        Work::Apply => {
            statement.extend([all_roles, more_of_apps]);
            statement.extend(apply(scope));
            statement.extend(instance_profiles(scope));
        }
        Work::Teardown => {
            statement.extend([managed_policies, stacks, roles_of_pinpoint()]);
            statement.extend(organization(scope));
            statement.extend(teardown(scope));
            statement.extend(instance_profiles(scope));
        }
        Work::Restore => {
            statement.extend([all_roles, managed_policies]);
            statement.extend(organization(scope));
            statement.extend(restore(scope));
        }
    }
    if let Some(state) = &scope.state {
        statement.extend(bucket::statements(work, state));
    }
    OperatorPolicy { version: "2012-10-17", statement }
}

/// Sources of evidence other than IAM and Pinpoint. Most have no narrower resource.
fn evidence() -> [Statement; 2] {
    [
        Statement::allow(
            "ReadEvidence",
            "access-analyzer:ListAnalyzers access-analyzer:ListFindings cloudtrail:LookupEvents \
             config:DescribeConfigurationAggregators config:DescribeConfigurationRecorderStatus \
             config:DescribeConfigurationRecorders config:GetResourceConfigHistory \
             config:SelectAggregateResourceConfig config:SelectResourceConfig iam:GetServiceLastAccessedDetails",
        )
        .on("*"),
        Statement::allow("ReadLastAccessed", "iam:GenerateServiceLastAccessedDetails").on(ROLES),
    ]
}

/// What `sweep --residue` reads. SES lists and CloudWatch have no narrower resource.
fn residue() -> [Statement; 6] {
    [
        Statement::allow(
            "ReadResidue",
            "cloudwatch:GetMetricData lambda:ListFunctions ses:ListConfigurationSets ses:ListEmailIdentities",
        )
        .on("*"),
        Statement::allow("ReadIdentityPolicies", "ses:GetEmailIdentityPolicies").on("arn:*:ses:*:*:identity/*"),
        Statement::allow("ReadEventDestinations", "ses:GetConfigurationSetEventDestinations")
            .on("arn:*:ses:*:*:configuration-set/*"),
        Statement::allow("ReadFunctionPolicies", "lambda:GetPolicy").on("arn:*:lambda:*:*:function:*"),
        Statement::allow("ReadTemplates", "mobiletargeting:ListTemplates")
            .on("arn:*:mobiletargeting:*:*:templates*"),
        roles_of_pinpoint(),
    ]
}

/// The roles that Pinpoint uses for other purposes than event streams.
fn roles_of_pinpoint() -> Statement {
    Statement::allow(
        "ReadRolesOfPinpoint",
        "mobiletargeting:GetEmailChannel mobiletargeting:GetExportJobs mobiletargeting:GetImportJobs \
         mobiletargeting:GetRecommenderConfigurations",
    )
    .on(APPS)
    .on("arn:*:mobiletargeting:*:*:recommenders*")
}

/// Access to each account of an organization.
fn organization(scope: &Scope) -> Vec<Statement> {
    let Some(role) = &scope.organization_role else { return Vec::new() };
    vec![
        Statement::allow("ReadOrganization", "organizations:ListAccounts").on("*"),
        Statement::allow("AssumeAccountRole", "sts:AssumeRole").on(format!("arn:*:iam::*:role/{role}")),
    ]
}

fn apply(scope: &Scope) -> [Statement; 7] {
    [
        // Read again before it is deleted.
        Statement::allow("CheckBeforeDelete", "mobiletargeting:GetApp").on(APPS),
        // A role is created with its ownership tags; an adopted role is tagged first.
        scope.tagging(Statement::allow("CreateAndAdoptRoles", "iam:CreateRole iam:TagRole").on(scope.roles())),
        scope.tagged(
            Statement::allow(
                "ChangeOwnRoles",
                "iam:AttachRolePolicy iam:DeleteRole iam:DeleteRolePermissionsBoundary iam:DeleteRolePolicy \
                 iam:DetachRolePolicy iam:PutRolePermissionsBoundary iam:PutRolePolicy iam:TagRole iam:UntagRole \
                 iam:UpdateAssumeRolePolicy iam:UpdateRole",
            )
            .on(scope.roles()),
        ),
        scope.pass_roles(),
        scope.tagging(
            Statement::allow("CreateApps", "mobiletargeting:CreateApp mobiletargeting:TagResource").on(APPS),
        ),
        scope.tagged(
            Statement::allow(
                "ChangeOwnApps",
                "mobiletargeting:DeleteApp mobiletargeting:TagResource mobiletargeting:UntagResource",
            )
            .on(APPS),
        ),
        // Apps that a manifest references by ID have no ownership tags.
        Statement::allow("ChangeEventStreams", "mobiletargeting:DeleteEventStream mobiletargeting:PutEventStream")
            .on(APPS),
    ]
}

fn teardown(scope: &Scope) -> [Statement; 3] {
    [
        // IAM has no condition on the name of an inline policy: this is the permission to guard.
        Statement::allow("Quarantine", "iam:PutRolePolicy").on(scope.roles()),
        Statement::allow("MarkAsQuarantined", "iam:TagRole")
            .on(scope.roles())
            .where_like(format!("aws:RequestTag/{QUARANTINED_AT}"), &["*"]),
        Statement::allow(
            "ReleaseOrDeleteQuarantined",
            "iam:AttachRolePolicy iam:DeleteRole iam:DeleteRolePolicy iam:DetachRolePolicy iam:UntagRole",
        )
        .on(scope.roles())
        .where_like(format!("aws:ResourceTag/{QUARANTINED_AT}"), &["*"]),
    ]
}

fn restore(scope: &Scope) -> [Statement; 5] {
    let create = "iam:AttachRolePolicy iam:CreateRole iam:PutRolePolicy iam:TagRole";
    [
        Statement::allow("RecreateRoles", create).on(scope.roles()),
        Statement::allow("AddRolesToProfiles", "iam:AddRoleToInstanceProfile").on(PROFILES),
        scope.pass_roles_to_instances(),
        scope.pass_roles(),
        Statement::allow("PutEventStreams", "mobiletargeting:PutEventStream").on(APPS),
    ]
}

/// Removing a role to be deleted from its instance profile, and adding it back if it cannot be deleted.
fn instance_profiles(scope: &Scope) -> [Statement; 2] {
    let actions = "iam:AddRoleToInstanceProfile iam:RemoveRoleFromInstanceProfile";
    [Statement::allow("EditInstanceProfiles", actions).on(PROFILES), scope.pass_roles_to_instances()]
}
