//! STS: whose credentials these are.
use crate::calling::{ThrottlingSurfaces, once, patiently, to_connect, without_budget};
use crate::classify::{ApiOperation, classify, missing};
use aws_types::SdkConfig;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::live::question::Service;

/// The question itself, for error messages.
pub(crate) const GET_CALLER_IDENTITY: ApiOperation = ApiOperation::new(Service::Sts, "GetCallerIdentity");

/// The account that these credentials belong to. Needs no permission, but credentials that work.
pub(crate) async fn caller(config: &SdkConfig) -> Result<AccountId, CloudError> {
    let config = aws_sdk_sts::config::Builder::from(config)
        .retry_config(to_connect())
        .retry_partition(without_budget())
        .retry_classifier(ThrottlingSurfaces);
    let client = aws_sdk_sts::Client::from_conf(config.build());
    // A person waits, so that a network that is not there is said soon; an STS that fails gets its ten attempts.
    for _ in 0..3 {
        match patiently(|| ask(&client)).await {
            Err(error) if error.kind == FailureKind::Server => {}
            answer => return answer,
        }
    }
    patiently(|| ask(&client)).await
}

/// Whether STS of the configuration's region answers at all: the control for a name that has gone.
pub(crate) async fn answers(config: &SdkConfig) -> bool {
    let config = aws_sdk_sts::config::Builder::from(config).retry_config(once());
    ask(&aws_sdk_sts::Client::from_conf(config.build())).await.is_ok()
}

async fn ask(client: &aws_sdk_sts::Client) -> Result<AccountId, CloudError> {
    let answer =
        client.get_caller_identity().send().await.map_err(|error| classify(GET_CALLER_IDENTITY, error))?;
    let account = answer.account().ok_or_else(|| missing(GET_CALLER_IDENTITY, "Account"))?;
    account.parse().map_err(|error| crate::classify::misread(GET_CALLER_IDENTITY, error))
}
