//! Rebuilds a lost state from the ownership tags of live resources, of one lineage only: two checkouts of a workspace,
//! each with its own state, do not take resources from each other.
//!
//! | module | what it answers |
//! | --- | --- |
//! | `tagged` | what has the workspace's tags, and what could not be read |
//! | `resources` | how a role, an app or an event stream is recorded |
mod resources;
mod tagged;

use crate::Inquiry;
use crate::usage::PossibleApps;
use pinpoint_streams_model::{
    AccountId, AccountRegion, AccountRole, Address, AppArn, AppIdentity, Desired, Fact, Lineage, Live, Object,
    Problem, ProblemCode, Problems, Question, Read, Recorded, Resource, Tags, Warning, ownership,
};
use resources::{app, event_streams, role};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tagged::{Tagged, unread};

/// What was found, and the record that it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The lineages of this workspace, with the number of resources of each.
    pub lineages: BTreeMap<Lineage, Counts>,
    /// The record of the lineage that was asked for, or of the only one. Its serial is 0: it was never written.
    pub recorded: Option<Recorded>,
    /// Why the record may be incomplete.
    pub problems: Problems,
    /// What is not in the record, and why.
    pub warnings: Vec<Warning>,
}

/// The number of resources with the tags of one lineage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Apps.
    pub apps: usize,
    /// Roles.
    pub roles: usize,
}

/// Rebuilds a lost record, or adds to a record the resources of its lineage that it lacks.
#[derive(Debug, Clone)]
pub struct Recover {
    pub desired: Arc<Desired>,
    pub from: Known,
}

/// What is left of a record.
#[derive(Debug, Clone)]
pub enum Known {
    /// Neither state nor journal. With several lineages and none asked for there is no record yet, only the list to
    /// choose from.
    Nothing { lineage: Option<Lineage> },
    /// A record that may lack what a run made whose own record was lost. What it holds stays as it is.
    Record(Recorded),
}

impl Inquiry for Recover {
    type Output = Recovery;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        let known = match &self.from {
            Known::Nothing { .. } => None,
            Known::Record(recorded) => Some(recorded),
        };
        questions(&self.desired, known, live)
    }

    fn conclude(&self, live: &Live) -> Recovery {
        let Recover { desired, from } = self;
        let tagged = Tagged::find(live, desired);
        let lineages = tagged.lineages();
        let mut problems = unread(live, desired);
        let mut warnings = tagged.warnings.clone();
        let known = match from {
            Known::Record(recorded) => Some(recorded.clone()),
            Known::Nothing { lineage } => {
                let mut names = lineages.keys();
                let chosen = match (lineage, names.next(), names.next()) {
                    (Some(asked), ..) if lineages.contains_key(asked) => Some(asked),
                    (Some(asked), ..) => {
                        problems.push(unknown_lineage(asked, &lineages));
                        None
                    }
                    (None, Some(only), None) => Some(only),
                    (None, _, _) => None,
                };
                chosen.map(|lineage| Recorded { lineage: Some(lineage.clone()), ..Recorded::default() })
            }
        };
        let recorded = known.map(|known| complete(live, desired, &tagged, known, &mut problems, &mut warnings));
        Recovery { recorded, problems, warnings, lineages }
    }
}

fn unknown_lineage(asked: &Lineage, lineages: &BTreeMap<Lineage, Counts>) -> Problem {
    let found: Vec<&str> = lineages.keys().map(Lineage::as_str).collect();
    let hint = match found.as_slice() {
        [] => "nothing in these accounts has the tags of this workspace".to_owned(),
        found => format!("found are: {}", found.join(", ")),
    };
    let message = format!("nothing has the tags of lineage `{asked}` of this workspace");
    Problem::new(ProblemCode::StateLost, message, hint)
}

/// The record with the resources of its lineage that it lacks.
fn complete(
    live: &Live,
    desired: &Desired,
    tagged: &Tagged<'_>,
    mut recorded: Recorded,
    problems: &mut Problems,
    warnings: &mut Vec<Warning>,
) -> Recorded {
    let Some(lineage) = &recorded.lineage.clone() else { return recorded };
    let mut found: BTreeMap<Address, Vec<Resource>> = BTreeMap::new();
    for (address, origin, live) in tagged.roles_of(lineage) {
        let Address::Role(key) = &address else { continue };
        let resource = role(desired, key, origin, live);
        if is_known(&recorded, &resource) {
            continue;
        }
        // Its address is that of another role, whose successor or predecessor it is.
        if recorded.resources.contains_key(&address) {
            let aside = Address::Undeclared(live.arn.in_account());
            recorded.resources.insert_new(aside, resource);
            continue;
        }
        found.entry(address).or_default().push(resource);
    }
    for (address, origin, place, live) in tagged.apps_of(lineage) {
        let Address::App(key) = &address else { continue };
        let resource = app(desired, key, origin, place, live);
        if is_known(&recorded, &resource) {
            continue;
        }
        if recorded.resources.contains_key(&address) {
            let fact = Fact::AlsoTagged { identity: identity(&resource) };
            warnings.push(Warning { address: Some(address), fact });
            continue;
        }
        found.entry(address).or_default().push(resource);
    }
    for (address, candidates) in found {
        match the_one(&address, candidates, desired) {
            Ok(resource) => drop(recorded.resources.insert(address, resource)),
            Err(problem) => problems.push(problem),
        }
    }
    event_streams(live, desired, &mut recorded, warnings);
    let used: BTreeSet<&AccountId> = recorded.resources.values().map(|resource| &resource.account).collect();
    let accounts = desired.accounts.iter().filter(|(_, id)| used.contains(id));
    let accounts: Vec<_> = accounts.map(|(alias, id)| (alias.clone(), id.clone())).collect();
    recorded.accounts.extend(accounts);
    recorded
}

