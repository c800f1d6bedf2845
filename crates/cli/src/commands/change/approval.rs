//! How a plan is approved. A sweep changes roles that pinpoint-streams did not create, so it takes more than a flag.
use super::{Expected, Request};
use crate::commands::Format;
use crate::settings::Verbosity;
use crate::ui::prompts::{self, Answer, Confirmation};
use crate::ui::views::Detail;
use crate::ui::views::plan::{last_line, plan as view_plan, with_closing_line};
use crate::ui::views::sweep::{self, Swept};
use crate::ui::{CommandContext, Error};
use clap::{Args, ValueEnum};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::plan::{Mode, Plan};
use std::collections::BTreeSet;

/// How an apply is approved and reported.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ApplyArgs {
    /// Skip the prompt. With =safe, refuse plans that delete, replace or widen anything.
    #[arg(short = 'y', long, value_name = "safe", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "all", hide_possible_values = true)]
    pub auto_approve: Option<AutoApprove>,
    /// Approve a saved sweep for these account IDs. Requires --expect-digest.
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "expect_digest")]
    pub approve_accounts: Vec<AccountId>,
    /// Apply only if the plan has this digest.
    #[arg(long, value_name = "DIGEST")]
    pub expect_digest: Option<String>,
    /// Print events to stdout as newline-delimited JSON, and nothing else.
    #[arg(long)]
    pub events: bool,
    /// First review the plan in full screen, where changes can be excluded.
    #[arg(long, conflicts_with_all = ["events", "auto_approve"])]
    pub review: bool,
    /// Show all fields and complete policies before the prompt.
    #[arg(long)]
    pub diff: bool,
}

impl ApplyArgs {
    /// The flag that approves, after a space, as it was given.
    pub(super) fn approval_flag(&self) -> &'static str {
        match self.auto_approve {
            None => "",
            Some(AutoApprove::All) => " --auto-approve",
            Some(AutoApprove::Safe) => " --auto-approve=safe",
        }
    }
}

/// How many callers the run log names.
const NAMED_CALLERS: usize = 3;

/// What `--auto-approve` approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AutoApprove {
    /// Every plan.
    All,
    /// Plans that delete, replace and widen nothing.
    Safe,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Approver {
    /// Interactively.
    Prompt,
    /// By `--auto-approve`.
    Auto,
    /// By `--auto-approve=safe`, unless the plan deletes, replaces or widens.
    AutoIfSafe,
    /// By `--approve-accounts`, for a saved plan with an expected digest.
    ForAccounts(BTreeSet<AccountId>),
}

impl Approver {
    /// Fails if no flag approves and there is no terminal to prompt on.
    pub(super) fn of<R: Request>(
        request: &R,
        expected: &Expected,
        args: &ApplyArgs,
        context: &CommandContext<'_>,
    ) -> Result<Approver, Error> {
        let (mode, can_prompt) = (request.mode(), context.environment.can_prompt());
        if mode == Mode::Sweep {
            return match args.approve_accounts.as_slice() {
                [] if can_prompt => Ok(Approver::Prompt),
                accounts if !accounts.is_empty() && expected.is_reviewed() => {
                    Ok(Approver::ForAccounts(accounts.iter().cloned().collect()))
                }
                _ => Err(Error::SweepApprovalRequired { hint: sweep_hint(request, expected, context) }),
            };
        }
        if !args.approve_accounts.is_empty() {
            return Err(Error::Usage {
                message: "--approve-accounts is only for sweeps".to_owned(),
                hint: "use --auto-approve for other plans".to_owned(),
            });
        }
        match args.auto_approve {
            None if can_prompt => Ok(Approver::Prompt),
            None => Err(Error::ApprovalRequired { destroy: mode == Mode::Destroy }),
            Some(AutoApprove::All) => Ok(Approver::Auto),
            Some(AutoApprove::Safe) => Ok(Approver::AutoIfSafe),
        }
    }

