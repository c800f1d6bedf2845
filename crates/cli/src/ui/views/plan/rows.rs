//! The rows of a plan, the same for every form in which it is shown: destructive and widening changes first, then the
//! rest, each by account and region. Nothing here is escaped.
use super::names::Names;
use super::statements::{self, StatementRow};
use super::subject;
use crate::ui::facts;
use crate::ui::reason::why;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_model::op::{Op, RoleOp};
use pinpoint_streams_model::plan::{Action, Change, FieldChange, FieldValue, Mode, Plan, Reason, Step};
use pinpoint_streams_model::policy::{Direction, Document, newly_allowed};
use pinpoint_streams_model::region::Region;
use std::collections::BTreeMap;

/// The changes of one place, of those that lose or widen something or of the others.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) is_lost: bool,
    /// `main (123456789012), eu-west-1`
    pub(crate) place: String,
    pub(crate) rows: Vec<Row<'a>>,
}

#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) change: &'a Change,
    /// One phrase; empty where the plan does not say.
    pub(crate) what: String,
    /// None where it is simply new.
    pub(crate) why: Option<&'static str>,
    pub(crate) notes: Vec<String>,
    pub(crate) fields: Vec<FieldRow>,
}

/// A field that changes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FieldRow {
    pub(crate) path: String,
    pub(crate) effect: Option<Direction>,
    pub(crate) values: Values,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// As JSON.
    Plain {
        before: Option<String>,
        after: Option<String>,
    },
    Policy(Box<PolicyChange>),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PolicyChange {
    pub(crate) before: Option<Document>,
    pub(crate) after: Option<Document>,
    pub(crate) statements: Vec<StatementRow>,
    /// A request that is newly allowed, where the change widens.
    pub(crate) example: Option<String>,
}

impl PolicyChange {
    /// Both documents as canonical JSON, line by line.
    pub(crate) fn lines(&self) -> [Vec<String>; 2] {
        let lines = |document: &Option<Document>| -> Vec<String> {
            let json = document.as_ref().map(Document::canonical_json).unwrap_or_default();
            json.lines().map(str::to_owned).collect()
        };
        [lines(&self.before), lines(&self.after)]
    }
}

/// Sorts before the rest what is lost; a region before what is global.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    is_kept: bool,
    account: &'a AccountId,
    is_global: bool,
    region: Option<&'a Region>,
}

pub(crate) fn groups(plan: &Plan) -> Vec<Group<'_>> {
    let names = Names::of(plan);
    let mut steps: BTreeMap<&Address, Vec<&Step>> = BTreeMap::new();
    for step in &plan.steps {
        steps.entry(&step.address).or_default().push(step);
    }
    let mut groups: BTreeMap<Place<'_>, Vec<Row<'_>>> = BTreeMap::new();
    for change in &plan.changes {
        let (account, region) = (&change.account, change.region.as_ref());
        let is_kept = plan.mode == Mode::Drift || !loses_or_widens(change);
        let place = Place { is_kept, account, is_global: region.is_none(), region };
        let steps = steps.get(&change.address).map(Vec::as_slice).unwrap_or_default();
        groups.entry(place).or_default().push(Row::of(change, plan.is_undo(), steps, &names));
    }
    let aliases = &plan.basis.accounts;
    groups
        .into_iter()
        .map(|(place, rows)| Group { is_lost: !place.is_kept, place: place.label(aliases), rows })
        .collect()
}

impl Place<'_> {
    fn label(&self, aliases: &BTreeMap<AccountAlias, AccountId>) -> String {
        let alias = aliases.iter().find(|(_, id)| *id == self.account).map(|(alias, _)| alias);
        let account = match alias {
            Some(alias) if alias.as_str() != self.account.as_str() => format!("{alias} ({})", self.account),
            _ => self.account.to_string(),
        };
        match self.region {
            Some(region) => format!("{account}, {region}"),
            None => format!("{account}, global"),
        }
    }
}

/// Whether someone may lose something by the change, or may do more after it.
pub(crate) fn loses_or_widens(change: &Change) -> bool {
    let widens = change.fields.iter().any(|field| field.effect.is_some_and(Direction::may_widen));
    let revokes = change.notes.iter().any(|note| matches!(note.fact, Fact::LosesAccess { .. }));
    match change.action {
        Action::Delete | Action::Replace | Action::Quarantine | Action::Release => true,
        // It would no longer go where it goes.
        Action::Adopt if change.kind == Kind::EventStream => widens || !change.fields.is_empty(),
        Action::Create | Action::Update | Action::Adopt | Action::Forget | Action::Keep => widens || revokes,
    }
}

