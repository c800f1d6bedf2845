//! The members of a JSON document, and what an attacker writes in their places.
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Pairs of something of ours and what an attacker writes instead, by whose it is.
pub(super) type Foreign = [(&'static str, Vec<(String, String)>); 4];

/// One step of the way to a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Name(String),
    Nth(usize),
}

/// A member, in one of the documents of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    document: usize,
    path: Vec<Key>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    Removed,
    Null,
    OtherType,
    /// Another word that the format knows, the other truth value, nothing in a list.
    OtherWord,
    Huge,
    Negative,
    Empty,
    /// A path that leads out of every folder, with a code that a terminal acts on.
    Escape,
    /// A member of which the format knows nothing.
    Unknown,
    /// A foreign thing instead of one of ours, in the value or in the key.
    Foreign(usize),
}

pub(super) const EDITS: [Edit; 13] = [
    Edit::Removed,
    Edit::Null,
    Edit::OtherType,
    Edit::OtherWord,
    Edit::Huge,
    Edit::Negative,
    Edit::Empty,
    Edit::Escape,
    Edit::Unknown,
    Edit::Foreign(0),
    Edit::Foreign(1),
    Edit::Foreign(2),
    Edit::Foreign(3),
];

/// Of a file with a digest of its own, which finds any edit alike.
pub(super) const UNSIGNED: [Edit; 4] = [Edit::Removed, Edit::OtherWord, Edit::Unknown, Edit::Foreign(0)];

const WORDS: [(&str, &str); 12] = [
    ("created", "adopted"),
    ("adopted", "created"),
    ("create", "delete"),
    ("update", "delete"),
    ("delete", "create"),
    ("quarantine", "delete"),
    ("converge", "destroy"),
    ("sweep", "converge"),
    ("us-east-1", "eu-west-1"),
    ("obsolete", "in_use"),
    ("in_use", "obsolete"),
    ("aws", "aws-us-gov"),
];

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", self.document)?;
        self.path.iter().try_for_each(|key| match key {
            Key::Name(name) => write!(f, "/{name}"),
            Key::Nth(nth) => write!(f, "/{nth}"),
        })
    }
}

impl Place {
    fn shape(&self) -> String {
        let mut shape = String::from(if self.document == 0 { "first" } else { "later" });
        for key in &self.path {
            let Key::Name(name) = key else {
                shape.push_str("/#");
                continue;
            };
            let is_key_of_map = name.contains([':', '/', '@']) || name.starts_with(|c: char| c.is_ascii_digit());
            match name.split_once('.') {
                _ if is_key_of_map => shape.push_str("/*"),
                Some((kind, _)) => shape.push_str(&format!("/{kind}.*")),
                None => shape.push_str(&format!("/{name}")),
            }
        }
        shape
    }
}

/// The members of these documents, one of each shape: what differs only in its place in a list, or under which key of a
/// map it is, is read by the same code.
pub(super) fn places(documents: &[Value]) -> Vec<Place> {
    let mut places = Vec::new();
    for (document, value) in documents.iter().enumerate() {
        walk(value, &mut Place { document, path: Vec::new() }, &mut places);
    }
    let mut seen = BTreeSet::new();
    places.retain(|place| seen.insert(place.shape()));
    places
}

fn walk(value: &Value, at: &mut Place, found: &mut Vec<Place>) {
    let keys: Vec<Key> = match value {
        Value::Object(object) => object.keys().cloned().map(Key::Name).collect(),
        Value::Array(list) => (0..list.len()).map(Key::Nth).collect(),
        _ => return,
    };
    for key in keys {
        let inner = child(value, &key).unwrap_or(&Value::Null);
        at.path.push(key);
        found.push(at.clone());
        walk(inner, at, found);
        at.path.pop();
    }
}

fn child<'a>(value: &'a Value, key: &Key) -> Option<&'a Value> {
    match key {
        Key::Name(name) => value.get(name),
        Key::Nth(nth) => value.get(nth),
    }
}

