//! Names that IAM compares without regard to letter case: actions and condition keys.
use smol_str::SmolStr;
use std::cmp::Ordering;
use std::fmt;
use wildmatch::WildMatch;

/// The name of an action (`kinesis:PutRecords`, perhaps with wildcards) or of a condition key
/// (`aws:SourceArn`), as written. Comparing and ordering ignore ASCII letter case.
/// Source: IAM user guide, "JSON policy elements" Action and Condition ("not case-sensitive").
#[derive(Debug, Clone)]
pub struct Name(SmolStr);

/// The canonical spelling of the names this project writes. All others are in lowercase.
const SPELLINGS: [&str; 12] = [
    "aws:PrincipalOrgID",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "firehose:DescribeDeliveryStream",
    "firehose:PutRecordBatch",
    "kinesis:DescribeStream",
    "kinesis:PutRecords",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "sts:AssumeRole",
    "sts:ExternalId",
];

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In lowercase.
    pub fn folded(&self) -> String {
        self.as_str().to_ascii_lowercase()
    }

    /// Whether this name of an action, perhaps with wildcards, matches that of one action.
    /// Source: IAM user guide, "JSON policy elements: Action" (`*` and `?`).
    pub fn matches_action(&self, action: &str) -> bool {
        match self.0.contains(['*', '?']) {
            true => WildMatch::new(&self.folded()).matches(&action.to_ascii_lowercase()),
            false => self.0.eq_ignore_ascii_case(action),
        }
    }

    /// The spelling used in canonical documents.
    pub fn canonical(&self) -> Name {
        let known = SPELLINGS.iter().find(|spelling| spelling.eq_ignore_ascii_case(&self.0));
        Name(known.map_or_else(|| self.folded().into(), |spelling| (*spelling).into()))
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Name(name.into())
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Name(name.into())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let (ours, theirs) = (self.0.bytes(), other.0.bytes());
        ours.map(|b| b.to_ascii_lowercase()).cmp(theirs.map(|b| b.to_ascii_lowercase()))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Name {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_letter_case_are_one_name() {
        assert_eq!(Name::from("AWS:sourcearn"), Name::from("aws:SourceArn"));
        assert_eq!(Name::from("AWS:sourcearn").canonical().as_str(), "aws:SourceArn");
        assert_eq!(Name::from("S3:GetObject").canonical().as_str(), "s3:getobject");
        assert_ne!(Name::from("kinesis:PutRecord"), Name::from("kinesis:PutRecords"));
    }

    #[test]
    fn a_name_matches_the_actions_that_its_wildcards_stand_for() {
        for name in ["kinesis:PutRecords", "KINESIS:putrecords", "Kinesis:*", "*", "kinesis:Put?ecords"] {
            assert!(Name::from(name).matches_action("kinesis:PutRecords"), "{name}");
        }
        for name in ["kinesis:PutRecord", "kinesis:Put?", "firehose:*", ""] {
            assert!(!Name::from(name).matches_action("kinesis:PutRecords"), "{name}");
        }
    }
}
