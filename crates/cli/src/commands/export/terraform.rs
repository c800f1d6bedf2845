//! `export terraform`: a configuration that imports what the state records and creates the rest.
use super::declared::{
    AppRef, Declared, DeclaredAccount, DeclaredEventStream, DeclaredRole, NewApp, Piece, StreamRole, pieces,
};
use hcl::expr::{FuncCall, Object, ObjectKey, Traversal, Variable};
use hcl::{Attribute, Block, Body, Expression, Identifier, Structure};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_model::manifest::AccountSpec;
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::{Object as RecordedObject, Recorded};
use pinpoint_streams_model::region::Region;
use std::collections::{BTreeMap, BTreeSet};

const HEAD: &str = "\
# For Terraform 1.5 or OpenTofu 1.6 and later.
#
# `terraform plan` must show nothing to destroy: what the state records is imported, and only its tags
# `pinpoint-streams:*` are removed. After `terraform apply`, remove the same resources from the state of
# pinpoint-streams with `pinpoint-streams state rm`, and delete the import blocks.
";

const APP: &str = "aws_pinpoint_app";
const ROLE: &str = "aws_iam_role";
const ROLE_POLICY: &str = "aws_iam_role_policy";
const EVENT_STREAM: &str = "aws_pinpoint_event_stream";
const JSONENCODE: &str = "jsonencode";

pub(super) fn configuration(
    declared: &Declared<'_>,
    accounts: &BTreeMap<AccountAlias, AccountSpec>,
    recorded: &Recorded,
) -> String {
    let providers = Providers::of(declared);
    let mut text = format!("# Workspace {}.\n{HEAD}", declared.workspace);
    let mut add = |block: Block| {
        text.push('\n');
        text.push_str(&formatted(block));
    };
    add(requirements());
    for provider in providers.blocks(declared, accounts) {
        add(provider);
    }
    let writer = Writer { declared, providers: &providers, recorded };
    for account in &declared.accounts {
        writer.blocks(account).into_iter().for_each(&mut add);
    }
    text
}

/// A block as text. Policies are on several lines, unlike other arguments of functions.
fn formatted(mut block: Block) -> String {
    let mut policies = Vec::new();
    for attribute in block.body.attributes_mut() {
        let argument = match &attribute.expr {
            Expression::FuncCall(call) if call.name.name.as_str() == JSONENCODE => call.args.first(),
            _ => None,
        };
        if let Some(argument) = argument {
            policies.push((attribute.key.to_string(), lines(argument, 1)));
            attribute.expr = Expression::Null;
        }
    }
    // Formatting our own blocks to memory cannot fail, here and below.
    let mut text = hcl::format::to_string(&Body::from(vec![Structure::Block(block)])).unwrap_or_default();
    for (name, policy) in policies {
        text = text.replacen(&format!("  {name} = null\n"), &format!("  {name} = {JSONENCODE}({policy})\n"), 1);
    }
    text
}

/// An expression with every entry of an object on a line of its own.
fn lines(expression: &Expression, depth: usize) -> String {
    match expression {
        Expression::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| lines(item, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Expression::Object(object) => {
            let (indent, end) = ("  ".repeat(depth + 1), "  ".repeat(depth));
            let key = |key: &ObjectKey| match key {
                ObjectKey::Expression(text) => hcl::format::to_string(text).unwrap_or_default(),
                name => name.to_string(),
            };
            let entry = |(name, value): (&ObjectKey, &Expression)| {
                format!("{indent}{} = {}\n", key(name), lines(value, depth + 1))
            };
            format!("{{\n{}{end}}}", object.iter().map(entry).collect::<String>())
        }
        other => hcl::format::to_string(other).unwrap_or_default(),
    }
}

fn requirements() -> Block {
    let aws = object([("source", Expression::from("hashicorp/aws")), ("version", Expression::from(">= 5.0"))]);
    let providers = Block::builder("required_providers").add_attribute(("aws", aws)).build();
    Block::builder("terraform").add_attribute(("required_version", ">= 1.5")).add_block(providers).build()
}

/// A provider for each account and region. Where there is only one, it has no alias.
struct Providers<'a> {
    places: BTreeSet<(&'a AccountId, &'a Region)>,
    aliases: BTreeMap<&'a AccountId, &'a str>,
}

