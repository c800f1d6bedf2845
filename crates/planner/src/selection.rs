//! Which addresses a plan covers: `--target`, `--exclude`, `--accounts`.
use pinpoint_streams_model::{
    AccountId, Address, AppIdentity, Desired, DesiredRole, Mode, Options, Problem, ProblemCode, Recorded,
    Resource, RoleKey, RoleRecord, RoleRef,
};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use wildmatch::WildMatch;

/// A pattern that matches nothing is answered with no more addresses than this.
const MOST_NEAR: usize = 4;

/// Which addresses a plan covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    Everything,
    Only(BTreeSet<Address>),
}

impl Selection {
    pub(crate) fn covers(&self, address: &Address) -> bool {
        match self {
            Selection::Everything => true,
            Selection::Only(addresses) => addresses.contains(address),
        }
    }

    /// Whether some addresses are left out.
    pub(crate) fn is_partial(&self) -> bool {
        *self != Selection::Everything
    }
}

/// Every address that is desired or recorded, with its account; as desired if both.
fn all_addresses<'a>(desired: &'a Desired, recorded: &'a Recorded) -> BTreeMap<Address, &'a AccountId> {
    let recorded = recorded.resources.iter().map(|(address, resource)| (address.clone(), &resource.account));
    recorded.chain(desired_addresses(desired)).collect()
}

pub(crate) fn desired_addresses(desired: &Desired) -> impl Iterator<Item = (Address, &AccountId)> {
    let apps = desired.apps.iter().flat_map(|(key, app)| {
        let is_owned = matches!(app.identity, AppIdentity::Owned { .. });
        let owned = is_owned.then(|| Address::App(key.clone()));
        let event_stream = app.event_stream.is_some().then(|| Address::EventStream(key.clone()));
        owned.into_iter().chain(event_stream).map(|address| (address, &app.account))
    });
    apps.chain(desired.roles.iter().map(|(key, role)| (Address::Role(key.clone()), &role.account)))
}

/// The accounts of the desired and recorded addresses that are covered.
pub(crate) fn covered_accounts<'a>(
    selection: &Selection,
    desired: &'a Desired,
    recorded: &'a Recorded,
) -> BTreeSet<&'a AccountId> {
    let desired = desired_addresses(desired).filter(|(address, _)| selection.covers(address));
    let recorded = recorded.resources.iter().filter(|(address, _)| selection.covers(address));
    desired.map(|(_, account)| account).chain(recorded.map(|(_, resource)| &resource.account)).collect()
}

/// What the options select, and the patterns that select nothing.
pub(crate) fn select(
    mode: Mode,
    desired: &Desired,
    recorded: &Recorded,
    options: &Options,
) -> (Selection, Vec<Problem>) {
    if !options.is_partial() {
        return (Selection::Everything, Vec::new());
    }
    let mut problems = Vec::new();
    let all = all_addresses(desired, recorded);
    let links = Links::of(mode, desired, recorded);
    let mut matching = |flag: &str, patterns: &[String]| -> BTreeSet<Address> {
        let mut found = BTreeSet::new();
        for pattern in patterns {
            let glob = WildMatch::new(pattern);
            let before = found.len();
            found.extend(all.keys().filter(|address| glob.matches(&address.to_string())).cloned());
            if found.len() == before && !found.iter().any(|address| glob.matches(&address.to_string())) {
                problems.push(no_match(flag, pattern, &all, desired));
            }
        }
        found
    };
    let targets = matching("--target", &options.targets);
    let excludes = matching("--exclude", &options.excludes);
    for alias in &options.accounts {
        if !desired.accounts.contains_key(alias) {
            let known: Vec<&str> = desired.accounts.keys().map(|alias| alias.as_str()).collect();
            let message = format!("--accounts names {alias}, which the manifest does not declare");
            let hint = format!("it declares {}", known.join(", "));
            problems.push(Problem::new(ProblemCode::Selector, message, hint));
        }
    }
    let mut selected = if options.targets.is_empty() {
        all.keys().cloned().collect()
    } else {
        closure(targets, |address| links.needs(address))
    };
    if !options.accounts.is_empty() {
        let accounts: BTreeSet<&AccountId> =
            options.accounts.iter().filter_map(|alias| desired.accounts.get(alias)).collect();
        selected.retain(|address| all.get(address).is_some_and(|account| accounts.contains(*account)));
    }
    let excluded = closure(excludes, |address| links.dependants(address));
    selected.retain(|address| !excluded.contains(address));
    (Selection::Only(selected), problems)
}

