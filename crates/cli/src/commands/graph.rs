//! `graph`: the apps of the manifest, the roles that Pinpoint assumes for them, and the streams they write to; offline.
mod dot;
mod mermaid;
mod svg;
#[cfg(test)]
mod tests;

use crate::ui::{CommandContext, Error, Exit, escape};
use crate::workspace::Workspace;
use clap::{Args, ValueEnum};
use pinpoint_streams_model::desired::{AppIdentity, Desired, DesiredApp, DesiredRole, RoleRef};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RoleKey};
use pinpoint_streams_model::manifest::{AccountSpec, Manifest};
use pinpoint_streams_model::role_kind::StreamTarget;
use std::collections::{BTreeMap, BTreeSet};

/// `graph`
#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    /// Output format.
    #[arg(long, value_enum, ignore_case = true, default_value_t)]
    pub format: GraphFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Text for a `mermaid` block in Markdown.
    #[default]
    Mermaid,
    /// Input for Graphviz.
    Dot,
    /// An SVG image.
    Svg,
}

pub(super) fn run(args: GraphArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let workspace = Workspace::open(context)?;
    let graph = Graph::of_manifest(workspace.manifest()?)?;
    context.show(&match args.format {
        GraphFormat::Mermaid => mermaid::text(&graph),
        GraphFormat::Dot => dot::text(&graph),
        GraphFormat::Svg => svg::text(&graph),
    })?;
    Ok(Exit::Done)
}

/// What a manifest connects, by account. Nodes refer to others by their index in the same account.
#[derive(Debug, PartialEq, Eq)]
struct Graph {
    workspace: String,
    accounts: Vec<AccountGraph>,
}

#[derive(Debug, PartialEq, Eq)]
struct AccountGraph {
    /// The alias, and the ID where it is known.
    name: String,
    apps: Vec<Node>,
    roles: Vec<Node>,
    streams: Vec<Node>,
    /// From app to role.
    assumes: BTreeSet<(usize, usize)>,
    /// From role to stream.
    writes: BTreeSet<(usize, usize)>,
}

/// A box. Its texts have no invisible characters.
#[derive(Debug, PartialEq, Eq)]
struct Node {
    title: String,
    details: String,
    /// Managed elsewhere.
    is_foreign: bool,
}

impl Node {
    fn new(title: &str, details: &[&str], is_foreign: bool) -> Node {
        let details: Vec<_> = details.iter().copied().filter(|detail| !detail.is_empty()).map(escape).collect();
        Node { title: escape(title).into_owned(), details: details.join(" · "), is_foreign }
    }
}

/// A role as a node: by its key, or by the ARN of one that is managed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum RoleNode {
    Managed(RoleKey),
    Elsewhere(String),
}

impl Graph {
    fn of_manifest(manifest: &Manifest) -> Result<Graph, Error> {
        Ok(Graph::of(manifest.offline(), &manifest.accounts()))
    }

    fn of(desired: &Desired, declared: &BTreeMap<AccountAlias, AccountSpec>) -> Graph {
        let accounts = desired.accounts.iter().filter_map(|(alias, id)| {
            let is_known = declared.get(alias).is_some_and(|spec| spec.id.is_some());
            let name = if is_known { format!("{alias} {id}") } else { alias.to_string() };
            let graph = AccountGraph::of(desired, id, escape(&name).into_owned());
            (!graph.apps.is_empty()).then_some(graph)
        });
        Graph { workspace: escape(desired.workspace.as_str()).into_owned(), accounts: accounts.collect() }
    }
}

impl AccountGraph {
    fn of(desired: &Desired, account: &AccountId, name: String) -> AccountGraph {
        let apps: Vec<_> = desired.apps.iter().filter(|(_, app)| app.account == *account).collect();
        let mut targets_of_role: BTreeMap<RoleNode, BTreeSet<&StreamTarget>> = BTreeMap::new();
        for stream in apps.iter().filter_map(|(_, app)| app.event_stream.as_ref()) {
            targets_of_role.entry(role_node(&stream.role)).or_default().insert(&stream.target);
        }
        let targets: BTreeSet<_> = targets_of_role.values().flatten().copied().collect();
        let (roles, streams): (Vec<_>, Vec<_>) = (targets_of_role.keys().collect(), targets.into_iter().collect());
        let role_at = |role: &RoleNode| roles.iter().position(|known| *known == role);
        let stream_at = |target: &StreamTarget| streams.iter().position(|known| *known == target);
        let assumes = apps
            .iter()
            .enumerate()
            .filter_map(|(at, (_, app))| Some((at, role_at(&role_node(&app.event_stream.as_ref()?.role))?)));
        let writes = targets_of_role.iter().flat_map(|(role, targets)| {
            targets.iter().filter_map(|target| Some((role_at(role)?, stream_at(target)?)))
        });
        let has_choice = |app: &DesiredApp| {
            let role = app.event_stream.as_ref().map(|stream| role_node(&stream.role));
            role.and_then(|role| targets_of_role.get(&role)).is_some_and(|targets| targets.len() > 1)
        };
        AccountGraph {
            name,
            assumes: assumes.collect(),
            writes: writes.collect(),
            apps: apps.iter().map(|(key, app)| app_node(key.as_str(), app, has_choice(app))).collect(),
            roles: roles.iter().map(|role| describe_role(role, desired)).collect(),
            streams: streams.iter().map(|target| stream_node(target)).collect(),
        }
    }
}

fn role_node(role: &RoleRef) -> RoleNode {
    match role {
        RoleRef::Managed(key) => RoleNode::Managed(key.clone()),
        RoleRef::Elsewhere(arn) => RoleNode::Elsewhere(arn.to_string()),
    }
}

/// An app names its stream where its role writes to several.
fn app_node(key: &str, app: &DesiredApp, names_stream: bool) -> Node {
    let DesiredApp { account: _, region, identity, event_stream, protect, adopt: _ } = app;
    let name = match identity {
        AppIdentity::Existing(id) => id.to_string(),
        AppIdentity::Owned { name, tags: _ } => format!("“{name}”"),
    };
    let stream = match event_stream {
        None => "no event stream".to_owned(),
        Some(stream) if names_stream => format!("to {}", stream.target.arn.name()),
        Some(_) => String::new(),
    };
    Node::new(key, &[region.as_str(), &name, &stream, if *protect { "protected" } else { "" }], false)
}

fn describe_role(role: &RoleNode, desired: &Desired) -> Node {
    let described = |key: &RoleKey, role: &DesiredRole| {
        let name = role.arn_under(key).map(|arn| arn.name.to_string()).unwrap_or_default();
        Node::new(key.as_str(), &[&name], false)
    };
    match role {
        RoleNode::Managed(key) => match desired.roles.get(key) {
            Some(role) => described(key, role),
            None => Node::new(key.as_str(), &[], false),
        },
        RoleNode::Elsewhere(arn) => {
            let name = arn.rsplit('/').next().unwrap_or(arn);
            Node::new(name, &["managed elsewhere"], true)
        }
    }
}

fn stream_node(target: &StreamTarget) -> Node {
    let StreamTarget { arn, kms_key } = target;
    let key = if kms_key.is_some() { "customer key" } else { "" };
    Node::new(arn.name(), &[&arn.service().to_string(), arn.region().as_str(), key], false)
}
