//! A client for one service.
use super::ServiceModel;
use crate::answer_form::SizeLimit;
use crate::calling::{RequestIds, ThrottlingSurfaces, without_budget};
use crate::classify::{ApiOperation, CloudError, classify, not_sent};
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::AuthSchemeAndEndpointOrchestrationV2;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::endpoint::EndpointResolverParams;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::SigningRegion;
use aws_types::{SdkConfig, SigningName};
use std::fmt::Debug;
use std::sync::OnceLock;

/// A request of a protocol, and how its responses are read.
pub(crate) trait Protocol: Debug + Send + Sync + Sized + 'static {
    type Answer: Debug + Send + Sync + 'static;

    fn http(self, service: ServiceModel) -> Result<HttpRequest, BoxError>;

    /// The body of a successful response.
    fn answer(body: &[u8]) -> Result<Self::Answer, BoxError>;

    /// The error of another response.
    fn refusal(response: &HttpResponse, body: &[u8]) -> ErrorMetadata;
}

type Invoked<P> = Operation<P, <P as Protocol>::Answer, ErrorMetadata>;

pub(crate) struct ServiceClient<P: Protocol> {
    service: ServiceModel,
    config: SdkConfig,
    /// Made by the first call. An error if the configured endpoint is invalid.
    invoked: OnceLock<Result<Invoked<P>, String>>,
}

impl<P: Protocol> ServiceClient<P> {
    pub(crate) fn new(service: ServiceModel, config: &SdkConfig) -> ServiceClient<P> {
        ServiceClient { service, config: config.clone(), invoked: OnceLock::new() }
    }

    pub(super) async fn send(&self, operation: ApiOperation, request: P) -> Result<P::Answer, CloudError> {
        let invoked = self.invoked.get_or_init(|| self.build());
        let invoked = invoked.as_ref().map_err(|message| not_sent(operation, message.clone()))?;
        invoked.invoke(request).await.map_err(|error| classify(operation, error))
    }

    fn build(&self) -> Result<Invoked<P>, String> {
        let ServiceClient { service, config, invoked: _ } = self;
        let region = config.region().cloned().ok_or("no region is configured")?;
        let mut layer = Layer::new("service");
        layer.store_put(AuthSchemeAndEndpointOrchestrationV2);
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig::default());
        layer.store_put(SigningName::from_static(service.signing));
        layer.store_put(SigningRegion::from(region.clone()));
        layer.store_put(region);
        layer.store_put(ApiMetadata::new(service.prefix, service.version));
        layer.store_put(without_budget());
        if let Some(name) = config.app_name() {
            layer.store_put(name.clone());
        }
        let mut components = RuntimeComponentsBuilder::new("service");
        components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )));
        components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
        if let Some(credentials) = config.credentials_provider() {
            components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
        }
        if let Some(cache) = config.identity_cache() {
            components.set_identity_cache(Some(cache));
        }
        if let Some(time) = config.time_source() {
            components.set_time_source(Some(time));
        }
        if let Some(sleep) = config.sleep_impl() {
            components.set_sleep_impl(Some(sleep));
        }
        if let Some(client) = config.http_client() {
            components.set_http_client(Some(client));
        }
        let plugin = StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components);
        let mut builder = Operation::builder()
            .service_name(service.id)
            .operation_name("Call")
            .endpoint_url(&service.endpoint(config)?)
            .standard_retry(config.retry_config().unwrap_or(&RetryConfig::standard()))
            .timeout_config(config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled))
            .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
            .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(ThrottlingSurfaces)
            .interceptor(EndpointParams)
            .interceptor(RequestIds)
            .interceptor(SizeLimit)
            .interceptor(ServiceClockSkewInterceptor::new())
            .interceptor(RequestInfoInterceptor::new())
            .interceptor(InvocationIdInterceptor::new())
            .interceptor(UserAgentInterceptor::new())
            .with_connection_poisoning()
            .runtime_plugin(plugin);
        if let Some(version) = config.behavior_version() {
            builder = builder.behavior_version(version);
        }
        if let Some(protection) = config.stalled_stream_protection() {
            builder = builder.stalled_stream_protection(protection);
        }
        let service = *service;
        Ok(builder.serializer(move |request: P| request.http(service)).deserializer(read::<P>).build())
    }
}

fn read<P: Protocol>(response: &HttpResponse) -> Result<P::Answer, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    match response.status().is_success() {
        true => P::answer(body).map_err(OrchestratorError::other),
        false => Err(OrchestratorError::operation(P::refusal(response, body))),
    }
}

/// Sets the parameters of the endpoint, which has none, where the runtime expects them.
#[derive(Debug)]
struct EndpointParams;

impl Intercept for EndpointParams {
    fn name(&self) -> &'static str {
        "endpoint params"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        bag.interceptor_state().store_put(EndpointResolverParams::new(()));
        Ok(())
    }
}
