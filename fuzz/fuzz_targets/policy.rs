//! Two policies of any text, compared and judged: what is written reads back as the same, a document means what it
//! means, a union widens, nothing depends on the order of arguments. A record separator parts the two.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_model::policy::{Direction, Document, Request, direction, evaluate, same_meaning, union};
use std::collections::BTreeMap;

fuzz_target!(|texts: &str| {
    let (first, second) = texts.split_once('\u{1e}').unwrap_or((texts, texts));
    let read = |text: &str| Document::from_json(text).or_else(|_| Document::from_wire(text));
    let Ok(a) = read(first) else { return };
    let again = Document::from_json(&a.to_json()).expect("what is written can be read");
    assert_eq!(again.to_json(), a.to_json());
    assert!(same_meaning(&a, &again));
    assert!(same_meaning(&a, &a.canonical()));
    assert_eq!(direction(&a, &a.canonical()), Direction::Same);
    let _ = (a.size(), a.canonical_lines());
    let context = BTreeMap::from([("aws:SourceAccount".to_owned(), "123456789012".to_owned())]);
    let asked = Request {
        principal: Some("pinpoint.amazonaws.com"),
        action: "sts:AssumeRole",
        resource: None,
        context: &context,
    };
    assert_eq!(evaluate(&a, &asked), evaluate(&again, &asked));
    let Ok(b) = read(second) else { return };
    assert_eq!(same_meaning(&a, &b), same_meaning(&b, &a));
    let both = union(&a, &b);
    let _ = (direction(&a, &b), direction(&a, &both), both.to_json());
});
