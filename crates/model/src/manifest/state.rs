//! `[state]`: where the state is kept, in a file or in an S3 bucket.
use crate::Region;
use crate::ids::text_id;
use std::fmt;
use std::net::Ipv4Addr;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateAt {
    /// In this file, relative to the manifest's directory.
    File(String),
    S3(S3State),
}

/// A state in an S3 bucket, for all who work on one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3State {
    pub bucket: BucketName,
    /// The key of the state's object. The names of its lock and archives begin with it.
    pub key: ObjectKey,
    /// The bucket's region; none for that of the SDK's environment.
    pub region: Option<Region>,
    /// The profile of the shared AWS configuration to use for the bucket; none for the SDK's chain.
    pub profile: Option<String>,
    /// Whether to request encryption; without it, the bucket's default encryption applies.
    pub encrypt: bool,
    /// The KMS key to encrypt with: a key ID, key ARN, alias or alias ARN. None for keys of S3.
    pub kms_key_id: Option<String>,
}

impl fmt::Display for S3State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let S3State { bucket, key, region: _, profile: _, encrypt: _, kms_key_id: _ } = self;
        write!(f, "s3://{bucket}/{key}")
    }
}

text_id!(BucketName, "bucket name", wrong_with_bucket);
text_id!(ObjectKey, "object key", wrong_with_key);

impl ObjectKey {
    /// In bytes. S3 allows 1024 (S3 User Guide, "Naming Amazon S3 objects"); the rest is for the lock and the archives,
    /// which are named after the state.
    pub const MOST: usize = 700;
}

// Source: S3 User Guide, "General purpose bucket naming rules".
const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

fn wrong_with_bucket(name: &str) -> Option<&'static str> {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let at_an_end = |b: Option<&u8>| b.is_some_and(|b| is_plain(*b));
    if name.starts_with("s3://") || name.starts_with("arn:") || name.contains('/') {
        Some("the name alone, without s3://, ARN or key")
    } else if !(3..=63).contains(&name.len()) {
        Some("it is 3 to 63 characters")
    } else if !name.bytes().all(|b| is_plain(b) || b == b'.' || b == b'-') {
        Some("it is made of a-z 0-9 . -")
    } else if !at_an_end(name.as_bytes().first()) || !at_an_end(name.as_bytes().last()) {
        Some("it begins and ends with a letter or digit")
    } else if name.contains("..") {
        Some("it has no two dots in a row")
    } else if name.parse::<Ipv4Addr>().is_ok() {
        Some("it does not look like an IP address")
    } else if RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        Some("S3 reserves the prefixes xn--, sthree- and amzn-s3-demo-")
    } else if RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) {
        Some("S3 reserves the suffixes -s3alias, --ol-s3, .mrap, --x-s3 and --table-s3")
    } else {
        None
    }
}

fn wrong_with_key(key: &str) -> Option<&'static str> {
    if key.is_empty() {
        Some("it is not empty")
    } else if key.len() > ObjectKey::MOST {
        Some("it is up to 700 bytes")
    } else if key.starts_with("s3://") {
        Some("what follows the bucket, without s3://")
    } else if key.contains(char::is_control) {
        Some("it contains no control characters")
    } else if key.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        // S3 takes these, but the SDKs and the console do not agree on what they mean.
        Some("its parts between slashes are not empty, . or ..")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_follow_the_rules_of_s3() {
        for good in ["abc", "growth-state", "a.b-c.9", "0state", "1.2.3", &"x".repeat(63)] {
            assert_eq!(wrong_with_bucket(good), None, "{good}");
        }
        let bad = [
            ("ab", "3 to 63"),
            (&"x".repeat(64), "3 to 63"),
            ("Growth", "a-z"),
            ("a_b", "a-z"),
            ("büro", "a-z"),
            ("-ab", "begins and ends"),
            ("ab.", "begins and ends"),
            ("a..b", "two dots"),
            ("192.168.5.4", "IP address"),
            ("xn--a", "prefixes"),
            ("amzn-s3-demo-bucket", "prefixes"),
            ("x-s3alias", "suffixes"),
            ("x--x-s3", "suffixes"),
            ("s3://growth/state.json", "alone"),
            ("arn:aws:s3:::growth", "alone"),
            ("growth/state", "alone"),
        ];
        for (name, rule) in bad {
            assert!(wrong_with_bucket(name).is_some_and(|broken| broken.contains(rule)), "{name}");
        }
    }

    #[test]
    fn a_key_is_one_that_every_tool_reads_alike() {
        for good in ["state.json", "a/b c/ü.json", "a..b/.state", &"k".repeat(ObjectKey::MOST)] {
            assert_eq!(wrong_with_key(good), None, "{good}");
        }
        let long = "k".repeat(ObjectKey::MOST + 1);
        for bad in ["", "/a", "a/", "a//b", "./a", "a/../b", "a\nb", "s3://b/k", &long] {
            assert!(wrong_with_key(bad).is_some(), "{bad}");
        }
    }
}
