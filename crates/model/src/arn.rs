//! The ARNs this project builds and reads, each its own type.
use crate::error::InvalidText;
use crate::ids::{RolePath, text_id, through_text};
use crate::{AccountId, AccountRegion, AccountRole, AppId, Partition, Region, RoleName};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The six fields of an ARN that is to be of some kind. Only their number and the partition are checked.
struct Fields<'a> {
    kind: &'static str,
    text: &'a str,
    partition: Partition,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Fields<'a> {
    fn of(kind: &'static str, text: &'a str) -> Result<Fields<'a>, InvalidText> {
        let wrong = |rule: String| InvalidText::new(kind, text, rule);
        let mut fields = text.splitn(6, ':');
        let fields: [Option<&str>; 6] = std::array::from_fn(|_| fields.next());
        let [Some(prefix), Some(partition), Some(service), Some(region), Some(account), Some(resource)] = fields
        else {
            return Err(wrong("an ARN has six fields, arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE".to_owned()));
        };
        if prefix != "arn" {
            return Err(wrong("it does not begin with `arn:`".to_owned()));
        }
        let partition = partition.parse().map_err(|error: InvalidText| wrong(error.to_string()))?;
        Ok(Fields { kind, text, partition, service, region, account, resource })
    }

    fn wrong(&self, rule: impl Into<Cow<'static, str>>) -> InvalidText {
        InvalidText::new(self.kind, self.text, rule)
    }

    fn parse<T: FromStr<Err = InvalidText>>(&self, part: &str) -> Result<T, InvalidText> {
        part.parse().map_err(|error: InvalidText| self.wrong(error.to_string()))
    }

    fn region(&self) -> Result<Region, InvalidText> {
        let region: Region = self.parse(self.region)?;
        if region.partition() != self.partition {
            return Err(self.wrong(format!("region {region} is not in partition {}", self.partition)));
        }
        Ok(region)
    }

    fn account(&self) -> Result<AccountId, InvalidText> {
        self.parse(self.account)
    }
}

fn is_name(text: &str, most: usize, extra: &[u8]) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
}

/// The destination of an event stream. Source: botocore 1.44.5, patterns of the Kinesis and Firehose models.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamArn {
    Kinesis(StreamName),
    Firehose(StreamName),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName {
    pub region: Region,
    pub account: AccountId,
    /// 1 to 128 (Kinesis) or 64 (Firehose) of `[a-zA-Z0-9_.-]`.
    pub name: SmolStr,
}

/// The services that Pinpoint can stream events to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamService {
    Kinesis,
    Firehose,
}

impl StreamService {
    fn as_str(self) -> &'static str {
        match self {
            StreamService::Kinesis => "kinesis",
            StreamService::Firehose => "firehose",
        }
    }
}

impl fmt::Display for StreamService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Costs less than a format string, and ARNs are written often.
fn write_all<const N: usize>(f: &mut fmt::Formatter<'_>, parts: [&str; N]) -> fmt::Result {
    parts.into_iter().try_for_each(|part| f.write_str(part))
}

impl StreamArn {
    const KIND: &'static str = "Kinesis or Firehose stream ARN";

    /// Fails if the service does not allow the name.
    pub fn new(
        service: StreamService,
        region: Region,
        account: AccountId,
        name: &str,
    ) -> Result<StreamArn, InvalidText> {
        let most = match service {
            StreamService::Kinesis => 128,
            StreamService::Firehose => 64,
        };
        if !is_name(name, most, b"_.-") {
            let rule = format!("a {service} stream's name is 1 to {most} of A-Z a-z 0-9 _ . -");
            return Err(InvalidText::new(Self::KIND, name, rule));
        }
        let stream = StreamName { region, account, name: name.into() };
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
        let (partition, service) = (region.partition().as_str(), self.service().as_str());
        write_all(
            f,
            ["arn:", partition, ":", service, ":", region.as_str(), ":", account.as_str(), ":", kind, "/", name],
        )
    }
}

