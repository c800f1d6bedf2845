//! Roles: what happens to each, and why. A change never stops a stream that can go on: expand, move, contract. So
//! a role's steps come in two stages, before and after the event streams move.
//!
//! | module | what it decides |
//! | --- | --- |
//! | `arns` | which ARN a role has or gets |
//! | `declared` | what every decision on a declared role needs |
//! | `wanted` | which documents and tags it should have |
//! | `compare` | what differs |
//! | `staging` | whether a policy may change at once, or must first grant both |
//! | `create`, `update` | the steps that create, replace or update it |
//! | `adopt` | whether a role that the state does not have may be adopted |
//! | `delete` | whether a role may be deleted, and what is detached first |
mod adopt;
mod arns;
mod compare;
mod create;
mod declared;
mod delete;
mod staging;
mod update;
mod wanted;

pub(crate) use arns::{RoleArns, arns};
pub(crate) use delete::{Deletion, delete_steps, deleted_fields, recorded_role_of};
pub(crate) use staging::{late_steps, size};

use crate::app::Apps;
use crate::context::{Context, is_made_here};
use crate::draft::{Draft, Handle};
use crate::usage::Usage;
use create::NewRole;
use declared::{Role, Roles, identity_changed};
use delete::UnwantedRole;
use pinpoint_streams_model::{Address, LiveRole, Problem, ProblemCode, Reason, RoleArn, RoleRecord};

pub(crate) fn decide(
    context: &Context<'_>,
    draft: &mut Draft,
    apps: &Apps,
    arns: &RoleArns,
    usage: &Usage<'_>,
    still_named: &[(Address, RoleArn)],
) -> Roles {
    let mut roles = Roles::default();
    for (key, arn) in arns {
        let address = Address::Role(key.clone());
        let Some(desired) = context.wanted_role(key) else { continue };
        if !context.selection.covers(&address) {
            continue;
        }
        let role = Role { context, apps, usage, key, address, desired, arn };
        let decided = role.decide(draft, &mut roles);
        draft.problems.extend(decided.err().unwrap_or_default());
    }
    for (address, resource) in &context.recorded.resources {
        let Some(record) = resource.object.as_role() else { continue };
        let wanted = matches!(address, Address::Role(key) if context.wanted_role(key).is_some());
        if wanted || !context.selection.covers(address) {
            continue;
        }
        let unwanted = UnwantedRole { context, usage, address, resource, record, still_named };
        let decided = unwanted.decide(draft, &mut roles);
        draft.problems.extend(decided.err().unwrap_or_default());
    }
    roles
}

impl Role<'_> {
    fn decide(&self, draft: &mut Draft, roles: &mut Roles) -> Result<(), Vec<Problem>> {
        let mut after: Vec<Handle> = draft.first(&self.address).into_iter().collect();
        let resource = self.context.resource(&self.address);
        let recorded = resource.and_then(|resource| Some((resource, resource.object.as_role()?)));
        let live = self.live(self.arn)?;
        let Some((resource, record)) = recorded else {
            match live {
                None => self.create(draft, roles, NewRole::anew(Reason::New, &after)),
                Some(live) => {
                    if let Some(holder) = self.holder(live) {
                        let message = format!("role {} is recorded as {holder}", live.name());
                        let hint = format!(
                            "`pinpoint-streams state mv {holder} {}` or a [[moved]] block if it is the same role; \
                             otherwise give this role another name",
                            self.address
                        );
                        return Err(vec![self.problem(ProblemCode::RecordedElsewhere, message, &hint)]);
                    }
                    self.adopt(draft, roles, live, &mut after)?;
                }
            }
            return Ok(());
        };
        let same_account = record.arn.account == self.arn.account;
        if same_account && record.arn.name == self.arn.name {
            self.refuse_renaming_in_place(record)?;
            match live {
                None => self.create(draft, roles, NewRole::anew(Reason::Missing, &after)),
                // Made anew by a run whose record was lost.
                Some(live) if live.id != record.id && is_made_here(self.context, &self.address, &live.tags) => {
                    self.adopt(draft, roles, live, &mut after)?;
                }
                Some(live) if live.id != record.id => {
                    return Err(vec![identity_changed(&self.address, record, live)]);
                }
                Some(live) if self.context.options.replace.contains(&self.address) => {
                    self.replace_in_place(draft, roles, resource, record, live, &after)?;
                }
                Some(live) => self.update(draft, roles, resource, record, live, &after)?,
            }
            return Ok(());
        }
        // A successor that is there already was made by a run whose record was lost.
        if let Some(live) = live
            && (self.holder(live).is_some() || !is_made_here(self.context, &self.address, &live.tags))
        {
            return Err(vec![self.name_is_taken(live)]);
        }
        self.replace_under_new_name(draft, roles, resource, record, live, &after)
    }

    fn name_is_taken(&self, live: &LiveRole) -> Problem {
        let what = format!("it is to be renamed to {}, and", self.arn.name);
        match self.holder(live) {
            None => {
                let message = format!("{what} a role of that name exists");
                self.problem(ProblemCode::NotOurs, message, "choose a free name")
            }
            Some(holder) => {
                let hint = format!(
                    "choose a free name; or, if {holder} is to be renamed, apply that first with \
                     --exclude {}",
                    self.address
                );
                self.problem(ProblemCode::RecordedElsewhere, format!("{what} {holder} has that name"), &hint)
            }
        }
    }

    /// The name and path of a role cannot change.
    fn refuse_renaming_in_place(&self, record: &RoleRecord) -> Result<(), Problem> {
        let what = if record.arn.path != self.arn.path {
            format!("its path is {} and cannot become {}", record.arn.path, self.arn.path)
        } else if !record.arn.name.is_written_like(&self.arn.name) {
            format!("its name is {} and cannot become {}: IAM ignores letter case", record.arn.name, self.arn.name)
        } else {
            return Ok(());
        };
        Err(self.problem(ProblemCode::Immutable, what, "give it a new name too, and it is replaced"))
    }
}