impl<'a> Row<'a> {
    fn of(change: &'a Change, is_undo: bool, steps: &[&Step], names: &Names<'_>) -> Row<'a> {
        let notes = change.notes.iter().map(facts::evidence).chain(detached(steps)).collect();
        Row {
            change,
            what: subject::what(change, steps, names),
            why: (change.reason != Reason::New).then(|| why(change, is_undo)),
            notes,
            fields: change.fields.iter().map(|field| FieldRow::of(field, names)).collect(),
        }
    }

    /// Whether the change is of something that is there before and after, so that only what differs is shown.
    pub(crate) fn is_in_place(&self) -> bool {
        matches!(
            self.change.action,
            Action::Update | Action::Adopt | Action::Quarantine | Action::Release | Action::Keep
        )
    }

    /// Whether it is recreated from its archive.
    pub(super) fn is_restored(&self) -> bool {
        (self.change.action, self.change.reason) == (Action::Create, Reason::Restored)
    }

    /// Whether it stays as it is and is no longer managed.
    pub(super) fn is_forgotten(&self) -> bool {
        self.change.action == Action::Forget
    }

    /// The notes for several changes that are equal but for what they are changes of.
    pub(super) fn shared_notes(&self) -> Vec<String> {
        match self.is_restored() {
            true => self.change.notes.iter().map(|note| facts::of_many(&note.fact)).collect(),
            false => self.notes.clone(),
        }
    }
}

/// What is taken off a role before it is deleted, and was not attached by this program.
fn detached(steps: &[&Step]) -> Vec<String> {
    let of = |step: &&Step| match &step.op {
        Op::Role(RoleOp::DetachPolicy { policy, .. }) => {
            Some(format!("managed policy {policy} is detached from it"))
        }
        Op::Role(RoleOp::RemoveFromProfile { instance_profile, .. }) => {
            Some(format!("it is removed from instance profile {instance_profile}"))
        }
        Op::App(_) | Op::Role(_) | Op::EventStream(_) | Op::Record(_) => None,
    };
    steps.iter().filter_map(of).collect()
}

impl FieldRow {
    /// Whether it has a value before and after.
    pub(crate) fn is_change(&self) -> bool {
        match &self.values {
            Values::Plain { before, after } => before.is_some() && after.is_some(),
            Values::Policy(policy) => policy.before.is_some() && policy.after.is_some(),
        }
    }

    fn of(field: &FieldChange, names: &Names<'_>) -> FieldRow {
        let FieldChange { path, before, after, effect } = field;
        let plain = |value: &Option<FieldValue>| value.as_ref().map(|value| names.unknowns.text(&value.json()));
        let values = match policies(field, names) {
            None => Values::Plain { before: plain(before), after: plain(after) },
            Some((before, after)) => {
                let statements = statements::rows(before.as_ref(), after.as_ref());
                let example = match (&after, effect) {
                    (Some(after), Some(effect)) if effect.may_widen() => newly_allowed(before.as_ref(), after),
                    _ => None,
                };
                let example = example.as_ref().map(statements::example);
                Values::Policy(Box::new(PolicyChange { before, after, statements, example }))
            }
        };
        FieldRow { path: path.clone(), effect: *effect, values }
    }
}

/// Both sides, if the field is a policy.
fn policies(field: &FieldChange, names: &Names<'_>) -> Option<(Option<Document>, Option<Document>)> {
    if field.path != "trust_policy" && !field.path.starts_with("inline_policies.") {
        return None;
    }
    let read = |value: &Option<FieldValue>| match value {
        None => Some(None),
        Some(value) => names.unknowns.policy(&value.json()).map(Some),
    };
    Some((read(&field.before)?, read(&field.after)?))
}

pub(crate) fn effect_label(effect: Direction) -> &'static str {
    match effect {
        Direction::Same => "grants the same",
        Direction::Widens => "widens",
        Direction::Narrows => "narrows",
        Direction::Both => "widens and narrows",
    }
}
