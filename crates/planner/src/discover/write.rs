//! Writes what was found as a manifest.
use super::apps::{FoundApp, FoundApps, LeftOut, Place};
use super::keys::{Named, keys};
use super::lift::{RoleFacts, lift};
use super::roles::{DeclaredRole, Judged};
use super::{Counts, Discovered, Note, NoteKind, Remark};
use pinpoint_streams_model::manifest::AccountSpec;
use pinpoint_streams_model::manifest::draft::{
    DraftApp, DraftGroup, DraftManifest, DraftRole, DraftRoleChoice, DraftSharedRole, DraftStream,
};
use pinpoint_streams_model::{
    AccountAlias, AccountId, AppKey, RoleArn, RoleKey, StreamKey, StreamService, StreamTarget, TrustScope,
    Workspace,
};
use std::collections::{BTreeMap, BTreeSet};

/// The same stream in every account and region: its name and key, not where it is.
type Stream = (StreamService, String, Option<String>);

pub(super) fn write(
    found: FoundApps,
    judged: BTreeMap<RoleArn, Judged>,
    accounts: BTreeMap<AccountAlias, AccountSpec>,
    aliases: &BTreeMap<AccountId, AccountAlias>,
    workspace: &Workspace,
) -> Discovered {
    let app_keys = app_keys(&found.apps);
    let role_keys = role_keys(&judged, &app_keys, aliases);
    let streams = streams(&found.apps);
    let (role_defaults, mut settings) = lift(&facts(&found.apps, &judged, &role_keys));
    let default_region = most_common(found.apps.iter().map(|app| app.place.1.clone()));
    let default_account = most_common(found.apps.iter().map(|app| app.place.0.clone()));
    let default_account = default_account.filter(|_| accounts.len() > 1);

    let mut apps: BTreeMap<Place, Vec<(AppKey, DraftApp)>> = BTreeMap::new();
    for (app, key) in found.apps.iter().zip(&app_keys) {
        let Some(stream) = streams.get(&stream_of(&app.target)) else { continue };
        let Some(Judged { declared, remarks, users: _ }) = judged.get(&app.role) else { continue };
        let (alias, region) = &app.place;
        let mut comments = Vec::new();
        if app.name != key.as_str() {
            comments.push(app.name.clone());
        }
        let role = match (declared, role_keys.get(&app.role)) {
            (Some(_), Some(role)) if RoleKey::from(key.clone()) == *role => {
                comments.extend(remarks.iter().map(Remark::comment));
                DraftRoleChoice::Own(settings.remove(role).unwrap_or_default())
            }
            (Some(_), Some(role)) => DraftRoleChoice::Shared(role.clone()),
            (None, _) | (_, None) => DraftRoleChoice::Elsewhere {
                comments: remarks.iter().map(Remark::comment).collect(),
                arn: app.role.clone(),
            },
        };
        let draft = DraftApp {
            comments,
            id: app.id.clone(),
            account: Some(alias.clone()).filter(|alias| default_account.as_ref().is_some_and(|it| it != alias)),
            region: Some(region.clone()).filter(|region| default_region.as_ref() != Some(region)),
            stream: stream.clone(),
            role,
        };
        apps.entry(app.place.clone()).or_default().push((key.clone(), draft));
    }
    let roles = shared_roles(&judged, &role_keys, &mut settings);
    let notes = notes(&found, &judged);
    let counts = Counts {
        apps: found.apps.len(),
        apps_without_stream: found.without_stream,
        left_out: found.left_out.len(),
        roles: judged.values().filter(|judged| judged.declared.is_some()).count(),
        roles_elsewhere: judged.values().filter(|judged| judged.declared.is_none()).count(),
        unread: found.unread.len(),
    };
    let manifest = DraftManifest {
        preface: preface(&found, &counts),
        workspace: workspace.clone(),
        default_account,
        default_region,
        role_defaults,
        streams: streams.into_iter().map(draft_stream).collect(),
        roles,
        groups: groups(apps, &found.left_out, accounts.len() > 1),
        accounts,
    };
    Discovered { manifest, notes, counts }
}

