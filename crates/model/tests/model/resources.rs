//! The indexes of the record agree with a scan of all resources.
use pinpoint_streams_model::recorded::{Entry, Resources};
use pinpoint_streams_model::{Address, AppArn, Object, Resource, RoleArn, RoleId};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::json;

const ACCOUNT: &str = "123456789012";

fn role_arn(number: u8) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/R{number}")
}

fn app_arn(number: u8) -> AppArn {
    format!("arn:aws:mobiletargeting:eu-west-1:{ACCOUNT}:apps/a{number}").parse().unwrap()
}

/// An app, a role or an event stream, told from others by two small numbers.
fn resource((kind, first, second): (u8, u8, u8)) -> Resource {
    let mut json = match kind {
        0 => json!({"kind": "app", "region": "eu-west-1", "id": format!("a{first}"), "name": "n", "tags": {}}),
        1 => json!({"kind": "role", "arn": role_arn(first), "id": format!("AROAEXAMPLE00000{second}"),
            "trust_policy": {"Version": "2012-10-17", "Statement": []}, "inline_policies": {}, "description": "",
            "max_session_duration": 3600, "tags": {}}),
        _ => json!({"kind": "event_stream", "region": "eu-west-1", "app_id": format!("a{first}"),
            "destination": format!("arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/s"), "role_arn": role_arn(second)}),
    };
    let common = json!({"account": ACCOUNT, "origin": "created", "named_under": "k",
        "changed_at": "2026-01-01T00:00:00Z"});
    json.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
    serde_json::from_value(json).unwrap()
}

fn address(number: u8) -> Address {
    format!("role.k{number}").parse().unwrap()
}

#[derive(Debug, Clone)]
enum Act {
    Insert(u8, (u8, u8, u8)),
    InsertNew(u8, (u8, u8, u8)),
    Remove(u8),
    Change(u8, (u8, u8, u8)),
    ChangeAll,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let what = (0..3u8, 0..3u8, 0..3u8);
    let act = prop_oneof![
        (0..5u8, what.clone()).prop_map(|(at, what)| Act::Insert(at, what)),
        (0..5u8, what.clone()).prop_map(|(at, what)| Act::InsertNew(at, what)),
        (0..5u8).prop_map(Act::Remove),
        (0..5u8, what).prop_map(|(at, what)| Act::Change(at, what)),
        Just(Act::ChangeAll),
    ];
    prop::collection::vec(act, 0..20)
}

fn after(acts: Vec<Act>) -> Resources {
    let mut resources = Resources::default();
    for act in acts {
        match act {
            Act::Insert(at, what) => drop(resources.insert(address(at), resource(what))),
            Act::InsertNew(at, what) => resources.insert_new(address(at), resource(what)),
            Act::Remove(at) => drop(resources.remove(&address(at))),
            Act::Change(at, what) => drop(resources.change(&address(at), |known| *known = resource(what))),
            Act::ChangeAll => resources.change_all(|at, known| {
                if *at == address(0) {
                    *known = resource((1, 2, 2));
                }
            }),
        }
    }
    resources
}

fn address_of<'a>((address, _): Entry<'a>) -> &'a Address {
    address
}

fn indexes_agree(resources: &Resources) -> Result<(), TestCaseError> {
    let all = |is_it: &dyn Fn(&Object) -> bool| -> Vec<&Address> {
        resources.iter().filter(|(_, one)| is_it(&one.object)).map(address_of).collect()
    };
    let first = |is_it: &dyn Fn(&Object) -> bool| all(is_it).first().copied();
    for number in 0..3 {
        let (app, arn) = (app_arn(number), role_arn(number).parse::<RoleArn>().unwrap());
        let id: RoleId = format!("AROAEXAMPLE00000{number}").parse().unwrap();
        let is_role = |one: &Object| matches!(one, Object::Role(role) if role.arn == arn);
        prop_assert_eq!(resources.role(&arn).map(address_of), first(&is_role));
        let is_app = |one: &Object| matches!(one, Object::App(one) if one.id == app.id);
        prop_assert_eq!(resources.app(&app).map(address_of), first(&is_app));
        let is_of = |one: &Object| matches!(one, Object::EventStream(one) if one.app_id == app.id);
        prop_assert_eq!(resources.event_stream_of(&app).map(address_of), first(&is_of));
        let is_on = |one: &Object| matches!(one, Object::EventStream(one) if one.role_arn == arn);
        prop_assert_eq!(resources.event_streams_on(&arn).map(address_of).collect::<Vec<_>>(), all(&is_on));
        let has_id = |one: &Object| matches!(one, Object::Role(role) if role.id == id);
        prop_assert_eq!(resources.roles_with_id(&id).map(address_of).collect::<Vec<_>>(), all(&has_id));
    }
    Ok(())
}

proptest! {
    #[test]
    fn an_index_answers_as_a_scan_of_all_would(acts in acts()) {
        indexes_agree(&after(acts))?;
    }

    #[test]
    fn only_the_map_is_serialized(acts in acts()) {
        let resources = after(acts);
        let text = serde_json::to_string(&resources).unwrap();
        prop_assert_eq!(&text, &serde_json::to_string(&resources.iter().collect::<std::collections::BTreeMap<_, _>>()).unwrap());
        let again: Resources = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&again, &resources);
        indexes_agree(&again)?;
    }
}
