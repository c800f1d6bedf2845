//! What a command may do to the account, held against what it did.
use super::template::Owners;
use pinpoint_streams_sandbox::{AppContents, Contents, RoleContents};
use std::collections::{BTreeMap, BTreeSet};

/// How far a command reaches, whatever file was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It writes nothing to the account.
    Nothing,
    /// What the workspace owns.
    Own,
    /// Quarantines what is obsolete.
    Obsolete,
    /// Deletes what was quarantined.
    Quarantined,
    /// Creates what was deleted.
    Deleted,
    /// Creates what a seed names.
    Seeded,
}

const QUARANTINE: &str = "pinpoint-streams:quarantined-at";

/// The contents, by ARN of a role, and by account, region and id of an app.
struct Things<'a> {
    roles: BTreeMap<&'a str, &'a RoleContents>,
    apps: BTreeMap<(&'a str, &'a str, &'a str), &'a AppContents>,
}

impl<'a> Things<'a> {
    fn of(contents: &'a Contents) -> Things<'a> {
        let roles = contents.accounts.values().flat_map(|account| &account.roles);
        let regions = contents.accounts.iter().flat_map(|(id, account)| {
            account.regions.iter().map(move |(region, contents)| (id.as_str(), region.as_str(), contents))
        });
        let apps = regions.flat_map(|(account, region, contents)| {
            contents.apps.iter().map(move |app| ((account, region, app.id.as_str()), app))
        });
        Things { roles: roles.map(|role| (role.arn.as_str(), role)).collect(), apps: apps.collect() }
    }

    /// The roles that event streams name.
    fn in_use(&self) -> BTreeSet<&'a str> {
        self.apps.values().filter_map(|app| Some(app.event_stream.as_ref()?.role.as_str())).collect()
    }

    /// How often each thing is there: an app by its name, anything of a workspace by its address.
    fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        let mut count = |what: String| *counts.entry(what).or_default() += 1;
        for ((account, region, _), app) in &self.apps {
            count(format!("the app {} in {account}/{region}", app.name));
            of_workspace(&app.tags).into_iter().for_each(&mut count);
        }
        for role in self.roles.values() {
            of_workspace(&role.tags).into_iter().for_each(&mut count);
        }
        counts
    }
}

fn of_workspace(tags: &BTreeMap<String, String>) -> Option<String> {
    let tag = |key: &str| tags.get(&format!("pinpoint-streams:{key}"));
    Some(format!("{} of workspace {}", tag("address")?, tag("workspace")?))
}

/// What the planted file names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named<'a> {
    Nothing,
    /// Apps of a manifest, which may get an event stream if they have none.
    Declared(&'a str),
    /// Apps of a state or a journal. An event stream has no tags: one that a forged record names is taken for ours if neither
    /// its app nor its role has the tags of another workspace.
    Recorded(&'a str),
}

impl Named<'_> {
    fn may_change_event_stream_of(self, app: &AppContents, of: &Things<'_>) -> bool {
        match self {
            Named::Nothing => false,
            Named::Declared(text) => app.event_stream.is_none() && text.contains(&app.id),
            Named::Recorded(text) => {
                let role = app.event_stream.as_ref().and_then(|stream| of.roles.get(stream.role.as_str()));
                let is_tagged = |tags| of_workspace(tags).is_some();
                text.contains(&app.id) && !is_tagged(&app.tags) && !role.is_some_and(|role| is_tagged(&role.tags))
            }
        }
    }
}

/// What a command did to the account that it may not do.
pub(super) fn wrongs(
    before: &Contents,
    after: &Contents,
    reach: Reach,
    owners: &Owners,
    named: Named<'_>,
) -> Vec<String> {
    let (old, new) = (Things::of(before), Things::of(after));
    let mut wrongs = Vec::new();
    let in_use = old.in_use();
    for (arn, role) in &old.roles {
        let is_own = reach == Reach::Own && owners.roles.contains(*arn);
        match new.roles.get(arn) {
            None => {
                let is_reaped = reach == Reach::Quarantined && owners.quarantined.contains(*arn);
                if new.in_use().contains(arn) || !(is_own || is_reaped && !in_use.contains(arn)) {
                    wrongs.push(format!("{arn} was deleted"));
                }
            }
            Some(now) if now == role => {}
            Some(now) => {
                let is_swept = reach == Reach::Obsolete
                    && (owners.obsolete.contains(*arn) || owners.quarantined.contains(*arn))
                    && !in_use.contains(arn)
                    && is_quarantined(role, now);
                if !(is_own || is_swept) {
                    wrongs.push(format!("{arn} was changed: {role:?} is now {now:?}"));
                }
                if now.tags.contains_key(QUARANTINE) && new.in_use().contains(arn) {
                    wrongs.push(format!("{arn} was quarantined, though it is in use"));
                }
            }
        }
    }
    for (id, app) in &old.apps {
        let Some(now) = new.apps.get(id) else {
            wrongs.push(format!("the app {} was deleted", app.name));
            continue;
        };
        let may_tag = reach == Reach::Own && owners.apps.contains(&app.id);
        let is_ours = owners.event_streams.contains(&app.id) || named.may_change_event_stream_of(app, &old);
        let may_stream = reach == Reach::Own && is_ours;
        let is_allowed = app.name == now.name
            && (may_tag || app.tags == now.tags)
            && (may_stream || app.event_stream == now.event_stream);
        if !is_allowed {
            wrongs.push(format!("the app {} was changed: {app:?} is now {now:?}", app.name));
        }
    }
    wrongs.extend(made(&old, &new, reach));
    wrongs
}

fn is_quarantined(before: &RoleContents, after: &RoleContents) -> bool {
    let ours = |key: &String| key.starts_with("pinpoint-streams:quarantined");
    let mut without = after.clone();
    without.tags.retain(|key, _| !ours(key));
    without.inline_policies.retain(|name, _| before.inline_policies.contains_key(name));
    without == *before && after.tags.keys().any(ours)
}

/// What was created and should not have been, or was there already.
fn made(old: &Things<'_>, new: &Things<'_>, reach: Reach) -> Vec<String> {
    let mut wrongs = Vec::new();
    let is_ours =
        |tags: &BTreeMap<String, String>| tags.get("pinpoint-streams:workspace").is_some_and(|of| of == "growth");
    for (arn, role) in new.roles.iter().filter(|(arn, _)| !old.roles.contains_key(*arn)) {
        let is_allowed =
            matches!(reach, Reach::Deleted | Reach::Seeded) || reach == Reach::Own && is_ours(&role.tags);
        if !is_allowed {
            wrongs.push(format!("{arn} was created"));
        }
    }
    for (_, app) in new.apps.iter().filter(|(id, _)| !old.apps.contains_key(*id)) {
        if !(reach == Reach::Seeded || reach == Reach::Own && is_ours(&app.tags)) {
            wrongs.push(format!("the app {} was created", app.name));
        }
    }
    let counts = old.counts();
    // A seed names the ids of what it creates.
    for (what, count) in new.counts().into_iter().filter(|_| reach != Reach::Seeded) {
        if count > counts.get(&what).copied().unwrap_or_default().max(1) {
            wrongs.push(format!("{what} is there {count} times"));
        }
    }
    wrongs
}
