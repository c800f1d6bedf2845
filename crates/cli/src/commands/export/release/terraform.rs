//! What of a Terraform state is to be given up: roles for Pinpoint with their policies, and event streams.
use crate::commands::sweep::iac_state::{
    Kind, Rejected, TERRAFORM_EVENT_STREAM, TERRAFORM_HINT, TERRAFORM_ROLES, array, document, form, object, text,
};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::role_kind::RoleKind;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Resource types that manage the policies of a role, with the attribute that names the role.
const OF_ROLES: [(&str, &str); 4] = [
    ("aws_iam_role_policy", "role"),
    ("aws_iam_role_policy_attachment", "role"),
    ("aws_iam_role_policies_exclusive", "role_name"),
    ("aws_iam_role_policy_attachments_exclusive", "role_name"),
];

/// What is released from a state, in the order of addresses.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Released {
    pub(super) resources: Vec<ReleasedResource>,
    /// Blocks of which every instance is given up. A `removed` block cannot name a single instance.
    pub(super) whole_blocks: BTreeSet<String>,
    /// Blocks of which some instances stay.
    pub(super) split_blocks: BTreeSet<String>,
    /// Blocks that stay and depend on what is given up.
    pub(super) dependents: BTreeSet<Dependent>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct ReleasedResource {
    /// With instance keys, as `terraform state rm` takes it.
    pub(super) address: String,
    /// The role's ARN or name, or the app's ID.
    pub(super) id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Dependent {
    pub(super) block: String,
    pub(super) depends_on: String,
}

/// One instance of a resource.
struct Instance<'a> {
    address: String,
    /// The address without instance keys.
    block: String,
    kind: &'a str,
    attributes: &'a Map<String, Value>,
    /// Blocks, as the configuration names them.
    depends_on: Vec<&'a str>,
}

/// Finds what is to be given up: event streams; roles that the manifest declares, that trust Pinpoint, or that an event
/// stream of the state uses; and what manages their policies.
pub(super) fn release(bytes: &[u8], declared: &BTreeSet<RoleArn>) -> Result<Released, Rejected> {
    let root = document(bytes)?;
    let instances = instances(&root, form(&root)?)?;
    let of_streams = instances.iter().filter(|instance| instance.kind == TERRAFORM_EVENT_STREAM);
    let used: BTreeSet<&str> = of_streams.filter_map(|instance| text(instance.attributes, "role_arn")).collect();
    let is_role = |instance: &&Instance<'_>| {
        TERRAFORM_ROLES.contains(&instance.kind) && is_for_pinpoint(instance.attributes, declared, &used)
    };
    let names: BTreeSet<&str> =
        instances.iter().filter(is_role).filter_map(|role| name(role.attributes)).collect();
    let is_released = |instance: &Instance<'_>| {
        let of_role = OF_ROLES.iter().find(|(kind, _)| *kind == instance.kind);
        let role = of_role.and_then(|(_, attribute)| text(instance.attributes, attribute));
        instance.kind == TERRAFORM_EVENT_STREAM
            || is_role(&instance)
            || role.is_some_and(|role| names.contains(role.rsplit('/').next().unwrap_or(role)))
    };
    let (given_up, staying): (Vec<_>, Vec<_>) = instances.iter().partition(|instance| is_released(instance));
    let blocks: BTreeSet<&str> = given_up.iter().map(|instance| instance.block.as_str()).collect();
    let kept: BTreeSet<&str> = staying.iter().map(|instance| instance.block.as_str()).collect();
    let dependents = staying.iter().flat_map(|instance| {
        let on = instance.depends_on.iter().filter(|block| blocks.contains(*block));
        on.map(|block| Dependent { block: instance.block.clone(), depends_on: (*block).to_owned() })
    });
    let resource = |instance: &&Instance<'_>| ReleasedResource {
        address: instance.address.clone(),
        id: ["arn", "application_id", "id", "name"]
            .iter()
            .find_map(|key| text(instance.attributes, key))
            .unwrap_or_default()
            .to_owned(),
    };
    let mut resources: Vec<_> = given_up.iter().map(resource).collect();
    resources.sort();
    let owned = |blocks: BTreeSet<&str>| blocks.into_iter().map(str::to_owned).collect();
    Ok(Released {
        resources,
        dependents: dependents.collect(),
        whole_blocks: owned(blocks.difference(&kept).copied().collect()),
        split_blocks: owned(blocks.intersection(&kept).copied().collect()),
    })
}

