//! The value of a field before and after a change.
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Any JSON. Kept as text, since the tree of a policy takes ten times the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValue {
    /// Compact, the fields of every object in alphabetical order: equal values are equal texts.
    text: Box<str>,
}

impl FieldValue {
    /// Our own types always have a JSON form.
    pub fn of(value: &impl Serialize) -> FieldValue {
        let value = serde_json::to_value(value).unwrap_or_default();
        FieldValue { text: value.to_string().into() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldValue, D::Error> {
        Ok(FieldValue::of(&Value::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_it_was_made_of_whatever_the_order_of_its_fields() {
        let read = |text: &str| serde_json::from_str::<FieldValue>(text).unwrap();
        let value = read(r#"{"b": [1, {"d": null, "c": "ä"}], "a": true}"#);
        assert_eq!(value, read(r#"{"a": true, "b": [1, {"c": "ä", "d": null}]}"#));
        assert_ne!(value, read(r#"{"a": true, "b": [1, {"c": "a", "d": null}]}"#));
        assert_eq!(FieldValue::of(&value.json()), value);
        assert_eq!(serde_json::to_value(&value).unwrap(), value.json());
    }
}
