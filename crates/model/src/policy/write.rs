//! Policy documents as JSON, in a stable order.
use super::document::{Actions, Clause, Document, Effect, PrincipalClause, Resources, Statement, Version};
use super::json::Json;
use super::operator::Operator;
use super::principal::Principal;
use super::text::ConditionValue;
use crate::sorted_set::SortedSet;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lists {
    /// A single value is written without a list: the shortest text.
    WhenSeveral,
    /// A single value is a list too, so that a second value changes one line of a diff.
    Always,
}

/// The most clauses of one operator and key. The shortest operator names have four letters, so there are enough
/// spellings for all of them.
pub(super) const SPELLINGS_OF_ONE_CLAUSE: usize = 1 << 4;

impl<V: ConditionValue> Document<V> {
    /// The compact JSON to send. Single values are written without a list; the order is stable.
    pub fn to_json(&self) -> String {
        self.to_tree().to_string()
    }

    pub(super) fn to_tree(&self) -> Json {
        document(self, Lists::WhenSeveral)
    }
}

impl Document {
    /// The size as IAM counts it: characters without white space.
    /// Source: IAM user guide, "IAM and AWS STS quotas".
    pub fn size(&self) -> usize {
        self.to_json().chars().filter(|c| !c.is_whitespace()).count()
    }
}

impl<V: ConditionValue> serde::Serialize for Document<V> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_tree().serialize(serializer)
    }
}

pub(super) fn document<V: ConditionValue>(document: &Document<V>, lists: Lists) -> Json {
    let Document { version, id, statements } = document;
    let version = match version {
        Version::V2008 => "2008-10-17",
        Version::V2012 => "2012-10-17",
    };
    let mut entries = vec![("Version".to_owned(), text(version))];
    entries.extend(id.as_ref().map(|id| ("Id".to_owned(), text(id))));
    let statements = statements.iter().map(|one| statement(one, lists)).collect();
    entries.push(("Statement".to_owned(), Json::List(statements)));
    Json::Object(entries)
}

fn statement<V: ConditionValue>(statement: &Statement<V>, lists: Lists) -> Json {
    let Statement { sid, effect, principal, action, resource, condition } = statement;
    let mut entries: Vec<(&str, Json)> = Vec::new();
    entries.extend(sid.as_ref().map(|sid| ("Sid", text(sid))));
    let effect = match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    entries.push(("Effect", text(effect)));
    entries.extend(principal.as_ref().map(|clause| match clause {
        PrincipalClause::Principal(set) => ("Principal", principals(set, lists)),
        PrincipalClause::NotPrincipal(set) => ("NotPrincipal", principals(set, lists)),
    }));
    entries.push(match action {
        Actions::Action(set) => ("Action", several(set.iter().map(|action| text(action.as_str())), lists)),
        Actions::NotAction(set) => ("NotAction", several(set.iter().map(|action| text(action.as_str())), lists)),
    });
    entries.extend(resource.as_ref().map(|resource| match resource {
        Resources::Resource(set) => ("Resource", several(set.iter().map(|arn| text(arn)), lists)),
        Resources::NotResource(set) => ("NotResource", several(set.iter().map(|arn| text(arn)), lists)),
    }));
    if !condition.is_empty() {
        entries.push(("Condition", conditions(condition, lists)));
    }
    Json::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn principals(principals: &SortedSet<Principal>, lists: Lists) -> Json {
    let mut kinds: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for principal in principals {
        kinds.entry(principal.kind()).or_default().push(text(principal.as_str()));
    }
    Json::Object(kinds.into_iter().map(|(kind, all)| (kind.to_owned(), several(all.into_iter(), lists))).collect())
}

/// Clauses of the same operator and key need different spellings of the operator, since a JSON key is unique.
fn conditions<V: ConditionValue>(condition: &SortedSet<Clause<V>>, lists: Lists) -> Json {
    let mut written: Vec<(String, Vec<(String, Json)>)> = Vec::new();
    let mut before: Option<(&Clause<V>, usize)> = None;
    for clause in condition {
        let spelling = match before {
            Some((last, nth)) if (last.operator, &last.key) == (clause.operator, &clause.key) => nth + 1,
            _ => 0,
        };
        before = Some((clause, spelling));
        let operator = spelled(clause.operator, spelling);
        let entry = (clause.key.to_string(), several(clause.values.iter().map(V::to_json), lists));
        match written.iter_mut().find(|(name, _)| *name == operator) {
            Some((_, keys)) => keys.push(entry),
            None => written.push((operator, vec![entry])),
        }
    }
    Json::Object(written.into_iter().map(|(operator, keys)| (operator, Json::Object(keys))).collect())
}

/// The n-th spelling of the operator's name by changing case. The 0th is the usual one.
fn spelled(operator: Operator, nth: usize) -> String {
    let mut bits = nth;
    let turn = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    let mut letter = |c: char| {
        if !c.is_ascii_alphabetic() {
            return c;
        }
        let turned = bits & 1 == 1;
        bits >>= 1;
        if turned { turn(c) } else { c }
    };
    operator.to_string().chars().map(&mut letter).collect()
}

fn text(text: &str) -> Json {
    Json::String(text.to_owned())
}

fn several(values: impl Iterator<Item = Json>, lists: Lists) -> Json {
    let mut values: Vec<Json> = values.collect();
    match (lists, values.len()) {
        (Lists::WhenSeveral, 1) => values.remove(0),
        _ => Json::List(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_written_in_the_order_that_people_know() {
        let read = Document::from_json(
            r#"{"Statement": {"Condition": {"Bool": {"b": true, "a": ["true"]}, "arnequals": {"K": ["y", "x"]}},
                "Action": ["b:Two", "a:One"], "Principal": {"Service": "s", "AWS": "*"}, "Effect": "Allow", "Sid": "S"},
                "Version": "2012-10-17"}"#,
        );
        assert_eq!(
            read.unwrap().to_json(),
            concat!(
                r#"{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":"Allow","#,
                r#""Principal":{"AWS":"*","Service":"s"},"Action":["a:One","b:Two"],"#,
                r#""Condition":{"ArnLike":{"K":["x","y"]},"Bool":{"a":"true","b":"true"}}}]}"#
            )
        );
    }

    #[test]
    fn a_condition_spelled_twice_is_written_twice() {
        let read = Document::from_json(
            r#"{"Statement": {"Effect": "Allow", "Action": "a:b",
                "Condition": {"ArnLike": {"k": "x"}, "arnequals": {"k": "y"}, "ArnEquals": {"K": "z"}}}}"#,
        )
        .unwrap();
        assert!(read.to_json().contains(r#"{"ArnLike":{"k":"x"},"arnLike":{"k":"y"},"ARnLike":{"K":"z"}}"#));
        assert_eq!(Document::from_json(&read.to_json()), Ok(read));
    }
}
