use super::{Detail, Next, page, plan};
use crate::testing::{self, app_arn, change, new_app_arn, plain, trust};
use insta::assert_snapshot;
use pinpoint_streams_model::plan::{Change, Plan};
use pinpoint_streams_model::role_kind::RoleKind;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

const ACCOUNT: &str = "123456789012";
const OTHER: &str = "210987654321";

fn shop_id() -> String {
    "810c7aab86d42fb2b56c8c966example".to_owned()
}

fn stream(name: &str) -> Value {
    json!(format!("arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/{name}"))
}

fn role_arn(key: &str) -> Value {
    json!(format!("arn:aws:iam::{ACCOUNT}:role/PinpointEventStream-{key}"))
}

fn made(fields: &[(&str, Value)]) -> Value {
    fields.iter().map(|(path, after)| json!({"path": path, "before": null, "after": after})).collect()
}

fn lost(fields: &[(&str, Value)]) -> Value {
    fields.iter().map(|(path, before)| json!({"path": path, "before": before, "after": null})).collect()
}

fn wired(app: Value, to: &str, key: &str) -> [(&'static str, Value); 3] {
    [("app_id", app), ("destination", stream(to)), ("role_arn", role_arn(key))]
}

fn permissions(name: &str) -> Value {
    let target = json!([{"arn": stream(name)}]);
    let kind = RoleKind::for_event_streams();
    let targets: Vec<pinpoint_streams_model::role_kind::StreamTarget> = serde_json::from_value(target).unwrap();
    serde_json::to_value(kind.permissions(&targets.into_iter().collect())).unwrap()
}

fn new_role(key: &str, apps: &[Value]) -> Value {
    made(&[
        ("name", json!(format!("PinpointEventStream-{key}"))),
        ("path", json!("/pinpoint-streams/")),
        ("trust_policy", trust(apps)),
        ("max_session_duration", json!(3600)),
        ("permissions_boundary", json!("arn:aws:iam::123456789012:policy/Limits")),
        ("tags.team", json!("growth")),
        ("inline_policies.P", permissions("clickstream")),
    ])
}

/// Something of each kind, with a role of another tool that is adopted.
fn everything() -> Plan {
    let wider = json!({"path": "trust_policy", "effect": "both",
        "before": trust(&[app_arn("b2")]), "after": trust(&[app_arn(&shop_id()), app_arn("*")])});
    let mut adopted = change("role.legacy", "update", "adoption_asked", json!([wider]));
    adopted["notes"] = json!([{"fact": {"kind": "loses_access", "principals": [OTHER]}, "call": null}]);
    let mut deleted = change(
        "event_stream.old",
        "delete",
        "removed_from_manifest",
        lost(&wired(json!("91d2b0c47fe04aa1a3b1c2d3example00"), "clickstream", "old")),
    );
    deleted["notes"] =
        json!([{"fact": {"kind": "events_stop", "app": "91d2b0c47fe04aa1a3b1c2d3example00"}, "call": null}]);
    let mut far = change("event_stream.far", "create", "new", made(&wired(json!("f00d"), "lake", "far")));
    far["account"] = json!(OTHER);
    far["region"] = json!("us-east-1");
    testing::plan(&[
        change("app.blog", "create", "new", made(&[("name", json!("Blog"))])),
        change("role.blog", "create", "new", new_role("blog", &[new_app_arn()])),
        change("role.shop", "create", "new", new_role("shop", &[app_arn(&shop_id())])),
        adopted,
        change(
            "event_stream.blog",
            "create",
            "new",
            made(&wired(json!({"after_step": 1}), "clickstream", "blog")),
        ),
        change("event_stream.shop", "create", "new", made(&wired(json!(shop_id()), "clickstream", "shop"))),
        deleted,
        far,
    ])
}

#[test]
fn a_change_says_what_it_is_and_what_is_lost_or_widened_comes_first() {
    assert_snapshot!(plain(&plan(&everything(), Detail::Changes, 120)));
}

#[test]
fn the_same_at_eighty_columns() {
    let text = plain(&plan(&everything(), Detail::Changes, 80));
    assert_eq!(text.lines().find(|line| line.width() > 80 && !line.starts_with("digest ")), None, "{text}");
    assert_snapshot!(text);
}

#[test]
fn with_diff_every_field_of_what_is_created_is_shown_and_documents_are_json() {
    let text = plain(&plan(&everything(), Detail::Everything, 80));
    for shown in [
        "      path: \"/pinpoint-streams/\"\n",
        "      permissions_boundary: \"arn:aws:iam::123456789012:policy/Limits\"\n",
        "      tags.team: \"growth\"\n",
        "      max_session_duration: 3600\n",
        "      name: \"Blog\"\n",
        "      app_id: (known after app.blog)\n",
    ] {
        assert!(text.contains(shown), "{shown}\n{text}");
    }
    let document: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.ends_with("inline_policies.P:"))
        .skip(1)
        .map_while(|line| line.strip_prefix("        + "))
        .collect();
    let json: Value = serde_json::from_str(&document.join("\n")).unwrap();
    assert_eq!(json["Version"], "2012-10-17");
}

