//! A graph as an SVG picture: three columns, with everything that is connected side by side.
use super::{AccountGraph, Graph, Node};
use crate::ui::views::count;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const STYLE: &str = include_str!("svg.css");

/// In pixels, as all sizes here.
const MARGIN: usize = 24;
const BOX_HEIGHT: usize = 46;
const BOX_GAP: usize = 10;
/// Between groups of connected boxes.
const GROUP_GAP: usize = 26;
const COLUMN_GAP: usize = 96;
const HEADING: usize = 96;
const ACCOUNT_HEADING: usize = 34;
const MIN_BOX_WIDTH: usize = 140;
/// The widths of characters of the fixed-width font.
const TITLE_CHAR: f64 = 7.9;
const DETAILS_CHAR: f64 = 6.7;
const BOX_PADDING: usize = 30;
/// Longer texts are cut in the middle; the tooltip has them in full.
const MAX_CHARS: usize = 46;

pub(super) fn text(graph: &Graph) -> String {
    let columns = Columns::of(graph);
    let (mut body, mut y) = (String::new(), HEADING);
    for account in &graph.accounts {
        if graph.accounts.len() > 1 {
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(
                body,
                "<text class=\"account\" x=\"{MARGIN}\" y=\"{}\">{}</text>",
                y + 14,
                xml(&account.name)
            );
            y += ACCOUNT_HEADING;
        }
        for group in groups(account) {
            body.push_str(&draw(account, &group, &columns, y));
            y += group.height() + GROUP_GAP;
        }
    }
    let (width, height) = (columns.end() + MARGIN, y + MARGIN - GROUP_GAP.min(y));
    let headings = columns.headings(graph);
    let workspace = xml(&graph.workspace);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Event streams of {workspace}\">\n\
         <style>\n{STYLE}</style>\n<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n\
         <text class=\"workspace\" x=\"{MARGIN}\" y=\"38\">{workspace}</text>\n{headings}{body}</svg>\n"
    )
}

/// The columns for apps, roles and streams.
struct Columns {
    widths: [usize; 3],
}

impl Columns {
    fn of(graph: &Graph) -> Columns {
        let widest = |nodes: fn(&AccountGraph) -> &[Node]| {
            let widths = graph.accounts.iter().flat_map(nodes).map(box_width);
            widths.max().unwrap_or(0).max(MIN_BOX_WIDTH)
        };
        Columns {
            widths: [widest(|graph| &graph.apps), widest(|graph| &graph.roles), widest(|graph| &graph.streams)],
        }
    }

    fn start(&self, column: usize) -> usize {
        MARGIN + self.widths.iter().take(column).map(|width| width + COLUMN_GAP).sum::<usize>()
    }

    fn end(&self) -> usize {
        self.start(2) + self.widths[2]
    }

    fn headings(&self, graph: &Graph) -> String {
        let total = |nodes: fn(&AccountGraph) -> &[Node]| graph.accounts.iter().map(|a| nodes(a).len()).sum();
        let names = [
            count(total(|graph| &graph.apps), "app"),
            count(total(|graph| &graph.roles), "role"),
            count(total(|graph| &graph.streams), "stream"),
        ];
        let mut text = String::new();
        for (column, name) in names.iter().enumerate() {
            let _ = writeln!(text, "<text class=\"heading\" x=\"{}\" y=\"74\">{name}</text>", self.start(column));
        }
        text
    }
}

fn box_width(node: &Node) -> usize {
    let shown = |text: &str| text.chars().count().min(MAX_CHARS) as f64;
    let text = (shown(&node.title) * TITLE_CHAR).max(shown(&node.details) * DETAILS_CHAR);
    text.ceil() as usize + BOX_PADDING
}

/// Boxes that are connected, in the order in which they are drawn.
#[derive(Default)]
pub(super) struct Group {
    pub(super) columns: [Vec<usize>; 3],
}

impl Group {
    fn height(&self) -> usize {
        self.columns.iter().map(|column| column_height(column.len())).max().unwrap_or(0)
    }
}

fn column_height(boxes: usize) -> usize {
    (boxes * (BOX_HEIGHT + BOX_GAP)).saturating_sub(BOX_GAP)
}

