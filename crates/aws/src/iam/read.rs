//! One role with its attachments, and the account's quotas.
use super::role::{Attachments, attached, document, live, parsed, profile_names};
use crate::calling::patiently;
use crate::classify::{ApiOperation, CloudError, Service, classify, misread, missing, unless_absent};
use crate::pages::{self, Page, marker};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{Role, SummaryKeyType};
use futures::future::{join_all, try_join3};
use pinpoint_streams_model::arn::PolicyArn;
use pinpoint_streams_model::ids::{PolicyName, RoleName};
use pinpoint_streams_model::live::{FailureKind, InlinePolicies, LiveRole, PartialRole, Quotas, Unreadable};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub(crate) const SUMMARY: ApiOperation = ApiOperation::new(Service::Iam, "GetAccountSummary");
pub(crate) const GET: ApiOperation = ApiOperation::new(Service::Iam, "GetRole");
const INLINE: ApiOperation = ApiOperation::new(Service::Iam, "ListRolePolicies");
const INLINE_DOCUMENT: ApiOperation = ApiOperation::new(Service::Iam, "GetRolePolicy");
const ATTACHED: ApiOperation = ApiOperation::new(Service::Iam, "ListAttachedRolePolicies");
const PROFILES: ApiOperation = ApiOperation::new(Service::Iam, "ListInstanceProfilesForRole");

pub(crate) async fn quotas(iam: &Client) -> Result<Quotas, CloudError> {
    let answer = iam.get_account_summary().send().await.map_err(|error| classify(SUMMARY, error))?;
    let summary = answer.summary_map().ok_or_else(|| missing(SUMMARY, "SummaryMap"))?;
    let value = |key: SummaryKeyType| {
        let value = summary.get(&key).and_then(|value| usize::try_from(*value).ok());
        value.ok_or_else(|| missing(SUMMARY, key.as_str()))
    };
    Ok(Quotas {
        roles: value(SummaryKeyType::Roles)?,
        roles_quota: value(SummaryKeyType::RolesQuota)?,
        trust_policy_size: value(SummaryKeyType::AssumeRolePolicySizeQuota)?,
        inline_policies_size: value(SummaryKeyType::RolePolicySizeQuota)?,
    })
}

/// How long to wait for the ARN of a new role, for which IAM may return the unique ID instead.
/// Source: terraform-provider-aws, `internal/service/iam/role.go`, which waits as long.
const ARN_TIMEOUT: Duration = Duration::from_secs(120);
const ARN_RETRY_INTERVAL: Duration = Duration::from_secs(3);

pub(crate) async fn role(iam: &Client, name: &RoleName) -> Result<Option<LiveRole>, CloudError> {
    Ok(read(iam, name, UnreadPolicy::Fails).await?.map(|read| read.role))
}

/// The role without the inline policies that cannot be read.
pub(crate) async fn role_in_part(iam: &Client, name: &RoleName) -> Result<Option<PartialRole>, CloudError> {
    read(iam, name, UnreadPolicy::IsNamed).await
}

/// What becomes of the read of a role if one of its inline policies cannot be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum UnreadPolicy {
    Fails,
    IsNamed,
}