fn no_match(flag: &str, pattern: &str, all: &BTreeMap<Address, &AccountId>, desired: &Desired) -> Problem {
    let key = pattern.rsplit('.').next().unwrap_or(pattern);
    let (meant, says_something) = (WildMatch::new(key), key.contains(|c| !['*', '?'].contains(&c)));
    let near = all.keys().filter(|address| says_something && address.key().is_some_and(|key| meant.matches(key)));
    let near: Vec<String> = near.take(MOST_NEAR).map(Address::to_string).collect();
    let hint = if near.is_empty() {
        "addresses look like role.shop, event_stream.shop or app.blog; `pinpoint-streams state list` shows what is \
         recorded"
            .to_owned()
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    let glob = WildMatch::new(pattern);
    let is_not_managed = desired.apps.iter().any(|(key, app)| {
        matches!(app.identity, AppIdentity::Existing(_)) && glob.matches(&Address::App(key.clone()).to_string())
    });
    let why = if is_not_managed {
        ": an app that the manifest names by its ID is not managed, only its event stream and role"
    } else {
        ""
    };
    Problem::new(ProblemCode::Selector, format!("{flag} `{pattern}` matches nothing{why}"), hint)
}

fn closure(start: BTreeSet<Address>, next: impl Fn(&Address) -> Vec<Address>) -> BTreeSet<Address> {
    let mut found = start.clone();
    let mut frontier: Vec<Address> = start.into_iter().collect();
    while let Some(address) = frontier.pop() {
        for neighbour in next(&address) {
            if found.insert(neighbour.clone()) {
                frontier.push(neighbour);
            }
        }
    }
    found
}

/// Who needs whom.
struct Links<'a> {
    mode: Mode,
    desired: &'a Desired,
    recorded: &'a Recorded,
    /// Of `streams_on()`.
    streams_on: OnceCell<BTreeMap<Address, BTreeSet<Address>>>,
}