impl FromStr for StreamArn {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let arn = Fields::of(Self::KIND, text)?;
        let (service, prefix) = match arn.service {
            "kinesis" => (StreamService::Kinesis, "stream/"),
            "firehose" => (StreamService::Firehose, "deliverystream/"),
            other => return Err(arn.wrong(format!("its service is `{other}`, not kinesis or firehose"))),
        };
        let name = arn.resource.strip_prefix(prefix);
        let name =
            name.ok_or_else(|| arn.wrong(format!("a {service} stream's resource begins with `{prefix}`")))?;
        StreamArn::new(service, arn.region()?, arn.account()?, name).map_err(|error| arn.wrong(error.rule))
    }
}
through_text!(StreamArn);

/// A role's ARN, computed from partition, account, path and name before the role exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    pub partition: Partition,
    pub account: AccountId,
    /// `/` by default.
    pub path: RolePath,
    pub name: RoleName,
}

impl RoleArn {
    pub fn in_account(&self) -> AccountRole {
        AccountRole::of(&self.account, &self.name)
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RoleArn { partition, account, path, name } = self;
        let (path, name) = (path.as_str(), name.as_str());
        write_all(f, ["arn:", partition.as_str(), ":iam::", account.as_str(), ":role", path, name])
    }
}

impl FromStr for RoleArn {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let arn = Fields::of("role ARN", text)?;
        if arn.service != "iam" || !arn.region.is_empty() {
            return Err(arn.wrong("a role's ARN looks like arn:aws:iam::123456789012:role/NAME"));
        }
        let rest = arn.resource.strip_prefix("role").filter(|rest| rest.starts_with('/'));
        let rest = rest.ok_or_else(|| arn.wrong("its resource does not begin with `role/`"))?;
        let (path, name) = rest.split_at(rest.rfind('/').map_or(0, |slash| slash + 1));
        let (path, name) = (arn.parse(path)?, arn.parse(name)?);
        Ok(RoleArn { partition: arn.partition, account: arn.account()?, path, name })
    }
}
through_text!(RoleArn);

/// A Pinpoint app's ARN, which a role's trust policy names as `aws:SourceArn`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppArn {
    /// Apps are ordered by account, then region, then id.
    pub account: AccountId,
    /// The partition is derived from it.
    pub region: Region,
    pub id: AppId,
}

impl AppArn {
    pub fn of(account: &AccountId, region: &Region, id: &AppId) -> AppArn {
        AppArn { account: account.clone(), region: region.clone(), id: id.clone() }
    }

    pub fn place(&self) -> AccountRegion {
        AccountRegion::of(&self.account, &self.region)
    }

    /// The ARN of an app whose id is known only later, with `{}` where the id goes; or, with
    /// `*`, the pattern of every app in the region.
    pub fn with_id(region: &Region, account: &AccountId, id: &str) -> String {
        let (partition, region) = (region.partition().as_str(), region.as_str());
        ["arn:", partition, ":mobiletargeting:", region, ":", account.as_str(), ":apps/", id].concat()
    }
}

impl fmt::Display for AppArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&AppArn::with_id(&self.region, &self.account, self.id.as_str()))
    }
}

impl FromStr for AppArn {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let arn = Fields::of("Pinpoint app ARN", text)?;
        let id = arn.resource.strip_prefix("apps/").filter(|_| arn.service == "mobiletargeting");
        let id = id.ok_or_else(|| arn.wrong("it looks like arn:aws:mobiletargeting:REGION:ACCOUNT:apps/ID"))?;
        Ok(AppArn { region: arn.region()?, account: arn.account()?, id: arn.parse(id)? })
    }
}
through_text!(AppArn);

/// A customer managed KMS key. Source: KMS developer guide, "Key ARN" (`key/KEY-ID`; `mrk-` for multi-region keys).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

