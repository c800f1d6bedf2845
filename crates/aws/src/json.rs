//! A client for AWS's JSON protocols, for services of which few operations are called: an SDK crate for each would take
//! minutes to compile. It uses the SDK's runtime with the same configuration as the generated clients: credentials,
//! endpoints, timeouts, retries, user agent.
use crate::answer_form::SizeLimit;
use crate::calling::{RequestIds, ThrottlingSurfaces, without_budget};
use crate::classify::{ApiOperation, CloudError, classify, misread, not_sent};
use crate::credentials::endpoint_override;
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
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::SigningRegion;
use aws_types::{SdkConfig, SigningName};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pinpoint_streams_model::region::{Partition, Region};
use pinpoint_streams_model::unique_names;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::sync::OnceLock;

/// A service as its API model describes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonService {
    /// Names the service in settings, such as `AWS_ENDPOINT_URL_CONFIG_SERVICE`.
    pub(crate) id: &'static str,
    /// The first label of its host names.
    pub(crate) prefix: &'static str,
    /// Its name in signatures.
    pub(crate) signing: &'static str,
    pub(crate) version: &'static str,
    pub(crate) gov_fips: GovFips,
}

/// How the names of FIPS endpoints look in GovCloud, where other names lead to such endpoints too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GovFips {
    /// With `-fips`, as in other partitions.
    Suffixed,
    SuffixedInDualStack,
    Plain,
}

/// Pinpoint, for what is not read with the SDK's client.
pub(crate) const PINPOINT: JsonService = JsonService {
    id: "Pinpoint",
    prefix: "pinpoint",
    signing: "mobiletargeting",
    version: "2016-12-01",
    gov_fips: GovFips::Suffixed,
};

type Invoked = Operation<Request, Value, ErrorMetadata>;

pub(crate) struct JsonClient {
    service: JsonService,
    config: SdkConfig,
    /// Made by the first call. An error if the configured endpoint is invalid.
    invoked: OnceLock<Result<Invoked, String>>,
}

const JSON: &str = "application/json";

#[derive(Debug)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    /// `X-Amz-Target`, of awsJson only.
    target: Option<String>,
    body: Option<Value>,
    content_type: &'static str,
}

/// A segment of a path, percent-encoded.
pub(crate) fn segment(text: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}

impl Request {
    /// A request of the protocol awsJson1.1.
    pub(crate) fn target(service: &str, operation: ApiOperation, body: Value) -> Request {
        let target = Some(format!("{service}.{}", operation.name));
        Request { target, content_type: "application/x-amz-json-1.1", ..Request::post("/", body) }
    }

    /// A request of the protocol awsJson1.0.
    pub(crate) fn target_1_0(service: &str, operation: ApiOperation, body: Value) -> Request {
        Request { content_type: "application/x-amz-json-1.0", ..Request::target(service, operation, body) }
    }

    /// A request of the protocol restJson1 without a body.
    pub(crate) fn get(path: &str, query: &[(&str, Option<&str>)]) -> Request {
        let parameters: Vec<String> = query
            .iter()
            .filter_map(|(name, value)| Some((name, (*value)?)))
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        let path = format!("{path}?{}", parameters.join("&"));
        Request { method: "GET", path, target: None, body: None, content_type: JSON }
    }

    /// A request of the protocol restJson1.
    pub(crate) fn post(path: &str, body: Value) -> Request {
        Request { method: "POST", path: path.to_owned(), target: None, body: Some(body), content_type: JSON }
    }

    fn http(self) -> Result<HttpRequest, BoxError> {
        let Request { method, path, target, body, content_type } = self;
        let content = body.map(|body| body.to_string());
        let length = content.as_ref().map(String::len);
        let mut request = HttpRequest::new(content.map_or_else(SdkBody::empty, SdkBody::from));
        request.set_method(method)?;
        request.set_uri(path)?;
        let headers = request.headers_mut();
        if let Some(length) = length {
            headers.insert("content-type", content_type);
            headers.insert("content-length", length.to_string());
        }
        if let Some(target) = target {
            headers.insert("x-amz-target", target);
        }
        Ok(request)
    }
}

impl JsonClient {
    pub(crate) fn new(service: JsonService, config: &SdkConfig) -> JsonClient {
        JsonClient { service, config: config.clone(), invoked: OnceLock::new() }
    }