#[test]
fn the_place_is_always_shown_with_the_accounts_alias() {
    let one = testing::plan(&[change("role.shop", "create", "new", new_role("shop", &[]))]);
    let text = plain(&plan(&one, Detail::Changes, 100));
    assert!(text.starts_with("main (123456789012), global: 1 to create\n"), "{text}");
}

#[test]
fn equal_changes_of_many_addresses_are_one_line_with_their_count() {
    let tag = json!([{"path": "tags.site", "before": "blog", "after": "journal"}]);
    let mut changes: Vec<Value> =
        (0..12).map(|n| change(&format!("role.a{n}"), "update", "manifest_changed", tag.clone())).collect();
    changes.push(change("role.b", "update", "manifest_changed", json!([])));
    let many = testing::plan(&changes);
    assert_snapshot!(plain(&plan(&many, Detail::Changes, 80)));
    let everything = plain(&plan(&many, Detail::Everything, 80));
    assert_eq!(everything.matches("tags.site").count(), 12, "{everything}");
}

#[test]
fn what_many_of_a_restore_or_an_undo_have_in_common_is_said_once() {
    let restored = |n: usize| {
        let mut restored = change(&format!("role.a{n}"), "create", "restored", new_role(&format!("a{n}"), &[]));
        restored["notes"] = json!([
            {"fact": {"kind": "archived", "at": "2026-11-23T09:00:00Z", "run": "r1",
                "path": format!("archive/r1/role.a{n}.json")}, "call": null},
            {"fact": {"kind": "gets_new_id", "id": format!("AROAQ7SSZBKHRKPWRZU{n:02}"), "account": ACCOUNT,
                "named_by": []}, "call": null},
        ]);
        restored
    };
    let shown = |changes: Vec<Value>| plain(&plan(&testing::plan(&changes), Detail::Changes, 200));
    let many = shown((0..12).map(restored).collect());
    assert!(
        many.contains("+ 12 roles (restored from the archive)  role.a0, role.a1, role.a2 and 9 more"),
        "{many}"
    );
    assert!(many.contains("! archived by run r1, from archive/r1\n"), "{many}");
    assert!(many.contains("now contain its former ID") && !many.contains("AROA"), "{many}");
    let few = shown((0..4).map(restored).collect());
    assert!(few.contains("+ role.a3  ") && few.matches("it gets a new ID").count() == 4, "{few}");
    let forgotten = |n: usize| {
        let fields = lost(&wired(json!(format!("{n}a")), "clickstream", "shop"));
        change(&format!("event_stream.a{n}"), "forget", "forget_asked", fields)
    };
    let left = shown((0..5).map(forgotten).collect());
    let line =
        "x 5 event streams (forget requested)  event_stream.a0, event_stream.a1, event_stream.a2 and 2 more";
    assert!(left.contains(line), "{left}");
}

