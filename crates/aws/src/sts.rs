//! STS: the caller's identity.
use crate::calling::{ThrottlingSurfaces, once, patiently, to_connect, without_budget};
use crate::classify::{ApiOperation, CloudError, Service, classify, missing};
use crate::service_time::ServiceTime;
use aws_types::SdkConfig;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::FailureKind;

pub(crate) const GET_CALLER_IDENTITY: ApiOperation = ApiOperation::new(Service::Sts, "GetCallerIdentity");

/// Who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account: AccountId,
    /// Of the user, or of the session of an assumed role; `None` if STS did not say.
    pub(crate) arn: Option<String>,
}

/// The caller of the credentials. Requires no permission. Notes the time of the responses.
pub(crate) async fn caller(config: &SdkConfig, time: &ServiceTime) -> Result<Caller, CloudError> {
    let config = aws_sdk_sts::config::Builder::from(config)
        .retry_config(to_connect())
        .retry_partition(without_budget())
        .retry_classifier(ThrottlingSurfaces)
        .interceptor(time.clone());
    let client = aws_sdk_sts::Client::from_conf(config.build());
    // A person waits, so a missing network is reported soon; server errors are retried more often.
    for _ in 0..3 {
        match patiently(GET_CALLER_IDENTITY, || ask(&client)).await {
            Err(error) if error.kind == FailureKind::Server => {}
            answer => return answer,
        }
    }
    patiently(GET_CALLER_IDENTITY, || ask(&client)).await
}

/// Whether STS of the configuration's region responds.
pub(crate) async fn answers(config: &SdkConfig) -> bool {
    let config = aws_sdk_sts::config::Builder::from(config).retry_config(once());
    ask(&aws_sdk_sts::Client::from_conf(config.build())).await.is_ok()
}

async fn ask(client: &aws_sdk_sts::Client) -> Result<Caller, CloudError> {
    let answer =
        client.get_caller_identity().send().await.map_err(|error| classify(GET_CALLER_IDENTITY, error))?;
    let account = answer.account().ok_or_else(|| missing(GET_CALLER_IDENTITY, "Account"))?;
    let account = account.parse().map_err(|error| crate::classify::misread(GET_CALLER_IDENTITY, error))?;
    Ok(Caller { account, arn: answer.arn().map(str::to_owned) })
}
