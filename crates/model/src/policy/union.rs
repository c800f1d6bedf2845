//! The union of two documents: the intermediate policy of expand, move, contract.
use super::coverage::{covered, covers};
use super::document::{Actions, Clause, Document, Effect, PrincipalClause, Resources, Statement};
use super::operator::Quantifier;
use super::text::ConditionValue;
use crate::sorted_set::SortedSet;

/// `a ∪ b`: allows everything that `a` or `b` allows. Kept small, since a trust policy has 2,048 characters by default:
/// covered statements are dropped, and statements that differ in one list are merged.
/// A Deny stays only if both documents deny it, so that the union never denies what either allows. It may therefore
/// grant a request that `a` denies and `b` does not allow.
/// Always in the current policy version.
pub fn union<V: ConditionValue>(a: &Document<V>, b: &Document<V>) -> Document<V> {
    let (a, b) = (a.in_current_language(), b.in_current_language());
    let with = |document: &Document<V>, effect| -> Vec<Statement<V>> {
        let nameless = |s: &Statement<V>| Statement { sid: None, ..s.clone() };
        document.statements.iter().filter(|s| s.effect == effect).map(nameless).collect()
    };
    let (denied_by_a, denied_by_b) = (with(&a, Effect::Deny), with(&b, Effect::Deny));
    let by_both = denied_by_a
        .iter()
        .filter(|one| covered(one, &denied_by_b))
        .chain(denied_by_b.iter().filter(|one| covered(one, &denied_by_a)));
    let mut statements = compact(with(&a, Effect::Allow).into_iter().chain(with(&b, Effect::Allow)));
    statements.extend(compact(by_both.cloned()));
    Document::new(statements)
}

/// Drops covered statements, and merges those that differ in one list.
fn compact<V: ConditionValue>(statements: impl Iterator<Item = Statement<V>>) -> Vec<Statement<V>> {
    let mut kept: Vec<Statement<V>> = Vec::new();
    for mut next in statements {
        // The merged statement may merge with or cover an earlier one, so start again.
        while let Some((at, merged)) = kept.iter().enumerate().find_map(|(at, old)| Some((at, merge(old, &next)?)))
        {
            kept.remove(at);
            next = merged;
        }
        kept.push(next);
    }
    kept
}

/// One statement that matches exactly what either matches, if there is one.
fn merge<V: ConditionValue>(a: &Statement<V>, b: &Statement<V>) -> Option<Statement<V>> {
    if covers(a, b) {
        return Some(a.clone());
    }
    if covers(b, a) {
        return Some(b.clone());
    }
    let differs =
        [a.principal != b.principal, a.action != b.action, a.resource != b.resource, a.condition != b.condition];
    let mut merged = a.clone();
    match differs {
        [true, false, false, false] => match (&a.principal, &b.principal) {
            (Some(PrincipalClause::Principal(a)), Some(PrincipalClause::Principal(b))) => {
                merged.principal = Some(PrincipalClause::Principal(a.union(b)));
            }
            _ => return None,
        },
        [false, true, false, false] => match (&a.action, &b.action) {
            (Actions::Action(a), Actions::Action(b)) => merged.action = Actions::Action(a.union(b)),
            _ => return None,
        },
        [false, false, true, false] => match (&a.resource, &b.resource) {
            (Some(Resources::Resource(a)), Some(Resources::Resource(b))) => {
                merged.resource = Some(Resources::Resource(a.union(b)));
            }
            _ => return None,
        },
        [false, false, false, true] => merged.condition = merge_conditions(&a.condition, &b.condition)?,
        _ => return None,
    }
    Some(merged)
}

