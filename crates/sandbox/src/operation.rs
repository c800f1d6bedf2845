//! The service and operation of a request.
use crate::account::Scope;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use pinpoint_streams_model::live::question::Service;
use std::borrow::Cow;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Form parameters in, XML out.
    Query,
    RestJson,
    /// JSON 1.0 or 1.1; the operation is in the header `X-Amz-Target`.
    Json11,
}

/// One operation of one service, such as `CreateRole` of IAM.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// None for a service that the sandbox does not support.
    pub service: Option<Service>,
    /// Its name in the service's model; `Unknown` if it cannot be determined.
    pub name: Cow<'static, str>,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Operation {
    pub fn of(request: &HttpRequest) -> Operation {
        let service = service_of(request);
        let name = match protocol_of(service) {
            // A service that is not known may use JSON 1.1.
            Protocol::Query => target_header(request).or_else(|| action_parameter(request.body().bytes())),
            Protocol::Json11 => target_header(request),
            Protocol::RestJson => match (service, path_of(request.uri())) {
                (Some(Service::Account), path) => (path == "/listRegions").then_some("ListRegions"),
                (Some(Service::AccessAnalyzer), "/analyzer") => Some("ListAnalyzers"),
                (Some(Service::AccessAnalyzer), "/findingv2") => Some("ListFindingsV2"),
                (Some(Service::AccessAnalyzer), _) => None,
                (Some(Service::Ses), path) => ses_operation(request.method(), path),
                (Some(Service::Lambda), path) => lambda_operation(request.method(), path),
                (_, path) => pinpoint_operation(request.method(), path),
            }
            .map(Cow::Borrowed),
        };
        Operation { service, name: name.unwrap_or(Cow::Borrowed("Unknown")) }
    }

    pub(crate) fn protocol(&self) -> Protocol {
        protocol_of(self.service)
    }

    /// Whether the operation changes nothing. In these services, the prefix of the name tells.
    pub fn is_read(&self) -> bool {
        ["Get", "List", "Describe", "Simulate", "Select", "Lookup", "Generate"]
            .iter()
            .any(|verb| self.name.starts_with(verb))
    }
}

/// The protocol of the service; Query for one that is not known.
fn protocol_of(service: Option<Service>) -> Protocol {
    match service {
        Some(Service::Pinpoint | Service::Account | Service::AccessAnalyzer | Service::Ses | Service::Lambda) => {
            Protocol::RestJson
        }
        Some(
            Service::Kinesis
            | Service::Firehose
            | Service::Organizations
            | Service::Config
            | Service::CloudTrail
            | Service::CloudWatch
            | Service::Kms,
        ) => Protocol::Json11,
        Some(Service::Iam | Service::Sts | Service::CloudFormation | Service::S3) | None => Protocol::Query,
    }
}

fn service_of(request: &HttpRequest) -> Option<Service> {
    let signed = Scope::of(request).map(|scope| scope.service);
    let named = signed.as_deref().unwrap_or_else(|| {
        let host = host_of(request.uri());
        host.split('.').next().unwrap_or_default()
    });
    Some(match named {
        "iam" => Service::Iam,
        "sts" => Service::Sts,
        "mobiletargeting" | "pinpoint" => Service::Pinpoint,
        "kinesis" => Service::Kinesis,
        "firehose" => Service::Firehose,
        "cloudformation" => Service::CloudFormation,
        "organizations" => Service::Organizations,
        "account" => Service::Account,
        "config" => Service::Config,
        "cloudtrail" => Service::CloudTrail,
        "access-analyzer" => Service::AccessAnalyzer,
        "ses" | "email" => Service::Ses,
        "lambda" => Service::Lambda,
        "monitoring" => Service::CloudWatch,
        "kms" => Service::Kms,
        _ => return None,
    })
}

fn host_of(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

pub(crate) fn path_of(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split('?').next().unwrap_or(path)
}

/// The query of a URI, percent-encoded; empty if there is none.
pub(crate) fn query_of(uri: &str) -> &str {
    uri.split_once('?').map_or("", |(_, query)| query)
}

fn action_parameter(body: Option<&[u8]>) -> Option<Cow<'static, str>> {
    form_urlencoded::parse(body?)
        .find(|(key, _)| key == "Action")
        .map(|(_, action)| Cow::Owned(action.into_owned()))
}

fn target_header(request: &HttpRequest) -> Option<Cow<'static, str>> {
    let target = request.headers().get("x-amz-target")?;
    target.rsplit('.').next().map(|name| Cow::Owned(name.to_owned()))
}

