//! The roles that a state file of Terraform, OpenTofu or Pulumi manages, or that an event stream in it uses.
//!
//! | file | recognized by |
//! | --- | --- |
//! | Terraform or OpenTofu state, formats 3 and 4 | `version` beside `terraform_version`, `modules` or `resources` |
//! | `terraform show -json` of a state, formats 0 and 1 | `format_version` |
//! | `pulumi stack export`, or a checkpoint of a self-managed backend | `deployment` or `checkpoint` |
//!
//! Anything else is an error: a file that is taken for an empty state makes every role in it look unmanaged.
use pinpoint_streams_model::unique_names;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// Resource types that manage an IAM role: the AWS provider's, and the Cloud Control provider's.
pub(in crate::commands) const TERRAFORM_ROLES: [&str; 2] = ["aws_iam_role", "awscc_iam_role"];
pub(in crate::commands) const TERRAFORM_EVENT_STREAM: &str = "aws_pinpoint_event_stream";
/// The same of Pulumi's AWS Classic and AWS Cloud Control providers.
const PULUMI_ROLES: [&str; 2] = ["aws:iam/role:Role", "aws-native:iam:Role"];
const PULUMI_EVENT_STREAM: &str = "aws:pinpoint/eventStream:EventStream";

/// How a state names a role: by its ARN, or by its name where the ARN is missing or secret.
pub(super) type RoleNames = BTreeSet<String>;

/// The roles in a state file, and what kind of file it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct IacState {
    pub(super) kind: Kind,
    pub(super) roles: RoleNames,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Kind {
    Terraform { format: u64 },
    TerraformShow,
    Pulumi,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Terraform { format } => write!(f, "Terraform state, format {format}"),
            Kind::TerraformShow => f.write_str("output of `terraform show -json`"),
            Kind::Pulumi => f.write_str("Pulumi stack export"),
        }
    }
}

/// Why a file is not used.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::commands) struct Rejected {
    pub(in crate::commands) problem: String,
    pub(in crate::commands) hint: &'static str,
}

pub(in crate::commands) const TERRAFORM_HINT: &str =
    "use the output of `terraform state pull` or `terraform show -json`";
const PULUMI_HINT: &str = "use the output of `pulumi stack export`";

fn rejected(problem: impl Into<String>, hint: &'static str) -> Rejected {
    Rejected { problem: problem.into(), hint }
}

/// Reads a state file.
///
/// # Errors
/// If it is not one of the formats above, or may hide roles: encrypted, of an unknown format, a backend's configuration
/// or a plan.
pub(super) fn read(bytes: &[u8]) -> Result<IacState, Rejected> {
    let root = document(bytes)?;
    match form(&root)? {
        Kind::Terraform { format: 3 } => terraform_3(&root),
        Kind::Terraform { format: _ } => terraform_4(&root),
        Kind::TerraformShow => terraform_show(&root),
        Kind::Pulumi => pulumi(&root),
    }
}

fn not_a_state(reason: impl fmt::Display) -> Rejected {
    rejected(format!("is not a Terraform state file: {reason}"), TERRAFORM_HINT)
}

/// The JSON object in a state file, in any of its encodings.
pub(in crate::commands) fn document(bytes: &[u8]) -> Result<Map<String, Value>, Rejected> {
    let text = decode(bytes).map_err(not_a_state)?;
    unique_names::check(text.as_bytes()).map_err(not_a_state)?;
    serde_json::from_str(&text).map_err(not_a_state)
}

/// Which kind of file it is.
pub(in crate::commands) fn form(root: &Map<String, Value>) -> Result<Kind, Rejected> {
    let has = |key: &str| root.contains_key(key);
    if has("encrypted_data") || has("encryption_version") {
        let problem = "is an encrypted OpenTofu state file";
        return Err(rejected(problem, "use the output of `tofu state pull` or `tofu show -json`"));
    }
    if has("deployment") || has("checkpoint") {
        return Ok(Kind::Pulumi);
    }
    if has("format_version") {
        return Ok(Kind::TerraformShow);
    }
    if !["terraform_version", "modules", "resources"].iter().any(|key| has(key)) || !has("version") {
        return Err(not_a_state("it has neither `version` and `terraform_version` nor `format_version`"));
    }
    match root["version"].as_u64() {
        Some(format @ (3 | 4)) => Ok(Kind::Terraform { format }),
        _ => {
            let problem = format!("is a Terraform state file of format {}, not 3 or 4", root["version"]);
            Err(rejected(problem, TERRAFORM_HINT))
        }
    }
}