impl<'a> Providers<'a> {
    fn of(declared: &Declared<'a>) -> Providers<'a> {
        let mut places = BTreeSet::new();
        for DeclaredAccount { alias: _, id, new_apps, roles: _, event_streams } in &declared.accounts {
            places.extend(new_apps.iter().map(|app| (*id, app.region)));
            places.extend(event_streams.iter().map(|stream| (*id, stream.region)));
        }
        Providers {
            places,
            aliases: declared.accounts.iter().map(|account| (account.id, account.alias)).collect(),
        }
    }

    fn alias(&self, account: &AccountId, region: &Region) -> String {
        let alias = format!("{}-{region}", self.aliases.get(account).copied().unwrap_or_default());
        if alias.starts_with(|c: char| c.is_ascii_digit()) { format!("_{alias}") } else { alias }
    }

    fn blocks(&self, declared: &Declared<'_>, accounts: &BTreeMap<AccountAlias, AccountSpec>) -> Vec<Block> {
        let spec = |account: &AccountId| {
            let alias = declared.accounts.iter().find(|known| known.id == account)?.alias;
            accounts.iter().find(|(known, _)| known.as_str() == alias).map(|(_, spec)| spec)
        };
        let block = |(account, region): &(&AccountId, &Region)| {
            let mut block = Block::builder("provider").add_label("aws");
            if self.places.len() > 1 {
                block = block.add_attribute(("alias", self.alias(account, region)));
            }
            block = block.add_attribute(("region", region.as_str()));
            let ids = Expression::Array(vec![Expression::from(account.as_str())]);
            block = block.add_attribute(("allowed_account_ids", ids));
            if let Some(AccountSpec { id: _, profile, assume_role, external_id, session_name }) = spec(account) {
                if let Some(profile) = profile {
                    block = block.add_attribute(("profile", profile.as_str()));
                }
                if let Some(role) = assume_role {
                    let mut assume = Block::builder("assume_role").add_attribute(("role_arn", role.to_string()));
                    for (name, value) in [("external_id", external_id), ("session_name", session_name)] {
                        if let Some(value) = value {
                            assume = assume.add_attribute((name, value.as_str()));
                        }
                    }
                    block = block.add_block(assume.build());
                }
            }
            block.build()
        };
        self.places.iter().map(block).collect()
    }

    /// `provider = aws.ALIAS` for a resource in a region, or of an account.
    fn attribute(&self, account: &AccountId, region: Option<&Region>) -> Option<Attribute> {
        let of_account = |place: &&(&AccountId, &Region)| place.0 == account;
        let region = region.or_else(|| self.places.iter().find(of_account).map(|(_, region)| *region))?;
        (self.places.len() > 1)
            .then(|| Attribute::new("provider", traversal("aws", &[&self.alias(account, region)])))
    }
}

struct Writer<'a> {
    declared: &'a Declared<'a>,
    providers: &'a Providers<'a>,
    recorded: &'a Recorded,
}

