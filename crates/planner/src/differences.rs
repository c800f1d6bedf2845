//! What differs in one object, and whether the manifest changed or AWS drifted.
use pinpoint_streams_model::ownership::PREFIX;
use pinpoint_streams_model::plan::{FieldChange, FieldValue};
use pinpoint_streams_model::policy::{direction, same_meaning};
use pinpoint_streams_model::{Direction, Document, Owner, Planned, Reason, Tags, Text, ownership};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::convert::Infallible;

#[derive(Debug, Default)]
pub(crate) struct Differences {
    pub(crate) fields: Vec<FieldChange>,
    manifest_changed: bool,
    drifted: bool,
    /// Whether all that differs is what an interrupted run did not come to make.
    is_completion: bool,
}

/// One field in its three versions. `recorded` is none where nothing was recorded of the object.
pub(crate) struct Field<'a, T> {
    pub(crate) path: &'a str,
    pub(crate) live: Option<T>,
    pub(crate) wanted: Option<T>,
    pub(crate) recorded: Option<Option<T>>,
}

impl Differences {
    /// Compares a field by equality; says whether it differs.
    pub(crate) fn compare<T: PartialEq + Serialize>(&mut self, field: Field<'_, T>) -> bool {
        self.compare_by(field, |a, b| a == b, |_, _| None)
    }

    /// Compares a policy by meaning; says whether it differs.
    pub(crate) fn compare_policies(&mut self, field: Field<'_, ComparedPolicy<'_>>) -> bool {
        self.compare_by(field, ComparedPolicy::means_the_same_as, |from, to| Some(effect(from, to)))
    }

    /// The fields of what is made.
    pub(crate) fn made_all(&mut self, fields: Vec<FieldChange>) {
        self.fields.extend(fields);
    }

    /// A field of what is made.
    pub(crate) fn made<T: PartialEq + Serialize>(&mut self, path: &str, wanted: T) {
        self.compare(Field { path, live: None, wanted: Some(wanted), recorded: None });
    }

    pub(crate) fn made_policy(&mut self, path: &str, document: &Document) {
        self.compare_policies(Field {
            path,
            live: None,
            wanted: Some(ComparedPolicy::Known(document)),
            recorded: None,
        });
    }

    /// Notes that an interrupted run did not come to make what is at this path. As with what is new, nothing is widened.
    pub(crate) fn completes(&mut self, path: &str) {
        let of_path = self.fields.iter_mut().filter(|field| field.path == path);
        of_path.for_each(|field| field.effect = None);
        self.is_completion = self.fields.iter().all(|field| field.path == path);
    }

    /// A field of what goes.
    pub(crate) fn lost<T: PartialEq + Serialize>(&mut self, path: &str, live: T) {
        self.compare(Field { path, live: Some(live), wanted: None, recorded: None });
    }

    pub(crate) fn lost_policy(&mut self, path: &str, document: &Document) {
        self.compare_policies(Field {
            path,
            live: Some(ComparedPolicy::Known(document)),
            wanted: None,
            recorded: None,
        });
    }

    fn compare_by<T: Serialize>(
        &mut self,
        field: Field<'_, T>,
        same: impl Fn(&T, &T) -> bool,
        effect: impl Fn(Option<&T>, Option<&T>) -> Option<Direction>,
    ) -> bool {
        let Field { path, live, wanted, recorded } = field;
        let same = |a: &Option<T>, b: &Option<T>| match (a, b) {
            (Some(a), Some(b)) => same(a, b),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if same(&live, &wanted) {
            return false;
        }
        if let Some(recorded) = &recorded {
            self.manifest_changed |= !same(recorded, &wanted);
            self.drifted |= !same(recorded, &live);
        }
        let effect = effect(live.as_ref(), wanted.as_ref());
        self.fields.push(FieldChange {
            path: path.to_owned(),
            before: live.as_ref().map(FieldValue::of),
            after: wanted.as_ref().map(FieldValue::of),
            effect,
        });
        true
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub(crate) fn reason(&self) -> Reason {
        match (self.manifest_changed, self.drifted) {
            _ if self.is_completion => Reason::New,
            (true, true) => Reason::ManifestChangedAndDrifted,
            (true, false) => Reason::ManifestChanged,
            (false, true) => Reason::Drifted,
            (false, false) => Reason::DependsOn,
        }
    }
}

/// A policy in one of its versions.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ComparedPolicy<'a> {
    Known(&'a Document),
    /// May name apps whose ids are known only later.
    Planned(&'a Document<Text>),
}

impl ComparedPolicy<'_> {
    fn means_the_same_as(&self, other: &ComparedPolicy<'_>) -> bool {
        match (self, other) {
            (ComparedPolicy::Known(a), ComparedPolicy::Known(b)) => same_meaning(*a, *b),
            (ComparedPolicy::Planned(a), ComparedPolicy::Planned(b)) => same_meaning(*a, *b),
            (ComparedPolicy::Known(known), ComparedPolicy::Planned(planned))
            | (ComparedPolicy::Planned(planned), ComparedPolicy::Known(known)) => {
                settled(planned).is_some_and(|planned| same_meaning(*known, &planned))
            }
        }
    }

    fn planned(&self) -> Cow<'_, Document<Text>> {
        match self {
            ComparedPolicy::Known(document) => Cow::Owned(known(document)),
            ComparedPolicy::Planned(document) => Cow::Borrowed(document),
        }
    }
}

impl Serialize for ComparedPolicy<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.planned().serialize(serializer)
    }
}

