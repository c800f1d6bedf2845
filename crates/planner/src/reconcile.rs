//! What the manifest asks for, what the state records and what AWS answered, compared: to make live what is desired,
//! to take it down, or only to show what has drifted.
mod questions;

use crate::context::Context;
use crate::draft::{Draft, Handle, assemble, finish, sorted};
use crate::moves::{Moves, apply_moves};
use crate::role::{self, RoleArns};
use crate::selection::{Selection, select};
use crate::settle::settle;
use crate::usage::Usage;
use crate::{Inquiry, LastLook, PlanResult, Planned, app, drift, event_stream, guard, orphans, preflight};
use pinpoint_streams_model::{
    Address, AppKey, Desired, DesiredApp, Fact, Live, Mode, Options, Plan, Problem, ProblemCode, Problems,
    Question, Recorded, RoleArn, RoleRef, Step, Warning,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// A manifest, a record and the flags: what is compared with the answers of AWS.
#[derive(Debug, Clone)]
pub struct Inputs {
    pub desired: Arc<Desired>,
    pub recorded: Recorded,
    pub options: Options,
}

macro_rules! inquiry {
    ($($(#[$doc:meta])* $inquiry:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $inquiry {
            inputs: Inputs,
            /// Answers do not change it while no operation is pending.
            selected: OnceLock<Selected>,
        }

        impl $inquiry {
            pub fn new(inputs: Inputs) -> $inquiry {
                $inquiry { inputs, selected: OnceLock::new() }
            }

            fn preparation<'a>(&'a self, live: &'a Live) -> Preparation<'a> {
                Preparation::of(Mode::$inquiry, &self.inputs, &self.selected, live)
            }
        }

        impl Inquiry for $inquiry {
            type Output = PlanResult;

            fn questions(&self, live: &Live) -> BTreeSet<Question> {
                self.preparation(live).questions()
            }

            fn conclude(&self, live: &Live) -> PlanResult {
                self.preparation(live).conclude()
            }

            fn standing(&self, live: &Live) -> Option<Plan> {
                self.preparation(live).standing()
            }
        }
    )*};
}

inquiry!(
    /// Makes live what is desired.
    Converge,
    /// Takes down what this workspace made.
    Destroy,
    /// Shows what differs between the record and AWS. Its plan has no steps.
    Drift
);

/// What the options select, and the patterns that match nothing.
#[derive(Debug, Clone)]
struct Selected {
    selection: Arc<Selection>,
    mismatches: Problems,
}

impl Selected {
    fn of(mode: Mode, desired: &Desired, recorded: &Recorded, options: &Options) -> Selected {
        let (selection, mismatches) = select(mode, desired, recorded, options);
        Selected { selection: Arc::new(selection), mismatches }
    }
}

/// What both the questions and the conclusion start from.
struct Preparation<'a> {
    mode: Mode,
    inputs: &'a Inputs,
    live: &'a Live,
    /// The record, with pending operations settled as far as the answers allow.
    settled: Recorded,
    selection: Arc<Selection>,
    /// Patterns of the selection that match nothing.
    mismatches: Problems,
    /// The record after `[[moved]]` and `[[forget]]`, and where roles then are.
    moves: Moves,
    arns: RoleArns,
    /// Begins with the steps and changes of `moves`.
    draft: Draft,
}

impl<'a> Preparation<'a> {
    fn of(mode: Mode, inputs: &'a Inputs, selected: &OnceLock<Selected>, live: &'a Live) -> Preparation<'a> {
        let Inputs { desired, recorded, options } = inputs;
        // Pending operations decide what is recorded, so they are settled first.
        let settled = settle(recorded, live);
        let select = || Selected::of(mode, desired, &settled, options);
        let selected = if recorded.pending.is_empty() { selected.get_or_init(select).clone() } else { select() };
        let Selected { selection, mismatches } = selected;
        let mut draft = Draft::default();
        orphans::warn_unrecorded(live, &recorded.pending, &mut draft);
        let context = Context { mode, desired, recorded: &settled, live, options, selection: &selection };
        let (moves, arns) = match mode {
            // Drift compares the record as it is.
            Mode::Drift => (Moves { recorded: settled.clone(), forgotten: Vec::new() }, RoleArns::new()),
            _ => {
                let moves = apply_moves(&context, &mut draft);
                let arns = role::arns(&Context { recorded: &moves.recorded, ..context }, &mut draft);
                (moves, arns)
            }
        };
        Preparation { mode, inputs, live, settled, selection, mismatches, moves, arns, draft }
    }

    /// The record before `[[moved]]` and `[[forget]]`.
    fn context(&self) -> Context<'_> {
        let Inputs { desired, recorded: _, options } = self.inputs;
        let Preparation { mode, live, settled, selection, .. } = self;
        Context { mode: *mode, desired, recorded: settled, live, options, selection }
    }

    /// The changes of all that has no problem, and depends on nothing that has one.
    fn standing(mut self) -> Option<Plan> {
        let mut draft = std::mem::take(&mut self.draft);
        let context = &self.context();
        if !self.mismatches.is_empty() || !guard::accounts(context).is_empty() {
            return None;
        }
        let mut steps = match self.mode {
            Mode::Drift => drift::decide(context, &mut draft),
            _ => do_plan(context, &mut draft, &self.moves, &self.arns),
        };
        let problems: BTreeSet<Address> =
            std::mem::take(&mut draft.problems).into_iter().filter_map(|problem| problem.address).collect();
        draft
            .changes
            .retain(|address, _| !depends_on(context.desired, address).any(|one| problems.contains(&one)));
        draft.warnings.clear();
        // What is known after a step is named by the step's address.
        steps.retain(|step| draft.changes.contains_key(&step.address));
        Some(assemble(context, draft, steps))
    }

    fn conclude(mut self) -> PlanResult {
        let (mut draft, mut problems) = (std::mem::take(&mut self.draft), std::mem::take(&mut self.mismatches));
        let context = &self.context();
        problems.extend(guard::accounts(context));
        // In the wrong account every other problem would be about something else.
        if !problems.is_empty() {
            return Err(sorted(problems));
        }
        draft.problems.extend(guard::pending(context));
        let steps = match self.mode {
            Mode::Drift => drift::decide(context, &mut draft),
            _ => do_plan(context, &mut draft, &self.moves, &self.arns),
        };
        draft.problems.extend(guard::mass_delete(context, &draft));
        let partial = Warning { address: None, fact: Fact::PartialPlan {} };
        draft.warnings.extend(self.selection.is_partial().then_some(partial));
        let mut plan = finish(context, draft, steps)?;
        plan.warnings.extend(undeclared_accounts(context));
        Ok(Planned { plan, recorded: self.settled, last_look: LastLook::default() })
    }
}

