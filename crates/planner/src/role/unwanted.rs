//! A role that is recorded and no longer wanted.
use super::declared::{Roles, identity_changed};
use super::delete::Deletion;
use crate::change::change;
use crate::context::Context;
use crate::differences::{Differences, Field, known};
use crate::draft::Draft;
use crate::forget::forget;
use crate::protection::refuse_protected;
use crate::usage::Usage;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::problem::Problem;
use pinpoint_streams_model::recorded::{Resource, RoleRecord};

/// A recorded role that nothing wants any more.
pub(super) struct Unwanted<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) usage: &'a Usage,
    pub(super) address: &'a Address,
    pub(super) resource: &'a Resource,
    pub(super) record: &'a RoleRecord,
    pub(super) still_named: &'a [(Address, RoleArn)],
}

impl Unwanted<'_> {
    pub(super) fn decide(&self, draft: &mut Draft, roles: &mut Roles) -> Result<(), Vec<Problem>> {
        let Unwanted { context, usage, address, resource, record, still_named } = self;
        let reason = context.reason_to_go();
        let live = context.role(address, &record.arn.in_account()).map_err(|problem| vec![problem])?;
        let Some(live) = live else {
            forget(context, draft, address, resource, Reason::Missing, Vec::new());
            return Ok(());
        };
        if live.id != record.id {
            return Err(vec![identity_changed(address, record, live)]);
        }
        if let Some((stream, _)) = still_named.iter().find(|(_, role)| *role == record.arn) {
            let may_be_deleted = !context.desired.forget.contains(stream);
            draft.warn(address, Fact::StillUsedBy { event_stream: stream.clone(), may_be_deleted });
            forget(context, draft, address, resource, reason, Vec::new());
            return Ok(());
        }
        if resource.origin == Origin::Adopted && !context.options.include_adopted {
            forget(context, draft, address, resource, reason, Vec::new());
            return Ok(());
        }
        refuse_protected(address, resource, "deleted").map_err(|problem| vec![problem])?;
        let deletion = Deletion { context, address, record, live, comes_back: false };
        let mut problems = deletion.refuse_foreign().err().unwrap_or_default();
        problems.extend(deletion.refuse_unless_free(usage).err().unwrap_or_default());
        if !problems.is_empty() {
            return Err(problems);
        }
        draft.change(change(address, resource, Action::Delete, reason, lost(live).fields));
        roles.to_delete.push(((*address).clone(), live.clone(), Vec::new()));
        Ok(())
    }
}

/// The fields of a role that goes.
pub(crate) fn lost(live: &LiveRole) -> Differences {
    let mut differences = Differences::default();
    let name = Field { path: "name", live: Some(live.name().as_str()), wanted: None, recorded: None };
    differences.compare(name);
    let policies =
        live.inline_policies.iter().map(|(name, document)| (format!("inline_policies.{name}"), document));
    for (path, document) in std::iter::once(("trust_policy".to_owned(), &live.trust_policy)).chain(policies) {
        differences.compare_policies(Field {
            path: &path,
            live: Some(known(document)),
            wanted: None,
            recorded: None,
        });
    }
    differences.fields.iter_mut().for_each(|field| field.effect = None);
    differences
}
