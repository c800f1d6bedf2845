//! Which documents and tags a role should have.
use crate::app::Apps;
use crate::context::Context;
use crate::differences::known;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn};
use pinpoint_streams_model::desired::{DesiredRole, TrustScope};
use pinpoint_streams_model::ids::{AppKey, PolicyName, RoleKey};
use pinpoint_streams_model::live::LiveRole;
use pinpoint_streams_model::op::Slot;
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::{Document, Text, union};
use std::collections::BTreeSet;

/// A role as it should be.
#[derive(Debug)]
pub(crate) struct WantedRole<'a> {
    pub(crate) desired: &'a DesiredRole,
    pub(crate) arn: RoleArn,
    pub(crate) trust_policy: Document<Text>,
    pub(crate) policy_name: &'a PolicyName,
    pub(crate) permissions: Document,
}

impl<'a> WantedRole<'a> {
    /// The role `key` under the ARN that it has or gets.
    pub(crate) fn new(
        context: &Context<'_>,
        apps: &Apps,
        key: &RoleKey,
        desired: &'a DesiredRole,
        arn: &RoleArn,
        live: Option<&LiveRole>,
    ) -> WantedRole<'a> {
        let covered = |app: &AppKey| context.selection.covers(&Address::EventStream(app.clone()));
        let covers_all = !context.selection.is_partial() || desired.apps.iter().all(covered);
        let users: BTreeSet<&AppKey> = desired.apps.iter().filter(|app| covers_all || covered(app)).collect();
        let sources = users.iter().filter_map(|app| source_arn(context, apps, desired, app));
        let targets = users
            .iter()
            .filter_map(|app| context.desired.apps.get(*app)?.event_stream.as_ref())
            .map(|stream| stream.target.clone())
            .collect();
        let mut trust_policy = desired.kind.trust_policy(&desired.account, sources);
        let mut permissions = desired.kind.permissions(&targets);
        // A partial plan takes nothing from apps that it does not cover.
        if let Some(live) = live.filter(|_| context.selection.is_partial() && !is_sole_user(context, key)) {
            trust_policy = union(&known(&live.trust_policy), &trust_policy);
            if let Some(now) = live.inline_policies.get(&desired.policy_name) {
                permissions = union(now, &permissions);
            }
        }
        WantedRole { desired, arn: arn.clone(), trust_policy, policy_name: &desired.policy_name, permissions }
    }

    /// The tags declared for it.
    pub(crate) fn tags(&self) -> &'a Tags {
        &self.desired.tags
    }

    /// Its permissions boundary.
    pub(crate) fn boundary(&self) -> Option<&'a PolicyArn> {
        self.desired.permissions_boundary.as_ref()
    }
}

/// Whether a role is one app's own, so that no other can be hurt.
fn is_sole_user(context: &Context<'_>, key: &RoleKey) -> bool {
    context
        .desired
        .roles
        .get(key)
        .is_some_and(|role| role.apps.iter().all(|app| RoleKey::from(app.clone()) == *key))
}

/// What the trust policy names for an app; nothing for an app that has a problem of its own.
fn source_arn(context: &Context<'_>, apps: &Apps, role: &DesiredRole, key: &AppKey) -> Option<Text> {
    let app = context.desired.apps.get(key)?;
    let arn = |id: &str| AppArn::with_id(&app.region, &app.account, id);
    match role.trust {
        TrustScope::Region => Some(Text::Known(arn("*"))),
        TrustScope::Apps => match apps.ids.get(key)? {
            Slot::Known(id) => Some(Text::Known(arn(id.as_str()))),
            Slot::After { after_step } => Some(Text::After { after_step: *after_step, format: arn("{}") }),
        },
    }
}
