//! Values of a plan that are unknown until a step has run: `(known after app.blog)`.
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::policy::{Document, Text};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::convert::Infallible;

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

    /// As JSON, or the placeholder of what is unknown as a whole.
    pub(super) fn text(&self, value: &Value) -> String {
        self.whole(value).unwrap_or_else(|| self.fill(value).to_string())
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
    pub(super) fn whole(&self, value: &Value) -> Option<String> {
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
    pub(super) fn policy(&self, value: &Value) -> Option<Document> {
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