#[test]
fn what_is_detached_from_a_role_that_goes_is_said() {
    let mut detaching = testing::plan(&[change(
        "role.old",
        "delete",
        "removed_from_manifest",
        lost(&[("name", json!("Old")), ("trust_policy", trust(&[app_arn("a1")]))]),
    )]);
    let role = "arn:aws:iam::123456789012:role/Old";
    detaching.steps = serde_json::from_value(json!([
        {"id": 1, "address": "role.old", "after": [], "op": {"remove_role_from_instance_profile":
            {"role": role, "instance_profile": "Web"}}},
        {"id": 2, "address": "role.old", "after": [], "op": {"detach_role_policy":
            {"role": role, "policy": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}},
        {"id": 3, "address": "role.old", "after": [1, 2], "op": {"delete_role":
            {"role": role, "role_id": "AROAQ7SSZBKHRKPWRZUN6"}}},
    ]))
    .unwrap();
    assert_snapshot!(plain(&plan(&detaching, Detail::Changes, 80)));
}

#[test]
fn a_policy_that_widens_has_an_example_that_was_refused_before() {
    let wider: Value =
        serde_json::from_str(&permissions("clickstream").to_string().replace("clickstream", "*")).unwrap();
    let fields = json!([{"path": "inline_policies.P", "effect": "widens", "before": permissions("clickstream"),
        "after": wider}]);
    let widened = testing::plan(&[change("role.shop", "update", "drifted", fields)]);
    let text = plain(&plan(&widened, Detail::Changes, 200));
    let example = "newly allowed, for example: the role may kinesis:DescribeStream on \
                   arn:aws:kinesis:eu-west-1:123456789012:stream/example\n";
    assert!(text.contains(example), "{text}");
    assert!(
        text.starts_with("Destructive or widening changes in main (123456789012), global: 1 to update\n"),
        "{text}"
    );
}

#[test]
fn nothing_is_said_by_colour_alone() {
    let changes: Vec<Change> = everything().changes;
    let text = plain(&plan(&everything(), Detail::Changes, 120));
    for change in changes {
        let sign = crate::ui::style::of_action(change.action).1;
        assert!(text.contains(&format!("{sign} {}", change.address)), "{}: {text}", change.address);
    }
}

fn next() -> Next {
    Next {
        apply: Some("pinpoint-streams apply shop.plan --expect-digest sha256:1".to_owned()),
        plan_again: Some("pinpoint-streams plan --out shop.plan".to_owned()),
        everything: "pinpoint-streams show shop.plan --format html".to_owned(),
    }
}

/// `count` new event streams with their roles.
fn many(count: usize) -> Plan {
    let mut changes = Vec::new();
    for n in 0..count / 2 {
        let key = format!("a{n:04}");
        changes.push(change(&format!("role.{key}"), "create", "new", new_role(&key, &[app_arn(&key)])));
        let wired = made(&wired(json!(key), "clickstream", &key));
        changes.push(change(&format!("event_stream.{key}"), "create", "new", wired));
    }
    let mut plan = testing::plan(&changes);
    plan.changes.push(everything().changes[6].clone());
    plan
}

#[test]
fn as_markdown_the_verdict_and_what_is_lost_stand_on_top_and_the_commands_at_the_end() {
    assert_snapshot!(page(&everything(), &next()).markdown());
}

fn numbers(text: &str) -> Vec<usize> {
    text.split(' ').filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn every_action_has_a_mark() {
    for action in ["create", "update", "replace", "delete", "adopt", "forget", "quarantine", "release", "keep"] {
        let plan = testing::plan(&[change("role.shop", action, "drifted", json!([]))]);
        let html = page(&plan, &Next::default()).html();
        assert!(html.contains(&format!("<button type=\"button\" data-action=\"{action}\">")), "{action}");
    }
}

#[test]
fn markdown_of_any_length_fits_a_comment_and_says_what_was_cut() {
    let text = page(&many(3_000), &next()).markdown();
    assert!(text.chars().count() <= 65_000, "{}", text.chars().count());
    assert!(text.starts_with("## 1 to delete, 3000 to create\n"), "{}", &text[..100]);
    let cut = text.split("**Cut:** ").nth(1).unwrap().lines().next().unwrap();
    assert!(cut.contains(" changes are not shown, and "), "{cut}");
    assert!(
        cut.contains(" changes are without details, because a comment holds at most 65,000 characters."),
        "{cut}"
    );
    assert!(
        cut.ends_with("<code>pinpoint-streams show shop.plan --format html</code> shows everything."),
        "{cut}"
    );
    let shown = text.lines().filter(|line| line.starts_with("- **create**") || line.contains("+ create")).count();
    let [omitted, _] = numbers(cut)[..2] else { panic!("{cut}") };
    assert_eq!(shown + omitted, 3_000, "{cut}");
    assert!(text.contains("event\\_stream.old"), "what is lost is never cut");
    assert!(
        text.trim_end().ends_with("pinpoint-streams plan --out shop.plan\n```"),
        "{}",
        &text[text.len() - 300..]
    );
}

#[test]
fn a_page_is_one_file_that_runs_and_loads_nothing_but_its_own() {
    let page = page(&everything(), &next()).html();
    for not in [" src=", " href=", "@import", "url(", " style=", " onclick", "http:", "https:", "'unsafe"] {
        assert!(!page.contains(not), "{not}");
    }
    assert_eq!(page.matches("<details class=\"row\"").count(), everything().changes.len());
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.contains("<h1>1 to delete, 6 to create, 1 to update</h1>"), "{page}");
    assert!(page.contains("data-place=\"main (123456789012), eu-west-1\""), "{page}");
    assert!(page.contains("app 810c… → kinesis clickstream, as role PinpointEventStream-shop"), "{page}");
}

#[test]
fn a_page_of_1200_changes_has_1200_rows() {
    let page = page(&many(1_200), &next()).html();
    assert_eq!(page.matches("<details class=\"row\"").count(), 1_201);
    assert!(page.len() < 10_000_000, "{}", page.len());
}
