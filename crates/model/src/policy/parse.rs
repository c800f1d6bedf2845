//! Parsing of policy documents. Strict: anything unknown is an error with its place.
use super::document::{Actions, Clause, Document, Effect, PrincipalClause, Resources, Statement, Version};
use super::json::Json;
use super::name::Name;
use super::operator::Operator;
use super::principal::Principal;
use super::text::ConditionValue;
use super::write::SPELLINGS_OF_ONE_CLAUSE;
use crate::sorted_set::SortedSet;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("the policy is not percent-encoded UTF-8")]
    Encoding,
    /// Not JSON, or JSON with a duplicate key.
    #[error("the policy is not JSON: {0}")]
    Json(String),
    /// JSON, but not a policy.
    #[error("the policy's {at} {problem}")]
    Shape {
        /// For example `Statement[0].Action`.
        at: String,
        problem: String,
    },
}

impl Document {
    /// Parses a document as IAM returns it: percent-encoded by RFC 3986 (a `+` is a plus), or raw if it starts with
    /// `{`. Source: IAM API reference, GetRole ("URL-encoded compliant with RFC 3986").
    pub fn from_wire(text: &str) -> Result<Document, PolicyError> {
        if text.trim_start().starts_with('{') {
            Document::from_json(text)
        } else {
            Document::from_json(&percent_decoded(text)?)
        }
    }

    pub fn from_json(text: &str) -> Result<Document, PolicyError> {
        document(serde_json::from_str(text).map_err(|error| PolicyError::Json(error.to_string()))?)
    }
}

impl<'de, V: ConditionValue> serde::Deserialize<'de> for Document<V> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        document(Json::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Decodes only `%XX`: by RFC 3986 a `+` is a plus.
fn percent_decoded(text: &str) -> Result<String, PolicyError> {
    let decoded: Vec<u8> = percent_encoding::percent_decode_str(text).collect();
    // Each escape gets two bytes shorter; a broken one is left as it is.
    let escapes = text.bytes().filter(|byte| *byte == b'%').count();
    if decoded.len() + 2 * escapes != text.len() {
        return Err(PolicyError::Encoding);
    }
    String::from_utf8(decoded).map_err(|_| PolicyError::Encoding)
}

fn wrong<T>(at: &str, problem: impl Into<String>) -> Result<T, PolicyError> {
    Err(PolicyError::Shape { at: at.to_owned(), problem: problem.into() })
}

fn wrong_kind<T>(at: &str, expected: &str, found: &Json) -> Result<T, PolicyError> {
    wrong(at, format!("is {}, not {expected}", found.kind()))
}

fn document<V: ConditionValue>(json: Json) -> Result<Document<V>, PolicyError> {
    let (mut version, mut id, mut statements) = (Version::V2008, None, None);
    for (key, value) in object("document", json)? {
        match key.as_str() {
            "Version" => version = read_version(&string("Version", value)?)?,
            "Id" => id = Some(string("Id", value)?),
            "Statement" => statements = Some(read_statements(value)?),
            other => return wrong("document", format!("has an unknown element `{other}`")),
        }
    }
    match statements {
        Some(statements) => Ok(Document { version, id, statements: Arc::new(statements) }),
        None => wrong("document", "has no Statement"),
    }
}

fn read_version(text: &str) -> Result<Version, PolicyError> {
    match text {
        "2008-10-17" => Ok(Version::V2008),
        "2012-10-17" => Ok(Version::V2012),
        other => wrong("Version", format!("is `{other}`, not 2012-10-17 or 2008-10-17")),
    }
}

fn read_statements<V: ConditionValue>(json: Json) -> Result<Vec<Statement<V>>, PolicyError> {
    let list = match json {
        Json::List(list) => list,
        one => vec![one],
    };
    let mut statements = Vec::with_capacity(list.len());
    for (at, json) in list.into_iter().enumerate() {
        statements.push(read_statement(&format!("Statement[{at}]"), json)?);
    }
    Ok(statements)
}

fn read_statement<V: ConditionValue>(at: &str, json: Json) -> Result<Statement<V>, PolicyError> {
    let (mut sid, mut effect, mut condition) = (None, None, SortedSet::default());
    let (mut principal, mut action, mut resource) = (OneOf::new(at), OneOf::new(at), OneOf::new(at));
    for (key, value) in object(at, json)? {
        let inside = format!("{at}.{key}");
        match key.as_str() {
            "Sid" => sid = Some(string(&inside, value)?),
            "Effect" => effect = Some(read_effect(&inside, &string(&inside, value)?)?),
            "Principal" => principal.put(PrincipalClause::Principal(read_principals(&inside, value)?))?,
            "NotPrincipal" => principal.put(PrincipalClause::NotPrincipal(read_principals(&inside, value)?))?,
            "Action" => action.put(Actions::Action(read_actions(&inside, value)?))?,
            "NotAction" => action.put(Actions::NotAction(read_actions(&inside, value)?))?,
            "Resource" => resource.put(Resources::Resource(some_strings(&inside, value)?))?,
            "NotResource" => resource.put(Resources::NotResource(some_strings(&inside, value)?))?,
            "Condition" => condition = read_condition(&inside, value)?,
            _ => return wrong(at, format!("has an unknown element `{key}`")),
        }
    }
    let Some(effect) = effect else { return wrong(at, "has no Effect") };
    let Some(action) = action.value else { return wrong(at, "has neither Action nor NotAction") };
    let principal = match principal.value {
        Some(PrincipalClause::Principal(none)) if none.is_empty() => None,
        Some(PrincipalClause::NotPrincipal(none)) if none.is_empty() => {
            return wrong(at, "has an empty NotPrincipal");
        }
        clause => clause,
    };
    Ok(Statement { sid, effect, principal, action, resource: resource.value, condition })
}

/// An element with a `Not` form. A statement has at most one of the two.
struct OneOf<'a, T> {
    at: &'a str,
    value: Option<T>,
}

