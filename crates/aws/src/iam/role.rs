//! Converts IAM's types to a `LiveRole`.
use crate::classify::{ApiOperation, CloudError, misread, missing};
use aws_sdk_iam::types::{AttachedPermissionsBoundary, AttachedPolicy, InstanceProfile, Role, RoleLastUsed};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use pinpoint_streams_model::arn::{PolicyArn, RoleArn};
use pinpoint_streams_model::live::{DEFAULT_SESSION_DURATION, InlinePolicies, LastUsed, ListedRole, LiveRole};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use std::collections::BTreeSet;
use std::fmt::Display;

/// How long IAM tracks the use of a role. Source: IAM API reference, RoleLastUsed.
const LAST_USED_DAYS: u32 = 400;

pub(super) struct Attachments {
    pub(super) inline_policies: InlinePolicies,
    pub(super) attached_policies: BTreeSet<PolicyArn>,
    pub(super) instance_profiles: BTreeSet<String>,
}

/// Checks the ARN: for a role just created, IAM may return its unique ID (AROA…) instead.
pub(super) fn live(
    operation: ApiOperation,
    role: &Role,
    attachments: Attachments,
) -> Result<LiveRole, CloudError> {
    let Attachments { inline_policies, attached_policies, instance_profiles } = attachments;
    let ListedRole { arn, id, trust_policy, created } = listed(operation, role)?;
    let max_session_duration = match role.max_session_duration() {
        Some(seconds) => u32::try_from(seconds).map_err(|error| misread(operation, error))?,
        None => DEFAULT_SESSION_DURATION,
    };
    let permissions_boundary = role
        .permissions_boundary()
        .and_then(AttachedPermissionsBoundary::permissions_boundary_arn)
        .map(|arn| arn.parse().map_err(|error| misread(operation, error)))
        .transpose()?;
    Ok(LiveRole {
        arn,
        id,
        trust_policy,
        inline_policies,
        attached_policies,
        instance_profiles,
        permissions_boundary,
        description: role.description().unwrap_or_default().to_owned(),
        max_session_duration,
        tags: role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect::<Tags>(),
        created,
        last_used: last_used(role.role_last_used()),
        template: role.source_role_template().map(|template| template.template_arn().to_owned()),
    })
}

/// The role as ListRoles has it.
pub(super) fn listed(operation: ApiOperation, role: &Role) -> Result<ListedRole, CloudError> {
    let arn: RoleArn = parsed(operation, Some(role.arn()), "Arn")?;
    if !arn.name.as_str().eq_ignore_ascii_case(role.role_name()) {
        return Err(misread(operation, format!("{arn} is not the ARN of role {}", role.role_name())));
    }
    let trust_policy = role.assume_role_policy_document();
    let trust_policy = trust_policy.ok_or_else(|| missing(operation, "AssumeRolePolicyDocument"))?;
    Ok(ListedRole {
        id: parsed(operation, Some(role.role_id()), "RoleId")?,
        trust_policy: document(operation, format_args!("the trust policy of {arn}"), trust_policy)?,
        created: timestamp(role.create_date()),
        arn,
    })
}

/// A policy document as IAM sends it, percent-encoded.
pub(super) fn document(operation: ApiOperation, what: impl Display, text: &str) -> Result<Document, CloudError> {
    Document::from_wire(text).map_err(|error| misread(operation, format!("{what}: {error}")))
}

pub(super) fn attached(
    operation: ApiOperation,
    policies: &[AttachedPolicy],
) -> Result<BTreeSet<PolicyArn>, CloudError> {
    policies.iter().map(|policy| parsed(operation, policy.policy_arn(), "PolicyArn")).collect()
}

pub(super) fn profile_names(profiles: &[InstanceProfile]) -> BTreeSet<String> {
    profiles.iter().map(|profile| profile.instance_profile_name().to_owned()).collect()
}

pub(super) fn parsed<T>(operation: ApiOperation, text: Option<&str>, field: &str) -> Result<T, CloudError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text = text.ok_or_else(|| missing(operation, field))?;
    text.parse().map_err(|error| misread(operation, format!("{field}: {error}")))
}

/// An empty element means "not in the last 400 days"; ListRoles omits the element.
fn last_used(used: Option<&RoleLastUsed>) -> LastUsed {
    let Some(used) = used else { return LastUsed::NotRead };
    let Some(date) = used.last_used_date() else { return LastUsed::Never { within_days: LAST_USED_DAYS } };
    match timestamp(date) {
        Some(at) => LastUsed::At(at, used.region().and_then(|region| region.parse().ok())),
        None => LastUsed::NotRead,
    }
}

pub(crate) fn timestamp(date: &DateTime) -> Option<Timestamp> {
    Timestamp::new(date.secs(), i32::try_from(date.subsec_nanos()).ok()?).ok()
}