impl<'a> Links<'a> {
    fn of(mode: Mode, desired: &'a Desired, recorded: &'a Recorded) -> Links<'a> {
        Links { mode, desired, recorded, streams_on: OnceCell::new() }
    }

    /// The event streams that are, or are to be, on each role. Few selections need them.
    fn streams_on(&self) -> &BTreeMap<Address, BTreeSet<Address>> {
        self.streams_on.get_or_init(|| {
            let recorded = &self.recorded.resources;
            let wanted = self.desired.apps.keys().cloned().map(Address::EventStream);
            let wanted = wanted.filter(|stream| !recorded.contains_key(stream));
            let mut on: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
            for stream in recorded.keys().cloned().chain(wanted) {
                if matches!(stream, Address::EventStream(_)) {
                    let roles = self.above(&stream).into_iter().filter(|above| !matches!(above, Address::App(_)));
                    for role in roles {
                        on.entry(role).or_default().insert(stream.clone());
                    }
                }
            }
            on
        })
    }

    /// Whether the address stays, so that what it needs must be there.
    fn stays(&self, address: &Address) -> bool {
        self.mode == Mode::Converge
            && match address {
                Address::App(key) => {
                    self.desired.apps.get(key).is_some_and(|app| matches!(app.identity, AppIdentity::Owned { .. }))
                }
                Address::Role(key) => self.desired.roles.contains_key(key),
                Address::EventStream(key) => {
                    self.desired.apps.get(key).is_some_and(|app| app.event_stream.is_some())
                }
                Address::Undeclared(..) => false,
            }
    }

    /// Whether it is a role that gets another name, so that the old one goes once its event streams have moved.
    fn is_renamed(&self, address: &Address) -> bool {
        let Address::Role(key) = address else { return false };
        let desired = self.desired.roles.get(key);
        let both = desired.zip(self.recorded.resources.get(address));
        both.is_some_and(|(desired, resource)| is_renamed(key, desired, resource))
    }

    /// What a target takes along: up for what stays, down for what goes.
    fn needs(&self, address: &Address) -> Vec<Address> {
        if !self.stays(address) {
            return self.below(address);
        }
        let moving = if self.is_renamed(address) { self.below(address) } else { Vec::new() };
        self.above(address).into_iter().chain(moving).collect()
    }

    /// What an exclusion takes along: what stays and needs it, what goes and must wait for it.
    fn dependants(&self, address: &Address) -> Vec<Address> {
        let needing = if self.stays(address) { self.below(address) } else { Vec::new() };
        let goes = |above: &Address| !self.stays(above) || self.is_renamed(above);
        let waiting = self.above(address).into_iter().filter(goes);
        needing.into_iter().chain(waiting).collect()
    }

    /// The role and the app of an event stream; the new apps of a role of one's own.
    fn above(&self, address: &Address) -> Vec<Address> {
        let mut above = Vec::new();
        match address {
            Address::EventStream(key) => {
                let app = Address::App(key.clone());
                if self.stays(&app) || self.recorded.resources.contains_key(&app) {
                    above.push(app);
                }
                let stream = self.desired.apps.get(key).and_then(|app| app.event_stream.as_ref());
                if let Some(RoleRef::Managed(role)) = stream.map(|stream| &stream.role) {
                    above.push(Address::Role(role.clone()));
                }
                let known = self.recorded.resources.get(address).and_then(|known| known.object.as_event_stream());
                let role = known.and_then(|stream| self.recorded.resources.role(&stream.role_arn));
                above.extend(role.map(|(role, _)| role.clone()));
            }
            Address::Role(role) => {
                let apps = self.desired.roles.get(role).map(|role| &role.apps);
                let own = role.as_str().parse().ok().filter(|own| apps.is_some_and(|apps| apps.contains(own)));
                above.extend(own.map(Address::App).filter(|app| self.stays(app)));
            }
            Address::App(_) | Address::Undeclared(..) => {}
        }
        above
    }

    /// The event streams on a role; the event stream and the own role of an app.
    fn below(&self, address: &Address) -> Vec<Address> {
        match address {
            Address::App(key) => {
                vec![Address::EventStream(key.clone()), Address::Role(RoleKey::from(key.clone()))]
            }
            Address::Role(_) | Address::Undeclared(..) => {
                self.streams_on().get(address).into_iter().flatten().cloned().collect()
            }
            Address::EventStream(_) => Vec::new(),
        }
    }
}

/// Whether a recorded role is to get another name or account, so that it is replaced.
pub(crate) fn is_renamed(key: &RoleKey, desired: &DesiredRole, resource: &Resource) -> bool {
    let Some(record) = resource.object.as_role() else { return false };
    let named_under = resource.named_under.parse().ok();
    !is_named(record, desired, named_under.as_ref().unwrap_or(key))
}

/// Whether the role has the name and account that the manifest gives it under this key.
pub(crate) fn is_named(record: &RoleRecord, desired: &DesiredRole, key: &RoleKey) -> bool {
    desired.arn_under(key).is_ok_and(|arn| arn.account == record.arn.account && arn.name == record.arn.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_testkit::{FakeCloud, desired};

    /// How many links are looked at in a workspace of so many apps, half of them on a shared role, if each address
    /// is selected and excluded once.
    fn links_looked_at(apps: usize) -> usize {
        let all = (0..apps).fold(desired().shared_role("shared", |role| role), |manifest, number| {
            let is_shared = number % 2 == 0;
            manifest.app(&format!("app{number}"), |app| {
                let app = app.kinesis("clicks");
                if is_shared { app.role("shared") } else { app }
            })
        });
        let desired = all.build();
        let recorded = FakeCloud::applied(&desired).1;
        let links = Links::of(Mode::Converge, &desired, &recorded);
        let addresses = all_addresses(&desired, &recorded);
        addresses.keys().map(|address| links.needs(address).len() + links.dependants(address).len()).sum()
    }

    #[test]
    fn eight_times_as_many_apps_have_eight_times_as_many_links() {
        let (few, many) = (links_looked_at(50), links_looked_at(400));
        assert!(few > 0 && many <= 8 * few + 8, "{few} links of 50 apps, {many} of 400");
    }
}
