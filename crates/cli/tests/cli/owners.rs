//! Who manages a role that trusts Pinpoint, on accounts that were judged wrongly: CloudFormation stacks outside the
//! regions of Pinpoint, and the state files of other tools.
use crate::support::Workspace;
use crate::sweep::verdicts;
use serde_json::{Value, json};

const STACKS_IN_OTHER_REGIONS: &str = include_str!("owners/stacks-in-other-regions.json");
const REGIONS_LIMITED: &str = include_str!("owners/regions-limited.json");
const TERRAFORM_FORMAT_3: &str = include_str!("owners/terraform-format-3.tfstate");

/// No event stream remains anywhere else.
const NO_OTHER_EVENT_STREAMS: &str = "--event-streams-gone 123456789012/*";

fn seeded(seed: &str) -> Workspace {
    let workspace = Workspace::empty();
    workspace.write("seed.json", seed);
    workspace.run("sandbox seed seed.json").code(0);
    workspace
}

/// An account in which only these roles exist, both unused and in no stack.
fn with_roles(arns: &[&str]) -> Workspace {
    let mut seed: Value = serde_json::from_str(REGIONS_LIMITED).unwrap();
    let role = seed["accounts"][0]["roles"][1].clone();
    let named = |arn: &&str| {
        let mut role = role.clone();
        role.as_object_mut().unwrap().remove("stack");
        role["arn"] = json!(arn);
        role
    };
    let control = seed["accounts"][0]["roles"][0].clone();
    seed["accounts"][0]["roles"] = arns.iter().map(named).chain([control]).collect();
    seeded(&seed.to_string())
}

fn verdict(workspace: &Workspace, role: &str, flags: &str) -> String {
    let found = verdicts(workspace, &format!("{NO_OTHER_EVENT_STREAMS} {flags}"));
    let verdict = found.iter().find(|(name, _)| name == role).map(|(_, verdict)| verdict.clone());
    verdict.unwrap_or_else(|| panic!("{role}: {found:?}"))
}

#[test]
fn a_stack_of_any_enabled_region_holds_its_role() {
    let workspace = seeded(STACKS_IN_OTHER_REGIONS);
    for region in ["us-west-2", "eu-north-1", "us-west-1"] {
        for flags in ["", "--regions us-west-2"] {
            assert_eq!(verdict(&workspace, &format!("in-stack-{region}"), flags), "managed_elsewhere", "{flags}");
        }
    }
}

#[test]
fn limiting_the_regions_limits_no_stacks() {
    let workspace = seeded(REGIONS_LIMITED);
    for flags in ["", "--regions us-east-1", "--regions us-east-1 --delete"] {
        assert_eq!(verdict(&workspace, "cdk-role", flags), "managed_elsewhere", "{flags}");
    }
}

#[test]
fn where_stacks_are_asserted_not_to_be_they_are_not_read() {
    let workspace = seeded(REGIONS_LIMITED);
    assert_eq!(verdict(&workspace, "cdk-role", "--no-stacks-in 123456789012/us-west-*"), "obsolete");
    assert_eq!(verdict(&workspace, "cdk-role", "--no-stacks-in 123456789012/us-east-*"), "managed_elsewhere");
    let refused = workspace.run("sweep --no-stacks-in 123456789012/us-wst-2").code(1);
    assert!(refused.says("no AWS region matches"), "{refused}");
}

#[test]
fn a_terraform_state_of_format_3_holds_its_roles() {
    let workspace = with_roles(&["arn:aws:iam::123456789012:role/tf-v3"]);
    workspace.write("terraform.tfstate", TERRAFORM_FORMAT_3);
    assert_eq!(verdict(&workspace, "tf-v3", ""), "obsolete");
    for source in ["terraform.tfstate", ".", "./"] {
        assert_eq!(
            verdict(&workspace, "tf-v3", &format!("--terraform-state {source}")),
            "managed_elsewhere",
            "{source}"
        );
    }
    let run = workspace.run(&format!("sweep {NO_OTHER_EVENT_STREAMS} --terraform-state terraform.tfstate"));
    assert!(run.stderr.contains("terraform.tfstate: 1 role (Terraform state, format 3)"), "{run}");
}

#[test]
fn a_pulumi_export_holds_its_roles_and_has_a_flag_of_its_own() {
    let workspace = with_roles(&["arn:aws:iam::123456789012:role/shop"]);
    let role = json!({"id": "shop", "type": "aws:iam/role:Role", "outputs": {"arn": "arn:aws:iam::123456789012:role/shop"}});
    workspace.write("stack.json", &json!({"version": 3, "deployment": {"resources": [role]}}).to_string());
    assert_eq!(verdict(&workspace, "shop", "--pulumi-state stack.json"), "managed_elsewhere");
    let refused = workspace.run("sweep --terraform-state stack.json").code(1);
    assert!(refused.stderr.contains("use --pulumi-state"), "{refused}");
}

#[test]
fn a_role_that_a_state_names_by_another_path_or_only_by_name_is_unknown() {
    let workspace =
        with_roles(&["arn:aws:iam::123456789012:role/team/shop", "arn:aws:iam::123456789012:role/blog"]);
    let state = |attributes: Value| {
        let role = json!({"mode": "managed", "type": "aws_iam_role", "instances": [{"attributes": attributes}]});
        json!({"version": 4, "terraform_version": "1.9.0", "resources": [role]}).to_string()
    };
    let cases = [
        ("another path", json!({"arn": "arn:aws:iam::123456789012:role/shop"}), "unknown"),
        ("only its name", json!({"name": "shop"}), "unknown"),
        ("its name in other letter case", json!({"name": "SHOP"}), "unknown"),
        ("its ARN", json!({"arn": "arn:aws:iam::123456789012:role/team/shop"}), "managed_elsewhere"),
        ("another account", json!({"arn": "arn:aws:iam::210987654321:role/shop"}), "obsolete"),
        ("another role", json!({"arn": "arn:aws:iam::123456789012:role/blog"}), "obsolete"),
    ];
    for (name, attributes, expected) in cases {
        workspace.write("state.tfstate", &state(attributes));
        assert_eq!(verdict(&workspace, "shop", "--terraform-state state.tfstate"), expected, "{name}");
    }
}
