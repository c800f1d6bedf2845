//! The statements that a change adds to a policy and removes from it.
use pinpoint_streams_model::policy::{
    Actions, Clause, Document, Effect, ExampleRequest, Name, PrincipalClause, Resources, Statement,
};
use std::collections::BTreeMap;

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StatementRow {
    Added(String),
    Removed(String),
    /// A statement that stays but for these values.
    Changed {
        statement: String,
        added: Vec<String>,
        removed: Vec<String>,
    },
}

/// The lists of a statement, by what they are: `principal`, `ArnLike aws:SourceArn`.
type Lists = BTreeMap<Part, List>;
/// Values as they are written, by what they are compared by: the letter case of actions does not matter.
type List = BTreeMap<String, String>;

/// In the order in which a person reads them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Action { but: bool },
    Principal { but: bool },
    Resource { but: bool },
    Condition(String),
}

#[derive(Debug, Clone)]
struct Row {
    effect: Effect,
    lists: Lists,
}

pub(super) fn rows(before: Option<&Document>, after: Option<&Document>) -> Vec<StatementRow> {
    let of = |document: Option<&Document>| -> Vec<Row> {
        document.map(|document| document.statements.iter().map(Row::of).collect()).unwrap_or_default()
    };
    let (mut removed, mut added) = (of(before), of(after));
    removed.retain(|row| match added.iter().position(|other| row.is(other)) {
        Some(at) => {
            added.remove(at);
            false
        }
        None => true,
    });
    let mut rows = Vec::new();
    let mut gone = Vec::new();
    for old in removed {
        let closest = added.iter().enumerate().filter_map(|(at, new)| Some((old.shared(new)?, at)));
        match closest.max_by_key(|(shared, at)| (*shared, std::cmp::Reverse(*at))) {
            Some((_, at)) => rows.push(old.changed(&added.remove(at))),
            None => gone.push(StatementRow::Removed(old.words(|_| true))),
        }
    }
    rows.extend(added.iter().map(|row| StatementRow::Added(row.words(|_| true))));
    rows.extend(gone);
    rows
}

impl Row {
    fn of(statement: &Statement) -> Row {
        let Statement { sid: _, effect, principal, action, resource, condition } = statement;
        let mut lists = Lists::new();
        let mut put = |part, values: List| {
            lists.entry(part).or_default().extend(values);
        };
        let folded = |action: &Name| (action.folded(), action.to_string());
        let whole = |text: &str| (text.to_owned(), text.to_owned());
        match principal {
            None => {}
            Some(PrincipalClause::Principal(set)) => {
                put(Part::Principal { but: false }, set.iter().map(|one| whole(one.as_str())).collect());
            }
            Some(PrincipalClause::NotPrincipal(set)) => {
                put(Part::Principal { but: true }, set.iter().map(|one| whole(one.as_str())).collect());
            }
        }
        match action {
            Actions::Action(set) => put(Part::Action { but: false }, set.iter().map(folded).collect()),
            Actions::NotAction(set) => put(Part::Action { but: true }, set.iter().map(folded).collect()),
        }
        match resource {
            None => {}
            Some(Resources::Resource(set)) => {
                put(Part::Resource { but: false }, set.iter().map(|arn| whole(arn)).collect())
            }
            Some(Resources::NotResource(set)) => {
                put(Part::Resource { but: true }, set.iter().map(|arn| whole(arn)).collect())
            }
        }
        for Clause { operator, key, values } in condition {
            // Two of one operator and key must both hold, so they are not one list.
            let mut name = format!("{operator} {key}");
            while lists.contains_key(&Part::Condition(name.clone())) {
                name.push_str(" and");
            }
            lists.insert(Part::Condition(name), values.iter().map(|value| whole(value)).collect());
        }
        Row { effect: *effect, lists }
    }

    /// Whether both say the same.
    fn is(&self, other: &Row) -> bool {
        self.shared(other) == Some(self.lists.len())
    }

    fn has_same(&self, other: &Row, part: &Part) -> bool {
        let values = |row: &Row| -> Vec<String> {
            row.lists.get(part).map(|list| list.keys().cloned().collect()).unwrap_or_default()
        };
        values(self) == values(other)
    }

