//! Whether the changes of a plan, which a person reads, are those of its steps, which are executed.
use super::{Action, Change, FieldChange, FieldValue, Mode, Plan, Step, Summary};
use crate::op::RecordOp;
use crate::{
    AccountId, Address, AppOp, CreateRole, DeleteEventStream, EventStreamOp, Fact, Kind, Op, Region, RoleOp, Tags,
    ownership,
};
use std::collections::{BTreeMap, BTreeSet};

/// The first difference between the changes and the steps of a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewMismatch {
    #[error("the summary does not count the changes")]
    Summary,
    #[error("{0} has two changes")]
    Twice(Address),
    #[error("step {0} is missing or out of order")]
    Order(usize),
    #[error("a drift report has steps")]
    Drift,
    #[error("its steps change {0}, which is not among the changes")]
    Hidden(Address),
    #[error("no step makes the change of {0}")]
    Idle(Address),
    #[error("the steps of {0} are not those of a {kind}", kind = name(.1))]
    Action(Address, Action),
    #[error("{0} is in another place than the resource that its steps change")]
    Place(Address),
    #[error("{path} of {address} is not what its steps write")]
    Field { address: Address, path: String },
}

/// As in the JSON.
fn name(action: &Action) -> String {
    serde_json::to_value(action).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Plan {
    /// Compares what a person reads with what is executed. Values from before, reasons, notes, warnings and the number of
    /// unchanged resources do not follow from the steps; the digest covers them.
    pub fn check_view(&self) -> Result<(), ViewMismatch> {
        let mut changes = BTreeMap::new();
        let mut summary = Summary { keep: self.summary.keep, ..Summary::default() };
        for change in &self.changes {
            if changes.insert(&change.address, change).is_some() {
                return Err(ViewMismatch::Twice(change.address.clone()));
            }
            summary.count(change.action);
        }
        if summary != self.summary {
            return Err(ViewMismatch::Summary);
        }
        for (step, nth) in self.steps.iter().zip(1..) {
            if step.id.0 as usize != nth || step.after.iter().any(|after| *after >= step.id) {
                return Err(ViewMismatch::Order(nth));
            }
        }
        if self.mode == Mode::Drift {
            return if self.steps.is_empty() { Ok(()) } else { Err(ViewMismatch::Drift) };
        }
        let mut effects: BTreeMap<&Address, Effects> = BTreeMap::new();
        for step in &self.steps {
            let address =
                self.shown_at(step, &changes).ok_or_else(|| ViewMismatch::Hidden(step.address.clone()))?;
            effects.entry(address).or_default().add(step, address, self.format_version);
        }
        for change in self.changes.iter() {
            let effects =
                effects.get(&change.address).ok_or_else(|| ViewMismatch::Idle(change.address.clone()))?;
            effects.check(change)?;
        }
        Ok(())
    }

    /// The address of the change that shows a step: its own, or that of the role that replaces the step's.
    fn shown_at<'a>(&'a self, step: &'a Step, changes: &BTreeMap<&Address, &Change>) -> Option<&'a Address> {
        if changes.contains_key(&step.address) {
            return Some(&step.address);
        }
        let Address::Undeclared(role) = &step.address else { return None };
        let policies = written(step, self.format_version);
        let is_policy_of = |change: &Change| {
            let is_it = |policy: &Written| {
                change.fields.iter().any(|field| (&field.path, &field.after) == (&policy.path, &policy.after))
            };
            matches!(step.op, Op::Role(RoleOp::PutPolicy { .. })) && policies.iter().all(is_it)
        };
        let shows = |change: &&Change| match change.action {
            Action::Replace => change
                .notes
                .iter()
                .any(|note| matches!(&note.fact, Fact::OldRoleDeleted { role: old } if old.in_account() == *role)),
            // Policies that the manifest does not declare come back with the role that it declares.
            Action::Create => self.mode == Mode::Restore && change.kind == Kind::Role && is_policy_of(change),
            _ => false,
        };
        self.changes.iter().find(shows).map(|change| &change.address)
    }
}

/// What the steps shown by one change do.
#[derive(Debug, Default)]
struct Effects {
    creates: bool,
    puts: bool,
    deletes: bool,
    writes_record: bool,
    forgets: bool,
    writes_owner: bool,
    is_other: bool,
    /// The last value of each field that is written. None: it is removed.
    after: BTreeMap<String, Option<FieldValue>>,
    /// Of what is deleted.
    before: BTreeMap<&'static str, FieldValue>,
    /// Fields that are written and must be among those of the change.
    shown: BTreeSet<String>,
    /// Fields of a new event stream, which one that changes need not show.
    made: BTreeSet<String>,
    /// Policies and tags that are removed, which a replacement does not show.
    removed: BTreeSet<String>,
    places: BTreeSet<(AccountId, Option<Region>)>,
    roles: BTreeSet<Address>,
}

impl Effects {
    fn add(&mut self, step: &Step, address: &Address, format: u32) {
        let op = &step.op;
        let mut region = None;
        match op {
            Op::App(op) => {
                region = Some(op.region().clone());
                match op {
                    AppOp::Create(_) => self.creates = true,
                    AppOp::Delete(_) => self.deletes = true,
                    AppOp::Tag { owner, .. } => {
                        self.is_other = true;
                        self.writes_owner |= owner.is_some();
                    }
                    AppOp::Untag { .. } => self.is_other = true,
                }
            }
            Op::EventStream(op) => {
                region = Some(op.region().clone());
                match op {
                    EventStreamOp::Put(_) => self.puts = true,
                    EventStreamOp::Delete(DeleteEventStream { destination, role_arn, .. }) => {
                        self.deletes = true;
                        self.before.extend([
                            ("destination", FieldValue::of(destination)),
                            ("role_arn", FieldValue::of(role_arn)),
                        ]);
                    }
                }
            }
            Op::Role(op) => {
                self.roles.insert(Address::Undeclared(op.role().in_account()));
                match op {
                    RoleOp::Create(CreateRole { owner, .. }) => {
                        self.creates = true;
                        self.writes_owner |= owner.is_some();
                    }
                    RoleOp::Delete { role, role_id: _ } => {
                        self.deletes = true;
                        self.before.insert("name", FieldValue::of(&role.name));
                    }
                    RoleOp::Tag { owner, .. } => {
                        self.is_other = true;
                        self.writes_owner |= owner.is_some();
                    }
                    _ => self.is_other = true,
                }
            }
            Op::Record(op) => match op {
                RecordOp::Write { .. } => self.writes_record = true,
                RecordOp::Forget {} => self.forgets = true,
                RecordOp::Move { .. } | RecordOp::SetProtect { .. } => self.is_other = true,
            },
        }
        if let Some(account) = op.account() {
            self.places.insert((account.clone(), region));
        }
        if address != &step.address && !matches!(op, Op::Role(RoleOp::PutPolicy { .. })) {
            return;
        }
        for Written { path, after, is_shown } in written(step, format) {
            if after.is_none() && is_shown {
                self.removed.insert(path.clone());
            } else if is_shown {
                self.shown.insert(path.clone());
            } else if matches!(op, Op::EventStream(_)) && format >= 3 {
                self.made.insert(path.clone());
            }
            self.after.insert(path, after);
        }
    }

    fn check(&self, change: &Change) -> Result<(), ViewMismatch> {
        let Change { address, kind: _, account, region, action, reason: _, fields, notes: _ } = change;
        let makes = self.creates || self.puts;
        let is_action = match action {
            Action::Create => (makes || self.writes_record || self.is_other) && !self.deletes,
            Action::Update => !self.creates && !self.deletes,
            Action::Replace => makes || self.writes_record,
            Action::Delete => self.deletes && !makes,
            Action::Adopt => self.writes_record && !self.creates && !self.deletes,
            Action::Forget => self.forgets && !makes && !self.deletes,
            Action::Quarantine | Action::Release => self.is_other && !makes && !self.deletes,
            Action::Keep => false,
        };
        if !is_action {
            return Err(ViewMismatch::Action(address.clone(), *action));
        }
        let is_replaced = *action == Action::Replace;
        let is_here = |(at, within): &(AccountId, Option<Region>)| {
            at == account && within.as_ref().is_none_or(|within| Some(within) == region.as_ref())
        };
        let is_other_role = |role: &Address| matches!(address, Address::Undeclared(_)) && role != address;
        if !is_replaced && (!self.places.iter().all(is_here) || self.roles.iter().any(is_other_role)) {
            return Err(ViewMismatch::Place(address.clone()));
        }
        self.check_fields(change, fields)
    }

    fn check_fields(
        &self,
        Change { address, action, .. }: &Change,
        fields: &[FieldChange],
    ) -> Result<(), ViewMismatch> {
        let mismatch = |path: &str| Err(ViewMismatch::Field { address: address.clone(), path: path.to_owned() });
        for FieldChange { path, before, after, effect: _ } in fields {
            let is_owner_tag = path.strip_prefix("tags.").is_some_and(|key| key.starts_with(ownership::PREFIX));
            let is_written = match self.after.get(path) {
                Some(written) => after == written,
                None if is_owner_tag => self.writes_owner,
                None if matches!(action, Action::Delete | Action::Forget)
                    && !path.starts_with("inline_policies.") =>
                {
                    after.is_none()
                        && self.before.get(path.as_str()).is_none_or(|deleted| before.as_ref() == Some(deleted))
                }
                None => !is_written_by_steps(path),
            };
            if !is_written {
                return mismatch(path);
            }
        }
        let is_shown = |path: &&String| fields.iter().any(|field| field.path == **path);
        let removals = match action {
            Action::Update | Action::Adopt | Action::Release | Action::Delete => Some(&self.removed),
            _ => None,
        };
        let made = (*action == Action::Create).then_some(&self.made);
        let all = self.shown.iter().chain(removals.into_iter().flatten()).chain(made.into_iter().flatten());
        match all.into_iter().find(|path| !is_shown(path)) {
            Some(path) => mismatch(path),
            None => Ok(()),
        }
    }
}

/// Whether only a step can change this field. The others say where a resource is.
fn is_written_by_steps(path: &str) -> bool {
    !matches!(path, "app_id" | "region" | "account")
}

/// A field that a step writes.
struct Written {
    path: String,
    /// None: it is removed.
    after: Option<FieldValue>,
    /// Whether the change shows it in any case.
    is_shown: bool,
}

/// Before format 3, a change showed some fields of what it creates.
fn written(step: &Step, format: u32) -> Vec<Written> {
    let shown = |path: String, after| Written { path, after, is_shown: true };
    let maybe = |path: &str, after| Written { path: path.to_owned(), after, is_shown: false };
    // Tags of ownership and of a quarantine that are there already are not shown.
    let declared = |key: &String| !key.starts_with(ownership::PREFIX);
    let tags = |tags: &Tags, is_shown: bool| -> Vec<Written> {
        let tag = |(key, text): (&String, &String)| Written {
            path: format!("tags.{key}"),
            after: Some(FieldValue::of(text)),
            is_shown: is_shown && declared(key),
        };
        tags.iter().map(tag).collect()
    };
    let untag = |keys: &BTreeSet<String>| -> Vec<Written> {
        let tag = |key: &String| Written { path: format!("tags.{key}"), after: None, is_shown: declared(key) };
        keys.iter().map(tag).collect()
    };
    let made = |fields: Vec<FieldChange>, is_shown: fn(&str) -> bool| -> Vec<Written> {
        let field = |FieldChange { path, after, .. }: FieldChange| {
            let is_shown = is_shown(&path);
            Written { path, after, is_shown }
        };
        fields.into_iter().map(field).collect()
    };
    match &step.op {
        Op::App(AppOp::Tag { tags: set, .. }) => tags(set, true),
        Op::App(AppOp::Untag { tag_keys, .. }) | Op::Role(RoleOp::Untag { tag_keys, .. }) => untag(tag_keys),
        Op::App(AppOp::Create(create)) if format >= 3 => made(create.fields(), |_| true),
        Op::App(AppOp::Create(_) | AppOp::Delete(_)) => Vec::new(),
        Op::EventStream(EventStreamOp::Put(put)) => made(put.fields(), |_| false),
        Op::EventStream(EventStreamOp::Delete(_)) => Vec::new(),
        Op::Record(RecordOp::SetProtect { protect }) => {
            vec![shown("protect".to_owned(), Some(FieldValue::of(protect)))]
        }
        Op::Record(RecordOp::Move { .. }) => {
            vec![maybe("address", Some(FieldValue::of(&step.address.to_string())))]
        }
        Op::Record(RecordOp::Write { .. } | RecordOp::Forget {}) => Vec::new(),
        Op::Role(op) => match op {
            RoleOp::Create(create) if format >= 3 => made(create.fields(), |_| true),
            RoleOp::Create(create) => made(create.fields(), |path| matches!(path, "name" | "trust_policy")),
            RoleOp::UpdateTrustPolicy { trust_policy, .. } => {
                vec![shown("trust_policy".to_owned(), Some(FieldValue::of(trust_policy)))]
            }
            RoleOp::PutPolicy { policy_name, document, .. } => {
                vec![shown(format!("inline_policies.{policy_name}"), Some(FieldValue::of(document)))]
            }
            RoleOp::DeletePolicy { policy_name, .. } => {
                vec![shown(format!("inline_policies.{policy_name}"), None)]
            }
            RoleOp::Update { description, max_session_duration, .. } => vec![
                maybe("description", Some(FieldValue::of(description))),
                maybe("max_session_duration", Some(FieldValue::of(max_session_duration))),
            ],
            RoleOp::PutBoundary { permissions_boundary, .. } => {
                vec![shown("permissions_boundary".to_owned(), Some(FieldValue::of(permissions_boundary)))]
            }
            RoleOp::DeleteBoundary { .. } => vec![shown("permissions_boundary".to_owned(), None)],
            // The tags of a quarantine that are there already are not shown.
            RoleOp::Tag { tags: set, .. } => tags(set, true),
            RoleOp::AttachPolicy { policy, .. } => {
                vec![shown(format!("attached_policies.{policy}"), Some(FieldValue::of(&true)))]
            }
            RoleOp::AddToProfile { instance_profile, .. } => {
                vec![shown(format!("instance_profiles.{instance_profile}"), Some(FieldValue::of(&true)))]
            }
            RoleOp::DetachPolicy { .. } | RoleOp::RemoveFromProfile { .. } | RoleOp::Delete { .. } => Vec::new(),
            RoleOp::Untag { .. } => Vec::new(),
        },
    }
}
