//! Creates a role.
use super::declared::{Role, Roles};
use super::delete::{Deletion, delete_steps};
use crate::change::refuse_protected;
use crate::differences::{Differences, ownership_keys};
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::{
    AccountRole, Action, Address, CreateRole, Evidence, Fact, LiveRole, Origin, Problem, Reason, RecordOp,
    Resource, RoleOp, RoleRecord,
};

/// How a role comes to be made.
pub(super) struct NewRole<'m> {
    pub(super) after: &'m [Handle],
    pub(super) action: Action,
    pub(super) reason: Reason,
    pub(super) notes: Vec<Evidence>,
    /// The role whose name it takes, and whose event streams it takes over.
    pub(super) instead_of: Option<&'m LiveRole>,
}

impl<'m> NewRole<'m> {
    /// Where there is none.
    pub(super) fn anew(reason: Reason, after: &'m [Handle]) -> NewRole<'m> {
        NewRole { after, action: Action::Create, reason, notes: Vec::new(), instead_of: None }
    }
}

impl Role<'_> {
    /// CreateRole, then our inline policy.
    pub(super) fn create(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        NewRole { after, action, reason, notes, instead_of }: NewRole<'_>,
    ) {
        let wanted = self.wanted(instead_of);
        let create = CreateRole {
            arn: self.arn.clone(),
            trust_policy: wanted.trust_policy.clone(),
            description: self.desired.description.clone(),
            max_session_duration: self.desired.max_session_duration,
            permissions_boundary: self.desired.permissions_boundary.clone(),
            tags: self.desired.tags.clone(),
            owner: Some(self.context.owner(&self.address, Origin::Created)),
            protect: self.desired.protect,
        };
        let mut made = Differences::default();
        // A new role widens nothing that is there.
        made.made_all(create.fields());
        made.made(&format!("inline_policies.{}", wanted.policy_name), &wanted.permissions);
        let mut change = self.change(action, reason, made);
        change.notes = notes;
        draft.change(change);
        let waits: Vec<Handle> = after.iter().copied().chain(self.app_steps()).collect();
        let created = draft.step(&self.address, waits, RoleOp::Create(create));
        let put = RoleOp::PutPolicy {
            role: self.arn.clone(),
            policy_name: wanted.policy_name.clone(),
            document: wanted.permissions.clone(),
        };
        let policy = draft.step(&self.address, [created], put);
        roles.ready.insert(self.key.clone(), vec![created, policy]);
    }

    /// A new name: make the new role, point the event streams to it, delete the old one. Until then the
    /// old one is recorded under its own address, so that a crash loses neither. A `successor` that is there already
    /// is recorded in place of being made.
    pub(super) fn replace_under_new_name(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        resource: &Resource,
        record: &RoleRecord,
        successor: Option<&LiveRole>,
        after: &[Handle],
    ) -> Result<(), Vec<Problem>> {
        refuse_protected(&self.address, resource, "replaced")?;
        let Some(old) = self.live(&record.arn)? else {
            return match successor {
                Some(live) => self.adopt(draft, roles, live, &mut after.to_vec()),
                None => {
                    self.create(draft, roles, NewRole::anew(Reason::Missing, after));
                    Ok(())
                }
            };
        };
        let name = &record.arn.name;
        let mut waits = after.to_vec();
        let role = record.arn.clone();
        let note = if old.id != record.id {
            Fact::OldRoleUnknown { role }
        } else if resource.origin == Origin::Adopted && !self.context.options.include_adopted {
            self.let_go(draft, old, after);
            Fact::OldRoleForgotten { role }
        } else {
            let deletion =
                Deletion { context: self.context, address: &self.address, record, live: old, comes_back: false };
            deletion.refuse_unowned()?;
            deletion.refuse_foreign()?;
            deletion.refuse_unless_free(self.usage)?;
            let old_address = Address::Undeclared(AccountRole::of(&record.arn.account, name));
            let aside = RecordOp::Move { from: self.address.clone() };
            waits.push(draft.step(&old_address, after.iter().copied(), aside));
            roles.to_delete.push((old_address, old.clone(), waits.clone()));
            Fact::OldRoleDeleted { role }
        };
        let action = Action::Replace;
        if let Some(live) = successor {
            self.adopt(draft, roles, live, &mut waits)?;
            let mut change = self.change(action, Reason::LostRecord, Differences::default());
            change.notes = vec![note.into()];
            draft.change(change);
            return Ok(());
        }
        let reason = self.reason_to_replace();
        let new = NewRole { after: &waits, action, reason, notes: vec![note.into()], instead_of: None };
        self.create(draft, roles, new);
        Ok(())
    }

    fn reason_to_replace(&self) -> Reason {
        if self.context.options.replace.contains(&self.address) {
            Reason::ReplaceAsked
        } else {
            Reason::ManifestChanged
        }
    }

    /// Takes our tags off a role that stays behind.
    fn let_go(&self, draft: &mut Draft, old: &LiveRole, after: &[Handle]) {
        let tag_keys = ownership_keys(&old.tags);
        if !tag_keys.is_empty() {
            let untag = RoleOp::Untag { role: old.arn.clone(), tag_keys };
            draft.step(&self.address, after.iter().copied(), untag);
        }
    }

    /// `--replace`: the same name, so the old role must go before the new one comes.
    pub(super) fn replace_in_place(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        resource: &Resource,
        record: &RoleRecord,
        live: &LiveRole,
        after: &[Handle],
    ) -> Result<(), Vec<Problem>> {
        refuse_protected(&self.address, resource, "replaced")?;
        let deletion = Deletion { context: self.context, address: &self.address, record, live, comes_back: true };
        deletion.refuse_unowned()?;
        deletion.refuse_foreign()?;
        deletion.refuse_unless_free(self.usage)?;
        let deleted = delete_steps(draft, &self.address, live, after);
        let new = NewRole {
            after: &[deleted],
            action: Action::Replace,
            reason: Reason::ReplaceAsked,
            notes: vec![Fact::StopsUntilRoleReady {}.into()],
            instead_of: Some(live),
        };
        self.create(draft, roles, new);
        Ok(())
    }
}