impl Writer<'_> {
    fn blocks(&self, account: &DeclaredAccount<'_>) -> Vec<Block> {
        let DeclaredAccount { alias: _, id, new_apps, roles, event_streams } = account;
        let mut blocks = Vec::new();
        for NewApp { key, label, region, name, tags, protect } in new_apps {
            let address = Address::App((*key).clone());
            if let Some(RecordedObject::App(app)) = self.object(&address) {
                blocks.push(import(APP, label, app.id.as_str()));
            }
            let provider = self.providers.attribute(id, Some(region));
            blocks.push(resource(APP, label, provider, [("name", Expression::from(*name))], tags, *protect));
        }
        for DeclaredRole { key, label, arn, desired, trust_policy, permissions } in roles {
            let address = Address::Role((*key).clone());
            if let Some(RecordedObject::Role(role)) = self.object(&address) {
                blocks.push(import(ROLE, label, role.arn.name.as_str()));
                if role.inline_policies.contains_key(&desired.policy_name) {
                    let policy = format!("{}:{}", role.arn.name, desired.policy_name);
                    blocks.push(import(ROLE_POLICY, label, &policy));
                }
            }
            let provider = self.providers.attribute(id, None);
            let mut attributes = vec![
                ("name", Expression::from(arn.name.as_str())),
                ("path", Expression::from(arn.path.as_str())),
                ("max_session_duration", Expression::from(desired.max_session_duration)),
                ("assume_role_policy", self.document(trust_policy)),
            ];
            if !desired.description.is_empty() {
                attributes.push(("description", Expression::from(desired.description.as_str())));
            }
            if let Some(boundary) = &desired.permissions_boundary {
                attributes.push(("permissions_boundary", Expression::from(boundary.as_str())));
            }
            let role = resource(ROLE, label, provider.clone(), attributes, &desired.tags, desired.protect);
            let policy = [
                ("name", Expression::from(desired.policy_name.as_str())),
                ("role", traversal(ROLE, &[label, "name"])),
                ("policy", self.document(permissions)),
            ];
            blocks.extend([role, resource(ROLE_POLICY, label, provider, policy, &Tags::default(), false)]);
        }
        for DeclaredEventStream { key, label, region, app, target, role, protect } in event_streams {
            let address = Address::EventStream((*key).clone());
            if let Some(RecordedObject::EventStream(stream)) = self.object(&address) {
                blocks.push(import(EVENT_STREAM, label, stream.app_id.as_str()));
            }
            let app_id = match app {
                AppRef::Known(id) => Expression::from(id.as_str()),
                AppRef::New(label) => traversal(APP, &[label, "application_id"]),
            };
            let mut attributes = vec![
                ("application_id", app_id),
                ("destination_stream_arn", Expression::from(target.arn.to_string())),
            ];
            match role {
                StreamRole::Elsewhere(arn) => attributes.push(("role_arn", Expression::from(arn.to_string()))),
                StreamRole::Declared { label, arn: _ } => {
                    attributes.push(("role_arn", traversal(ROLE, &[label, "arn"])));
                    let policy = traversal(ROLE_POLICY, &[label]);
                    attributes.push(("depends_on", Expression::Array(vec![policy])));
                }
            }
            let provider = self.providers.attribute(id, Some(region));
            blocks.push(resource(EVENT_STREAM, label, provider, attributes, &Tags::default(), *protect));
        }
        blocks
    }

    fn object(&self, address: &Address) -> Option<&RecordedObject> {
        self.recorded.resources.get(address).map(|resource| &resource.object)
    }

    /// `jsonencode({ … })`, with the ARNs of new apps as references.
    fn document(&self, document: &Document) -> Expression {
        // A document is valid JSON.
        let tree: serde_json::Value = serde_json::from_str(&document.to_json()).unwrap_or_default();
        FuncCall::builder(JSONENCODE).arg(self.expression(&tree)).build().into()
    }

    fn expression(&self, value: &serde_json::Value) -> Expression {
        match value {
            serde_json::Value::Null => Expression::Null,
            serde_json::Value::Bool(truth) => Expression::Bool(*truth),
            serde_json::Value::Number(number) => Expression::from(number.to_string()),
            serde_json::Value::String(text) => match pieces(text).next() {
                Some(Piece::AppArn(label)) if self.declared.new_app(label).is_some() => {
                    traversal(APP, &[label, "arn"])
                }
                _ => Expression::from(text.as_str()),
            },
            serde_json::Value::Array(list) => list.iter().map(|one| self.expression(one)).collect(),
            serde_json::Value::Object(map) => {
                object(map.iter().map(|(key, value)| (key.as_str(), self.expression(value))))
            }
        }
    }
}

/// A map with keys that are written without quotes where they are identifiers.
fn object<'k>(entries: impl IntoIterator<Item = (&'k str, Expression)>) -> Expression {
    let key = |text: &str| match Identifier::new(text) {
        Ok(identifier) => ObjectKey::Identifier(identifier),
        Err(_) => ObjectKey::Expression(Expression::from(text)),
    };
    Expression::Object(entries.into_iter().map(|(name, value)| (key(name), value)).collect::<Object<_, _>>())
}

fn traversal(root: &str, attributes: &[&str]) -> Expression {
    let root = Variable::from(Identifier::sanitized(root));
    let traversal = Traversal::builder(root);
    attributes.iter().fold(traversal, |so_far, name| so_far.attr(Identifier::sanitized(name))).build().into()
}

fn import(kind: &str, label: &str, id: &str) -> Block {
    Block::builder("import").add_attribute(("to", traversal(kind, &[label]))).add_attribute(("id", id)).build()
}

fn resource<'n>(
    kind: &str,
    label: &str,
    provider: Option<Attribute>,
    attributes: impl IntoIterator<Item = (&'n str, Expression)>,
    tags: &Tags,
    protect: bool,
) -> Block {
    let mut block = Block::builder("resource").add_labels([kind, label]).add_attributes(provider);
    for attribute in attributes {
        block = block.add_attribute(attribute);
    }
    if !tags.is_empty() {
        let tags = object(tags.iter().map(|(key, value)| (key.as_str(), Expression::from(value.as_str()))));
        block = block.add_attribute(("tags", tags));
    }
    if protect {
        block = block.add_block(Block::builder("lifecycle").add_attribute(("prevent_destroy", true)).build());
    }
    block.build()
}
