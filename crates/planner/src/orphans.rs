//! Resources with the tags of this state that are neither recorded nor declared: a run created them, their record was
//! lost, and the manifest changed before the next run. Nothing is deleted because of its tags alone, so this only warns.
use crate::context::Context;
use crate::draft::Draft;
use crate::role::RoleArns;
use pinpoint_streams_model::{
    Address, AppArn, AppId, Fact, Live, Object, Op, Pending, ProblemCode, Read, Recorded, RoleArn, RoleId, RoleOp,
    Tags, Warning, ownership,
};
use std::collections::{BTreeMap, BTreeSet};

/// Warns of roles and apps that were read and are not in the state. `recorded` is the record before the plan.
pub(crate) fn warn(context: &Context<'_>, draft: &mut Draft, recorded: &Recorded, arns: &RoleArns) {
    let mut known_roles: BTreeSet<&RoleId> = BTreeSet::new();
    let mut known_apps: BTreeSet<&AppId> = BTreeSet::new();
    for resource in recorded.resources.values() {
        match &resource.object {
            Object::Role(role) => drop(known_roles.insert(&role.id)),
            Object::App(app) => drop(known_apps.insert(&app.id)),
            Object::EventStream(_) => {}
        }
    }
    let wanted = arns.iter().filter(|(key, _)| context.wanted_role(key).is_some());
    let wanted: BTreeSet<&RoleArn> = wanted.map(|(_, arn)| arn).collect();
    for role in context.live.roles.values().filter_map(Read::present) {
        let Some(address) = ours(context, &role.tags) else { continue };
        if !known_roles.contains(&role.id) && !wanted.contains(&role.arn) {
            draft.warnings.push(not_in_state(&role.arn, address));
        }
    }
    for (place, read) in &context.live.apps {
        for app in read.present().into_iter().flat_map(BTreeMap::values) {
            let asked = context.live.app_tags.get(&AppArn::of(&place.account, &place.region, &app.id));
            let Some(tags) = app.tags.as_ref().or_else(|| asked.and_then(Read::present)) else { continue };
            let Some(address) = ours(context, tags) else { continue };
            let is_claimed = address.parse::<Address>().is_ok_and(|address| {
                let Address::App(key) = &address else { return false };
                context.wanted_app(key).is_some() && context.resource(&address).is_none()
            });
            if !known_apps.contains(&app.id) && !is_claimed {
                let arn = AppArn::of(&place.account, &place.region, &app.id);
                draft.warnings.push(not_in_state(&arn, address));
            }
        }
    }
}

/// Warns of roles that a run which was interrupted created without a record, as a restore does of what no manifest
/// declares.
pub(crate) fn warn_unrecorded(live: &Live, pending: &[Pending], draft: &mut Draft) {
    for Pending { run, address, op, .. } in pending {
        let Op::Role(RoleOp::Create(create)) = op else { continue };
        let is_there = matches!(live.roles.get(&create.arn.in_account()), Some(Read::Present(_)));
        if create.owner.is_some() || !is_there {
            continue;
        }
        let message =
            format!("run {run}, which was interrupted, created role {}, and nothing manages it", create.arn);
        let hint = "the command of that run, given again, completes it; or declare the role in the manifest with \
                    `adopt = true`; `pinpoint-streams report` shows the run";
        let (code, hint) = (ProblemCode::NotOurs, Some(hint.to_owned()));
        draft.warn(address, Fact::Problem { code, message, hint });
    }
}

/// The address that these tags name, if they name this workspace and lineage too.
fn ours(context: &Context<'_>, tags: &Tags) -> Option<String> {
    let owner = ownership::read(tags)?;
    let is_ours = owner.workspace.as_deref() == Some(context.desired.workspace.as_str())
        && owner.lineage.as_deref() == Some(context.lineage()?.as_str());
    owner.address.filter(|_| is_ours)
}

fn not_in_state(arn: &impl ToString, address: String) -> Warning {
    Warning { address: None, fact: Fact::NotInState { arn: arn.to_string(), address } }
}
