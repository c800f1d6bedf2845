//! Text that is known now or after a step of the plan, and the trait of condition values.
use super::json::Json;
use crate::StepId;
use std::fmt;

/// A text in a plan. The only unknown text is one that contains the id of an app that the plan creates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Text {
    Known(String),
    After {
        after_step: StepId,
        /// Contains one `{}` for the step's result.
        format: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    Text(&'a str),
    Hole(StepId),
}

/// A condition value: `String`, or [`Text`] in a plan.
pub trait ConditionValue: Ord + Clone + fmt::Debug + fmt::Display + From<String> {
    fn parts(&self) -> Vec<Part<'_>>;

    /// Rewrites the known parts.
    fn map_text(&self, rewrite: impl Fn(&str) -> String) -> Self;

    /// Booleans and numbers are converted to text.
    fn from_json(json: &Json) -> Option<Self>;

    fn to_json(&self) -> Json;
}

impl ConditionValue for String {
    fn parts(&self) -> Vec<Part<'_>> {
        vec![Part::Text(self)]
    }

    fn map_text(&self, rewrite: impl Fn(&str) -> String) -> Self {
        rewrite(self)
    }

    fn from_json(json: &Json) -> Option<Self> {
        match json {
            Json::String(text) | Json::Number(text) => Some(text.clone()),
            Json::Bool(truth) => Some(truth.to_string()),
            Json::Null | Json::List(_) | Json::Object(_) => None,
        }
    }

    fn to_json(&self) -> Json {
        Json::String(self.clone())
    }
}

const HOLE: &str = "{}";

impl Text {
    /// The text with the step's result filled in.
    pub fn fill(&self, result: &str) -> String {
        match self {
            Text::Known(text) => text.clone(),
            Text::After { after_step: _, format } => format.replacen(HOLE, result, 1),
        }
    }

    pub fn known(&self) -> Option<&str> {
        match self {
            Text::Known(text) => Some(text),
            Text::After { .. } => None,
        }
    }
}

impl ConditionValue for Text {
    fn parts(&self) -> Vec<Part<'_>> {
        match self {
            Text::Known(text) => vec![Part::Text(text)],
            Text::After { after_step, format } => match format.split_once(HOLE) {
                Some((before, after)) => vec![Part::Text(before), Part::Hole(*after_step), Part::Text(after)],
                None => vec![Part::Text(format)],
            },
        }
    }

    fn map_text(&self, rewrite: impl Fn(&str) -> String) -> Self {
        match self {
            Text::Known(text) => Text::Known(rewrite(text)),
            Text::After { after_step, format } => Text::After { after_step: *after_step, format: rewrite(format) },
        }
    }

    fn from_json(json: &Json) -> Option<Self> {
        let Json::Object(entries) = json else { return String::from_json(json).map(Text::Known) };
        let (mut after_step, mut format) = (None, None);
        for (key, value) in entries {
            match (key.as_str(), value) {
                ("after_step", Json::Number(number)) => after_step = Some(StepId(number.parse().ok()?)),
                ("format", Json::String(text)) => format = Some(text.clone()),
                _ => return None,
            }
        }
        let format = format.filter(|format| format.matches(HOLE).count() == 1)?;
        Some(Text::After { after_step: after_step?, format })
    }

    fn to_json(&self) -> Json {
        match self {
            Text::Known(text) => Json::String(text.clone()),
            Text::After { after_step, format } => Json::Object(vec![
                ("after_step".to_owned(), Json::Number(after_step.to_string())),
                ("format".to_owned(), Json::String(format.clone())),
            ]),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Text::Known(text) => f.write_str(text),
            Text::After { after_step, format } => {
                f.write_str(&format.replacen(HOLE, &format!("(known after step {after_step})"), 1))
            }
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::Known(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::Known(text.to_owned())
    }
}

impl serde::Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ConditionValue::to_json(self).serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        let text = match json {
            Json::String(_) | Json::Object(_) => Text::from_json(&json),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::List(_) => None,
        };
        text.ok_or_else(|| {
            serde::de::Error::custom("expected a text, or {\"after_step\": N, \"format\": \"…{}…\"}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown() -> Text {
        Text::After {
            after_step: StepId(1),
            format: "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/{}".into(),
        }
    }

    #[test]
    fn an_unknown_says_which_step_settles_it() {
        assert_eq!(
            serde_json::to_string(&unknown()).unwrap(),
            r#"{"after_step":1,"format":"arn:aws:mobiletargeting:eu-west-1:123456789012:apps/{}"}"#
        );
        assert!(unknown().to_string().ends_with("apps/(known after step 1)"));
        assert!(unknown().fill("abc").ends_with("apps/abc"));
    }

    #[test]
    fn texts_read_back_what_they_write() {
        for text in [Text::from("a{}b"), unknown()] {
            let json = serde_json::to_string(&text).unwrap();
            assert_eq!(serde_json::from_str::<Text>(&json).unwrap(), text);
        }
    }

    #[test]
    fn an_unknown_without_its_place_is_refused() {
        for bad in
            [r#"{"after_step":1}"#, r#"{"after_step":1,"format":"a"}"#, r#"{"after_step":1,"format":"{}","x":1}"#]
        {
            assert!(serde_json::from_str::<Text>(bad).is_err(), "{bad}");
        }
    }
}
