//! IAM's errors: wire code, HTTP status, message.

use super::xml::Xml;
use crate::wire::Reply;

/// A refusal. Codes and statuses are those of the service model; the SDK's type names add "Exception".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IamError {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl IamError {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> IamError {
        IamError { status, code, message: message.into() }
    }

    pub(crate) fn validation(message: impl Into<String>) -> IamError {
        IamError::new(400, "ValidationError", message)
    }

    /// A parameter outside what the service model allows.
    pub(super) fn constraint(value: &str, parameter: &str, constraint: &str) -> IamError {
        IamError::validation(format!(
            "1 validation error detected: Value '{value}' at '{parameter}' failed to satisfy constraint: {constraint}"
        ))
    }

    pub(super) fn missing(parameter: &str) -> IamError {
        IamError::validation(format!(
            "1 validation error detected: Value null at '{parameter}' failed to satisfy constraint: Member must not be null"
        ))
    }

    pub(super) fn invalid_input(message: impl Into<String>) -> IamError {
        IamError::new(400, "InvalidInput", message)
    }

    pub(super) fn malformed(message: impl Into<String>) -> IamError {
        IamError::new(400, "MalformedPolicyDocument", message)
    }

    pub(super) fn unmodifiable(role: &str) -> IamError {
        IamError::new(
            400,
            "UnmodifiableEntity",
            format!(
                "Cannot perform the operation on the protected role '{role}' - this role is only modifiable by AWS"
            ),
        )
    }

    pub(super) fn no_such(message: impl Into<String>) -> IamError {
        IamError::new(404, "NoSuchEntity", message)
    }

    pub(super) fn no_such_role(name: &str) -> IamError {
        IamError::no_such(format!("The role with name {name} cannot be found."))
    }

    pub(super) fn exists(message: impl Into<String>) -> IamError {
        IamError::new(409, "EntityAlreadyExists", message)
    }

    pub(super) fn conflict(message: impl Into<String>) -> IamError {
        IamError::new(409, "DeleteConflict", message)
    }

    pub(super) fn limit(message: impl Into<String>) -> IamError {
        IamError::new(409, "LimitExceeded", message)
    }

    pub(super) fn invalid_action(action: &str) -> IamError {
        IamError::new(400, "InvalidAction", format!("Could not find operation {action} for version 2010-05-08"))
    }

    /// The caller's key is of no account of the sandbox.
    pub(crate) fn invalid_token() -> IamError {
        IamError::new(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    }

    /// The caller may not do this.
    pub(crate) fn access_denied(message: impl Into<String>) -> IamError {
        IamError::new(403, "AccessDenied", message)
    }

    /// An operation of another Query service that the sandbox does not answer.
    pub(crate) fn unanswered(message: impl Into<String>) -> IamError {
        IamError::new(400, "InvalidAction", message)
    }

    /// The error on the wire.
    pub(crate) fn reply(&self, namespace: &str, request_id: &str) -> Reply {
        let mut xml = Xml::default();
        xml.root("ErrorResponse", namespace, |xml| {
            xml.element("Error", |xml| {
                xml.text("Type", "Sender");
                xml.text("Code", self.code);
                xml.text("Message", &self.message);
            });
            xml.text("RequestId", request_id);
        });
        Reply::xml(self.status, xml.into_string(), request_id)
    }
}
