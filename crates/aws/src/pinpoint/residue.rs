//! What else Pinpoint holds: the roles of jobs, recommender models and email channels, and message templates. Not with the
//! SDK's client, which answers with an empty list where the required member is missing.
//! Source: botocore 1.44.5, `pinpoint/2016-12-01/service-2.json`.
use super::ended;
use super::read::{must_be, not_a_list};
use crate::account::Regional;
use crate::classify::{ApiOperation, CloudError, Service, unless_absent};
use crate::pages::{self, Page};
use crate::service::json::{Request, segment};
use pinpoint_streams_model::ids::AppId;
use pinpoint_streams_model::live::residue::{
    EmailChannel, ExportJobs, ImportJobs, MessageTemplate, MessageTemplates, Recommenders,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(crate) const IMPORT_JOBS: ApiOperation = ApiOperation::new(Service::Pinpoint, "GetImportJobs");
pub(crate) const EXPORT_JOBS: ApiOperation = ApiOperation::new(Service::Pinpoint, "GetExportJobs");
pub(crate) const RECOMMENDERS: ApiOperation = ApiOperation::new(Service::Pinpoint, "GetRecommenderConfigurations");
pub(crate) const EMAIL_CHANNEL: ApiOperation = ApiOperation::new(Service::Pinpoint, "GetEmailChannel");
pub(crate) const TEMPLATES: ApiOperation = ApiOperation::new(Service::Pinpoint, "ListTemplates");
/// The page size.
const PAGE: &str = "100";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed<T> {
    item: Vec<T>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Job {
    id: String,
    application_id: Option<String>,
    definition: Definition,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    role_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Recommender {
    id: String,
    recommendation_provider_role_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Template {
    template_name: String,
    template_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Channel {
    #[serde(rename = "Platform")]
    _platform: String,
    application_id: Option<String>,
    role_arn: Option<String>,
    orchestration_sending_role_arn: Option<String>,
}

/// All items of a list. `token` is the name of its parameter.
async fn list<T: DeserializeOwned>(
    regional: &Regional,
    operation: ApiOperation,
    path: &str,
    token: &str,
) -> Result<Vec<T>, CloudError> {
    let pages = pages::all(operation, |next| async move {
        let request = Request::get(path, &[("page-size", Some(PAGE)), (token, next.as_deref())]);
        let Listed { item, next_token } = regional.pinpoint_json.call(operation, request).await?;
        Ok(Page { items: item, next: next_token })
    });
    ended::unless_gone(pages.await, regional).await
}

async fn jobs(
    regional: &Regional,
    operation: ApiOperation,
    id: &AppId,
    kind: &str,
) -> Result<Option<impl Iterator<Item = (String, String)>>, CloudError> {
    let path = format!("/v1/apps/{}/jobs/{kind}", segment(id.as_str()));
    let jobs: Option<Vec<Job>> = unless_absent(list(regional, operation, &path, "token").await)?;
    for answered in jobs.iter().flatten().filter_map(|job| job.application_id.as_deref()) {
        must_be(operation, id, answered)?;
    }
    Ok(jobs.map(|jobs| jobs.into_iter().map(|job| (job.id, job.definition.role_arn))))
}

/// None if the app does not exist.
pub(crate) async fn import_jobs(regional: &Regional, id: &AppId) -> Result<Option<ImportJobs>, CloudError> {
    Ok(jobs(regional, IMPORT_JOBS, id, "import").await?.map(|jobs| ImportJobs(jobs.collect())))
}

/// None if the app does not exist.
pub(crate) async fn export_jobs(regional: &Regional, id: &AppId) -> Result<Option<ExportJobs>, CloudError> {
    Ok(jobs(regional, EXPORT_JOBS, id, "export").await?.map(|jobs| ExportJobs(jobs.collect())))
}

pub(crate) async fn recommenders(regional: &Regional) -> Result<Recommenders, CloudError> {
    let all: Vec<Recommender> =
        list(regional, RECOMMENDERS, "/v1/recommenders", "token").await.map_err(not_a_list)?;
    Ok(Recommenders(all.into_iter().map(|one| (one.id, one.recommendation_provider_role_arn)).collect()))
}

pub(crate) async fn templates(regional: &Regional) -> Result<MessageTemplates, CloudError> {
    let all: Vec<Template> = list(regional, TEMPLATES, "/v1/templates", "next-token").await.map_err(not_a_list)?;
    let template = |Template { template_name: name, template_type: channel }| MessageTemplate { name, channel };
    Ok(MessageTemplates(all.into_iter().map(template).collect()))
}

/// None if the app does not exist or has no email channel.
pub(crate) async fn email_channel(regional: &Regional, id: &AppId) -> Result<Option<EmailChannel>, CloudError> {
    let path = format!("/v1/apps/{}/channels/email", segment(id.as_str()));
    let answer = regional.pinpoint_json.call(EMAIL_CHANNEL, Request::get(&path, &[])).await;
    let Some(channel) = unless_absent(ended::unless_gone(answer, regional).await)? else { return Ok(None) };
    let Channel { _platform: _, application_id, role_arn, orchestration_sending_role_arn } = channel;
    if let Some(answered) = application_id {
        must_be(EMAIL_CHANNEL, id, &answered)?;
    }
    let named = |arn: Option<String>| arn.filter(|arn| !arn.is_empty());
    let sending_role_arn = named(orchestration_sending_role_arn);
    Ok(Some(EmailChannel { role_arn: named(role_arn), sending_role_arn }))
}
