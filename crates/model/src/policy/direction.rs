//! Whether a change of a policy grants more or less.
use super::coverage::grants_all_of;
use super::document::Document;
use super::text::ConditionValue;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Same,
    /// Grants everything the old document does, and perhaps more.
    Widens,
    /// Grants nothing the old document does not, and perhaps less.
    Narrows,
    /// More of some and less of other requests, or undecided.
    Both,
}

impl Direction {
    pub fn may_widen(self) -> bool {
        matches!(self, Direction::Widens | Direction::Both)
    }
}

/// What `to` grants compared with `from`. `Narrows` is returned only if it is proven that nothing is added, `Widens`
/// only if nothing is removed.
pub fn direction<V: ConditionValue>(from: &Document<V>, to: &Document<V>) -> Direction {
    let (keeps, adds_nothing) = (grants_all_of(to, from), grants_all_of(from, to));
    match (keeps, adds_nothing) {
        (true, true) => Direction::Same,
        (true, false) => Direction::Widens,
        (false, true) => Direction::Narrows,
        (false, false) => Direction::Both,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Text;
    use crate::policy::read;

    const BASE: &str = r#"{"Effect": "Allow", "Principal": {"Service": "pinpoint.amazonaws.com"}, "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:SourceArn": ["arn:aws:m:r:1:apps/a", "arn:aws:m:r:1:apps/b"]}}}"#;

    /// The direction of a change of the text, checked both ways.
    fn change(text: &str, from: &str, to: &str) -> Direction {
        assert!(text.contains(from), "{from}");
        let (old, new) = (read(text), read(&text.replacen(from, to, 1)));
        let reverse = match direction(&new, &old) {
            Direction::Widens => Direction::Narrows,
            Direction::Narrows => Direction::Widens,
            same => same,
        };
        assert_eq!(direction(&old, &new), reverse);
        reverse
    }

    #[test]
    fn a_value_more_widens_and_one_less_narrows() {
        assert_eq!(change(BASE, r#""Service": "#, r#""AWS": "*", "Service": "#), Direction::Widens);
        assert_eq!(
            change(BASE, r#""sts:AssumeRole""#, r#"["sts:AssumeRole", "sts:TagSession"]"#),
            Direction::Widens
        );
        assert_eq!(change(BASE, r#""sts:AssumeRole""#, r#""sts:*""#), Direction::Widens);
        assert_eq!(change(BASE, r#", "arn:aws:m:r:1:apps/b""#, ""), Direction::Narrows);
        assert_eq!(change(BASE, "apps/a", "apps/c"), Direction::Both);
        assert_eq!(change(BASE, "apps/a", "apps/*"), Direction::Widens);
        assert_eq!(change(BASE, "pinpoint.amazonaws.com", "ses.amazonaws.com"), Direction::Both);
    }

    #[test]
    fn a_condition_less_widens_and_a_looser_operator_too() {
        assert_eq!(change(BASE, r#""Condition""#, r#""Sid": "A", "Condition""#), Direction::Same);
        assert_eq!(change(BASE, r#"{"ArnLike""#, r#"{"Bool": {"k": "true"}, "ArnLike""#), Direction::Narrows);
        assert_eq!(change(BASE, "ArnLike", "ArnLikeIfExists"), Direction::Widens);
        assert_eq!(change(BASE, "ArnLike", "StringEquals"), Direction::Same);
        assert_eq!(change(BASE, "ArnLike", "ArnNotLike"), Direction::Both);
        assert_eq!(change(BASE, "ArnLike", "ForAnyValue:ArnLike"), Direction::Both);
    }

    #[test]
    fn deny_and_not_are_turned_round() {
        let deny = r#"{"Effect": "Deny", "Action": "a:b", "Resource": "arn:aws:m:r:1:a"}"#;
        assert_eq!(change(deny, "a:b", "a:*"), Direction::Narrows);
        let not = r#"{"Effect": "Allow", "NotAction": "a:b", "NotResource": "arn:aws:m:r:1:a"}"#;
        assert_eq!(change(not, "a:b", "a:*"), Direction::Narrows);
        assert_eq!(change(not, "arn:aws:m:r:1:a", "arn:aws:m:r:1:*"), Direction::Narrows);
        assert_eq!(change(not, r#""NotAction": "a:b""#, r#""Action": "*""#), Direction::Widens);
        let neq = r#"{"Effect": "Allow", "Action": "a:b", "Condition": {"StringNotEquals": {"k": ["x"]}}}"#;
        assert_eq!(change(neq, r#""x""#, r#""x", "y""#), Direction::Narrows);
        assert_eq!(change(neq, r#""x""#, ""), Direction::Both);
        let deny_not = r#"{"Effect": "Deny", "NotPrincipal": {"AWS": "123456789012"}, "Action": "a:b"}"#;
        assert_eq!(
            change(deny_not, r#""123456789012""#, r#"["123456789012", "210987654321"]"#),
            Direction::Widens
        );
    }

    #[test]
    fn a_statement_cut_in_two_grants_the_same() {
        let both = r#"{"Effect": "Allow", "Action": ["a:b", "a:c"], "Resource": "*"}"#;
        let (one, two) = (both.replace(r#", "a:c""#, ""), both.replace(r#""a:b", "#, ""));
        assert_eq!(direction(&read(both), &read(&format!("{one}, {two}"))), Direction::Same);
        assert_eq!(direction(&read(both), &read(&two)), Direction::Narrows);
        assert_eq!(change(both, "a:c", "a:b"), Direction::Narrows);
    }

    #[test]
    fn an_empty_condition_list_grants_nothing() {
        let values = r#"["arn:aws:m:r:1:apps/a", "arn:aws:m:r:1:apps/b"]"#;
        assert_eq!(change(BASE, values, "[]"), Direction::Narrows);
    }

    #[test]
    fn the_language_matters_only_where_there_are_variables() {
        let old = |text: &str| Document::from_json(&format!(r#"{{"Statement": [{text}]}}"#)).unwrap();
        assert_eq!(direction(&old(BASE), &read(BASE)), Direction::Same);
        let variable = r#"{"Effect": "Allow", "Action": "a:b", "Resource": "arn:aws:m:r:1:${aws:username}"}"#;
        assert_eq!(direction(&old(variable), &read(variable)), Direction::Both);
        assert_eq!(direction(&read(variable), &read(variable)), Direction::Same);
    }

    #[test]
    fn an_app_yet_to_be_made_is_one_more() {
        let known = read(BASE).map_values(|value| Ok::<_, ()>(Text::Known(value))).unwrap();
        let mut more = known.clone();
        let condition = &mut std::sync::Arc::make_mut(&mut more.statements)[0].condition;
        let mut clause = condition.pop_first().unwrap();
        let format = "arn:aws:m:r:1:apps/{}".to_owned();
        clause.values.insert(Text::After { after_step: crate::ids::StepId(1), format });
        condition.insert(clause);
        assert_eq!(direction(&known, &more), Direction::Widens);
        assert_eq!(direction(&more, &known), Direction::Narrows);
    }
}
