//! Undo: the plan that reverses a run. What it created is deleted, what it changed gets its former value, and what it
//! deleted is restored from its archives. What cannot come back is a warning, and what was changed since is a problem.
//!
//! | module | what it decides |
//! | --- | --- |
//! | `reversed` | what the run did to each address, as its log has it |
//! | `former` | the manifest with what is restored, so that it is recorded again |
//! | `role`, `event_stream`, `app` | how one of them goes back |
mod app;
mod event_stream;
mod former;
mod reversed;
mod role;

use crate::change::{change, protect};
use crate::context::Context;
use crate::differences::Differences;
use crate::draft::{Draft, Handle, finish, sorted};
use crate::reconcile::{Destroy, Inputs};
use crate::restore::{self, Ready};
use crate::selection::Selection;
use crate::settle::{self, settle};
use crate::usage::Usage;
use crate::{Inquiry, LastLook, PlanResult, Planned, guard};
use pinpoint_streams_model::archive::{Archived, Object};
use pinpoint_streams_model::plan::RestoreOptions;
use pinpoint_streams_model::{
    Action, Address, Change, Desired, Fact, Live, Mode, Op, Options, Output, Plan, Problem, ProblemCode, Problems,
    Question, Reason, RecordOp, Recorded, Resolved, RunId, Warning,
};
use reversed::{Reversed, reversed};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A finished run, as its log has it.
#[derive(Debug, Clone)]
pub struct PastRun {
    pub run: RunId,
    pub plan: Arc<Plan>,
    /// The operations that were carried out or may have been, in their order.
    pub done: Vec<DoneOp>,
}

/// An operation that was carried out, or may have been.
#[derive(Debug, Clone)]
pub struct DoneOp {
    pub address: Address,
    pub op: Op<Resolved>,
    /// None if the outcome was not recorded: what is live tells whether it was carried out.
    pub output: Option<Output>,
}

impl PastRun {
    /// Only what was carried out, as far as `live` tells.
    fn settled(&self, live: &Live) -> PastRun {
        let PastRun { run, plan, done } = self;
        let carried_out = |done: &DoneOp| {
            let output = done.output.clone().or_else(|| settle::outcome(live, &done.op))?;
            Some(DoneOp { output: Some(output), ..done.clone() })
        };
        let done = done.iter().filter_map(carried_out).collect();
        PastRun { run: run.clone(), plan: Arc::clone(plan), done }
    }
}

/// Reverses a run.
#[derive(Debug, Clone)]
pub struct Undo {
    pub past: PastRun,
    /// Those that the run wrote, or the whole ones of the same roles.
    pub archives: Vec<Archived>,
    pub desired: Arc<Desired>,
    pub recorded: Recorded,
    /// Whether apps that the run created are deleted, with all their data.
    pub delete_apps: bool,
}

impl Inquiry for Undo {
    type Output = PlanResult;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        // All that is recorded, and whether each role of it is free: what a destroy asks.
        let options = Options { delete_apps: self.delete_apps, ..Options::default() };
        let (desired, recorded) = (self.desired.clone(), self.recorded.clone());
        let mut questions = Destroy::new(Inputs { desired, recorded, options }).questions(live);
        questions.extend(restore::ask_about(&self.deleted(), &self.desired, live));
        let in_doubt = self.past.done.iter().filter(|done| done.output.is_none());
        questions.extend(in_doubt.flat_map(|done| settle::about(&done.op, live)));
        for (role, place) in self.past.done.iter().map(|done| (done.op.role(), done.op.app())) {
            questions.extend(role.map(|role| Question::role(&role.account, &role.name)));
            questions.extend(place.map(Question::EventStream));
        }
        questions
    }

    fn conclude(&self, live: &Live) -> PlanResult {
        let recorded = settle(&self.recorded, live);
        let settled = Undo { past: self.past.settled(live), ..self.clone() };
        let plan = settled.plan(&recorded, live)?;
        Ok(Planned { plan, recorded, last_look: LastLook::default() })
    }
}

