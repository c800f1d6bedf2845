//! All roles of an account in few calls. GetAccountAuthorizationDetails lacks descriptions and session durations,
//! ListRoles lacks boundaries, tags and last use, so both are read and joined.
use super::read;
use super::role::{Attachments, attached, document, listed, live, parsed, profile_names};
use crate::calling::patiently;
use crate::classify::{ApiOperation, CloudError, Service, classify};
use crate::pages::{self, Page, marker};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, Role, RoleDetail};
use pinpoint_streams_model::ids::RoleName;
use pinpoint_streams_model::live::{ListedRole, LiveRole, Read};
use pinpoint_streams_model::policy::Document;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::sync::Arc;

pub(crate) const DETAILS: ApiOperation = ApiOperation::new(Service::Iam, "GetAccountAuthorizationDetails");
pub(crate) const LIST: ApiOperation = ApiOperation::new(Service::Iam, "ListRoles");
/// The maximum of both operations. Source: IAM API reference.
const PAGE: i32 = 1000;

/// A role that only one of the two responses contains, or that they contain with different IDs, was created or deleted
/// between them and is read by itself; so is a role so new that its ARN is not shown yet.
pub(crate) async fn all_roles(iam: &Client) -> Result<BTreeMap<RoleName, Read<Arc<LiveRole>>>, CloudError> {
    let (details, listed) = futures::future::try_join(details(iam), patiently(LIST, || list(iam))).await?;
    let mut listed: BTreeMap<RoleName, Role> = by_name(LIST, listed, |role| Some(role.role_name()))?;
    let (mut roles, mut changed, mut documents) = (Vec::new(), Vec::new(), Documents::default());
    for (name, detail) in by_name(DETAILS, details, RoleDetail::role_name)? {
        match listed.remove(&name) {
            Some(role) if detail.role_id() == Some(role.role_id()) && detail.arn() != detail.role_id() => {
                roles.push((name, alone(joined(detail, role, &mut documents).map(Arc::new))));
            }
            Some(_) | None => changed.push(name),
        }
    }
    changed.extend(listed.into_keys());
    for name in changed {
        match patiently(read::GET, || read::role(iam, &name)).await {
            Ok(None) => {}
            Ok(Some(role)) => roles.push((name, Read::Present(Arc::new(role)))),
            Err(error) => roles.push((name, Read::Unreadable(error.unreadable()))),
        }
    }
    Ok(roles.into_iter().collect())
}

/// Every role as ListRoles returns it: trust policy, but no permissions.
pub(crate) async fn role_list(iam: &Client) -> Result<BTreeMap<RoleName, Read<ListedRole>>, CloudError> {
    let roles = by_name(LIST, list(iam).await?, |role: &Role| Some(role.role_name()))?;
    Ok(roles.into_iter().map(|(name, role)| (name, alone(listed(LIST, &role)))).collect())
}

/// An error in one role does not affect the others.
fn alone<T>(role: Result<T, CloudError>) -> Read<T> {
    Read::from(role.map(Some).map_err(CloudError::unreadable))
}

async fn details(iam: &Client) -> Result<Vec<RoleDetail>, CloudError> {
    pages::all(DETAILS, |token| async move {
        let request = iam.get_account_authorization_details();
        let answer = request.filter(EntityType::Role).max_items(PAGE).set_marker(token).send().await;
        let answer = answer.map_err(|error| classify(DETAILS, error))?;
        let next = marker(DETAILS, answer.is_truncated, answer.marker)?;
        Ok(Page { items: answer.role_detail_list.unwrap_or_default(), next })
    })
    .await
}

async fn list(iam: &Client) -> Result<Vec<Role>, CloudError> {
    pages::all(LIST, |token| async move {
        let request = iam.list_roles().max_items(PAGE).set_marker(token);
        let answer = request.send().await.map_err(|error| classify(LIST, error))?;
        let next = marker(LIST, answer.is_truncated, answer.marker)?;
        Ok(Page { items: answer.roles, next })
    })
    .await
}

/// An invalid name fails the whole read: the role could not be keyed.
fn by_name<T>(
    operation: ApiOperation,
    roles: Vec<T>,
    name: impl Fn(&T) -> Option<&str>,
) -> Result<BTreeMap<RoleName, T>, CloudError> {
    roles.into_iter().map(|role| Ok((parsed(operation, name(&role), "RoleName")?, role))).collect()
}

/// Policies that were parsed, by their text: thousands of roles often have the same permissions, which then share one
/// document.
#[derive(Default)]
struct Documents(HashMap<String, Document>);

impl Documents {
    /// Bounds the memory where every role has permissions of its own.
    const MOST: usize = 1000;

    fn parsed(&mut self, what: impl Display, text: &str) -> Result<Document, CloudError> {
        if let Some(document) = self.0.get(text) {
            return Ok(document.clone());
        }
        let document = document(DETAILS, what, text)?;
        if self.0.len() == Documents::MOST {
            self.0.clear();
        }
        self.0.insert(text.to_owned(), document.clone());
        Ok(document)
    }
}

/// ListRoles' role completed with what only GetAccountAuthorizationDetails returns.
fn joined(detail: RoleDetail, mut role: Role, documents: &mut Documents) -> Result<LiveRole, CloudError> {
    let inline_policies = detail.role_policy_list().iter().map(|policy| {
        let name = parsed(DETAILS, policy.policy_name(), "PolicyName")?;
        let text = policy.policy_document().unwrap_or_default();
        let document = documents.parsed(format_args!("inline policy {name} of {}", role.arn()), text)?;
        Ok((name, document))
    });
    let attachments = Attachments {
        inline_policies: inline_policies.collect::<Result<_, CloudError>>()?,
        attached_policies: attached(DETAILS, detail.attached_managed_policies())?,
        instance_profiles: profile_names(detail.instance_profile_list()),
    };
    role.arn = detail.arn.unwrap_or(role.arn);
    role.assume_role_policy_document = detail.assume_role_policy_document;
    role.permissions_boundary = detail.permissions_boundary;
    role.role_last_used = detail.role_last_used;
    role.tags = detail.tags;
    live(DETAILS, &role, attachments)
}
