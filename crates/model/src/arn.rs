//! The ARNs this project builds and reads, each its own type.
use crate::ids::{AccountId, AccountRole, AppId, RoleName, RolePath};
use crate::region::{AccountRegion, Partition, Region};
use std::fmt;

/// A text that is not an ARN of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {kind}: {reason}")]
pub struct InvalidArn {
    /// The expected kind, for example "stream ARN".
    pub kind: &'static str,
    pub text: String,
    pub reason: String,
}

/// The six fields of any ARN. Only their number is checked.
struct Fields<'a> {
    partition: Partition,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

fn fields<'a>(kind: &'static str, text: &'a str) -> Result<Fields<'a>, InvalidArn> {
    let wrong = |reason: String| InvalidArn { kind, text: text.to_owned(), reason };
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [prefix, partition, service, region, account, resource] = parts[..] else {
        return Err(wrong("an ARN has six fields, arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE".to_owned()));
    };
    if prefix != "arn" {
        return Err(wrong("it does not begin with `arn:`".to_owned()));
    }
    let partition = partition.parse().map_err(|e| wrong(format!("{e}")))?;
    Ok(Fields { partition, service, region, account, resource })
}

fn is_name(text: &str, most: usize, extra: &[u8]) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
}

macro_rules! through_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = InvalidArn;
            fn try_from(text: String) -> Result<Self, InvalidArn> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(arn: $name) -> String {
                arn.to_string()
            }
        }
    };
}

/// The destination of an event stream. Source: botocore 1.44.5, patterns of the Kinesis and Firehose models.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum StreamArn {
    Kinesis(StreamName),
    Firehose(StreamName),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName {
    pub region: Region,
    pub account: AccountId,
    /// 1 to 128 (Kinesis) or 64 (Firehose) of `[a-zA-Z0-9_.-]`.
    pub name: String,
}

/// The services that Pinpoint can stream events to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamService {
    Kinesis,
    Firehose,
}

impl fmt::Display for StreamService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StreamService::Kinesis => "kinesis",
            StreamService::Firehose => "firehose",
        })
    }
}

impl StreamArn {
    const KIND: &'static str = "Kinesis or Firehose stream ARN";

    /// Fails if the service does not allow the name.
    pub fn new(
        service: StreamService,
        region: Region,
        account: AccountId,
        name: &str,
    ) -> Result<StreamArn, InvalidArn> {
        let most = match service {
            StreamService::Kinesis => 128,
            StreamService::Firehose => 64,
        };
        if !is_name(name, most, b"_.-") {
            let reason = format!("a {service} stream's name is 1 to {most} of A-Z a-z 0-9 _ . -");
            return Err(InvalidArn { kind: Self::KIND, text: name.to_owned(), reason });
        }
        let stream = StreamName { region, account, name: name.to_owned() };
        Ok(match service {
            StreamService::Kinesis => StreamArn::Kinesis(stream),
            StreamService::Firehose => StreamArn::Firehose(stream),
        })
    }

    pub fn service(&self) -> StreamService {
        match self {
            StreamArn::Kinesis(_) => StreamService::Kinesis,
            StreamArn::Firehose(_) => StreamService::Firehose,
        }
    }

    fn stream(&self) -> &StreamName {
        match self {
            StreamArn::Kinesis(stream) | StreamArn::Firehose(stream) => stream,
        }
    }

    pub fn region(&self) -> &Region {
        &self.stream().region
    }

    pub fn account(&self) -> &AccountId {
        &self.stream().account
    }

    pub fn name(&self) -> &str {
        &self.stream().name
    }
}

impl fmt::Display for StreamArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StreamName { region, account, name } = self.stream();
        let kind = match self {
            StreamArn::Kinesis(_) => "stream",
            StreamArn::Firehose(_) => "deliverystream",
        };
        write!(f, "arn:{}:{}:{region}:{account}:{kind}/{name}", region.partition(), self.service())
    }
}

impl std::str::FromStr for StreamArn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let wrong = |reason: String| InvalidArn { kind: Self::KIND, text: text.to_owned(), reason };
        let Fields { partition, service, region, account, resource } = fields(Self::KIND, text)?;
        let (service, prefix) = match service {
            "kinesis" => (StreamService::Kinesis, "stream/"),
            "firehose" => (StreamService::Firehose, "deliverystream/"),
            other => return Err(wrong(format!("its service is `{other}`, not kinesis or firehose"))),
        };
        let name = resource
            .strip_prefix(prefix)
            .ok_or_else(|| wrong(format!("a {service} stream's resource begins with `{prefix}`")))?;
        let region: Region = region.parse().map_err(|e| wrong(format!("{e}")))?;
        if region.partition() != partition {
            return Err(wrong(format!("region {region} is not in partition {partition}")));
        }
        let account = account.parse().map_err(|e| wrong(format!("{e}")))?;
        StreamArn::new(service, region, account, name).map_err(|e| wrong(e.reason))
    }
}
through_text!(StreamArn);

