//! The commands. Each file or folder holds the arguments, the help and the implementation of one command.
mod apply;
mod change;
pub(crate) mod completions;
mod discover;
mod evidence;
mod export;
pub(crate) mod foreign_words;
mod graph;
mod init;
mod man;
pub(crate) mod page_output;
mod permissions;
mod plan;
mod plan_output;
mod planning;
mod policy;
mod report;
mod restore;
mod review;
#[cfg(feature = "sandbox")]
mod sandbox;
mod schema;
mod show;
mod state;
mod status;
mod sweep;
#[cfg(test)]
mod tests;
mod undo;
mod validate;
mod verify;

use crate::settings::Globals;
use crate::ui::error::Work;
use crate::ui::views::{self, Detail};
use crate::ui::{CommandContext, Error, Exit};
use apply::{Apply, Destroy};
use clap::builder::Resettable;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use completions::CompletionsArgs;
use discover::DiscoverArgs;
use evidence::EvidenceCommand;
use export::ExportCommand;
use graph::GraphArgs;
use init::InitArgs;
use man::ManArgs;
use page_output::PageFormat;
use permissions::PermissionsArgs;
use pinpoint_streams_model::plan::Plan;
use plan::PlanArgs;
use policy::PolicyCommand;
use report::ReportArgs;
use restore::RestoreArgs;
#[cfg(feature = "sandbox")]
use sandbox::SandboxCommand;
use show::ShowArgs;
use state::StateCommand;
use std::ffi::OsString;
use std::path::Path;
use std::pin::Pin;
use sweep::SweepArgs;
use undo::UndoArgs;
use verify::VerifyArgs;

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
  pinpoint-streams init                     create a commented starter manifest
  pinpoint-streams --sandbox apply          try it on the embedded account
  pinpoint-streams plan                     show the changes and the reasons
  pinpoint-streams apply                    show the plan, prompt, and apply it"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a commented starter manifest. On a terminal, asks for values that it cannot determine.
    #[command(after_help = "\
Examples:
  pinpoint-streams init
  pinpoint-streams init --profile prod --region eu-west-1 \\
      --app 0123456789abcdef0123456789abcdef

If you already have event streams, use `discover` to generate a manifest.")]
    Init(InitArgs),
    /// Check the manifest without network access.
    #[command(after_help = "\
Needs no credentials. Reports all errors in the manifest at once.")]
    Validate(Output),
    /// Show the changes that apply would make, and why. Writes nothing to AWS.
    #[command(after_help = "\
Examples:
  pinpoint-streams plan
  pinpoint-streams plan --target 'role.shop-*' --diff
  pinpoint-streams plan --out shop.plan && pinpoint-streams apply shop.plan
  pinpoint-streams plan --detailed-exitcode   exit with 2 if there are changes
  pinpoint-streams plan --drift               show changes made in AWS")]
    Plan(PlanArgs),
    /// Plan, prompt, and apply.
    #[command(after_help = "\
Examples:
  pinpoint-streams apply
  pinpoint-streams apply shop.plan             apply exactly the saved plan
  pinpoint-streams apply --auto-approve=safe   refuse destructive or wider plans
  pinpoint-streams apply --auto-approve --events | jq .type")]
    Apply(Apply),
    /// Delete what this workspace created and forget what it adopted.
    #[command(after_help = "\
The same as `apply --destroy`: shows the plan and requires typing the workspace name. Keeps apps unless \
--delete-apps is given, and adopted resources unless --include-adopted is given.")]
    Destroy(Destroy),
    /// Reverse the last run, or an earlier one.
    #[command(after_help = "\
Examples:
  pinpoint-streams undo
  pinpoint-streams undo 7b8c988bcfc5

