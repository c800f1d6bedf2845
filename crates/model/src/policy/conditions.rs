//! Whether a condition holds for a request.
//! Source: IAM user guide, "Condition operators" and "Multivalued context keys".
use super::document::Clause;
use super::explain::{Mismatch, Part, Unstated};
use super::operator::{Operator, Quantifier, Test};
use super::pattern::{Match, Pattern, Wildcards, any_of, turned};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Whether a clause matches the request.
pub(super) fn part(clause: &Clause, context: &BTreeMap<String, String>, unstated: Unstated) -> Part {
    let Clause { operator, key, values } = clause;
    let stated =
        context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key.as_str())).map(|(_, value)| value.as_str());
    let answer = match (stated, unstated) {
        (None, Unstated::Unknown) => Match::Unsure,
        (stated, _) => holds(*operator, values.iter().map(String::as_str), stated),
    };
    let mismatch = || Mismatch::Condition {
        operator: operator.to_string(),
        negated: operator.negated,
        key: key.to_string(),
        asked: stated.map(str::to_owned),
        found: values.iter().cloned().collect(),
    };
    Part::of(answer, mismatch, || format!("the condition {operator} on {key}"))
}

fn holds<'v>(operator: Operator, values: impl ExactSizeIterator<Item = &'v str>, stated: Option<&str>) -> Match {
    let Operator { test, negated, quantifier, if_exists } = operator;
    if test == Test::Null {
        let missing = if stated.is_none() { "true" } else { "false" };
        return any_of(values.map(|value| same_text_ignoring_case(value, missing)));
    }
    let Some(stated) = stated else {
        // A negated operator is true for a missing key, except with `ForAnyValue`.
        let without = match quantifier {
            Some(Quantifier::ForAllValues) => true,
            Some(Quantifier::ForAnyValue) => if_exists,
            None => if_exists || negated,
        };
        return if without { Match::Yes } else { Match::No };
    };
    if negated && values.len() == 0 {
        // The result of a negated operator with an empty list is not documented.
        return Match::Unsure;
    }
    // The request has one value, so "any" and "all" are the same.
    turned(any_of(values.map(|value| passes(test, value, stated))), negated)
}

fn passes(test: Test, value: &str, stated: &str) -> Match {
    let read = |wildcards| Pattern::read(&value.to_owned(), wildcards);
    let ordered = |ordering: Option<Ordering>, wanted: &[Ordering]| match ordering {
        Some(ordering) if wanted.contains(&ordering) => Match::Yes,
        Some(_) => Match::No,
        None => Match::Unsure,
    };
    use Ordering::{Equal, Greater, Less};
    match test {
        Test::StringEquals => read(Wildcards::Literal).matches(stated),
        Test::StringEqualsIgnoreCase => {
            Pattern::read(&value.to_lowercase(), Wildcards::Literal).matches(&stated.to_lowercase())
        }
        Test::StringLike => read(Wildcards::Stand).matches(stated),
        Test::ArnLike => read(Wildcards::Stand).matches_arn(stated),
        Test::Bool => same_text_ignoring_case(value, stated),
        Test::NumericEquals => ordered(numbers(stated, value), &[Equal]),
        Test::NumericLessThan => ordered(numbers(stated, value), &[Less]),
        Test::NumericLessThanEquals => ordered(numbers(stated, value), &[Less, Equal]),
        Test::NumericGreaterThan => ordered(numbers(stated, value), &[Greater]),
        Test::NumericGreaterThanEquals => ordered(numbers(stated, value), &[Greater, Equal]),
        Test::DateEquals => ordered(times(stated, value), &[Equal]),
        Test::DateLessThan => ordered(times(stated, value), &[Less]),
        Test::DateLessThanEquals => ordered(times(stated, value), &[Less, Equal]),
        Test::DateGreaterThan => ordered(times(stated, value), &[Greater]),
        Test::DateGreaterThanEquals => ordered(times(stated, value), &[Greater, Equal]),
        // Not needed: no policy that this project writes or checks has networks or bytes.
        Test::IpAddress | Test::BinaryEquals => Match::Unsure,
        Test::Null => Match::Unsure,
    }
}