fn draft_stream(((service, name, key), stream): (Stream, StreamKey)) -> (StreamKey, DraftStream) {
    (stream, DraftStream { service, name, kms_key: key.and_then(|key| key.parse().ok()) })
}

fn app_keys(apps: &[FoundApp]) -> Vec<AppKey> {
    let named = apps.iter().map(|app| {
        let (alias, region) = (app.place.0.to_string(), app.place.1.to_string());
        let short: String = app.id.as_str().chars().take(8).collect();
        let both = format!("{alias}-{region}");
        Named { name: app.name.clone(), tells_apart: vec![region, alias, both, short, app.id.to_string()] }
    });
    let keys = keys(&named.collect::<Vec<_>>(), "app", BTreeSet::new());
    keys.into_iter().filter_map(|key| key.parse().ok()).collect()
}

/// The keys of the roles that the manifest declares: a role of one app alone, named exactly, is that app's own.
fn role_keys(
    judged: &BTreeMap<RoleArn, Judged>,
    app_keys: &[AppKey],
    aliases: &BTreeMap<AccountId, AccountAlias>,
) -> BTreeMap<RoleArn, RoleKey> {
    let mut role_keys = BTreeMap::new();
    let mut shared = Vec::new();
    for (arn, Judged { users, declared, remarks: _ }) in judged {
        let Some(declared) = declared else { continue };
        match users.as_slice() {
            [app] if declared.trust == TrustScope::Apps => {
                role_keys.extend(app_keys.get(*app).map(|key| (arn.clone(), RoleKey::from(key.clone()))));
            }
            _ => shared.push(arn),
        }
    }
    let named = shared.iter().map(|arn| {
        let alias = aliases.get(&arn.account).map(ToString::to_string).unwrap_or_default();
        Named { name: arn.name.to_string(), tells_apart: vec![alias, arn.account.to_string()] }
    });
    let taken = app_keys.iter().map(ToString::to_string).collect();
    let keys = keys(&named.collect::<Vec<_>>(), "role", taken);
    let parsed = shared.into_iter().zip(keys).filter_map(|(arn, key)| Some((arn.clone(), key.parse().ok()?)));
    role_keys.extend(parsed);
    role_keys
}

fn stream_of(target: &StreamTarget) -> Stream {
    let StreamTarget { arn, kms_key } = target;
    (arn.service(), arn.name().to_owned(), kms_key.as_ref().map(ToString::to_string))
}

fn streams(apps: &[FoundApp]) -> BTreeMap<Stream, StreamKey> {
    let streams: BTreeSet<Stream> = apps.iter().map(|app| stream_of(&app.target)).collect();
    let named = streams.iter().map(|(service, name, key)| {
        let mut tells_apart = vec![service.to_string()];
        let key: Vec<&str> = key.iter().flat_map(|key| key.split(':')).collect();
        let part = |at: usize| key.get(at).copied().unwrap_or_default();
        tells_apart.push(part(3).to_owned());
        tells_apart.push(format!("{service}-{}", part(3)));
        tells_apart.push(format!("{service}-{}-{}", part(3), part(5)));
        Named { name: name.clone(), tells_apart }
    });
    let keys = keys(&named.collect::<Vec<_>>(), "stream", BTreeSet::new());
    streams.into_iter().zip(keys).filter_map(|(stream, key)| Some((stream, key.parse().ok()?))).collect()
}

fn facts(
    apps: &[FoundApp],
    judged: &BTreeMap<RoleArn, Judged>,
    keys: &BTreeMap<RoleArn, RoleKey>,
) -> Vec<RoleFacts> {
    let facts = judged.iter().filter_map(|(arn, Judged { users, declared, remarks: _ })| {
        let DeclaredRole { live, trust: _, policy_name, tags } = declared.as_ref()?;
        let users = users.iter().filter_map(|at| apps.get(*at));
        Some(RoleFacts {
            key: keys.get(arn)?.clone(),
            arn: live.arn.clone(),
            policy_name: policy_name.to_string(),
            description: live.description.clone(),
            max_session_duration: live.max_session_duration,
            permissions_boundary: live.permissions_boundary.clone(),
            tags: tags.clone(),
            streams: users.map(|app| app.target.arn.name().to_owned()).collect(),
        })
    });
    facts.collect()
}

