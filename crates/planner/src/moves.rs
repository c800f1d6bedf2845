//! `[[moved]]` and `[[forget]]`: what they change in the record, before anything is compared; and
//! the event stream of an app whose key was changed without a word.
use crate::change::{change, forget};
use crate::context::Context;
use crate::differences::{Differences, Field};
use crate::draft::{Draft, Handle};
use crate::selection::desired_addresses;
use pinpoint_streams_model::{
    Action, Address, AppIdentity, AppKey, DesiredApp, DesiredRole, Fact, Mode, Object, Problem, ProblemCode,
    Reason, RecordOp, Recorded, Resource, RoleArn, RoleKey,
};

/// The record as the rest of the plan sees it.
pub(crate) struct Moves {
    /// With what moved under its new address, and without what is forgotten.
    pub(crate) recorded: Recorded,
    /// Event streams that are forgotten while they still name a role, with that role.
    pub(crate) forgotten: Vec<(Address, RoleArn)>,
}

/// Carries out the blocks on the record and notes the changes.
pub(crate) fn apply_moves(context: &Context<'_>, draft: &mut Draft) -> Moves {
    let mut moves = Moves { recorded: context.recorded.clone(), forgotten: Vec::new() };
    if context.mode == Mode::Converge {
        for moved in &context.desired.moved {
            for (from, to) in renamed_addresses(context, &moved.from, &moved.to) {
                move_record(context, draft, &mut moves, &from, &to);
            }
        }
        for (key, app) in &context.desired.apps {
            follow_app(context, draft, &mut moves, key, app);
        }
        if moves.recorded.resources.keys().any(|address| matches!(address, Address::Undeclared(..))) {
            for (key, role) in &context.desired.roles {
                restore_set_aside(context, draft, &mut moves, key, role);
            }
        }
    }
    for address in &context.desired.forget {
        if !context.selection.covers(address) {
            continue;
        }
        if moves.recorded.resources.contains_key(address) {
            forget_asked(context, draft, &mut moves, address);
        } else if context.mode == Mode::Converge && !is_declared(context, address) {
            draft.warn(address, nothing_to_forget());
        }
    }
    moves
}

/// An app's addresses under its old and its new key. Its own role moves along if it still has one.
fn renamed_addresses(context: &Context<'_>, from: &AppKey, to: &AppKey) -> Vec<(Address, Address)> {
    let (old_role, new_role) = (RoleKey::from(from.clone()), RoleKey::from(to.clone()));
    let mut pairs = vec![
        (Address::App(from.clone()), Address::App(to.clone())),
        (Address::EventStream(from.clone()), Address::EventStream(to.clone())),
    ];
    if context.desired.roles.contains_key(&new_role) {
        pairs.push((Address::Role(old_role), Address::Role(new_role)));
    }
    pairs
}

/// The event stream of an app that is declared under a new key is the same event stream: it is never
/// deleted under the one and made under the other.
fn follow_app(context: &Context<'_>, draft: &mut Draft, moves: &mut Moves, key: &AppKey, app: &DesiredApp) {
    let to = Address::EventStream(key.clone());
    let id = match &app.identity {
        AppIdentity::Existing(id) => id,
        AppIdentity::Owned { .. } => {
            let recorded = moves.recorded.resources.get(&Address::App(key.clone()));
            let Some(record) = recorded.and_then(|resource| resource.object.as_app()) else { return };
            &record.id
        }
    };
    let holder = moves.recorded.resources.event_stream_of(&app.arn(id)).map(|(holder, _)| holder.clone());
    let Some(from) = holder.filter(|from| *from != to && app.event_stream.is_some()) else { return };
    if moves.recorded.resources.contains_key(&to) && context.selection.covers(&to) {
        let message = format!("the event stream of app {id} is recorded as {from}");
        let hint = format!("declare app {id} under {from}'s key again, or under one that is not recorded yet");
        return draft.problem(Problem::new(ProblemCode::MoveOrForget, message, hint).at(&to));
    }
    move_record(context, draft, moves, &from, &to);
}

