//! The steps as text and JSON.
use super::stack::{FoundStack, FoundStacks, Retained};
use super::terraform::{Dependent, Released, ReleasedResource};
use crate::ui::style::{QUIET, STRONG, paint};
use crate::ui::table::beside;
use crate::ui::views::{self, count};
use crate::ui::wrap::folded;
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
        text.push_str(&of_state(name, released, context.environment.width()));
    }
    if states.iter().any(|(_, released)| !released.resources.is_empty()) {
        text.push_str(&afterwards(workspace, context));
    }
    text
}

fn of_state(name: &str, released: &Released, width: usize) -> String {
    let Released { resources, whole_blocks, split_blocks, dependents } = released;
    let number = count(resources.len(), "resource");
    let mut text = format!("{}\n", paint(STRONG, format!("{}: {number} to release", escape(name))));
    for ReleasedResource { address, id } in resources {
        let line = format!("  {}  {}\n", escape(address), paint(QUIET, escape(id)));
        text.push_str(&folded(&line, width));
    }
    text.push('\n');
    let mut steps = Steps { text, number: 0, width };
    steps.step("Keep a copy of the state:");
    steps.block("terraform state pull > before.tfstate");
    let (plain, odd): (Vec<_>, Vec<_>) = whole_blocks.iter().partition(|block| is_plain(block));
    if !plain.is_empty() {
        steps.step(
            "In the configuration, replace the `resource` blocks of these addresses with the following (Terraform 1.7 \
             or OpenTofu 1.10 and later):",
        );
        for block in &plain {
            steps.block(&format!("removed {{\n  from = {block}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}"));
        }
        steps.paragraph(
            "OpenTofu 1.7 to 1.9 takes these blocks without `lifecycle`. With an older version of either, delete only the \
             `resource` blocks, and run the `terraform state rm` below for them, too, before anything is applied.",
        );
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
        steps.step(
            "These are instances of blocks that remain, which `removed` cannot name. Remove their keys from `count` or \
             `for_each`, and before anything is applied run:",
        );
        steps.block(&state_rm(&needed));
    }
    if !plain.is_empty() {
        steps.step("Without `removed` blocks, run this instead:");
        steps.block(&state_rm(&addresses(&|address| !single(address))));
    }
    if !dependents.is_empty() {
        steps.step("Replace references to them with the ARN or the name itself:");
        let reference = |of: &Dependent| format!("{} refers to {}", escape(&of.block), escape(&of.depends_on));
        steps.block(&dependents.iter().map(reference).collect::<Vec<_>>().join("\n"));
    }
    steps.step(
        "`terraform plan` must end with `0 to destroy`, and say of each that it will no longer be managed and will not \
         be destroyed. Then run `terraform apply`.",
    );
    steps.text.push('\n');
    steps.text
}

/// Numbered steps, each a sentence and blocks to copy.
struct Steps {
    text: String,
    number: usize,
    width: usize,
}

impl Steps {
    fn step(&mut self, sentence: &str) {
        self.number += 1;
        let step = beside(&format!("{}. ", self.number), sentence, 20, 3, self.width);
        let _ = writeln!(self.text, "{step}");
    }

    fn paragraph(&mut self, sentence: &str) {
        let _ = writeln!(self.text, "{}\n", beside("   ", sentence, 20, 3, self.width));
    }

    /// Lines that are shown as they are, between empty ones.
    fn block(&mut self, lines: &str) {
        self.text.push('\n');
        for line in lines.lines() {
            let _ = writeln!(self.text, "{}", format!("   {line}").trim_end());
        }
        self.text.push('\n');
    }
}

fn state_rm(addresses: &[String]) -> String {
    format!("terraform state rm \\\n  {}", addresses.join(" \\\n  "))
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
    let width = context.environment.width();
    let mut text = String::new();
    for stack in stacks {
        text.push_str(&of_stack(name, stack, width));
    }
    for why in unread {
        text.push_str(&folded(&format!("not read: {}\n", escape(why)), width));
    }
    if stacks.is_empty() {
        let _ = writeln!(text, "No stack {} was found.", escape(name));
    } else if stacks.iter().any(|stack| !stack.retain.is_empty()) {
        text.push_str(&afterwards(workspace, context));
    }
    text
}

fn of_stack(name: &str, stack: &FoundStack, width: usize) -> String {
    let FoundStack { place, retain, policies, others } = stack;
    let number = count(retain.len(), "resource");
    let heading = format!("Stack {} in {place}: {number} to release", escape(name));
    let mut text = folded(&format!("{}\n", paint(STRONG, heading)), width);
    let list = |text: &mut String, resources: &[Retained], indent: &str| {
        for Retained { logical_id, resource_type, physical_id } in resources {
            let (logical_id, physical_id) = (escape(logical_id), paint(QUIET, escape(physical_id)));
            let line = format!("{indent}{logical_id}  {}  {physical_id}\n", escape(resource_type));
            text.push_str(&folded(&line, width));
        }
    };
    list(&mut text, retain, "  ");
    if retain.is_empty() {
        text.push_str("It has no role for Pinpoint and no event stream.\n\n");
        return text;
    }
    text.push('\n');
    let (stack, region) = (quoted(name), place.region.as_str());
    let mut steps = Steps { text, number: 0, width };
    steps.step("In the template, add this to each of these resources:");
    steps.block("\"DeletionPolicy\": \"Retain\", \"UpdateReplacePolicy\": \"Retain\"");
    if !policies.is_empty() {
        steps.paragraph("and to each of these whose `Roles` or `RoleName` in the template is one of them:");
        list(&mut steps.text, policies, "   ");
        steps.text.push('\n');
    }
    steps.step("Deploy the template with this change alone:");
    steps.block(&format!(
        "aws cloudformation deploy --stack-name {stack} --region {region} \\\n  \
         --template-file TEMPLATE --capabilities CAPABILITY_NAMED_IAM"
    ));
    if *others > 0 {
        steps.step(&format!(
            "Delete these resources from the template, replace every `Ref` and `Fn::GetAtt` of them with the name or the \
             ARN, and deploy again. {} of the stack stay as they are.",
            count(*others, "other resource")
        ));
        steps.text.push('\n');
    } else {
        steps.step("The stack contains nothing else, so delete it:");
        steps.block(&format!("aws cloudformation delete-stack --region {region} \\\n  --stack-name {stack}"));
    }
    let roles = retain.iter().filter(|resource| resource.resource_type.ends_with("::Role"));
    let checks: Vec<_> = roles.map(|role| quoted(&role.physical_id).into_owned()).collect();
    if let Some(first) = checks.first() {
        steps.step("CloudFormation must answer that no stack contains it:");
        steps.block(&format!(
            "aws cloudformation describe-stack-resources --region {region} \\\n  --physical-resource-id {first}"
        ));
    }
    steps.text
}

pub(super) fn stack_json(name: &str, found: &FoundStacks) -> String {
    let FoundStacks { stacks, unread } = found;
    views::json(&json!({
        "format_version": FORMAT_VERSION, "stack": name, "found": stacks, "unread": unread,
    }))
}
