//! The location of a state in S3, and the keys derived from it.
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub bucket: String,
    pub key: String,
    /// None for the region of the environment or of the profile.
    pub region: Option<String>,
    /// A profile of the AWS configuration files; none for the SDK's credential chain.
    pub profile: Option<String>,
    pub encryption: Encryption,
}

/// The server-side encryption that every write requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// The bucket's.
    BucketDefault,
    /// With keys of S3 (SSE-S3).
    S3,
    /// With a KMS key (SSE-KMS): a key ID, key ARN, alias or alias ARN.
    Kms(String),
}

impl Location {
    /// Parses `s3://bucket/key`. The key may be empty: the bucket itself.
    pub fn of_url(url: &str, region: Option<String>, profile: Option<String>) -> Option<Location> {
        let (bucket, key) = url.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        (!bucket.is_empty()).then_some(Location {
            bucket,
            key,
            region,
            profile,
            encryption: Encryption::BucketDefault,
        })
    }

    pub(crate) fn lock_key(&self) -> String {
        format!("{}.lock", self.key)
    }

    pub(crate) fn archive_prefix(&self) -> String {
        format!("{}.archive/", self.key)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_bucket_and_key() {
        let of = |url| Location::of_url(url, None, None).map(|at| (at.bucket, at.key));
        let pair = |bucket: &str, key: &str| Some((bucket.to_owned(), key.to_owned()));
        assert_eq!(of("s3://team/growth/state.json"), pair("team", "growth/state.json"));
        assert_eq!(of("s3://team"), pair("team", ""));
        assert_eq!(of("s3:///key"), None);
        assert_eq!(of("team/key"), None);
    }

    #[test]
    fn what_is_kept_around_a_state_is_named_after_it() {
        let at = Location::of_url("s3://team/growth.json", None, None).unwrap();
        assert_eq!(at.to_string(), "s3://team/growth.json");
        assert_eq!(at.lock_key(), "growth.json.lock");
        assert_eq!(at.archive_prefix(), "growth.json.archive/");
    }
}
