//! What a person may do to the lines of a state, each of which leaves out what follows from others.
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::recorded::{Object, Resource};
use pinpoint_streams_store::state::{State, StateError};
use pinpoint_streams_testkit::parsed;

/// A state with `app.shop`, `role.shop` and `event_stream.shop`; the role is written as one of its kind.
const STATE: &str = include_str!("../../../../tests/formats/state/v4-early.json");

fn read(json: &str) -> Result<State, StateError> {
    State::from_json("s", json.as_bytes(), &parsed("growth"))
}

fn line(address: &str) -> &'static str {
    STATE.lines().find(|line| line.contains(&format!("\"{address}\": "))).unwrap()
}

/// The message for the state with this line instead.
fn refused(address: &str, instead: &str) -> String {
    read(&STATE.replace(line(address), instead)).unwrap_err().to_string()
}

#[test]
fn a_role_whose_event_stream_is_cut_out_is_named() {
    // The last line of the resources has no comma.
    let without = STATE.replace(&format!(",\n{}", line("event_stream.shop")), "");
    let error = read(&without).unwrap_err().to_string();
    assert!(error.contains("the policies of role.shop refer to event_stream.shop, which is not there"), "{error}");
}

#[test]
fn an_event_stream_that_is_put_in_changes_no_other_line() {
    let (shop, role): (_, Address) = (line("event_stream.shop"), parsed("role.shop"));
    let other = shop.replace("event_stream.shop", "event_stream.other").replace("\"fa0", "\"fb0");
    let with_role = other.replace('}', ",\"role_arn\":\"arn:aws:iam::123456789012:role/ps-shop\"}");
    let state = read(&STATE.replace(shop, &format!("{shop},\n{with_role}"))).unwrap();
    assert_eq!(state.resources.len(), 4);
    assert_eq!(state.resources[&role], read(STATE).unwrap().resources[&role]);
    // Written again, the role says which event stream its policies follow from, or says them in full.
    assert_eq!(read(&String::from_utf8(state.to_json().unwrap()).unwrap()).unwrap(), state);
}

#[test]
fn lines_may_stand_in_any_order() {
    let (app, role) = (line("app.shop"), line("role.shop"));
    let swapped = STATE.replace(&format!("{role}\n"), "").replace(app, &format!("{role}\n{app}"));
    assert_ne!(swapped, STATE);
    assert_eq!(read(&swapped).unwrap(), read(STATE).unwrap());
}

#[test]
fn a_line_that_occurs_twice_is_refused_wherever_it_stands() {
    let (app, role) = (line("app.shop"), line("role.shop"));
    let later = STATE.replace(role, &format!("{role}\n{app}"));
    let out_of_order = STATE.replace(&format!("{app}\n"), "").replace(role, &format!("{role}\n{app}\n{app}"));
    for json in [later, out_of_order] {
        let error = read(&json).unwrap_err().to_string();
        assert!(error.contains("`app.shop` occurs twice"), "{error}");
    }
}

#[test]
fn a_role_of_two_event_streams_names_them() {
    let (shop, role) = (line("event_stream.shop"), line("role.shop"));
    let blog = shop.replace("event_stream.shop", "event_stream.blog").replace("\"fa0", "\"fb0");
    let blog = blog.replace('}', ",\"role_arn\":\"arn:aws:iam::123456789012:role/ps-shop\"}");
    let both = role.replace("\"trust_policy\"", "\"event_streams\":[\"blog\",\"shop\"],\"trust_policy\"");
    let json = STATE.replace(shop, &format!("{blog},\n{shop}")).replace(role, &both);
    let state = read(&json).unwrap();
    let Resource { object: Object::Role(record), .. } = &state.resources[&parsed("role.shop")] else { panic!() };
    let trust = record.trust_policy.to_json();
    assert!(trust.contains("/fa0") && trust.contains("/fb0"), "{trust}");
    assert_eq!(String::from_utf8(state.to_json().unwrap()).unwrap(), json);
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    let app = line("app.shop");
    for (address, instead, named) in [
        ("app.shop", app.replace("ownership_tags", "ownership_tag"), "unknown field `ownership_tag`"),
        ("app.shop", format!("{app}\n{app}"), "`app.shop` occurs twice"),
        ("app.shop", app.replace("\"origin\":\"created\",", ""), "app.shop has no `origin`"),
        ("app.shop", app.replace("\"id\":\"fa", "\"id\":\"-fa"), "`id` of app.shop"),
        ("role.shop", line("role.shop").replace("pinpoint_event_stream", "lambda"), "no kind of role `lambda`"),
        ("app.shop", app.replace("\"own", "\"tags\":{\"a\":\"1\",\"a\":\"2\"},\"own"), "a name occurs twice"),
        ("main", "\"main\": \"123456789012\",\"main\": \"210987654321\"".to_owned(), "a name occurs twice"),
    ] {
        let error = refused(address, &instead);
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn what_has_another_form_is_named_in_words() {
    let (beginning, _) = STATE.split_once("  \"pending\"").unwrap();
    for (pending, expected) in [
        ("[3]", "invalid type: integer `3`, expected a pending operation"),
        ("[],\n  \"run_logs\": [true]", "invalid type: boolean `true`, expected the digest of a run log"),
        ("[],\n  \"quarantined\": {\"arn:aws:iam::123456789012:role/a\": 1}", "expected a quarantine"),
    ] {
        let error = read(&format!("{beginning}  \"pending\": {pending}\n}}")).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
