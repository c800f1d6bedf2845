//! `status`: the status of the workspace, from its files alone. Makes no call to the accounts and takes no lock.
use super::{Format, Output};
use crate::ui::views::status::{AccountLine, LastRun, LockLine, PendingLine, QuarantineLine, RunOutcome, Status};
use crate::ui::views::{self, status};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::{Store, Workspace};
use jiff::SignedDuration;
use pinpoint_streams_executor::clock::Clock as _;
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_store::journal::{self, RunLog};
use pinpoint_streams_store::lock::LockHeld;
use pinpoint_streams_store::state::State;
use std::collections::BTreeMap;

/// How long a quarantine lasts before `sweep --reap` deletes the role, unless --after says otherwise.
const REAPED_AFTER: SignedDuration = SignedDuration::from_hours(24 * 30);

pub(super) async fn run(show: Output, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let Output { format } = show;
    let workspace = Workspace::open_if_any(context)?;
    let status = of(&workspace, context).await?;
    context.show(&match format {
        Format::Text => status::text(&status, context.settings, context.environment),
        Format::Json => views::json(&status),
    })?;
    Ok(Exit::Done)
}

async fn of(workspace: &Workspace, context: &CommandContext<'_>) -> Result<Status, Error> {
    let store = Store::open(workspace).await?;
    let held = store.lock_holder().await?;
    let loaded = workspace.load().await?;
    let (recorded, now) = (loaded.recorded, context.clock().now());
    let is_under_way = held.is_some() && loaded.resumed.is_some();
    let last = loaded.state.as_ref().and_then(|state| last_run(workspace, state, is_under_way));
    let pending = recorded.pending.iter().map(|pending| PendingLine {
        address: pending.address.clone(),
        op: pending.op.name(),
        run: pending.run.clone(),
        began_at: pending.began_at,
    });
    let quarantined = recorded.quarantined.iter().map(|(role, quarantined)| {
        let due = quarantined.at.saturating_add(REAPED_AFTER).unwrap_or(quarantined.at);
        QuarantineLine { role: role.clone(), since: quarantined.at, due, is_due: due <= now }
    });
    Ok(Status {
        format_version: status::FORMAT_VERSION,
        workspace: workspace.name.clone(),
        state: pinpoint_streams_store::state::StateStore::place(&store),
        lineage: recorded.lineage.clone(),
        serial: recorded.serial,
        resources: recorded.resources.len(),
        accounts: accounts(workspace, &recorded.accounts),
        last_run: last,
        // A run that is under way has a journal too: only one without its lock was interrupted.
        interrupted: loaded.resumed.filter(|_| held.is_none()),
        lock: held.map(|LockHeld { holder, heartbeat }| LockLine {
            holder: holder.map(|holder| holder.to_string()),
            id: heartbeat.map(|heartbeat| heartbeat.id),
        }),
        pending: pending.collect(),
        quarantined: quarantined.collect(),
        has_manifest: workspace.manifest.is_some(),
    })
}

/// Those of the manifest with the IDs that the first apply pinned, and those that are only in the state.
fn accounts(workspace: &Workspace, pinned: &BTreeMap<AccountAlias, AccountId>) -> Vec<AccountLine> {
    let declared = workspace.manifest.iter().flat_map(|manifest| manifest.accounts());
    let mut accounts: BTreeMap<AccountAlias, Option<AccountId>> =
        declared.map(|(alias, spec)| (alias, spec.id)).collect();
    for (alias, id) in pinned {
        accounts.insert(alias.clone(), Some(id.clone()));
    }
    accounts.into_iter().map(|(alias, id)| AccountLine { alias, id }).collect()
}

/// The last run of the state, with what its log says if it is kept here.
fn last_run(workspace: &Workspace, state: &State, is_under_way: bool) -> Option<LastRun> {
    let last = state.last_run.as_ref()?;
    let kept = journal::kept_runs(&workspace.paths.runs).unwrap_or_default();
    let log = kept.iter().rev().find(|kept| kept.run.as_ref() == Some(last));
    let log: Option<RunLog> = log.and_then(|kept| kept.load().ok().flatten());
    let is_interrupted = state.run_logs.iter().any(|known| known.run == *last && known.as_found);
    let is_complete = log.as_ref().and_then(RunLog::is_complete);
    let about = log.and_then(|log| log.header.about);
    Some(LastRun {
        run: last.clone(),
        mode: about.as_ref().map(|about| about.plan.mode),
        is_undo: about.as_ref().is_some_and(|about| about.plan.is_undo()),
        began_at: about.as_ref().map(|about| about.began_at),
        approved_by: about.and_then(|about| about.approved_by),
        outcome: match is_complete {
            _ if is_under_way => None,
            _ if is_interrupted => Some(RunOutcome::Interrupted),
            Some(true) => Some(RunOutcome::Done),
            Some(false) => Some(RunOutcome::Partial),
            None => None,
        },
    })
}
