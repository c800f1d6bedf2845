//! Parts that services with JSON protocols share: replies, errors and pages.
use crate::wire::Reply;
use serde_json::{Map, Value, json};

pub(crate) struct JsonError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl JsonError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> JsonError {
        JsonError { code, message: message.into() }
    }
}

pub(crate) type Outcome = Result<Value, JsonError>;

pub(crate) fn respond(outcome: Outcome, request_id: &str) -> Reply {
    match outcome {
        Ok(body) => Reply::json11(200, body.to_string(), request_id),
        Err(JsonError { code, message }) => Reply::json11_error(400, code, &message, request_id),
    }
}

/// A required member of the request.
pub(crate) fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, JsonError> {
    let found = body.get(name).and_then(Value::as_str);
    found.ok_or_else(|| JsonError::new("ValidationException", format!("{name} must not be null")))
}

/// A page of `all`, and the token of the next. A token is the number of items before it.
pub(crate) fn slice(
    all: Vec<Value>,
    size: usize,
    token: Option<&str>,
    invalid: &'static str,
) -> Result<(Vec<Value>, Option<String>), JsonError> {
    let start = match token {
        None => 0,
        Some(token) => token.parse().map_err(|_| JsonError::new(invalid, "The token is invalid."))?,
    };
    let count = all.len();
    let page: Vec<Value> = all.into_iter().skip(start).take(size).collect();
    let end = start + page.len();
    Ok((page, (end < count).then(|| end.to_string())))
}

/// A page of `all` under this name, with the token of the next.
pub(crate) fn page(
    name: &str,
    all: Vec<Value>,
    size: usize,
    body: &Map<String, Value>,
    invalid: &'static str,
) -> Outcome {
    let (page, next) = slice(all, size, body.get("NextToken").and_then(Value::as_str), invalid)?;
    let mut reply = json!({ name: page });
    if let Some(next) = next {
        reply["NextToken"] = Value::from(next);
    }
    Ok(reply)
}

/// A size within a request, or the default of the operation where it is none or 0.
pub(crate) fn size(
    body: &Map<String, Value>,
    name: &str,
    default: usize,
    most: usize,
    invalid: &'static str,
) -> Result<usize, JsonError> {
    let asked = body.get(name).and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
    match asked {
        None | Some(0) => Ok(default),
        Some(size) if size <= most => Ok(size),
        Some(_) => Err(JsonError::new(invalid, format!("{name} must be at most {most}."))),
    }
}
