//! Properties of policy documents.
use pinpoint_streams_model::policy::{
    Actions, Clause, Effect, Json, Name, Principal, PrincipalClause, Request, Resources, Statement, Version,
    direction, evaluate, newly_allowed, same_meaning, union,
};
use pinpoint_streams_model::sorted_set::SortedSet;
use pinpoint_streams_model::{Decision, Direction, Document};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

const SERVICES: [&str; 2] = ["pinpoint.amazonaws.com", "ses.amazonaws.com"];
const ACTIONS: [&str; 6] =
    ["sts:AssumeRole", "sts:TagSession", "sts:*", "kinesis:PutRecords", "kinesis:Put?ecords", "*"];
const RESOURCES: [&str; 6] = [
    "*",
    "arn:aws:k:r:1:s/a",
    "arn:aws:k:r:1:s/b",
    "arn:aws:k:r:1:s/*",
    "arn:aws:k:*:1:s/?",
    "arn:aws:k:r:1:s/${aws:u}",
];
const OPERATORS: [&str; 10] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "ArnLike",
    "ArnNotLike",
    "StringEqualsIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringEquals",
    "Null",
];
const KEYS: [&str; 2] = ["aws:SourceArn", "aws:SourceAccount"];
const VALUES: [&str; 6] =
    ["arn:aws:m:r:1:apps/a", "arn:aws:m:r:1:apps/b", "arn:aws:m:r:1:apps/*", "1", "true", "*"];

fn pick(from: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(from).prop_map(str::to_owned)
}

fn principals() -> impl Strategy<Value = SortedSet<Principal>> {
    let one = prop_oneof![
        pick(&SERVICES).prop_map(Principal::Service),
        Just(Principal::Anyone),
        Just(Principal::Account("123456789012".to_owned())),
        Just(Principal::Aws("arn:aws:iam::123456789012:role/Admin".to_owned())),
    ];
    sorted_set(one, 1..3)
}

fn sorted_set<S: Strategy<Value: Ord>>(one: S, size: Range<usize>) -> impl Strategy<Value = SortedSet<S::Value>> {
    btree_set(one, size).prop_map(SortedSet::from_iter)
}

fn clauses() -> impl Strategy<Value = Clause> {
    (pick(&OPERATORS), pick(&KEYS), sorted_set(pick(&VALUES), 0..3)).prop_map(|(operator, key, values)| Clause {
        operator: operator.parse().unwrap(),
        key: Name::from(key),
        values,
    })
}

fn statements() -> impl Strategy<Value = Statement> {
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let principal = prop::option::of((any::<bool>(), principals()).prop_map(|(not, set)| match not {
        true => PrincipalClause::NotPrincipal(set),
        false => PrincipalClause::Principal(set),
    }));
    let action = (prop::bool::weighted(0.2), sorted_set(pick(&ACTIONS).prop_map(Name::from), 1..3));
    let resource = prop::option::of((prop::bool::weighted(0.2), sorted_set(pick(&RESOURCES), 1..3)));
    (prop::option::of("[A-Z]"), effect, principal, action, resource, sorted_set(clauses(), 0..3)).prop_map(
        |(sid, effect, principal, (not_action, actions), resource, condition)| Statement {
            sid,
            effect,
            principal,
            action: if not_action { Actions::NotAction(actions) } else { Actions::Action(actions) },
            resource: resource
                .map(|(not, set)| if not { Resources::NotResource(set) } else { Resources::Resource(set) }),
            condition,
        },
    )
}

fn documents() -> impl Strategy<Value = Document> {
    let version = prop_oneof![1 => Just(Version::V2008), 3 => Just(Version::V2012)];
    (version, prop::option::of("[A-Z]"), vec(statements(), 0..4)).prop_map(|(version, id, statements)| Document {
        version,
        id,
        statements: Arc::new(statements),
    })
}

/// Two documents that are often similar: the second is the first with one statement replaced, added or removed, or an
/// independent one.
fn pairs() -> impl Strategy<Value = (Document, Document)> {
    (documents(), documents(), statements(), 0..4_u8).prop_map(|(a, other, statement, how)| {
        let mut b = if how == 0 { other } else { a.clone() };
        let statements = Arc::make_mut(&mut b.statements);
        match how {
            0 => {}
            1 => statements.push(statement),
            2 => drop(statements.pop()),
            _ => {
                statements.pop();
                statements.push(statement);
            }
        }
        (a, b)
    })
}

type OwnedRequest = (Option<String>, String, Option<String>, BTreeMap<String, String>);

fn requests() -> impl Strategy<Value = OwnedRequest> {
    let context = (prop::option::of(pick(&VALUES)), prop::option::of(pick(&VALUES))).prop_map(|(arn, account)| {
        let pairs = [("AWS:sourcearn", arn), ("aws:SourceAccount", account)];
        pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    });
    let resource = prop::option::of(prop_oneof![Just("arn:aws:k:r:1:s/a"), Just("arn:aws:k:q:1:s/bb")]);
    let action = prop_oneof![Just("STS:assumerole"), Just("kinesis:PutRecords"), Just("s3:GetObject")];
    (prop::option::of(pick(&SERVICES)), action, resource, context).prop_map(|(who, action, resource, context)| {
        (who, action.to_owned(), resource.map(str::to_owned), context)
    })
}

