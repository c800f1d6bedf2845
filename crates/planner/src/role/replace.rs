//! A role that is replaced: under a new name while its event streams go on, or under the same name.
use super::create::Making;
use super::declared::{Role, Roles};
use super::delete::{Deletion, delete_steps};
use crate::differences::Differences;
use crate::draft::{Draft, Handle};
use crate::protection::refuse_protected;
use crate::tags::ownership_keys;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::op::{RecordOp, RoleOp};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::problem::Problem;
use pinpoint_streams_model::recorded::{Resource, RoleRecord};

impl Role<'_> {
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
        refuse_protected(&self.address, resource, "replaced").map_err(|problem| vec![problem])?;
        let Some(old) = self.live(&record.arn).map_err(|problem| vec![problem])? else {
            return match successor {
                Some(live) => self.adopt(draft, roles, live, &mut after.to_vec()),
                None => {
                    self.create(draft, roles, Making::anew(Reason::Missing, after));
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
        let making = Making { after: &waits, action, reason, notes: vec![note.into()], instead_of: None };
        self.create(draft, roles, making);
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
        refuse_protected(&self.address, resource, "replaced").map_err(|problem| vec![problem])?;
        let deletion = Deletion { context: self.context, address: &self.address, record, live, comes_back: true };
        deletion.refuse_foreign()?;
        deletion.refuse_unless_free(self.usage)?;
        let deleted = delete_steps(draft, &self.address, live, after);
        let making = Making {
            after: &[deleted],
            action: Action::Replace,
            reason: Reason::ReplaceAsked,
            notes: vec![Fact::StopsUntilRoleReady {}.into()],
            instead_of: Some(live),
        };
        self.create(draft, roles, making);
        Ok(())
    }
}
