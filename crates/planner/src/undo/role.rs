//! How a role goes back: to its former documents, tags and settings, or away if the run created it.
use super::event_stream::changed_since;
use super::reversed::Reversed;
use crate::change::{change, refuse_owned_elsewhere, refuse_protected};
use crate::context::Context;
use crate::differences::{ComparedPolicy, Differences, Field, known, ownership_keys};
use crate::draft::{Draft, Handle};
use crate::restore::{Ready, not_restored};
use crate::role::{Deletion, delete_steps, deleted_fields};
use crate::usage::Usage;
use pinpoint_streams_model::plan::{FieldChange, FieldValue};
use pinpoint_streams_model::policy::{same_meaning, union};
use pinpoint_streams_model::sweep::is_quarantine;
use pinpoint_streams_model::{
    Action, Address, Change, Direction, Document, LiveRole, PolicyName, Problem, Reason, RecordOp, Resolved,
    RoleArn, RoleOp, Tags,
};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

type RolePlanned = RoleOp<pinpoint_streams_model::Planned>;

/// What a role loses once the event streams have moved back.
pub(super) struct Contract {
    address: Address,
    role: RoleArn,
    after: Vec<Handle>,
    ops: Vec<RolePlanned>,
    /// Whether it is then no longer managed.
    is_forgotten: bool,
}

impl Contract {
    pub(super) fn step(self, draft: &mut Draft, usage: &Usage<'_>) {
        let Contract { address, role, mut after, ops, is_forgotten } = self;
        after.extend(usage.leaving_steps(&role));
        for op in ops {
            after.push(draft.step(&address, after.clone(), op));
        }
        if is_forgotten {
            draft.step(&address, after, RecordOp::Forget {});
        }
    }
}

/// Plans the former values of a role that the run changed, adopted or quarantined. `moves`: whether event
/// streams move too, so that nothing is taken off before that.
pub(super) fn revert(
    context: &Context<'_>,
    draft: &mut Draft,
    address: &Address,
    reversed: &Reversed<'_>,
    moves: bool,
    ready: &mut Ready,
) -> Result<Option<Contract>, Vec<Problem>> {
    let ops = reversed.role_ops();
    let Some(role) = ops.first().map(|op| op.role()) else { return Ok(None) };
    // What the run stopped managing is not this workspace's to change.
    let is_elsewhere = |op: &&RoleOp<Resolved>| matches!(op, RoleOp::Create(_) | RoleOp::Delete { .. });
    if ops.iter().any(is_elsewhere) || reversed.is_forgotten() {
        return Ok(None);
    }
    let Some(change) = reversed.change else { return Ok(None) };
    // Only a sweep finds out whether anything uses the role by now.
    if change.action == Action::Release {
        let message = "the run released it from quarantine, which undo does not reverse: a sweep quarantines it again if \
                       nothing uses it";
        draft.warn(address, not_restored(message));
        return Ok(None);
    }
    let Some(live) = context.role(address, &role.in_account())? else {
        draft.warn(address, not_restored("the role does not exist any more"));
        return Ok(None);
    };
    refuse_owned_elsewhere(context, address, &live.tags)?;
    let record = context.resource(address).and_then(|resource| resource.object.as_role());
    let former = Former::of(live, change);
    if record.is_some_and(|record| record.id != live.id) || !is_as_left(live, &ops, &former) {
        return Err(vec![changed_since(address, "the role")]);
    }
    let is_adopted = reversed.is_adopted();
    let mut steps = RevertSteps { draft, address, role: &live.arn, moves, now: Vec::new(), late: Vec::new() };
    let fields = steps.plan(live, &former, reversed.was_unowned());
    let RevertSteps { now, late, .. } = steps;
    let (action, reason) = match (is_adopted, change.action) {
        (true, _) => (Action::Forget, Reason::Restored),
        (false, Action::Quarantine) => (Action::Release, Reason::Released),
        (false, _) => (Action::Update, Reason::Restored),
    };
    // An undo that was cut short has forgotten it already.
    if fields.is_empty() && !(is_adopted && record.is_some()) {
        draft.keep += 1;
        return Ok(None);
    }
    ready.entry(live.arn.clone()).or_default().extend(now.iter().copied());
    draft.change(Change::new(address.clone(), (&live.arn.account, None), action, reason).with(fields));
    Ok(Some(Contract {
        address: address.clone(),
        role: live.arn.clone(),
        after: now,
        ops: late,
        is_forgotten: is_adopted,
    }))
}

