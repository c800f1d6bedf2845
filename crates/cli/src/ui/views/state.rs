//! The state, as text and JSON.
use crate::ui::escape::escape;
use crate::ui::style::{QUIET, STRONG, WARNING, paint};
use crate::ui::text::aligned;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Lineage, Serial, Workspace};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::recorded::{
    AppRecord, EventStreamRecord, Object, Pending, Quarantined, Recorded, Resource, Resources, RoleRecord,
};
use pinpoint_streams_model::region::Region;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The format of these documents in JSON.
const FORMAT_VERSION: u32 = 1;
/// The format of the list. Since 2, with the ID and the ARN of each resource.
const LIST_FORMAT_VERSION: u32 = 2;

pub(crate) fn text(workspace: &Workspace, recorded: &Recorded) -> String {
    let Recorded { lineage, serial, accounts: _, resources, pending, quarantined } = recorded;
    let Some(lineage) = lineage else {
        return format!("Workspace {workspace} has no state yet.\n");
    };
    let mut text = format!("{}\n\n", paint(STRONG, format!("{workspace}, lineage {lineage}, serial {serial}")));
    text.push_str(&list(recorded));
    for Pending { run, step: _, address, op, began_at } in pending {
        let op = op.name();
        let _ =
            writeln!(text, "{} {address} {op}, started by run {run} at {began_at}", paint(WARNING, "pending:"));
    }
    let _ = write!(text, "\n{} recorded, {} pending", resources.len(), pending.len());
    if !quarantined.is_empty() {
        let _ = write!(text, ", {} quarantined", quarantined.len());
    }
    text.push_str(".\n");
    text
}

/// A line a resource: address, account and region, origin, identity.
pub(crate) fn list(recorded: &Recorded) -> String {
    let rows: Vec<[String; 4]> =
        recorded.resources.iter().map(|(address, resource)| row(address, resource)).collect();
    aligned(&rows).into_iter().map(|line| line + "\n").collect()
}

fn row(address: &Address, resource: &Resource) -> [String; 4] {
    let Resource { account, origin, protect, named_under: _, changed_at: _, object } = resource;
    let region = object.region().map_or("global", Region::as_str);
    let origin = match (origin, protect) {
        (Origin::Created, false) => "created",
        (Origin::Created, true) => "created, protected",
        (Origin::Adopted, false) => "adopted",
        (Origin::Adopted, true) => "adopted, protected",
    };
    [
        address.to_string(),
        format!("{account} {region}"),
        origin.to_owned(),
        paint(QUIET, escape(&identity(object))).to_string(),
    ]
}

fn identity(object: &Object) -> String {
    match object {
        Object::App(AppRecord { region: _, id, name, tags: _ }) => format!("{id} {name}"),
        Object::Role(RoleRecord { arn, .. }) => arn.to_string(),
        Object::EventStream(EventStreamRecord { region: _, app_id, destination, role_arn: _ }) => {
            format!("{app_id} to {destination}")
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

/// One resource, a line a field; policies in canonical form.
pub(crate) fn resource(address: &Address, resource: &Resource) -> String {
    let [_, place, origin, _] = row(address, resource);
    let Resource { account: _, origin: _, protect: _, named_under, changed_at, object } = resource;
    let mut text = format!("{} ({place}): {origin}\n", paint(STRONG, address));
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name}: {}", escape(value));
    };
    field("named_under", named_under);
    field("changed_at", &changed_at.to_string());
    match object {
        Object::App(AppRecord { region: _, id, name, tags }) => {
            field("id", id.as_str());
            field("name", name);
            tags.iter().for_each(|(key, value)| field(&format!("tags.{}", escape(key)), value));
        }
        Object::EventStream(EventStreamRecord { region: _, app_id, destination, role_arn }) => {
            field("app_id", app_id.as_str());
            field("destination", &destination.to_string());
            field("role_arn", &role_arn.to_string());
        }
        Object::Role(RoleRecord {
            arn,
            id,
            trust_policy,
            inline_policies,
            description,
            max_session_duration,
            permissions_boundary,
            tags,
        }) => {
            field("arn", &arn.to_string());
            field("id", id.as_str());
            field("description", description);
            field("max_session_duration", &max_session_duration.to_string());
            field("permissions_boundary", permissions_boundary.as_ref().map_or("none", |arn| arn.as_str()));
            tags.iter().for_each(|(key, value)| field(&format!("tags.{}", escape(key)), value));
            let named =
                inline_policies.iter().map(|(name, document)| (format!("inline_policies.{name}"), document));
            for (name, document) in std::iter::once(("trust_policy".to_owned(), trust_policy)).chain(named) {
                let _ = writeln!(text, "  {name}:");
                for line in document.canonical_lines() {
                    let _ = writeln!(text, "    {}", escape(&line));
                }
            }
        }
    }
    text
}
