//! Principals. Different spellings of one principal are one value.
use std::fmt;

/// An account id and its root ARN in any partition are one value, and so are `"*"` and `{"AWS": "*"}`. Case-sensitive.
/// Source: IAM user guide, "AWS JSON policy elements: Principal".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// `"*"`: everyone.
    Anyone,
    Account(String),
    /// The ARN of a user, role or session, or the unique id (`AIDA…`, `AROA…`) that IAM shows after the user or role
    /// was deleted.
    Aws(String),
    /// An AWS service, `pinpoint.amazonaws.com`.
    Service(String),
    Federated(String),
    /// An S3 canonical user id.
    CanonicalUser(String),
}

impl Principal {
    /// Parses one entry of a principal map. None if the kind is unknown.
    pub(super) fn read(kind: &str, text: &str) -> Option<Principal> {
        let text = text.to_owned();
        Some(match kind {
            "AWS" => match account_of(&text) {
                _ if text == "*" => Principal::Anyone,
                Some(account) => Principal::Account(account.to_owned()),
                None => Principal::Aws(text),
            },
            "Service" => Principal::Service(text),
            "Federated" => Principal::Federated(text),
            "CanonicalUser" => Principal::CanonicalUser(text),
            _ => return None,
        })
    }

    /// The key in a principal map.
    pub fn kind(&self) -> &'static str {
        match self {
            Principal::Anyone | Principal::Account(_) | Principal::Aws(_) => "AWS",
            Principal::Service(_) => "Service",
            Principal::Federated(_) => "Federated",
            Principal::CanonicalUser(_) => "CanonicalUser",
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Principal::Anyone => "*",
            Principal::Account(text)
            | Principal::Aws(text)
            | Principal::Service(text)
            | Principal::Federated(text)
            | Principal::CanonicalUser(text) => text,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The account id of an account id or root ARN.
fn account_of(text: &str) -> Option<&str> {
    let id = match text.split(':').collect::<Vec<_>>()[..] {
        [id] => id,
        ["arn", partition, "iam", "", id, "root"] if is_partition(partition) => id,
        _ => return None,
    };
    (id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit())).then_some(id)
}

fn is_partition(text: &str) -> bool {
    text == "aws"
        || text.strip_prefix("aws-").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_its_root_in_any_partition() {
        let account = Principal::read("AWS", "123456789012");
        for root in ["arn:aws:iam::123456789012:root", "arn:aws-us-gov:iam::123456789012:root"] {
            assert_eq!(Principal::read("AWS", root), account);
        }
        for other in ["arn:aws:iam::123456789012:role/root", "arn:x:iam::123456789012:root", "12345678901"] {
            assert_ne!(Principal::read("AWS", other), account);
        }
    }

    #[test]
    fn a_service_called_star_is_not_everyone() {
        assert_ne!(Principal::read("Service", "*"), Principal::read("AWS", "*"));
        assert_eq!(Principal::read("aws", "*"), None);
    }
}
