//! JSON for policies: objects keep the order of keys and have no duplicate keys.
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;

/// A JSON value. Unlike `serde_json::Value` it rejects duplicate keys, and keeps the order of keys with any cargo
/// features.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    /// The digits as text.
    Number(String),
    String(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The type, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }

    /// Pretty-printed without trailing commas, so that a line diff does not depend on the next line.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.push_lines("", 0, &mut lines);
        lines
    }

    fn push_lines(&self, label: &str, depth: usize, lines: &mut Vec<String>) {
        let indent = "  ".repeat(depth);
        match self {
            Json::List(list) if !list.is_empty() => {
                lines.push(format!("{indent}{label}["));
                list.iter().for_each(|item| item.push_lines("", depth + 1, lines));
                lines.push(format!("{indent}]"));
            }
            Json::Object(entries) if !entries.is_empty() => {
                lines.push(format!("{indent}{label}{{"));
                for (key, value) in entries {
                    value.push_lines(&format!("{}: ", quoted(key)), depth + 1, lines);
                }
                lines.push(format!("{indent}}}"));
            }
            scalar => lines.push(format!("{indent}{label}{scalar}")),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comma = |at: usize| if at == 0 { "" } else { "," };
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(truth) => write!(f, "{truth}"),
            Json::Number(text) => f.write_str(text),
            Json::String(text) => f.write_str(&quoted(text)),
            Json::List(list) => {
                f.write_str("[")?;
                list.iter().enumerate().try_for_each(|(at, item)| write!(f, "{}{item}", comma(at)))?;
                f.write_str("]")
            }
            Json::Object(entries) => {
                f.write_str("{")?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{}:{value}", comma(at), quoted(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(truth) => serializer.serialize_bool(*truth),
            Json::Number(text) => match text.parse::<serde_json::Number>() {
                Ok(number) => number.serialize(serializer),
                Err(_) => serializer.serialize_str(text),
            },
            Json::String(text) => serializer.serialize_str(text),
            Json::List(list) => serializer.collect_seq(list),
            Json::Object(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

/// 2^53: from here on a 64-bit float cannot hold every integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Bool(truth))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Json, E> {
        if number.abs() < EXACT {
            Ok(Json::Number(serde_json::Value::from(number).to_string()))
        } else {
            Err(E::custom("the number is too large to be kept exactly; write it as a string"))
        }
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry::<String, Json>()? {
            entries.push(entry);
        }
        let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        match keys.iter().zip(keys.iter().skip(1)).find(|(key, next)| key == next) {
            Some((key, _)) => Err(A::Error::custom(format!("the key `{key}` stands twice in one object"))),
            None => Ok(Json::Object(entries)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> serde_json::Result<Json> {
        serde_json::from_str(text)
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        let error = parse(r#"{"a": {"b": 1, "b": 1}}"#).unwrap_err().to_string();
        assert!(error.contains("`b` stands twice"), "{error}");
    }

    #[test]
    fn what_is_read_is_written_back() {
        let text = r#"{"z":[1,-2,0.5,"a\"\n",true,null,[],{}],"a":{"y":"","x":"é"}}"#;
        let json = parse(text).unwrap();
        assert_eq!(json.to_string(), text);
        assert_eq!(serde_json::to_string(&json).unwrap(), text);
    }

    #[test]
    fn a_number_that_would_lose_digits_is_refused() {
        assert!(parse("[123456789012345678901234567890]").is_err());
        assert_eq!(parse("18446744073709551615").unwrap(), Json::Number(u64::MAX.to_string()));
    }

    #[test]
    fn a_line_does_not_change_because_another_follows_it() {
        let (one, two) = (parse(r#"{"a": ["x"]}"#).unwrap(), parse(r#"{"a": ["x", "y"]}"#).unwrap());
        assert_eq!(one.lines(), ["{", "  \"a\": [", "    \"x\"", "  ]", "}"]);
        assert_eq!(two.lines(), ["{", "  \"a\": [", "    \"x\"", "    \"y\"", "  ]", "}"]);
    }
}
