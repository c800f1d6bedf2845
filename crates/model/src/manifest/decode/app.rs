//! `[apps.*]`.
use super::role;
use super::visitor::{Field, Table, Visitor, given};
use crate::manifest::diagnostic::Diagnostic;
use crate::manifest::document::{App, Identity};
use crate::manifest::keys;
use crate::manifest::source::Placed;
use crate::manifest::template::Placeholder;
use crate::region::{PINPOINT_REGIONS, Region};

pub(super) fn decode(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<App> {
    let table = visitor.table(field, keys::APP)?;
    Some(App {
        key: field.key,
        identity: identity(visitor, field, &table),
        account: given(table.get("account").map(|field| visitor.fixed(field))),
        region: given(table.get("region").map(|field| region(visitor, field))),
        stream: given(table.get("stream").map(|field| visitor.fixed(field))),
        role: given(table.get("role").map(|field| role::choice(visitor, field))),
        tags: role::tags(visitor, table.get("tags")),
        protect: visitor.flag(table.get("protect")),
        adopt: visitor.flag(table.get("adopt")),
    })
}

fn identity(visitor: &mut Visitor<'_>, field: &Field<'_>, table: &Table<'_>) -> Option<Identity> {
    let path = &table.path;
    match (table.get("id"), table.get("name")) {
        (Some(id), None) => visitor.parsed(id).map(Identity::Id),
        (None, Some(name)) => visitor.text(name, Placeholder::OF_APP).map(Identity::Name),
        (Some(id), Some(name)) => {
            let error = Diagnostic::new(format!("{path} has both id and name"));
            let error = error.at(name.key, "for an app to be created and owned here");
            visitor.error(error.and(id.key, "for an app that exists"));
            None
        }
        (None, None) => {
            let error = Diagnostic::new(format!("{path} has neither id nor name")).at(field.key, "");
            visitor.missing(error.help(
                "add `id = \"…\"` for an app that exists, or `name = \"…\"` for one to be created and owned here",
            ));
            None
        }
    }
}

/// A region with Pinpoint.
pub(super) fn region(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<Placed<Region>> {
    let region: Placed<Region> = visitor.parsed(field)?;
    if region.value.has_pinpoint() {
        return Some(region);
    }
    let error = Diagnostic::new(format!("{} is a region without Amazon Pinpoint", field.path));
    let error = error.at(field.place, format!("{} has no endpoint", region.value));
    visitor.error(error.help(format!("Pinpoint is in {}", PINPOINT_REGIONS.join(", "))));
    None
}