/// UTF-8 or, as Windows PowerShell redirects output, UTF-16; with or without a byte order mark.
fn decode(bytes: &[u8]) -> Result<String, String> {
    let utf16 = |of: fn([u8; 2]) -> u16| {
        let units = bytes[2..].as_chunks::<2>();
        let text = String::from_utf16(&units.0.iter().map(|pair| of(*pair)).collect::<Vec<_>>());
        text.ok().filter(|_| units.1.is_empty()).ok_or_else(|| "it is not valid UTF-16".to_owned())
    };
    match bytes {
        [0xFF, 0xFE, ..] => utf16(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => utf16(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, text @ ..] | text => {
            String::from_utf8(text.to_vec()).map_err(|_| "it is not valid UTF-8".to_owned())
        }
    }
}

pub(in crate::commands) fn array<'a>(
    object: &'a Map<String, Value>,
    key: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> {
    object.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

pub(in crate::commands) fn object<'a>(
    object: &'a Map<String, Value>,
    key: &str,
) -> Option<&'a Map<String, Value>> {
    object.get(key)?.as_object()
}

pub(in crate::commands) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// The ARN, or else what names the role: the providers use its name as the id.
fn role_name(attributes: &Map<String, Value>) -> Option<String> {
    ["arn", "name", "role_name", "roleName", "id"].iter().find_map(|key| text(attributes, key)).map(str::to_owned)
}

/// The role that an event stream uses.
fn role_of_event_stream(attributes: &Map<String, Value>) -> Option<String> {
    ["role_arn", "roleArn"].iter().find_map(|key| text(attributes, key)).map(str::to_owned)
}

/// How the attributes of a resource name a role.
type Naming = fn(&Map<String, Value>) -> Option<String>;

/// The names of the roles, or an error if one has none.
fn names(names: impl IntoIterator<Item = Option<String>>, kind: Kind) -> Result<IacState, Rejected> {
    let roles: Option<RoleNames> = names.into_iter().collect();
    match roles {
        Some(roles) => Ok(IacState { kind, roles }),
        None => {
            let hint = if kind == Kind::Pulumi { PULUMI_HINT } else { TERRAFORM_HINT };
            Err(rejected("contains an IAM role without ARN and name, or an event stream without a role", hint))
        }
    }
}

/// `None` if a resource of Terraform names no role.
fn terraform_naming(resource: &Map<String, Value>) -> Option<Naming> {
    match text(resource, "type")? {
        // A data source reads a role and does not manage it.
        _ if text(resource, "mode") == Some("data") => None,
        TERRAFORM_EVENT_STREAM => Some(role_of_event_stream),
        kind => TERRAFORM_ROLES.contains(&kind).then_some(role_name),
    }
}

/// `modules[].resources{}.primary.attributes`; still written by tools such as Terraformer.
fn terraform_3(root: &Map<String, Value>) -> Result<IacState, Rejected> {
    if object(root, "backend").is_some() {
        let problem = "is the backend configuration of an initialized directory, not a state";
        return Err(rejected(problem, TERRAFORM_HINT));
    }
    let resources = array(root, "modules").filter_map(|module| object(module, "resources")).flatten();
    let found = resources.filter_map(|(key, resource)| {
        let resource = resource.as_object().filter(|_| !key.starts_with("data."))?;
        Some((resource, terraform_naming(resource)?))
    });
    let named = found.flat_map(|(resource, naming)| {
        let instances = object(resource, "primary").into_iter().chain(array(resource, "deposed"));
        instances.map(move |instance| naming(object(instance, "attributes")?).or(naming(instance)))
    });
    names(named, Kind::Terraform { format: 3 })
}

