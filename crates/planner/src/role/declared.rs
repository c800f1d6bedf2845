//! A role that the manifest asks for, with what every decision on it looks at.
use super::staging::Late;
use super::wanted::WantedRole;
use crate::app::Apps;
use crate::context::Context;
use crate::differences::Differences;
use crate::draft::Handle;
use crate::usage::Usage;
use pinpoint_streams_model::{
    Action, Address, Change, DesiredRole, LiveRole, Problem, ProblemCode, Reason, RoleArn, RoleKey, RoleRecord,
};
use std::collections::BTreeMap;

/// What other decisions need to know of the roles, and what is left to do.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    /// The steps after which event streams can use each role.
    pub(crate) ready: BTreeMap<RoleKey, Vec<Handle>>,
    /// What is taken off roles after the event streams have moved.
    pub(crate) late: Vec<Late>,
    /// Roles that go after the event streams have moved, and what else they wait for.
    pub(crate) to_delete: Vec<(Address, LiveRole, Vec<Handle>)>,
}

pub(super) struct Role<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) apps: &'a Apps,
    pub(super) usage: &'a Usage<'a>,
    pub(super) key: &'a RoleKey,
    pub(super) address: Address,
    pub(super) desired: &'a DesiredRole,
    pub(super) arn: &'a RoleArn,
}

impl Role<'_> {
    pub(super) fn problem(&self, code: ProblemCode, message: String, hint: &str) -> Problem {
        Problem::new(code, message, hint).at(&self.address)
    }

    pub(super) fn live(&self, arn: &RoleArn) -> Result<Option<&LiveRole>, Problem> {
        self.context.role(&self.address, &arn.in_account())
    }

    /// Another address that this very role is recorded at.
    pub(super) fn holder(&self, live: &LiveRole) -> Option<&Address> {
        let mut all = self.context.recorded.resources.roles_with_id(&live.id);
        all.find(|(address, _)| **address != self.address).map(|(address, _)| address)
    }

    pub(super) fn wanted(&self, live: Option<&LiveRole>) -> WantedRole<'_> {
        WantedRole::new(self.context, self.apps, self.usage, self.key, self.desired, self.arn, live)
    }

    /// The steps that know the ids in the trust policy.
    pub(super) fn app_steps(&self) -> impl Iterator<Item = Handle> {
        self.desired.apps.iter().filter_map(|app| self.apps.created_by(app))
    }

    pub(super) fn change(&self, action: Action, reason: Reason, differences: Differences) -> Change {
        Change::new(self.address.clone(), (&self.arn.account, None), action, reason).with(differences.fields)
    }
}

pub(super) fn identity_changed(address: &Address, record: &RoleRecord, live: &LiveRole) -> Problem {
    let name = &record.arn.name;
    let message = format!("role {name} is not the recorded one: its id is {}, not {}", live.id, record.id);
    let hint = format!("[[forget]] address = \"{address}\" stops managing the old one; the new one is left alone");
    Problem::new(ProblemCode::IdentityChanged, message, hint).at(address)
}
