//! Resources with the workspace's tags, by lineage; and those that could not be read and may have them too.
use super::{Counts, bears_workspace};
use crate::context::unreadable_problem;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::ids::{AccountRole, Lineage};
use pinpoint_streams_model::live::{Live, LiveApp, LiveRole, Read};
use pinpoint_streams_model::ownership::{self, Origin, Ownership, Tags};
use pinpoint_streams_model::plan::Warning;
use pinpoint_streams_model::problem::{Problem, ProblemCode, Problems};
use pinpoint_streams_model::region::AccountRegion;
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
    let mut note = |what: String, why| problems.push(unreadable_problem(None, &what, why));
    for (account, read) in &live.role_lists {
        if let Read::Unreadable(why) = read {
            note(format!("the roles of {account}"), why);
        }
    }
    for (AccountRole { account, name }, read) in &live.roles {
        if let Read::Unreadable(why) = read {
            note(format!("role {name} of account {account}"), why);
        }
    }
    for (place, read) in &live.apps {
        if let Read::Unreadable(why) = read {
            note(format!("the apps of {place}"), why);
        }
    }
    for (app, read) in &live.app_tags {
        if let Read::Unreadable(why) = read {
            note(format!("the tags of app {} in {}", app.id, app.place()), why);
        }
    }
    for (app, read) in &live.event_streams {
        if let Read::Unreadable(why) = read {
            note(format!("the event stream of app {} in {}", app.id, app.place()), why);
        }
    }
    for account in desired.accounts.values() {
        match live.callers.get(account) {
            Some(Read::Present(caller)) if caller != account => problems.push(Problem::new(
                ProblemCode::WrongCaller,
                format!("the credentials for account {account} belong to account {caller}"),
                "check the profile or role of that account",
            )),
            Some(Read::Unreadable(why)) => {
                problems.push(unreadable_problem(None, &format!("the caller identity in account {account}"), why));
            }
            Some(Read::Present(_) | Read::Absent) | None => {}
        }
    }
    problems
}