/// Whether what is there is what the run wrote; or, if an undo of it was cut short, what was there before, or both.
fn is_as_left(live: &LiveRole, ops: &[&RoleOp<Resolved>], former: &Former) -> bool {
    let mut policies: BTreeMap<&PolicyName, Option<&Document>> = BTreeMap::new();
    let mut tags: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let (mut trust, mut settings, mut boundary) = (None, None, None);
    for op in ops {
        match op {
            RoleOp::UpdateTrustPolicy { role: _, trust_policy } => trust = Some(trust_policy),
            RoleOp::PutPolicy { role: _, policy_name, document } => {
                policies.insert(policy_name, Some(document));
            }
            RoleOp::DeletePolicy { role: _, policy_name } => {
                policies.insert(policy_name, None);
            }
            RoleOp::Update { role: _, description, max_session_duration } => {
                settings = Some((description, max_session_duration));
            }
            RoleOp::PutBoundary { role: _, permissions_boundary } => boundary = Some(Some(permissions_boundary)),
            RoleOp::DeleteBoundary { role: _ } => boundary = Some(None),
            // Ownership tags follow later moves.
            RoleOp::Tag { role: _, tags: set, owner: _ } => {
                tags.extend(set.iter().map(|(key, value)| (key.as_str(), Some(value.as_str()))));
            }
            RoleOp::Untag { role: _, tag_keys } => tags.extend(tag_keys.iter().map(|key| (key.as_str(), None))),
            RoleOp::Create(_)
            | RoleOp::Delete { .. }
            | RoleOp::AttachPolicy { .. }
            | RoleOp::DetachPolicy { .. }
            | RoleOp::AddToProfile { .. }
            | RoleOp::RemoveFromProfile { .. } => {}
        }
    }
    let is_document = |live: &Document, left: &Document, before: &Document| {
        same_meaning(live, left) || same_meaning(live, before) || same_meaning(live, &union(left, before))
    };
    let is_policy = |(name, left): (&PolicyName, Option<&Document>)| {
        let before = former.inline_policies.get(name).and_then(Option::as_ref);
        match live.inline_policies.get(name) {
            None => left.is_none() || before.is_none(),
            Some(live) => match (left, before) {
                (Some(left), Some(before)) => is_document(live, left, before),
                (Some(one), None) | (None, Some(one)) => same_meaning(live, one),
                (None, None) => false,
            },
        }
    };
    let is_tag = |(key, left): (&str, Option<&str>)| {
        let live = live.tags.get(key).map(String::as_str);
        live == left || live == former.tags.get(key).map(String::as_str)
    };
    let (description, session) = (&former.description, &former.max_session_duration);
    let now = (&live.description, &live.max_session_duration);
    let boundary_now = live.permissions_boundary.as_ref();
    trust.is_none_or(|left| is_document(&live.trust_policy, left, &former.trust_policy))
        && policies.into_iter().all(is_policy)
        && settings.is_none_or(|left| left == now || now == (description, session))
        && boundary.is_none_or(|left| left == boundary_now || boundary_now == former.permissions_boundary.as_ref())
        && tags.into_iter().all(is_tag)
}

/// Whether a role that the run created is as it left it. An undo that was cut short may have taken its policies off.
fn is_as_created(live: &LiveRole, ops: &[&RoleOp<Resolved>]) -> bool {
    let mut policies: BTreeMap<&PolicyName, &Document> = BTreeMap::new();
    let mut trust = &live.trust_policy;
    let mut is_same = true;
    for op in ops {
        match op {
            RoleOp::Create(create) => {
                trust = &create.trust_policy;
                is_same = live.description == create.description
                    && live.max_session_duration == create.max_session_duration
                    && live.permissions_boundary == create.permissions_boundary
                    && create.tags.iter().all(|(key, value)| live.tags.get(key) == Some(value));
            }
            RoleOp::UpdateTrustPolicy { role: _, trust_policy } => trust = trust_policy,
            RoleOp::PutPolicy { role: _, policy_name, document } => drop(policies.insert(policy_name, document)),
            RoleOp::DeletePolicy { role: _, policy_name } => drop(policies.remove(policy_name)),
            _ => {}
        }
    }
    let is_policy = |(name, left): (&&PolicyName, &&Document)| {
        live.inline_policies.get(*name).is_none_or(|live| same_meaning(live, left))
    };
    is_same && same_meaning(&live.trust_policy, trust) && policies.iter().all(is_policy)
}

/// A role before the run: as it is, but for the fields that the run changed.
struct Former {
    trust_policy: Document,
    inline_policies: BTreeMap<PolicyName, Option<Document>>,
    description: String,
    max_session_duration: u32,
    permissions_boundary: Option<pinpoint_streams_model::PolicyArn>,
    tags: Tags,
}