/// A role's ARN, computed from partition, account, path and name before the role exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleArn {
    pub partition: Partition,
    pub account: AccountId,
    /// `/` by default.
    pub path: RolePath,
    pub name: RoleName,
}

impl RoleArn {
    /// By what IAM finds it.
    pub fn in_account(&self) -> AccountRole {
        AccountRole::of(&self.account, &self.name)
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RoleArn { partition, account, path, name } = self;
        write!(f, "arn:{partition}:iam::{account}:role{path}{name}")
    }
}

impl std::str::FromStr for RoleArn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        const KIND: &str = "role ARN";
        let wrong = |reason: String| InvalidArn { kind: KIND, text: text.to_owned(), reason };
        let Fields { partition, service, region, account, resource } = fields(KIND, text)?;
        if service != "iam" || !region.is_empty() {
            return Err(wrong("a role's ARN looks like arn:aws:iam::123456789012:role/NAME".to_owned()));
        }
        let rest = resource.strip_prefix("role").filter(|rest| rest.starts_with('/'));
        let rest = rest.ok_or_else(|| wrong("its resource does not begin with `role/`".to_owned()))?;
        let (path, name) = rest.rsplit_once('/').map_or(("", rest), |(path, name)| (path, name));
        Ok(RoleArn {
            partition,
            account: account.parse().map_err(|e| wrong(format!("{e}")))?,
            path: format!("{path}/").parse().map_err(|e| wrong(format!("{e}")))?,
            name: name.parse().map_err(|e| wrong(format!("{e}")))?,
        })
    }
}
through_text!(RoleArn);

/// A Pinpoint app's ARN, which a role's trust policy names as `aws:SourceArn`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppArn {
    /// Apps are ordered by account, then region, then id.
    pub account: AccountId,
    /// The partition is derived from it.
    pub region: Region,
    pub id: AppId,
}

impl AppArn {
    /// The app of this id.
    pub fn of(account: &AccountId, region: &Region, id: &AppId) -> AppArn {
        AppArn { account: account.clone(), region: region.clone(), id: id.clone() }
    }

    /// The account and region that it is in.
    pub fn place(&self) -> AccountRegion {
        AccountRegion::of(&self.account, &self.region)
    }

    /// The ARN of an app whose id is known only later, with `{}` where the id goes; or, with
    /// `*`, the pattern of every app in the region.
    pub fn with_id(region: &Region, account: &AccountId, id: &str) -> String {
        format!("arn:{}:mobiletargeting:{region}:{account}:apps/{id}", region.partition())
    }
}

impl fmt::Display for AppArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&AppArn::with_id(&self.region, &self.account, self.id.as_str()))
    }
}

impl std::str::FromStr for AppArn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        const KIND: &str = "Pinpoint app ARN";
        let wrong = |reason: String| InvalidArn { kind: KIND, text: text.to_owned(), reason };
        let Fields { partition, service, region, account, resource } = fields(KIND, text)?;
        let id = resource.strip_prefix("apps/").filter(|_| service == "mobiletargeting");
        let id =
            id.ok_or_else(|| wrong("it looks like arn:aws:mobiletargeting:REGION:ACCOUNT:apps/ID".to_owned()))?;
        let region: Region = region.parse().map_err(|e| wrong(format!("{e}")))?;
        if region.partition() != partition {
            return Err(wrong(format!("region {region} is not in partition {partition}")));
        }
        Ok(AppArn {
            region,
            account: account.parse().map_err(|e| wrong(format!("{e}")))?,
            id: id.parse().map_err(|e| wrong(format!("{e}")))?,
        })
    }
}
through_text!(AppArn);

/// A customer managed KMS key. Source: KMS developer guide, "Key ARN" (`key/KEY-ID`; `mrk-` for multi-region keys).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KmsKeyArn {
    /// The partition is derived from it.
    pub region: Region,
    pub account: AccountId,
    pub id: String,
}

impl fmt::Display for KmsKeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KmsKeyArn { region, account, id } = self;
        write!(f, "arn:{}:kms:{region}:{account}:key/{id}", region.partition())
    }
}