Deletes what the run created, restores the previous values of what it changed, and restores what it deleted from \
the archives. Shows the plan and prompts, like apply. Role IDs and the data of apps cannot be restored. Keeps \
apps that the run created unless --delete-apps is given, what it forgot, and roles that it released from \
quarantine. Refuses runs that moved an address, or an event stream to another app. Does not change the manifest: \
revert it, too.")]
    Undo(UndoArgs),
    /// Check whether the event stream of each app can work.
    #[command(after_help = "\
Examples:
  pinpoint-streams verify
  pinpoint-streams verify --target 'event_stream.shop-*' --format json
  pinpoint-streams verify --format html > verify.html

Read-only. Evaluates trust policies as IAM does, simulates the policies of roles with IAM, and reads apps, event \
streams and their destinations. Exits with 2 if an event stream cannot work, and with 6 if something required is \
unknown.")]
    Verify(VerifyArgs),
    /// Find unused Pinpoint roles, with evidence.
    #[command(after_help = "\
Examples:
  pinpoint-streams sweep                     find unused roles
  pinpoint-streams sweep --profile prod --profile dev
  pinpoint-streams sweep --organization --role OrganizationAccountAccessRole
  pinpoint-streams sweep --apply             quarantine obsolete roles
  pinpoint-streams sweep --release --apply   remove quarantines
  pinpoint-streams sweep --reap --after 30d --out reap.plan
  pinpoint-streams sweep --residue           find what else refers to Pinpoint
  pinpoint-streams sweep --format html > sweep.html

Writes nothing without --apply, which prompts for each account ID. Needs no manifest. Exits with 2 if unused \
roles were found, and with 6 if something required is unknown.")]
    Sweep(SweepArgs),
    /// Capture the evidence for a sweep before it expires.
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Generate a manifest for existing event streams and roles.
    #[command(after_help = "\
Examples:
  pinpoint-streams discover --out pinpoint-streams.toml
  pinpoint-streams discover --profile prod --regions us-east-1,eu-west-1

The result is TOML, so there is no --format. Read-only. `plan --adopt` then shows what adopting them changes. Exits with \
6 if something could not be read.")]
    Discover(DiscoverArgs),
    /// Restore deleted resources from their archives.
    #[command(after_help = "\
Examples:
  pinpoint-streams restore                list what can be restored
  pinpoint-streams restore 7b8c988bcfc5   everything that this run deleted
  pinpoint-streams restore .pinpoint-streams/archive --apply

A restored role has its old name and ARN but a new ID, so resource policies that reference the old role do not \
match it.")]
    Restore(RestoreArgs),
    /// Show past runs: findings, changes, approvals.
    #[command(after_help = "\
Examples:
  pinpoint-streams report                list past runs
  pinpoint-streams report 7b8c988bcfc5   everything about this run
  pinpoint-streams report --format html > report.html

The newest 200 runs of apply, destroy, sweep, undo and restore are logged in .pinpoint-streams/runs/.")]
    Report(ReportArgs),
    /// Show a saved plan or the state.
    Show(ShowArgs),
    /// Show the status of the workspace: last run, lock, pending operations, quarantines.
    #[command(after_help = "\
Makes no call to the accounts and takes no lock. Quarantines are due after 30 days, the default of `sweep --reap \
--after`.")]
    Status(Output),
    /// Inspect, edit, transfer or rebuild the state.
    #[command(subcommand)]
    State(StateCommand),
    /// Show live policies, and compare policies by meaning.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Export resources to other tools, or release them from other tools.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Draw the apps of the manifest, their roles and their streams.
    #[command(after_help = "\
Examples:
  pinpoint-streams graph
  pinpoint-streams graph --format svg > streams.svg
  pinpoint-streams graph --format dot | dot -Tpng > streams.png

Needs no credentials.")]
    Graph(GraphArgs),
    /// Print the least-privilege IAM policy for a task.
    #[command(after_help = "\
Examples:
  pinpoint-streams permissions --for audit
  pinpoint-streams permissions --for apply --workspace growth \\
      --role-path /pinpoint/
  pinpoint-streams permissions --for teardown \\
      --role OrganizationAccountAccessRole

