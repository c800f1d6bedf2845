//! The steps as text and JSON.
use super::stack::{FoundStack, FoundStacks, Retained};
use super::terraform::{Dependent, Released, ReleasedResource};
use crate::ui::style::{QUIET, STRONG, paint};
use crate::ui::views::{self, count};
use crate::ui::{CommandContext, escape};
use crate::workspace::Workspace;
use pinpoint_streams_store::aws_cli::quoted;
use serde_json::json;
use std::fmt::Write as _;

/// The format of the documents in JSON.
const FORMAT_VERSION: u32 = 1;

/// A block can be written into a configuration only if its address is one.
fn is_plain(address: &str) -> bool {
    address.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

pub(super) fn terraform(
    states: &[(String, Released)],
    workspace: &Workspace,
    context: &CommandContext<'_>,
) -> String {
    let mut text = String::new();
    for (name, released) in states {
        if released.resources.is_empty() {
            let _ = writeln!(text, "{}: no role for Pinpoint and no event stream.", escape(name));
            continue;
        }
        text.push_str(&of_state(name, released));
    }
    if states.iter().any(|(_, released)| !released.resources.is_empty()) {
        text.push_str(&afterwards(workspace, context));
    }
    text
}

fn of_state(name: &str, released: &Released) -> String {
    let Released { resources, whole_blocks, split_blocks, dependents } = released;
    let number = count(resources.len(), "resource");
    let mut text = format!("{}\n", paint(STRONG, format!("{}: {number} to give up", escape(name))));
    for ReleasedResource { address, id } in resources {
        let _ = writeln!(text, "  {}  {}", escape(address), paint(QUIET, escape(id)));
    }
    let _ = writeln!(text, "\n1. Keep a copy of the state:\n\n   terraform state pull > before.tfstate\n");
    let (plain, odd): (Vec<_>, Vec<_>) = whole_blocks.iter().partition(|block| is_plain(block));
    let mut step = 2;
    if !plain.is_empty() {
        let _ = writeln!(
            text,
            "{step}. In the configuration, delete the `resource` blocks of these addresses, and put in their place \
             (Terraform 1.7 and later):\n"
        );
        for block in &plain {
            let _ = writeln!(
                text,
                "   removed {{\n     from = {block}\n\n     lifecycle {{\n       destroy = false\n     }}\n   }}\n"
            );
        }
        text.push_str(
            "   OpenTofu or an older Terraform that does not accept these blocks: delete only the `resource` blocks, \
             and run the\n   `state rm` command of the next step for them too, before anything is applied.\n\n",
        );
        step += 1;
    }
    let addresses = |wanted: &dyn Fn(&str) -> bool| {
        let chosen = resources.iter().filter(|resource| wanted(&resource.address));
        chosen.map(|resource| quoted(&resource.address).into_owned()).collect::<Vec<_>>()
    };
    let single = |address: &str| {
        split_blocks
            .iter()
            .chain(odd.iter().copied())
            .any(|block| super::terraform::without_keys(address) == *block)
    };
    let needed = addresses(&single);
    if !needed.is_empty() {
        let _ = writeln!(
            text,
            "{step}. These are instances of blocks that stay, which `removed` cannot name. Take their keys out of \
             `count` or\n   `for_each`, and before anything is applied:\n\n   {}\n",
            state_rm(&needed)
        );
        step += 1;
    }
    if !plain.is_empty() {
        let all = addresses(&|address| !single(address));
        let _ = writeln!(text, "{step}. Without `removed` blocks the same is done by:\n\n   {}\n", state_rm(&all));
        step += 1;
    }
    if !dependents.is_empty() {
        let _ = writeln!(text, "{step}. Replace what refers to them by the ARN or the name itself:\n");
        for Dependent { block, depends_on } in dependents {
            let _ = writeln!(text, "   {} refers to {}", escape(block), escape(depends_on));
        }
        text.push('\n');
        step += 1;
    }
    let _ = writeln!(
        text,
        "{step}. `terraform plan` must end with `0 to destroy`, and say of each that it will no longer be managed and \
         will not be\n   destroyed. Then `terraform apply`.\n"
    );
    text
}

fn state_rm(addresses: &[String]) -> String {
    format!("terraform state rm \\\n     {}", addresses.join(" \\\n     "))
}

fn afterwards(workspace: &Workspace, context: &CommandContext<'_>) -> String {
    let next = match workspace.manifest {
        Some(_) => context.settings.command("plan --adopt"),
        None => context.settings.command("sweep"),
    };
    format!("Afterwards: {next}\n")
}

pub(super) fn terraform_json(states: &[(String, Released)]) -> String {
    let states: Vec<_> = states
        .iter()
        .map(|(name, Released { resources, whole_blocks, split_blocks, dependents })| {
            json!({
                "state": name, "resources": resources, "removed_blocks": whole_blocks,
                "blocks_that_stay": split_blocks, "dependents": dependents,
            })
        })
        .collect();
    views::json(&json!({ "format_version": FORMAT_VERSION, "terraform": states }))
}

pub(super) fn stack(
    name: &str,
    found: &FoundStacks,
    workspace: &Workspace,
    context: &CommandContext<'_>,
) -> String {
    let FoundStacks { stacks, unread } = found;
    let mut text = String::new();
    for stack in stacks {
        text.push_str(&of_stack(name, stack));
    }
    for why in unread {
        let _ = writeln!(text, "not read: {}", escape(why));
    }
    if stacks.is_empty() {
        let _ = writeln!(text, "No stack {} was found.", escape(name));
    } else if stacks.iter().any(|stack| !stack.retain.is_empty()) {
        text.push_str(&afterwards(workspace, context));
    }
    text
}

fn of_stack(name: &str, stack: &FoundStack) -> String {
    let FoundStack { place, retain, policies, others } = stack;
    let mut text =
        format!("{}\n", paint(STRONG, format!("Stack {} in {place}: {} to give up", escape(name), retain.len())));
    let list = |text: &mut String, resources: &[Retained]| {
        for Retained { logical_id, resource_type, physical_id } in resources {
            let (logical_id, physical_id) = (escape(logical_id), escape(physical_id));
            let _ = writeln!(text, "  {logical_id}  {}  {}", escape(resource_type), paint(QUIET, physical_id));
        }
    };
    list(&mut text, retain);
    if retain.is_empty() {
        text.push_str("It has no role for Pinpoint and no event stream.\n\n");
        return text;
    }
    let (stack, region) = (quoted(name), place.region.as_str());
    let _ = writeln!(
        text,
        "\n1. In the template, give each of these resources:\n\n   \
         \"DeletionPolicy\": \"Retain\", \"UpdateReplacePolicy\": \"Retain\"\n"
    );
    if !policies.is_empty() {
        text.push_str("   and each of these whose `Roles` or `RoleName` in the template is one of them:\n\n");
        list(&mut text, policies);
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "2. Deploy the template with this change alone:\n\n   aws cloudformation deploy --stack-name {stack} \
         --region {region} \\\n     --template-file TEMPLATE --capabilities CAPABILITY_NAMED_IAM\n"
    );
    if *others > 0 {
        let _ = writeln!(
            text,
            "3. Delete these resources from the template, replace every `Ref` and `Fn::GetAtt` to them by the name or \
             the ARN,\n   and deploy again. {} of the stack stay as they are.\n",
            count(*others, "other resource")
        );
    } else {
        let _ = writeln!(
            text,
            "3. Nothing else is in the stack, so it can go:\n\n   aws cloudformation delete-stack --stack-name {stack} \
             --region {region}\n"
        );
    }
    let roles = retain.iter().filter(|resource| resource.resource_type.ends_with("::Role"));
    let checks: Vec<_> = roles.map(|role| quoted(&role.physical_id).into_owned()).collect();
    if let Some(first) = checks.first() {
        let _ = writeln!(
            text,
            "4. CloudFormation must answer that there is no stack for it:\n\n   aws cloudformation \
             describe-stack-resources --region {region} --physical-resource-id {first}\n"
        );
    }
    text
}

pub(super) fn stack_json(name: &str, found: &FoundStacks) -> String {
    let FoundStacks { stacks, unread } = found;
    views::json(&json!({
        "format_version": FORMAT_VERSION, "stack": name, "found": stacks, "unread": unread,
    }))
}
