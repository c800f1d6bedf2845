//! CloudFormation: the stack that contains a role. Stacks do not tag their roles, so only CloudFormation can tell.
use crate::classify::{ApiOperation, CloudError, Service, misread, missing, unintelligible, unless_absent};
use crate::pages::{self, Page};
use crate::service::QueryClient;
use crate::service::query::Members;
use pinpoint_streams_model::ids::RoleName;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::stack::{StackResource, StackResources};
use serde::Deserialize;

pub(crate) const DESCRIBE: ApiOperation = ApiOperation::new(Service::CloudFormation, "DescribeStackResources");
pub(crate) const LIST: ApiOperation = ApiOperation::new(Service::CloudFormation, "ListStackResources");
const ROLE: &str = "AWS::IAM::Role";

#[derive(Deserialize)]
struct Described {
    #[serde(rename = "DescribeStackResourcesResult")]
    result: DescribedResources,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedResources {
    stack_resources: Option<Members<DescribedResource>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribedResource {
    stack_name: Option<String>,
    resource_type: Option<String>,
    physical_resource_id: Option<String>,
}

/// The name of the region's stack that contains this role, if any.
///
/// A role's physical ID is its name. If resources of several types have the same physical ID, CloudFormation returns
/// only one of them (cloudformation-coverage-roadmap#998): a response without the role proves nothing.
pub(crate) async fn stack_of(cloudformation: &QueryClient, role: &RoleName) -> Result<Option<String>, CloudError> {
    let parameters = vec![("PhysicalResourceId", role.to_string())];
    let answer = cloudformation.call::<Described>(DESCRIBE, parameters).await;
    let answer = answer.map_err(|error| about(DESCRIBE, role.as_str(), error));
    let Some(Described { result }) = unless_absent(answer)? else { return Ok(None) };
    let resources = result.stack_resources.map_or_else(Vec::new, |list| list.members);
    let is_role = |id: &str| id.eq_ignore_ascii_case(role.as_str());
    let held = resources.iter().find(|resource| {
        resource.resource_type.as_deref() == Some(ROLE)
            && resource.physical_resource_id.as_deref().is_some_and(is_role)
    });
    match (held, resources.first()) {
        (Some(held), _) => held.stack_name.clone().map(Some).ok_or_else(|| missing(DESCRIBE, "StackName")),
        (None, Some(other)) => {
            let stack = other.stack_name.as_deref().unwrap_or("a stack");
            let message =
                format!("{stack} holds something else named {role}, which hides whether a stack holds the role");
            Err(unintelligible(DESCRIBE, "NameNotUnique", message))
        }
        (None, None) => Err(missing(DESCRIBE, "StackResources")),
    }
}

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "ListStackResourcesResult")]
    result: ListedResources,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedResources {
    stack_resource_summaries: Option<Members<ListedResource>>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedResource {
    resource_type: String,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
}

/// The resources of a stack, or none if there is no stack of this name.
pub(crate) async fn resources(
    cloudformation: &QueryClient,
    stack: &str,
) -> Result<Option<StackResources>, CloudError> {
    let first = page(cloudformation, stack, None).await.map_err(|error| about(LIST, stack, error));
    let Some(Page { items: mut summaries, next: token }) = unless_absent(first)? else { return Ok(None) };
    if token.is_some() {
        let token = &token;
        let rest = pages::all(LIST, |next| page(cloudformation, stack, next.or_else(|| token.clone())));
        summaries.extend(rest.await?);
    }
    let named = summaries.into_iter().map(|summary| {
        let ListedResource { resource_type, logical_resource_id, physical_resource_id } = summary;
        let physical_id = physical_resource_id.unwrap_or_default();
        (logical_resource_id, StackResource { resource_type, physical_id })
    });
    Ok(Some(StackResources(named.collect())))
}

async fn page(
    cloudformation: &QueryClient,
    stack: &str,
    token: Option<String>,
) -> Result<Page<ListedResource>, CloudError> {
    let parameters = [("StackName", stack.to_owned())].into_iter().chain(token.map(|token| ("NextToken", token)));
    let Listed { result } = cloudformation.call(LIST, parameters.collect()).await?;
    let summaries = result.stack_resource_summaries.map_or_else(Vec::new, |list| list.members);
    Ok(Page { items: summaries, next: result.next_token.filter(|token| !token.is_empty()) })
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