Needs no manifest, state or credentials. With a manifest that keeps its state in a bucket, the policy covers the \
bucket, too. Without --workspace, the policy covers the resources of every workspace; without --role-path, roles \
of every path. Add sts:AssumeRole for your own assume_role roles.")]
    Permissions(PermissionsArgs),
    /// Print the JSON Schema of the manifest, for validation and completion in editors.
    #[command(after_help = "\
Example:
  pinpoint-streams schema > pinpoint-streams.schema.json

Begin the manifest with `#:schema ./pinpoint-streams.schema.json`. Editors with Taplo or Even Better TOML read \
that line. Needs no manifest, state or credentials.")]
    Schema,
    /// Print a man page, or write all of them to a directory.
    #[command(after_help = "\
Examples:
  pinpoint-streams man | man -l -
  pinpoint-streams man state mv | man -l -
  pinpoint-streams man --out ~/.local/share/man/man1")]
    Man(ManArgs),
    /// Print a shell completion script for commands, flags, addresses, archives, runs and profiles.
    #[command(after_help = "\
Examples:
  pinpoint-streams completions bash \\
      > ~/.local/share/bash-completion/completions/pinpoint-streams
  pinpoint-streams completions zsh > ~/.zfunc/_pinpoint-streams
  pinpoint-streams completions fish \\
      > ~/.config/fish/completions/pinpoint-streams.fish")]
    Completions(CompletionsArgs),
    /// Manage the embedded AWS account of --sandbox.
    #[cfg(feature = "sandbox")]
    #[command(subcommand)]
    Sandbox(SandboxCommand),
}

impl Command {
    /// The kind of work, whose permissions `permissions --for` prints.
    pub(crate) fn work(&self) -> Work {
        match self {
            Command::Apply(_) | Command::Destroy(_) | Command::Undo(_) => Work::Apply,
            Command::Sweep(args) if args.apply => Work::Teardown,
            Command::Restore(_) => Work::Restore,
            Command::Init(_)
            | Command::Validate(_)
            | Command::Verify(_)
            | Command::Export(_)
            | Command::Graph(_)
            | Command::Status(_)
            | Command::Plan(_)
            | Command::Sweep(_)
            | Command::Evidence(_)
            | Command::Discover(_)
            | Command::Report(_)
            | Command::Show(_)
            | Command::State(_)
            | Command::Policy(_)
            | Command::Permissions(_)
            | Command::Schema
            | Command::Man(_)
            | Command::Completions(_) => Work::Audit,
            #[cfg(feature = "sandbox")]
            Command::Sandbox(_) => Work::Audit,
        }
    }
}

/// Whether arguments that could not be parsed ask for JSON, also by a misspelt `--format`.
pub(crate) fn asks_for_json(args: &[OsString]) -> bool {
    let words: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let asks = |flag: &str, value: &str| flag.starts_with("--f") && value.eq_ignore_ascii_case("json");
    words.iter().any(|word| word.split_once('=').is_some_and(|(flag, value)| asks(flag, value)))
        || words.windows(2).any(|pair| asks(pair[0], pair[1]))
}

/// The format of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// Human-readable.
    #[default]
    Text,
    /// Versioned JSON.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub(crate) struct Output {
    /// Output format.
    #[arg(long, value_enum, ignore_case = true, default_value_t)]
    pub format: Format,
}

#[derive(Debug)]
pub(crate) struct Invocation {
    pub globals: Globals,
    pub command: Command,
    /// `--format` of the command; text if it has none, or none of these.
    pub format: PageFormat,
}

/// Parses the arguments. The error may also be help or the version.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Invocation, clap::Error> {
    let matches = command().try_get_matches_from(args)?;
    // clap's own global flags would drop the first value of `--var a=1 plan --var b=2`.
    let mut globals = Globals::from_arg_matches(&matches)?;
    let mut level = &matches;
    while let Some((_, below)) = level.subcommand() {
        globals = globals.with(Globals::from_arg_matches(below)?);
        level = below;
    }
    // Of whatever type it is.
    let given = level.try_get_raw("format").ok().flatten().and_then(|mut given| given.next()?.to_str());
    let format = given.and_then(|word| PageFormat::from_str(word, true).ok()).unwrap_or_default();
    Ok(Invocation { globals, command: Cli::from_arg_matches(&matches)?.command, format })
}

