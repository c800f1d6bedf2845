//! `policy lint`: looks for mistakes in the policies of a role.
use super::source::Policies;
use crate::commands::Format;
use crate::ui::escape::escape;
use crate::ui::style::{HELP, QUIET, STRONG, paint};
use crate::ui::views::count;
use crate::ui::wrap::folded;
use crate::ui::{CommandContext, Error, Exit, views};
use crate::workspace::Workspace;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::role_kind::{RoleKind, StreamTarget, Weakness};
use serde::Serialize;
use std::fmt::Write as _;

/// The format of the findings in JSON.
const FORMAT_VERSION: u32 = 1;

const KIND: RoleKind = RoleKind::for_event_streams();

#[derive(Serialize)]
struct Report<'a> {
    format_version: u32,
    source: &'a str,
    findings: &'a [Finding],
}

#[derive(Serialize)]
struct Finding {
    /// `trust_policy` or `permissions`.
    part: &'static str,
    #[serde(flatten)]
    weakness: Weakness,
    message: String,
    hint: &'static str,
}

pub(super) fn lint(policies: &Policies, format: Format, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let targets = policies.address.as_ref().map(|address| targets(address, context)).unwrap_or_default();
    let findings = findings(policies, &targets);
    context.show(&match format {
        Format::Json => {
            views::json(&Report { format_version: FORMAT_VERSION, source: &policies.name, findings: &findings })
        }
        Format::Text => folded(&text(&policies.name, &findings), context.environment.width()),
    })?;
    Ok(if findings.is_empty() { Exit::Done } else { Exit::Differs })
}

/// The streams that the manifest has this role for, with their keys; none if there is no manifest or no such role.
fn targets(address: &Address, context: &CommandContext<'_>) -> Vec<StreamTarget> {
    let Address::Role(key) = address else { return Vec::new() };
    let Ok(workspace) = Workspace::open(context) else { return Vec::new() };
    let Ok(manifest) = workspace.manifest() else { return Vec::new() };
    manifest.offline().roles.get(key).map(|role| role.targets.iter().cloned().collect()).unwrap_or_default()
}

fn findings(policies: &Policies, targets: &[StreamTarget]) -> Vec<Finding> {
    let Policies { name: _, address: _, trust, permissions } = policies;
    let finding = |part: &'static str| {
        move |weakness: Weakness| Finding { part, message: weakness.to_string(), hint: weakness.cure(), weakness }
    };
    let mut findings = Vec::new();
    if let Some(trust) = trust {
        findings.extend(KIND.lint_trust(trust).into_iter().map(finding("trust_policy")));
    }
    if let Some(permissions) = permissions {
        let documents: Vec<&Document> = permissions.values().collect();
        findings.extend(KIND.lint_permissions(&documents, targets).into_iter().map(finding("permissions")));
    }
    findings
}

fn text(name: &str, findings: &[Finding]) -> String {
    let name = escape(name);
    if findings.is_empty() {
        return format!("{name}: no findings.\n");
    }
    let mut text = String::new();
    for Finding { part, weakness: _, message, hint } in findings {
        let _ = writeln!(text, "{} {}", paint(QUIET, format_args!("{part}:")), escape(message));
        let _ = writeln!(text, "  {} {hint}", paint(HELP, "help:"));
    }
    let _ = writeln!(text, "\n{}", paint(STRONG, format_args!("{name}: {}.", count(findings.len(), "finding"))));
    text
}