impl<'a, T> OneOf<'a, T> {
    fn new(at: &'a str) -> Self {
        OneOf { at, value: None }
    }

    fn put(&mut self, value: T) -> Result<(), PolicyError> {
        match self.value.replace(value) {
            None => Ok(()),
            Some(_) => wrong(self.at, "has both an element and its Not form"),
        }
    }
}

fn read_effect(at: &str, text: &str) -> Result<Effect, PolicyError> {
    match text {
        // Case-sensitive. Source: IAM user guide, "IAM JSON policy elements: Effect".
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        _ => wrong(at, format!("is `{text}`, not Allow or Deny")),
    }
}

fn read_principals(at: &str, json: Json) -> Result<SortedSet<Principal>, PolicyError> {
    let entries = match json {
        Json::String(text) if text == "*" => return Ok(SortedSet::from([Principal::Anyone])),
        Json::Object(entries) => entries,
        other => return wrong_kind(at, "`*` or an object", &other),
    };
    let mut principals = Vec::new();
    for (kind, value) in entries {
        for text in strings(&format!("{at}.{kind}"), value)? {
            match Principal::read(&kind, &text) {
                Some(principal) => principals.push(principal),
                None => return wrong(at, format!("has an unknown kind of principal `{kind}`")),
            }
        }
    }
    Ok(principals.into())
}

fn read_actions(at: &str, json: Json) -> Result<SortedSet<Name>, PolicyError> {
    Ok(some_strings(at, json)?.into_iter().map(Name::from).collect())
}

fn read_condition<V: ConditionValue>(at: &str, json: Json) -> Result<SortedSet<Clause<V>>, PolicyError> {
    let (mut clauses, mut spellings) = (Vec::new(), BTreeMap::new());
    for (name, keys) in object(at, json)? {
        let Ok(operator) = name.parse::<Operator>() else {
            return wrong(at, format!("has an unknown operator `{name}`"));
        };
        let inside = format!("{at}.{name}");
        for (key, json) in object(&inside, keys)? {
            let key = Name::from(key);
            let count: &mut usize = spellings.entry((operator, key.clone())).or_default();
            *count += 1;
            if *count > SPELLINGS_OF_ONE_CLAUSE {
                return wrong(&inside, format!("spells `{key}` in too many ways to be told apart"));
            }
            let values = read_values(&format!("{inside}.{key}"), json)?;
            clauses.push(Clause { operator, key, values });
        }
    }
    Ok(clauses.into())
}

fn read_values<V: ConditionValue>(at: &str, json: Json) -> Result<SortedSet<V>, PolicyError> {
    let list = match json {
        Json::List(list) => list,
        one => vec![one],
    };
    let read = |json: &Json| V::from_json(json).map_or_else(|| wrong_kind(at, "a condition value", json), Ok);
    list.iter().map(read).collect()
}

fn object(at: &str, json: Json) -> Result<Vec<(String, Json)>, PolicyError> {
    match json {
        Json::Object(entries) => Ok(entries),
        other => wrong_kind(at, "an object", &other),
    }
}

fn string(at: &str, json: Json) -> Result<String, PolicyError> {
    match json {
        Json::String(text) => Ok(text),
        other => wrong_kind(at, "a string", &other),
    }
}

fn strings(at: &str, json: Json) -> Result<SortedSet<String>, PolicyError> {
    match json {
        // IAM accepts nulls in a list, and ignores them.
        Json::List(list) => {
            list.into_iter().filter(|item| *item != Json::Null).map(|item| string(at, item)).collect()
        }
        Json::String(text) => Ok(SortedSet::from([text])),
        other => wrong_kind(at, "a string or a list of strings", &other),
    }
}

