//! How each operation changes the record.
use super::{Quarantined, Recorded};
use crate::live::InlinePolicies;
use crate::op::{Output, with_ownership};
use crate::sweep::{QUARANTINED_ID, is_quarantine};
use crate::{
    AccountId, Address, AppOp, AppRecord, CreateApp, DeleteApp, EventStreamOp, EventStreamRecord, Object, Op,
    Origin, PutEventStream, RecordOp, Resolved, Resource, RoleArn, RoleOp, RoleRecord,
};
use jiff::Timestamp;

impl Recorded {
    /// Records that the operation was carried out. Recording it twice changes nothing more.
    pub fn absorb(&mut self, address: &Address, op: &Op<Resolved>, output: &Output, at: Timestamp) {
        match op {
            Op::App(op) => self.absorb_app(address, op, output, at),
            Op::Role(op) => self.absorb_role(address, op, output, at),
            Op::EventStream(op) => self.absorb_event_stream(address, op, at),
            Op::Record(op) => self.absorb_record(address, op),
        }
    }

    fn absorb_app(&mut self, address: &Address, op: &AppOp<Resolved>, output: &Output, at: Timestamp) {
        let change = |app: &mut AppRecord| match op {
            AppOp::Tag { tags, owner, .. } => app.tags.extend(with_ownership(tags, owner.as_ref())),
            AppOp::Untag { tag_keys, .. } => app.tags.retain(|key, _| !tag_keys.contains(key)),
            AppOp::Create(_) | AppOp::Delete(_) => {}
        };
        match op {
            AppOp::Create(create) => {
                let Output::App(id) = output else { return };
                let tags = create.all_tags();
                let CreateApp { account, region, name, protect, .. } = create.clone();
                let object = Object::App(AppRecord { region, id: id.clone(), name, tags });
                self.insert(address, account, protect, at, object);
            }
            AppOp::Delete(DeleteApp { app_id, .. }) => {
                self.remove_if(address, |object| object.as_app().is_some_and(|app| app.id == *app_id));
            }
            AppOp::Tag { app_id, .. } | AppOp::Untag { app_id, .. } => {
                self.resources.change(address, |known| {
                    if let Resource { object: Object::App(app), changed_at, .. } = known
                        && app.id == *app_id
                    {
                        change(app);
                        *changed_at = at;
                    }
                });
            }
        }
    }

    fn absorb_role(&mut self, address: &Address, op: &RoleOp<Resolved>, output: &Output, at: Timestamp) {
        self.absorb_quarantine(op, at);
        match op {
            RoleOp::Create(create) => {
                let (Output::Role(id), Some(_)) = (output, &create.owner) else { return };
                let object = Object::Role(RoleRecord {
                    arn: create.arn.clone(),
                    id: id.clone(),
                    trust_policy: create.trust_policy.clone(),
                    inline_policies: InlinePolicies::new(),
                    description: create.description.clone(),
                    max_session_duration: create.max_session_duration,
                    permissions_boundary: create.permissions_boundary.clone(),
                    tags: create.all_tags(),
                });
                self.insert(address, create.arn.account.clone(), create.protect, at, object);
            }
            RoleOp::Delete { role: _, role_id } => {
                self.remove_if(address, |object| object.as_role().is_some_and(|role| role.id == *role_id));
            }
            // Only if the address still has this role.
            change => {
                self.resources.change(address, |known| {
                    if let Resource { object: Object::Role(role), changed_at, .. } = known
                        && role.arn == *change.role()
                        && role.absorb(change)
                        && change.must_propagate()
                    {
                        *changed_at = at;
                    }
                });
            }
        }
    }

    /// Its tags complete a quarantine, and its policy's end is that of the quarantine: in a release, which takes the tags off
    /// after it. A reap deletes that policy last; one that is cut short must be completed, so what began it is remembered.
    fn absorb_quarantine(&mut self, op: &RoleOp<Resolved>, at: Timestamp) {
        match op {
            RoleOp::Tag { role, tags, .. } => {
                let quarantined = |role_id| Quarantined { role_id, at, is_being_deleted: false };
                let role_id = tags.get(QUARANTINED_ID).and_then(|id| id.parse().ok());
                self.quarantined.extend(role_id.map(|role_id| (role.clone(), quarantined(role_id))));
            }
            RoleOp::DeletePolicy { role, policy_name } if !is_quarantine(policy_name.as_str()) => {
                self.begin_deletion(role);
            }
            RoleOp::DeletePolicy { role, .. }
                if self.quarantined.get(role).is_some_and(|known| !known.is_being_deleted) =>
            {
                self.quarantined.remove(role);
            }
            RoleOp::DetachPolicy { role, .. } | RoleOp::RemoveFromProfile { role, .. } => {
                self.begin_deletion(role)
            }
            RoleOp::Untag { role, tag_keys } if tag_keys.contains(QUARANTINED_ID) => {
                self.quarantined.remove(role);
            }
            RoleOp::Delete { role, role_id }
                if self.quarantined.get(role).is_some_and(|known| known.role_id == *role_id) =>
            {
                self.quarantined.remove(role);
            }
            _ => {}
        }
    }

