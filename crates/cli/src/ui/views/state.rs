//! The state, as text, JSON, a page and a comment.
mod fields;
mod page;

pub(crate) use page::{StateCommands, page};

use crate::ui::escape::{escape, escape_owned};
use crate::ui::style::{STRONG, WARNING, paint};
use crate::ui::table::{LastCell, table};
use crate::ui::text::aligned_text;
use crate::ui::wrap::folded;
use fields::{Value, fields};
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Lineage, Serial, Workspace};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::recorded::{
    AppRecord, EventStreamRecord, Object, Pending, Quarantined, Recorded, Resource, Resources, RoleRecord,
};
use pinpoint_streams_model::region::Region;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The format of these documents in JSON.
const FORMAT_VERSION: u32 = 1;
/// The format of the list. Since 2, with the ID and the ARN of each resource.
const LIST_FORMAT_VERSION: u32 = 2;
/// The least room for the identity of a resource in a row of the list.
const LEAST_IDENTITY: usize = 24;

/// `table_width`: what the list is shortened to, if it is.
pub(crate) fn text(
    workspace: &Workspace,
    recorded: &Recorded,
    width: usize,
    table_width: Option<usize>,
) -> String {
    let Recorded { lineage, serial, accounts: _, resources: _, pending, quarantined: _ } = recorded;
    let Some(lineage) = lineage else { return closing_line(workspace, recorded) + "\n" };
    let heading = format!("{workspace}, lineage {lineage}, serial {serial}");
    let mut text = folded(&format!("{}\n\n", paint(STRONG, heading)), width);
    text.push_str(&list(recorded, table_width));
    for Pending { run, step: _, address, op, began_at } in pending {
        let (label, op) = (paint(WARNING, "pending:"), op.name());
        let line = format!("{label} {address} {op}, started by run {run} at {began_at:.0}\n");
        text.push_str(&folded(&line, width));
    }
    let _ = writeln!(text, "\n{}", closing_line(workspace, recorded));
    text
}

/// `12 recorded, 0 pending.`
pub(crate) fn closing_line(workspace: &Workspace, recorded: &Recorded) -> String {
    let Recorded { lineage, serial: _, accounts: _, resources, pending, quarantined } = recorded;
    if lineage.is_none() {
        return format!("Workspace {workspace} has no state yet.");
    }
    let quarantined = match quarantined.len() {
        0 => String::new(),
        number => format!(", {number} quarantined"),
    };
    format!("{} recorded, {} pending{quarantined}.", resources.len(), pending.len())
}

/// One row per resource: address, account and region, origin, identity. Within a width, identities are shortened;
/// `state show` and the JSON have them whole.
pub(crate) fn list(recorded: &Recorded, width: Option<usize>) -> String {
    let rows = recorded.resources.iter().map(|(address, resource)| row(address, resource));
    let Some(width) = width else {
        return aligned_text(&rows.collect::<Vec<_>>());
    };
    let rows: Vec<[String; 4]> = rows.map(|row| row.map(Cow::into_owned)).collect();
    table(&rows, LastCell::Shorten { least: LEAST_IDENTITY }, width).into_iter().map(|line| line + "\n").collect()
}

fn row(address: &Address, resource: &Resource) -> [Cow<'static, str>; 4] {
    let Resource { account, origin: _, protect: _, named_under: _, changed_at: _, object } = resource;
    let region = object.region().map_or("global", Region::as_str);
    let place = [account.as_str(), " ", region].concat();
    [address.to_string().into(), place.into(), origin(resource).into(), escape_owned(identity(object)).into()]
}

fn origin(Resource { origin, protect, .. }: &Resource) -> &'static str {
    match (origin, protect) {
        (Origin::Created, false) => "created",
        (Origin::Created, true) => "created, protected",
        (Origin::Adopted, false) => "adopted",
        (Origin::Adopted, true) => "adopted, protected",
    }
}

fn identity(object: &Object) -> String {
    match object {
        Object::App(AppRecord { region: _, id, name, tags: _ }) => [id.as_str(), " ", name].concat(),
        Object::Role(RoleRecord { arn, .. }) => arn.to_string(),
        Object::EventStream(EventStreamRecord { region: _, app_id, destination, role_arn: _ }) => {
            [app_id.as_str(), " → ", &destination.to_string()].concat()
        }
    }
}

pub(crate) fn json(workspace: &Workspace, recorded: &Recorded) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format_version: u32,
        workspace: &'a Workspace,
        lineage: &'a Option<Lineage>,
        serial: Serial,
        accounts: &'a BTreeMap<AccountAlias, AccountId>,
        resources: &'a Resources,
        pending: &'a [Pending],
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        quarantined: &'a BTreeMap<RoleArn, Quarantined>,
    }
    let Recorded { lineage, serial, accounts, resources, pending, quarantined } = recorded;
    let serial = *serial;
    super::json(&Document {
        format_version: FORMAT_VERSION,
        workspace,
        lineage,
        serial,
        accounts,
        resources,
        pending,
        quarantined,
    })
}

pub(crate) fn list_json(recorded: &Recorded) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format_version: u32,
        resources: Vec<Row<'a>>,
    }
    #[derive(Serialize)]
    struct Row<'a> {
        address: &'a Address,
        kind: Kind,
        account: &'a AccountId,
        region: Option<&'a Region>,
        origin: Origin,
        protect: bool,
        /// Of an app its ID, of an event stream that of its app, of a role its unique ID.
        id: &'a str,
        /// Of an event stream none: it is part of its app.
        arn: Option<String>,
    }
    fn row<'a>((address, resource): (&'a Address, &'a Resource)) -> Row<'a> {
        let Resource { account, origin, protect, named_under: _, changed_at: _, object } = resource;
        let (kind, region) = (object.kind(), object.region());
        let (id, arn) = match object {
            Object::App(AppRecord { region, id, name: _, tags: _ }) => {
                (id.as_str(), Some(AppArn::of(account, region, id).to_string()))
            }
            Object::EventStream(EventStreamRecord { app_id, .. }) => (app_id.as_str(), None),
            Object::Role(RoleRecord { arn, id, .. }) => (id.as_str(), Some(arn.to_string())),
        };
        Row { address, kind, account, region, origin: *origin, protect: *protect, id, arn }
    }
    let resources = recorded.resources.iter().map(row).collect();
    super::json(&Document { format_version: LIST_FORMAT_VERSION, resources })
}

pub(crate) fn resource_json(address: &Address, resource: &Resource) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format_version: u32,
        address: &'a Address,
        #[serde(flatten)]
        resource: &'a Resource,
    }
    super::json(&Document { format_version: FORMAT_VERSION, address, resource })
}

/// One resource, one field per line; policies in canonical form.
pub(crate) fn resource(address: &Address, resource: &Resource, width: usize) -> String {
    let [_, place, origin, _] = row(address, resource);
    let mut text = folded(&format!("{} ({place}): {origin}\n", paint(STRONG, address)), width);
    for (name, value) in fields(resource) {
        let name = escape(&name);
        match value {
            Value::Line(value) => text.push_str(&folded(&format!("  {name}: {}\n", escape(&value)), width)),
            Value::Document(lines) => {
                let _ = writeln!(text, "  {name}:");
                for line in lines {
                    let _ = writeln!(text, "    {}", escape(&line));
                }
            }
        }
    }
    text
}
