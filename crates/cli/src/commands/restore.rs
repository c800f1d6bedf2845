//! `restore`: plans to recreate archived resources. Writes nothing to AWS without `--apply`. Without an argument it lists
//! what can be restored.
mod listing;
mod there;
mod whole;

pub(super) use whole::{archives_of, whole};

use super::change::{self, ApplyArgs, Concluded, Expected, Prepared, Request, SavedInputs, Source};
use super::{NOTHING_DONE, Output, on_heap, saved_message, show_plan};
use crate::accounts::{AccountSelector, Selection, connect};
use crate::plan_file;
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::{S3Address, Workspace, archives_at, runs_with_archives};
use clap::Args;
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::plan::{Access, Mode, RestoreOptions};
use pinpoint_streams_planner::{Inquiry, PlanResult, Restore};
use pinpoint_streams_store::Loaded;
use pinpoint_streams_store::archive::quoted;
use pinpoint_streams_store::state::State;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// `restore`
#[derive(Debug, Args)]
#[command(mut_arg("auto_approve", |arg| arg.conflicts_with("out")))]
#[command(mut_arg("events", |arg| arg.conflicts_with("format")))]
#[command(mut_arg("approve_accounts", |arg| arg.hide(true)))]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub what: RestoreWhat,
    /// Save the plan for `apply FILE`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Prompt and apply. Implied by --auto-approve, --expect-digest and --events.
    #[arg(long, conflicts_with = "out")]
    pub apply: bool,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub apply_args: ApplyArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RestoreWhat {
    /// An archive file, a directory of archives, or the ID of a run for everything that it archived. Of several archives
    /// of a resource, the newest is restored [default: list what can be restored].
    #[arg(value_name = "ARCHIVE|RUN")]
    pub archive: Option<PathBuf>,
    /// Also restore archives that are not recorded in the state or journal, and roles that trust principals other than Pinpoint.
    #[arg(long)]
    pub unverified: bool,
    /// An AWS profile; repeatable [default: the accounts of the manifest, or the caller's].
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
}

pub(super) async fn run(args: RestoreArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let RestoreArgs { what, out, apply, output: Output { format }, apply_args } = args;
    let ApplyArgs { auto_approve, approve_accounts: _, expect_digest, events, review, diff: _ } = &apply_args;
    let is_applied = apply || auto_approve.is_some() || expect_digest.is_some() || *events;
    if what.archive.is_none() {
        if is_applied || out.is_some() {
            return Err(Error::Usage {
                message: "restore: no archive or run is given".to_owned(),
                hint: list_hint(context),
            });
        }
        return listing::run(format, context).await;
    }
    let request = RestoreRequest::open(what, context);
    if is_applied {
        if *review && let Ok(request) = &request {
            look_at(request, context).await?;
        }
        let expected = Expected::fresh(&apply_args).reported_as(format);
        return change::run(request.map(|request| (request, expected)), &apply_args, context).await;
    }
    let Concluded { output, .. } = change::conclude(&request?, context).await?;
    let plan = output.map_err(Error::Problems)?.plan;
    if *review {
        on_heap(|| super::review::of_saved(&plan, context)).await?;
    }
    if let Some(out) = &out {
        plan_file::save(&context.environment.folder.join(out), &plan)?;
    }
    show_plan(&plan, format, apply_args.diff, context)?;
    context.printer.note(&match out {
        Some(out) => saved_message(&out, "", context),
        None if plan.is_empty() => String::new(),
        None => NOTHING_DONE.to_owned(),
    });
    Ok(Exit::Done)
}

