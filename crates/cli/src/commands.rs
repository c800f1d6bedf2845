//! What can be typed: one file or folder a command, with its arguments, its help and what it does.
mod apply;
mod change;
mod completions;
mod discover;
mod init;
mod permissions;
mod plan;
mod planning;
mod policy;
mod report;
mod restore;
#[cfg(feature = "sandbox")]
mod sandbox;
mod show;
mod state;
mod sweep;
#[cfg(test)]
mod tests;
mod validate;

use crate::settings::Globals;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use apply::{Apply, Destroy};
use clap::builder::Resettable;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use discover::DiscoverArgs;
use permissions::PermissionsArgs;
use plan::PlanArgs;
use policy::PolicyCommand;
use report::{ReportArgs, ReportFormat};
use restore::RestoreArgs;
#[cfg(feature = "sandbox")]
use sandbox::SandboxCommand;
use show::ShowArgs;
use state::StateCommand;
use std::ffi::OsString;
use std::path::Path;
use std::pin::Pin;
use sweep::SweepArgs;

/// Amazon Pinpoint event streams and the IAM roles they need, from one TOML file.
#[derive(Debug, Parser)]
#[command(
    name = "pinpoint-streams",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  pinpoint-streams init                     write a commented manifest to start from
  pinpoint-streams --sandbox apply          try it on an account that exists on this machine alone
  pinpoint-streams plan                     show what would be done, and why; writes nothing
  pinpoint-streams apply                    show it, ask, and do it"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented manifest to start from.
    Init,
    /// Check the manifest, offline.
    #[command(after_help = "\
Needs no credentials and no network: all that can be wrong within the manifest is found, at once.")]
    Validate(Output),
    /// Show what would be done, and why. Writes nothing to AWS.
    #[command(after_help = "\
Examples:
  pinpoint-streams plan
  pinpoint-streams plan --target 'role.shop-*' --diff
  pinpoint-streams plan --out shop.plan && pinpoint-streams apply shop.plan
  pinpoint-streams plan --detailed-exitcode     exits with 2 where there is something to do
  pinpoint-streams plan --drift                 what others changed since the last apply")]
    Plan(PlanArgs),
    /// Plan, ask, and do it.
    #[command(after_help = "\
Examples:
  pinpoint-streams apply
  pinpoint-streams apply shop.plan              exactly what was saved, or nothing
  pinpoint-streams apply --auto-approve=safe    for automation: refuses deletes, replaces and wider policies
  pinpoint-streams apply --auto-approve --events | jq .type")]
    Apply(Apply),
    /// Delete what this workspace created, and forget what it adopted.
    #[command(after_help = "\
The same as `apply --destroy`: the plan is shown, and the workspace's name must be typed.
Apps are kept unless --delete-apps, adopted resources unless --include-adopted.")]
    Destroy(Destroy),
    /// Find roles that nothing uses any more, with the reasons.
    #[command(after_help = "\
Examples:
  pinpoint-streams sweep                        the accounts of the manifest, or the caller's
  pinpoint-streams sweep --profile prod --profile dev
  pinpoint-streams sweep --organization --role OrganizationAccountAccessRole
  pinpoint-streams sweep --apply                quarantine what is obsolete, after typing each account's id
  pinpoint-streams sweep --release --apply      remove the quarantine again
  pinpoint-streams sweep --reap --after 30d --out reap.plan
Writes nothing without --apply. Needs no manifest. Exits with 2 where leftovers were found, and with 6
where something that matters is unknown.")]
    Sweep(SweepArgs),
    /// Write a manifest for the event streams and roles that are there.
    #[command(after_help = "\
Examples:
  pinpoint-streams discover --out pinpoint-streams.toml && pinpoint-streams plan --adopt
  pinpoint-streams discover --profile prod --regions us-east-1,eu-west-1
Reads only. Exits with 6 where something could not be read.")]
    Discover(DiscoverArgs),
    /// Put back what was deleted, from its archive.
    #[command(after_help = "\
Examples:
  pinpoint-streams restore .pinpoint-streams/archive/20261123T111256Z-7b8c988bcfc5
  pinpoint-streams restore .pinpoint-streams/archive --apply
Name and ARN are as before; a role gets a new id, so policies elsewhere that named it stay broken.")]
    Restore(RestoreArgs),
    /// Show past runs: findings, changes, approvals.
    #[command(after_help = "\
Examples:
  pinpoint-streams report
  pinpoint-streams report --run 7b8c988bcfc5
  pinpoint-streams report --format html > report.html
The newest 200 runs of apply, destroy, sweep and restore are kept under .pinpoint-streams/runs/.")]
    Report(ReportArgs),
    /// Show a saved plan, or the state.
    Show(ShowArgs),
    /// Look at what is recorded, edit it, or make it again.
    #[command(subcommand)]
    State(StateCommand),
    /// Look at policies by what they mean.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Print the least IAM policy that this program needs.
    #[command(after_help = "\
Examples:
  pinpoint-streams permissions --for audit                          plan, sweep and discover: reads only
  pinpoint-streams permissions --for apply --workspace growth --role-path /pinpoint/
  pinpoint-streams permissions --for teardown --role OrganizationAccountAccessRole
