//! Changes of roles, one API call each.
use super::role::parsed;
use crate::calling::sent;
use crate::classify::{Asked, misread, missing};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;
use aws_smithy_types::error::operation::BuildError;
use aws_types::request_id::RequestId;
use pinpoint_streams_executor::cloud::{CloudError, Written};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::op;
use pinpoint_streams_model::op::Resolved;
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::recorded::Output;

const CREATE: Asked = Asked::iam("CreateRole");

/// Sends a request and keeps its request id. The SDK's request builders share no trait.
macro_rules! send {
    ($operation:literal, $request:expr) => {{
        let answer = sent!(Asked::iam($operation), $request)?;
        Ok(Written { output: Output::Done, request_id: answer.request_id().map(str::to_owned) })
    }};
}

/// Makes a role with its tags. Sent again after a lost answer it meets its own first attempt as
/// EntityAlreadyExists; the tags tell whose that is.
pub(crate) async fn create(iam: &Client, op: &op::CreateRole<Resolved>) -> Result<Written, CloudError> {
    let duration = i32::try_from(op.max_session_duration).map_err(|error| misread(CREATE, error))?;
    let request = iam
        .create_role()
        .role_name(op.arn.name.as_str())
        .path(op.arn.path.as_str())
        .assume_role_policy_document(op.trust_policy.to_json())
        .set_description(Some(op.description.clone()).filter(|text| !text.is_empty()))
        .max_session_duration(duration)
        .set_permissions_boundary(op.permissions_boundary.as_ref().map(ToString::to_string))
        .set_tags(Some(tags(CREATE, &op.all_tags())?).filter(|tags| !tags.is_empty()));
    let answer = sent!(CREATE, request)?;
    let role = answer.role().ok_or_else(|| missing(CREATE, "Role"))?;
    // Just after a role was made its ARN may read AROA…; one that is an ARN must be the one computed.
    if let Ok(arn) = role.arn().parse::<RoleArn>()
        && arn != op.arn
    {
        return Err(misread(CREATE, format!("{} was to be made, {arn} was", op.arn)));
    }
    let id = parsed(CREATE, Some(role.role_id()), "RoleId")?;
    Ok(Written { output: Output::Role(id), request_id: answer.request_id().map(str::to_owned) })
}

pub(crate) async fn trust_policy(
    iam: &Client,
    op: &op::UpdateTrustPolicy<Resolved>,
) -> Result<Written, CloudError> {
    let request = iam.update_assume_role_policy().role_name(op.role.name.as_str());
    send!("UpdateAssumeRolePolicy", request.policy_document(op.trust_policy.to_json()))
}

pub(crate) async fn put_policy(iam: &Client, op: &op::PutRolePolicy) -> Result<Written, CloudError> {
    let request = iam.put_role_policy().role_name(op.role.name.as_str()).policy_name(op.policy_name.as_str());
    send!("PutRolePolicy", request.policy_document(op.document.to_json()))
}

pub(crate) async fn delete_policy(iam: &Client, op: &op::DeleteRolePolicy) -> Result<Written, CloudError> {
    let request = iam.delete_role_policy().role_name(op.role.name.as_str());
    send!("DeleteRolePolicy", request.policy_name(op.policy_name.as_str()))
}

/// An empty description is sent too: it takes the old one off.
pub(crate) async fn update(iam: &Client, op: &op::UpdateRole) -> Result<Written, CloudError> {
    const UPDATE: Asked = Asked::iam("UpdateRole");
    let duration = i32::try_from(op.max_session_duration).map_err(|error| misread(UPDATE, error))?;
    let request = iam.update_role().role_name(op.role.name.as_str()).description(&op.description);
    send!("UpdateRole", request.max_session_duration(duration))
}

pub(crate) async fn put_boundary(iam: &Client, op: &op::PutPermissionsBoundary) -> Result<Written, CloudError> {
    let request = iam.put_role_permissions_boundary().role_name(op.role.name.as_str());
    send!("PutRolePermissionsBoundary", request.permissions_boundary(op.permissions_boundary.as_str()))
}

pub(crate) async fn delete_boundary(
    iam: &Client,
    op: &op::DeletePermissionsBoundary,
) -> Result<Written, CloudError> {
    let request = iam.delete_role_permissions_boundary().role_name(op.role.name.as_str());
    send!("DeleteRolePermissionsBoundary", request)
}

pub(crate) async fn tag(iam: &Client, op: &op::TagRole<Resolved>) -> Result<Written, CloudError> {
    let tags = tags(Asked::iam("TagRole"), &op.all_tags())?;
    send!("TagRole", iam.tag_role().role_name(op.role.name.as_str()).set_tags(Some(tags)))
}

pub(crate) async fn untag(iam: &Client, op: &op::UntagRole) -> Result<Written, CloudError> {
    let keys = op.tag_keys.iter().cloned().collect();
    send!("UntagRole", iam.untag_role().role_name(op.role.name.as_str()).set_tag_keys(Some(keys)))
}

pub(crate) async fn attach(iam: &Client, op: &op::AttachRolePolicy) -> Result<Written, CloudError> {
    let request = iam.attach_role_policy().role_name(op.role.name.as_str());
    send!("AttachRolePolicy", request.policy_arn(op.policy.as_str()))
}

pub(crate) async fn detach(iam: &Client, op: &op::DetachRolePolicy) -> Result<Written, CloudError> {
    let request = iam.detach_role_policy().role_name(op.role.name.as_str());
    send!("DetachRolePolicy", request.policy_arn(op.policy.as_str()))
}

pub(crate) async fn join_profile(iam: &Client, op: &op::AddRoleToInstanceProfile) -> Result<Written, CloudError> {
    let request = iam.add_role_to_instance_profile().role_name(op.role.name.as_str());
    send!("AddRoleToInstanceProfile", request.instance_profile_name(&op.instance_profile))
}

pub(crate) async fn leave_profile(
    iam: &Client,
    op: &op::RemoveRoleFromInstanceProfile,
) -> Result<Written, CloudError> {
    let request = iam.remove_role_from_instance_profile().role_name(op.role.name.as_str());
    send!("RemoveRoleFromInstanceProfile", request.instance_profile_name(&op.instance_profile))
}

/// Deletes by name; that it is still the role that was planned, the executor has just made sure of.
pub(crate) async fn delete(iam: &Client, op: &op::DeleteRole) -> Result<Written, CloudError> {
    send!("DeleteRole", iam.delete_role().role_name(op.role.name.as_str()))
}

fn tags(asked: Asked, tags: &Tags) -> Result<Vec<Tag>, CloudError> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, BuildError>>().map_err(|error| misread(asked, error))
}
