//! A graph as a Mermaid flowchart, which GitHub and GitLab draw from a `mermaid` block in Markdown.
use super::{AccountGraph, Graph, Node};
use std::fmt::Write as _;

pub(super) fn text(graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    let is_grouped = graph.accounts.len() > 1;
    for (at, account) in graph.accounts.iter().enumerate() {
        if is_grouped {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  subgraph account{at}[\"{}\"]", quoted(&account.name));
        }
        text.push_str(&nodes(at, account));
        if is_grouped {
            text.push_str("  end\n");
        }
    }
    text.push_str("  classDef app fill:#dbeafe,stroke:#2563eb,color:#172554\n");
    text.push_str("  classDef role fill:#fef3c7,stroke:#d97706,color:#451a03\n");
    text.push_str("  classDef foreign fill:#f5f5f4,stroke:#78716c,color:#292524,stroke-dasharray:5 4\n");
    text.push_str("  classDef stream fill:#dcfce7,stroke:#16a34a,color:#052e16\n");
    text
}

fn nodes(at: usize, account: &AccountGraph) -> String {
    let AccountGraph { name: _, apps, roles, streams, assumes, writes } = account;
    let mut text = String::new();
    let mut add = |kind: &str, nodes: &[Node], open: &str, close: &str| {
        for (number, node) in nodes.iter().enumerate() {
            let class = if node.is_foreign { "foreign" } else { kind };
            let _ = writeln!(text, "  {kind}{at}_{number}{open}\"{}\"{close}:::{class}", label(node));
        }
    };
    add("app", apps, "[", "]");
    add("role", roles, "([", "])");
    add("stream", streams, "[(", ")]");
    for (app, role) in assumes {
        let _ = writeln!(text, "  app{at}_{app} --> role{at}_{role}");
    }
    for (role, stream) in writes {
        let _ = writeln!(text, "  role{at}_{role} --> stream{at}_{stream}");
    }
    text
}

fn label(node: &Node) -> String {
    let Node { title, details, is_foreign: _ } = node;
    match details.is_empty() {
        true => quoted(title),
        false => format!("{}<br/>{}", quoted(title), quoted(details)),
    }
}

/// Everything that Markdown, HTML or Mermaid could act on becomes an entity code.
/// Source: Mermaid documentation, "Entity codes to escape characters".
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || " .-·“”".contains(c) {
            quoted.push(c);
        } else {
            let _ = write!(quoted, "#{};", u32::from(c));
        }
    }
    quoted
}
