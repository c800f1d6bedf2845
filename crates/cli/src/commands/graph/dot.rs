//! A graph in Graphviz's DOT language.
use super::{AccountGraph, Graph, Node};
use std::fmt::Write as _;

pub(super) fn text(graph: &Graph) -> String {
    let mut text = format!(
        "digraph {} {{\n  rankdir=LR;\n  ranksep=1;\n  node [shape=box, style=\"rounded,filled\", \
         fontname=\"Helvetica\", fontsize=11];\n  edge [color=\"#78716c\", arrowsize=0.7];\n",
        quoted(&graph.workspace)
    );
    let is_grouped = graph.accounts.len() > 1;
    for (at, account) in graph.accounts.iter().enumerate() {
        if is_grouped {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  subgraph cluster_{at} {{\n  label={};", quoted(&account.name));
        }
        text.push_str(&nodes(at, account));
        if is_grouped {
            text.push_str("  }\n");
        }
    }
    text.push_str("}\n");
    text
}

fn nodes(at: usize, account: &AccountGraph) -> String {
    let AccountGraph { name: _, apps, roles, streams, assumes, writes } = account;
    let mut text = String::new();
    let mut add = |kind: &str, nodes: &[Node], look: &str| {
        for (number, node) in nodes.iter().enumerate() {
            let style = if node.is_foreign { ", style=\"rounded,filled,dashed\"" } else { "" };
            let _ = writeln!(text, "  {kind}{at}_{number} [label={}, {look}{style}];", label(node));
        }
    };
    add("app", apps, "color=\"#2563eb\", fillcolor=\"#dbeafe\"");
    add("role", roles, "color=\"#d97706\", fillcolor=\"#fef3c7\"");
    add("stream", streams, "color=\"#16a34a\", fillcolor=\"#dcfce7\", shape=cylinder, style=filled");
    for (app, role) in assumes {
        let _ = writeln!(text, "  app{at}_{app} -> role{at}_{role};");
    }
    for (role, stream) in writes {
        let _ = writeln!(text, "  role{at}_{role} -> stream{at}_{stream};");
    }
    text
}

fn label(node: &Node) -> String {
    let Node { title, details, is_foreign: _ } = node;
    match details.is_empty() {
        true => quoted(title),
        false => format!("\"{}\\n{}\"", escaped(title), escaped(details)),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// In labels, a backslash begins an escape such as `\N`, and an ampersand an HTML entity.
/// Source: Graphviz documentation, "escString" and "The DOT Language".
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('&', "&amp;")
}
