//! Pictures of what manifests connect.
use super::*;
use pinpoint_streams_model::manifest::{OneFile, Overrides};
use std::path::Path;

fn of(text: &str) -> Graph {
    let manifest = Manifest::load("m", text.to_owned(), &OneFile, &Overrides::default()).unwrap();
    Graph::of_manifest(&manifest).unwrap()
}

fn example(name: &str) -> Graph {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    of(&std::fs::read_to_string(path).unwrap())
}

/// Two accounts, a role for two streams, a role that is managed elsewhere, and an app without an event stream.
const MANY: &str = r#"
version = 1
workspace = "growth"
[defaults]
account = "main"
region = "us-east-1"
[accounts.main]
id = "123456789012"
[accounts.other]
id = "210987654321"
[streams.clicks]
kinesis = "clicks"
[streams.lake]
firehose = "lake"
kms_key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
[roles.shared]
[apps.shop]
id = "a1"
stream = "clicks"
role = "shared"
protect = true
[apps.blog]
name = "Blog"
stream = "lake"
role = "shared"
[apps.news]
id = "a2"
stream = "clicks"
role = { arn = "arn:aws:iam::123456789012:role/team/Ours" }
[apps.quiet]
id = "a3"
[apps.far]
id = "a4"
account = "other"
stream = "clicks"
"#;

#[test]
fn a_graph_in_each_format() {
    let graph = of(MANY);
    insta::assert_snapshot!("mermaid", mermaid::text(&graph));
    insta::assert_snapshot!("dot", dot::text(&graph));
    insta::assert_snapshot!("svg", svg::text(&graph));
}

#[test]
fn one_account_is_not_named() {
    let graph = example("shared-role.toml");
    assert!(!mermaid::text(&graph).contains("subgraph"));
    assert!(!dot::text(&graph).contains("cluster"));
    assert!(!svg::text(&graph).contains("class=\"account\""));
}

#[test]
fn what_shares_a_role_or_a_stream_stands_side_by_side() {
    let groups = |graph: &Graph| {
        let groups = graph.accounts.iter().flat_map(svg::groups);
        groups.map(|group| group.columns.map(|column| column.len())).collect::<Vec<_>>()
    };
    assert_eq!(groups(&example("shared-role.toml")), [[4, 1, 2]]);
    assert_eq!(groups(&of(MANY)), [[3, 2, 2], [1, 0, 0], [1, 1, 1]]);
}

#[test]
fn a_name_is_text_and_nothing_else_in_each_format() {
    let name = r##"\"]; end\\n%%{{init}}%%--><script>alert('1')</script>&#quot; \\N|` \u202e"##;
    let graph = of(&format!(
        "version = 1\nworkspace = \"w\"\n[defaults]\nregion = \"us-east-1\"\n[apps.a]\nname = \"{name}\"\n"
    ));
    let shown = &graph.accounts[0].apps[0].details;
    assert!(shown.contains("\\u{202e}") && shown.contains("\\n%%{init}"), "{shown}");
    insta::assert_snapshot!("hostile_mermaid", mermaid::text(&graph).lines().nth(1).unwrap());
    let dot = dot::text(&graph);
    insta::assert_snapshot!("hostile_dot", dot.lines().find(|line| line.contains("app0_0")).unwrap());
    let svg = svg::text(&graph);
    assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;"), "{svg}");
}

#[test]
fn a_long_name_is_cut_in_the_picture_and_whole_in_its_tooltip() {
    let name = "n".repeat(60);
    let graph = of(&format!(
        "version = 1\nworkspace = \"w\"\n[defaults]\nregion = \"us-east-1\"\n[apps.a]\nname = \"{name}\"\n"
    ));
    let svg = svg::text(&graph);
    assert!(svg.contains(&format!("“{name}”")), "{svg}");
    assert!(svg.contains("n…n"), "{svg}");
}