fn name(role: &Map<String, Value>) -> Option<&str> {
    ["name", "role_name", "id"].iter().find_map(|key| text(role, key))
}

fn is_for_pinpoint(role: &Map<String, Value>, declared: &BTreeSet<RoleArn>, used: &BTreeSet<&str>) -> bool {
    let arn = text(role, "arn");
    let is_declared = arn.and_then(|arn| arn.parse().ok()).is_some_and(|arn: RoleArn| declared.contains(&arn));
    let trust = ["assume_role_policy", "assume_role_policy_document"].iter().find_map(|key| text(role, key));
    let trust = trust.and_then(|trust| Document::from_json(trust).ok());
    let trusts_pinpoint = trust.is_some_and(|trust| RoleKind::all().any(|kind| kind.is_named(&trust)));
    is_declared || trusts_pinpoint || arn.is_some_and(|arn| used.contains(arn))
}

fn instances(root: &Map<String, Value>, kind: Kind) -> Result<Vec<Instance<'_>>, Rejected> {
    Ok(match kind {
        Kind::Terraform { format: 3 } => array(root, "modules").flat_map(of_module_3).collect(),
        Kind::Terraform { format: _ } => array(root, "resources").flat_map(of_resource_4).collect(),
        Kind::TerraformShow => {
            let mut found = Vec::new();
            let mut modules: Vec<_> =
                object(root, "values").and_then(|values| object(values, "root_module")).into_iter().collect();
            while let Some(module) = modules.pop() {
                modules.extend(array(module, "child_modules"));
                found.extend(array(module, "resources").filter_map(of_shown));
            }
            found
        }
        Kind::Pulumi => {
            let problem = "is a Pulumi stack export, not a Terraform state".to_owned();
            return Err(Rejected { problem, hint: TERRAFORM_HINT });
        }
    })
}

/// Source: Terraform's `internal/states/statefile/version4.go`.
fn of_resource_4(resource: &Map<String, Value>) -> Vec<Instance<'_>> {
    let (Some(kind), Some(name)) = (text(resource, "type"), text(resource, "name")) else { return Vec::new() };
    if text(resource, "mode") == Some("data") {
        return Vec::new();
    }
    let module = text(resource, "module").map(|module| format!("{module}.")).unwrap_or_default();
    let within = format!("{module}{kind}.{name}");
    let of_instance = |instance| {
        let attributes = object(instance, "attributes").or(object(instance, "attributes_flat"))?;
        Some(Instance {
            address: format!("{within}{}", key(instance.get("index_key"))),
            block: without_keys(&within),
            kind,
            attributes,
            depends_on: texts(instance, "dependencies"),
        })
    };
    array(resource, "instances")
        .filter(|instance| !instance.contains_key("deposed"))
        .filter_map(of_instance)
        .collect()
}

/// Source: Terraform documentation, "JSON Output Format", values representation.
fn of_shown(resource: &Map<String, Value>) -> Option<Instance<'_>> {
    if text(resource, "mode") == Some("data") {
        return None;
    }
    let address = text(resource, "address")?;
    Some(Instance {
        address: address.to_owned(),
        block: without_keys(address),
        kind: text(resource, "type")?,
        attributes: object(resource, "values")?,
        depends_on: texts(resource, "depends_on"),
    })
}

fn of_module_3(module: &Map<String, Value>) -> Vec<Instance<'_>> {
    let path =
        module.get("path").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).skip(1);
    let path: String = path.map(|name| format!("module.{name}.")).collect();
    let resources = object(module, "resources").into_iter().flatten();
    let found = resources.filter_map(|(key, resource)| {
        // `aws_iam_role.shop`, or `aws_iam_role.shop.0` of several.
        let mut parts = key.split('.');
        let (kind, name, index) = (parts.next()?, parts.next()?, parts.next());
        let resource = resource.as_object().filter(|_| kind != "data")?;
        let index = index.map(|index| format!("[{index}]")).unwrap_or_default();
        Some(Instance {
            address: format!("{path}{kind}.{name}{index}"),
            block: format!("{path}{kind}.{name}"),
            kind: text(resource, "type")?,
            attributes: object(object(resource, "primary")?, "attributes")?,
            depends_on: texts(resource, "depends_on"),
        })
    });
    found.collect()
}

