//! What AWS takes for a tag, of a role and of a Pinpoint app.
//! Source: IAM API reference, Tag (`[\p{L}\p{Z}\p{N}_.:/=+\-@]`, key 1 to 128, value 0 to 256); IAM user
//! guide, "Rules for tagging in IAM" (at most 50, keys differ in more than letter case, `aws:` reserved).
use crate::ownership;

/// Declared tags of one object: 50, but for the four that mark it as ours.
pub(super) const MOST: usize = 50 - 4;

const RULE: &str = "it consists of letters, digits, spaces and _ . : / = + - @";

/// Why a tag cannot be declared under this key.
pub(super) fn wrong_with_key(key: &str) -> Option<&'static str> {
    let has_prefix =
        |prefix: &str| key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if !(1..=128).contains(&key.chars().count()) {
        Some("it is 1 to 128 characters")
    } else if has_prefix("aws:") {
        Some("keys that begin with `aws:` are reserved by AWS")
    } else if has_prefix(ownership::PREFIX) {
        Some("keys that begin with `pinpoint-streams:` are ownership tags, which pinpoint-streams writes")
    } else if !key.chars().all(is_allowed) {
        Some(RULE)
    } else {
        None
    }
}

/// Why a tag cannot have this value.
pub(super) fn wrong_with_value(value: &str) -> Option<&'static str> {
    if value.chars().count() > 256 {
        Some("it is at most 256 characters")
    } else if !value.chars().all(is_allowed) {
        Some(RULE)
    } else {
        None
    }
}

fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_keys_are_refused_in_any_letter_case() {
        for bad in ["", "aws:x", "AWS:x", "pinpoint-streams:workspace", "Pinpoint-Streams:x", "a*", "a\n"] {
            assert!(wrong_with_key(bad).is_some(), "{bad}");
        }
        for good in ["team", "cost center", "größe", "a:b/c=d+e-f@g"] {
            assert_eq!(wrong_with_key(good), None, "{good}");
        }
        assert!(wrong_with_key(&"k".repeat(129)).is_some());
    }

    #[test]
    fn a_value_may_be_empty_but_not_long() {
        assert_eq!(wrong_with_value(""), None);
        assert!(wrong_with_value(&"v".repeat(257)).is_some());
    }
}
