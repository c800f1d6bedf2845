//! CloudFormation: the stack that contains a role. Stacks do not tag their roles, so only CloudFormation can tell.
use crate::classify::{
    ApiOperation, CloudError, Service, classify, misread, missing, unintelligible, unless_absent,
};
use aws_sdk_cloudformation::Client;
use pinpoint_streams_model::ids::RoleName;
use pinpoint_streams_model::live::FailureKind;

pub(crate) const DESCRIBE: ApiOperation = ApiOperation::new(Service::CloudFormation, "DescribeStackResources");
const ROLE: &str = "AWS::IAM::Role";

/// The name of the region's stack that contains this role, if any.
///
/// A role's physical ID is its name. If resources of several types have the same physical ID, CloudFormation returns
/// only one of them (cloudformation-coverage-roadmap#998): a response without the role proves nothing.
pub(crate) async fn stack_of(cloudformation: &Client, role: &RoleName) -> Result<Option<String>, CloudError> {
    let answer = cloudformation.describe_stack_resources().physical_resource_id(role.as_str()).send().await;
    let answer = answer.map_err(|error| about(role, classify(DESCRIBE, error)));
    let Some(answer) = unless_absent(answer)? else { return Ok(None) };
    let resources = answer.stack_resources();
    let is_role = |id: &str| id.eq_ignore_ascii_case(role.as_str());
    let held = resources.iter().find(|resource| {
        resource.resource_type() == Some(ROLE) && resource.physical_resource_id().is_some_and(is_role)
    });
    match (held, resources.first()) {
        (Some(held), _) => {
            let stack = held.stack_name().ok_or_else(|| missing(DESCRIBE, "StackName"))?;
            Ok(Some(stack.to_owned()))
        }
        (None, Some(other)) => {
            let stack = other.stack_name().unwrap_or("a stack");
            let message =
                format!("{stack} holds something else named {role}, which hides whether a stack holds the role");
            Err(unintelligible(DESCRIBE, "NameNotUnique", message))
        }
        (None, None) => Err(missing(DESCRIBE, "StackResources")),
    }
}

/// Absence is that of the role only if the message names it: `Stack for NAME does not exist`.
fn about(role: &RoleName, error: CloudError) -> CloudError {
    let names_it =
        error.message.split(|c: char| c.is_whitespace()).any(|word| word.eq_ignore_ascii_case(role.as_str()));
    match error.kind {
        FailureKind::NotFound if !names_it => {
            misread(DESCRIBE, format!("it is not about {role}: {}", error.message))
        }
        _ => error,
    }
}