    /// The response as `T`, whose required members must all be there.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        operation: ApiOperation,
        request: Request,
    ) -> Result<T, CloudError> {
        let invoked = self.invoked.get_or_init(|| self.build());
        let invoked = invoked.as_ref().map_err(|message| not_sent(operation, message.clone()))?;
        let answer = invoked.invoke(request).await.map_err(|error| classify(operation, error))?;
        serde_json::from_value(answer).map_err(|error| misread(operation, error))
    }

    fn build(&self) -> Result<Invoked, String> {
        let JsonClient { service, config, invoked: _ } = self;
        let region = config.region().cloned().ok_or("no region is configured")?;
        let mut layer = Layer::new("json");
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
        let mut components = RuntimeComponentsBuilder::new("json");
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
            .operation_name("JsonCall")
            .endpoint_url(&self.endpoint()?)
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
        Ok(builder.serializer(Request::http).deserializer(parsed).build())
    }

    /// The custom endpoint, or the one of the services' endpoint rules. Source: botocore 1.44.8, `endpoint-rule-set-1.json`
    /// of each service, which differ in the prefix and in GovCloud.
    fn endpoint(&self) -> Result<String, String> {
        let JsonClient { service: JsonService { id, prefix, gov_fips, .. }, config, invoked: _ } = self;
        let (fips, dual_stack) =
            (config.use_fips().unwrap_or_default(), config.use_dual_stack().unwrap_or_default());
        match endpoint_override(config, id) {
            Some(_) if fips => Err("FIPS and a custom endpoint are not supported together".to_owned()),
            Some(_) if dual_stack => Err("dual-stack and a custom endpoint are not supported together".to_owned()),
            Some(url) => Ok(url),
            None => {
                let region: Region = config
                    .region()
                    .map_or("", |region| region.as_ref())
                    .parse()
                    .map_err(|error| format!("{error}"))?;
                let is_suffixed = match gov_fips {
                    _ if region.partition() != Partition::AwsUsGov => true,
                    GovFips::Suffixed => true,
                    GovFips::SuffixedInDualStack => dual_stack,
                    GovFips::Plain => false,
                };
                let fips = if fips && is_suffixed { "-fips" } else { "" };
                let suffix = if dual_stack { "api.aws" } else { "amazonaws.com" };
                Ok(format!("https://{prefix}{fips}.{region}.{suffix}"))
            }
        }
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

fn parsed(response: &HttpResponse) -> Result<Value, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return unique_names::check(body)
            .and_then(|()| serde_json::from_slice(body))
            .map_err(OrchestratorError::other);
    }
    Err(OrchestratorError::operation(refusal(response, body)))
}

/// The error of a response. Its code is in a header or in the body, with a namespace before or a URL after it.
/// Source: Smithy's specification of the AWS protocols, "Operation error serialization".
fn refusal(response: &HttpResponse, body: &[u8]) -> ErrorMetadata {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let member = |names: [&str; 2]| names.iter().find_map(|name| body.get(name)?.as_str());
    let code = response.headers().get("x-amzn-errortype").or_else(|| member(["__type", "code"]));
    let mut error = ErrorMetadata::builder();
    if let Some(code) = code {
        let code = code.split(':').next().unwrap_or(code);
        error = error.code(code.rsplit('#').next().unwrap_or(code));
    }
    if let Some(message) = member(["message", "Message"]) {
        error = error.message(message);
    }
    error.build()
}

/// A time in seconds since 1970, as awsJson1.1 has it.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(seconds) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    let time = jiff::SignedDuration::try_from_secs_f64(seconds).and_then(Timestamp::from_duration);
    time.map(Some).map_err(|_| D::Error::custom(format!("{seconds} is not a time in seconds since 1970")))
}

/// JSON within a text of a response.
pub(crate) fn inner<T: DeserializeOwned>(operation: ApiOperation, text: &str) -> Result<T, CloudError> {
    serde_json::from_str(text).map_err(|error| misread(operation, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_config::BehaviorVersion;
    use aws_types::sdk_config::Builder;

    fn endpoint(
        service: JsonService,
        region: &'static str,
        set: impl Fn(Builder) -> Builder,
    ) -> Result<String, String> {
        let region = aws_types::region::Region::from_static(region);
        let config = set(SdkConfig::builder().behavior_version(BehaviorVersion::latest()).region(region)).build();
        JsonClient::new(service, &config).endpoint()
    }

    #[test]
    fn endpoints_follow_the_rules_of_the_service() {
        type Set = fn(Builder) -> Builder;
        let (plain, fips): (Set, Set) = (|config| config, |config| config.use_fips(true));
        let fips_dual_stack: Set = |config| config.use_fips(true).use_dual_stack(true);
        let (config, ses) = (crate::config::SERVICE, crate::ses::SERVICE);
        let (lambda, cloudwatch) = (crate::lambda::SERVICE, crate::cloudwatch::SERVICE);
        for (service, region, set, expected) in [
            (config, "eu-west-1", plain, "https://config.eu-west-1.amazonaws.com"),
            (config, "us-east-1", fips, "https://config-fips.us-east-1.amazonaws.com"),
            (config, "us-gov-west-1", fips, "https://config.us-gov-west-1.amazonaws.com"),
            (config, "eu-west-1", |config| config.use_dual_stack(true), "https://config.eu-west-1.api.aws"),
            (config, "us-gov-west-1", fips_dual_stack, "https://config-fips.us-gov-west-1.api.aws"),
            (config, "eu-west-1", |config| config.endpoint_url("http://localhost:5000"), "http://localhost:5000"),
            (ses, "eu-west-1", plain, "https://email.eu-west-1.amazonaws.com"),
            (ses, "us-gov-west-1", fips, "https://email-fips.us-gov-west-1.amazonaws.com"),
            (lambda, "us-gov-west-1", fips, "https://lambda-fips.us-gov-west-1.amazonaws.com"),
            (PINPOINT, "us-gov-west-1", fips, "https://pinpoint-fips.us-gov-west-1.amazonaws.com"),
            (cloudwatch, "us-east-1", fips, "https://monitoring-fips.us-east-1.amazonaws.com"),
            (cloudwatch, "us-gov-west-1", fips, "https://monitoring.us-gov-west-1.amazonaws.com"),
            (cloudwatch, "us-gov-west-1", fips_dual_stack, "https://monitoring.us-gov-west-1.api.aws"),
        ] {
            assert_eq!(endpoint(service, region, set).as_deref(), Ok(expected), "{region}");
        }
        assert!(
            endpoint(config, "us-east-1", |config| config.use_fips(true).endpoint_url("http://local")).is_err()
        );
    }
}