/// Whether it is recorded, wherever that is.
fn is_known(recorded: &Recorded, resource: &Resource) -> bool {
    match &resource.object {
        Object::Role(role) => recorded.resources.roles_with_id(&role.id).next().is_some(),
        Object::App(app) => recorded.resources.app(&app.arn(&resource.account)).is_some(),
        Object::EventStream(_) => false,
    }
}

/// The resource of an address. Of several with its tags, the one that the manifest names.
fn the_one(address: &Address, mut candidates: Vec<Resource>, desired: &Desired) -> Result<Resource, Problem> {
    let declared = candidates.iter().position(|resource| is_the_declared(address, resource, desired));
    match (candidates.len(), declared) {
        (_, Some(at)) => Ok(candidates.swap_remove(at)),
        (1, None) => Ok(candidates.swap_remove(0)),
        (_, None) => {
            let found = candidates.iter().map(identity).collect::<Vec<_>>().join(", ");
            let message = format!("several resources have its tags: {found}");
            let hint = "remove the pinpoint-streams tags from the others";
            Err(Problem::new(ProblemCode::Ambiguous, message, hint).at(address))
        }
    }
}

fn is_the_declared(address: &Address, resource: &Resource, desired: &Desired) -> bool {
    let (Address::Role(key), Object::Role(record)) = (address, &resource.object) else { return false };
    let declared = desired.roles.get(key).and_then(|role| role.arn_under(key).ok());
    declared.is_some_and(|declared| declared == record.arn)
}

fn identity(resource: &Resource) -> String {
    match &resource.object {
        Object::App(app) => format!("app {} in {}/{}", app.id, resource.account, app.region),
        Object::Role(role) => format!("role {}", role.arn),
        Object::EventStream(stream) => format!("the event stream of app {}", stream.app_id),
    }
}

/// Whether these tags name the workspace, whatever the lineage.
fn bears_workspace(tags: &Tags, desired: &Desired) -> bool {
    tags.get(ownership::WORKSPACE).is_some_and(|named| named == desired.workspace.as_str())
}

/// Paths of roles that AWS creates for itself, which have none of our tags.
const OF_AWS: [&str; 2] = ["/aws-service-role/", "/aws-reserved/"];

/// What must be asked, given what has been answered so far. Apps may be ours wherever the manifest names a region, and
/// where `known` records one, whether the manifest still names that place or not.
pub(super) fn questions(desired: &Desired, known: Option<&Recorded>, live: &Live) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    for account in desired.accounts.values() {
        questions.extend(Question::of_account(account));
        questions.insert(Question::RoleList(account.clone()));
        let Some(Read::Present(roles)) = live.role_lists.get(account) else { continue };
        for (name, listed) in roles {
            let path = listed.present().map_or("/", |role| role.arn.path.as_str());
            if OF_AWS.iter().any(|of_aws| path.starts_with(of_aws)) {
                continue;
            }
            questions.insert(Question::role(account, name));
            // The list has it, so an answer in bulk that lacks it is no absence.
            if let Some(Read::Absent) = live.roles.get(&AccountRole::of(account, name)) {
                questions.insert(Question::role_directly(account, name));
            }
        }
    }
    for app in desired.apps.values() {
        questions.insert(Question::Apps(app.place()));
        if let AppIdentity::Existing(id) = &app.identity {
            questions.insert(Question::EventStream(app.arn(id)));
        }
    }
    for resource in known.into_iter().flat_map(|known| known.resources.values()) {
        if let Object::App(app) = &resource.object {
            questions.insert(Question::Apps(AccountRegion::of(&resource.account, &app.region)));
        }
    }
    for role in live.roles.values().filter_map(Read::present) {
        if bears_workspace(&role.tags, desired) {
            let possible = PossibleApps::of(live, &Recorded::default(), role);
            questions.extend(possible.regions.into_iter().map(Question::Apps));
            questions.extend(possible.apps.into_iter().map(Question::EventStream));
        }
    }
    for (place, read) in &live.apps {
        for (id, app) in read.present().into_iter().flatten() {
            let arn = AppArn::of(&place.account, &place.region, id);
            let tags = match &app.tags {
                Some(tags) => Some(tags),
                None => {
                    questions.insert(Question::AppTags(arn.clone()));
                    live.app_tags.get(&arn).and_then(Read::present)
                }
            };
            if tags.is_some_and(|tags| bears_workspace(tags, desired)) {
                questions.insert(Question::EventStream(arn));
            }
        }
    }
    questions
}
