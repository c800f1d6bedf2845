//! Equivalence of documents, and their canonical form.
use super::document::{Actions, Clause, Document, Statement, Version};
use super::name::Name;
use super::text::ConditionValue;
use super::write::{self, Lists};
use crate::sorted_set::SortedSet;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether the canonical forms are equal. Different ways to grant the same (`kinesis:*` and every action of Kinesis)
/// are not equal: they are a visible change, and `direction` shows that it grants no more.
pub fn same_meaning<V: ConditionValue>(a: &Document<V>, b: &Document<V>) -> bool {
    a == b || a.canonical() == b.canonical()
}

/// Both documents for a line diff, in the order of the canonical form and with names as they are written. One name is
/// spelled alike in both, so that letter case alone makes no difference.
pub fn lines_to_compare<V: ConditionValue>(a: &Document<V>, b: &Document<V>) -> (Vec<String>, Vec<String>) {
    // A set keeps the first of equal names.
    let mut spellings = BTreeSet::new();
    for name in a.names().chain(b.names()) {
        spellings.insert(name.clone());
    }
    let lines =
        |document: &Document<V>| write::document(&document.spelled_like(&spellings), Lists::Always).lines();
    (lines(a), lines(b))
}

impl<V: ConditionValue> Document<V> {
    /// The canonical form: without `Sid` and `Id`, names in one spelling, statements in one order. Duplicate statements
    /// are kept.
    pub fn canonical(&self) -> Document<V> {
        let Document { version, id: _, statements } = self;
        let mut statements: Vec<_> = statements.iter().map(Statement::canonical).collect();
        statements.sort();
        Document { version: *version, id: None, statements: Arc::new(statements) }
    }

    /// The canonical form, but with names as these are spelled.
    fn spelled_like(&self, spellings: &BTreeSet<Name>) -> Document<V> {
        let Document { version, id: _, statements } = self.canonical();
        let spelled = |name: &Name| spellings.get(name).unwrap_or(name).clone();
        let statements = statements.iter().map(|statement| statement.without_sid(spelled)).collect();
        Document { version, id: None, statements: Arc::new(statements) }
    }

    /// The names of its actions and condition keys, as written.
    fn names(&self) -> impl Iterator<Item = &Name> {
        self.statements.iter().flat_map(|statement| {
            let (Actions::Action(actions) | Actions::NotAction(actions)) = &statement.action;
            actions.iter().chain(statement.condition.iter().map(|clause| &clause.key))
        })
    }

    /// The canonical form for a line diff: one line for each value.
    pub fn canonical_lines(&self) -> Vec<String> {
        write::document(&self.canonical(), Lists::Always).lines()
    }

    /// The canonical form as JSON that can be pasted, in the layout of a line diff.
    pub fn canonical_json(&self) -> String {
        let tree = write::document(&self.canonical(), Lists::Always);
        // Our own values always have a JSON form.
        serde_json::to_string_pretty(&tree).unwrap_or_default()
    }

    /// Converts the document to version 2012-10-17, where `${` begins a policy variable. Literal `$` is escaped as
    /// `${$}`.
    /// Source: IAM user guide, "IAM policy elements: Variables and tags".
    pub(super) fn in_current_language(&self) -> Document<V> {
        let mut document = self.clone();
        if document.version == Version::V2012 {
            return document;
        }
        let escaped = |text: &str| text.replace("${", "${$}{");
        document.version = Version::V2012;
        for statement in Arc::make_mut(&mut document.statements) {
            if let Some(resources) = &mut statement.resource {
                let set = resources.set_mut();
                *set = set.iter().map(|arn| escaped(arn)).collect();
            }
            let clauses = std::mem::take(&mut statement.condition).into_iter();
            statement.condition = clauses
                .map(|clause| Clause {
                    values: clause.values.iter().map(|v| v.map_text(escaped)).collect(),
                    ..clause
                })
                .collect();
        }
        document
    }
}

impl<V: ConditionValue> Statement<V> {
    /// Without `Sid`, names in their canonical spelling.
    pub(super) fn canonical(&self) -> Statement<V> {
        self.without_sid(Name::canonical)
    }