/// The roles that are no app's own.
fn shared_roles(
    judged: &BTreeMap<RoleArn, Judged>,
    keys: &BTreeMap<RoleArn, RoleKey>,
    settings: &mut BTreeMap<RoleKey, DraftRole>,
) -> BTreeMap<RoleKey, DraftSharedRole> {
    let shared = judged.iter().filter_map(|(arn, Judged { users: _, declared, remarks })| {
        let (declared, key) = (declared.as_ref()?, keys.get(arn)?);
        let settings = settings.remove(key)?;
        let comments = remarks.iter().map(Remark::comment).collect();
        Some((key.clone(), DraftSharedRole { comments, trust: declared.trust, settings }))
    });
    shared.collect()
}

fn groups(
    mut apps: BTreeMap<Place, Vec<(AppKey, DraftApp)>>,
    left_out: &[LeftOut],
    several_accounts: bool,
) -> Vec<DraftGroup> {
    let places: BTreeSet<Place> =
        apps.keys().cloned().chain(left_out.iter().map(|out| out.place.clone())).collect();
    let several = places.len() > 1;
    let group = |place: Place| {
        let (alias, region) = &place;
        let title = if several_accounts { format!("{alias}, {region}") } else { region.to_string() };
        let mut apps = apps.remove(&place).unwrap_or_default();
        apps.sort_by(|(a, _), (b, _)| a.cmp(b));
        let left_out = left_out.iter().filter(|out| out.place == place);
        let left_out =
            left_out.map(|LeftOut { place: _, id, name, why }| format!("left out: app {id}, \"{name}\": {why}"));
        DraftGroup { title: several.then_some(title), apps, left_out: left_out.collect() }
    };
    places.into_iter().map(group).collect()
}

fn preface(found: &FoundApps, counts: &Counts) -> Vec<String> {
    let Counts { apps, apps_without_stream: _, left_out, roles, roles_elsewhere, unread: _ } = *counts;
    let mut lines = vec!["Written by `pinpoint-streams discover`.".to_owned()];
    let count = |n: usize, one: &str, several: &str| format!("{n} {}", if n == 1 { one } else { several });
    lines.push(format!(
        "It declares {} and {}, just as they are.",
        count(apps, "event stream", "event streams"),
        count(roles, "role", "roles")
    ));
    if roles_elsewhere > 0 {
        let stay = count(roles_elsewhere, "role stays", "roles stay");
        lines.push(format!("{stay} managed elsewhere, with the reason beside it."));
    }
    if left_out > 0 {
        lines.push(format!("{} left out, with the reason below.", count(left_out, "app is", "apps are")));
    }
    lines.push("`pinpoint-streams plan --adopt` shows the adoption, which writes nothing but tags.".to_owned());
    lines.extend(found.unread.iter().map(|what| format!("NOT READ, so that something may be missing: {what}")));
    lines
}

fn notes(found: &FoundApps, judged: &BTreeMap<RoleArn, Judged>) -> Vec<Note> {
    let note = |kind, message: &str| Note { kind, role: None, message: message.to_owned() };
    let mut notes: Vec<Note> = found.unread.iter().map(|what| note(NoteKind::Unread, what)).collect();
    notes.extend(found.left_out.iter().map(|LeftOut { place: (alias, region), id, name, why }| {
        note(NoteKind::LeftOut, &format!("app {id}, \"{name}\", in {alias}, {region}: {why}"))
    }));
    for (arn, Judged { users: _, declared: _, remarks }) in judged {
        let of_role = |remark: &Remark| Note { role: Some(arn.clone()), ..note(remark.kind, &remark.message) };
        notes.extend(remarks.iter().map(of_role));
    }
    notes.sort();
    notes
}

/// The most common of them; of several the first in order.
fn most_common<T: Ord>(all: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    all.for_each(|one| *counts.entry(one).or_default() += 1);
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(one, _)| one)
}
