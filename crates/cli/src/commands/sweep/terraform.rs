//! Finds the roles that Terraform manages. Reads state files (format 4) and the output of `terraform show -json`.
use crate::ui::error::Error;
use crate::workspace::read_text;
use pinpoint_streams_store::disk;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const ROLE: &str = "aws_iam_role";

/// The ARNs of the managed roles in this file.
pub(crate) fn roles_in(path: &Path) -> Result<BTreeSet<String>, Error> {
    let broken = |reason: String| Error::InvalidFile {
        path: path.to_owned(),
        problem: format!("is not a Terraform state file: {reason}"),
        hint: "use the output of `terraform state pull` or `terraform show -json`".to_owned(),
    };
    let state: Value =
        serde_json::from_str(&read_text(path, disk::LARGEST)?).map_err(|error| broken(error.to_string()))?;
    let is_state = ["terraform_version", "format_version"].iter().any(|key| state.get(key).is_some());
    if !is_state {
        return Err(broken("it has neither `terraform_version` nor `format_version`".to_owned()));
    }
    let mut roles = BTreeSet::new();
    collect(&state, &mut roles);
    Ok(roles)
}

/// Resources are nested in modules at any depth.
fn collect(value: &Value, roles: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, roles)),
        Value::Object(object) => {
            let text = |key: &str| object.get(key).and_then(Value::as_str);
            // A data source does not manage the role.
            if text("type") == Some(ROLE) && text("mode") != Some("data") {
                let instances = object.get("instances").and_then(Value::as_array).into_iter().flatten();
                let attributes = instances.filter_map(|instance| instance.get("attributes"));
                let arns = attributes.chain(object.get("values")).filter_map(|of| of.get("arn")?.as_str());
                roles.extend(arns.map(str::to_owned));
            } else {
                object.values().for_each(|value| collect(value, roles));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(state: &Value) -> Result<Vec<String>, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terraform.tfstate");
        std::fs::write(&path, state.to_string()).unwrap();
        roles_in(&path).map(|roles| roles.into_iter().collect())
    }

    #[test]
    fn a_state_names_its_roles_and_not_those_it_only_looks_at() {
        let role = |mode: &str, arn: &str| json!({"mode": mode, "type": "aws_iam_role", "name": "x", "instances": [{"attributes": {"arn": arn}}]});
        let other =
            json!({"mode": "managed", "type": "aws_s3_bucket", "instances": [{"attributes": {"arn": "b"}}]});
        let state = json!({"version": 4, "terraform_version": "1.9.0",
            "resources": [role("managed", "arn:1"), role("data", "arn:2"), other]});
        assert_eq!(read(&state).unwrap(), ["arn:1"]);
    }

    #[test]
    fn what_terraform_show_prints_names_roles_in_modules_too() {
        let role = |arn: &str| json!({"mode": "managed", "type": "aws_iam_role", "values": {"arn": arn}});
        let state = json!({"format_version": "1.0", "values": {"root_module": {
            "resources": [role("arn:1")], "child_modules": [{"child_modules": [{"resources": [role("arn:2")]}]}]}}});
        assert_eq!(read(&state).unwrap(), ["arn:1", "arn:2"]);
    }

    #[test]
    fn a_file_that_is_no_state_is_an_error_and_not_an_empty_state() {
        assert!(matches!(read(&json!({"resources": []})), Err(Error::InvalidFile { .. })));
    }
}
