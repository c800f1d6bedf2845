//! JSON in which a name occurs twice in one object. Parsers differ in which value they take (RFC 8259, section 4), so such a
//! document says one thing to this program and another to the next.
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

/// Checks that a JSON document is well-formed and that no object in it has a name twice.
///
/// # Errors
/// The place and the name.
pub fn check(json: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<Unique>(json).map(|Unique| ())
}

/// Any value, of which nothing is kept.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Unique, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

/// The name of a member: borrowed from the document unless it has escapes.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct MemberName<'a>(#[serde(borrow)] Cow<'a, str>);

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<MemberName<'de>>()? {
            map.next_value::<Unique>()?;
            if let Some(MemberName(twice)) = names.replace(name) {
                return Err(A::Error::custom(format!("the name `{twice}` occurs twice")));
            }
        }
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        while items.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_unit<E: Error>(self) -> Result<Unique, E> {
        Ok(Unique)
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_name_may_occur_once_in_each_object() {
        for json in
            [r#"{"a":{"a":[{"a":1.5},{"a":-1}]},"b":null,"c":true}"#, "[]", "3", r#""a""#, r#"{"a":1,"A":1}"#]
        {
            check(json.as_bytes()).unwrap();
        }
        for json in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"x":2,"\u0061":3}}]"#] {
            let error = check(json.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(r#"the name `a` occurs twice at line 1"#), "{error}");
        }
        check(b"{").unwrap_err();
    }
}
