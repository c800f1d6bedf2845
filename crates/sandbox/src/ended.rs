//! The end of support for event streams, in one region or all, as discontinued AWS services have responded; and regions
//! that an organization denies.
use crate::operation::Operation;
use crate::wire::Reply;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use pinpoint_streams_model::live::question::Service;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where and how event streams have ended. Wraps a client, or applies to a sandbox with [`crate::Settings::ended`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// None for all regions.
    #[serde(default)]
    pub region: Option<String>,
    pub how: Ending,
    /// Whether GetApps returns an empty list.
    #[serde(default)]
    pub without_apps: bool,
}

/// How a discontinued service responds. Sources: OpsWorks, Machine Learning, RoboMaker, CodeStar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// HTTP 403 AccessDeniedException with a message that names no caller.
    Forbidden,
    /// HTTP 404 NotFoundException, as for an app without an event stream.
    NotFound,
    /// HTTP 404 from an API gateway that has no such path.
    NoSuchPath,
    /// HTTP 410.
    Gone,
    /// HTTP 503.
    Failing,
    /// HTTP 200 with an HTML page.
    Html,
    /// HTTP 410, for all of Pinpoint in the region.
    AllGone,
    /// HTTP 200 with an empty JSON object, for all of Pinpoint in the region.
    Empty,
    /// The endpoint's host name does not resolve, for all of Pinpoint in the region.
    NoName,
    /// The endpoint refuses connections, for all of Pinpoint in the region.
    ClosedPort,
    /// A service control policy of the organization denies every regional service in the region.
    ControlPolicy,
}

const ENDINGS: [(Ending, &str); 11] = [
    (Ending::Forbidden, "forbidden"),
    (Ending::NotFound, "not-found"),
    (Ending::NoSuchPath, "no-such-path"),
    (Ending::Gone, "gone"),
    (Ending::Failing, "failing"),
    (Ending::Html, "html"),
    (Ending::AllGone, "all-gone"),
    (Ending::Empty, "empty"),
    (Ending::NoName, "no-name"),
    (Ending::ClosedPort, "closed-port"),
    (Ending::ControlPolicy, "control-policy"),
];

impl Ending {
    pub fn all() -> impl Iterator<Item = Ending> {
        ENDINGS.into_iter().map(|(ending, _)| ending)
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ENDINGS.iter().find(|(ending, _)| ending == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for Ending {
    type Err = String;
    fn from_str(text: &str) -> Result<Ending, String> {
        let ending = ENDINGS.iter().find(|(_, name)| *name == text);
        ending.map(|(ending, _)| *ending).ok_or_else(|| {
            let names = ENDINGS.map(|(_, name)| name).join(", ");
            format!("`{text}` is not one of {names}")
        })
    }
}

impl Ended {
    pub fn everywhere(how: Ending) -> Ended {
        Ended { region: None, how, without_apps: false }
    }

    pub fn in_region(region: &str, how: Ending) -> Ended {
        Ended { region: Some(region.to_owned()), ..Ended::everywhere(how) }
    }

    #[must_use]
    pub fn without_apps(self) -> Ended {
        Ended { without_apps: true, ..self }
    }

    pub(crate) fn is_unresolvable(&self, region: &str) -> bool {
        self.applies_to(region) && self.how == Ending::NoName
    }

    fn applies_to(&self, region: &str) -> bool {
        self.region.as_deref().is_none_or(|own| own == region)
    }

    /// The response that replaces the service's; none where the call goes through.
    pub(crate) fn intercept(
        &self,
        operation: &Operation,
        account: &str,
        region: &str,
    ) -> Option<Result<HttpResponse, ConnectorError>> {
        if self.how == Ending::ControlPolicy && self.applies_to(region) {
            return denied_by_organization(operation, account, region).map(|reply| Ok(reply.into_http()));
        }
        if operation.service != Some(Service::Pinpoint) || !self.applies_to(region) {
            return None;
        }
        match self.how {
            Ending::NoName => return Some(Err(no_such_host(region))),
            Ending::ClosedPort => return Some(Err(connection_refused())),
            Ending::AllGone | Ending::Empty => return Some(Ok(self.how.reply().into_http())),
            _ => {}
        }
        let reply = match operation.name.as_ref() {
            "GetEventStream" | "PutEventStream" | "DeleteEventStream" => self.how.reply(),
            "GetApps" if self.without_apps => Reply::rest_json(200, r#"{"Item":[]}"#.to_owned(), REQUEST_ID),
            _ => return None,
        };
        Some(Ok(reply.into_http()))
    }
}

const REQUEST_ID: &str = "ended";

impl Ending {
    fn reply(self) -> Reply {
        let page = |status, kind: &str, body: &str| Reply {
            status,
            headers: vec![("content-type", kind.to_owned())],
            body: body.to_owned(),
        };
        let discontinued = "Amazon Pinpoint event streams have been discontinued.";
        match self {
            Ending::Forbidden => Reply::rest_json_error(403, "AccessDeniedException", discontinued, REQUEST_ID),
            Ending::NotFound => Reply::rest_json_error(404, "NotFoundException", "Resource not found", REQUEST_ID),
            Ending::NoSuchPath => Reply::rest_json_error(404, "UnknownOperationException", "", REQUEST_ID),
            Ending::Empty => page(200, "application/json", "{}"),
            Ending::Gone | Ending::AllGone => page(410, "application/json", r#"{"message":"Gone"}"#),
            Ending::Failing | Ending::NoName | Ending::ClosedPort | Ending::ControlPolicy => {
                page(503, "application/json", r#"{"message":"Service Unavailable"}"#)
            }
            Ending::Html => {
                page(200, "text/html", "<!DOCTYPE html><html><body>Amazon Pinpoint has ended</body></html>")
            }
        }
    }
}

/// Source: IAM user guide, "Troubleshoot access denied error messages". Global services are called in us-east-1, which such
/// policies leave out.
fn denied_by_organization(operation: &Operation, account: &str, region: &str) -> Option<Reply> {
    let service = operation.service?;
    let is_global =
        matches!(service, Service::Iam | Service::Sts | Service::Organizations | Service::Account | Service::S3);
    let (prefix, name) = (service.action_prefix(), &operation.name);
    let message = format!(
        "User: arn:aws:sts::{account}:assumed-role/Audit/ana is not authorized to perform: {prefix}:{name} on \
         resource: arn:aws:{prefix}:{region}:{account}:* with an explicit deny in a service control policy"
    );
    (!is_global).then(|| Reply::access_denied(operation, &message, "denied"))
}

pub(crate) fn no_such_host(region: &str) -> ConnectorError {
    let host = format!("pinpoint.{region}.amazonaws.com");
    let message = format!("failed to lookup address information for {host}: Name or service not known");
    ConnectorError::io(std::io::Error::other(message).into())
}

fn connection_refused() -> ConnectorError {
    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    ConnectorError::io(refused.into())
}
