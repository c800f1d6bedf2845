//! The last look at a role before a sweep quarantines or deletes it. While a person reads the plan, minutes or hours pass:
//! what the verdict rests on is asked once more, and whatever contradicts it leaves the role alone.
use super::candidate::Candidate;
use super::named_roles::may_mean;
use super::proof::Stated;
use super::readings::Readings;
use super::{guard, owner};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::ids::AppId;
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_model::live::{Answer, LastUsed, LiveApp, LiveRole, Question, Read};
use pinpoint_streams_model::plan::Action;
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::sweep::Findings;
use std::collections::{BTreeMap, BTreeSet};

/// The roles that a sweep quarantines or deletes, with what their verdicts rest on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastLook(BTreeMap<RoleArn, Basis>);

/// What a verdict rests on: the role, the event streams that may name it, and the stacks that may hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    role: LiveRole,
    answers: BTreeMap<Question, Read<Answer>>,
    asserted: BTreeMap<AccountRegion, Asserted>,
    /// The stacks of the regions for which `--no-stacks-in` stands in.
    asserted_stacks: BTreeSet<RegionalRole>,
}

/// A region that was not called, because an assertion stands in for it. The assertion is believed only where Pinpoint
/// does not say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Asserted {
    /// `no_pinpoint_in`: no app was ever there.
    is_never_used: bool,
    /// The apps that the trust policy names.
    named: BTreeSet<AppId>,
    /// The trust policy admits every app of the region.
    admits_all: bool,
}

impl LastLook {
    pub(super) fn of(readings: &Readings<'_>, candidates: &[Candidate<'_>], found: &Findings) -> LastLook {
        let bases = candidates.iter().zip(&found.roles).filter_map(|(candidate, finding)| {
            let action = guard::action(readings, candidate, finding.verdict)?;
            let is_changed = matches!(action, Action::Quarantine | Action::Delete) && finding.held_by.is_empty();
            is_changed.then(|| Some((candidate.arn.clone(), Basis::of(readings, candidate)?))).flatten()
        });
        LastLook(bases.collect())
    }

    pub fn basis(&self, role: &RoleArn) -> Option<&Basis> {
        self.0.get(role)
    }
}

impl Basis {
    fn of(readings: &Readings<'_>, candidate: &Candidate<'_>) -> Option<Basis> {
        let (role, possible) = (candidate.role?, candidate.possible_apps.as_ref()?);
        let mut questions: BTreeSet<Question> = possible.apps.iter().cloned().map(Question::EventStream).collect();
        for place in &possible.regions {
            questions.insert(Question::Apps(place.clone()));
            let apps = readings.live.apps.get(place).and_then(Read::present).into_iter().flat_map(BTreeMap::keys);
            let app = |id| Question::EventStream(AppArn::of(&place.account, &place.region, id));
            questions.extend(apps.map(app));
        }
        let regions = owner::stack_regions(readings, candidate.arn).into_iter().flatten();
        let (account, name) = (&candidate.arn.account, &candidate.arn.name);
        questions.extend(regions.map(|region| Question::Stack(RegionalRole::of(account, &region, name))));
        // What was not asked, or kept in a bundle, rests on something else.
        let answers = questions.into_iter().filter(|question| !readings.origins.contains_key(question));
        let answers = answers.filter_map(|question| Some((question.clone(), readings.live.answer(&question)?)));
        let whole = possible.regions.iter().map(|place| (place.clone(), None));
        let single = possible.apps.iter().map(|app| (app.place(), Some(app.id.clone())));
        let mut asserted = BTreeMap::<AccountRegion, Asserted>::new();
        // Also where its trust policy admits no app: an event stream may name it all the same.
        let swept = readings.sweep.options.regions.iter().map(|region| AccountRegion::of(account, region));
        asserted
            .extend(swept.filter(|place| is_asserted(readings, place)).map(|place| (place, Asserted::default())));
        for (place, app) in whole.chain(single).filter(|(place, _)| is_asserted(readings, place)) {
            let is_never_used = Stated::of(readings, &place).is_never_used();
            let asserted = asserted.entry(place).or_default();
            asserted.is_never_used = is_never_used;
            asserted.admits_all |= app.is_none();
            asserted.named.extend(app);
        }
        let places = readings.sweep.options.no_stacks_in.iter().filter(|place| place.account == *account);
        let stack = |place: &AccountRegion| RegionalRole::of(account, &place.region, name);
        let asserted_stacks = places.map(stack).collect();
        Some(Basis { role: role.clone(), answers: answers.collect(), asserted, asserted_stacks })
    }