impl std::str::FromStr for KmsKeyArn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        const KIND: &str = "KMS key ARN";
        let wrong = |reason: String| InvalidArn { kind: KIND, text: text.to_owned(), reason };
        let Fields { partition, service, region, account, resource } = fields(KIND, text)?;
        if service != "kms" {
            return Err(wrong(format!("its service is `{service}`, not kms")));
        }
        let id = resource.strip_prefix("key/").ok_or_else(|| {
            wrong(
                "its resource does not begin with `key/`; a policy needs the key itself, not an alias".to_owned(),
            )
        })?;
        if !is_name(id, 64, b"-") {
            return Err(wrong("a key's id is 1 to 64 of a-z 0-9 -".to_owned()));
        }
        let region: Region = region.parse().map_err(|e| wrong(format!("{e}")))?;
        if region.partition() != partition {
            return Err(wrong(format!("region {region} is not in partition {partition}")));
        }
        let account = account.parse().map_err(|e| wrong(format!("{e}")))?;
        Ok(KmsKeyArn { region, account, id: id.to_owned() })
    }
}
through_text!(KmsKeyArn);

/// The ARN of a managed policy, as used by permissions boundaries and attachments. AWS managed policies have
/// `aws` in place of the account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PolicyArn(String);

impl PolicyArn {
    /// A customer managed policy with the path `/`.
    pub fn named(partition: Partition, account: &AccountId, name: &str) -> Result<PolicyArn, InvalidArn> {
        format!("arn:{partition}:iam::{account}:policy/{name}").parse()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for PolicyArn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        const KIND: &str = "managed policy ARN";
        let wrong = |reason: String| InvalidArn { kind: KIND, text: text.to_owned(), reason };
        let Fields { partition: _, service, region, account, resource } = fields(KIND, text)?;
        let name = resource.strip_prefix("policy/").filter(|_| service == "iam" && region.is_empty());
        let name = name.ok_or_else(|| wrong("it looks like arn:aws:iam::123456789012:policy/NAME".to_owned()))?;
        if account != "aws" {
            account.parse::<AccountId>().map_err(|e| wrong(format!("{e}")))?;
        }
        if !is_name(name, 512 + 128, b"_+=,.@-/") || name.ends_with('/') {
            return Err(wrong("a policy's name is of A-Z a-z 0-9 _ + = , . @ -".to_owned()));
        }
        Ok(PolicyArn(text.to_owned()))
    }
}
through_text!(PolicyArn);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arn_reads_back_what_it_prints() {
        let stream = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks";
        assert_eq!(stream.parse::<StreamArn>().unwrap().to_string(), stream);
        let firehose = "arn:aws-us-gov:firehose:us-gov-west-1:123456789012:deliverystream/lake";
        assert_eq!(firehose.parse::<StreamArn>().unwrap().to_string(), firehose);
        let role = "arn:aws:iam::123456789012:role/pinpoint-streams/growth/Shop";
        let parsed: RoleArn = role.parse().unwrap();
        assert_eq!(parsed.to_string(), role);
        assert_eq!(parsed.path.as_str(), "/pinpoint-streams/growth/");
        let bare = "arn:aws:iam::123456789012:role/Shop";
        assert_eq!(bare.parse::<RoleArn>().unwrap().path.as_str(), "/");
        let app = "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/810c7aab86d42fb2b56c8c966example";
        assert_eq!(app.parse::<AppArn>().unwrap().to_string(), app);
        let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(key.parse::<KmsKeyArn>().unwrap().to_string(), key);
    }

    #[test]
    fn what_is_wrong_with_an_arn_is_said() {
        let reason = |text: &str| text.parse::<StreamArn>().unwrap_err().reason;
        assert!(reason("clicks").contains("six fields"));
        assert!(reason("arn:aws:s3:us-east-1:123456789012:stream/a").contains("not kinesis or firehose"));
        assert!(reason("arn:aws:kinesis:us-east-1:12:stream/a").contains("12 digits"));
        assert!(reason("arn:aws-cn:kinesis:cn-north-1:123456789012:stream/a").contains("aws-us-gov"));
        assert!(reason("arn:aws:kinesis:us-gov-west-1:123456789012:stream/a").contains("not in partition"));
        assert!(reason("arn:aws:kinesis:us-east-1:123456789012:stream/*").contains("name"));
    }

    #[test]
    fn a_role_whose_arn_reads_as_its_unique_id_is_no_role_arn() {
        assert!("AROAQ7SSZBKHRKPWRZUN6".parse::<RoleArn>().is_err());
    }
}