/// Source: botocore 1.44.5 `data/sesv2/2019-09-27/service-2.json`, only the operations in use.
fn ses_operation(method: &str, path: &str) -> Option<&'static str> {
    let path: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    Some(match (method, path.as_slice()) {
        ("POST", ["v2", "email", "list-identities"]) => "ListEmailIdentities",
        ("GET", ["v2", "email", "identities", _, "policies"]) => "GetEmailIdentityPolicies",
        ("POST", ["v2", "email", "list-configuration-sets"]) => "ListConfigurationSets",
        ("GET", ["v2", "email", "configuration-sets", _, "event-destinations"]) => {
            "GetConfigurationSetEventDestinations"
        }
        _ => return None,
    })
}

/// Source: botocore 1.44.5 `data/lambda/2015-03-31/service-2.json`, only the operations in use.
fn lambda_operation(method: &str, path: &str) -> Option<&'static str> {
    let path: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    Some(match (method, path.as_slice()) {
        ("GET", ["2015-03-31", "functions"]) => "ListFunctions",
        ("GET", ["2015-03-31", "functions", _, "policy"]) => "GetPolicy",
        _ => return None,
    })
}

/// Source: botocore 1.44.5 `data/pinpoint/2016-12-01/service-2.json`, only the operations in use.
fn pinpoint_operation(method: &str, path: &str) -> Option<&'static str> {
    let path: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    Some(match (method, path.as_slice()) {
        ("POST", ["v1", "apps"]) => "CreateApp",
        ("GET", ["v1", "apps"]) => "GetApps",
        ("GET", ["v1", "apps", _]) => "GetApp",
        ("DELETE", ["v1", "apps", _]) => "DeleteApp",
        ("POST", ["v1", "apps", _, "eventstream"]) => "PutEventStream",
        ("GET", ["v1", "apps", _, "eventstream"]) => "GetEventStream",
        ("DELETE", ["v1", "apps", _, "eventstream"]) => "DeleteEventStream",
        ("GET", ["v1", "apps", _, "channels"]) => "GetChannels",
        ("PUT", ["v1", "apps", _, "channels", "email"]) => "UpdateEmailChannel",
        ("GET", ["v1", "apps", _, "channels", "email"]) => "GetEmailChannel",
        ("DELETE", ["v1", "apps", _, "channels", "email"]) => "DeleteEmailChannel",
        ("GET", ["v1", "apps", _, "jobs", "import"]) => "GetImportJobs",
        ("GET", ["v1", "apps", _, "jobs", "export"]) => "GetExportJobs",
        ("GET", ["v1", "recommenders"]) => "GetRecommenderConfigurations",
        ("GET", ["v1", "templates"]) => "ListTemplates",
        ("PUT", ["v1", "apps", _, "settings"]) => "UpdateApplicationSettings",
        ("GET", ["v1", "apps", _, "settings"]) => "GetApplicationSettings",
        ("GET", ["v1", "tags", ..]) => "ListTagsForResource",
        ("POST", ["v1", "tags", ..]) => "TagResource",
        ("DELETE", ["v1", "tags", ..]) => "UntagResource",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::body::SdkBody;

    fn request(method: &str, uri: &str, body: &str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).unwrap();
        request.set_uri(uri.to_owned()).unwrap();
        request
    }

    #[test]
    fn a_query_request_names_its_operation_in_the_body() {
        let request = request("POST", "https://iam.amazonaws.com/", "Action=CreateRole&Version=2010-05-08");
        let operation = Operation::of(&request);
        assert_eq!(operation.service, Some(Service::Iam));
        assert_eq!(operation.name, "CreateRole");
        assert!(!operation.is_read());
    }

    #[test]
    fn pinpoint_names_its_operation_by_method_and_path() {
        let host = "https://pinpoint.us-east-1.amazonaws.com";
        let name =
            |method, path: &str| Operation::of(&request(method, &format!("{host}{path}"), "")).name.into_owned();
        assert_eq!(name("POST", "/v1/apps/0a1b/eventstream"), "PutEventStream");
        assert_eq!(name("GET", "/v1/apps?page-size=10"), "GetApps");
        assert_eq!(name("DELETE", "/v1/tags/arn%3Aaws%3Aa?tagKeys=k"), "UntagResource");
        assert_eq!(name("GET", "/v1/phone"), "Unknown");
    }

    #[test]
    fn the_json_services_name_it_in_a_header() {
        let mut request = request("POST", "https://kinesis.us-east-1.amazonaws.com/", "{}");
        request.headers_mut().insert("x-amz-target", "Kinesis_20131202.DescribeStreamSummary");
        let operation = Operation::of(&request);
        assert_eq!(operation.service, Some(Service::Kinesis));
        assert_eq!(operation.to_string(), "DescribeStreamSummary");
        assert!(operation.is_read());
    }
}