    /// How many lists are equal, if these are versions of one statement.
    fn shared(&self, other: &Row) -> Option<usize> {
        let have_the_same_parts = self.effect == other.effect && self.lists.keys().eq(other.lists.keys());
        let shared = self.lists.keys().filter(|part| self.has_same(other, part)).count();
        (have_the_same_parts && shared > 0).then_some(shared)
    }

    fn changed(&self, new: &Row) -> StatementRow {
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for (part, old_values) in &self.lists {
            let none = List::new();
            let new_values = new.lists.get(part).unwrap_or(&none);
            let only_in = |these: &List, others: &List| -> Vec<String> {
                let only = these.iter().filter(|(key, _)| !others.contains_key(*key));
                only.map(|(_, value)| format!("{} {value}", part.name())).collect()
            };
            added.extend(only_in(new_values, old_values));
            removed.extend(only_in(old_values, new_values));
        }
        let statement = self.words(|part| self.has_same(new, part));
        StatementRow::Changed { statement, added, removed }
    }

    /// `allow sts:AssumeRole to pinpoint.amazonaws.com if …`, with the parts that are to be shown.
    fn words(&self, shows: impl Fn(&Part) -> bool) -> String {
        let mut words = vec![match self.effect {
            Effect::Allow => "allow".to_owned(),
            Effect::Deny => "deny".to_owned(),
        }];
        let mut joins = "if";
        for (part, values) in self.lists.iter().filter(|(part, _)| shows(part)) {
            let list = if values.is_empty() {
                "nothing".to_owned()
            } else {
                values.values().cloned().collect::<Vec<_>>().join(", ")
            };
            words.push(match part {
                Part::Action { but } => format!("{}{list}", all_but(*but)),
                Part::Principal { but } => format!("to {}{list}", all_but(*but)),
                Part::Resource { but } => format!("on {}{list}", all_but(*but)),
                Part::Condition(name) => format!("{} {name} {list}", std::mem::replace(&mut joins, "and")),
            });
        }
        words.join(" ")
    }
}

fn all_but(but: bool) -> &'static str {
    if but { "all but " } else { "" }
}

impl Part {
    fn name(&self) -> &str {
        match self {
            Part::Action { but: false } => "action",
            Part::Action { but: true } => "not action",
            Part::Principal { but: false } => "principal",
            Part::Principal { but: true } => "not principal",
            Part::Resource { but: false } => "resource",
            Part::Resource { but: true } => "not resource",
            Part::Condition(name) => name,
        }
    }
}

/// `210987654321 may sts:AssumeRole, with aws:SourceAccount 1`.
pub(super) fn example(request: &ExampleRequest) -> String {
    let ExampleRequest { principal, action, resource, context } = request;
    let who = principal.as_ref().map_or_else(|| "the role".to_owned(), |one| one.as_str().to_owned());
    let on = resource.as_ref().map(|arn| format!(" on {arn}")).unwrap_or_default();
    let with = context.iter().map(|(key, value)| format!("{key} {value}")).collect::<Vec<_>>().join(", ");
    let with = if with.is_empty() { with } else { format!(", with {with}") };
    format!("{who} may {action}{on}{with}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(statements: &str) -> Document {
        Document::from_json(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)).unwrap()
    }

    #[test]
    fn a_statement_that_changes_is_one_row_with_the_values_that_come_and_go() {
        let put = r#"{"Effect": "Allow", "Action": ["k:Put", "k:Get"], "Resource": "arn:a"}"#;
        let other = r#"{"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}"#;
        let (before, after) = (document(put), document(&format!("{}, {other}", put.replace("k:Get", "k:List"))));
        let changed = StatementRow::Changed {
            statement: "allow on arn:a".to_owned(),
            added: vec!["action k:List".to_owned()],
            removed: vec!["action k:Get".to_owned()],
        };
        let denial = "deny all but s3:* on *".to_owned();
        assert_eq!(rows(Some(&before), Some(&after)), [changed, StatementRow::Added(denial.clone())]);
        assert_eq!(rows(Some(&document(other)), None), [StatementRow::Removed(denial)]);
        assert_eq!(rows(Some(&before), Some(&before)), []);
    }

    #[test]
    fn conditions_are_in_words() {
        let text = r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:a": ["1", "2"]}, "Bool": {"aws:b": "true"}}}"#;
        let words = "allow sts:AssumeRole to * if Bool aws:b true and StringEquals aws:a 1, 2".to_owned();
        assert_eq!(rows(None, Some(&document(text))), [StatementRow::Added(words)]);
    }
}
