//! A role that is replaced: under a new name while its event streams go on, or under the same name.
use super::decide::{Role, Roles, one};
use super::delete::{Deletion, delete_steps};
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::op::{MoveRecord, Op};
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_model::recorded::{Resource, RoleRecord};

impl Role<'_> {
    fn refuse_protected(&self, resource: &Resource) -> Result<(), Vec<Problem>> {
        if !resource.protect {
            return Ok(());
        }
        let hint = "set `protect = false` on its app and apply that first";
        Err(one(self.problem(ProblemCode::Protected, "it is protected and would be replaced".to_owned(), hint)))
    }

    /// A new name: make the new role, point the event streams to it, delete the old one. Until then the
    /// old one is recorded under its own address, so that a crash loses neither.
    pub(super) fn replace_under_new_name(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        resource: &Resource,
        record: &RoleRecord,
        after: &[Handle],
    ) -> Result<(), Vec<Problem>> {
        self.refuse_protected(resource)?;
        let old_address = Address::Undeclared(record.arn.account.clone(), record.arn.name.clone());
        let old = self.live(&record.arn).map_err(one)?.filter(|live| live.id == record.id);
        let mut waits = after.to_vec();
        if let Some(old) = old {
            let deletion =
                Deletion { context: self.context, address: &self.address, record, live: old, comes_back: false };
            deletion.refuse_foreign()?;
            deletion.refuse_unless_free(self.usage)?;
            let aside = MoveRecord { from: self.address.clone() };
            waits.push(draft.step(&old_address, after.iter().copied(), Op::MoveRecord(aside)));
            roles.to_delete.push((old_address, old.clone(), waits.clone()));
        }
        let notes = vec![format!("role {} is deleted once nothing uses it", record.arn.name)];
        self.create(draft, roles, &waits, Reason::ManifestChanged, Action::Replace, notes);
        Ok(())
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
        self.refuse_protected(resource)?;
        let deletion = Deletion { context: self.context, address: &self.address, record, live, comes_back: true };
        deletion.refuse_foreign()?;
        deletion.refuse_unless_free(self.usage)?;
        let deleted = delete_steps(draft, &self.address, live, after);
        let notes = vec!["stops streaming until the role is ready".to_owned()];
        self.create(draft, roles, &[deleted], Reason::ReplaceAsked, Action::Replace, notes);
        Ok(())
    }
}