fn terraform_4(root: &Map<String, Value>) -> Result<IacState, Rejected> {
    let found = array(root, "resources").filter_map(|resource| Some((resource, terraform_naming(resource)?)));
    let named = found.flat_map(|(resource, naming)| {
        // A state that was upgraded from format 3 and not applied since has flat attributes.
        let attributes = |instance| object(instance, "attributes").or(object(instance, "attributes_flat"));
        array(resource, "instances").map(move |instance| attributes(instance).and_then(naming))
    });
    names(named, Kind::Terraform { format: 4 })
}

fn terraform_show(root: &Map<String, Value>) -> Result<IacState, Rejected> {
    let version = text(root, "format_version").unwrap_or_default();
    if !matches!(version.split('.').next(), Some("0" | "1")) {
        let problem = format!("is output of `terraform show -json` of format `{version}`, not 0 or 1");
        return Err(rejected(problem, TERRAFORM_HINT));
    }
    if root.contains_key("planned_values") || root.contains_key("resource_changes") {
        return Err(rejected("is a Terraform plan, not a state", TERRAFORM_HINT));
    }
    let mut found = Vec::new();
    let mut modules: Vec<_> =
        object(root, "values").and_then(|values| object(values, "root_module")).into_iter().collect();
    while let Some(module) = modules.pop() {
        modules.extend(array(module, "child_modules"));
        let named = array(module, "resources")
            .filter_map(|resource| Some(object(resource, "values").and_then(terraform_naming(resource)?)));
        found.extend(named);
    }
    names(found, Kind::TerraformShow)
}

/// `None` if a resource of Pulumi names no role.
fn pulumi_naming(resource: &Map<String, Value>) -> Option<Naming> {
    match text(resource, "type")? {
        // An external resource is only read.
        _ if resource.get("external") == Some(&Value::Bool(true)) => None,
        PULUMI_EVENT_STREAM => Some(role_of_event_stream),
        kind => PULUMI_ROLES.contains(&kind).then_some(role_name),
    }
}