impl FromStr for KmsKeyArn {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let arn = Fields::of("KMS key ARN", text)?;
        if arn.service != "kms" {
            return Err(arn.wrong(format!("its service is `{}`, not kms", arn.service)));
        }
        let rule = "its resource does not begin with `key/`; a policy needs the key itself, not an alias";
        let id = arn.resource.strip_prefix("key/").ok_or_else(|| arn.wrong(rule))?;
        if !is_name(id, 64, b"-") {
            return Err(arn.wrong("a key's ID is 1 to 64 of a-z 0-9 -"));
        }
        Ok(KmsKeyArn { region: arn.region()?, account: arn.account()?, id: id.to_owned() })
    }
}
through_text!(KmsKeyArn);

text_id!(
    /// The ARN of a managed policy, as used by permissions boundaries and attachments. AWS managed policies have
    /// `aws` in place of the account.
    PolicyArn, "managed policy ARN", |text: &str| check_policy_arn(text).err().map(|error| error.rule)
);

impl PolicyArn {
    /// A customer managed policy with the path `/`.
    pub fn named(partition: Partition, account: &AccountId, name: &str) -> Result<PolicyArn, InvalidText> {
        format!("arn:{partition}:iam::{account}:policy/{name}").parse()
    }
}

fn check_policy_arn(text: &str) -> Result<(), InvalidText> {
    let arn = Fields::of("managed policy ARN", text)?;
    let name = arn.resource.strip_prefix("policy/").filter(|_| arn.service == "iam" && arn.region.is_empty());
    let name = name.ok_or_else(|| arn.wrong("it looks like arn:aws:iam::123456789012:policy/NAME"))?;
    if arn.account != "aws" {
        arn.account()?;
    }
    if !is_name(name, 512 + 128, b"_+=,.@-/") || name.ends_with('/') {
        return Err(arn.wrong("a policy's name is of A-Z a-z 0-9 _ + = , . @ -"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arn_reads_back_what_it_prints() {
        fn reads_back<T: FromStr<Err = InvalidText> + fmt::Display>(text: &str) -> T {
            let arn: T = text.parse().unwrap();
            assert_eq!(arn.to_string(), text);
            arn
        }
        reads_back::<StreamArn>("arn:aws:kinesis:us-east-1:123456789012:stream/clicks");
        reads_back::<StreamArn>("arn:aws-us-gov:firehose:us-gov-west-1:123456789012:deliverystream/lake");
        reads_back::<AppArn>(
            "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/810c7aab86d42fb2b56c8c966example",
        );
        reads_back::<KmsKeyArn>("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab");
        let role: RoleArn = reads_back("arn:aws:iam::123456789012:role/pinpoint-streams/growth/Shop");
        assert_eq!(role.path.as_str(), "/pinpoint-streams/growth/");
        assert_eq!(reads_back::<RoleArn>("arn:aws:iam::123456789012:role/Shop").path.as_str(), "/");
    }

    #[test]
    fn the_error_names_the_broken_rule() {
        let reason = |text: &str| text.parse::<StreamArn>().unwrap_err().rule;
        assert!(reason("clicks").contains("six fields"));
        assert!(reason("arn:aws:s3:us-east-1:123456789012:stream/a").contains("not kinesis or firehose"));
        assert!(reason("arn:aws:kinesis:us-east-1:12:stream/a").contains("12 digits"));
        assert!(reason("arn:aws-cn:kinesis:cn-north-1:123456789012:stream/a").contains("aws-us-gov"));
        assert!(reason("arn:aws:kinesis:us-gov-west-1:123456789012:stream/a").contains("not in partition"));
        assert!(reason("arn:aws:kinesis:us-east-1:123456789012:stream/*").contains("name"));
    }

    #[test]
    fn a_role_id_is_not_a_role_arn() {
        assert!("AROAQ7SSZBKHRKPWRZUN6".parse::<RoleArn>().is_err());
    }
}