/// Shows in full screen what would be done.
pub(super) async fn look_at<R>(request: &R, context: &CommandContext<'_>) -> Result<(), Error>
where
    R: Request<Inquiry: Inquiry<Output = PlanResult>>,
{
    let Concluded { output, .. } = change::conclude(request, context).await?;
    let plan = output.map_err(Error::Problems)?.plan;
    on_heap(|| super::review::of_saved(&plan, context)).await
}

#[derive(Debug)]
pub(super) struct RestoreRequest {
    pub(super) workspace: Workspace,
    pub(super) source: Source<RestoreWhat, RestoreOptions>,
}

impl RestoreRequest {
    /// From flags. Uses the manifest's workspace, unless profiles select other accounts.
    pub(super) fn open(what: RestoreWhat, context: &CommandContext<'_>) -> Result<RestoreRequest, Error> {
        let workspace = Workspace::open_if_any(context)?;
        let elsewhere = !what.profile.is_empty();
        let workspace = if elsewhere { workspace.for_other_accounts(context)? } else { workspace };
        Ok(RestoreRequest { workspace, source: Source::Flags(what) })
    }

    /// The archive or run as it was named, and whether unverified ones are restored.
    fn archives(&self) -> (&Path, bool) {
        let all = self.workspace.paths.archive.as_path();
        match &self.source {
            Source::Flags(what) => (what.archive.as_deref().unwrap_or(all), what.unverified),
            Source::SavedPlan(SavedInputs { options, access, accounts: _ }) => {
                (access.archive.as_deref().map_or(all, Path::new), options.unverified)
            }
        }
    }

    /// The archives of the file, directory or run, and where they were found.
    async fn find(
        &self,
        named: &Path,
        state: Option<&State>,
        context: &CommandContext<'_>,
    ) -> Result<(String, Vec<Archived>), Error> {
        let path = context.environment.folder.join(named);
        let all = &self.workspace.paths.archive;
        let is_path = path.exists() || S3Address::of_path(&path).is_some() || named.components().count() > 1;
        let Some(prefix) = named.to_str().filter(|_| !is_path) else {
            return archives_at(&path, &self.workspace, state).await;
        };
        let runs = runs_with_archives(all)?;
        let meant: Vec<(&RunId, &PathBuf)> =
            runs.iter().filter(|(run, _)| run.as_str().starts_with(prefix)).collect();
        match meant[..] {
            [(_, folder)] => return archives_at(folder, &self.workspace, state).await,
            [(exact, folder), ..] if exact.as_str() == prefix => {
                return archives_at(folder, &self.workspace, state).await;
            }
            [_, _, ..] => {
                return Err(Error::Usage {
                    message: format!("{} runs match `{prefix}`", meant.len()),
                    hint: list_hint(context),
                });
            }
            [] => {}
        }
        let not_found = || Error::NotFound {
            message: format!("no archive file and no run with archives is named `{prefix}`"),
            hint: list_hint(context),
        };
        if self.workspace.remote.is_none() {
            return Err(not_found());
        }
        // Archives of a run that was made elsewhere are in the bucket alone.
        let (place, mut archives) = archives_at(all, &self.workspace, state).await?;
        archives.retain(|archived| archived.entry.run.as_str().starts_with(prefix));
        if archives.is_empty() { Err(not_found()) } else { Ok((place, archives)) }
    }
}

impl Request for RestoreRequest {
    type Inquiry = Restore;

    fn mode(&self) -> Mode {
        Mode::Restore
    }

    fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    fn again(&self) -> String {
        let (archive, unverified) = self.archives();
        let mut command = format!("restore {} --apply", quoted(&archive.to_string_lossy()));
        if unverified {
            command.push_str(" --unverified");
        }
        if let Source::Flags(what) = &self.source {
            command.push_str(&profile_flags(&what.profile));
        }
        command
    }

    fn look(&self) -> String {
        match &self.source {
            Source::Flags(what) => look_after_restore(&self.workspace, &what.profile),
            Source::SavedPlan(_) => look_after_restore(&self.workspace, &[]),
        }
    }

    fn purpose(&self) -> &'static str {
        match self.workspace.manifest {
            Some(_) => "to compare AWS with the manifest",
            None => SHOW_ROLES,
        }
    }

    async fn prepare(
        &self,
        start: &Loaded,
        run: Option<&RunId>,
        expected: &Expected,
        context: &CommandContext<'_>,
    ) -> Result<Prepared<Restore>, Error> {
        let workspace = &self.workspace;
        expected.check_record(&start.recorded)?;
        let (path, unverified) = self.archives();
        let (place, found) = self.find(path, start.state.as_ref(), context).await?;
        let mut archives = whole(found, workspace, start.state.as_ref(), context).await?;
        let flags;
        let selection = match &self.source {
            _ if workspace.manifest.is_some() => Selection::Manifest,
            Source::Flags(what) => {
                flags = AccountSelector { profile: what.profile.clone(), ..AccountSelector::default() };
                Selection::Flags(&flags)
            }
            Source::SavedPlan(SavedInputs { access, accounts, .. }) => Selection::SavedPlan(access, accounts),
        };
        if let Source::SavedPlan(SavedInputs { options, .. }) = &self.source {
            archives = select_archives(archives, options, &place, context)?;
        }
        let accounts = connect(selection, workspace, run.cloned(), context).await?;
        let (desired, recorded) = (accounts.desired(workspace)?, start.recorded.clone());
        let inquiry = Restore { archives, desired, recorded, unverified };
        let access = Access { archive: Some(place), ..accounts.access };
        Ok(Prepared { inquiry, cloud: accounts.cloud, access, accounts: accounts.all })
    }
}

/// What a look at roles without a manifest is good for.
pub(super) const SHOW_ROLES: &str = "to see what is there now";

/// The command that shows what is there after a restore or an undo: only a manifest can be planned.
pub(super) fn look_after_restore(workspace: &Workspace, profiles: &[String]) -> String {
    match workspace.manifest {
        Some(_) => "plan".to_owned(),
        None => format!("sweep{}", profile_flags(profiles)),
    }
}

/// `--profile` for each, after a space.
pub(super) fn profile_flags(profiles: &[String]) -> String {
    profiles.iter().map(|profile| format!(" --profile {}", quoted(profile))).collect()
}

fn list_hint(context: &CommandContext<'_>) -> String {
    format!("`{}` lists what can be restored", context.settings.command("restore"))
}

/// The archives that a saved plan was made from. Fails if one is missing.
fn select_archives(
    mut archived: Vec<Archived>,
    options: &RestoreOptions,
    place: &str,
    context: &CommandContext<'_>,
) -> Result<Vec<Archived>, Error> {
    let RestoreOptions { archives, unverified: _ } = options;
    archived.retain(|archived| archives.contains(&archived.digest));
    let found: BTreeSet<&Digest> = archived.iter().map(|archived| &archived.digest).collect();
    if let Some(missing) = archives.iter().find(|digest| !found.contains(digest)) {
        return Err(Error::NotFound {
            message: format!(
                "no archive at {} has digest {missing}",
                context.environment.display_path(Path::new(place))
            ),
            hint: format!(
                "nothing was done; plan again with `{}`",
                context.settings.command_with("restore", place)
            ),
        });
    }
    Ok(archived)
}
