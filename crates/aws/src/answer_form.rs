//! The form of answers. The SDK takes a list that is missing for an empty one, and any page with status 200 for the
//! confirmation of a write: such answers are errors here, after which nothing is known of what the service did.
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextMut,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use http_body_util::Limited;
use pinpoint_streams_model::unique_names;

/// The size of the largest answer that is read, in bytes. A page of GetAccountAuthorizationDetails has about 30 MB: 1,000
/// roles with 10,240 characters of inline policies, percent-encoded.
const LARGEST: usize = 128 * 1024 * 1024;

/// Ends the reading of an answer that is too large.
#[derive(Debug)]
pub(crate) struct SizeLimit;

impl Intercept for SizeLimit {
    fn name(&self) -> &'static str {
        "size limit"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let unlimited = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Limited::new(unlimited, LARGEST));
        Ok(())
    }
}

/// Requires of an answer with status 200 what every answer of AWS's Query protocol has: an element named after the
/// operation, with a request ID in it; and of a list, its elements.
/// Source: Smithy's specification of the AWS Query protocol, "Response serialization"; IAM API reference.
#[derive(Debug)]
pub(crate) struct QueryForm;

impl Intercept for QueryForm {
    fn name(&self) -> &'static str {
        "query form"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (response, operation) = (context.response(), bag.load::<Metadata>().map_or("", Metadata::name));
        if !response.status().is_success() {
            return Ok(());
        }
        let body = std::str::from_utf8(response.body().bytes().unwrap_or_default())?;
        match lacking(operation, body) {
            None => Ok(()),
            Some(what) => Err(format!("the answer has no {what}").into()),
        }
    }
}

/// Requires of an answer with status 200 in JSON that no object has a name twice: a proxy that joins two answers, or anyone
/// who adds to one, could have the last value taken for AWS's.
#[derive(Debug)]
pub(crate) struct JsonForm;

impl Intercept for JsonForm {
    fn name(&self) -> &'static str {
        "json form"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        match response.body().bytes() {
            Some(body) if response.status().is_success() && !body.is_empty() => Ok(unique_names::check(body)?),
            _ => Ok(()),
        }
    }
}

/// What the answer must have and has not.
fn lacking(operation: &str, body: &str) -> Option<String> {
    let root = format!("{operation}Response");
    let body = body.trim();
    let body = match body.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => rest.trim_start(),
        None => body,
    };
    let begins = body.strip_prefix('<').and_then(|rest| rest.strip_prefix(root.as_str()));
    let begins = begins.is_some_and(|rest| rest.starts_with(['>', ' ', '\n', '\r', '\t']));
    if !begins || !body.ends_with(&format!("</{root}>")) {
        return Some(root);
    }
    let has = |element: &str| [">", "/>", " />"].iter().any(|end| body.contains(&format!("<{element}{end}")));
    let is_named = body.split_once("<RequestId>").is_some_and(|(_, rest)| !rest.starts_with('<'));
    if !is_named {
        return Some("RequestId".to_owned());
    }
    elements(operation).iter().find(|element| !has(element)).map(|element| (*element).to_owned())
}

/// The elements of a list, which are there when it is empty too.
fn elements(operation: &str) -> &'static [&'static str] {
    match operation {
        "ListRoles" => &["Roles", "IsTruncated"],
        "ListRolePolicies" => &["PolicyNames", "IsTruncated"],
        "ListAttachedRolePolicies" => &["AttachedPolicies", "IsTruncated"],
        // moto, and LocalStack with it, leave IsTruncated out.
        "ListInstanceProfilesForRole" => &["InstanceProfiles"],
        "GetAccountAuthorizationDetails" => &["RoleDetailList", "IsTruncated"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::lacking;

    #[test]
    fn an_answer_has_the_element_of_its_operation_a_request_id_and_its_list() {
        let whole = "<ListRolesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListRolesResult><Roles/>\
                     <IsTruncated>false</IsTruncated></ListRolesResult><ResponseMetadata><RequestId>1</RequestId>\
                     </ResponseMetadata></ListRolesResponse>";
        let with = |from: &str, to: &str| whole.replace(from, to);
        for (body, missing) in [
            (whole.to_owned(), None),
            (format!("<?xml version=\"1.0\"?>\n{whole}\n"), None),
            (String::new(), Some("ListRolesResponse")),
            ("<html></html>".to_owned(), Some("ListRolesResponse")),
            (with("</ListRolesResponse>", ""), Some("ListRolesResponse")),
            (with("ListRolesResponse", "ListRolesResponses"), Some("ListRolesResponse")),
            (with("ListRolesResponse", "DeleteRoleResponse"), Some("ListRolesResponse")),
            (with("<RequestId>1</RequestId>", ""), Some("RequestId")),
            (with("<RequestId>1</RequestId>", "<RequestId></RequestId>"), Some("RequestId")),
            (with("<Roles/>", ""), Some("Roles")),
            (with("<IsTruncated>false</IsTruncated>", ""), Some("IsTruncated")),
        ] {
            assert_eq!(lacking("ListRoles", &body).as_deref(), missing, "{body}");
        }
    }
}
