//! Who a statement is about, with the spellings of one principal folded into one value.
use std::fmt;

/// One principal. An account id and its root ARN in any partition are one value, and so are `"*"` and
/// `{"AWS": "*"}`. Letter case counts.
/// Source: IAM user guide, "AWS JSON policy elements: Principal".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// `"*"`: everyone.
    Anyone,
    Account(String),
    /// A user, a role or a session by ARN; or the unique id (`AIDA…`, `AROA…`) that IAM shows once the
    /// user or role behind an ARN has been deleted.
    Aws(String),
    /// An AWS service, `pinpoint.amazonaws.com`.
    Service(String),
    Federated(String),
    /// An S3 canonical user id.
    CanonicalUser(String),
}

impl Principal {
    /// Reads one entry of a principal map. `None` where the kind is none of IAM's four.
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

    /// The key under which a principal map lists it.
    pub fn kind(&self) -> &'static str {
        match self {
            Principal::Anyone | Principal::Account(_) | Principal::Aws(_) => "AWS",
            Principal::Service(_) => "Service",
            Principal::Federated(_) => "Federated",
            Principal::CanonicalUser(_) => "CanonicalUser",
        }
    }

    /// The entry itself, without its kind.
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

/// The account, if the text is an account id or the ARN of an account's root.
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