/// Which way a policy changes; one that comes grants what it grants, one that goes takes it.
fn effect(from: Option<&ComparedPolicy<'_>>, to: Option<&ComparedPolicy<'_>>) -> Direction {
    match (from, to) {
        (Some(from), Some(to)) => direction(&from.planned(), &to.planned()),
        (None, Some(_)) => Direction::Widens,
        (Some(_), None) => Direction::Narrows,
        (None, None) => Direction::Same,
    }
}

/// A document as planned documents are: every value known.
pub(crate) fn known(document: &Document) -> Document<Text> {
    let Ok(document) = document.clone().map_values(|value| Ok::<_, Infallible>(Text::Known(value)));
    document
}

/// A planned document without an id that is known only later.
fn settled(document: &Document<Text>) -> Option<Document> {
    let values = document.clone().map_values(|value| match value {
        Text::Known(text) => Ok(text),
        Text::After { .. } => Err(()),
    });
    values.ok()
}

/// A planned document as it can be evaluated now: an id that is not known yet equals no id there is.
pub(crate) fn evaluable(document: &Document<Text>) -> Document {
    let Ok(document) = document.clone().map_values(|value| {
        Ok::<_, Infallible>(match value {
            Text::Known(text) => text,
            Text::After { format, .. } => format,
        })
    });
    document
}

/// Which tags are to be written and taken off.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TagChanges {
    /// Declared tags to write.
    pub(crate) set: Tags,
    pub(crate) unset: BTreeSet<String>,
    /// Whether an ownership tag is missing or wrong.
    pub(crate) ownership: bool,
}

/// Compares wanted tags with live ones.
pub(crate) fn compare_tags(
    differences: &mut Differences,
    wanted: &Tags,
    live: &Tags,
    recorded: Option<&Tags>,
) -> TagChanges {
    let mut changes = TagChanges::default();
    let keys: BTreeSet<&String> = wanted.keys().chain(recorded.into_iter().flat_map(|tags| tags.keys())).collect();
    for key in keys {
        if live.get(key) == wanted.get(key) {
            continue;
        }
        differences.compare(Field {
            path: &format!("tags.{key}"),
            live: live.get(key),
            wanted: wanted.get(key),
            recorded: recorded.map(|recorded| recorded.get(key)),
        });
        match wanted.get(key) {
            Some(_) if key.starts_with(PREFIX) => changes.ownership = true,
            Some(value) => {
                changes.set.insert(key.clone(), value.clone());
            }
            None => {
                changes.unset.insert(key.clone());
            }
        }
    }
    changes
}

/// The recorded tags with all that is live as wanted already, whatever the record said.
pub(crate) fn refreshed_tags(wanted: &Tags, live: &Tags, recorded: &Tags) -> Tags {
    let mut refreshed = recorded.clone();
    refreshed.retain(|key, _| wanted.contains_key(key) || live.contains_key(key));
    for (key, value) in wanted.iter().filter(|(key, value)| live.get(*key) == Some(value)) {
        if refreshed.get(key) != Some(value) {
            refreshed.insert(key.clone(), value.clone());
        }
    }
    refreshed
}

/// The declared tags and those of ownership, which are left out while there is no lineage.
pub(crate) fn wanted_tags(declared: &Tags, owner: &Owner<Planned>) -> Tags {
    let mut wanted = declared.clone();
    if let Some(lineage) = &owner.lineage {
        wanted.extend(ownership::tags(&owner.workspace, lineage, &owner.address, owner.origin));
    }
    wanted
}

/// The ownership tags of an object, which forgetting it removes.
pub(crate) fn ownership_keys(live: &Tags) -> BTreeSet<String> {
    live.keys().filter(|key| key.starts_with(PREFIX)).cloned().collect()
}