Needs no manifest, state or credentials. Without --workspace, what any workspace owns may be changed; without
--role-path, roles of every path. What roles of your own are assumed (assume_role) is for you to add.")]
    Permissions(PermissionsArgs),
    /// Print a completion script for a shell.
    #[command(after_help = "\
Examples:
  pinpoint-streams completions bash > ~/.local/share/bash-completion/completions/pinpoint-streams
  pinpoint-streams completions zsh > ~/.zfunc/_pinpoint-streams")]
    Completions {
        /// The shell to write it for.
        shell: Shell,
    },
    /// The embedded AWS account that --sandbox works on.
    #[cfg(feature = "sandbox")]
    #[command(subcommand)]
    Sandbox(SandboxCommand),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs. Every document has a version.
    Json,
}

/// The one flag of commands that only show something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub(crate) struct Output {
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Command {
    /// How its results are printed.
    pub(crate) fn format(&self) -> Format {
        let output = match self {
            Command::Validate(output) => output,
            Command::Plan(plan) => &plan.output,
            Command::Show(show) => &show.output,
            Command::Sweep(sweep) => &sweep.output,
            Command::Restore(restore) => &restore.output,
            Command::Permissions(permissions) => &permissions.output,
            Command::State(StateCommand::List(output) | StateCommand::Show { output, .. }) => output,
            Command::Policy(PolicyCommand::Show { output, .. } | PolicyCommand::Diff { output, .. }) => output,
            #[cfg(feature = "sandbox")]
            Command::Sandbox(SandboxCommand::Show(output)) => output,
            #[cfg(feature = "sandbox")]
            Command::Sandbox(SandboxCommand::Seed { .. } | SandboxCommand::End { .. } | SandboxCommand::Reset) => {
                return Format::Text;
            }
            Command::State(
                StateCommand::Mv { .. }
                | StateCommand::Rm { .. }
                | StateCommand::Pull
                | StateCommand::Push { .. }
                | StateCommand::Unlock { .. }
                | StateCommand::Recover { .. },
            ) => return Format::Text,
            Command::Report(report) => {
                return match report.format {
                    ReportFormat::Json => Format::Json,
                    ReportFormat::Text | ReportFormat::Csv | ReportFormat::Markdown | ReportFormat::Html => {
                        Format::Text
                    }
                };
            }
            Command::Init
            | Command::Discover(_)
            | Command::Apply(_)
            | Command::Destroy(_)
            | Command::Completions { .. } => {
                return Format::Text;
            }
        };
        output.format
    }
}

/// What was typed, parsed.
#[derive(Debug)]
pub(crate) struct Typed {
    /// Flags of every command.
    pub globals: Globals,
    /// The command.
    pub command: Command,
}

/// Parses what was typed. The error may also be help or the version, which is no mistake.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Typed, clap::Error> {
    let matches = command().try_get_matches_from(args)?;
    // Not clap's own global flags: of `--var a=1 plan --var b=2` those would forget the first.
    let mut globals = Globals::from_arg_matches(&matches)?;
    let mut level = &matches;
    while let Some((_, below)) = level.subcommand() {
        globals = globals.with(Globals::from_arg_matches(below)?);
        level = below;
    }
    Ok(Typed { globals, command: Cli::from_arg_matches(&matches)?.command })
}

/// All that can be typed.
pub(crate) fn command() -> clap::Command {
    fn with_globals(command: clap::Command) -> clap::Command {
        // The description of the flags would take the place of the command's.
        let (about, long_about) = (command.get_about().cloned(), command.get_long_about().cloned());
        Globals::augment_args(command.next_help_heading("Global options"))
            .about(Resettable::from(about))
            .long_about(Resettable::from(long_about))
            .mut_subcommands(with_globals)
    }
    with_globals(Cli::command())
}

/// Does what was asked for.
pub(crate) async fn run(command: Command, context: CommandContext<'_>) -> Result<Exit, Error> {
    match command {
        Command::Init => init::run(&context),
        Command::Validate(show) => validate::run(show, &context),
        Command::Plan(args) => on_heap(|| plan::run(args, &context)).await,
        Command::Apply(args) => on_heap(|| apply::run(args, &context)).await,
        Command::Destroy(args) => on_heap(|| apply::destroy(args, &context)).await,
        Command::Sweep(args) => on_heap(|| sweep::run(args, &context)).await,
        Command::Discover(args) => on_heap(|| discover::run(args, &context)).await,
        Command::Report(args) => on_heap(|| report::run(args, &context)).await,
        Command::Restore(args) => on_heap(|| restore::run(args, &context)).await,
        Command::Show(args) => on_heap(|| show::run(args, &context)).await,
        Command::State(command) => on_heap(|| state::run(command, &context)).await,
        Command::Policy(command) => on_heap(|| policy::run(command, &context)).await,
        Command::Permissions(args) => permissions::run(args, &context),
        Command::Completions { shell } => completions::run(shell, &context),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(command) => sandbox::run(command, &context),
    }
}

/// The task on the heap, made in a frame of its own: where it is awaited, nothing of its size is left on the stack.
fn on_heap<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// Where a plan was saved, and the command that applies it.
fn saved(out: &Path, within: &str, context: &CommandContext<'_>) -> String {
    let apply = context.settings.command_on("apply", &out.to_string_lossy());
    format!("Saved to {}. `{apply}` does it{within}.\n", out.display())
}
