//! The Query protocol of IAM, STS and CloudFormation: form parameters in, XML out.
use crate::wire::{Reply, Request};
use crate::xml::Xml;
use std::collections::BTreeMap;

/// The content of an operation's result element; none for operations without one.
pub(crate) type Outcome = Result<Option<Xml>, QueryError>;

pub(crate) fn respond(request: &Request, namespace: &str, request_id: &str, outcome: Outcome) -> Reply {
    let result = match outcome {
        Ok(result) => result,
        Err(QueryError { status, code, message }) => {
            return Reply::xml_error(status, code, &message, namespace, request_id);
        }
    };
    let operation = &request.operation;
    let mut xml = Xml::default();
    xml.root(&format!("{operation}Response"), namespace, |xml| {
        if let Some(result) = result {
            xml.element(&format!("{operation}Result"), |xml| xml.raw(&result));
        }
        xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
    });
    Reply::xml(200, xml.into_string(), request_id)
}

/// The parameters of a request by name; lists are spelled `Tags.member.1.Key`.
#[derive(Debug)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Form {
        Form(form_urlencoded::parse(body).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, QueryError> {
        self.get(name).ok_or_else(|| QueryError::missing(&model_name(name)))
    }

    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        (1..).map_while(|n| self.get(&format!("{name}.member.{n}"))).collect()
    }

    pub(crate) fn pairs(&self, name: &str) -> Vec<(&str, &str)> {
        (1..)
            .map_while(|n| {
                let key = self.get(&format!("{name}.member.{n}.Key"))?;
                Some((key, self.get(&format!("{name}.member.{n}.Value")).unwrap_or_default()))
            })
            .collect()
    }
}

/// A parameter's name as it appears in error messages: `roleName` for `RoleName`.
pub(crate) fn model_name(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

/// An error response. Codes and statuses are those of the service model; the SDK's type names add "Exception".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueryError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl QueryError {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> QueryError {
        QueryError { status, code, message: message.into() }
    }

    pub(crate) fn validation(message: impl Into<String>) -> QueryError {
        QueryError::new(400, "ValidationError", message)
    }

    /// A parameter violates a constraint of the service model.
    pub(crate) fn constraint(value: &str, parameter: &str, constraint: &str) -> QueryError {
        QueryError::validation(format!(
            "1 validation error detected: Value '{value}' at '{parameter}' failed to satisfy constraint: {constraint}"
        ))
    }

    pub(crate) fn missing(parameter: &str) -> QueryError {
        QueryError::validation(format!(
            "1 validation error detected: Value null at '{parameter}' failed to satisfy constraint: Member must not be null"
        ))
    }

    pub(crate) fn invalid_input(message: impl Into<String>) -> QueryError {
        QueryError::new(400, "InvalidInput", message)
    }

    pub(crate) fn malformed(message: impl Into<String>) -> QueryError {
        QueryError::new(400, "MalformedPolicyDocument", message)
    }

    pub(crate) fn unmodifiable(role: &str) -> QueryError {
        QueryError::new(
            400,
            "UnmodifiableEntity",
            format!(
                "Cannot perform the operation on the protected role '{role}' - this role is only modifiable by AWS"
            ),
        )
    }

    pub(crate) fn no_such(message: impl Into<String>) -> QueryError {
        QueryError::new(404, "NoSuchEntity", message)
    }

    pub(crate) fn no_such_role(name: &str) -> QueryError {
        QueryError::no_such(format!("The role with name {name} cannot be found."))
    }

    pub(crate) fn exists(message: impl Into<String>) -> QueryError {
        QueryError::new(409, "EntityAlreadyExists", message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> QueryError {
        QueryError::new(409, "DeleteConflict", message)
    }

    pub(crate) fn limit(message: impl Into<String>) -> QueryError {
        QueryError::new(409, "LimitExceeded", message)
    }

    pub(crate) fn quota(name: &str, quota: usize) -> QueryError {
        QueryError::limit(format!("Cannot exceed quota for {name}: {quota}"))
    }

    /// The service has no such operation, or the sandbox does not support it.
    pub(crate) fn invalid_action(action: &str, version: &str) -> QueryError {
        QueryError::new(400, "InvalidAction", format!("Could not find operation {action} for version {version}"))
    }

    pub(crate) fn access_denied(message: impl Into<String>) -> QueryError {
        QueryError::new(403, "AccessDenied", message)
    }
}
