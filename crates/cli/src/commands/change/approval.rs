//! Whether a plan is approved, by whom, and how. What changes roles that we did not make takes more than a flag.
use super::arguments::{ApplyArgs, AutoApprove};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::prompts::{self, Answer, Word};
use crate::ui::views::plan::{Detail, plan as view_plan};
use crate::ui::views::problems;
use crate::ui::views::sweep::{self, Swept};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::plan::{Mode, Plan};
use std::collections::BTreeSet;

/// Who approves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Approver {
    /// A person, who is asked.
    Ask,
    /// The flag, whatever is in the plan.
    Given,
    /// The flag, if the plan has no delete, replace or wider policy.
    GivenIfSafe,
    /// The flags of a plan that was reviewed, for these accounts.
    ForAccounts(BTreeSet<AccountId>),
}

impl Approver {
    /// Who approves a plan of this mode; an error where nobody does and nobody can be asked.
    pub(super) fn of(
        mode: Mode,
        is_reviewed: bool,
        args: &ApplyArgs,
        context: &CommandContext<'_>,
    ) -> Result<Approver, Error> {
        let can_ask = context.environment.can_ask();
        if mode == Mode::Sweep {
            return match args.approve_accounts.as_slice() {
                [] if can_ask => Ok(Approver::Ask),
                [] => Err(Error::SweepNeedsWord),
                accounts if is_reviewed => Ok(Approver::ForAccounts(accounts.iter().cloned().collect())),
                _ => Err(Error::SweepNeedsWord),
            };
        }
        if !args.approve_accounts.is_empty() {
            return Err(Error::Usage {
                message: "--approve-accounts approves sweeps alone".to_owned(),
                hint: "--auto-approve approves other plans".to_owned(),
            });
        }
        match args.auto_approve {
            None if can_ask => Ok(Approver::Ask),
            None => Err(Error::NobodyToAsk { destroy: mode == Mode::Destroy }),
            Some(AutoApprove::All) => Ok(Approver::Given),
            Some(AutoApprove::Safe) => Ok(Approver::GivenIfSafe),
        }
    }

    /// For the run's log: by whom, and how.
    pub(super) fn words(&self, context: &CommandContext<'_>) -> String {
        let how = match self {
            Approver::Ask => "on a terminal",
            Approver::Given => "by --auto-approve",
            Approver::GivenIfSafe => "by --auto-approve=safe",
            Approver::ForAccounts(_) => "by --expect-digest and --approve-accounts",
        };
        format!("{} on {}, {how}", context.environment.who, context.environment.host)
    }

    /// Shows the plan, and lets whoever may approve it do so.
    pub(super) async fn approve(
        &self,
        plan: &Plan,
        swept: Option<&Swept>,
        args: &ApplyArgs,
        context: &CommandContext<'_>,
    ) -> Result<(), Error> {
        let printer = context.printer;
        let detail = if args.diff { Detail::Everything } else { Detail::Changes };
        printer.aside(&problems::warnings(&plan.warnings));
        let found = swept.filter(|_| *self == Approver::Ask);
        let text = match found {
            Some(swept) => sweep::text(swept, context.evidences(), context.environment.width()),
            None => view_plan(plan, detail),
        };
        if args.events {
            // Whoever reads stdout gets the plan as an event.
            if *self == Approver::Ask {
                printer.message(&text);
            }
        } else {
            // An apply goes on where nobody reads any more.
            let _ = printer.result(&text);
        }
        if plan.is_empty() {
            return Ok(());
        }
        match self {
            Approver::Given => Ok(()),
            Approver::GivenIfSafe => match prompts::unsafe_changes(plan) {
                objections if objections.is_empty() => Ok(()),
                objections => Err(Error::Problems(objections)),
            },
            Approver::ForAccounts(accounts) => covers(plan, accounts),
            Approver::Ask => ask(plan, context).await,
        }
    }
}

/// One word after the other; a single no ends it.
async fn ask(plan: &Plan, context: &CommandContext<'_>) -> Result<(), Error> {
    let details = || view_plan(plan, Detail::Everything);
    for word in prompts::words(plan) {
        match prompts::ask(context.printer, &word, details).await {
            Ok(Answer::Approved) => {}
            Ok(Answer::Declined) => return Err(Error::Declined),
            Err(source) => {
                return Err(Error::File { doing: "read the answer from", path: "stdin".into(), source });
            }
        }
    }
    Ok(())
}

/// The accounts named must be those of the plan: no more, which would be a mistake, and no fewer.
fn covers(plan: &Plan, accounts: &BTreeSet<AccountId>) -> Result<(), Error> {
    let changed: BTreeSet<AccountId> = prompts::words(plan).into_iter().filter_map(Word::account).collect();
    if changed == *accounts {
        return Ok(());
    }
    let list =
        |accounts: &BTreeSet<AccountId>| accounts.iter().map(AccountId::as_str).collect::<Vec<_>>().join(",");
    Err(Error::Usage {
        message: format!("the plan changes {}, and --approve-accounts names {}", list(&changed), list(accounts)),
        hint: format!("review the plan, then approve its accounts: --approve-accounts {}", list(&changed)),
    })
}