fn decide(document: &Document, (principal, action, resource, context): &OwnedRequest) -> Decision {
    let (principal, resource) = (principal.as_deref(), resource.as_deref());
    evaluate(document, &Request { principal, action, resource, context })
}

/// Respells the tree: list or single value, case of names, order of keys and statements, duplicate entries. `coins` is
/// the seed.
fn respelled(document: &Document, coins: u64) -> String {
    let mut coins = coins;
    let mut coin = move || {
        coins = coins.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        coins >> 63 == 1
    };
    respell("", serde_json::from_str(&document.to_json()).unwrap(), &mut coin).to_string()
}

fn respell(key: &str, json: Json, coin: &mut dyn FnMut() -> bool) -> Json {
    let shout = |text: String, coin: &mut dyn FnMut() -> bool| if coin() { text.to_uppercase() } else { text };
    match json {
        Json::Object(mut entries) => {
            if coin() {
                entries.reverse();
            }
            let mut written: Vec<(String, Json)> = Vec::new();
            for (name, value) in entries {
                // Operators stand below `Condition`, keys below an operator. Where a block spells one
                // operator in two ways, other letters could make one of the two.
                let is_condition = key == "Condition" || name.contains("aws:");
                let spelled = if is_condition { shout(name.clone(), coin) } else { name.clone() };
                let taken = written.iter().any(|(other, _)| *other == spelled);
                let value = match respell(&name, value, coin) {
                    Json::String(text) if !matches!(&*name, "Version" | "Id" | "Sid" | "Effect") && coin() => {
                        Json::List(vec![Json::String(text)])
                    }
                    value => value,
                };
                written.push((if taken { name } else { spelled }, value));
            }
            Json::Object(written)
        }
        Json::List(mut list) => {
            let is_set = key != "Statement";
            if coin() {
                list.reverse();
            }
            if is_set && !list.is_empty() && coin() {
                list.push(list[0].clone());
            }
            Json::List(list.into_iter().map(|item| respell(key, item, coin)).collect())
        }
        Json::String(text) if matches!(key, "Action" | "NotAction") => Json::String(shout(text, coin)),
        Json::String(text) if text == "123456789012" => Json::String(format!("arn:aws:iam::{text}:root")),
        Json::String(text) if text == "true" && key.starts_with("aws:") && coin() => Json::Bool(true),
        other => other,
    }
}

/// Replaces one action, resource, principal or condition value by one the document does not have.
fn with_another_value(document: &Document, which: u8) -> Option<Document> {
    let mut changed = document.clone();
    let statement = Arc::make_mut(&mut changed.statements).first_mut()?;
    match which {
        0 => {
            let (Actions::Action(set) | Actions::NotAction(set)) = &mut statement.action;
            set.pop_first()?;
            set.insert(Name::from("new:Action"));
        }
        1 => {
            let (Resources::Resource(set) | Resources::NotResource(set)) = statement.resource.as_mut()?;
            set.pop_first()?;
            set.insert("arn:aws:new:::resource".to_owned());
        }
        2 => {
            let (PrincipalClause::Principal(set) | PrincipalClause::NotPrincipal(set)) =
                statement.principal.as_mut()?;
            set.pop_first()?;
            set.insert(Principal::Service("new.amazonaws.com".to_owned()));
        }
        _ => {
            let mut clause = statement.condition.pop_first()?;
            clause.values.insert("new value".to_owned());
            statement.condition.insert(clause);
        }
    }
    Some(changed)
}