/// Source: Pulumi's `apitype.DeploymentV3` and `apitype.CheckpointV3`.
fn pulumi(root: &Map<String, Value>) -> Result<IacState, Rejected> {
    if root.get("version").and_then(Value::as_u64) != Some(3) {
        let version = root.get("version").unwrap_or(&Value::Null);
        return Err(rejected(format!("is a Pulumi stack export of version {version}, not 3"), PULUMI_HINT));
    }
    let checkpoint = || object(object(root, "checkpoint")?, "latest");
    let Some(deployment) = object(root, "deployment").or_else(checkpoint) else {
        return Err(rejected("is a Pulumi file without a deployment", PULUMI_HINT));
    };
    let named = array(deployment, "resources").filter_map(|resource| {
        let naming = pulumi_naming(resource)?;
        Some(object(resource, "outputs").and_then(naming).or_else(|| naming(resource)))
    });
    names(named, Kind::Pulumi)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:iam::123456789012:role/shop";

    fn state(value: &Value) -> Result<IacState, Rejected> {
        read(value.to_string().as_bytes())
    }

    /// What is said about a file that is refused.
    fn problem(value: &Value) -> String {
        state(value).unwrap_err().problem
    }

    fn format_4(resources: Value) -> Value {
        json!({"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "resources": resources})
    }

    fn format_3(resources: Value) -> Value {
        json!({"version": 3, "terraform_version": "0.11.14", "modules": [{"path": ["root"], "resources": resources}]})
    }

    fn pulumi_export(resources: Value) -> Value {
        json!({"version": 3, "deployment": {"manifest": {}, "resources": resources}})
    }

    /// Of two lists of resources, one would hide the roles of the other.
    #[test]
    fn a_state_with_a_name_twice_is_refused() {
        let text = r#"{"version": 4, "terraform_version": "1.9.0", "resources": [], "resources": []}"#;
        let Err(Rejected { problem, .. }) = read(text.as_bytes()) else { panic!("it was read") };
        assert!(problem.contains(r#"the name `resources` occurs twice"#), "{problem}");
    }

    #[test]
    fn every_format_names_the_roles_that_it_manages() {
        let role = json!({"mode": "managed", "type": "aws_iam_role", "instances": [{"attributes": {"arn": ARN}}]});
        let cloud_control = json!({"mode": "managed", "type": "awscc_iam_role", "instances": [{"attributes": {"arn": ARN, "role_name": "shop"}}]});
        let flat =
            json!({"mode": "managed", "type": "aws_iam_role", "instances": [{"attributes_flat": {"arn": ARN}}]});
        let deposed = json!({"mode": "managed", "type": "aws_iam_role", "instances": [{"deposed": "1", "attributes": {"arn": ARN}}]});
        let in_module = json!({"module": "module.a[0]", "mode": "managed", "type": "aws_iam_role", "instances": [{"attributes": {"arn": ARN}}]});
        let primary = json!({"primary": {"id": "shop", "attributes": {"arn": ARN}}, "type": "aws_iam_role"});
        let deposed_3 = json!({"primary": null, "deposed": [{"id": "shop", "attributes": {"arn": ARN}}], "type": "aws_iam_role"});
        let shown = json!({"mode": "managed", "type": "aws_iam_role", "values": {"arn": ARN}});
        let pulumi = json!({"custom": true, "id": "shop", "type": "aws:iam/role:Role", "outputs": {"arn": ARN}});
        let native = json!({"custom": true, "id": "shop", "type": "aws-native:iam:Role", "outputs": {"arn": ARN}});
        let nested = json!({"format_version": "1.0", "values": {"root_module": {"child_modules": [{"child_modules": [{"resources": [shown]}]}]}}});
        let checkpoint = json!({"version": 3, "checkpoint": {"stack": "s", "latest": {"resources": [pulumi]}}});
        let stream = json!({"mode": "managed", "type": "aws_pinpoint_event_stream", "instances": [{"attributes": {"id": "810c", "role_arn": ARN}}]});
        let stream_3 = json!({"type": "aws_pinpoint_event_stream", "primary": {"id": "810c", "attributes": {"role_arn": ARN}}});
        let shown_stream =
            json!({"mode": "managed", "type": "aws_pinpoint_event_stream", "values": {"role_arn": ARN}});
        let pulumi_stream = json!({"custom": true, "id": "810c", "type": "aws:pinpoint/eventStream:EventStream", "outputs": {"roleArn": ARN}});
        let files = [
            ("event stream, format 4", format_4(json!([stream]))),
            ("event stream, format 3", format_3(json!({"aws_pinpoint_event_stream.shop": stream_3}))),
            (
                "event stream, show -json",
                json!({"format_version": "1.0", "values": {"root_module": {"resources": [shown_stream]}}}),
            ),
            ("event stream, pulumi", pulumi_export(json!([pulumi_stream]))),
            ("format 4", format_4(json!([role]))),
            ("awscc", format_4(json!([cloud_control]))),
            ("attributes_flat", format_4(json!([flat]))),
            ("deposed", format_4(json!([deposed]))),
            ("in a module", format_4(json!([in_module]))),
            ("format 3", format_3(json!({"aws_iam_role.shop": primary}))),
            ("format 3, deposed", format_3(json!({"aws_iam_role.shop": deposed_3}))),
            ("show -json", json!({"format_version": "0.2", "values": {"root_module": {"resources": [shown]}}})),
            ("show -json, nested modules", nested),
            ("pulumi", pulumi_export(json!([pulumi]))),
            ("pulumi cloud control", pulumi_export(json!([native]))),
            ("pulumi checkpoint", checkpoint),
        ];
        for (name, file) in files {
            assert_eq!(state(&file).map(|state| state.roles), Ok([ARN.to_owned()].into()), "{name}");
        }
    }

    #[test]
    fn a_role_that_is_only_read_is_not_managed() {
        let data = json!({"mode": "data", "type": "aws_iam_role", "instances": [{"attributes": {"arn": ARN}}]});
        let data_3 = json!({"type": "aws_iam_role", "primary": {"attributes": {"arn": ARN}}});
        let external =
            json!({"external": true, "id": "shop", "type": "aws:iam/role:Role", "outputs": {"arn": ARN}});
        let other =
            json!({"mode": "managed", "type": "aws_s3_bucket", "instances": [{"attributes": {"arn": "b"}}]});
        let files = [
            format_4(json!([data, other])),
            format_3(json!({"data.aws_iam_role.shop": data_3})),
            pulumi_export(json!([external])),
            json!({"format_version": "1.0"}),
        ];
        for file in files {
            assert_eq!(state(&file).map(|state| state.roles), Ok([].into()), "{file}");
        }
    }

    #[test]
    fn a_role_without_its_arn_is_named_by_its_name() {
        let secret = json!({"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"});
        let by_id = json!({"id": "shop", "type": "aws:iam/role:Role", "outputs": {"arn": secret}});
        let by_name = json!({"mode": "managed", "type": "aws_iam_role", "instances": [{"attributes": {"arn": null, "name": "shop"}}]});
        let only_id =
            json!({"aws_iam_role.shop": {"type": "aws_iam_role", "primary": {"id": "shop", "attributes": {}}}});
        for file in [pulumi_export(json!([by_id])), format_4(json!([by_name])), format_3(only_id)] {
            assert_eq!(state(&file).map(|state| state.roles), Ok(["shop".to_owned()].into()), "{file}");
        }
        for kind in ["aws_iam_role", "aws_pinpoint_event_stream"] {
            let nameless = json!({"mode": "managed", "type": kind, "instances": [{"attributes": {}}]});
            let problem = problem(&format_4(json!([nameless])));
            assert_eq!(problem, "contains an IAM role without ARN and name, or an event stream without a role");
        }
    }

    #[test]
    fn what_may_hide_roles_is_refused() {
        let backend =
            json!({"version": 3, "terraform_version": "1.5.0", "backend": {"type": "s3"}, "modules": []});
        let encrypted =
            json!({"serial": 1, "lineage": "x", "meta": {}, "encrypted_data": "…", "encryption_version": "v0"});
        let files = [
            (json!({"resources": []}), "is not a Terraform state file: it has neither"),
            (json!({"version": 4}), "is not a Terraform state file: it has neither"),
            (json!({"version": 5, "terraform_version": "2.0"}), "format 5, not 3 or 4"),
            (json!({"version": 2, "terraform_version": "0.6"}), "format 2, not 3 or 4"),
            (json!({"version": "4", "terraform_version": "1.9"}), "format \"4\", not 3 or 4"),
            (json!({"format_version": "2.0"}), "format `2.0`, not 0 or 1"),
            (json!({"format_version": "1.2", "planned_values": {}}), "is a Terraform plan"),
            (json!({"version": 2, "deployment": {}}), "is a Pulumi stack export of version 2"),
            (json!({"version": 3, "checkpoint": {}}), "without a deployment"),
            (backend, "is the backend configuration"),
            (encrypted, "is an encrypted OpenTofu state file"),
        ];
        for (file, expected) in files {
            assert!(problem(&file).contains(expected), "{file}: {}", problem(&file));
        }
        for bytes in [b"".as_slice(), b"[]", b"not json", b"\xFF\xFEx", b"\xFF\xFE\x00\xD8", b"{\"a\":\"\xFF\"}"] {
            assert!(read(bytes).unwrap_err().problem.starts_with("is not a Terraform state file"), "{bytes:?}");
        }
    }

    #[test]
    fn byte_order_marks_of_utf_8_and_utf_16_are_read() {
        let role = json!({"mode": "managed", "type": "aws_iam_role", "instances": [{"attributes": {"arn": ARN}}]});
        let text = format_4(json!([role])).to_string();
        let units = |bytes: fn(u16) -> [u8; 2]| format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect();
        let files: [Vec<u8>; 3] =
            [format!("\u{feff}{text}").into_bytes(), units(u16::to_le_bytes), units(u16::to_be_bytes)];
        for file in files {
            assert_eq!(read(&file).map(|state| state.roles), Ok([ARN.to_owned()].into()));
        }
    }
}
