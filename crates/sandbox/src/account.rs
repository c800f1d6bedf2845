//! Who calls: the account, the region and the service named by a request's SigV4 scope.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

/// What every access key id of the sandbox begins with; the account's twelve digits follow.
const KEY_PREFIX: &str = "SANDBOX";

/// The access key id that makes a caller of this account. The secret may be anything: signatures are not checked.
pub fn access_key_for(account: &str) -> String {
    format!("{KEY_PREFIX}{account}")
}

/// Whether this is the form of an account id: twelve digits.
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
    /// The scope that a request was signed for; none where it bears no signature.
    pub(crate) fn of(request: &HttpRequest) -> Option<Scope> {
        let header = request.headers().get("authorization")?;
        let (_, credential) = header.split_once("Credential=")?;
        let credential = credential.split([',', ' ']).next()?;
        let mut parts = credential.split('/');
        let access_key = parts.next()?.to_owned();
        let _date = parts.next()?;
        Some(Scope { access_key, region: parts.next()?.to_owned(), service: parts.next()?.to_owned() })
    }

    /// The account of the caller; none where the key is not one of the sandbox's.
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
    fn a_real_access_key_id_is_of_no_account_here() {
        assert_eq!(signed_by("AKIAIOSFODNN7EXAMPLE").account(), None);
    }
}
