//! AWS's Query protocol: forms are sent, XML is answered.
//! Source: Smithy's specification of the AWS protocols, "AWS Query protocol".
use super::{Protocol, QueryClient, ServiceModel};
use crate::classify::{ApiOperation, CloudError, misread};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Debug)]
pub(crate) struct Request {
    action: &'static str,
    parameters: Vec<(&'static str, String)>,
}

impl Protocol for Request {
    type Answer = String;

    fn http(self, service: ServiceModel) -> Result<HttpRequest, BoxError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", self.action).append_pair("Version", service.version);
        let form = form.extend_pairs(self.parameters).finish();
        let length = form.len();
        let mut request = HttpRequest::new(SdkBody::from(form));
        request.set_method("POST")?;
        request.set_uri("/")?;
        request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
        request.headers_mut().insert("content-length", length.to_string());
        Ok(request)
    }

    /// Whether it answers the operation is left to the type of the response.
    fn answer(body: &[u8]) -> Result<String, BoxError> {
        let body = std::str::from_utf8(body)?;
        match body.trim_end().ends_with("Response>") {
            true => Ok(body.to_owned()),
            false => Err("it is not the XML of an answer".into()),
        }
    }

    fn refusal(_: &HttpResponse, body: &[u8]) -> ErrorMetadata {
        let body = String::from_utf8_lossy(body);
        let mut error = ErrorMetadata::builder();
        if let Ok(ErrorResponse { error: ErrorBody { code, message } }) = quick_xml::de::from_str(&body) {
            if let Some(code) = code {
                error = error.code(code);
            }
            if let Some(message) = message {
                error = error.message(message);
            }
        }
        error.build()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorResponse {
    error: ErrorBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody {
    code: Option<String>,
    message: Option<String>,
}

/// A list in XML.
#[derive(Debug, Deserialize)]
pub(crate) struct Members<T> {
    #[serde(rename = "member", default = "Vec::new")]
    pub(crate) members: Vec<T>,
}

impl QueryClient {
    /// The root element of the response as `T`.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        operation: ApiOperation,
        parameters: Vec<(&'static str, String)>,
    ) -> Result<T, CloudError> {
        let body = self.send(operation, Request { action: operation.name, parameters }).await?;
        quick_xml::de::from_str(&body).map_err(|error| misread(operation, error))
    }
}