fn texts<'a>(object: &'a Map<String, Value>, key: &str) -> Vec<&'a str> {
    object.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// `[0]` or `["a"]`, escaped as Terraform does.
fn key(index: Option<&Value>) -> String {
    match index {
        Some(Value::String(text)) => {
            let text = text.replace('\\', r"\\").replace('"', "\\\"").replace("${", "$${").replace("%{", "%%{");
            format!("[\"{text}\"]")
        }
        Some(number @ Value::Number(_)) => format!("[{number}]"),
        _ => String::new(),
    }
}

/// An address without instance keys. A key in quotes may have any character.
pub(super) fn without_keys(address: &str) -> String {
    let (mut plain, mut depth, mut quoted, mut escaped) = (String::new(), 0_u32, false, false);
    for c in address.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PINPOINT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    const LAMBDA: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

    fn role(name: &str, trust: &str) -> Value {
        json!({"arn": format!("arn:aws:iam::123456789012:role/{name}"), "name": name, "id": name, "assume_role_policy": trust})
    }

    fn resource(kind: &str, name: &str, instances: Value) -> Value {
        json!({"mode": "managed", "type": kind, "name": name, "instances": instances})
    }

    fn released(resources: Value) -> Released {
        let state = json!({"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "resources": resources});
        release(state.to_string().as_bytes(), &BTreeSet::new()).unwrap()
    }

    fn addresses(released: &Released) -> Vec<&str> {
        released.resources.iter().map(|resource| resource.address.as_str()).collect()
    }

    #[test]
    fn a_role_goes_with_its_policies_and_event_streams_and_nothing_else() {
        let found = released(json!([
            resource("aws_iam_role", "shop", json!([{"attributes": role("shop", PINPOINT)}])),
            resource("aws_iam_role", "other", json!([{"attributes": role("other", LAMBDA)}])),
            resource(
                "aws_iam_role_policy",
                "shop",
                json!([{"attributes": {"role": "shop", "id": "shop:p"}, "dependencies": ["aws_iam_role.shop"]}])
            ),
            resource("aws_iam_role_policy", "other", json!([{"attributes": {"role": "other", "id": "other:p"}}])),
            resource(
                "aws_iam_role_policy_attachment",
                "shop",
                json!([{"attributes": {"role": "shop", "id": "shop-1"}}])
            ),
            resource(
                "aws_pinpoint_event_stream",
                "shop",
                json!([{"attributes": {"application_id": "810c", "id": "810c"}}])
            ),
            resource(
                "aws_pinpoint_app",
                "shop",
                json!([{"attributes": {"application_id": "810c", "id": "810c"}}])
            ),
            resource(
                "aws_lambda_function",
                "f",
                json!([{"attributes": {"id": "f"}, "dependencies": ["aws_iam_role.other", "aws_iam_role.shop"]}])
            ),
        ]));
        assert_eq!(
            addresses(&found),
            [
                "aws_iam_role.shop",
                "aws_iam_role_policy.shop",
                "aws_iam_role_policy_attachment.shop",
                "aws_pinpoint_event_stream.shop"
            ]
        );
        assert_eq!(found.whole_blocks.len(), 4);
        let dependents: Vec<_> =
            found.dependents.iter().map(|on| (on.block.as_str(), on.depends_on.as_str())).collect();
        assert_eq!(dependents, [("aws_lambda_function.f", "aws_iam_role.shop")]);
    }

    #[test]
    fn a_role_that_an_event_stream_uses_goes_whatever_it_trusts() {
        let stream = json!({"application_id": "810c", "role_arn": "arn:aws:iam::123456789012:role/odd"});
        let found = released(json!([
            resource("aws_iam_role", "odd", json!([{"attributes": role("odd", LAMBDA)}])),
            resource("aws_pinpoint_event_stream", "shop", json!([{"attributes": stream}])),
        ]));
        assert_eq!(addresses(&found), ["aws_iam_role.odd", "aws_pinpoint_event_stream.shop"]);
    }

    #[test]
    fn instances_of_modules_have_their_keys_and_blocks_have_none() {
        let in_module = |name: &str, trust: &str| {
            let mut resource =
                resource("aws_iam_role", "r", json!([{"index_key": name, "attributes": role(name, trust)}]));
            resource["module"] = json!(r#"module.all["a].b"]"#);
            resource
        };
        let mut both = in_module("shop", PINPOINT);
        let other = in_module("other", LAMBDA)["instances"][0].clone();
        both["instances"].as_array_mut().unwrap().push(other);
        let found = released(json!([both]));
        assert_eq!(addresses(&found), [r#"module.all["a].b"].aws_iam_role.r["shop"]"#]);
        assert_eq!(found.split_blocks, BTreeSet::from(["module.all.aws_iam_role.r".to_owned()]));
        assert!(found.whole_blocks.is_empty());
    }

    #[test]
    fn older_states_and_show_name_the_same() {
        let state_3 = json!({"version": 3, "terraform_version": "0.11.14", "modules": [{"path": ["root", "a"], "resources": {
            "aws_iam_role.shop.0": {"type": "aws_iam_role", "primary": {"id": "shop", "attributes": role("shop", PINPOINT)}},
            "data.aws_iam_role.x": {"type": "aws_iam_role", "primary": {"id": "x", "attributes": role("x", PINPOINT)}},
        }}]});
        let shown = json!({"format_version": "1.0", "values": {"root_module": {"child_modules": [{"resources": [
            {"address": "module.a.aws_iam_role.shop[0]", "mode": "managed", "type": "aws_iam_role", "values": role("shop", PINPOINT)},
        ]}]}}});
        for state in [state_3, shown] {
            let found = release(state.to_string().as_bytes(), &BTreeSet::new()).unwrap();
            assert_eq!(addresses(&found), ["module.a.aws_iam_role.shop[0]"], "{state}");
            assert_eq!(found.whole_blocks, BTreeSet::from(["module.a.aws_iam_role.shop".to_owned()]));
        }
    }

    #[test]
    fn a_role_that_the_manifest_declares_goes() {
        let state = json!({"version": 4, "terraform_version": "1.9.0", "resources": [
            resource("aws_iam_role", "r", json!([{"attributes": role("ours", LAMBDA)}])),
        ]});
        let declared = BTreeSet::from(["arn:aws:iam::123456789012:role/ours".parse().unwrap()]);
        assert_eq!(addresses(&release(state.to_string().as_bytes(), &declared).unwrap()), ["aws_iam_role.r"]);
    }

    /// OpenTofu writes states as Terraform does, unless they are encrypted.
    #[test]
    fn a_state_of_opentofu_is_read_and_an_encrypted_one_is_refused() {
        let mut shop = resource(
            "aws_iam_role",
            "shop",
            json!([{"schema_version": 0, "attributes": role("shop", PINPOINT), "sensitive_attributes": [], "private": "bnVsbA=="}]),
        );
        shop["provider"] = json!(r#"provider["example.org/hashicorp/aws"].by_region["eu-west-1"]"#);
        let plain = json!({"version": 4, "terraform_version": "1.10.6", "serial": 3, "lineage": "3f2a", "outputs": {},
            "resources": [shop], "check_results": null});
        let found = release(plain.to_string().as_bytes(), &BTreeSet::new()).unwrap();
        assert_eq!(addresses(&found), ["aws_iam_role.shop"]);
        let meta = json!({"key_provider.pbkdf2.state": "eyJzYWx0IjoiIn0="});
        let encrypted = [
            json!({"serial": 3, "lineage": "3f2a", "meta": meta, "encrypted_data": "b3BlbnRvZnU=", "encryption_version": "v0"}),
            // Without the serial and the lineage in clear.
            json!({"meta": meta, "encrypted_data": "b3BlbnRvZnU=", "encryption_version": "v0"}),
            // A later version of the encryption, with what marks a state beside it.
            json!({"version": 4, "terraform_version": "1.14.0", "encryption_version": "v1", "resources": []}),
        ];
        for state in encrypted {
            let Rejected { problem, hint } = release(state.to_string().as_bytes(), &BTreeSet::new()).unwrap_err();
            assert_eq!(problem, "is an encrypted OpenTofu state file", "{state}");
            assert!(hint.contains("`tofu state pull`"), "{hint}");
        }
    }
}