proptest! {
    #[test]
    fn sameness_is_reflexive_and_symmetric((a, b) in pairs()) {
        prop_assert!(same_meaning(&a, &a));
        prop_assert_eq!(same_meaning(&a, &b), same_meaning(&b, &a));
    }

    #[test]
    fn spelling_and_order_do_not_change_the_meaning(document in documents(), coins in any::<u64>()) {
        let text = respelled(&document, coins);
        let read = Document::from_json(&text).unwrap();
        prop_assert!(same_meaning(&document, &read), "{}", text);
        prop_assert_eq!(document.canonical_lines(), read.canonical_lines());
        prop_assert_eq!(direction(&document, &read), Direction::Same);
    }

    #[test]
    fn an_example_of_what_is_newly_allowed_was_refused_before_and_is_allowed_after((before, after) in pairs()) {
        if let Some(request) = newly_allowed(Some(&before), &after) {
            let was = request.decision(&before);
            prop_assert!(matches!(was, Decision::NotAllowed | Decision::ExplicitlyDenied), "{:?}", request);
            prop_assert_eq!(request.decision(&after), Decision::Allowed);
            // What widens nothing, as coverage proves, has none.
            prop_assert!(direction(&before, &after).may_widen(), "{:?}", request);
            if let Some(Principal::Service(service)) = &request.principal {
                let asked = (Some(service.clone()), request.action, request.resource, request.context);
                prop_assert_ne!(decide(&before, &asked), Decision::Allowed);
                prop_assert_eq!(decide(&after, &asked), Decision::Allowed);
            }
        }
    }

    #[test]
    fn of_a_statement_that_is_added_there_is_an_example(
        before in documents(),
        principals in sorted_set(pick(&["sns.amazonaws.com", "sqs.amazonaws.com"]).prop_map(Principal::Service), 1..3),
        pattern in pick(&["new:*", "new:Do?t", "new:Do"]),
    ) {
        let mut before = before;
        let statements = Arc::make_mut(&mut before.statements);
        statements.retain(|one| one.effect == Effect::Allow && matches!(one.action, Actions::Action(_)));
        statements.retain(|one| {
            !matches!(&one.action, Actions::Action(names) if names.iter().any(|name| name.as_str() == "*"))
        });
        let added = Statement {
            sid: None,
            effect: Effect::Allow,
            principal: Some(PrincipalClause::Principal(principals)),
            action: Actions::Action([Name::from(pattern)].into_iter().collect()),
            resource: None,
            condition: SortedSet::default(),
        };
        let statements = before.statements.iter().cloned().chain([added]).collect();
        let after = Document { statements: Arc::new(statements), ..before.clone() };
        prop_assert!(newly_allowed(Some(&before), &after).is_some());
    }

    #[test]
    fn another_value_is_another_meaning(document in documents(), which in 0..4_u8) {
        if let Some(changed) = with_another_value(&document, which) {
            prop_assert!(!same_meaning(&document, &changed));
        }
    }

    #[test]
    fn documents_of_one_canonical_form_are_those_of_one_meaning((a, b) in pairs()) {
        let same = same_meaning(&a, &b);
        prop_assert_eq!(a.canonical().to_json() == b.canonical().to_json(), same);
        prop_assert_eq!(a.canonical_lines() == b.canonical_lines(), same);
        prop_assert!(same_meaning(&a, &a.canonical()));
        prop_assert_eq!(a.canonical().canonical(), a.canonical());
    }

    #[test]
    fn what_is_written_reads_back_also_percent_encoded(document in documents()) {
        let json = document.to_json();
        prop_assert_eq!(&Document::from_json(&json).unwrap(), &document);
        let encoded = percent_encoding::utf8_percent_encode(&json, percent_encoding::NON_ALPHANUMERIC).to_string();
        prop_assert_eq!(&Document::from_wire(&encoded).unwrap(), &document);
        prop_assert_eq!(&serde_json::from_str::<Document>(&serde_json::to_string(&document).unwrap()).unwrap(), &document);
        let canonical = document.canonical().to_json();
        prop_assert!(same_meaning(&Document::from_json(&canonical).unwrap(), &document));
    }

    #[test]
    fn the_way_back_is_the_opposite_direction((a, b) in pairs()) {
        let back = match direction(&b, &a) {
            Direction::Widens => Direction::Narrows,
            Direction::Narrows => Direction::Widens,
            other => other,
        };
        prop_assert_eq!(direction(&a, &b), back);
        if same_meaning(&a, &b) {
            prop_assert_eq!(back, Direction::Same);
        }
    }

    #[test]
    fn a_narrower_document_allows_nothing_new((a, b) in pairs(), asked in requests()) {
        if !direction(&a, &b).may_widen() && decide(&b, &asked) == Decision::Allowed {
            prop_assert_ne!(decide(&a, &asked), Decision::NotAllowed);
            prop_assert_ne!(decide(&a, &asked), Decision::ExplicitlyDenied);
        }
    }

    #[test]
    fn a_union_only_widens_either_document((a, b) in pairs(), asked in requests()) {
        let all = union(&a, &b);
        prop_assert!(matches!(direction(&a, &all), Direction::Same | Direction::Widens), "{}", all.to_json());
        prop_assert!(matches!(direction(&b, &all), Direction::Same | Direction::Widens), "{}", all.to_json());
        for either in [&a, &b] {
            if decide(either, &asked) == Decision::Allowed {
                prop_assert_eq!(decide(&all, &asked), Decision::Allowed);
            }
        }
    }

    #[test]
    fn a_union_without_denies_allows_nothing_that_neither_allows((a, b) in pairs(), asked in requests()) {
        let allows_only = |mut document: Document| {
            Arc::make_mut(&mut document.statements).retain(|statement| statement.effect == Effect::Allow);
            document
        };
        let (a, b) = (allows_only(a), allows_only(b));
        if decide(&union(&a, &b), &asked) == Decision::Allowed {
            let either = [decide(&a, &asked), decide(&b, &asked)];
            prop_assert!(either.iter().any(|decision| !matches!(decision, Decision::NotAllowed)), "{:?}", either);
        }
    }
}