/// The groups of an account. In each, a box stands near the middle of the boxes that lead to it, which keeps most
/// lines apart.
pub(super) fn groups(account: &AccountGraph) -> Vec<Group> {
    let AccountGraph { name: _, apps, roles, streams, assumes, writes } = account;
    let mut group_of_role: Vec<usize> = (0..roles.len()).collect();
    for stream in 0..streams.len() {
        let writers: Vec<usize> = writes.iter().filter(|(_, to)| *to == stream).map(|(role, _)| *role).collect();
        let Some(first) = writers.iter().map(|role| group_of_role[*role]).min() else { continue };
        let joined: BTreeSet<usize> = writers.iter().map(|role| group_of_role[*role]).collect();
        for group in &mut group_of_role {
            if joined.contains(group) {
                *group = first;
            }
        }
    }
    let role_of = |app: usize| assumes.iter().find(|(from, _)| *from == app).map(|(_, role)| *role);
    let mut found: Vec<Group> = Vec::new();
    let mut alone = Group::default();
    let ids: BTreeSet<usize> = group_of_role.iter().copied().collect();
    for id in ids {
        let mut group = Group::default();
        group.columns[1] = (0..roles.len()).filter(|role| group_of_role[*role] == id).collect();
        group.columns[0] =
            (0..apps.len()).filter(|app| role_of(*app).is_some_and(|role| group_of_role[role] == id)).collect();
        group.columns[0].sort_by_key(|app| (role_of(*app), *app));
        let first_writer =
            |stream: usize| writes.iter().filter(|(_, to)| *to == stream).map(|(role, _)| *role).min();
        group.columns[2] = (0..streams.len())
            .filter(|stream| first_writer(*stream).is_some_and(|role| group_of_role[role] == id))
            .collect();
        group.columns[2].sort_by_key(|stream| (first_writer(*stream), *stream));
        found.push(group);
    }
    found.sort_by_key(|group| group.columns[0].iter().min().copied());
    alone.columns[0] = (0..apps.len()).filter(|app| role_of(*app).is_none()).collect();
    if !alone.columns[0].is_empty() {
        found.push(alone);
    }
    found
}

fn draw(account: &AccountGraph, group: &Group, columns: &Columns, top: usize) -> String {
    let height = group.height();
    let place = |column: usize, node: usize| {
        let boxes = &group.columns[column];
        let row = boxes.iter().position(|known| *known == node)?;
        let free = height - column_height(boxes.len());
        Some((columns.start(column), top + free / 2 + row * (BOX_HEIGHT + BOX_GAP)))
    };
    let mut text = String::new();
    let mut connect = |edges: &BTreeSet<(usize, usize)>, from: usize, class: &str| {
        for (start, end) in edges {
            let (Some((x1, y1)), Some((x2, y2))) = (place(from, *start), place(from + 1, *end)) else { continue };
            let (x1, y1, y2) = (x1 + columns.widths[from], y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2);
            let middle = x1.midpoint(x2);
            let _ =
                writeln!(text, "<path class=\"{class}\" d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>");
        }
    };
    connect(&account.assumes, 0, "assumes");
    connect(&account.writes, 1, "writes");
    for (column, (nodes, class)) in
        [(&account.apps, "app"), (&account.roles, "role"), (&account.streams, "stream")].into_iter().enumerate()
    {
        for node in &group.columns[column] {
            if let Some((x, y)) = place(column, *node) {
                text.push_str(&draw_box(&nodes[*node], class, columns.widths[column], x, y));
            }
        }
    }
    text
}

/// A nested `svg` cuts off what is wider than expected, such as letters of other scripts.
fn draw_box(node: &Node, kind: &str, width: usize, x: usize, y: usize) -> String {
    let Node { title, details, is_foreign } = node;
    let class = if *is_foreign { "foreign" } else { kind };
    let tooltip = if details.is_empty() { title.clone() } else { format!("{title}: {details}") };
    let title_y = if details.is_empty() { 28 } else { 20 };
    format!(
        "<svg class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BOX_HEIGHT}\">\
         <title>{}</title><rect class=\"box\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"7\"/>\
         <rect class=\"bar\" x=\"8\" y=\"10\" width=\"3\" height=\"{}\" rx=\"1.5\"/>\
         <text class=\"title\" x=\"20\" y=\"{title_y}\">{}</text>\
         <text class=\"details\" x=\"20\" y=\"36\">{}</text></svg>\n",
        xml(&tooltip),
        width - 1,
        BOX_HEIGHT - 1,
        BOX_HEIGHT - 20,
        xml(&cut(title)),
        xml(&cut(details)),
    )
}

fn cut(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= MAX_CHARS {
        return text.to_owned();
    }
    let (start, end) = (MAX_CHARS / 2, MAX_CHARS - MAX_CHARS / 2 - 1);
    chars[..start].iter().chain(['…'].iter()).chain(&chars[chars.len() - end..]).collect()
}

/// Characters that XML does not allow are replaced. Source: XML 1.0, "Characters".
fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}
