//! Each write as it arrives: it was written down before it was made, it comes after what it rests on and not before
//! what rests on it, what it takes away was archived, and it is about something that may be touched.
use crate::cloud::FakeCloud;
use crate::holds;
use crate::memory::Memory;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_model::op::{AppOp, EventStreamOp, Op, Resolved, RoleOp};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::policy::Decision;
use pinpoint_streams_model::recorded::{Object, Recorded, Resource};
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_model::sweep::QUARANTINE_POLICY;
use pinpoint_streams_store::archive::Object as Kept;
use pinpoint_streams_store::journal::Record;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

struct Run {
    id: RunId,
    before: Recorded,
    include_adopted: bool,
    /// The roles that it deletes.
    deletes: BTreeSet<RoleArn>,
    journal: Reading,
}

/// The journal, as far as it was read.
#[derive(Debug, Default)]
struct Reading {
    read: usize,
    begun: BTreeMap<u64, Op<Resolved>>,
}

/// Looks at every write of a run that goes by this record and carries out this plan, until the cloud is unwatched.
pub(crate) fn watch(cloud: &FakeCloud, memory: &Memory, id: &RunId, before: &Recorded, plan: &Plan) {
    let deletes = plan.steps.iter().filter_map(|step| match &step.op {
        Op::Role(RoleOp::Delete { role, .. }) => Some(role.clone()),
        _ => None,
    });
    let run = Mutex::new(Run {
        id: id.clone(),
        before: before.clone(),
        include_adopted: plan.options.include_adopted,
        deletes: deletes.collect(),
        journal: Reading::default(),
    });
    let (seen, memory) = (cloud.clone(), memory.clone());
    cloud.watch_writes(move |op| {
        let mut run = run.lock().unwrap_or_else(PoisonError::into_inner);
        Look { op, run: &mut run, cloud: &seen, memory: &memory }.look();
    });
}

/// One write, and what it is held against.
struct Look<'a> {
    op: &'a Op<Resolved>,
    run: &'a mut Run,
    cloud: &'a FakeCloud,
    memory: &'a Memory,
}

impl Look<'_> {
    fn look(&mut self) {
        self.was_begun();
        self.rests_on_what_is_there();
        self.is_archived();
        self.is_not_protected();
    }

    /// On disk stands that this very call begins, and not yet what became of it.
    fn was_begun(&mut self) {
        let bytes = self.memory.journal.bytes().unwrap_or_default();
        let Reading { read, begun } = &mut self.run.journal;
        for line in bytes[*read..].split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            let is_header = std::mem::replace(read, *read + line.len()) == 0;
            if is_header {
                continue;
            }
            match serde_json::from_slice(line).unwrap_or_else(|error| panic!("a line of the journal: {error}")) {
                Record::Begin(begin) => drop(begun.insert(begin.seq, *begin.op)),
                Record::End(end) => drop(begun.remove(&end.begin)),
                Record::Archived(_) => {}
            }
        }
        assert!(
            begun.values().any(|op| op == self.op),
            "a write that the journal does not know of: {:?}",
            self.op
        );
    }

    /// What it needs is there, and nothing needs what it takes away.
    fn rests_on_what_is_there(&self) {
        match self.op {
            Op::EventStream(EventStreamOp::Put(put)) => {
                let role = self.cloud.role_now(&put.role_arn);
                let is_ready = role.is_some_and(|role| !role.inline_policies.is_empty());
                assert!(is_ready, "an event stream before its role: {put:?}");
            }
            Op::Role(RoleOp::Delete { role, role_id: _ }) => {
                let Some(role) = self.cloud.role_now(role) else { return };
                let streams = self.cloud.event_streams_now();
                let named = streams.iter().filter(|(_, stream)| stream.role_arn == role.arn.to_string());
                // Whom a role that was made anew under an old name does not admit does not use it.
                let user = named.clone().find(|(app, _)| {
                    let (kind, account) = (RoleKind::for_event_streams(), app.account.as_str());
                    let admission = kind.admits(&role.trust_policy, &app.to_string(), account);
                    admission != Decision::NotAllowed || self.is_recorded(app)
                });
                assert!(user.is_none(), "{} goes while {user:?} uses it", role.arn);
            }
            Op::App(AppOp::Create(create)) => {
                let tags = create.owner.tags();
                let apps = self.cloud.apps_now();
                let bears = |app: &Option<_>| app.as_ref().is_some_and(|found| holds(found, &tags));
                let twin = apps.iter().find(|(_, app)| bears(&app.tags));
                assert!(twin.is_none(), "{create:?} is made twice: {twin:?}");
            }
            _ => {}
        }
    }

    fn is_recorded(&self, app: &AppArn) -> bool {
        let mut objects = self.run.before.resources.values().map(|resource| &resource.object);
        objects.any(|object| matches!(object, Object::EventStream(stream) if stream.app_id == app.id))
    }

    /// What goes, or is quarantined, is kept first.
    fn is_archived(&self) {
        let role = match self.op {
            Op::Role(RoleOp::Delete { role, .. }) => Some(role),
            Op::Role(
                RoleOp::DeletePolicy { role, .. }
                | RoleOp::DetachPolicy { role, .. }
                | RoleOp::RemoveFromProfile { role, .. },
            ) => Some(role).filter(|role| self.run.deletes.contains(role)),
            Op::Role(RoleOp::PutPolicy { role, policy_name, .. }) if policy_name.as_str() == QUARANTINE_POLICY => {
                Some(role)
            }
            _ => None,
        };
        let is_kept = |is_it: &dyn Fn(&Kept) -> bool| {
            let entries = self.memory.archive.entries();
            entries.iter().any(|entry| entry.run == self.run.id && is_it(&entry.object))
        };
        if let Some(arn) = role {
            let id = self.cloud.role_now(arn).map(|live| live.id);
            let is_it = |kept: &Kept| matches!(kept, Kept::Role(role) if role.arn == *arn && id.as_ref().is_none_or(|id| role.id == *id));
            assert!(is_kept(&is_it), "not archived before {:?}", self.op);
        }
        if let Op::EventStream(EventStreamOp::Delete(delete)) = self.op {
            let is_it = |kept: &Kept| matches!(kept, Kept::EventStream(stream) if stream.app_id == delete.app_id);
            assert!(is_kept(&is_it), "not archived before {delete:?}");
        }
        if let Op::App(AppOp::Delete(delete)) = self.op {
            let is_it = |kept: &Kept| matches!(kept, Kept::App(app) if app.app_id == delete.app_id);
            assert!(is_kept(&is_it), "not archived before {delete:?}");
        }
    }

    /// What is protected stays, and what was there before us, unless that was asked for.
    fn is_not_protected(&self) {
        let goes = |object: &Object| match (self.op, object) {
            (Op::Role(RoleOp::Delete { role_id, .. }), Object::Role(role)) => role.id == *role_id,
            (Op::App(AppOp::Delete(delete)), Object::App(app)) => app.id == delete.app_id,
            (Op::EventStream(EventStreamOp::Delete(delete)), Object::EventStream(stream)) => {
                stream.app_id == delete.app_id
            }
            _ => false,
        };
        for (address, Resource { origin, protect, object, .. }) in &self.run.before.resources {
            if goes(object) {
                assert!(!protect, "{address} is protected, and goes: {:?}", self.op);
                let may_go = *origin == Origin::Created || self.run.include_adopted;
                assert!(may_go, "{address} was adopted, and goes: {:?}", self.op);
            }
        }
    }
}
