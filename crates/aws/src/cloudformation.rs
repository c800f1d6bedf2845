//! CloudFormation: the stack that holds a role. Stacks put no tags on the roles that they make, so that only
//! CloudFormation itself can tell.
use crate::classify::{Asked, classify, missing, unintelligible};
use aws_sdk_cloudformation::Client;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::ids::RoleName;
use pinpoint_streams_model::live::FailureKind;

pub(crate) const DESCRIBE: Asked = Asked::cloudformation("DescribeStackResources");
const ROLE: &str = "AWS::IAM::Role";

/// The name of the region's stack that holds this role; none where CloudFormation says that there is none.
///
/// A role's physical id is its name. Where things of several kinds bear one name CloudFormation answers with
/// one of them alone (cloudformation-coverage-roadmap#998): an answer without the role proves nothing of it.
pub(crate) async fn stack_of(cloudformation: &Client, role: &RoleName) -> Result<Option<String>, CloudError> {
    let answer = cloudformation.describe_stack_resources().physical_resource_id(role.as_str()).send().await;
    let answer = match answer.map_err(|error| classify(DESCRIBE, error)) {
        Ok(answer) => answer,
        Err(error) if error.kind == FailureKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
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
