//! A plan as items of a review on the terminal.
use super::rows::{Row, groups};
use super::{Detail, Page};
use crate::ui::escape::escape;
use crate::ui::review::Item;
use crate::ui::style::of_action;
use pinpoint_streams_model::plan::Plan;

/// Every change with all its fields, wrapped to this width; destructive and widening changes come first.
pub(crate) fn items(plan: &Plan, width: usize) -> Vec<Item> {
    let groups = groups(plan);
    groups.iter().flat_map(|group| group.rows.iter().map(|row| item(row, &group.place, width))).collect()
}

fn item(row: &Row<'_>, place: &str, width: usize) -> Item {
    let (verb, sign, style) = of_action(row.change.action);
    let address = row.change.address.to_string();
    let why = row.why.map(|why| format!("({why})")).unwrap_or_default();
    let words = [address.as_str(), &row.what, &why].into_iter().filter(|words| !words.is_empty());
    let mut page = Page { text: String::new(), width, detail: Detail::Everything, with_notes: true };
    page.plain("      ", &escape(&format!("in {place}")), "      ");
    page.body(row);
    Item {
        sign: sign.to_owned(),
        style,
        line: escape(&words.collect::<Vec<_>>().join("  ")).into_owned(),
        details: anstream::adapter::strip_str(&page.text).to_string(),
        exclude: Some(address),
        verb: Some(verb),
    }
}