    /// User, host, method and AWS identities, for the run log.
    pub(super) fn description(&self, callers: &BTreeSet<String>, context: &CommandContext<'_>) -> String {
        let how = match self {
            Approver::Prompt => "on a terminal",
            Approver::Auto => "with --auto-approve",
            Approver::AutoIfSafe => "with --auto-approve=safe",
            Approver::ForAccounts(_) => "with --expect-digest and --approve-accounts",
        };
        let callers = match callers.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => String::new(),
            few if few.len() <= NAMED_CALLERS => format!(", as {}", few.join(" and ")),
            [first, rest @ ..] => format!(", as {first} and {} others", rest.len()),
        };
        format!("{} on {}, {how}{callers}", context.environment.who, context.environment.host)
    }

    pub(super) async fn approve(
        &self,
        plan: &Plan,
        swept: Option<&Swept>,
        format: Format,
        args: &ApplyArgs,
        context: &CommandContext<'_>,
    ) -> Result<(), Error> {
        let printer = context.printer;
        context.warn(&plan.warnings);
        let found = swept.filter(|_| *self == Approver::Prompt);
        let text = match found {
            Some(swept) => sweep::for_approval(swept, context.evidences(), context.environment.width()),
            None => view_plan(plan, Detail::of(args.diff), context.environment.width()),
        };
        let is_quiet = printer.verbosity() == Verbosity::Quiet && *self != Approver::Prompt;
        if args.events || format == Format::Json {
            // Stdout gets the plan as an event, or with the outcome.
            if *self == Approver::Prompt {
                printer.message(&text);
            }
        } else if is_quiet {
            if plan.is_empty() {
                let _ = printer.result(&format!("{}\n", last_line(plan)));
            }
        } else {
            // An apply continues if stdout is closed.
            let _ = printer.result(&text);
        }
        if plan.is_empty() {
            return Ok(());
        }
        match self {
            Approver::Auto => Ok(()),
            Approver::AutoIfSafe => match prompts::unsafe_changes(plan) {
                objections if objections.is_empty() => Ok(()),
                objections => Err(Error::Problems(objections)),
            },
            Approver::ForAccounts(accounts) => covers(plan, accounts),
            Approver::Prompt => ask(plan, swept, context).await,
        }
    }
}

/// How to approve a sweep without a terminal.
fn sweep_hint<R: Request>(request: &R, expected: &Expected, context: &CommandContext<'_>) -> String {
    match expected.saved_plan() {
        Some((file, plan)) => {
            let command = |name: &str| context.settings.command_with(name, &file.to_string_lossy());
            let (digest, accounts) = (&plan.plan_digest, listed(&changed_accounts(plan)));
            format!(
                "review it with `{}`, then run `{} --expect-digest {digest} --approve-accounts {accounts}`",
                command("show"),
                command("apply")
            )
        }
        None => format!(
            "save the plan with `{} --out FILE`, review it, then run `{} FILE --expect-digest DIGEST \
             --approve-accounts ID,…`",
            context.settings.command(&request.again().replace(" --apply", "")),
            context.settings.command("apply")
        ),
    }
}

/// Prompts for each confirmation in turn, until one is declined.
async fn ask(plan: &Plan, swept: Option<&Swept>, context: &CommandContext<'_>) -> Result<(), Error> {
    let closing = match swept {
        Some(swept) => sweep::last_line(plan, &swept.findings),
        None => last_line(plan),
    };
    let details = || with_closing_line(plan, Detail::Everything, context.environment.width(), &closing);
    let words = prompts::confirmations(plan);
    let all = words.len();
    for (word, nth) in words.into_iter().zip(1..) {
        if let Some(id) = word.clone().account() {
            context.printer.message(&sweep::question_heading(plan, &id, nth, all));
        }
        match prompts::ask(context.printer, &word, details).await {
            Ok(Answer::Approved) => {}
            Ok(Answer::Declined) => return Err(Error::Declined),
            Err(source) => {
                return Err(Error::File { operation: "read the answer from", path: "stdin".into(), source });
            }
        }
    }
    Ok(())
}

/// `--approve-accounts` must name exactly the accounts that the plan changes.
fn covers(plan: &Plan, accounts: &BTreeSet<AccountId>) -> Result<(), Error> {
    let changed = changed_accounts(plan);
    if changed == *accounts {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!(
            "the plan changes accounts {}, but --approve-accounts names {}",
            listed(&changed),
            listed(accounts)
        ),
        hint: format!("review the plan, then pass --approve-accounts {}", listed(&changed)),
    })
}

fn changed_accounts(plan: &Plan) -> BTreeSet<AccountId> {
    prompts::confirmations(plan).into_iter().filter_map(Confirmation::account).collect()
}

/// As `--approve-accounts` takes them.
fn listed(accounts: &BTreeSet<AccountId>) -> String {
    accounts.iter().map(AccountId::as_str).collect::<Vec<_>>().join(",")
}