impl Former {
    fn of(live: &LiveRole, change: &Change) -> Former {
        let mut former = Former {
            trust_policy: live.trust_policy.clone(),
            inline_policies: BTreeMap::new(),
            description: live.description.clone(),
            max_session_duration: live.max_session_duration,
            permissions_boundary: live.permissions_boundary.clone(),
            tags: live.tags.clone(),
        };
        for FieldChange { path, before, after: _, effect: _ } in &change.fields {
            former.set(path, before.as_ref());
        }
        former
    }

    fn set(&mut self, path: &str, before: Option<&FieldValue>) {
        if let Some(name) = path.strip_prefix("inline_policies.").and_then(|name| name.parse().ok()) {
            self.inline_policies.insert(name, before.and_then(read));
        } else if let Some(key) = path.strip_prefix("tags.") {
            match before.and_then(read) {
                Some(value) => drop(self.tags.insert(key.to_owned(), value)),
                None => drop(self.tags.remove(key)),
            }
        }
        match path {
            "trust_policy" => {
                self.trust_policy = before.and_then(read).unwrap_or_else(|| self.trust_policy.clone())
            }
            "description" => self.description = before.and_then(read).unwrap_or_default(),
            "max_session_duration" => {
                self.max_session_duration = before.and_then(read).unwrap_or(self.max_session_duration);
            }
            "permissions_boundary" => self.permissions_boundary = before.and_then(read),
            _ => {}
        }
    }
}

fn read<T: DeserializeOwned>(value: &FieldValue) -> Option<T> {
    serde_json::from_value(value.json()).ok()
}

struct RevertSteps<'a, 'd> {
    draft: &'d mut Draft,
    address: &'a Address,
    role: &'a RoleArn,
    moves: bool,
    now: Vec<Handle>,
    late: Vec<RolePlanned>,
}

impl RevertSteps<'_, '_> {
    fn step(&mut self, op: RolePlanned) {
        let after = self.now.last().copied();
        self.now.push(self.draft.step(self.address, after, op));
    }

    /// Adds the steps; the fields that they change.
    fn plan(&mut self, live: &LiveRole, former: &Former, was_unowned: bool) -> Vec<FieldChange> {
        let Former {
            trust_policy,
            inline_policies,
            description,
            max_session_duration,
            permissions_boundary,
            tags,
        } = former;
        let mut fields = Differences::default();
        let role = self.role.clone();
        let is_changed = fields.compare_policies(Field {
            path: "trust_policy",
            live: Some(ComparedPolicy::Known(&live.trust_policy)),
            wanted: Some(ComparedPolicy::Known(trust_policy)),
            recorded: None,
        });
        if is_changed {
            let update = |document: &Document| RoleOp::UpdateTrustPolicy {
                role: role.clone(),
                trust_policy: known(document),
            };
            self.replace(&live.trust_policy, trust_policy, update);
        }
        for (policy_name, document) in inline_policies {
            let there = live.inline_policies.get(policy_name);
            let is_changed = fields.compare_policies(Field {
                path: &format!("inline_policies.{policy_name}"),
                live: there.map(ComparedPolicy::Known),
                wanted: document.as_ref().map(ComparedPolicy::Known),
                recorded: None,
            });
            if !is_changed {
                continue;
            }
            let put = |document: &Document| RoleOp::PutPolicy {
                role: role.clone(),
                policy_name: policy_name.clone(),
                document: document.clone(),
            };
            let delete = || RoleOp::DeletePolicy { role: role.clone(), policy_name: policy_name.clone() };
            match (there, document) {
                (Some(there), Some(document)) => self.replace(there, document, put),
                (None, Some(document)) => self.step(put(document)),
                (Some(_), None) if self.moves => self.late.push(delete()),
                (_, None) => self.step(delete()),
            }
        }
        let same = fields.compare(Field {
            path: "description",
            live: Some(&live.description),
            wanted: Some(description),
            recorded: None,
        });
        let session = fields.compare(Field {
            path: "max_session_duration",
            live: Some(live.max_session_duration),
            wanted: Some(*max_session_duration),
            recorded: None,
        });
        if same || session {
            let (description, max_session_duration) = (description.clone(), *max_session_duration);
            self.step(RoleOp::Update { role: role.clone(), description, max_session_duration });
        }
        let is_changed = fields.compare(Field {
            path: "permissions_boundary",
            live: live.permissions_boundary.as_ref(),
            wanted: permissions_boundary.as_ref(),
            recorded: None,
        });
        if is_changed {
            self.step(match permissions_boundary.clone() {
                Some(permissions_boundary) => RoleOp::PutBoundary { role: role.clone(), permissions_boundary },
                None => RoleOp::DeleteBoundary { role: role.clone() },
            });
        }
        self.tags(live, tags, was_unowned, &mut fields);
        in_former_direction(fields)
    }