fn child_mut<'a>(value: &'a mut Value, key: &Key) -> Option<&'a mut Value> {
    match key {
        Key::Name(name) => value.get_mut(name),
        Key::Nth(nth) => value.get_mut(nth),
    }
}

/// Whether there is something to edit in this way.
pub(super) fn can_edit(documents: &[Value], place: &Place, how: Edit, foreign: &Foreign) -> bool {
    let of_place = Place { document: 0, path: place.path.clone() };
    edit(&mut [documents[place.document].clone()], &of_place, how, foreign)
}

/// Makes the edit. False if there is nothing to edit in this way.
pub(super) fn edit(documents: &mut [Value], place: &Place, edit: Edit, foreign: &Foreign) -> bool {
    let Some((last, path)) = place.path.split_last() else { return false };
    let mut parent = &mut documents[place.document];
    for key in path {
        let Some(inner) = child_mut(parent, key) else { return false };
        parent = inner;
    }
    if edit == Edit::Removed {
        return remove(parent, last);
    }
    if let (Edit::Foreign(which), Key::Name(name), Value::Object(object)) = (edit, last, &mut *parent) {
        let instead = replaced(name, &foreign[which].1);
        if instead != *name {
            let value = object.remove(name);
            object.insert(instead, value.unwrap_or_default());
            return true;
        }
    }
    let Some(value) = child_mut(parent, last) else { return false };
    let Some(instead) = instead(value, edit, foreign) else { return false };
    let is_other = *value != instead;
    *value = instead;
    is_other
}

fn remove(parent: &mut Value, key: &Key) -> bool {
    match (parent, key) {
        (Value::Object(object), Key::Name(name)) => object.remove(name).is_some(),
        (Value::Array(list), Key::Nth(nth)) => {
            list.remove(*nth);
            true
        }
        _ => false,
    }
}

fn instead(value: &Value, edit: Edit, foreign: &Foreign) -> Option<Value> {
    Some(match (edit, value) {
        (Edit::Null, _) => Value::Null,
        (Edit::OtherType, Value::String(_)) => json!(7),
        (Edit::OtherType, Value::Number(_)) => json!("7"),
        (Edit::OtherType, Value::Bool(_)) => json!("true"),
        (Edit::OtherType, Value::Null | Value::Array(_)) => json!({}),
        (Edit::OtherType, Value::Object(_)) => json!([]),
        (Edit::OtherWord, Value::Bool(known)) => json!(!known),
        (Edit::OtherWord, Value::Array(_)) => json!([]),
        (Edit::OtherWord, Value::Object(_)) => json!({}),
        (Edit::OtherWord, Value::Number(number)) => json!(number.as_u64()?.wrapping_add(1)),
        (Edit::OtherWord, Value::String(text)) => {
            let known = WORDS.iter().find(|(from, _)| from == text)?;
            json!(known.1)
        }
        (Edit::Huge, Value::Number(_)) => json!(u64::MAX),
        (Edit::Huge, Value::String(_)) => json!("x".repeat(100_000)),
        (Edit::Negative, Value::Number(_)) => json!(-1),
        (Edit::Empty, Value::String(_)) => json!(""),
        (Edit::Escape, Value::String(_)) => json!("../../../../planted\u{1b}]0;owned\u{7}\n"),
        (Edit::Unknown, Value::Object(object)) => {
            let mut more: Map<String, Value> = object.clone();
            more.insert("planted".to_owned(), json!(true));
            Value::Object(more)
        }
        (Edit::Foreign(which), Value::String(text)) => json!(replaced(text, &foreign[which].1)),
        _ => return None,
    })
}

/// The text with foreign things in place of ours.
pub(super) fn replaced(text: &str, foreign: &[(String, String)]) -> String {
    foreign.iter().fold(text.to_owned(), |text, (ours, theirs)| text.replace(ours.as_str(), theirs))
}