/// A role that was set aside to be replaced, in a run that ended early, and is wanted again as it was. If
/// its successor is there already, that is set aside in its stead.
fn restore_set_aside(
    context: &Context<'_>,
    draft: &mut Draft,
    moves: &mut Moves,
    key: &RoleKey,
    role: &DesiredRole,
) {
    let address = Address::Role(key.clone());
    let Ok(arn) = role.arn_under(key) else { return };
    let aside = Address::Undeclared(arn.in_account());
    let is_it = |resource: &Resource| resource.object.as_role().is_some_and(|record| record.arn == arn);
    if !moves.recorded.resources.get(&aside).is_some_and(is_it) || !context.selection.covers(&address) {
        return;
    }
    if let Some(resource) = moves.recorded.resources.get(&address).cloned()
        && let Object::Role(record) = &resource.object
    {
        let to = Address::Undeclared(record.arn.in_account());
        if let Some(moved) = move_record(context, draft, moves, &address, &to) {
            draft.goes_first(&address, moved);
            if resource.protect {
                let name = &record.arn.name;
                let message = format!("it is protected and recorded as {name}, and would be replaced");
                let hint = format!(
                    "name it {name} again with `protect = false` on its app, apply that, and then rename it"
                );
                draft.problem(Problem::new(ProblemCode::Protected, message, hint).at(&address));
                moves.recorded.resources.change(&to, |resource| resource.protect = false);
            }
        }
    }
    move_record(context, draft, moves, &aside, &address);
}

fn move_record(
    context: &Context<'_>,
    draft: &mut Draft,
    moves: &mut Moves,
    from: &Address,
    to: &Address,
) -> Option<Handle> {
    if !context.selection.covers(to) && !context.selection.covers(from) {
        return None;
    }
    let resource = moves.recorded.resources.get(from)?.clone();
    if moves.recorded.resources.contains_key(to) {
        let blocks = context.desired.moved.iter();
        let has_block = blocks.flat_map(|moved| renamed_addresses(context, &moved.from, &moved.to));
        let hint = match has_block.into_iter().any(|pair| pair == (from.clone(), to.clone())) {
            true => "remove the [[moved]] block, or forget one of the two with [[forget]]",
            false => "forget one of the two with [[forget]]",
        };
        let message = format!("{from} cannot move here: both are recorded");
        draft.problem(Problem::new(ProblemCode::MoveOrForget, message, hint).at(to));
        return None;
    }
    moves.recorded.resources.remove(from);
    let step = draft.step(to, draft.first(from), RecordOp::Move { from: from.clone() });
    let mut address = Differences::default();
    let (before, now) = (Some(from.to_string()), Some(to.to_string()));
    address.compare(Field { path: "address", live: before, wanted: now, recorded: None });
    draft.change(change(to, &resource, Action::Update, Reason::Moved, address.fields));
    moves.recorded.resources.insert(to.clone(), resource);
    draft.goes_first(to, step);
    Some(step)
}

fn forget_asked(context: &Context<'_>, draft: &mut Draft, moves: &mut Moves, address: &Address) {
    let Some(resource) = moves.recorded.resources.get(address).cloned() else { return };
    let still_there = match is_still_there(context, address, &resource) {
        Ok(still_there) => still_there,
        Err(problem) => return draft.problem(problem),
    };
    // Declared and there: either the block is spent, because what was forgotten is made anew and recorded,
    // or it never had a meaning. Nothing tells these apart, and letting go of it would be wrong in both.
    if is_declared(context, address) && still_there {
        return;
    }
    let step = forget(context, draft, address, &resource, Reason::ForgetAsked, Vec::new());
    if let Object::EventStream(stream) = &resource.object {
        let live = context.event_stream(address, &stream.app(&resource.account)).ok().flatten();
        let named = live.and_then(|live| live.role_arn.parse().ok());
        moves.forgotten.extend(named.map(|role| (address.clone(), role)));
    }
    moves.recorded.resources.remove(address);
    draft.goes_first(address, step);
}

fn is_declared(context: &Context<'_>, address: &Address) -> bool {
    desired_addresses(context.desired).any(|(declared, _)| declared == *address)
}

/// A block that is spent, or that names what never was: nothing tells these apart.
fn nothing_to_forget() -> Fact {
    let message = "nothing is recorded at this address, so its [[forget]] block does nothing".to_owned();
    let hint = "correct the address, or remove the block if it has done its work".to_owned();
    Fact::Problem { code: ProblemCode::MoveOrForget, message, hint: Some(hint) }
}

/// Whether the recorded object, and no other of its name, is there.
fn is_still_there(context: &Context<'_>, address: &Address, resource: &Resource) -> Result<bool, Problem> {
    Ok(match &resource.object {
        Object::App(app) => context.app(address, &app.arn(&resource.account))?.is_some(),
        Object::Role(role) => {
            context.role(address, &role.arn.in_account())?.is_some_and(|live| live.id == role.id)
        }
        Object::EventStream(stream) => context.event_stream(address, &stream.app(&resource.account))?.is_some(),
    })
}
