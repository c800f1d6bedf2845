//! Which documents and tags a role should have.
use crate::app::Apps;
use crate::context::Context;
use crate::differences::{evaluable, known};
use crate::usage::Usage;
use pinpoint_streams_model::policy::{same_meaning, union};
use pinpoint_streams_model::{
    Address, AppArn, AppKey, Decision, DesiredRole, Document, LiveEventStream, LiveRole, Object, PolicyArn,
    PolicyName, Read, RoleArn, RoleKey, Slot, StreamArn, Tags, Text, TrustScope,
};
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
    /// The role `key` under the ARN that it has or gets. A partial plan takes nothing from an event stream
    /// that it does not cover: then what is live is granted too.
    pub(crate) fn new(
        context: &Context<'_>,
        apps: &Apps,
        usage: &Usage<'_>,
        key: &RoleKey,
        desired: &'a DesiredRole,
        arn: &RoleArn,
        live: Option<&LiveRole>,
    ) -> WantedRole<'a> {
        let sources = desired.apps.iter().filter_map(|app| source_arn(context, apps, desired, app));
        let mut trust_policy = desired.kind.trust_policy(&desired.account, sources);
        let mut permissions = desired.kind.permissions(&desired.targets);
        if let Some(live) = live.filter(|_| context.selection.is_partial()) {
            let now = our_policies(context, key, desired, live);
            let new = evaluable(&trust_policy);
            let is_as_wanted = same_meaning(&live.trust_policy, &new)
                && now.iter().all(|policy| same_meaning(*policy, &permissions));
            let needs =
                if is_as_wanted { Needs::default() } else { Needs::of_what_is_left_alone(context, usage, arn) };
            if needs.takes_a_source(
                |source| admits(desired, arn, &live.trust_policy, source),
                |source| admits(desired, arn, &new, source),
            ) {
                trust_policy = union(&known(&live.trust_policy), &trust_policy);
            }
            if needs.takes_a_stream(
                |stream| may_write(desired, &now, stream),
                |stream| may_write(desired, &[&permissions], stream),
            ) {
                permissions = now.iter().fold(permissions, |all, one| union(one, &all));
            }
        }
        WantedRole { desired, arn: arn.clone(), trust_policy, policy_name: &desired.policy_name, permissions }
    }

    pub(crate) fn tags(&self) -> &'a Tags {
        &self.desired.tags
    }

    pub(crate) fn boundary(&self) -> Option<&'a PolicyArn> {
        self.desired.permissions_boundary.as_ref()
    }
}

/// What the event streams on a role need that a partial plan does not cover.
#[derive(Debug, Default)]
struct Needs {
    sources: BTreeSet<String>,
    streams: BTreeSet<StreamArn>,
    /// Some of them could not be read, and may need anything.
    unknown: bool,
}

impl Needs {
    fn of_what_is_left_alone(context: &Context<'_>, usage: &Usage<'_>, role: &RoleArn) -> Needs {
        let left_alone = |address: &Address| !context.selection.covers(address);
        let mut needs = Needs::default();
        for (place, usage) in usage.now_on(role) {
            if usage.address.as_ref().is_some_and(left_alone) {
                needs.sources.insert(place.to_string());
                needs.streams.extend(usage.before.and_then(LiveEventStream::stream));
            }
        }
        needs.unknown = context.recorded.resources.event_streams_on(role).any(|(address, resource)| {
            let Object::EventStream(stream) = &resource.object else { return false };
            let place = stream.app(&resource.account);
            left_alone(address)
                && !matches!(context.live.event_streams.get(&place), Some(Read::Present(_) | Read::Absent))
        });
        needs
    }

    fn takes_a_source(&self, before: impl Fn(&str) -> bool, after: impl Fn(&str) -> bool) -> bool {
        self.unknown || self.sources.iter().any(|source| before(source) && !after(source))
    }

    fn takes_a_stream(&self, before: impl Fn(&StreamArn) -> bool, after: impl Fn(&StreamArn) -> bool) -> bool {
        self.unknown || self.streams.iter().any(|stream| before(stream) && !after(stream))
    }
}

/// The live inline policies that are ours, under their name now or before.
fn our_policies<'l>(
    context: &Context<'_>,
    key: &RoleKey,
    desired: &DesiredRole,
    live: &'l LiveRole,
) -> Vec<&'l Document> {
    let recorded = context.resource(&Address::Role(key.clone())).and_then(|resource| resource.object.as_role());
    let is_ours = |name: &PolicyName| {
        *name == desired.policy_name || recorded.is_some_and(|role| role.inline_policies.contains_key(name))
    };
    live.inline_policies.iter().filter(|(name, _)| is_ours(name)).map(|(_, document)| document).collect()
}

fn admits(desired: &DesiredRole, arn: &RoleArn, trust: &Document, source: &str) -> bool {
    allows(&desired.kind.admits(trust, source, arn.account.as_str()))
}

fn may_write(desired: &DesiredRole, policies: &[&Document], stream: &StreamArn) -> bool {
    allows(&desired.kind.may_write(policies.iter().copied(), stream))
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

/// What cannot be decided is not taken away.
pub(super) fn allows(decision: &Decision) -> bool {
    matches!(decision, Decision::Allowed | Decision::Undecidable(_))
}
