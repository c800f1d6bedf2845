//! A parsed request, and replies in each protocol.
use crate::account::Scope;
use crate::operation::{Operation, Protocol, path_of, query_of};
use crate::xml::Xml;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use http::StatusCode;
use percent_encoding::percent_decode_str;

/// A request of an authenticated caller.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) operation: Operation,
    /// Twelve digits.
    pub(crate) account: String,
    /// The region of the credential scope.
    pub(crate) region: String,
    pub(crate) method: String,
    /// Percent-encoded.
    pub(crate) path: String,
    query: String,
    /// The value of `X-Amz-Target`, empty if there is none.
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn read(request: &HttpRequest, scope: &Scope, account: &str) -> Request {
        Request {
            operation: Operation::of(request),
            account: account.to_owned(),
            region: scope.region.clone(),
            method: request.method().to_owned(),
            path: path_of(request.uri()).to_owned(),
            query: query_of(request.uri()).to_owned(),
            target: request.headers().get("x-amz-target").unwrap_or_default().to_owned(),
            body: request.body().bytes().unwrap_or_default().to_owned(),
        }
    }

    pub(crate) fn path_and_query(&self) -> String {
        match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// One segment of the path, decoded; `/v1/apps/ID` has three.
    pub(crate) fn segment(&self, index: usize) -> String {
        let segment = self.path.split('/').filter(|s| !s.is_empty()).nth(index);
        percent_decode_str(segment.unwrap_or_default()).decode_utf8_lossy().into_owned()
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The body; none if it is not a JSON object.
    pub(crate) fn json(&self) -> Option<serde_json::Map<String, serde_json::Value>> {
        serde_json::from_slice(&self.body).ok()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Reply {
    fn new(status: u16, content_type: &str, body: String, request_id: &str) -> Reply {
        let headers = vec![("content-type", content_type.to_owned()), ("x-amzn-requestid", request_id.to_owned())];
        Reply { status, headers, body }
    }

    pub(crate) fn xml(status: u16, body: String, request_id: &str) -> Reply {
        Reply::new(status, "text/xml", body, request_id)
    }

    pub(crate) fn xml_error(status: u16, code: &str, message: &str, namespace: &str, request_id: &str) -> Reply {
        let mut xml = Xml::default();
        xml.root("ErrorResponse", namespace, |xml| {
            xml.element("Error", |xml| {
                xml.text("Type", "Sender");
                xml.text("Code", code);
                xml.text("Message", message);
            });
            xml.text("RequestId", request_id);
        });
        Reply::xml(status, xml.into_string(), request_id)
    }

    /// A reply of the REST-JSON protocol (Pinpoint).
    pub(crate) fn rest_json(status: u16, body: String, request_id: &str) -> Reply {
        Reply::new(status, "application/json", body, request_id)
    }

    /// An error of Pinpoint: its code in a header, `Message` and `RequestID` in the body.
    pub(crate) fn rest_json_error(status: u16, code: &str, message: &str, request_id: &str) -> Reply {
        let body = serde_json::json!({ "Message": message, "RequestID": request_id });
        let mut reply = Reply::rest_json(status, body.to_string(), request_id);
        reply.headers.push(("x-amzn-errortype", code.to_owned()));
        reply
    }

    /// A reply of the JSON 1.1 protocol (Kinesis, Firehose, Organizations).
    pub(crate) fn json11(status: u16, body: String, request_id: &str) -> Reply {
        Reply::new(status, "application/x-amz-json-1.1", body, request_id)
    }

    /// An error of the JSON 1.1 protocol: its code as `__type` in the body.
    pub(crate) fn json11_error(status: u16, code: &str, message: &str, request_id: &str) -> Reply {
        let body = serde_json::json!({ "__type": code, "message": message });
        Reply::json11(status, body.to_string(), request_id)
    }

    /// The caller may not do this.
    pub(crate) fn access_denied(operation: &Operation, message: &str, request_id: &str) -> Reply {
        let protocol = operation.protocol();
        let (status, code) = match protocol {
            Protocol::Query => (403, "AccessDenied"),
            Protocol::RestJson => (403, "AccessDeniedException"),
            Protocol::Json11 => (400, "AccessDeniedException"),
        };
        Reply::error(protocol, status, code, message, request_id)
    }

    pub(crate) fn error(protocol: Protocol, status: u16, code: &str, message: &str, request_id: &str) -> Reply {
        match protocol {
            Protocol::Query => Reply::xml_error(status, code, message, "", request_id),
            Protocol::RestJson => Reply::rest_json_error(status, code, message, request_id),
            Protocol::Json11 => Reply::json11_error(status, code, message, request_id),
        }
    }

    pub(crate) fn into_http(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::new(status.into(), SdkBody::from(self.body));
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
