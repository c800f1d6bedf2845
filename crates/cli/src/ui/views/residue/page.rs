//! What else names Pinpoint, as a page and as a comment.
use super::{Searched, grouped, is_priced, price_note, summary, users, words};
use crate::ui::page::{Notice, Page, PageGroup, PageLine, PageRow, RowMark, Tone};
use crate::ui::text::count;
use crate::ui::views::sweep::{heading, unreachable};
use pinpoint_streams_model::live::residue::StreamMode;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::residue::{IdleStream, Residue, ResidueItem, ResidueReport};
use pinpoint_streams_model::sweep::SweptAccount;

const SERVICES: [&str; 5] = ["SES", "Lambda", "Pinpoint", "Kinesis", "Firehose"];

/// `everything`: the command that shows the findings as a page.
pub(crate) fn page(searched: &Searched, everything: &str) -> Page {
    let Searched { accounts, report: ResidueReport { found, gaps } } = searched;
    let read = accounts.iter().filter(|account| account.unreachable.is_none()).count();
    let about = [format!("Read {read} of {}.", count(accounts.len(), "account"))];
    let about = about.into_iter().chain(found.iter().any(is_priced).then(price_note));
    let not_read = accounts.iter().filter_map(unreachable).chain(grouped(gaps));
    let mark = |service| RowMark { value: service, sign: "-", tone: Tone::Warn, label: service };
    let groups = found.chunk_by(|one, other| one.place == other.place);
    Page {
        title: summary(found, searched.has_unknown()).trim_end_matches('.').into(),
        about: about.map(PageLine::plain).collect(),
        noun: "resource",
        facets: &["service", "account", "region"],
        marks: SERVICES.map(mark).into(),
        notices: Notice::of("Not read", not_read).into_iter().collect(),
        groups: groups.map(|found| group(found, accounts)).collect(),
        everything: everything.to_owned(),
        ..Page::default()
    }
}

/// Of one account and region.
fn group(found: &[Residue], accounts: &[SweptAccount]) -> PageGroup {
    let place = found.first().map(|residue| {
        let AccountRegion { account, region } = &residue.place;
        let known = accounts.iter().find(|known| known.id.as_ref() == Some(account));
        let account = known.map_or_else(|| account.to_string(), |known| heading(known.alias.as_str(), account));
        format!("{account}, {region}")
    });
    PageGroup {
        heading: place.unwrap_or_default().into(),
        counts: count(found.len(), "resource").into(),
        rows: found.iter().map(row).collect(),
        ..PageGroup::default()
    }
}

fn row(Residue { place, item }: &Residue) -> PageRow {
    let (service, name) = named(item);
    let named_by = match item {
        ResidueItem::IdleStream(IdleStream { named_by, .. }) => Some(users(named_by).into()),
        _ => None,
    };
    PageRow {
        values: vec![service.into(), place.account.to_string().into(), place.region.to_string().into()],
        name: name.into(),
        text: words(item).into(),
        notes: named_by.into_iter().collect(),
        ..PageRow::default()
    }
}

/// The service and the name of a resource.
fn named(item: &ResidueItem) -> (&'static str, String) {
    match item {
        ResidueItem::IdentityPolicy { identity, .. } => ("SES", identity.clone()),
        ResidueItem::EventDestination { configuration_set, .. } => ("SES", configuration_set.clone()),
        ResidueItem::FunctionPolicy { function, .. } => ("Lambda", function.clone()),
        ResidueItem::ImportJobs { app, .. }
        | ResidueItem::ExportJobs { app, .. }
        | ResidueItem::EmailChannel { app, .. } => ("Pinpoint", app.id.to_string()),
        ResidueItem::Recommender { id, .. } => ("Pinpoint", id.clone()),
        ResidueItem::MessageTemplate { name, .. } => ("Pinpoint", name.clone()),
        ResidueItem::IdleStream(IdleStream { stream, mode, .. }) => match mode {
            StreamMode::Firehose => ("Firehose", stream.name().to_owned()),
            StreamMode::Provisioned { .. } | StreamMode::OnDemand => ("Kinesis", stream.name().to_owned()),
        },
    }
}
