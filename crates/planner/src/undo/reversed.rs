//! What a run did to each address, as its log has it.
use super::{DoneOp, PastRun};
use pinpoint_streams_model::archive::{EventStream, Object};
use pinpoint_streams_model::plan::FieldValue;
use pinpoint_streams_model::{
    Action, Address, AppArn, AppId, AppOp, Change, DeleteApp, EventStreamOp, LiveEventStream, Op, Output,
    PutEventStream, Reason, RecordOp, Resolved, RoleArn, RoleId, RoleOp,
};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Reversed<'a> {
    /// What the plan of the run showed of it; none of the steps on a role that it replaced.
    pub(super) change: Option<&'a Change>,
    pub(super) done: Vec<&'a DoneOp>,
}

pub(super) fn reversed(past: &PastRun) -> BTreeMap<Address, Reversed<'_>> {
    let mut all: BTreeMap<Address, Reversed<'_>> = BTreeMap::new();
    for done in &past.done {
        all.entry(done.address.clone()).or_default().done.push(done);
    }
    for change in &past.plan.changes {
        if let Some(reversed) = all.get_mut(&change.address) {
            reversed.change = Some(change);
        }
    }
    all
}

impl<'a> Reversed<'a> {
    pub(super) fn role_ops(&self) -> Vec<&'a RoleOp<Resolved>> {
        let role_op = |done: &&'a DoneOp| match &done.op {
            Op::Role(op) => Some(op),
            Op::App(_) | Op::EventStream(_) | Op::Record(_) => None,
        };
        self.done.iter().filter_map(role_op).collect()
    }

    pub(super) fn app_ops(&self) -> Vec<&'a AppOp<Resolved>> {
        let app_op = |done: &&'a DoneOp| match &done.op {
            Op::App(op) => Some(op),
            Op::Role(_) | Op::EventStream(_) | Op::Record(_) => None,
        };
        self.done.iter().filter_map(app_op).collect()
    }

    /// The role that the run created here, with its ID.
    pub(super) fn created_role(&self) -> Option<(&'a RoleArn, &'a RoleId)> {
        self.done.iter().rev().find_map(|done| match (&done.op, &done.output) {
            (Op::Role(RoleOp::Create(create)), Some(Output::Role(id))) => Some((&create.arn, id)),
            _ => None,
        })
    }

    /// The app that the run created here.
    pub(super) fn created_app(&self) -> Option<&'a AppId> {
        self.done.iter().rev().find_map(|done| match (&done.op, &done.output) {
            (Op::App(AppOp::Create(_)), Some(Output::App(id))) => Some(id),
            _ => None,
        })
    }

    /// The event stream that the run put here last, if it did not delete it after that.
    pub(super) fn put(&self) -> Option<&'a PutEventStream<Resolved>> {
        let last = self.done.iter().rev().find_map(|done| match &done.op {
            Op::EventStream(op) => Some(op),
            _ => None,
        })?;
        match last {
            EventStreamOp::Put(put) => Some(put),
            EventStreamOp::Delete(_) => None,
        }
    }

    /// Whether the run adopted it. A role whose trust policy is rewritten with that is shown as an update; an update that
    /// only brings the record up to date has no fields.
    pub(super) fn is_adopted(&self) -> bool {
        let is_write = |done: &&DoneOp| matches!(&done.op, Op::Record(RecordOp::Write { .. }));
        let is_adoption = |change: &Change| match (change.action, change.reason) {
            (Action::Adopt, _) | (Action::Update, Reason::AdoptionAsked) => true,
            (Action::Update, Reason::LostRecord) => !change.fields.is_empty(),
            _ => false,
        };
        self.change.is_some_and(is_adoption) && self.done.iter().any(is_write)
    }

    /// Whether the run adopted it, and it had no ownership tags before.
    pub(super) fn was_unowned(&self) -> bool {
        self.is_adopted() && self.change.is_some_and(|change| change.reason == Reason::AdoptionAsked)
    }

    /// Whether the run stopped managing what is still there.
    pub(super) fn is_forgotten(&self) -> bool {
        let is_forget = |done: &&DoneOp| matches!(&done.op, Op::Record(RecordOp::Forget {}));
        let is_shown = |change: &Change| change.action == Action::Forget && change.reason != Reason::Missing;
        self.change.is_some_and(is_shown) && self.done.iter().any(is_forget)
    }

    /// The address that the run moved it here from.
    pub(super) fn moved_from(&self) -> Option<&'a Address> {
        self.done.iter().find_map(|done| match &done.op {
            Op::Record(RecordOp::Move { from }) => Some(from),
            _ => None,
        })
    }

    /// Whether it was protected, if the run changed that.
    pub(super) fn was_protected(&self) -> Option<bool> {
        let is_set = |done: &&DoneOp| matches!(&done.op, Op::Record(RecordOp::SetProtect { .. }));
        if !self.done.iter().any(is_set) {
            return None;
        }
        self.before("protect")??.json().as_bool()
    }

    /// The value of a field before the run: outer none if the run did not change it, inner none if it was absent.
    pub(super) fn before(&self, path: &str) -> Option<Option<&'a FieldValue>> {
        let field = self.change?.fields.iter().find(|field| field.path == path)?;
        Some(field.before.as_ref())
    }

    /// The event stream as it was before the run put this one; none if there was none.
    pub(super) fn former(&self, left: &LiveEventStream) -> Option<LiveEventStream> {
        let text = |path: &str, otherwise: &str| match self.before(path) {
            None => Some(otherwise.to_owned()),
            Some(before) => before?.json().as_str().map(str::to_owned),
        };
        Some(LiveEventStream {
            destination: text("destination", &left.destination)?,
            role_arn: text("role_arn", &left.role_arn)?,
        })
    }

    /// Whether the run moved it here from another app. One that it created has these fields with no value before.
    pub(super) fn comes_from_another_app(&self) -> bool {
        ["app_id", "region", "account"].iter().any(|path| self.before(path).flatten().is_some())
    }
}

/// Whether the operation deleted what was archived.
pub(super) fn deletes(op: &Op<Resolved>, archived: &Object) -> bool {
    match (op, archived) {
        (Op::Role(RoleOp::Delete { role, role_id }), Object::Role(live)) => {
            *role == live.arn && *role_id == live.id
        }
        (Op::EventStream(EventStreamOp::Delete(delete)), Object::EventStream(stream)) => {
            let EventStream { account, region, app_id, event_stream: _ } = stream;
            AppArn::of(&delete.account, &delete.region, &delete.app_id) == AppArn::of(account, region, app_id)
        }
        (Op::App(AppOp::Delete(DeleteApp { app_id, .. })), Object::App(app)) => *app_id == app.app_id,
        _ => false,
    }
}
