//! `restore`: plans to recreate archived resources. Writes nothing to AWS without `--apply`.
mod request;

pub(super) use request::RestoreRequest;

use super::change::{self, ApplyArgs, Concluded, Expected};
use super::{Format, NOTHING_DONE, Output, saved_message};
use crate::plan_file;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::problems;
use crate::ui::views::{self, Detail};
use clap::Args;
use std::path::PathBuf;

/// `restore`
#[derive(Debug, Args)]
#[command(mut_arg("auto_approve", |arg| arg.conflicts_with_all(["out", "format"])))]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub what: RestoreWhat,
    /// Save the plan for `apply FILE`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Prompt and apply. Implied by --auto-approve, --expect-digest and --events.
    #[arg(long, conflicts_with_all = ["out", "format"])]
    pub apply: bool,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub apply_args: ApplyArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RestoreWhat {
    /// An archive file, or a directory of archives.
    #[arg(value_name = "ARCHIVE")]
    pub archive: PathBuf,
    /// Also restore archives that are not recorded in the state or journal, and roles that trust others than Pinpoint.
    #[arg(long)]
    pub unverified: bool,
    /// An AWS profile; repeatable [default: the accounts of the manifest, or the caller's].
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
}

pub(super) async fn run(args: RestoreArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let RestoreArgs { what, out, apply, output: Output { format }, apply_args } = args;
    let request = RestoreRequest::open(what, context);
    let ApplyArgs { auto_approve, approve_accounts: _, expect_digest, events, diff: _ } = &apply_args;
    if apply || auto_approve.is_some() || expect_digest.is_some() || *events {
        return change::run(request.map(|request| (request, Expected::fresh(&apply_args))), &apply_args, context)
            .await;
    }
    let Concluded { output, access, .. } = change::conclude(&request?, context).await?;
    let plan = output.map_err(Error::Problems)?.plan;
    if let Some(out) = &out {
        plan_file::save(&context.environment.folder.join(out), &plan, Some(&access))?;
    }
    context.printer.note(&problems::warnings(&plan.warnings));
    let detail = if apply_args.diff { Detail::Everything } else { Detail::Changes };
    context.show(&match format {
        Format::Text => views::plan::plan(&plan, detail),
        Format::Json => views::json(&plan),
    })?;
    context.printer.note(&match out {
        Some(out) => saved_message(&out, "", context),
        None if plan.is_empty() => String::new(),
        None => NOTHING_DONE.to_owned(),
    });
    Ok(Exit::Done)
}