fn same_text_ignoring_case(value: &str, stated: &str) -> Match {
    match value {
        _ if value.eq_ignore_ascii_case(stated) => Match::Yes,
        _ if value.contains("${") => Match::Unsure,
        _ => Match::No,
    }
}

fn numbers(a: &str, b: &str) -> Option<Ordering> {
    a.parse::<f64>().ok()?.partial_cmp(&b.parse::<f64>().ok()?)
}

/// Compares times, each RFC 3339 or seconds since 1970.
fn times(a: &str, b: &str) -> Option<Ordering> {
    let read = |text: &str| -> Option<jiff::Timestamp> {
        text.parse().ok().or_else(|| jiff::Timestamp::from_second(text.parse().ok()?).ok())
    };
    Some(read(a)?.cmp(&read(b)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a condition on `k` matches a request with this value, or without the key.
    fn answer(operator: &str, values: &[&str], stated: Option<&str>) -> Match {
        holds(operator.parse().unwrap(), values.iter().copied(), stated)
    }

    fn all(cases: &[(&str, &[&str], &str, Match)]) {
        for (operator, values, stated, expected) in cases {
            assert_eq!(answer(operator, values, Some(stated)), *expected, "{operator} {values:?} {stated}");
        }
    }

    #[test]
    fn texts_and_arns_pass_as_iam_documents() {
        use Match::{No, Unsure, Yes};
        all(&[
            ("StringEquals", &["a", "b"], "b", Yes),
            ("StringEquals", &["a*"], "ab", No),
            ("StringEquals", &["A"], "a", No),
            ("StringEqualsIgnoreCase", &["A"], "a", Yes),
            ("StringNotEquals", &["a", "b"], "b", No),
            ("StringNotEquals", &["a"], "b", Yes),
            ("StringLike", &["a*"], "ab", Yes),
            ("StringNotLike", &["a*"], "ab", No),
            ("StringEquals", &["${aws:username}"], "b", Unsure),
            ("StringEquals", &["${aws:username}", "b"], "b", Yes),
            ("ArnLike", &["arn:aws:m:*:1:apps/*"], "arn:aws:m:r:1:apps/a", Yes),
            ("ArnEquals", &["arn:aws:m:*:2:apps/*"], "arn:aws:m:r:1:apps/a", No),
            ("ArnLike", &["arn:aws:m:*"], "arn:aws:m:r:1:apps/a", Unsure),
            ("ArnNotEquals", &["arn:aws:m:r:1:apps/a"], "arn:aws:m:r:1:apps/a", No),
        ]);
    }

    #[test]
    fn numbers_times_and_booleans_pass_by_value() {
        use Match::{No, Unsure, Yes};
        all(&[
            ("Bool", &["true"], "True", Yes),
            ("Bool", &["true"], "false", No),
            ("NumericEquals", &["10"], "10.0", Yes),
            ("NumericLessThan", &["10"], "9", Yes),
            ("NumericGreaterThanEquals", &["10"], "9", No),
            ("NumericEquals", &["ten"], "10", Unsure),
            ("DateLessThan", &["2026-10-30T00:00:00Z"], "2026-10-29T23:59:59Z", Yes),
            ("DateGreaterThan", &["2026-10-30T00:00:00Z"], "0", No),
            ("IpAddress", &["10.0.0.0/8"], "10.1.2.3", Unsure),
        ]);
    }

    #[test]
    fn a_missing_key_passes_where_iam_lets_it() {
        use Match::{No, Yes};
        let cases = [
            ("StringEquals", No),
            ("StringEqualsIfExists", Yes),
            ("StringNotEquals", Yes),
            ("ForAllValues:StringEquals", Yes),
            ("ForAnyValue:StringEquals", No),
            ("ForAnyValue:StringNotEquals", No),
        ];
        for (operator, expected) in cases {
            assert_eq!(answer(operator, &["a"], None), expected, "{operator}");
        }
        assert_eq!(answer("Null", &["true"], None), Yes);
        assert_eq!(answer("Null", &["true"], Some("a")), No);
        assert_eq!(answer("Null", &["false"], Some("a")), Yes);
    }

    #[test]
    fn an_empty_list_matches_nothing() {
        assert_eq!(answer("StringEquals", &[], Some("a")), Match::No);
        assert_eq!(answer("StringNotEquals", &[], Some("a")), Match::Unsure);
    }
}