/// The address itself, and what it cannot be made without.
fn depends_on(desired: &Desired, address: &Address) -> impl Iterator<Item = Address> {
    let mut all = vec![address.clone()];
    match address {
        Address::EventStream(key) => {
            all.push(Address::App(key.clone()));
            let stream = desired.apps.get(key).and_then(|app| app.event_stream.as_ref());
            if let Some(RoleRef::Managed(role)) = stream.map(|stream| &stream.role) {
                all.push(Address::Role(role.clone()));
            }
        }
        Address::Role(key) => {
            let apps = desired.roles.get(key).map(|role| &role.apps);
            all.extend(apps.into_iter().flatten().cloned().map(Address::App));
        }
        Address::App(_) | Address::Undeclared(_) => {}
    }
    all.into_iter()
}

/// The steps to the desired state, in the order in which the decisions depend on each other.
fn do_plan(before: &Context<'_>, draft: &mut Draft, moves: &Moves, arns: &RoleArns) -> Vec<Step> {
    let context = &Context { recorded: &moves.recorded, ..*before };
    check_replace(context, draft);
    // Apps come first: event streams and trust policies name them by id, or wait for the step that returns it.
    let apps = app::decide(context, draft);
    // Event streams come before roles: what a role may lose depends on what still uses it after this plan.
    let mut usage = Usage::live(context);
    let streams = event_stream::decide(context, draft, &apps, arns, &mut usage);
    let still_named: Vec<_> = moves.forgotten.iter().chain(&streams.forgotten).cloned().collect();
    // Expand: roles are created or granted more. What they lose is only noted.
    let roles = role::decide(context, draft, &apps, arns, &usage, &still_named);
    // Move: event streams go to roles that are ready.
    event_stream::put_steps(draft, &streams, &roles.ready, &mut usage);
    // Contract: roles lose what nothing uses once the event streams have moved, and are then deleted.
    role::late_steps(draft, roles.late, &usage);
    let mut deleted: BTreeMap<Address, Handle> = BTreeMap::new();
    for (address, live, mut after) in roles.to_delete {
        after.extend(usage.leaving_steps(&live.arn));
        deleted.insert(address.clone(), role::delete_steps(draft, &address, &live, &after));
    }
    // Apps are deleted last, after their event streams and roles.
    let dependants = |key: &AppKey| {
        let role = role::recorded_role_of(context, key).and_then(|role| deleted.get(role));
        streams.deletes.get(key).into_iter().flatten().chain(role).copied().collect()
    };
    app::delete_steps(context, draft, &apps.to_delete, &usage, dependants);
    let steps = draft.take_steps();
    // Quotas and sizes depend on the whole plan.
    preflight::check(context, draft, &apps, arns, &steps);
    orphans::warn(context, draft, before.recorded, arns);
    steps
}

/// `--replace` is about what is recorded and stays.
fn check_replace(context: &Context<'_>, draft: &mut Draft) {
    for address in &context.options.replace {
        let replaceable = match address {
            Address::Role(key) => context.wanted_role(key).is_some(),
            Address::EventStream(key) => context.wanted_event_stream(key).is_some(),
            Address::App(_) | Address::Undeclared(..) => false,
        };
        let mut problem = |message: &str, hint: &str| {
            draft.problem(Problem::new(ProblemCode::Selector, message, hint).at(address));
        };
        if replaceable && !context.selection.covers(address) {
            let hint = format!("add --target {address}, or leave out the --exclude");
            problem("--replace names it, but it is not selected", &hint);
        } else if !replaceable || context.resource(address).is_none() {
            let message = "only roles and event streams in both the manifest and the state can be replaced";
            problem(message, "`pinpoint-streams state list` shows what is recorded");
        }
    }
}

/// Roles managed elsewhere in accounts that are not declared cannot be looked at.
fn undeclared_accounts(context: &Context<'_>) -> Vec<Warning> {
    let known = |arn: &RoleArn| context.desired.accounts.values().any(|account| *account == arn.account);
    let warning = |(key, app): (&AppKey, &DesiredApp)| match &app.event_stream.as_ref()?.role {
        RoleRef::Elsewhere(arn) if !known(arn) => {
            let fact = Fact::AccountNotDeclared { role: arn.clone() };
            Some(Warning { address: Some(Address::EventStream(key.clone())), fact })
        }
        RoleRef::Elsewhere(_) | RoleRef::Managed(_) => None,
    };
    context.desired.apps.iter().filter_map(warning).collect()
}
