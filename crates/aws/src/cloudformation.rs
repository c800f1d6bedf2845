//! CloudFormation: the stack that contains a role. Stacks do not tag their roles, so only CloudFormation can tell.
use crate::classify::{
    ApiOperation, CloudError, Service, classify, misread, missing, unintelligible, unless_absent,
};
use crate::pages::{self, Page};
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::operation::list_stack_resources::ListStackResourcesOutput;
use pinpoint_streams_model::ids::RoleName;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::stack::{StackResource, StackResources};

pub(crate) const DESCRIBE: ApiOperation = ApiOperation::new(Service::CloudFormation, "DescribeStackResources");
pub(crate) const LIST: ApiOperation = ApiOperation::new(Service::CloudFormation, "ListStackResources");
const ROLE: &str = "AWS::IAM::Role";

/// The name of the region's stack that contains this role, if any.
///
/// A role's physical ID is its name. If resources of several types have the same physical ID, CloudFormation returns
/// only one of them (cloudformation-coverage-roadmap#998): a response without the role proves nothing.
pub(crate) async fn stack_of(cloudformation: &Client, role: &RoleName) -> Result<Option<String>, CloudError> {
    let answer = cloudformation.describe_stack_resources().physical_resource_id(role.as_str()).send().await;
    let answer = answer.map_err(|error| about(DESCRIBE, role.as_str(), classify(DESCRIBE, error)));
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

/// The resources of a stack, or none if there is no stack of this name.
pub(crate) async fn resources(cloudformation: &Client, stack: &str) -> Result<Option<StackResources>, CloudError> {
    let first = page(cloudformation, stack, None).await.map_err(|error| about(LIST, stack, error));
    let Some(first) = unless_absent(first)? else { return Ok(None) };
    let (mut summaries, token) = (first.stack_resource_summaries.unwrap_or_default(), first.next_token);
    if token.is_some() {
        let token = &token;
        let rest = pages::all(LIST, |next| async move {
            let answer = page(cloudformation, stack, next.or_else(|| token.clone())).await?;
            Ok(Page { items: answer.stack_resource_summaries.unwrap_or_default(), next: answer.next_token })
        });
        summaries.extend(rest.await?);
    }
    let named = summaries.into_iter().map(|summary| {
        let resource_type = summary.resource_type.ok_or_else(|| missing(LIST, "ResourceType"))?;
        let logical_id = summary.logical_resource_id.ok_or_else(|| missing(LIST, "LogicalResourceId"))?;
        let physical_id = summary.physical_resource_id.unwrap_or_default();
        Ok((logical_id, StackResource { resource_type, physical_id }))
    });
    named.collect::<Result<_, CloudError>>().map(|resources| Some(StackResources(resources)))
}

async fn page(
    cloudformation: &Client,
    stack: &str,
    token: Option<String>,
) -> Result<ListStackResourcesOutput, CloudError> {
    let request = cloudformation.list_stack_resources().stack_name(stack).set_next_token(token);
    request.send().await.map_err(|error| classify(LIST, error))
}

/// Absence is that of the role or the stack only if the message names it: `Stack for NAME does not exist`, `Stack with id
/// NAME does not exist`.
fn about(operation: ApiOperation, name: &str, error: CloudError) -> CloudError {
    let names_it = error.message.split(|c: char| c.is_whitespace()).any(|word| word.eq_ignore_ascii_case(name));
    match error.kind {
        FailureKind::NotFound if !names_it => {
            misread(operation, format!("it is not about {name}: {}", error.message))
        }
        _ => error,
    }
}