    /// Of a quarantined role a reap alone takes anything off.
    fn begin_deletion(&mut self, role: &RoleArn) {
        if let Some(quarantined) = self.quarantined.get_mut(role) {
            quarantined.is_being_deleted = true;
        }
    }

    fn absorb_event_stream(&mut self, address: &Address, op: &EventStreamOp<Resolved>, at: Timestamp) {
        match op {
            EventStreamOp::Put(PutEventStream { record: false, .. }) => {}
            EventStreamOp::Put(put) => {
                let PutEventStream { account, region, app_id, destination, role_arn, protect, record: _ } =
                    put.clone();
                let object = Object::EventStream(EventStreamRecord { region, app_id, destination, role_arn });
                match self.resources.remove(address) {
                    Some(known) => {
                        let known = Resource { account, changed_at: at, object, ..known };
                        self.resources.insert(address.clone(), known);
                    }
                    None => self.insert(address, account, protect, at, object),
                }
            }
            EventStreamOp::Delete(delete) => {
                let is_its = |stream: &EventStreamRecord| stream.app_id == delete.app_id;
                self.remove_if(address, |object| object.as_event_stream().is_some_and(is_its));
            }
        }
    }

    fn absorb_record(&mut self, address: &Address, op: &RecordOp) {
        match op {
            RecordOp::Write { resource } => drop(self.resources.insert(address.clone(), (**resource).clone())),
            RecordOp::Move { from } => {
                if let Some(resource) = self.resources.remove(from) {
                    self.resources.insert(address.clone(), resource);
                }
            }
            RecordOp::Forget {} => drop(self.resources.remove(address)),
            RecordOp::SetProtect { protect } => {
                self.resources.change(address, |resource| resource.protect = *protect);
            }
        }
    }

    fn remove_if(&mut self, address: &Address, is_it: impl FnOnce(&Object) -> bool) {
        if self.resources.get(address).is_some_and(|resource| is_it(&resource.object)) {
            self.resources.remove(address);
        }
    }

    fn insert(&mut self, address: &Address, account: AccountId, protect: bool, at: Timestamp, object: Object) {
        let named_under = address.key().unwrap_or_default().to_owned();
        let resource = Resource { account, origin: Origin::Created, protect, named_under, changed_at: at, object };
        self.resources.insert(address.clone(), resource);
    }
}

impl RoleRecord {
    /// Records a change of this role. Returns whether the record contains what it changes.
    fn absorb(&mut self, op: &RoleOp<Resolved>) -> bool {
        match op {
            RoleOp::UpdateTrustPolicy { role: _, trust_policy } => self.trust_policy = trust_policy.clone(),
            RoleOp::PutPolicy { role: _, policy_name, document } => {
                self.inline_policies.insert(policy_name.clone(), document.clone());
            }
            RoleOp::DeletePolicy { role: _, policy_name } => {
                self.inline_policies.remove(policy_name);
            }
            RoleOp::Update { role: _, description, max_session_duration } => {
                self.description.clone_from(description);
                self.max_session_duration = *max_session_duration;
            }
            RoleOp::PutBoundary { role: _, permissions_boundary } => {
                self.permissions_boundary = Some(permissions_boundary.clone());
            }
            RoleOp::DeleteBoundary { role: _ } => self.permissions_boundary = None,
            RoleOp::Tag { role: _, tags, owner } => self.tags.extend(with_ownership(tags, owner.as_ref())),
            RoleOp::Untag { role: _, tag_keys } => self.tags.retain(|key, _| !tag_keys.contains(key)),
            RoleOp::Create(_) | RoleOp::Delete { .. } => return false,
            // Unmanaged, so never recorded.
            RoleOp::AttachPolicy { .. } | RoleOp::DetachPolicy { .. } => return false,
            RoleOp::AddToProfile { .. } | RoleOp::RemoveFromProfile { .. } => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::QUARANTINE_POLICY;

    /// What is left of the record of a quarantine after the inline policies of these names are deleted.
    fn after_deleting(policies: &[&str]) -> Recorded {
        let role: RoleArn = "arn:aws:iam::123456789012:role/old".parse().unwrap();
        let (role_id, at) = ("AROAEXAMPLEEXAMPLE01".parse().unwrap(), Timestamp::UNIX_EPOCH);
        let quarantined = Quarantined { role_id, at, is_being_deleted: false };
        let mut recorded =
            Recorded { quarantined: [(role.clone(), quarantined)].into_iter().collect(), ..Recorded::default() };
        for policy in policies {
            let op = RoleOp::DeletePolicy { role: role.clone(), policy_name: policy.parse().unwrap() };
            let address = "iam.123456789012/old".parse().unwrap();
            recorded.absorb(&address, &Op::Role(op), &Output::Done, Timestamp::UNIX_EPOCH);
        }
        recorded
    }

    #[test]
    fn a_release_ends_a_quarantine_with_its_first_step() {
        assert!(after_deleting(&[QUARANTINE_POLICY]).quarantined.is_empty());
    }

    #[test]
    fn a_reap_is_known_until_the_role_is_gone() {
        let recorded = after_deleting(&["write", QUARANTINE_POLICY]);
        let known: Vec<bool> = recorded.quarantined.values().map(|known| known.is_being_deleted).collect();
        assert_eq!(known, [true]);
    }
}
