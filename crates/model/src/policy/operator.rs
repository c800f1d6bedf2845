//! Condition operators: the test, negation, and quantifier.
use std::fmt;
use std::str::FromStr;

/// The test of an operator. Operators that IAM treats alike are one: `ArnEquals` is `ArnLike`.
/// Source: IAM user guide, "Condition operators" (the list is complete; "ArnEquals and ArnLike behave identically").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    /// Matches the six fields of an ARN one by one.
    ArnLike,
    NumericEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    /// The key is missing (`true`) or present (`false`).
    Null,
}

/// For keys with several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantifier {
    /// `ForAllValues:` also matches a missing key.
    ForAllValues,
    /// `ForAnyValue:` does not match a missing key.
    ForAnyValue,
}

/// A condition operator. Only combinations that IAM has can be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operator {
    pub(crate) test: Test,
    /// `StringNotEquals`
    pub(crate) negated: bool,
    pub(crate) quantifier: Option<Quantifier>,
    /// `…IfExists`
    pub(crate) if_exists: bool,
}

const NAMES: [(&str, Test, bool); 27] = [
    ("StringEquals", Test::StringEquals, false),
    ("StringNotEquals", Test::StringEquals, true),
    ("StringEqualsIgnoreCase", Test::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Test::StringEqualsIgnoreCase, true),
    ("StringLike", Test::StringLike, false),
    ("StringNotLike", Test::StringLike, true),
    ("ArnLike", Test::ArnLike, false),
    ("ArnNotLike", Test::ArnLike, true),
    ("ArnEquals", Test::ArnLike, false),
    ("ArnNotEquals", Test::ArnLike, true),
    ("NumericEquals", Test::NumericEquals, false),
    ("NumericNotEquals", Test::NumericEquals, true),
    ("NumericLessThan", Test::NumericLessThan, false),
    ("NumericLessThanEquals", Test::NumericLessThanEquals, false),
    ("NumericGreaterThan", Test::NumericGreaterThan, false),
    ("NumericGreaterThanEquals", Test::NumericGreaterThanEquals, false),
    ("DateEquals", Test::DateEquals, false),
    ("DateNotEquals", Test::DateEquals, true),
    ("DateLessThan", Test::DateLessThan, false),
    ("DateLessThanEquals", Test::DateLessThanEquals, false),
    ("DateGreaterThan", Test::DateGreaterThan, false),
    ("DateGreaterThanEquals", Test::DateGreaterThanEquals, false),
    ("Bool", Test::Bool, false),
    ("BinaryEquals", Test::BinaryEquals, false),
    ("IpAddress", Test::IpAddress, false),
    ("NotIpAddress", Test::IpAddress, true),
    ("Null", Test::Null, false),
];

const QUANTIFIERS: [(&str, Quantifier); 2] =
    [("ForAllValues:", Quantifier::ForAllValues), ("ForAnyValue:", Quantifier::ForAnyValue)];

const IF_EXISTS: &str = "IfExists";

impl Operator {
    pub const fn plain(test: Test) -> Operator {
        Operator { test, negated: false, quantifier: None, if_exists: false }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownOperator;

impl FromStr for Operator {
    type Err = UnknownOperator;

    /// Case-insensitive.
    fn from_str(text: &str) -> Result<Self, UnknownOperator> {
        let prefixed =
            QUANTIFIERS.iter().find_map(|(prefix, q)| strip_prefix(text, prefix).map(|rest| (Some(*q), rest)));
        let (quantifier, rest) = prefixed.unwrap_or((None, text));
        let (name, if_exists) = strip_suffix(rest, IF_EXISTS).map_or((rest, false), |name| (name, true));
        let known = NAMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)).ok_or(UnknownOperator)?;
        if known.1 == Test::Null && if_exists {
            return Err(UnknownOperator);
        }
        Ok(Operator { test: known.1, negated: known.2, quantifier, if_exists })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operator { test, negated, quantifier, if_exists } = *self;
        let prefix = QUANTIFIERS.iter().find(|(_, q)| Some(*q) == quantifier).map_or("", |(prefix, _)| prefix);
        let name = NAMES.iter().find(|(_, t, n)| (*t, *n) == (test, negated)).map_or("", |(name, ..)| name);
        write!(f, "{prefix}{name}{}", if if_exists { IF_EXISTS } else { "" })
    }
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (rest, tail) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    tail.eq_ignore_ascii_case(suffix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_reads_back_what_it_prints() {
        for (name, ..) in NAMES {
            let operator: Operator = name.parse().unwrap();
            assert_eq!(operator.to_string().parse(), Ok(operator), "{name}");
            assert_eq!(name.to_ascii_uppercase().parse(), Ok(operator), "{name}");
        }
        let long: Operator = "foranyvalue:STRINGNOTLIKEifexists".parse().unwrap();
        assert_eq!(long.to_string(), "ForAnyValue:StringNotLikeIfExists");
    }

    #[test]
    fn arn_equals_is_arn_like() {
        assert_eq!("ArnEquals".parse::<Operator>(), "arnlike".parse());
        assert_eq!("ArnNotEquals".parse::<Operator>(), "ArnNotLike".parse());
        assert_ne!("ArnEquals".parse::<Operator>(), "ArnNotEquals".parse());
    }

    #[test]
    fn what_is_no_operator_is_refused() {
        for bad in ["", "IfExists", "StringEqual", "ForAllValues:", "NullIfExists", "ForSomeValues:Bool"] {
            assert_eq!(bad.parse::<Operator>(), Err(UnknownOperator), "{bad}");
        }
    }
}
