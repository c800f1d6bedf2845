//! Resources with the workspace's tags, by lineage; and those that could not be read and may have them too.
use super::{Counts, bears_workspace};
use crate::context::unreadable_problem;
use crate::guard::wrong_caller;
use pinpoint_streams_model::ownership::Ownership;
use pinpoint_streams_model::{
    AccountRegion, AccountRole, Address, AppArn, Desired, Fact, Lineage, Live, LiveApp, LiveRole, Origin,
    Problems, Read, Tags, Warning, ownership,
};
use std::collections::BTreeMap;

/// Where an app is, and what it is.
type PlacedApp<'l> = (&'l AccountRegion, &'l LiveApp, Tags);

/// Resources whose tags can be parsed.
pub(super) struct Tagged<'l> {
    roles: Vec<(Mark, &'l LiveRole)>,
    apps: Vec<(Mark, PlacedApp<'l>)>,
    /// Resources whose tags cannot be parsed.
    pub(super) warnings: Vec<Warning>,
}

/// What the tags say.
struct Mark {
    lineage: Lineage,
    address: Address,
    origin: Origin,
}

impl<'l> Tagged<'l> {
    pub(super) fn find(live: &'l Live, desired: &Desired) -> Tagged<'l> {
        let mut tagged = Tagged { roles: Vec::new(), apps: Vec::new(), warnings: Vec::new() };
        for (AccountRole { account, .. }, read) in &live.roles {
            let Some(role) = read.present().filter(|role| bears_workspace(&role.tags, desired)) else { continue };
            if !desired.accounts.values().any(|declared| declared == account) {
                continue;
            }
            match mark(&role.tags) {
                Some(mark) => tagged.roles.push((mark, role)),
                None => tagged.unreadable(&role.arn),
            }
        }
        for (place, read) in &live.apps {
            for app in read.present().into_iter().flat_map(BTreeMap::values) {
                let arn = AppArn::of(&place.account, &place.region, &app.id);
                let asked = live.app_tags.get(&arn).and_then(Read::present);
                let tags = app.tags.as_ref().or(asked).cloned().unwrap_or_default();
                if !bears_workspace(&tags, desired) {
                    continue;
                }
                match mark(&tags) {
                    Some(mark) => tagged.apps.push((mark, (place, app, tags))),
                    None => tagged.unreadable(&arn),
                }
            }
        }
        tagged
    }

    fn unreadable(&mut self, arn: &impl ToString) {
        self.warnings.push(Warning { address: None, fact: Fact::TagsUnreadable { arn: arn.to_string() } });
    }

    pub(super) fn lineages(&self) -> BTreeMap<Lineage, Counts> {
        let mut lineages: BTreeMap<Lineage, Counts> = BTreeMap::new();
        for (mark, _) in &self.roles {
            lineages.entry(mark.lineage.clone()).or_default().roles += 1;
        }
        for (mark, _) in &self.apps {
            lineages.entry(mark.lineage.clone()).or_default().apps += 1;
        }
        lineages
    }

    pub(super) fn roles_of(&self, lineage: &Lineage) -> impl Iterator<Item = (Address, Origin, &'l LiveRole)> {
        let of_lineage = self.roles.iter().filter(move |(mark, _)| mark.lineage == *lineage);
        of_lineage.map(|(mark, role)| (mark.address.clone(), mark.origin, *role))
    }

    pub(super) fn apps_of(
        &self,
        lineage: &Lineage,
    ) -> impl Iterator<Item = (Address, Origin, &'l AccountRegion, (&'l LiveApp, &Tags))> {
        let of_lineage = self.apps.iter().filter(move |(mark, _)| mark.lineage == *lineage);
        of_lineage.map(|(mark, (place, app, tags))| (mark.address.clone(), mark.origin, *place, (*app, tags)))
    }
}

fn mark(tags: &Tags) -> Option<Mark> {
    let Ownership { workspace: _, lineage, address, origin } = ownership::read(tags)?;
    Some(Mark { lineage: lineage?.parse().ok()?, address: address?.parse().ok()?, origin })
}

/// Every question without an answer: a record made without it may lack something.
pub(super) fn unread(live: &Live, desired: &Desired) -> Problems {
    let mut problems = Problems::new();
    note(&mut problems, &live.role_lists, |account| format!("the roles of {account}"));
    note(&mut problems, &live.roles, |AccountRole { account, name }| format!("role {name} of account {account}"));
    note(&mut problems, &live.apps, |place| format!("the apps of {place}"));
    note(&mut problems, &live.app_tags, |app| format!("the tags of app {} in {}", app.id, app.place()));
    note(&mut problems, &live.event_streams, |app| {
        format!("the event stream of app {} in {}", app.id, app.place())
    });
    let hint = "check the profile or role of that account";
    problems.extend(desired.accounts.values().filter_map(|account| wrong_caller(live, account, hint)));
    problems
}

fn note<K, T>(problems: &mut Problems, reads: &BTreeMap<K, Read<T>>, what: impl Fn(&K) -> String) {
    let unread = reads.iter().filter_map(|(about, read)| Some((about, read.failure()?)));
    problems.extend(unread.map(|(about, why)| unreadable_problem(None, what(about), why)));
}
