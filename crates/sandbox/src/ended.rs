//! Event streams that have ended, in one region or in all, in each of the ways in which services of AWS have ended.

use crate::operation::{Operation, Service};
use crate::wire::Reply;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where event streams have ended, and how. Around a client, or with [`crate::Settings::ended`] in the sandbox itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// In this region; none for all.
    #[serde(default)]
    pub region: Option<String>,
    /// How calls for event streams are answered.
    pub how: Ending,
    /// Whether GetApps is answered too, with an empty list.
    #[serde(default)]
    pub without_apps: bool,
}

/// How an ended service answers. Sources: the ends of OpsWorks, Machine Learning, RoboMaker, CodeStar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// HTTP 403 AccessDeniedException, in words that deny no caller.
    Forbidden,
    /// HTTP 404 in Pinpoint's own form, as an app without an event stream is answered.
    NotFound,
    /// HTTP 404 in the form of a gateway that does not have this path.
    NoSuchPath,
    /// HTTP 410.
    Gone,
    /// HTTP 503.
    Failing,
    /// HTTP 200 with a web page.
    Html,
    /// The host's name does not resolve: no call to Pinpoint in the region is answered.
    NoName,
    /// The host refuses connections: no call to Pinpoint in the region is answered.
    ClosedPort,
}

const ENDINGS: [(Ending, &str); 8] = [
    (Ending::Forbidden, "forbidden"),
    (Ending::NotFound, "not-found"),
    (Ending::NoSuchPath, "no-such-path"),
    (Ending::Gone, "gone"),
    (Ending::Failing, "failing"),
    (Ending::Html, "html"),
    (Ending::NoName, "no-name"),
    (Ending::ClosedPort, "closed-port"),
];

impl Ending {
    /// All there are.
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
        ending.map(|(ending, _)| *ending).ok_or_else(|| format!("nothing ends in the way `{text}`"))
    }
}

impl Ended {
    /// In all regions.
    pub fn everywhere(how: Ending) -> Ended {
        Ended { region: None, how, without_apps: false }
    }

    /// In one region.
    pub fn in_region(region: &str, how: Ending) -> Ended {
        Ended { region: Some(region.to_owned()), ..Ended::everywhere(how) }
    }

    /// With GetApps answered by an empty list.
    #[must_use]
    pub fn without_apps(self) -> Ended {
        Ended { without_apps: true, ..self }
    }

    /// Whether the name of Pinpoint's host in a region has gone.
    pub(crate) fn has_no_name(&self, region: &str) -> bool {
        self.is_about(region) && self.how == Ending::NoName
    }

    fn is_about(&self, region: &str) -> bool {
        self.region.as_deref().is_none_or(|ended| ended == region)
    }

    /// The response that replaces the service's; none where the call goes through.
    pub(crate) fn intercept(
        &self,
        operation: &Operation,
        region: &str,
    ) -> Option<Result<HttpResponse, ConnectorError>> {
        if operation.service != Service::Pinpoint || !self.is_about(region) {
            return None;
        }
        match self.how {
            Ending::NoName => return Some(Err(no_such_host(region))),
            Ending::ClosedPort => return Some(Err(refused())),
            _ => {}
        }
        let reply = match operation.name.as_ref() {
            "GetEventStream" | "PutEventStream" | "DeleteEventStream" => self.how.reply(),
            "GetApps" if self.without_apps => Reply::rest_json(200, r#"{"Item":[]}"#.to_owned(), ID),
            _ => return None,
        };
        Some(Ok(reply.into_http()))
    }
}

/// The request id of every answer here.
const ID: &str = "ended";

impl Ending {
    fn reply(self) -> Reply {
        let page = |status, kind: &str, body: &str| Reply {
            status,
            headers: vec![("content-type", kind.to_owned())],
            body: body.to_owned(),
        };
        let discontinued = "Amazon Pinpoint event streams have been discontinued.";
        match self {
            Ending::Forbidden => Reply::rest_json_error(403, "AccessDeniedException", discontinued, ID),
            Ending::NotFound => Reply::rest_json_error(404, "NotFoundException", "Resource not found", ID),
            Ending::NoSuchPath => Reply::rest_json_error(404, "UnknownOperationException", "", ID),
            Ending::Gone => page(410, "application/json", r#"{"message":"Gone"}"#),
            Ending::Failing | Ending::NoName | Ending::ClosedPort => {
                page(503, "application/json", r#"{"message":"Service Unavailable"}"#)
            }
            Ending::Html => {
                page(200, "text/html", "<!DOCTYPE html><html><body>Amazon Pinpoint has ended</body></html>")
            }
        }
    }
}

/// Where Pinpoint has no endpoint, its name does not resolve.
pub(crate) fn no_such_host(region: &str) -> ConnectorError {
    let host = format!("pinpoint.{region}.amazonaws.com");
    let message = format!("failed to lookup address information for {host}: Name or service not known");
    ConnectorError::io(std::io::Error::other(message).into())
}

fn refused() -> ConnectorError {
    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    ConnectorError::io(refused.into())
}
