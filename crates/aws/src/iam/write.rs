//! Changes of roles, one API call each.
use super::role::parsed;
use crate::calling::sent;
use crate::classify::{ApiOperation, Service, misread, missing};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;
use aws_smithy_types::error::operation::BuildError;
use aws_types::request_id::RequestId;
use pinpoint_streams_executor::cloud::{CloudError, Written};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::op::{CreateRole, Output, Resolved, RoleOp, with_ownership};
use pinpoint_streams_model::ownership::Tags;

pub(crate) async fn role(iam: &Client, op: &RoleOp<Resolved>) -> Result<Written, CloudError> {
    let (operation, name) = (ApiOperation::new(Service::Iam, op.call().api), op.role().name.as_str());
    // Sends a request and keeps its request id. The SDK's request builders share no trait.
    macro_rules! send {
        ($request:expr) => {
            sent!(operation, $request)?.request_id().map(str::to_owned)
        };
    }
    let request_id = match op {
        RoleOp::Create(op) => return create(iam, operation, op).await,
        RoleOp::UpdateTrustPolicy { role: _, trust_policy } => {
            send!(iam.update_assume_role_policy().role_name(name).policy_document(trust_policy.to_json()))
        }
        RoleOp::PutPolicy { role: _, policy_name, document } => {
            let request = iam.put_role_policy().role_name(name).policy_name(policy_name.as_str());
            send!(request.policy_document(document.to_json()))
        }
        RoleOp::DeletePolicy { role: _, policy_name } => {
            send!(iam.delete_role_policy().role_name(name).policy_name(policy_name.as_str()))
        }
        // An empty description removes the old one.
        RoleOp::Update { role: _, description, max_session_duration } => {
            let duration = i32::try_from(*max_session_duration).map_err(|error| misread(operation, error))?;
            send!(iam.update_role().role_name(name).description(description).max_session_duration(duration))
        }
        RoleOp::PutBoundary { role: _, permissions_boundary } => {
            let request = iam.put_role_permissions_boundary().role_name(name);
            send!(request.permissions_boundary(permissions_boundary.as_str()))
        }
        RoleOp::DeleteBoundary { role: _ } => send!(iam.delete_role_permissions_boundary().role_name(name)),
        RoleOp::Tag { role: _, tags, owner } => {
            let tags = sdk_tags(operation, &with_ownership(tags, owner.as_ref()))?;
            send!(iam.tag_role().role_name(name).set_tags(Some(tags)))
        }
        RoleOp::Untag { role: _, tag_keys } => {
            send!(iam.untag_role().role_name(name).set_tag_keys(Some(tag_keys.iter().cloned().collect())))
        }
        RoleOp::AttachPolicy { role: _, policy } => {
            send!(iam.attach_role_policy().role_name(name).policy_arn(policy.as_str()))
        }
        RoleOp::DetachPolicy { role: _, policy } => {
            send!(iam.detach_role_policy().role_name(name).policy_arn(policy.as_str()))
        }
        RoleOp::AddToProfile { role: _, instance_profile } => {
            let request = iam.add_role_to_instance_profile().role_name(name);
            send!(request.instance_profile_name(instance_profile))
        }
        RoleOp::RemoveFromProfile { role: _, instance_profile } => {
            let request = iam.remove_role_from_instance_profile().role_name(name);
            send!(request.instance_profile_name(instance_profile))
        }
        // By name: the executor has just checked that it is still the planned role.
        RoleOp::Delete { role: _, role_id: _ } => send!(iam.delete_role().role_name(name)),
    };
    Ok(Written { output: Output::Done, request_id })
}

/// Creates a role with its tags. A retry after a lost response fails with EntityAlreadyExists; the tags show whether the
/// role is this program's.
async fn create(iam: &Client, operation: ApiOperation, op: &CreateRole<Resolved>) -> Result<Written, CloudError> {
    let duration = i32::try_from(op.max_session_duration).map_err(|error| misread(operation, error))?;
    let request = iam
        .create_role()
        .role_name(op.arn.name.as_str())
        .path(op.arn.path.as_str())
        .assume_role_policy_document(op.trust_policy.to_json())
        .set_description(Some(op.description.clone()).filter(|text| !text.is_empty()))
        .max_session_duration(duration)
        .set_permissions_boundary(op.permissions_boundary.as_ref().map(ToString::to_string))
        .set_tags(Some(sdk_tags(operation, &op.all_tags())?).filter(|tags| !tags.is_empty()));
    let answer = sent!(operation, request)?;
    let role = answer.role().ok_or_else(|| missing(operation, "Role"))?;
    // The ARN of a new role may be its unique ID (AROA…); an actual ARN must be the expected one.
    if let Ok(arn) = role.arn().parse::<RoleArn>()
        && arn != op.arn
    {
        return Err(misread(operation, format!("{} was to be made, {arn} was", op.arn)));
    }
    let id = parsed(operation, Some(role.role_id()), "RoleId")?;
    Ok(Written { output: Output::Role(id), request_id: answer.request_id().map(str::to_owned) })
}

fn sdk_tags(operation: ApiOperation, tags: &Tags) -> Result<Vec<Tag>, CloudError> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, BuildError>>().map_err(|error| misread(operation, error))
}