/// Merges condition blocks that differ only in the values of one clause. Not for negated operators and `ForAllValues`,
/// where the merged values would match something else.
fn merge_conditions<V: ConditionValue>(
    a: &SortedSet<Clause<V>>,
    b: &SortedSet<Clause<V>>,
) -> Option<SortedSet<Clause<V>>> {
    let (only_a, only_b): (Vec<_>, Vec<_>) = (a.difference(b).collect(), b.difference(a).collect());
    let ([one], [other]) = (&only_a[..], &only_b[..]) else { return None };
    let operator = one.operator;
    let additive = !operator.negated && operator.quantifier != Some(Quantifier::ForAllValues);
    if !additive || (operator, &one.key) != (other.operator, &other.key) {
        return None;
    }
    let merged = Clause { values: one.values.union(&other.values), ..(*one).clone() };
    Some(a.iter().filter(|clause| clause != one).cloned().chain([merged]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::read;

    fn trust(arns: &str) -> String {
        format!(
            r#"{{"Effect": "Allow", "Principal": {{"Service": "pinpoint.amazonaws.com"}}, "Action": "sts:AssumeRole",
                "Condition": {{"StringEquals": {{"aws:SourceAccount": "1"}}, "ArnLike": {{"aws:SourceArn": [{arns}]}}}}}}"#
        )
    }

    #[test]
    fn trust_policies_of_other_apps_become_one_list() {
        let (old, new) = (read(&trust(r#""arn:a""#)), read(&trust(r#""arn:b""#)));
        assert_eq!(union(&old, &new), read(&trust(r#""arn:a", "arn:b""#)));
    }

    #[test]
    fn what_is_covered_is_not_repeated() {
        let (wide, narrow) = (
            r#"{"Effect": "Allow", "Action": "k:*", "Resource": "*"}"#,
            r#"{"Sid": "A", "Effect": "Allow",
            "Action": "k:put", "Resource": "arn:aws:k:r:1:s"}"#,
        );
        assert_eq!(union(&read(wide), &read(narrow)), read(wide));
        assert_eq!(union(&read(narrow), &read(wide)), read(wide));
    }

    #[test]
    fn statements_that_differ_in_two_lists_stay_two() {
        let (a, b) = (
            r#"{"Effect": "Allow", "Action": "k:a", "Resource": "arn:aws:k:r:1:a"}"#,
            r#"{"Effect": "Allow",
            "Action": "k:b", "Resource": "arn:aws:k:r:1:b"}"#,
        );
        assert_eq!(union(&read(a), &read(b)), read(&format!("{a}, {b}")));
    }

    #[test]
    fn a_merge_that_makes_room_for_another_is_followed_by_it() {
        let s = |action: &str, resource: &str| {
            format!(r#"{{"Effect": "Allow", "Action": {action}, "Resource": {resource}}}"#)
        };
        let (x, y) = (r#""arn:aws:k:r:1:x""#, r#""arn:aws:k:r:1:y""#);
        let old = read(&[s(r#""k:a""#, x), s(r#""k:a""#, y)].join(","));
        let new = read(&[s(r#""k:b""#, x), s(r#""k:b""#, y)].join(","));
        let all = union(&old, &new);
        assert!(all.statements.len() <= 2, "{}", all.to_json());
    }

    #[test]
    fn only_what_both_deny_stays_denied() {
        let allow = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
        let deny = |action: &str| format!(r#"{{"Effect": "Deny", "Action": "{action}", "Resource": "*"}}"#);
        let doc = |denied: &str| read(&format!("{allow}, {}", deny(denied)));
        assert_eq!(union(&doc("k:*"), &doc("k:put")), doc("k:put"));
        assert_eq!(union(&doc("k:a"), &doc("k:b")), read(allow));
    }

    #[test]
    fn for_all_values_lists_are_not_joined_into_a_list_that_admits_mixtures() {
        let s = |value: &str| {
            let block = format!(r#"{{"ForAllValues:StringEquals": {{"aws:TagKeys": "{value}"}}}}"#);
            format!(r#"{{"Effect": "Allow", "Action": "k:a", "Condition": {block}}}"#)
        };
        assert_eq!(union(&read(&s("a")), &read(&s("b"))).statements.len(), 2);
    }

    #[test]
    fn documents_of_two_languages_meet_in_the_newer() {
        let text = r#"{"Effect": "Allow", "Action": "k:a", "Resource": "${a}"}"#;
        let old = Document::from_json(&format!(r#"{{"Statement": {text}}}"#)).unwrap();
        let escaped = r#"{"Effect": "Allow", "Action": "k:a", "Resource": ["${a}", "${$}{a}"]}"#;
        assert_eq!(union(&old, &read(text)), read(escaped));
        assert_eq!(union(&old, &old), old.in_current_language());
    }
}
