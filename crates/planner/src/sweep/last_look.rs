//! The last look at a role before a sweep quarantines or deletes it. While a person reads the plan, minutes or hours pass:
//! what the verdict rests on is asked once more, and whatever contradicts it leaves the role alone.
use super::candidate::Candidate;
use super::guard;
use super::owner;
use super::readings::Readings;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::live::question::RegionalRole;
use pinpoint_streams_model::live::{Answer, LastUsed, LiveRole, Question, Read};
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
        Some(Basis { role: role.clone(), answers: answers.collect() })
    }

    /// What is asked again, besides the role itself.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.answers.keys()
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

    /// What has changed about what is around the role, by the answer to one of the questions.
    pub fn change_around(&self, question: &Question, now: &Read<Answer>) -> Option<String> {
        let before = self.answers.get(question)?;
        match (question, now) {
            (Question::EventStream(app), Read::Present(Answer::EventStream(stream)))
                if stream.uses(&self.role.arn) =>
            {
                Some(format!("the event stream of app {} in {} names it now", app.id, app.place()))
            }
            (Question::Stack(asked), Read::Present(Answer::Stack(stack))) => {
                Some(format!("stack {stack} of {} holds it now", asked.place))
            }
            (Question::Apps(place), Read::Present(Answer::Apps(apps))) => {
                let known =
                    |id: &_| matches!(before, Read::Present(Answer::Apps(before)) if before.contains_key(id));
                let new = apps.keys().find(|id| !known(*id))?;
                Some(format!("app {new} of {place} was not there when the plan was made"))
            }
            (_, Read::Unreadable(why)) if before.is_known() => {
                Some(format!("{} could not be asked again: {why}", place(question)))
            }
            _ => None,
        }
    }
}

fn place(question: &Question) -> String {
    match question {
        Question::EventStream(app) => format!("the event stream of app {} in {}", app.id, app.place()),
        Question::Stack(asked) => format!("the stacks of {}", asked.place),
        Question::Apps(AccountRegion { account, region }) => format!("the apps of {account}/{region}"),
        other => other.name().to_owned(),
    }
}
