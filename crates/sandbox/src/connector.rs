//! The sandbox as the SDK's HTTP client: finds the caller and the service, and hands the request over.

use crate::account::Scope;
use crate::clerk::Clerk;
use crate::cloudformation;
use crate::decorators::{Ended, no_such_host};
use crate::iam::{self, IamError};
use crate::operation::{Operation, Service};
use crate::organizations;
use crate::pinpoint;
use crate::streams;
use crate::sts;
use crate::wire::{Reply, Request};
use crate::world::World;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::sync::Arc;

/// Answers requests from the clerk's world.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    clerk: Clerk,
    ended: Arc<[Ended]>,
}

impl Connector {
    pub(crate) fn new(clerk: Clerk, ended: Arc<[Ended]>) -> Connector {
        Connector { clerk, ended }
    }

    async fn answer(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let operation = Operation::of(&request);
        let scope = Scope::of(&request);
        let caller = scope.as_ref().and_then(|scope| Some((scope, scope.account()?)));
        let Some((scope, account)) = caller else {
            return Ok(stranger(operation.service).into_http());
        };
        if operation.service == Service::Pinpoint && !pinpoint::REGIONS.contains(&scope.region.as_str()) {
            return Err(no_such_host(&scope.region));
        }
        if let Some(called) = self.ended.iter().find_map(|ended| ended.called(&operation, &scope.region)) {
            return called;
        }
        let request = Request::read(&request, scope, account);
        let reply = if request.operation.is_read() {
            self.clerk.read(|world| answer(world, &request))
        } else {
            self.clerk.write(move |world| answer(world, &request)).await
        };
        // What could not be kept was not done: the caller must not think that it was refused.
        reply.map(Reply::into_http).map_err(|error| ConnectorError::other(error.into(), None))
    }
}

fn answer(world: &mut World, request: &Request) -> Reply {
    let request_id = world.ids.request();
    match request.operation.service {
        Service::Iam => iam::answer(world, request, &request_id),
        Service::Sts => sts::answer(world, request, &request_id),
        Service::Pinpoint => pinpoint::answer(world, request, &request_id),
        Service::Kinesis | Service::Firehose => streams::answer(world, request, &request_id),
        Service::CloudFormation => cloudformation::answer(world, request, &request_id),
        Service::Organizations => organizations::answer(world, request, &request_id),
        Service::Other => elsewhere(request, &request_id),
    }
}

/// A service that the sandbox does not have.
fn elsewhere(request: &Request, request_id: &str) -> Reply {
    let message = format!("the sandbox does not answer {}", request.operation);
    if request.target.is_empty() {
        IamError::unanswered(message).reply("", request_id)
    } else {
        Reply::json11_error(400, "UnknownOperationException", &message, request_id)
    }
}

/// A caller whose access key id is not one of the sandbox's, or who did not sign.
fn stranger(service: Service) -> Reply {
    let message = "The security token included in the request is invalid.";
    let code = "UnrecognizedClientException";
    match service {
        Service::Iam | Service::Sts | Service::CloudFormation | Service::Other => {
            IamError::invalid_token().reply("", "")
        }
        Service::Pinpoint => Reply::rest_json_error(403, code, message, ""),
        Service::Kinesis | Service::Firehose | Service::Organizations => {
            Reply::json11_error(400, code, message, "")
        }
    }
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
