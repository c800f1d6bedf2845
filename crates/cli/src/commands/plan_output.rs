//! A plan in the format that was asked for, and as the summary of a job of GitHub Actions.
use super::page_output::{PageFormat, PageOutput};
use super::planning;
use crate::settings::Verbosity;
use crate::ui::style::{WARNING, paint};
use crate::ui::views::plan::{Next, last_line, page, plan as text, standing};
use crate::ui::views::{self, Detail};
use crate::ui::{CommandContext, Error, escape, problems};
use pinpoint_streams_model::plan::{Mode, Plan};
use pinpoint_streams_store::archive::quoted;
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

/// Shows a plan after its warnings. `file` is where it is saved.
pub(super) fn show(
    plan: &Plan,
    PageOutput { format }: PageOutput,
    diff: bool,
    file: Option<&Path>,
    context: &CommandContext<'_>,
) -> Result<(), Error> {
    context.printer.note(&problems::warnings(&plan.warnings));
    let next = next(plan, file, context);
    let shown = context.show(&match format {
        PageFormat::Text if context.settings.verbosity == Verbosity::Quiet => format!("{}\n", last_line(plan)),
        PageFormat::Text => text(plan, Detail::of(diff), context.environment.width()),
        PageFormat::Json => views::json(plan),
        PageFormat::Markdown => page(plan, &next).markdown(),
        PageFormat::Html => page(plan, &next).html(),
    });
    if let Some(summary) = &context.environment.step_summary
        && let Err(error) = append(summary, &page(plan, &next).markdown())
    {
        let why = format!("cannot append to the job summary {}: {error}", summary.display());
        context.printer.message(&format!("{} {}\n", paint(WARNING, "warning:"), escape(&why)));
    }
    shown
}

/// Of a plan with problems, shows what does not depend on them. The other formats have no place for half a plan.
pub(super) fn show_standing(
    plan: Option<&Plan>,
    PageOutput { format }: PageOutput,
    context: &CommandContext<'_>,
) -> Result<(), Error> {
    match plan.filter(|plan| !plan.changes.is_empty() && format == PageFormat::Text) {
        Some(plan) => context.show(&standing(plan, context.environment.width())),
        None => Ok(()),
    }
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(format!("{text}\n").as_bytes())
}

/// The command that applies a saved plan as it was reviewed.
pub(super) fn apply_saved(plan: &Plan, file: &str, context: &CommandContext<'_>) -> String {
    let apply = context.settings.command_with("apply", file);
    let digest = plan.plan_digest.to_string();
    let accounts: BTreeSet<&str> = plan.changes.iter().map(|change| change.account.as_str()).collect();
    let approve = match plan.mode {
        Mode::Sweep => format!(" --approve-accounts {}", accounts.into_iter().collect::<Vec<_>>().join(",")),
        Mode::Converge | Mode::Destroy | Mode::Drift | Mode::Restore => String::new(),
    };
    format!("{apply} --expect-digest {}{approve}", quoted(&digest))
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
        (Some(file), _) => Some(apply_saved(plan, file, context)),
        (None, Some((_, apply))) if !apply.is_empty() => Some(format!("{}{flags}", command(apply))),
        (None, _) => None,
    };
    let out = saved.as_ref().map(|file| format!(" --out {}", quoted(file))).unwrap_or_default();
    let everything = match (&saved, again) {
        (Some(file), _) => format!("{} --format html", context.settings.command_with("show", file)),
        (None, Some((plan, _))) => format!("{}{flags} --format html", command(plan)),
        (None, None) => String::new(),
    };
    let plan_again = again.map(|(plan, _)| format!("{}{flags}{out}", command(plan)));
    Next { apply, plan_again, everything }
}
