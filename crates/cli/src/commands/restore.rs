//! `restore`: plans what an archive holds back into life. Writes nothing to AWS; `restore --apply` is an apply.
mod request;

pub(super) use request::RestoreRequest;

use super::change::{self, ApplyArgs, Concluded, Expected};
use super::{Format, Output, saved};
use crate::plan_file;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::views::plan::Detail;
use crate::ui::views::{self, problems};
use clap::Args;
use std::path::PathBuf;

/// `restore`
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// What is put back.
    #[command(flatten)]
    pub what: RestoreWhat,
    /// Save the plan, to be applied as it is or not at all.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Ask at once, and do it.
    #[arg(long, conflicts_with_all = ["out", "format"])]
    pub apply: bool,
    /// How the result is printed.
    #[command(flatten)]
    pub output: Output,
    /// How it is approved and reported.
    #[command(flatten)]
    pub doing: ApplyArgs,
}

/// What is put back, and by whose credentials.
#[derive(Debug, Clone, Args)]
pub(crate) struct RestoreWhat {
    /// A file of the archive, or a folder of them.
    #[arg(value_name = "ARCHIVE")]
    pub archive: PathBuf,
    /// Also restore what neither state nor journal vouches for, or what trusts others beside Pinpoint.
    #[arg(long)]
    pub unverified: bool,
    /// A profile of the AWS configuration; repeatable. By default the accounts of the manifest, or the caller's.
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
}

pub(super) async fn run(args: RestoreArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let RestoreArgs { what, out, apply, output: Output { format }, doing } = args;
    let request = RestoreRequest::open(what, context);
    if apply {
        return change::run(request.map(|request| (request, Expected::fresh(&doing))), &doing, context).await;
    }
    let Concluded { output, access, .. } = change::conclude(&request?, context).await?;
    let plan = output.map_err(Error::Problems)?.plan;
    if let Some(out) = &out {
        plan_file::save(&context.environment.folder.join(out), &plan, Some(&access))?;
    }
    context.printer.aside(&problems::warnings(&plan.warnings));
    let detail = if doing.diff { Detail::Everything } else { Detail::Changes };
    context.show(&match format {
        Format::Text => views::plan::plan(&plan, detail),
        Format::Json => views::json(&plan),
    })?;
    context.printer.aside(&match out {
        Some(out) => saved(&out, "", context),
        None if plan.is_empty() => String::new(),
        None => "Nothing was done. The same with --apply does it; with --out FILE it is saved for `apply FILE`.\n"
            .to_owned(),
    });
    Ok(Exit::Done)
}