    /// What is asked again, besides the role itself.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.answers.keys()
    }

    /// The stacks of regions that an assertion stands in for. No answer is an answer too.
    pub fn asserted_stacks(&self) -> impl Iterator<Item = &RegionalRole> {
        self.asserted_stacks.iter()
    }

    /// The regions that an assertion stands in for. Their apps are asked for; no answer is an answer too.
    pub fn asserted_regions(&self) -> impl Iterator<Item = &AccountRegion> {
        self.asserted.keys()
    }

    /// The event streams to ask for in a region that an assertion stands in for, given its apps, if Pinpoint lists them.
    /// [`Self::change_around`] reads the answers.
    ///
    /// # Errors
    /// There are apps where the manifest says that there never were any.
    pub fn event_streams_in(
        &self,
        place: &AccountRegion,
        apps: Option<&BTreeMap<AppId, LiveApp>>,
    ) -> Result<BTreeSet<Question>, String> {
        let (Some(apps), Some(asserted)) = (apps, self.asserted.get(place)) else { return Ok(BTreeSet::new()) };
        let Asserted { is_never_used, named, admits_all } = asserted;
        let is_admitted = *admits_all || !named.is_empty();
        if let (true, true, Some(app)) = (is_admitted, is_never_used, apps.keys().next()) {
            return Err(format!(
                "app {app} is in {place}, where `no_pinpoint_in` says that Pinpoint was never used"
            ));
        }
        let apps = apps.keys().chain(named).map(|id| AppArn::of(&place.account, &place.region, id));
        Ok(apps.map(Question::EventStream).collect())
    }

    /// What has changed about the role.
    pub fn change_of_role(&self, now: &LiveRole) -> Option<String> {
        let before = &self.role;
        if now.id != before.id {
            return Some(format!("the role was replaced: its id is {}, not {}", now.id, before.id));
        }
        if now.last_used != before.last_used {
            return Some(match &now.last_used {
                LastUsed::At(at, _) => format!("the role was used on {at}"),
                LastUsed::Never { .. } | LastUsed::NotRead => {
                    "the role's last use cannot be read any more".to_owned()
                }
            });
        }
        let has_same_policies = now.inline_policies.len() == before.inline_policies.len()
            && now.inline_policies.iter().all(|(name, document)| {
                before.inline_policies.get(name).is_some_and(|before| same_meaning(before, document))
            })
            && now.attached_policies == before.attached_policies;
        let changed = match () {
            () if !same_meaning(&now.trust_policy, &before.trust_policy) => "trust policy",
            () if now.tags != before.tags => "tags",
            () if !has_same_policies => "permissions",
            () if now.instance_profiles != before.instance_profiles => "instance profiles",
            () => return None,
        };
        Some(format!("the role's {changed} changed since the plan was made"))
    }

    /// Whether an event stream of the app may mean the role by this text, which is not its ARN.
    fn may_mean_it(&self, app: &AppArn, named: &str) -> bool {
        let admits = |asserted: &Asserted| asserted.admits_all || asserted.named.contains(&app.id);
        let is_admitted = self.asserted.get(&app.place()).is_none_or(admits);
        let has_name = named.contains(self.role.name().as_str());
        may_mean(named, &self.role.arn) && (is_admitted || has_name)
    }

    /// What has changed about what is around the role, by the answer to one of the questions.
    pub fn change_around(&self, question: &Question, now: &Read<Answer>) -> Option<String> {
        let before = self.answers.get(question);
        match (question, now) {
            (Question::EventStream(app), Read::Present(Answer::EventStream(stream))) => {
                let named = match &stream.role_arn {
                    _ if stream.uses(&self.role.arn) => "it",
                    named if self.may_mean_it(app, named) => &format!("`{named}`, which may be this role"),
                    _ => return None,
                };
                // It was not read when the plan was made.
                let now = if self.asserted.contains_key(&app.place()) { "" } else { "now " };
                Some(format!("the event stream of app {} in {} {now}uses {named}", app.id, app.place()))
            }
            (Question::Stack(asked), Read::Present(Answer::Stack(stack))) => {
                Some(format!("stack {stack} of {} holds it now", asked.place))
            }
            (Question::Apps(place), Read::Present(Answer::Apps(apps))) => {
                let known = |id: &_| matches!(before, Some(Read::Present(Answer::Apps(before))) if before.contains_key(id));
                let new = apps.keys().find(|id| !known(*id))?;
                Some(format!("app {new} of {place} was not there when the plan was made"))
            }
            (_, Read::Unreadable(why)) if before.is_some_and(Read::is_known) => {
                Some(format!("{} could not be asked again: {why}", place(question)))
            }
            _ => None,
        }
    }

    /// How to plan without the assertion that an answer to this question contradicts. With it, the next plan would be the
    /// same. None where no assertion stands in for the answer.
    pub fn without_assertion(&self, question: &Question) -> Option<String> {
        let place = match question {
            Question::Stack(asked) if self.asserted_stacks.contains(asked) => {
                return Some(format!(
                    "plan again without --no-stacks-in for {}, which this contradicts",
                    asked.place
                ));
            }
            Question::EventStream(app) => app.place(),
            Question::Apps(place) => place.clone(),
            _ => return None,
        };
        Some(match self.asserted.get(&place)?.is_never_used {
            true => {
                format!("take {} out of [sweep] no_pinpoint_in in the manifest, then plan again", place.region)
            }
            false => format!("plan again without --event-streams-gone for {place}, which this contradicts"),
        })
    }
}

/// Whether an assertion stands in for the region, so that it was not called when the plan was made.
fn is_asserted(readings: &Readings<'_>, place: &AccountRegion) -> bool {
    let apps = Question::Apps(place.clone());
    let is_called = readings.live.apps.contains_key(place) && !readings.origins.contains_key(&apps);
    Stated::of(readings, place).stands_in() && !is_called && place.region.has_pinpoint()
}

fn place(question: &Question) -> String {
    match question {
        Question::EventStream(app) => format!("the event stream of app {} in {}", app.id, app.place()),
        Question::Stack(asked) => format!("the stacks of {}", asked.place),
        Question::Apps(AccountRegion { account, region }) => format!("the apps of {account}/{region}"),
        other => other.name().to_owned(),
    }
}
