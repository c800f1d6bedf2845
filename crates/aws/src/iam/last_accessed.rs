//! IAM's last accessed data: when a role last called each service, attempts that were denied included.
use crate::calling::{Timeouts, patiently};
use crate::classify::{ApiOperation, CloudError, Service, classify, failed, misread, missing, unless_absent};
use crate::pages::{self, Page, marker};
use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_service_last_accessed_details::GetServiceLastAccessedDetailsOutput;
use aws_sdk_iam::types::{JobStatusType, ServiceLastAccessed};
use jiff::Timestamp;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::history::{LastAccessed, ServiceAccess};
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub(crate) const GENERATE: ApiOperation = ApiOperation::new(Service::Iam, "GenerateServiceLastAccessedDetails");
const GET: ApiOperation = ApiOperation::new(Service::Iam, "GetServiceLastAccessedDetails");
/// The first wait for the report, and the longest.
const WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(8)];

/// None if the role does not exist.
pub(crate) async fn last_accessed(iam: &Client, role: &RoleArn) -> Result<Option<LastAccessed>, CloudError> {
    let answer = iam.generate_service_last_accessed_details().arn(role.to_string()).send().await;
    let Some(answer) = unless_absent(answer.map_err(|error| classify(GENERATE, error)))? else { return Ok(None) };
    let job = answer.job_id.ok_or_else(|| missing(GENERATE, "JobId"))?;
    let first = completed(iam, &job).await?;
    let mut services = first.services_last_accessed;
    let token = marker(GET, first.is_truncated, first.marker)?;
    if token.is_some() {
        let (job, token) = (&job, &token);
        let rest = pages::all(GET, |next| async move {
            let answer = page(iam, job, next.or_else(|| token.clone())).await?;
            let next = marker(GET, answer.is_truncated, answer.marker)?;
            Ok(Page { items: answer.services_last_accessed, next })
        });
        services.extend(rest.await?);
    }
    services.iter().map(access).collect::<Result<_, _>>().map(Some)
}

/// The first page of the report, once the job is done.
async fn completed(iam: &Client, job: &str) -> Result<GetServiceLastAccessedDetailsOutput, CloudError> {
    let [mut wait, longest] = WAITS;
    let (began, patience) = (Instant::now(), Timeouts::default().operation);
    loop {
        let answer = patiently(GET, || page(iam, job, None)).await?;
        match &answer.job_status {
            // The SDK has the year 1970 for a time that is missing.
            JobStatusType::Completed if answer.job_completion_date.secs() == 0 => {
                return Err(missing(GET, "JobCompletionDate"));
            }
            JobStatusType::Completed => return Ok(answer),
            JobStatusType::InProgress if began.elapsed() + wait < patience => {
                sleep(wait).await;
                wait = (wait * 2).min(longest);
            }
            JobStatusType::InProgress => {
                let message = format!("the report is not complete after {} s", began.elapsed().as_secs());
                return Err(failed(FailureKind::Timeout, GET, "JobInProgress", message));
            }
            JobStatusType::Failed => {
                let error = answer.error.as_ref().ok_or_else(|| missing(GET, "Error"))?;
                return Err(failed(FailureKind::Other, GET, error.code(), error.message().to_owned()));
            }
            other => return Err(misread(GET, format!("job status {} is not known", other.as_str()))),
        }
    }
}

async fn page(
    iam: &Client,
    job: &str,
    marker: Option<String>,
) -> Result<GetServiceLastAccessedDetailsOutput, CloudError> {
    let request = iam.get_service_last_accessed_details().job_id(job).set_marker(marker);
    request.send().await.map_err(|error| classify(GET, error))
}

fn access(service: &ServiceLastAccessed) -> Result<(String, Option<ServiceAccess>), CloudError> {
    let namespace = Some(service.service_namespace()).filter(|namespace| !namespace.is_empty());
    let namespace = namespace.ok_or_else(|| missing(GET, "ServiceNamespace"))?.to_owned();
    let Some(at) = service.last_authenticated() else { return Ok((namespace, None)) };
    let at = Timestamp::new(at.secs(), 0).map_err(|error| misread(GET, error))?;
    let region = service.last_authenticated_region().map(str::parse).transpose();
    let region = region.map_err(|error| misread(GET, error))?;
    Ok((namespace, Some(ServiceAccess { at, region })))
}
