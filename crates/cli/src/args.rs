//! What was typed. Parsing is clap's; what a flag means together with others and with the environment
//! is decided in `meaning`, so that commands never look at a raw flag.
mod discover;
mod globals;
mod meaning;
mod permissions;
mod planning;
mod report;
mod restore;
mod sweep;
#[cfg(test)]
mod tests;

pub use discover::Discover;
pub use globals::Globals;
pub use meaning::{Approval, Settings, Verbosity};
pub use permissions::{Permissions, WorkChoice};
pub use planning::Planning;
pub use report::{Report, ReportFormat};
pub use restore::{Restore, RestoreWhat};
pub use sweep::{Judging, PurposeChoice, Reach, Sweep, SweepAction};

use clap::builder::Resettable;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::{AccountId, Lineage};
#[cfg(feature = "sandbox")]
use pinpoint_streams_model::region::Region;
use std::ffi::OsString;
use std::path::PathBuf;

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
pub enum Command {
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
    Plan(Plan),
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
    /// Find the roles that nothing uses any more, and why.
    #[command(after_help = "\
Examples:
  pinpoint-streams sweep                        the accounts of the manifest, or the caller's
  pinpoint-streams sweep --profile prod --profile dev
  pinpoint-streams sweep --organization --role OrganizationAccountAccessRole
  pinpoint-streams sweep --apply                quarantine what is obsolete, after typing each account's id
  pinpoint-streams sweep --release --apply      take the quarantine off again
  pinpoint-streams sweep --reap --after 30d --out reap.plan
Writes nothing without --apply. Needs no manifest. Exits with 2 where leftovers were found, and with 6
where something that matters is unknown.")]
    Sweep(Sweep),
    /// Write a manifest for the event streams and roles that are there.
    #[command(after_help = "\
Examples:
  pinpoint-streams discover --out pinpoint-streams.toml && pinpoint-streams plan --adopt
  pinpoint-streams discover --profile prod --regions us-east-1,eu-west-1
Reads only. Exits with 6 where something could not be read.")]
    Discover(Discover),
    /// Put back what was deleted, from its archive.
    #[command(after_help = "\
Examples:
  pinpoint-streams restore .pinpoint-streams/archive/20261123T111256Z-7b8c988bcfc5
  pinpoint-streams restore .pinpoint-streams/archive --apply
Name and ARN are as before; a role gets a new id, so policies elsewhere that named it stay broken.")]
    Restore(Restore),
    /// Show what runs found and did, why, and on whose word.
    #[command(after_help = "\
Examples:
  pinpoint-streams report
  pinpoint-streams report --run 7b8c988bcfc5
  pinpoint-streams report --format html > report.html
Every run of apply, destroy, sweep and restore is kept under .pinpoint-streams/runs/.")]
    Report(Report),
    /// Show a saved plan, or the state.
    Show(ShowPlan),
    /// Look at what is recorded, edit it, or make it again.
    #[command(subcommand)]
    State(State),
    /// Look at policies by what they mean.
    #[command(subcommand)]
    Policy(Policy),
    /// Print the least IAM policy of whoever runs this program.
    #[command(after_help = "\
Examples:
  pinpoint-streams permissions --for audit                          plan, sweep and discover: reads only
  pinpoint-streams permissions --for apply --workspace growth --role-path /pinpoint/
  pinpoint-streams permissions --for teardown --role OrganizationAccountAccessRole
Needs no manifest, state or credentials. Without --workspace, what any workspace owns may be changed; without
--role-path, roles of every path. What roles of your own are assumed (assume_role) is for you to add.")]
    Permissions(Permissions),
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
    Sandbox(Sandbox),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs. Every document has a version.
    Json,
}

/// The one flag of commands that only show something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Output {
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `plan`
#[derive(Debug, Args)]
pub struct Plan {
    /// Save the plan, to be applied as it is or not at all.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Show every field and whole policies, also of what is created or deleted.
    #[arg(long)]
    pub diff: bool,
    /// Exit with 2 where there is something to do.
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Plan to delete what this workspace created.
    #[arg(long)]
    pub destroy: bool,
    /// Show only what is no longer as it was recorded; exits with 2 where there is some.
    #[arg(long, conflicts_with_all = ["destroy", "out", "detailed_exitcode", "Shaping"])]
    pub drift: bool,
    /// How the result is printed.
    #[command(flatten)]
    pub output: Output,
    /// What shapes the plan.
    #[command(flatten)]
    pub planning: Planning,
}

/// `apply`
#[derive(Debug, Args)]
pub struct Apply {
    /// A plan saved by `plan --out`. It holds its own flags.
    #[arg(value_name = "PLANFILE", conflicts_with_all = ["Selectors", "Shaping", "destroy"])]
    pub plan: Option<PathBuf>,
    /// Delete what this workspace created.
    #[arg(long)]
    pub destroy: bool,
    /// How it is approved and reported.
    #[command(flatten)]
    pub doing: Doing,
    /// What shapes the plan.
    #[command(flatten)]
    pub planning: Planning,
}

/// `destroy`
#[derive(Debug, Args)]
pub struct Destroy {
    /// How it is approved and reported.
    #[command(flatten)]
    pub doing: Doing,
    /// What shapes the plan.
    #[command(flatten)]
    pub planning: Planning,
}

