//! The state as a page and as a comment.
use super::fields::{Value, fields};
use super::{identity, origin};
use crate::ui::page::{NextStep, Notice, Page, PageField, PageGroup, PageLine, PageRow, RowMark, Tone};
use crate::ui::text::count;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::ids::{AccountId, Workspace};
use pinpoint_streams_model::recorded::{Pending, Recorded, Resource};
use pinpoint_streams_model::region::Region;
use std::collections::BTreeMap;

/// The commands that follow, as they are typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct StateCommands {
    pub(crate) plan: String,
    /// Shows the state as a page.
    pub(crate) everything: String,
}

pub(crate) fn page(workspace: &Workspace, recorded: &Recorded, commands: &StateCommands) -> Page {
    let Recorded { lineage, serial, accounts: _, resources, pending, quarantined } = recorded;
    let StateCommands { plan, everything } = commands;
    let title = match lineage {
        Some(_) => format!("{} recorded, {} pending", count(resources.len(), "resource"), pending.len()),
        None => format!("Workspace {workspace} has no state yet"),
    };
    let about = lineage.as_ref().map(|lineage| {
        let quarantines = count(quarantined.len(), "quarantined role");
        PageLine::plain(format!("Workspace {workspace}, lineage {lineage}, serial {serial}, {quarantines}."))
    });
    let mut groups: BTreeMap<(&AccountId, bool, Option<&Region>), Vec<PageRow>> = BTreeMap::new();
    for (address, resource) in resources.iter() {
        let region = resource.object.region();
        // What is global comes last.
        let place = (&resource.account, region.is_none(), region);
        groups.entry(place).or_default().push(row(address, resource));
    }
    let group = |((account, _, region), rows): ((&AccountId, bool, Option<&Region>), Vec<PageRow>)| PageGroup {
        heading: format!("{account}, {}", region.map_or("global", Region::as_str)).into(),
        counts: count(rows.len(), "resource").into(),
        rows,
        ..PageGroup::default()
    };
    let mark = |kind: Kind| RowMark { value: kind.as_str(), sign: "=", tone: Tone::Info, label: kind.as_str() };
    Page {
        title: title.into(),
        about: about.into_iter().collect(),
        noun: "resource",
        facets: &["kind", "account", "region", "origin"],
        marks: [Kind::EventStream, Kind::Role, Kind::App].map(mark).into(),
        notices: Notice::of("Pending", pending.iter().map(in_progress)).into_iter().collect(),
        groups: groups.into_iter().map(group).collect(),
        next: vec![NextStep::of("Compare it with AWS and the manifest", plan.as_str())],
        everything: everything.clone(),
        ..Page::default()
    }
}

fn in_progress(Pending { run, step: _, address, op, began_at }: &Pending) -> String {
    format!("{address} {}, started by run {run} at {began_at:.0}", op.name())
}

fn row(address: &Address, resource: &Resource) -> PageRow {
    let region = resource.object.region().map_or("global", Region::as_str);
    let kind = resource.object.kind().as_str();
    let field = |(name, value): (String, Value)| match value {
        Value::Line(value) => PageField::of(name, value),
        Value::Document(lines) => PageField {
            label: name.into(),
            document: lines.into_iter().map(|line| format!("  {line}").into()).collect(),
            ..PageField::default()
        },
    };
    PageRow {
        values: vec![kind.into(), resource.account.to_string().into(), region.into(), origin(resource).into()],
        name: address.to_string().into(),
        text: identity(&resource.object).into(),
        aside: Some(origin(resource).into()),
        fields: fields(resource).into_iter().map(field).collect(),
        ..PageRow::default()
    }
}
