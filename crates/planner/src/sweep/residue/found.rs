//! What SES, Lambda and Pinpoint hold that names Pinpoint.
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::live::residue::{EmailChannel, MessageTemplate, PinpointDestination};
use pinpoint_streams_model::live::{Live, Read};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::residue::{Residue, ResidueItem};
use pinpoint_streams_model::role_kind::RoleKind;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn named(live: &Live) -> Vec<Residue> {
    let mut found = Vec::new();
    let mut add = |place: &AccountRegion, item| found.push(Residue { place: place.clone(), item });
    for (identity, policies) in present(&live.identity_policies) {
        for (policy, document) in &policies.0 {
            let principals = principals(document);
            if !principals.is_empty() {
                let (identity_name, policy) = (identity.name.clone(), policy.clone());
                let item = ResidueItem::IdentityPolicy { identity: identity_name, policy, principals };
                add(&identity.place, item);
            }
        }
    }
    for (set, destinations) in present(&live.pinpoint_destinations) {
        for (name, PinpointDestination { enabled, app_arn }) in &destinations.0 {
            let (configuration_set, name) = (set.name.clone(), name.clone());
            let (enabled, app_arn) = (*enabled, app_arn.clone());
            add(&set.place, ResidueItem::EventDestination { configuration_set, name, enabled, app_arn });
        }
    }
    for (function, policy) in present(&live.function_policies) {
        let principals = principals(&policy.0);
        if !principals.is_empty() {
            let item = ResidueItem::FunctionPolicy { function: function.name.clone(), principals };
            add(&function.place, item);
        }
    }
    for (app, jobs) in present(&live.import_jobs) {
        for (role_arn, jobs) in by_role(&jobs.0) {
            add(&app.place(), ResidueItem::ImportJobs { app: app.clone(), role_arn, jobs });
        }
    }
    for (app, jobs) in present(&live.export_jobs) {
        for (role_arn, jobs) in by_role(&jobs.0) {
            add(&app.place(), ResidueItem::ExportJobs { app: app.clone(), role_arn, jobs });
        }
    }
    for (place, recommenders) in present(&live.recommenders) {
        for (id, role_arn) in &recommenders.0 {
            add(place, ResidueItem::Recommender { id: id.clone(), role_arn: role_arn.clone() });
        }
    }
    for (app, channel) in present(&live.email_channels) {
        if let Some(item) = email_channel(app, channel) {
            add(&app.place(), item);
        }
    }
    for (place, templates) in present(&live.message_templates) {
        for MessageTemplate { name, channel } in &templates.0 {
            add(place, ResidueItem::MessageTemplate { name: name.clone(), channel: channel.clone() });
        }
    }
    found
}

fn present<Q, T>(reads: &BTreeMap<Q, Read<T>>) -> impl Iterator<Item = (&Q, &T)> {
    reads.iter().filter_map(|(asked, read)| Some((asked, read.present()?)))
}

fn principals(policy: &Document) -> BTreeSet<String> {
    RoleKind::all().flat_map(|kind| kind.allowed_principals(policy)).collect()
}

/// How many jobs name each role.
fn by_role(jobs: &BTreeMap<String, String>) -> BTreeMap<String, usize> {
    let mut roles = BTreeMap::new();
    for role_arn in jobs.values() {
        *roles.entry(role_arn.clone()).or_default() += 1;
    }
    roles
}

/// None if it names no role.
fn email_channel(app: &AppArn, channel: &EmailChannel) -> Option<ResidueItem> {
    let EmailChannel { role_arn, sending_role_arn } = channel.clone();
    let names_a_role = role_arn.is_some() || sending_role_arn.is_some();
    names_a_role.then(|| ResidueItem::EmailChannel { app: app.clone(), role_arn, sending_role_arn })
}