/// How an apply is approved and reported.
#[derive(Debug, Clone, Default, Args)]
pub struct Doing {
    /// Do not ask. With `=safe` only plans without delete, replace and wider policies are approved.
    #[arg(long, value_name = "safe", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "all", hide_possible_values = true)]
    pub auto_approve: Option<AutoApprove>,
    /// Approve a saved sweep for these accounts, by their ids; needs --expect-digest too.
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "expect_digest")]
    pub approve_accounts: Vec<AccountId>,
    /// Do it only if the plan has this digest.
    #[arg(long, value_name = "DIGEST")]
    pub expect_digest: Option<String>,
    /// Write what happens to stdout, one JSON object a line, and nothing else.
    #[arg(long)]
    pub events: bool,
    /// Show every field and whole policies before asking.
    #[arg(long)]
    pub diff: bool,
}

/// What `--auto-approve` approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AutoApprove {
    /// Every plan.
    All,
    /// Plans without delete, replace and wider policies.
    Safe,
}

/// `show`
#[derive(Debug, Args)]
pub struct ShowPlan {
    /// A plan saved by `plan --out`; without it the state is shown.
    #[arg(value_name = "PLANFILE")]
    pub plan: Option<PathBuf>,
    /// Show every field and whole policies, also of what is created or deleted.
    #[arg(long, requires = "plan")]
    pub diff: bool,
    /// How the result is printed.
    #[command(flatten)]
    pub output: Output,
}

/// `state`
#[derive(Debug, Subcommand)]
pub enum State {
    /// List what is recorded.
    List(Output),
    /// Show one recorded resource.
    Show {
        /// Which: role.KEY, event_stream.KEY or app.KEY.
        address: Address,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Give a recorded resource another address. Nothing in AWS changes.
    #[command(after_help = "\
In a manifest, [[moved]] does this for everybody who applies it.")]
    Mv {
        /// As it is recorded.
        from: Address,
        /// As it is to be recorded.
        to: Address,
    },
    /// Forget a recorded resource. It stays in AWS as it is.
    Rm {
        /// Which: role.KEY, event_stream.KEY or app.KEY.
        address: Address,
    },
    /// Print the state, byte for byte as it is kept.
    #[command(after_help = "\
Examples:
  pinpoint-streams state pull > copy.state.json")]
    Pull,
    /// Put a state from a file where it belongs, if it is later than the one there.
    #[command(after_help = "\
Refuses a state of another workspace or lineage, one that is not later, and one that cannot be read.
An apply that could not write its state leaves it in a file beside the manifest, and names it.")]
    Push {
        /// The state.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Take away the lock that a run left on a state in a bucket.
    #[command(after_help = "\
Refuses a lock that its run still keeps up, which it does every half a minute: it must be silent for two minutes.
`apply` shows the id of a lock that it finds.")]
    Unlock {
        /// Which lock.
        id: String,
    },
    /// Make a lost state again, from the tags of what this workspace owns.
    Recover {
        /// Whose of several: each state there ever was has its own.
        #[arg(long)]
        lineage: Option<Lineage>,
    },
}

/// `policy`
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Show the live policies of a role as JSON.
    Show {
        /// Which role: role.KEY, or iam.ACCOUNT/NAME for one that no manifest declares.
        address: Address,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Compare two policy documents by what they mean.
    #[command(after_help = "\
Order, letter case where IAM ignores it, Sid, single values in lists and the like make no difference.
Exits with 0 if the two mean the same, with 2 if not. Needs no manifest, state or credentials.")]
    Diff {
        /// The document as it was.
        before: PathBuf,
        /// The document as it is now.
        after: PathBuf,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
}

/// `sandbox`
#[cfg(feature = "sandbox")]
#[derive(Debug, Subcommand)]
pub enum Sandbox {
    /// Put in what a file says, or what the manifest takes for granted: streams, apps and the like.
    Seed {
        /// What to put in, as JSON. Without it the manifest decides.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Show what is in it.
    Show(Output),
    /// From now on let event streams be answered as by a service that has ended.
    End {
        /// How: gone, html, no-name, closed-port, not-found, no-such-path, forbidden or failing; `not` ends the end.
        #[arg(value_name = "HOW")]
        how: String,
        /// In this region; by default in all.
        #[arg(long)]
        region: Option<Region>,
    },
    /// Delete it, with the state that belongs to it.
    Reset,
}

impl Command {
    /// How its results are printed.
    pub fn format(&self) -> Format {
        let output = match self {
            Command::Validate(output) => output,
            Command::Plan(plan) => &plan.output,
            Command::Show(show) => &show.output,
            Command::Sweep(sweep) => &sweep.output,
            Command::Restore(restore) => &restore.output,
            Command::Permissions(permissions) => &permissions.output,
            Command::State(State::List(output) | State::Show { output, .. }) => output,
            Command::Policy(Policy::Show { output, .. } | Policy::Diff { output, .. }) => output,
            #[cfg(feature = "sandbox")]
            Command::Sandbox(Sandbox::Show(output)) => output,
            #[cfg(feature = "sandbox")]
            Command::Sandbox(Sandbox::Seed { .. } | Sandbox::End { .. } | Sandbox::Reset) => return Format::Text,
            Command::State(
                State::Mv { .. }
                | State::Rm { .. }
                | State::Pull
                | State::Push { .. }
                | State::Unlock { .. }
                | State::Recover { .. },
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
pub struct Typed {
    /// Flags of every command.
    pub globals: Globals,
    /// The command.
    pub command: Command,
}

/// Parses what was typed. The error may also be help or the version, which is no mistake.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Typed, clap::Error> {
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
pub fn command() -> clap::Command {
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
