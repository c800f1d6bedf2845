//! The caller of a request: account, region and service from the SigV4 credential scope.
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

/// The prefix of every access key ID of the sandbox. The 12-digit account ID follows.
const KEY_PREFIX: &str = "SANDBOX";

/// The access key ID of a caller in this account. Any secret will do: signatures are not checked.
pub fn access_key_for(account: &str) -> String {
    format!("{KEY_PREFIX}{account}")
}

pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The credential scope of a signed request: `Credential=AKID/DATE/REGION/SERVICE/aws4_request`.
///
/// Source: AWS General Reference, "Elements of an AWS API request signature".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) access_key: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

impl Scope {
    /// None for an unsigned request.
    pub(crate) fn of(request: &HttpRequest) -> Option<Scope> {
        let header = request.headers().get("authorization")?;
        let (_, credential) = header.split_once("Credential=")?;
        let credential = credential.split([',', ' ']).next()?;
        let mut parts = credential.split('/');
        let access_key = parts.next()?.to_owned();
        let _date = parts.next()?;
        Some(Scope { access_key, region: parts.next()?.to_owned(), service: parts.next()?.to_owned() })
    }

    /// The caller's account; none if the key is not one of the sandbox.
    pub(crate) fn account(&self) -> Option<&str> {
        let account = self.access_key.strip_prefix(KEY_PREFIX)?;
        is_account_id(account).then_some(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed_by(access_key: &str) -> Scope {
        let mut request = HttpRequest::empty();
        request.headers_mut().insert(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={access_key}/20261123/eu-west-1/mobiletargeting/aws4_request, SignedHeaders=host, Signature=0"),
        );
        Scope::of(&request).unwrap()
    }

    #[test]
    fn the_account_is_in_the_access_key_id() {
        let scope = signed_by(&access_key_for("123456789012"));
        assert_eq!(scope.account(), Some("123456789012"));
        assert_eq!(scope.region, "eu-west-1");
        assert_eq!(scope.service, "mobiletargeting");
    }

    #[test]
    fn a_real_access_key_id_has_no_account() {
        assert_eq!(signed_by("AKIAIOSFODNN7EXAMPLE").account(), None);
    }
}
