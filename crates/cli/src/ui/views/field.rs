//! The fields of one change: policies as line diffs, everything else as `before -> after`.
use super::diff::{self, Context};
use crate::ui::escape::{escape, escape_json};
use crate::ui::style::{ADDED, CHANGED, QUIET, REMOVED, paint};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_model::plan::{Action, FieldChange, FieldValue, Plan};
use pinpoint_streams_model::policy::{Direction, Document, Text};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;

/// How much of each change is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The changed fields of existing resources; policies with two lines around each change.
    Changes,
    /// Every field and complete policies, also of resources that are created or deleted.
    Everything,
}

impl Detail {
    /// What `--diff` asks for.
    pub(crate) fn of(diff: bool) -> Detail {
        if diff { Detail::Everything } else { Detail::Changes }
    }
}

#[derive(Debug)]
pub(super) struct Fields<'a> {
    pub(super) unknowns: Unknowns<'a>,
    pub(super) detail: Detail,
    pub(super) with_notes: bool,
}

const INDENT: &str = "      ";

impl Fields<'_> {
    /// One or more lines a field. The fields of a create or delete are shown only with [`Detail::Everything`].
    pub(super) fn of(&self, action: Action, fields: &[FieldChange]) -> String {
        let in_place = matches!(action, Action::Update | Action::Replace | Action::Adopt);
        if !in_place && self.detail == Detail::Changes {
            return String::new();
        }
        fields.iter().map(|field| self.field(field, in_place)).collect()
    }

    fn field(&self, field: &FieldChange, in_place: bool) -> String {
        let FieldChange { path, before, after, effect } = field;
        let path = escape(path);
        let effect = effect.map(effect_label).unwrap_or_default();
        match self.policies(field) {
            Some((before, after)) => {
                let context = match self.detail {
                    Detail::Changes => Context::Near,
                    Detail::Everything => Context::Whole,
                };
                let effect = paint(CHANGED, effect);
                format!("{INDENT}{path}{effect}:\n{}", diff::lines(&before, &after, context, "        "))
            }
            None => {
                let mut text = format!("{INDENT}{path}{effect}: ");
                let (before, after) = (
                    before.as_ref().map(|v| self.value(&v.json())),
                    after.as_ref().map(|v| self.value(&v.json())),
                );
                let none = paint(QUIET, "none");
                let _ = match (before, after) {
                    (None, Some(after)) if !in_place => writeln!(text, "{}", paint(ADDED, after)),
                    (Some(before), None) if !in_place => writeln!(text, "{}", paint(REMOVED, before)),
                    (Some(before), Some(after)) => writeln!(text, "{before} -> {after}"),
                    (None, Some(after)) => writeln!(text, "{none} -> {after}"),
                    (Some(before), None) => writeln!(text, "{before} -> {none}"),
                    (None, None) => writeln!(text, "{none}"),
                };
                text
            }
        }
    }

    /// Both sides as canonical lines, if the field is a policy.
    fn policies(&self, field: &FieldChange) -> Option<(Vec<String>, Vec<String>)> {
        if field.path != "trust_policy" && !field.path.starts_with("inline_policies.") {
            return None;
        }
        let lines = |value: &Option<FieldValue>| match value {
            None => Some(Vec::new()),
            Some(value) => Some(self.unknowns.policy(&value.json())?.canonical_lines()),
        };
        Some((lines(&field.before)?, lines(&field.after)?))
    }

    fn value(&self, value: &Value) -> String {
        match self.unknowns.whole(value) {
            Some(words) => escape(&words).into_owned(),
            None => escape_json(&self.unknowns.fill(value).to_string()).into_owned(),
        }
    }
}

fn effect_label(effect: Direction) -> &'static str {
    match effect {
        Direction::Same => " (grants the same)",
        Direction::Widens => " (widens)",
        Direction::Narrows => " (narrows)",
        Direction::Both => " (widens and narrows)",
    }
}

/// The address of each step, for values that are unknown until it has run: `(known after app.blog)`.
#[derive(Debug)]
pub(super) struct Unknowns<'a>(BTreeMap<StepId, &'a Address>);

impl<'a> Unknowns<'a> {
    pub(super) fn of(plan: &'a Plan) -> Unknowns<'a> {
        Unknowns(plan.steps.iter().map(|step| (step.id, &step.address)).collect())
    }

    fn words(&self, step: StepId) -> String {
        match self.0.get(&step) {
            Some(address) => format!("(known after {address})"),
            None => format!("(known after step {step})"),
        }
    }

    /// Replaces unknown parts by placeholders.
    fn fill(&self, value: &Value) -> Value {
        match value {
            Value::Object(object) => match self.unknown(object) {
                Some(words) => Value::String(words),
                None => Value::Object(object.iter().map(|(k, v)| (k.clone(), self.fill(v))).collect()),
            },
            Value::Array(values) => values.iter().map(|value| self.fill(value)).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }

    /// The placeholder of a value that is unknown as a whole: `{"after_step": 1}`.
    fn whole(&self, value: &Value) -> Option<String> {
        value.as_object().filter(|object| !object.contains_key("format")).and_then(|object| self.unknown(object))
    }

    fn unknown(&self, object: &Map<String, Value>) -> Option<String> {
        let step = StepId(object.get("after_step")?.as_u64()?.try_into().ok()?);
        let words = self.words(step);
        match (object.len(), object.get("format").and_then(Value::as_str)) {
            (1, _) => Some(words),
            (2, Some(format)) => Some(format.replacen("{}", &words, 1)),
            _ => None,
        }
    }

    /// A policy with placeholders for unknown parts; `None` if the value is not a policy.
    fn policy(&self, value: &Value) -> Option<Document> {
        let document: Document<Text> = serde_json::from_value(value.clone()).ok()?;
        let Ok(filled) = document.map_values(|text| {
            Ok::<_, Infallible>(match &text {
                Text::Known(known) => known.clone(),
                Text::After { after_step, format: _ } => text.fill(&self.words(*after_step)),
            })
        });
        Some(filled)
    }
}