async fn read(iam: &Client, name: &RoleName, unread: UnreadPolicy) -> Result<Option<PartialRole>, CloudError> {
    let Some(mut role) = get(iam, name).await? else { return Ok(None) };
    let began = Instant::now();
    while role.arn() == role.role_id() && began.elapsed() < ARN_TIMEOUT {
        sleep(ARN_RETRY_INTERVAL).await;
        let Some(again) = patiently(GET, || get(iam, name)).await? else { return Ok(None) };
        role = again;
    }
    match attachments(iam, name, unread).await {
        Ok((attachments, unread_policies)) => {
            Ok(Some(PartialRole { role: live(GET, &role, attachments)?, unread_policies }))
        }
        // Deleted meanwhile, or so new that not all of IAM knows it: only GetRole can tell.
        Err(error)
            if error.kind == FailureKind::NotFound && patiently(GET, || get(iam, name)).await?.is_none() =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn get(iam: &Client, name: &RoleName) -> Result<Option<Role>, CloudError> {
    let answer = iam.get_role().role_name(name.as_str()).send().await.map_err(|error| classify(GET, error));
    // IAM names the role that it does not find.
    if let Err(error) = &answer
        && error.kind == FailureKind::NotFound
        && !error.message.to_ascii_lowercase().contains(&name.as_str().to_ascii_lowercase())
    {
        return Err(misread(GET, format!("it is not about role {name}: {}", error.message)));
    }
    let Some(answer) = unless_absent(answer)? else { return Ok(None) };
    let role = answer.role.ok_or_else(|| missing(GET, "Role"))?;
    if !role.role_name().eq_ignore_ascii_case(name.as_str()) {
        return Err(misread(GET, format!("it is about role {}, not {name}", role.role_name())));
    }
    Ok(Some(role))
}

type UnreadPolicies = BTreeMap<PolicyName, Unreadable>;

async fn attachments(
    iam: &Client,
    name: &RoleName,
    unread: UnreadPolicy,
) -> Result<(Attachments, UnreadPolicies), CloudError> {
    let ((inline_policies, unread_policies), attached_policies, instance_profiles) = try_join3(
        patiently(INLINE, || inline_policies(iam, name, unread)),
        patiently(ATTACHED, || attached_policies(iam, name)),
        patiently(PROFILES, || instance_profiles(iam, name)),
    )
    .await?;
    Ok((Attachments { inline_policies, attached_policies, instance_profiles }, unread_policies))
}

async fn inline_policies(
    iam: &Client,
    role: &RoleName,
    unread: UnreadPolicy,
) -> Result<(InlinePolicies, UnreadPolicies), CloudError> {
    let names = pages::all(INLINE, |token| async move {
        let request = iam.list_role_policies().role_name(role.as_str()).set_marker(token);
        let answer = request.send().await.map_err(|error| classify(INLINE, error))?;
        let next = marker(INLINE, answer.is_truncated, answer.marker)?;
        Ok(Page { items: answer.policy_names, next })
    });
    let names = names.await?.into_iter().map(|name| parsed(INLINE, Some(&name), "PolicyNames"));
    let names: Vec<PolicyName> = names.collect::<Result<_, _>>()?;
    let documents = names.into_iter().map(|name| async move {
        let answer = patiently(INLINE_DOCUMENT, || async {
            let request = iam.get_role_policy().role_name(role.as_str()).policy_name(name.as_str());
            request.send().await.map_err(|error| classify(INLINE_DOCUMENT, error))
        });
        let what = format!("inline policy {name} of role {role}");
        let read = answer.await.and_then(|answer| {
            let (of, policy) = (answer.role_name(), answer.policy_name());
            if !of.eq_ignore_ascii_case(role.as_str()) || policy != name.as_str() {
                return Err(misread(INLINE_DOCUMENT, format!("it is about {policy} of role {of}, not {what}")));
            }
            document(INLINE_DOCUMENT, &what, answer.policy_document())
        });
        (name, read)
    });
    let (mut policies, mut unread_policies) = (InlinePolicies::new(), BTreeMap::new());
    for (name, read) in join_all(documents).await {
        match read {
            Ok(document) => drop(policies.insert(name, document)),
            Err(error) if unread == UnreadPolicy::IsNamed => {
                drop(unread_policies.insert(name, error.unreadable()))
            }
            Err(error) => return Err(error),
        }
    }
    Ok((policies, unread_policies))
}

async fn attached_policies(iam: &Client, role: &RoleName) -> Result<BTreeSet<PolicyArn>, CloudError> {
    let policies = pages::all(ATTACHED, |token| async move {
        let request = iam.list_attached_role_policies().role_name(role.as_str()).set_marker(token);
        let answer = request.send().await.map_err(|error| classify(ATTACHED, error))?;
        let next = marker(ATTACHED, answer.is_truncated, answer.marker)?;
        Ok(Page { items: answer.attached_policies.unwrap_or_default(), next })
    });
    attached(ATTACHED, &policies.await?)
}

async fn instance_profiles(iam: &Client, role: &RoleName) -> Result<BTreeSet<String>, CloudError> {
    let profiles = pages::all(PROFILES, |token| async move {
        let request = iam.list_instance_profiles_for_role().role_name(role.as_str()).set_marker(token);
        let answer = request.send().await.map_err(|error| classify(PROFILES, error))?;
        let next = marker(PROFILES, answer.is_truncated, answer.marker)?;
        Ok(Page { items: answer.instance_profiles, next })
    });
    Ok(profile_names(&profiles.await?))
}
