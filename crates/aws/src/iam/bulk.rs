//! Every role of an account in few calls. GetAccountAuthorizationDetails lacks descriptions and session
//! durations, ListRoles lacks boundaries, tags and last use, so both are read at once and joined.
use super::read;
use super::role::{Hanging, Said, attached, document, listed, live, parsed, profile_names};
use crate::calling::patiently;
use crate::classify::{Asked, classify};
use crate::pages::{self, Page, marker};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, Role, RoleDetail};
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::ids::RoleName;
use pinpoint_streams_model::live::{ListedRole, LiveRole, Read};
use std::collections::BTreeMap;

pub(crate) const DETAILS: Asked = Asked::iam("GetAccountAuthorizationDetails");
pub(crate) const LIST: Asked = Asked::iam("ListRoles");
/// The most that both operations give in one page. Source: IAM API reference.
const PAGE: i32 = 1000;

/// Every role. One that only one of the two answers holds, or that the two hold with different ids, was made
/// or deleted between them, and is read by itself; so is one so new that its ARN is not shown yet.
pub(crate) async fn all_roles(iam: &Client) -> Result<BTreeMap<RoleName, Read<LiveRole>>, CloudError> {
    let (details, listed) = futures::future::try_join(details(iam), patiently(|| list(iam))).await?;
    let mut listed: BTreeMap<RoleName, Role> = by_name(LIST, listed, |role| Some(role.role_name()))?;
    let mut roles = BTreeMap::new();
    let mut moving = Vec::new();
    for (name, detail) in by_name(DETAILS, details, RoleDetail::role_name)? {
        match listed.remove(&name) {
            Some(role) if detail.role_id() == Some(role.role_id()) && detail.arn() != detail.role_id() => {
                roles.insert(name, alone(joined(&detail, &role)));
            }
            Some(_) | None => moving.push(name),
        }
    }
    moving.extend(listed.into_keys());
    for name in moving {
        match patiently(|| read::role(iam, &name)).await {
            Ok(None) => {}
            Ok(Some(role)) => drop(roles.insert(name, Read::Present(role))),
            Err(error) => drop(roles.insert(name, Read::Unreadable(error.unreadable()))),
        }
    }
    Ok(roles)
}

/// Every role, with whom it trusts and little else.
pub(crate) async fn role_list(iam: &Client) -> Result<BTreeMap<RoleName, Read<ListedRole>>, CloudError> {
    let roles = by_name(LIST, list(iam).await?, |role: &Role| Some(role.role_name()))?;
    Ok(roles.into_iter().map(|(name, role)| (name, alone(listed(LIST, &role)))).collect())
}

/// One role of many. An error in it is its own.
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

/// A name that is none ends the whole read: there would be nothing to file the role under.
fn by_name<T>(
    asked: Asked,
    roles: Vec<T>,
    name: impl Fn(&T) -> Option<&str>,
) -> Result<BTreeMap<RoleName, T>, CloudError> {
    roles.into_iter().map(|role| Ok((parsed(asked, name(&role), "RoleName")?, role))).collect()
}

fn joined(detail: &RoleDetail, role: &Role) -> Result<LiveRole, CloudError> {
    let inline_policies = detail.role_policy_list().iter().map(|policy| {
        let name = parsed(DETAILS, policy.policy_name(), "PolicyName")?;
        let what = format!("inline policy {name} of {}", role.arn());
        Ok((name, document(DETAILS, &what, policy.policy_document().unwrap_or_default())?))
    });
    let hanging = Hanging {
        inline_policies: inline_policies.collect::<Result<_, CloudError>>()?,
        attached_policies: attached(DETAILS, detail.attached_managed_policies())?,
        instance_profiles: profile_names(detail.instance_profile_list()),
    };
    let said = Said {
        arn: detail.arn(),
        id: detail.role_id(),
        trust_policy: detail.assume_role_policy_document(),
        description: role.description(),
        max_session_duration: role.max_session_duration(),
        created: detail.create_date(),
        permissions_boundary: detail.permissions_boundary(),
        last_used: detail.role_last_used(),
        tags: detail.tags(),
        template: role.source_role_template(),
    };
    live(DETAILS, said, hanging)
}
