//! What becomes of the body of an answer.
use super::{Answer, Oddity};
use serde_json::{Value, json};

const PAGE: &str = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please log in</body></html>";
/// One byte more than the adapter reads.
const HUGE: usize = (128 << 20) + 1;

/// None for an answer that cannot be odd so.
pub(super) fn edited(oddity: Oddity, genuine: &Answer) -> Option<Answer> {
    let with = |status: u16, body: &[u8]| Some(Answer { status, body: body.to_owned(), ..genuine.clone() });
    let typed = |answer: Answer, content_type: &str| {
        let mut headers = answer.headers;
        headers.retain(|(name, _)| name != "content-type");
        headers.push(("content-type".to_owned(), content_type.to_owned()));
        Answer { headers, ..answer }
    };
    let page = |status| with(status, PAGE.as_bytes()).map(|answer| typed(unnamed(answer), "text/html"));
    let (status, body) = (genuine.status, &genuine.body);
    match oddity {
        Oddity::EmptyBody => with(200, b""),
        Oddity::EmptyObject => with(200, b"{}"),
        Oddity::NoContent => with(204, b""),
        Oddity::Html => page(200),
        Oddity::HtmlForbidden => page(403),
        Oddity::HtmlNotFound => page(404),
        Oddity::NullMembers => with(status, &nulls(body)?),
        Oddity::Lacks(nth) => with(status, &without(body, nth)?),
        Oddity::Truncated => with(status, body.get(..body.len() / 2)?),
        Oddity::LastByteMissing => with(status, body.split_last()?.1),
        Oddity::InvalidUtf8 => with(status, &with_invalid_utf8(body)?),
        Oddity::WrongContentType => Some(typed(genuine.clone(), "text/html")),
        Oddity::RepeatedToken => with(status, &with_token(body)?),
        Oddity::Huge => {
            let mut body = body.clone();
            body.resize(HUGE, b' ');
            with(status, &body)
        }
        _ => None,
    }
}

/// Without AWS's name for the request and for the error.
fn unnamed(answer: Answer) -> Answer {
    let mut headers = answer.headers;
    headers.retain(|(name, _)| !name.starts_with("x-amz"));
    Answer { headers, ..answer }
}

fn parsed(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok().filter(Value::is_object)
}

fn nulls(body: &[u8]) -> Option<Vec<u8>> {
    if let Some(Value::Object(members)) = parsed(body) {
        let members = members.into_iter().map(|(name, _)| (name, Value::Null));
        return Some(Value::Object(members.collect()).to_string().into_bytes());
    }
    let text = std::str::from_utf8(body).ok()?;
    let (mut emptied, mut at) = (String::new(), 0);
    for element in elements(text).into_iter().filter(|element| element.is_leaf && element.name != "RequestId") {
        emptied.push_str(text.get(at..element.content.start)?);
        at = element.content.end;
    }
    emptied.push_str(text.get(at..)?);
    (emptied != text).then(|| emptied.into_bytes())
}

fn without(body: &[u8], nth: usize) -> Option<Vec<u8>> {
    if let Some(mut value) = parsed(body) {
        let mut left = nth;
        return clear(&mut value, &mut left).then(|| value.to_string().into_bytes());
    }
    let text = std::str::from_utf8(body).ok()?;
    let element = elements(text).into_iter().nth(nth + 1)?;
    let whole = element.whole;
    Some([text.get(..whole.start)?, text.get(whole.end..)?].concat().into_bytes())
}

/// Makes the nth member null; whether there is one.
fn clear(value: &mut Value, left: &mut usize) -> bool {
    match value {
        Value::Object(members) => members.values_mut().any(|member| {
            if *left == 0 {
                *member = Value::Null;
                return true;
            }
            *left -= 1;
            clear(member, left)
        }),
        Value::Array(items) => items.iter_mut().any(|item| clear(item, left)),
        _ => false,
    }
}

/// In the middle of the longest run of letters.
fn with_invalid_utf8(body: &[u8]) -> Option<Vec<u8>> {
    let runs = body.split(|byte| !byte.is_ascii_alphanumeric());
    let longest = runs.max_by_key(|run| run.len()).filter(|run| run.len() > 2)?;
    let at = body.windows(longest.len()).position(|window| window == longest)? + longest.len() / 2;
    let mut body = body.to_owned();
    *body.get_mut(at)? = 0xff;
    Some(body)
}

fn with_token(body: &[u8]) -> Option<Vec<u8>> {
    if let Some(mut value) = parsed(body) {
        let lists = value.as_object()?.values().any(Value::is_array);
        if !lists {
            return None;
        }
        value.as_object_mut()?.insert("NextToken".to_owned(), json!("MQ=="));
        return Some(value.to_string().into_bytes());
    }
    let text = std::str::from_utf8(body).ok()?;
    let cut = "<IsTruncated>true</IsTruncated><Marker>MQ==</Marker>";
    let longer = text.replace("<IsTruncated>false</IsTruncated>", cut);
    (longer != text).then(|| longer.into_bytes())
}

struct Element<'a> {
    name: &'a str,
    whole: std::ops::Range<usize>,
    content: std::ops::Range<usize>,
    /// Whether it holds text only.
    is_leaf: bool,
}

/// The elements of an XML document, each before those in it. Comments and the like do not occur in answers.
fn elements(text: &str) -> Vec<Element<'_>> {
    let (mut found, mut open, mut at) = (Vec::new(), Vec::<usize>::new(), 0);
    while let Some(start) = text[at..].find('<').map(|offset| at + offset) {
        let Some(end) = text[start..].find('>').map(|offset| start + offset + 1) else { break };
        at = end;
        let tag = &text[start + 1..end - 1];
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if tag.starts_with('/') {
            let Some(last) = open.pop() else { break };
            let element: &mut Element<'_> = &mut found[last];
            (element.content.end, element.whole.end) = (start, end);
            continue;
        }
        if let Some(parent) = open.last() {
            found[*parent].is_leaf = false;
        }
        let name = tag.trim_end_matches('/').split_whitespace().next().unwrap_or_default();
        found.push(Element { name, whole: start..end, content: end..end, is_leaf: true });
        if !tag.ends_with('/') {
            open.push(found.len() - 1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: Option<Vec<u8>>) -> String {
        body.map(|body| String::from_utf8(body).unwrap()).unwrap_or_default()
    }

    #[test]
    fn members_are_taken_out_one_by_one() {
        let body = br#"{"a":[{"b":1}],"c":2}"#;
        assert_eq!(text(without(body, 0)), r#"{"a":null,"c":2}"#);
        assert_eq!(text(without(body, 1)), r#"{"a":[{"b":null}],"c":2}"#);
        assert_eq!(text(without(body, 2)), r#"{"a":[{"b":1}],"c":null}"#);
        assert_eq!(without(body, 3), None);
        let body = b"<?xml version=\"1.0\"?><R><A><B>1</B></A><C/></R>";
        assert_eq!(text(without(body, 0)), "<?xml version=\"1.0\"?><R><C/></R>");
        assert_eq!(text(without(body, 1)), "<?xml version=\"1.0\"?><R><A></A><C/></R>");
        assert_eq!(text(nulls(body)), "<?xml version=\"1.0\"?><R><A><B></B></A><C/></R>");
    }
}
