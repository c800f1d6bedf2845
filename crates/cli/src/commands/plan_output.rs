//! A plan in the format that was asked for, and as the summary of a job of GitHub Actions.
use super::planning;
use crate::settings::Verbosity;
use crate::ui::style::{WARNING, paint};
use crate::ui::views::plan::{Next, html, last_line, markdown, plan as text, standing};
use crate::ui::views::{self, Detail};
use crate::ui::{CommandContext, Error, escape, problems};
use clap::{Args, ValueEnum};
use pinpoint_streams_model::plan::{Mode, Plan};
use pinpoint_streams_store::archive::quoted;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

/// The format of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum PlanFormat {
    /// Human-readable.
    #[default]
    Text,
    /// Versioned JSON.
    Json,
    /// For a pull request: at most 65,000 characters.
    Markdown,
    /// A self-contained page with filters.
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub(crate) struct PlanOutput {
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    pub format: PlanFormat,
}

/// Shows a plan after its warnings. `file` is where it is saved.
pub(super) fn show(
    plan: &Plan,
    PlanOutput { format }: PlanOutput,
    diff: bool,
    file: Option<&Path>,
    context: &CommandContext<'_>,
) -> Result<(), Error> {
    context.printer.note(&problems::warnings(&plan.warnings));
    let next = next(plan, file, context);
    let shown = context.show(&match format {
        PlanFormat::Text if context.settings.verbosity == Verbosity::Quiet => format!("{}\n", last_line(plan)),
        PlanFormat::Text => text(plan, Detail::of(diff), context.environment.width()),
        PlanFormat::Json => views::json(plan),
        PlanFormat::Markdown => markdown(plan, &next),
        PlanFormat::Html => html(plan, &next),
    });
    if let Some(summary) = &context.environment.step_summary
        && let Err(error) = append(summary, &markdown(plan, &next))
    {
        let why = format!("cannot append to the job summary {}: {error}", summary.display());
        context.printer.message(&format!("{} {}\n", paint(WARNING, "warning:"), escape(&why)));
    }
    shown
}

/// Of a plan with problems, shows what does not depend on them. The other formats have no place for half a plan.
pub(super) fn show_standing(
    plan: Option<&Plan>,
    PlanOutput { format }: PlanOutput,
    context: &CommandContext<'_>,
) -> Result<(), Error> {
    match plan.filter(|plan| !plan.changes.is_empty() && format == PlanFormat::Text) {
        Some(plan) => context.show(&standing(plan, context.environment.width())),
        None => Ok(()),
    }
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(format!("{text}\n").as_bytes())
}

/// The commands that apply this plan and that plan it again. None for plans whose command is not known here.
fn next(plan: &Plan, file: Option<&Path>, context: &CommandContext<'_>) -> Next {
    let command = |name: &str| context.settings.command(name);
    let flags = planning::flags(&plan.options);
    let again = match plan.mode {
        Mode::Converge => Some(("plan", "apply")),
        Mode::Destroy => Some(("plan --destroy", "destroy")),
        Mode::Drift => Some(("plan --drift", "")),
        Mode::Sweep | Mode::Restore => None,
    };
    let saved = file.map(|file| file.to_string_lossy());
    let apply = match (&saved, again) {
        (Some(file), _) => {
            let apply = context.settings.command_with("apply", file);
            Some(format!("{apply} --expect-digest {}", quoted(&plan.plan_digest.to_string())))
        }
        (None, Some((_, apply))) if !apply.is_empty() => Some(format!("{}{flags}", command(apply))),
        (None, _) => None,
    };
    let out = saved.map(|file| format!(" --out {}", quoted(&file))).unwrap_or_default();
    Next { apply, plan_again: again.map(|(plan, _)| format!("{}{flags}{out}", command(plan))) }
}