pub(crate) fn command() -> clap::Command {
    fn with_globals(command: clap::Command) -> clap::Command {
        // Otherwise the doc comment of `Globals` replaces the description of the command.
        let (about, long_about) = (command.get_about().cloned(), command.get_long_about().cloned());
        Globals::augment_args(command.next_help_heading("Global options"))
            .about(Resettable::from(about))
            .long_about(Resettable::from(long_about))
            .mut_subcommands(with_globals)
    }
    with_globals(Cli::command())
}

pub(crate) async fn run(command: Command, context: CommandContext<'_>) -> Result<Exit, Error> {
    match command {
        Command::Init(args) => on_heap(|| init::run(args, &context)).await,
        Command::Validate(show) => validate::run(show, &context),
        Command::Plan(args) => on_heap(|| plan::run(args, &context)).await,
        Command::Apply(args) => on_heap(|| apply::run(args, &context)).await,
        Command::Destroy(args) => on_heap(|| apply::destroy(args, &context)).await,
        Command::Undo(args) => on_heap(|| undo::run(args, &context)).await,
        Command::Verify(args) => on_heap(|| verify::run(args, &context)).await,
        Command::Sweep(args) => on_heap(|| sweep::run(args, &context)).await,
        Command::Evidence(command) => on_heap(|| evidence::run(command, &context)).await,
        Command::Discover(args) => on_heap(|| discover::run(args, &context)).await,
        Command::Report(args) => on_heap(|| report::run(args, &context)).await,
        Command::Restore(args) => on_heap(|| restore::run(args, &context)).await,
        Command::Show(args) => on_heap(|| show::run(args, &context)).await,
        Command::Status(show) => on_heap(|| status::run(show, &context)).await,
        Command::State(command) => on_heap(|| state::run(command, &context)).await,
        Command::Policy(command) => on_heap(|| policy::run(command, &context)).await,
        Command::Export(command) => on_heap(|| export::run(command, &context)).await,
        Command::Graph(args) => graph::run(args, &context),
        Command::Permissions(args) => permissions::run(args, &context),
        Command::Schema => schema::run(&context),
        Command::Man(args) => man::run(&args, &context),
        Command::Completions(args) => completions::run(&args, &context),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(command) => on_heap(|| sandbox::run(command, &context)).await,
    }
}

/// Boxes a future in a frame of its own, so that its size does not add to the stack of the caller.
fn on_heap<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// Printed after a dry run that found changes.
const NOTHING_DONE: &str =
    "Nothing was done. To apply the plan, pass --apply, or save it with --out FILE and run `apply FILE`.\n";

fn already_exists(path: &Path, alternative: &str) -> Error {
    Error::Usage {
        message: format!("{} already exists", path.display()),
        hint: format!("remove it first, {alternative}"),
    }
}

/// Shows a plan, after its warnings.
fn show_plan(plan: &Plan, format: Format, diff: bool, context: &CommandContext<'_>) -> Result<(), Error> {
    context.warn(&plan.warnings);
    match format {
        Format::Text => {
            let text = || views::plan::plan(plan, Detail::of(diff), context.environment.width());
            context.show_text(&views::plan::last_line(plan), text)
        }
        Format::Json => context.show(&views::json(plan)),
    }
}

/// The message after a plan was saved, with the command that applies it.
fn saved_message(out: &Path, within: &str, context: &CommandContext<'_>) -> String {
    let apply = context.settings.command_with("apply", &out.to_string_lossy());
    format!("Saved the plan to {}. Apply it with `{apply}`{within}.\n", out.display())
}
