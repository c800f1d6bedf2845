//! AWS's JSON protocols.
use super::{JsonClient, Protocol, ServiceModel};
use crate::classify::{ApiOperation, CloudError, misread};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pinpoint_streams_model::unique_names;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

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
}

impl Protocol for Request {
    type Answer = Value;

    fn http(self, _: ServiceModel) -> Result<HttpRequest, BoxError> {
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

    fn answer(body: &[u8]) -> Result<Value, BoxError> {
        unique_names::check(body)?;
        Ok(serde_json::from_slice(body)?)
    }

    /// Its code is in a header or in the body, with a namespace before or a URL after it.
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
}

impl JsonClient {
    /// The response as `T`, whose required members must all be there.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        operation: ApiOperation,
        request: Request,
    ) -> Result<T, CloudError> {
        let answer = self.send(operation, request).await?;
        serde_json::from_value(answer).map_err(|error| misread(operation, error))
    }
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
