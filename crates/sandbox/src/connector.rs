//! The sandbox as the SDK's HTTP client: authenticates the caller and dispatches to the service.
use crate::account::Scope;
use crate::ended::{Ended, no_such_host};
use crate::operation::{Operation, Protocol};
use crate::wire::{Reply, Request};
use crate::world::World;
use crate::world_store::WorldStore;
use crate::{
    access_analyzer, cloudformation, cloudtrail, cloudwatch, config, iam, kms, lambda, organizations, pinpoint,
    regions, ses, streams, sts,
};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use pinpoint_streams_model::live::question::Service;
use pinpoint_streams_model::region::PINPOINT_REGIONS;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(crate) struct Connector {
    world: WorldStore,
    ended: Arc<[Ended]>,
}

impl Connector {
    pub(crate) fn new(world: WorldStore, ended: Arc<[Ended]>) -> Connector {
        Connector { world, ended }
    }

    async fn answer(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let scope = Scope::of(&request);
        let caller = scope.as_ref().and_then(|scope| Some((scope, scope.account()?)));
        let Some((scope, account)) = caller else {
            return Ok(invalid_token(&Operation::of(&request)).into_http());
        };
        let operation = Operation::of(&request);
        if operation.service == Some(Service::Pinpoint) && !PINPOINT_REGIONS.contains(&scope.region.as_str()) {
            return Err(no_such_host(&scope.region));
        }
        if let Some(response) =
            self.ended.iter().find_map(|ended| ended.intercept(&operation, account, &scope.region))
        {
            return response;
        }
        let request = Request::read(&request, scope, account);
        let reply = if request.operation.is_read() {
            self.world.read(|world| answer(world, &request))
        } else {
            self.world.write(move |world| answer(world, &request)).await
        };
        // A write that failed on disk did not happen. An HTTP error status would look like a refusal by AWS.
        reply.map(Reply::into_http).map_err(|error| ConnectorError::other(error.into(), None))
    }
}

fn answer(world: &mut World, request: &Request) -> Reply {
    let request_id = world.ids.request();
    let date = world.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut reply = answer_of_service(world, request, &request_id);
    reply.headers.push(("date", date));
    reply
}

fn answer_of_service(world: &mut World, request: &Request, request_id: &str) -> Reply {
    match request.operation.service {
        Some(Service::Iam) => iam::answer(world, request, request_id),
        Some(Service::Sts) => sts::answer(world, request, request_id),
        Some(Service::Pinpoint) => pinpoint::answer(world, request, request_id),
        Some(Service::Kinesis | Service::Firehose) => streams::answer(world, request, request_id),
        Some(Service::CloudFormation) => cloudformation::answer(world, request, request_id),
        Some(Service::Organizations) => organizations::answer(world, request, request_id),
        Some(Service::Account) => regions::answer(world, request, request_id),
        Some(Service::Config) => config::answer(world, request, request_id),
        Some(Service::CloudTrail) => cloudtrail::answer(world, request, request_id),
        Some(Service::AccessAnalyzer) => access_analyzer::answer(world, request, request_id),
        Some(Service::Ses) => ses::answer(world, request, request_id),
        Some(Service::Lambda) => lambda::answer(world, request, request_id),
        Some(Service::CloudWatch) => cloudwatch::answer(world, request, request_id),
        Some(Service::Kms) => kms::answer(world, request, request_id),
        Some(Service::S3) | None => unsupported(request, request_id),
    }
}

fn unsupported(request: &Request, request_id: &str) -> Reply {
    let message = format!("the sandbox does not support {}", request.operation);
    if request.target.is_empty() {
        Reply::error(Protocol::Query, 400, "InvalidAction", &message, request_id)
    } else {
        Reply::error(Protocol::Json11, 400, "UnknownOperationException", &message, request_id)
    }
}

/// The response to a request that is not signed, or not with a key of the sandbox.
fn invalid_token(operation: &Operation) -> Reply {
    let protocol = operation.protocol();
    let (status, code) = match protocol {
        Protocol::Query => (403, "InvalidClientTokenId"),
        Protocol::RestJson => (403, "UnrecognizedClientException"),
        Protocol::Json11 => (400, "UnrecognizedClientException"),
    };
    Reply::error(protocol, status, code, "The security token included in the request is invalid.", "")
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().answer(request))
    }
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