impl Undo {
    /// The archives of what the run deleted. One of what it quarantined, or failed to delete, restores nothing.
    fn deleted(&self) -> Vec<Archived> {
        let is_gone = |archived: &&Archived| {
            self.past.done.iter().any(|done| reversed::deletes(&done.op, &archived.entry.object))
        };
        self.archives.iter().filter(is_gone).cloned().collect()
    }

    fn plan(&self, recorded: &Recorded, live: &Live) -> Result<Plan, Problems> {
        let archives = &self.deleted();
        let digests = archives.iter().map(|archived| archived.digest.clone()).collect();
        let restore = RestoreOptions { archives: digests, unverified: false };
        let options = &Options { restore: Some(restore), delete_apps: self.delete_apps, ..Options::default() };
        let selection = &Selection::Everything;
        let desired = &self.desired;
        let context = &Context { mode: Mode::Restore, desired, recorded, live, options, selection };
        let mut draft = Draft::default();
        draft.problems.extend(guard::accounts(context));
        draft.problems.extend(restore::accounts(context, archives));
        if !draft.problems.is_empty() {
            return Err(sorted(draft.problems));
        }
        draft.problems.extend(guard::pending(context));
        self.do_plan(context, &mut draft, archives);
        if draft.changes.is_empty() && draft.problems.is_empty() {
            // There is no plan that could warn of it.
            draft.problems.extend(draft.warnings.iter().filter_map(as_problem));
            let message = format!("nothing that run {} did can be undone", self.past.run);
            let hint = "`pinpoint-streams report` shows what it did; `pinpoint-streams plan` shows what the manifest \
                        asks for";
            draft.problems.push(Problem::new(ProblemCode::NothingToRestore, message, hint));
        }
        let steps = draft.take_steps();
        finish(context, draft, steps)
    }

    /// The changes, in the order in which they depend on each other: roles come back and are granted more, event streams
    /// move back, and then roles lose what nothing uses any more, and go.
    fn do_plan(&self, context: &Context<'_>, draft: &mut Draft, archives: &[Archived]) {
        let former = former::with(context.desired, archives, &self.past);
        let reversed = &reversed(&self.past);
        let recorded = &set_aside(context, draft, reversed, archives);
        let context = &Context { recorded, ..*context };
        let restoring = &Context { desired: &former, ..*context };
        let usage = &mut managed(context);
        let mut ready = Ready::new();
        for (address, reversed) in reversed {
            cannot_come_back(draft, address, reversed);
        }
        for (archived, role) in restore::roles(archives) {
            restore::role::restore(restoring, draft, archived, role, &mut ready);
        }
        let moves = reversed.values().any(|reversed| reversed.put().is_some());
        let mut contracts = Vec::new();
        for (address, reversed) in reversed {
            match role::revert(context, draft, address, reversed, moves, &mut ready) {
                Ok(contract) => contracts.extend(contract),
                Err(problems) => draft.problems.extend(problems),
            }
        }
        // One that the run deleted and put again goes back like one that it changed.
        let is_put = |address: &Address| reversed.get(address).is_some_and(|reversed| reversed.put().is_some());
        for (archived, stream) in restore::event_streams(archives) {
            if !is_put(&archived.entry.address) {
                restore::event_stream::restore(restoring, draft, archived, stream, &ready);
            }
        }
        for (address, reversed) in reversed {
            let decided = event_stream::revert(context, draft, address, reversed, &ready, usage);
            draft.problems.extend(decided.err());
        }
        for contract in contracts {
            contract.step(draft, usage);
        }
        let mut deletes: Vec<Handle> = Vec::new();
        for (address, reversed) in reversed {
            match role::delete(context, draft, address, reversed, usage) {
                Ok(step) => deletes.extend(step),
                Err(problems) => draft.problems.extend(problems),
            }
        }
        for archived in archives {
            if let Object::App(app) = &archived.entry.object {
                draft.warn(&archived.entry.address, restore::not_restored(restore::lost_with(app)));
            }
        }
        app::revert(context, draft, reversed, usage, &deletes);
        for (address, reversed) in reversed {
            revert_protection(context, draft, address, reversed);
        }
    }
}