fn some_strings(at: &str, json: Json) -> Result<SortedSet<String>, PolicyError> {
    let strings = strings(at, json)?;
    if strings.is_empty() { wrong(at, "is an empty list") } else { Ok(strings) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        Document::from_json(text).unwrap_err().to_string()
    }

    fn statement_problem(elements: &str) -> String {
        problem(&format!(r#"{{"Version": "2012-10-17", "Statement": [{{{elements}}}]}}"#))
    }

    #[test]
    fn what_is_not_a_policy_is_an_error_with_its_place() {
        assert!(problem("").contains("not JSON"));
        assert!(problem("[]").contains("document is a list, not an object"));
        assert!(problem("{}").contains("no Statement"));
        assert!(problem(r#"{"Statement": [], "Statements": []}"#).contains("unknown element `Statements`"));
        assert!(problem(r#"{"Statement": [], "Statement": []}"#).contains("`Statement` stands twice"));
        assert!(problem(r#"{"Version": "2012-10-18", "Statement": []}"#).contains("`2012-10-18`"));
        assert!(problem(r#"{"Version": 2012, "Statement": []}"#).contains("Version is a number"));
        assert!(problem(r#"{"Statement": "Allow"}"#).contains("Statement[0] is a string"));
    }

    #[test]
    fn a_statement_needs_an_effect_and_one_kind_of_action() {
        assert!(statement_problem(r#""Action": "a:b""#).contains("Statement[0] has no Effect"));
        assert!(statement_problem(r#""Effect": "Allow""#).contains("neither Action nor NotAction"));
        for effect in ["Permit", "allow", "DENY"] {
            let problem = statement_problem(&format!(r#""Effect": "{effect}", "Action": "a:b""#));
            assert!(problem.contains(&format!("`{effect}`")), "{problem}");
        }
        let both = r#""Effect": "Allow", "Action": "a:b", "NotAction": "a:c""#;
        assert!(statement_problem(both).contains("both an element and its Not form"));
        assert!(statement_problem(r#""Effect": "Allow", "Action": []"#).contains("empty list"));
        assert!(statement_problem(r#""Effect": "Allow", "Action": true"#).contains("is a boolean"));
    }

    #[test]
    fn nulls_in_a_list_and_conditions_without_keys_say_nothing() {
        let document = |resource: &str, condition: &str| {
            Document::from_json(&format!(
                r#"{{"Statement": {{"Effect": "Allow", "Action": "a:b", "Resource": {resource}{condition}}}}}"#
            ))
        };
        let plain = document(r#""arn:x""#, "").unwrap();
        assert_eq!(document(r#"["arn:x", null]"#, "").unwrap(), plain);
        assert_eq!(document(r#""arn:x""#, r#", "Condition": {"StringEquals": {}}"#).unwrap(), plain);
        assert!(document("[null]", "").unwrap_err().to_string().contains("empty list"));
    }

    #[test]
    fn principals_and_conditions_have_known_shapes() {
        let with = |rest: &str| statement_problem(&format!(r#""Effect": "Allow", "Action": "a:b", {rest}"#));
        assert!(with(r#""Principal": "pinpoint.amazonaws.com""#).contains("not `*` or an object"));
        assert!(with(r#""Principal": {"service": "x"}"#).contains("unknown kind of principal `service`"));
        assert!(with(r#""NotPrincipal": {}"#).contains("empty NotPrincipal"));
        assert!(with(r#""Condition": {"StringIs": {"k": "v"}}"#).contains("unknown operator `StringIs`"));
        assert!(with(r#""Condition": {"Bool": {"k": null}}"#).contains("Condition.Bool.k is null"));
        assert!(with(r#""Condition": {"Bool": {"k": [["v"]]}}"#).contains("is a list"));
        assert!(with(r#""Condition": {"Bool": "k"}"#).contains("is a string, not an object"));
    }

    #[test]
    fn one_clause_in_very_many_spellings_is_refused_rather_than_lost() {
        let key = |n: usize| (0..5).map(|bit| if n >> bit & 1 == 1 { 'A' } else { 'a' }).collect::<String>();
        let keys = |n: usize| (0..n).map(|n| format!("\"{}\": \"{n}\"", key(n))).collect::<Vec<_>>().join(", ");
        let text = |n: usize| {
            let condition = format!(r#"{{"Bool": {{{}}}}}"#, keys(n));
            format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "a:b", "Condition": {condition}}}}}"#)
        };
        let most = Document::from_json(&text(SPELLINGS_OF_ONE_CLAUSE)).unwrap();
        assert_eq!(most.statements[0].condition.len(), SPELLINGS_OF_ONE_CLAUSE);
        assert_eq!(Document::from_json(&most.to_json()), Ok(most));
        assert!(problem(&text(SPELLINGS_OF_ONE_CLAUSE + 1)).contains("too many ways"));
    }

    #[test]
    fn a_plus_stays_a_plus_and_broken_escapes_are_refused() {
        let raw = r#"{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"arn:a+b%2F"}}"#;
        let encoded = percent_encoding::utf8_percent_encode(raw, percent_encoding::NON_ALPHANUMERIC).to_string();
        assert_eq!(Document::from_wire(&encoded), Document::from_json(raw));
        assert_eq!(Document::from_wire(&encoded.replace("%2B", "+")), Document::from_json(raw));
        assert_eq!(Document::from_wire(&format!("\n {raw}")), Document::from_json(raw));
        for broken in ["%7", "%7B%zz%7D", "%7B%FF%7D", "%7B%+1"] {
            assert_eq!(Document::from_wire(broken), Err(PolicyError::Encoding), "{broken}");
        }
    }
}
