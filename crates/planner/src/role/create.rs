//! A role that is made.
use super::declared::{Role, Roles};
use super::wanted::WantedRole;
use crate::differences::{Differences, Field, known};
use crate::draft::{Draft, Handle};
use pinpoint_streams_model::fact::Evidence;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::op::{CreateRole, RoleOp};
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::plan::{Action, Reason};

/// How a role comes to be made.
pub(super) struct Making<'m> {
    pub(super) after: &'m [Handle],
    pub(super) action: Action,
    pub(super) reason: Reason,
    pub(super) notes: Vec<Evidence>,
    /// The role whose name it takes, and whose event streams it takes over.
    pub(super) instead_of: Option<&'m LiveRole>,
}

impl<'m> Making<'m> {
    /// Where there is none.
    pub(super) fn anew(reason: Reason, after: &'m [Handle]) -> Making<'m> {
        Making { after, action: Action::Create, reason, notes: Vec::new(), instead_of: None }
    }
}

impl Role<'_> {
    /// CreateRole, then our inline policy.
    pub(super) fn create(
        &self,
        draft: &mut Draft,
        roles: &mut Roles,
        Making { after, action, reason, notes, instead_of }: Making<'_>,
    ) {
        let wanted = self.wanted(instead_of);
        let mut change = self.change(action, reason, self.made(&wanted));
        change.notes = notes;
        draft.change(change);
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

    /// The fields of a role that is made.
    fn made(&self, wanted: &WantedRole<'_>) -> Differences {
        let mut differences = Differences::default();
        let name = Field { path: "name", live: None, wanted: Some(self.arn.name.as_str()), recorded: None };
        differences.compare(name);
        differences.compare_policies(Field {
            path: "trust_policy",
            live: None,
            wanted: Some(wanted.trust_policy.clone()),
            recorded: None,
        });
        differences.compare_policies(Field {
            path: &format!("inline_policies.{}", wanted.policy_name),
            live: None,
            wanted: Some(known(&wanted.permissions)),
            recorded: None,
        });
        // A new role widens nothing that is there.
        differences.fields.iter_mut().for_each(|field| field.effect = None);
        differences
    }
}
