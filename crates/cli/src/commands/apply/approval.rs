//! Whether a plan is approved, by whom, and how. What changes roles that we did not make takes more than a flag.
use super::arguments::{ApplyArgs, AutoApprove};
use super::task::{Job, Ready};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::prompts::{self, Answer, Word};
use crate::ui::views::plan::{Detail, plan as view_plan};
use crate::ui::views::{problems, sweep};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::plan::{Mode, Plan};
use std::collections::BTreeSet;

/// Who approves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Approval {
    /// A person, who is asked.
    Ask,
    /// The flag, whatever is in the plan.
    Given,
    /// The flag, if the plan has no delete, replace or wider policy.
    GivenIfSafe,
    /// The flags of a plan that was reviewed, for these accounts.
    ForAccounts(BTreeSet<AccountId>),
}

impl Approval {
    /// Who approves the plan of this job; an error where nobody does and nobody can be asked.
    pub(super) fn of(job: &Job, doing: &ApplyArgs, context: &CommandContext<'_>) -> Result<Approval, Error> {
        let can_ask = context.environment.can_ask();
        if job.mode() == Mode::Sweep {
            return match doing.approve_accounts.as_slice() {
                [] if can_ask => Ok(Approval::Ask),
                [] => Err(Error::SweepNeedsWord),
                accounts if job.expected.is_reviewed() => {
                    Ok(Approval::ForAccounts(accounts.iter().cloned().collect()))
                }
                _ => Err(Error::SweepNeedsWord),
            };
        }
        if !doing.approve_accounts.is_empty() {
            return Err(Error::Usage {
                message: "--approve-accounts approves sweeps alone".to_owned(),
                hint: "--auto-approve approves other plans".to_owned(),
            });
        }
        match doing.auto_approve {
            None if can_ask => Ok(Approval::Ask),
            None => Err(Error::NobodyToAsk { destroy: job.mode() == Mode::Destroy }),
            Some(AutoApprove::All) => Ok(Approval::Given),
            Some(AutoApprove::Safe) => Ok(Approval::GivenIfSafe),
        }
    }
}

impl Approval {
    /// For the run's log: by whom, and how.
    pub(super) fn words(&self, context: &CommandContext<'_>) -> String {
        let how = match self {
            Approval::Ask => "on a terminal",
            Approval::Given => "by --auto-approve",
            Approval::GivenIfSafe => "by --auto-approve=safe",
            Approval::ForAccounts(_) => "by --expect-digest and --approve-accounts",
        };
        format!("{} on {}, {how}", context.environment.who, context.environment.host)
    }
}

/// Shows the plan, and lets whoever may approve it do so.
pub(super) async fn approve(
    ready: &Ready,
    approval: &Approval,
    doing: &ApplyArgs,
    context: &CommandContext<'_>,
) -> Result<(), Error> {
    let printer = context.printer;
    let plan = &ready.plan;
    let detail = if doing.diff { Detail::Everything } else { Detail::Changes };
    printer.aside(&problems::warnings(&plan.warnings));
    let found = ready.swept.as_ref().filter(|_| *approval == Approval::Ask);
    let text = match found {
        Some(swept) => sweep::text(swept, context.evidences(), context.environment.width()),
        None => view_plan(plan, detail),
    };
    if doing.events {
        // Whoever reads stdout gets the plan as an event.
        if *approval == Approval::Ask {
            printer.message(&text);
        }
    } else {
        // An apply goes on where nobody reads any more.
        let _ = printer.result(&text);
    }
    if plan.is_empty() {
        return Ok(());
    }
    match approval {
        Approval::Given => Ok(()),
        Approval::GivenIfSafe => match prompts::unsafe_changes(plan) {
            objections if objections.is_empty() => Ok(()),
            objections => Err(Error::Problems(objections)),
        },
        Approval::ForAccounts(accounts) => covers(plan, accounts),
        Approval::Ask => ask(plan, context).await,
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