    fn without_sid(&self, spelling: impl Fn(&Name) -> Name) -> Statement<V> {
        let Statement { sid: _, effect, principal, action, resource, condition } = self;
        let spelled = |names: &SortedSet<Name>| names.iter().map(&spelling).collect();
        let clauses = condition.iter().map(|Clause { operator, key, values }| Clause {
            operator: *operator,
            key: spelling(key),
            values: values.clone(),
        });
        Statement {
            sid: None,
            effect: *effect,
            principal: principal.clone(),
            action: match action {
                Actions::Action(names) => Actions::Action(spelled(names)),
                Actions::NotAction(names) => Actions::NotAction(spelled(names)),
            },
            resource: resource.clone(),
            condition: clauses.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A statement of a trust policy with one thing replaced.
    fn trust(from: &str, to: &str) -> Document {
        let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"AWS": ["123456789012"], "Service": "pinpoint.amazonaws.com"}, "Action": ["sts:AssumeRole"],
            "Condition": {"ArnLike": {"aws:SourceArn": ["arn:a", "arn:b"]}, "Bool": {"aws:SecureTransport": "true"}}}]}"#;
        assert!(text.contains(from), "{from}");
        Document::from_json(&text.replace(from, to)).unwrap()
    }

    fn equal(from: &str, to: &str) -> bool {
        same_meaning(&trust("", ""), &trust(from, to))
    }

    #[test]
    fn spellings_of_one_meaning_are_equal() {
        assert!(equal(r#"["sts:AssumeRole"]"#, r#""STS:assumerole""#));
        assert!(equal(r#"["arn:a", "arn:b"]"#, r#"["arn:b", "arn:a", "arn:b"]"#));
        assert!(equal("ArnLike", "arnequals"));
        assert!(equal("aws:SourceArn", "AWS:SOURCEARN"));
        assert!(equal(r#""true""#, "true"));
        assert!(equal("123456789012", "arn:aws-us-gov:iam::123456789012:root"));
        assert!(equal(r#""Effect""#, r#""Sid": "A", "Effect""#));
        assert!(equal(r#""Statement""#, r#""Id": "A", "Statement""#));
    }

    #[test]
    fn what_iam_tells_apart_is_unequal() {
        assert!(!equal("2012-10-17", "2008-10-17"));
        assert!(!equal(r#""Version": "2012-10-17", "#, ""));
        assert!(!equal("pinpoint.amazonaws.com", "Pinpoint.amazonaws.com"));
        assert!(!equal("ArnLike", "ArnNotLike"));
        assert!(!equal("ArnLike", "StringLike"));
        assert!(!equal("ArnLike", "ArnLikeIfExists"));
        assert!(!equal(r#"["arn:a", "arn:b"]"#, r#"["arn:A", "arn:b"]"#));
        assert!(!equal(r#", "Bool": {"aws:SecureTransport": "true"}"#, ""));
        assert!(!equal(r#""Principal""#, r#""NotPrincipal""#));
        assert!(!equal(r#""Action""#, r#""NotAction""#));
    }

    #[test]
    fn an_empty_principal_is_a_missing_one_but_an_empty_condition_list_is_a_condition() {
        let read = |rest: &str| {
            Document::from_json(&format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "a:b"{rest}}}}}"#))
                .unwrap()
        };
        assert!(same_meaning(&read(""), &read(r#", "Principal": {"AWS": [], "Service": []}"#)));
        assert!(same_meaning(&read(""), &read(r#", "Condition": {"Bool": {}}"#)));
        assert!(!same_meaning(&read(""), &read(r#", "Condition": {"Bool": {"k": []}}"#)));
        assert!(same_meaning(&read(r#", "Principal": "*""#), &read(r#", "Principal": {"AWS": ["*"]}"#)));
    }

    #[test]
    fn a_missing_version_is_the_older_language() {
        let (missing, older) = (r#"{"Statement": []}"#, r#"{"Version": "2008-10-17", "Statement": {}}"#);
        let older = older.replace("{}", "[]");
        assert!(same_meaning(&Document::from_json(missing).unwrap(), &Document::from_json(&older).unwrap()));
    }

    #[test]
    fn statements_match_one_to_one_in_any_order() {
        let (a, b) = (r#"{"Effect": "Allow", "Action": "a:b"}"#, r#"{"Effect": "Deny", "Action": "a:c"}"#);
        let read =
            |list: &[&str]| Document::from_json(&format!(r#"{{"Statement": [{}]}}"#, list.join(","))).unwrap();
        assert!(same_meaning(&read(&[a, b]), &read(&[b, a])));
        assert!(!same_meaning(&read(&[a, b]), &read(&[a, b, b])));
        assert!(!same_meaning(&read(&[a, a, b]), &read(&[a, b, b])));
    }

    #[test]
    fn two_spellings_of_one_condition_must_both_hold_and_do_not_depend_on_which_is_which() {
        let read = |block: &str| {
            let text =
                format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "a:b", "Condition": {{{block}}}}}}}"#);
            Document::from_json(&text).unwrap()
        };
        let both = read(r#""ArnLike": {"k": "x"}, "arnequals": {"K": "y"}"#);
        assert!(same_meaning(&both, &read(r#""ArnLike": {"K": "y", "k": "x"}"#)));
        assert!(!same_meaning(&both, &read(r#""ArnLike": {"k": ["x", "y"]}"#)));
        assert!(!same_meaning(&both, &read(r#""ArnLike": {"k": "x"}"#)));
        assert_eq!(both.canonical().to_json(), read(r#""ArnLike": {"K": "y", "k": "x"}"#).canonical().to_json());
    }

    #[test]
    fn canonical_lines_show_real_differences_alone() {
        let (one, two) = (trust(r#"["arn:a", "arn:b"]"#, r#""arn:a""#), trust("ArnLike", "arnequals"));
        let (one, two) = (one.canonical_lines(), two.canonical_lines());
        let more: Vec<_> = two.iter().filter(|line| !one.contains(line)).map(|line| line.trim()).collect();
        assert_eq!(more, [r#""arn:b""#]);
        assert_eq!(two.len(), one.len() + 1);
    }

    #[test]
    fn a_diff_spells_names_as_they_are_written_and_one_name_alike_in_both() {
        let read = |action: &str| {
            let text = format!(r#"{{"Statement": {{"Effect": "Allow", "Action": {action}, "Resource": "*"}}}}"#);
            Document::from_json(&text).unwrap()
        };
        let (old, new) =
            (read(r#""s3:GetObject""#), read(r#"["S3:getobject", "dynamodb:PutItem", "STS:AssumeRole"]"#));
        let (old, new) = lines_to_compare(&old, &new);
        let more: Vec<_> = new.iter().filter(|line| !old.contains(line)).map(|line| line.trim()).collect();
        assert_eq!(more, [r#""dynamodb:PutItem""#, r#""STS:AssumeRole""#]);
        assert!(old.iter().all(|line| new.contains(line)), "{old:?}");
    }

    #[test]
    fn text_of_the_older_language_is_no_variable_in_the_newer() {
        let older = r#"{"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "${a}"}}"#;
        let newer = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "${$}{a}"}}"#;
        let older = Document::from_json(older).unwrap();
        assert_eq!(older.in_current_language(), Document::from_json(newer).unwrap());
    }
}