    /// Writes both documents while event streams move, and the former one after that.
    fn replace(&mut self, live: &Document, former: &Document, op: impl Fn(&Document) -> RolePlanned) {
        if !self.moves {
            self.step(op(former));
            return;
        }
        let both = union(live, former);
        if same_meaning(&both, former) {
            self.step(op(former));
            return;
        }
        if !same_meaning(&both, live) {
            self.step(op(&both));
        }
        self.late.push(op(former));
    }

    fn tags(&mut self, live: &LiveRole, former: &Tags, was_unowned: bool, fields: &mut Differences) {
        let ours = if was_unowned { ownership_keys(&live.tags) } else { BTreeSet::new() };
        let wanted = |key: &str| former.get(key).filter(|_| !ours.contains(key));
        let keys: BTreeSet<&String> = live.tags.keys().chain(former.keys()).collect();
        let (mut set, mut unset) = (Tags::default(), BTreeSet::new());
        for key in keys {
            let (live, wanted) = (live.tags.get(key), wanted(key));
            let path = format!("tags.{key}");
            if fields.compare(Field { path: &path, live, wanted, recorded: None }) {
                match wanted {
                    Some(value) => drop(set.insert(key.clone(), value.clone())),
                    None => drop(unset.insert(key.clone())),
                }
            }
        }
        let role = self.role.clone();
        if !set.is_empty() {
            self.step(RoleOp::Tag { role: role.clone(), tags: set, owner: None });
        }
        if !unset.is_empty() {
            // Without them nothing says any more whose it is: they go last.
            let untag = RoleOp::Untag { role, tag_keys: unset };
            if was_unowned { self.late.push(untag) } else { self.step(untag) }
        }
    }
}

/// A policy that denies everything widens when it goes, and narrows when it comes.
fn in_former_direction(fields: Differences) -> Vec<FieldChange> {
    let denies = |path: &str| path.strip_prefix("inline_policies.").is_some_and(is_quarantine);
    let fields = fields.fields.into_iter();
    let turned = |field: FieldChange| {
        let (comes, goes) = (field.before.is_none(), field.after.is_none());
        let effect = match denies(&field.path) {
            true if goes => Some(Direction::Widens),
            true if comes => Some(Direction::Narrows),
            _ => field.effect,
        };
        FieldChange { effect, ..field }
    };
    fields.map(turned).collect()
}

/// Deletes a role that the run created, if nothing uses it any more.
pub(super) fn delete(
    context: &Context<'_>,
    draft: &mut Draft,
    address: &Address,
    reversed: &Reversed<'_>,
    usage: &Usage<'_>,
) -> Result<Option<Handle>, Vec<Problem>> {
    let Some((arn, id)) = reversed.created_role() else { return Ok(None) };
    let is_former = |op: &RoleOp<Resolved>| matches!(op, RoleOp::Delete { role, .. } if role == arn);
    if reversed.role_ops().into_iter().any(is_former) {
        draft.warn(address, not_restored("the run recreated the role under the same name; it keeps its new ID"));
        return Ok(None);
    }
    let Some(live) = context.role(address, &arn.in_account())? else {
        draft.warn(address, not_restored("the role does not exist any more"));
        return Ok(None);
    };
    // Where it replaced another role, it is set aside for that.
    let aside = Address::Undeclared(arn.in_account());
    let address = if context.resource(&aside).is_some() { &aside } else { address };
    let Some(resource) = context.resource(address) else {
        draft.warn(address, not_restored("the state does not record it, so it is left alone"));
        return Ok(None);
    };
    let record = resource.object.as_role().filter(|record| record.id == *id && live.id == *id);
    let Some(record) = record.filter(|_| is_as_created(live, &reversed.role_ops())) else {
        return Err(vec![changed_since(address, "the role")]);
    };
    refuse_protected(address, resource, "deleted")?;
    let deletion = Deletion { context, address, record, live, comes_back: false };
    let mut problems = deletion.refuse_foreign().err().unwrap_or_default();
    problems.extend(deletion.refuse_unowned().err());
    problems.extend(deletion.refuse_unless_free(usage).err().unwrap_or_default());
    if !problems.is_empty() {
        return Err(problems);
    }
    let fields = deleted_fields(live).fields;
    draft.change(change(address, resource, Action::Delete, Reason::DestroyAsked, fields));
    Ok(Some(delete_steps(draft, address, live, &usage.leaving_steps(&live.arn))))
}
