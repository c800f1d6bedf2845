//! From IAM's shapes to a `LiveRole`.
use crate::classify::{Asked, misread, missing};
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, InstanceProfile, Role, RoleLastUsed, SourceRoleTemplate, Tag,
};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::arn::{PolicyArn, RoleArn};
use pinpoint_streams_model::ids::{PolicyName, RoleId};
use pinpoint_streams_model::live::{LastUsed, ListedRole, LiveRole};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use std::collections::{BTreeMap, BTreeSet};

/// How far back IAM knows of a role's use. Source: IAM API reference, RoleLastUsed.
const LAST_USED_DAYS: u32 = 400;
/// What a role has that was made without saying. Source: IAM API reference, CreateRole.
const DEFAULT_SESSION_DURATION: u32 = 3600;

/// What IAM says of a role, by whichever operations; still in IAM's types.
pub(super) struct Said<'a> {
    pub(super) arn: Option<&'a str>,
    pub(super) id: Option<&'a str>,
    pub(super) trust_policy: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) max_session_duration: Option<i32>,
    pub(super) created: Option<&'a DateTime>,
    pub(super) permissions_boundary: Option<&'a AttachedPermissionsBoundary>,
    pub(super) last_used: Option<&'a RoleLastUsed>,
    pub(super) tags: &'a [Tag],
    pub(super) template: Option<&'a SourceRoleTemplate>,
}

/// What hangs on a role.
#[derive(Default)]
pub(super) struct Hanging {
    pub(super) inline_policies: BTreeMap<PolicyName, Document>,
    pub(super) attached_policies: BTreeSet<PolicyArn>,
    pub(super) instance_profiles: BTreeSet<String>,
}

/// The role. Its ARN is checked: just after a role was made IAM may show its unique id (AROA…) in its place.
pub(super) fn live(asked: Asked, said: Said<'_>, hanging: Hanging) -> Result<LiveRole, CloudError> {
    let Said {
        arn,
        id,
        trust_policy,
        description,
        max_session_duration,
        created,
        permissions_boundary,
        last_used,
        tags,
        template,
    } = said;
    let Hanging { inline_policies, attached_policies, instance_profiles } = hanging;
    let arn: RoleArn = parsed(asked, arn, "Arn")?;
    let id: RoleId = parsed(asked, id, "RoleId")?;
    let trust_policy = self::trust_policy(asked, &arn, trust_policy)?;
    let max_session_duration = match max_session_duration {
        Some(seconds) => u32::try_from(seconds).map_err(|error| misread(asked, error))?,
        None => DEFAULT_SESSION_DURATION,
    };
    let permissions_boundary = permissions_boundary
        .and_then(AttachedPermissionsBoundary::permissions_boundary_arn)
        .map(|arn| arn.parse().map_err(|error| misread(asked, error)))
        .transpose()?;
    Ok(LiveRole {
        arn,
        id,
        trust_policy,
        inline_policies,
        attached_policies,
        instance_profiles,
        permissions_boundary,
        description: description.unwrap_or_default().to_owned(),
        max_session_duration,
        tags: tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect::<Tags>(),
        created: created.and_then(timestamp),
        last_used: self::last_used(last_used),
        template: template.map(|template| template.template_arn().to_owned()),
    })
}

/// The role as ListRoles has it.
pub(super) fn listed(asked: Asked, role: &Role) -> Result<ListedRole, CloudError> {
    let arn: RoleArn = parsed(asked, Some(role.arn()), "Arn")?;
    Ok(ListedRole {
        id: parsed(asked, Some(role.role_id()), "RoleId")?,
        trust_policy: trust_policy(asked, &arn, role.assume_role_policy_document())?,
        created: timestamp(role.create_date()),
        arn,
    })
}

fn trust_policy(asked: Asked, arn: &RoleArn, text: Option<&str>) -> Result<Document, CloudError> {
    let text = text.ok_or_else(|| missing(asked, "AssumeRolePolicyDocument"))?;
    document(asked, &format!("the trust policy of {arn}"), text)
}

/// A policy document as IAM sends it, percent-encoded.
pub(super) fn document(asked: Asked, what: &str, text: &str) -> Result<Document, CloudError> {
    Document::from_wire(text).map_err(|error| misread(asked, format!("{what}: {error}")))
}

/// Managed policies attached to a role.
pub(super) fn attached(asked: Asked, policies: &[AttachedPolicy]) -> Result<BTreeSet<PolicyArn>, CloudError> {
    policies.iter().map(|policy| parsed(asked, policy.policy_arn(), "PolicyArn")).collect()
}

/// The names of instance profiles.
pub(super) fn profile_names(profiles: &[InstanceProfile]) -> BTreeSet<String> {
    profiles.iter().map(|profile| profile.instance_profile_name().to_owned()).collect()
}

/// A field that must be there and be well-formed.
pub(super) fn parsed<T>(asked: Asked, text: Option<&str>, field: &str) -> Result<T, CloudError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text = text.ok_or_else(|| missing(asked, field))?;
    text.parse().map_err(|error| misread(asked, format!("{field}: {error}")))
}

/// Present but empty is "not in 400 days"; missing is "not said".
fn last_used(said: Option<&RoleLastUsed>) -> LastUsed {
    let Some(said) = said else { return LastUsed::NotRead };
    match said.last_used_date() {
        None => LastUsed::Never { within_days: LAST_USED_DAYS },
        Some(date) => match timestamp(date) {
            Some(at) => LastUsed::At(at, said.region().and_then(|region| region.parse().ok())),
            None => LastUsed::NotRead,
        },
    }
}

fn timestamp(date: &DateTime) -> Option<Timestamp> {
    Timestamp::new(date.secs(), i32::try_from(date.subsec_nanos()).ok()?).ok()
}
