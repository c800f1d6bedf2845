//! The same policy in other words.
use serde_json::{Map, Value};

#[track_caller]
pub(crate) fn respelled(text: &str) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("not JSON: {error}"));
    if let Some(statements) = document.get_mut("Statement") {
        turn_round(statements);
        match statements {
            Value::Array(list) => list.iter_mut().for_each(respell_statement),
            one => respell_statement(one),
        }
    }
    document.to_string()
}

fn respell_statement(statement: &mut Value) {
    let Value::Object(statement) = statement else { return };
    // A Sid says nothing; in identity policies it is of letters and digits alone.
    statement.insert("Sid".to_owned(), Value::from("OutsideChanges"));
    for name in ["Action", "NotAction"] {
        if let Some(actions) = statement.get_mut(name) {
            each_text(actions, |action| *action = action.to_ascii_uppercase());
            turn_round(actions);
        }
    }
    for name in ["Resource", "NotResource"] {
        statement.get_mut(name).into_iter().for_each(turn_round);
    }
    for name in ["Principal", "NotPrincipal"] {
        if let Some(Value::Object(kinds)) = statement.get_mut(name) {
            kinds.values_mut().for_each(turn_round);
        }
    }
    if let Some(Value::Object(operators)) = statement.get_mut("Condition") {
        let respelled = std::mem::take(operators).into_iter().map(|(operator, keys)| {
            let operator = if operator == "ArnLike" { "ArnEquals".to_owned() } else { operator };
            (operator, with_keys_respelled(keys))
        });
        *operators = respelled.collect();
    }
}

fn with_keys_respelled(keys: Value) -> Value {
    let Value::Object(keys) = keys else { return keys };
    let respelled: Map<_, _> = keys
        .into_iter()
        .map(|(key, mut values)| {
            turn_round(&mut values);
            (key.to_ascii_lowercase(), values)
        })
        .collect();
    respelled.into()
}

/// A list the other way round; a list of one without its brackets, and one value with them.
fn turn_round(value: &mut Value) {
    *value = match value.take() {
        Value::Array(mut list) if list.len() == 1 => list.remove(0),
        Value::Array(mut list) => {
            list.reverse();
            list.into()
        }
        one => vec![one].into(),
    };
}

fn each_text(value: &mut Value, mut change: impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(list) => list.iter_mut().for_each(|entry| {
            if let Value::String(text) = entry {
                change(text);
            }
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::policy::{Document, same_meaning};

    #[test]
    fn a_policy_that_is_respelled_means_the_same() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"a.amazonaws.com"},
            "Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:a:b:c:d","arn:aws:a:b:c:e"]},
            "StringEquals":{"aws:SourceAccount":"1"}}},{"Effect":"Deny","Principal":"*","Action":["a:B","a:C"]}]}"#;
        let other = respelled(text);
        assert!(other.contains("A:C") && other.contains("ArnEquals"), "{other}");
        let (before, after) = (Document::from_json(text).unwrap(), Document::from_json(&other).unwrap());
        assert!(same_meaning(&before, &after), "{other}");
    }
}
