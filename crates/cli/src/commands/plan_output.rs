//! A plan in the format that was asked for, and as the summary of a job of GitHub Actions.
use super::page_output::{PageFormat, PageOutput};
use super::planning;
use crate::ui::page::Page;
use crate::ui::style::{WARNING, paint};
use crate::ui::views::plan::{Next, last_line, page, plan as text, problems_page, standing as text_of_standing};
use crate::ui::views::{self, Detail};
use crate::ui::{CommandContext, Error, escape};
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::problem::Problem;
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
    context.warn(&plan.warnings);
    let page = || page(plan, &next(plan, file, context));
    let shown = match format {
        PageFormat::Text => {
            context.show_text(&last_line(plan), || text(plan, Detail::of(diff), context.environment.width()))
        }
        PageFormat::Json => context.show(&views::json(plan)),
        PageFormat::Markdown => context.show(&page().markdown()),
        PageFormat::Html => context.show(&page().html()),
    };
    summarize(page, context);
    shown
}

/// After a plan in text: the command that applies it. Nothing for a plan without steps, which a drift report is too.
pub(super) fn next_step(plan: &Plan, PageOutput { format }: PageOutput, context: &CommandContext<'_>) -> String {
    let apply = next(plan, None, context).apply.filter(|_| format == PageFormat::Text && !plan.steps.is_empty());
    apply.map(|apply| format!("Nothing was done. `{apply}` applies the plan.\n")).unwrap_or_default()
}

/// Shows the problems of a plan where the format is a page, and what does not depend on them. In text and JSON, the
/// problems are an error like any other.
pub(super) fn show_problems(
    (mode, options): (Mode, &Options),
    problems: &[Problem],
    standing: Option<&Plan>,
    PageOutput { format }: PageOutput,
    context: &CommandContext<'_>,
) -> Result<(), Error> {
    let page = || problems_page(problems, standing, &commands(mode, options, None, context));
    let shown = match (format, standing) {
        (PageFormat::Text, Some(plan)) if !plan.changes.is_empty() => {
            context.show_text("", || text_of_standing(plan, context.environment.width()))
        }
        (PageFormat::Text | PageFormat::Json, _) => Ok(()),
        (PageFormat::Markdown, _) => context.show(&page().markdown()),
        (PageFormat::Html, _) => context.show(&page().html()),
    };
    summarize(page, context);
    shown
}

/// Appends a page to the summary of a job of GitHub Actions.
fn summarize(page: impl FnOnce() -> Page, context: &CommandContext<'_>) {
    if let Some(summary) = &context.environment.step_summary
        && let Err(error) = append(summary, &page().markdown())
    {
        let why = format!("cannot append to the job summary {}: {error}", summary.display());
        context.printer.message(&format!("{} {}\n", paint(WARNING, "warning:"), escape(&why)));
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
    let saved = file.map(|file| file.to_string_lossy());
    let saved = saved.map(|file| (file.to_string(), apply_saved(plan, &file, context)));
    commands(plan.mode, &plan.options, saved, context)
}

/// `saved`: the file of the plan, and the command that applies it.
fn commands(mode: Mode, options: &Options, saved: Option<(String, String)>, context: &CommandContext<'_>) -> Next {
    let command = |name: &str| context.settings.command(name);
    let flags = planning::flags(options);
    let again = match mode {
        Mode::Converge => Some(("plan", "apply")),
        Mode::Destroy => Some(("plan --destroy", "destroy")),
        Mode::Drift => Some(("plan --drift", "")),
        Mode::Sweep | Mode::Restore => None,
    };
    let apply = match (&saved, again) {
        (Some((_, apply)), _) => Some(apply.clone()),
        (None, Some((_, apply))) if !apply.is_empty() => Some(format!("{}{flags}", command(apply))),
        (None, _) => None,
    };
    let out = saved.as_ref().map(|(file, _)| format!(" --out {}", quoted(file))).unwrap_or_default();
    let everything = match (&saved, again) {
        (Some((file, _)), _) => format!("{} --format html", context.settings.command_with("show", file)),
        (None, Some((plan, _))) => format!("{}{flags} --format html", command(plan)),
        (None, None) => String::new(),
    };
    let plan_again = again.map(|(plan, _)| format!("{}{flags}{out}", command(plan)));
    Next { apply, plan_again, everything }
}