/// The record with the roles that replaced others set aside, so that those have their addresses again: a replacement the
/// other way round.
fn set_aside(
    context: &Context<'_>,
    draft: &mut Draft,
    reversed: &BTreeMap<Address, Reversed<'_>>,
    archives: &[Archived],
) -> Recorded {
    let mut recorded = context.recorded.clone();
    for (archived, _) in restore::roles(archives) {
        let Some(address) = reversed.get(&archived.entry.address).and_then(Reversed::moved_from) else { continue };
        let Some((arn, id)) = reversed.get(address).and_then(Reversed::created_role) else { continue };
        let live = context.role(address, &arn.in_account()).ok().flatten();
        let record = recorded.resources.get(address).and_then(|known| known.object.as_role());
        if live.is_none_or(|live| live.id != *id) || record.is_none_or(|record| record.id != *id) {
            continue;
        }
        let aside = Address::Undeclared(arn.in_account());
        if let Some(resource) = recorded.resources.remove(address) {
            recorded.resources.insert(aside.clone(), resource);
        }
        let step = draft.step(&aside, [], RecordOp::Move { from: address.clone() });
        draft.goes_first(&aside, step);
        draft.goes_first(address, step);
    }
    recorded
}

/// What a warning says that something cannot be undone.
fn as_problem(warning: &Warning) -> Option<Problem> {
    let Warning { address, fact } = warning;
    match fact {
        Fact::Problem { code, message, hint } => {
            Some(Problem { code: *code, address: address.clone(), message: message.clone(), hint: hint.clone() })
        }
        _ => None,
    }
}

/// What the run did to the record alone, and its log does not tell how to reverse.
fn cannot_come_back(draft: &mut Draft, address: &Address, reversed: &Reversed<'_>) {
    // A role that is replaced is recorded under an undeclared address before it goes.
    if let (Address::App(_) | Address::EventStream(_) | Address::Role(_), Some(from)) =
        (address, reversed.moved_from())
    {
        let message = format!("the run moved its record here from {from}, which undo does not reverse");
        let hint = "restore the former manifest, with a [[moved]] block back, and apply it";
        draft.problem(Problem::new(ProblemCode::Immutable, message, hint).at(address));
    }
    if reversed.is_forgotten() {
        let message = "the run stopped managing it, and undo does not take it over again: adopt it for that";
        draft.warn(address, restore::not_restored(message));
    }
}

/// What the run protected is no longer protected, and the other way round.
fn revert_protection(context: &Context<'_>, draft: &mut Draft, address: &Address, reversed: &Reversed<'_>) {
    let Some(was) = reversed.was_protected() else { return };
    let Some(resource) = context.resource(address).filter(|resource| resource.protect != was) else { return };
    let goes = |known: &Change| matches!(known.action, Action::Delete | Action::Forget);
    if draft.changes.get(address).is_some_and(goes) {
        return;
    }
    let mut differences = Differences::default();
    protect(draft, address, resource, was, Vec::new(), &mut differences);
    draft.change(change(address, resource, Action::Update, Reason::Restored, differences.fields));
}

/// Which event stream uses which role, with the addresses of those that the state records.
fn managed<'a>(context: &Context<'a>) -> Usage<'a> {
    let mut usage = Usage::live(context);
    for (address, resource) in &context.recorded.resources {
        if let Some(record) = resource.object.as_event_stream()
            && let Some(known) = usage.get_mut(&record.app(&resource.account))
        {
            known.address = Some(address.clone());
        }
    }
    usage
}
