//! Equal findings of all accounts, as groups. Names and the evidence of each role are shown on request.
use super::{Evidences, Swept, evidence, heading, made, of_verdict, quarantine, used, wrapped};
use crate::ui::escape::escape;
use crate::ui::facts::{self, gaps, in_short};
use crate::ui::style::{HELP, QUIET, STRONG, WARNING, paint};
use crate::ui::text::count;
use anstyle::Style;
use jiff::Timestamp;
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::LastUsed;
use pinpoint_streams_model::sweep::{Finding, SweepAction, SweptAccount, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The accounts of a group that are named; more are only counted.
const NAMED: usize = 3;

/// Equal findings.
#[derive(Debug)]
pub(super) struct FindingGroup<'a> {
    pub(super) verdict: Verdict,
    pub(super) roles: Vec<&'a Finding>,
    /// `48 roles in growth-prod: why`
    pub(super) head: String,
    /// What the evidence of the roles has in common, where all of it together decides.
    pub(super) in_common: Vec<String>,
    pub(super) held_by: Vec<String>,
    /// What to do, if it is the same for all of them and no command of the next steps.
    pub(super) hint: Option<String>,
}

/// Why findings are equal.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reasons {
    /// `quarantined since 2026-11-30`, where the verdict does not say so.
    quarantined: Option<String>,
    held_by: Vec<String>,
    decided_by: Vec<String>,
}

/// The verdicts to act on come first, and of each verdict the largest group.
pub(super) fn grouped(Swept { accounts, findings, action, bundles: _, plan: _ }: &Swept) -> Vec<FindingGroup<'_>> {
    let of_verdict = |verdict: Verdict| {
        let mut groups: BTreeMap<Reasons, Vec<&Finding>> = BTreeMap::new();
        for role in findings.roles.iter().filter(|role| role.verdict == verdict) {
            groups.entry(Reasons::of(role)).or_default().push(role);
        }
        let mut groups: Vec<(Reasons, Vec<&Finding>)> = groups.into_iter().collect();
        groups.sort_by_key(|(_, roles)| std::cmp::Reverse(roles.len()));
        groups
            .into_iter()
            .map(move |(reasons, roles)| FindingGroup::of(verdict, reasons, roles, accounts, *action))
    };
    Verdict::ALL.into_iter().rev().flat_map(of_verdict).collect()
}

impl<'a> FindingGroup<'a> {
    fn of(
        verdict: Verdict,
        Reasons { quarantined, held_by, decided_by }: Reasons,
        roles: Vec<&'a Finding>,
        accounts: &[SweptAccount],
        action: SweepAction,
    ) -> FindingGroup<'a> {
        let mut head = format!("{} in {}", count(roles.len(), "role"), places(&roles, accounts));
        head.extend(quarantined.map(|since| format!(", {since}")));
        if !decided_by.is_empty() {
            let _ = write!(head, ": {}", decided_by.join("; "));
        }
        let in_common = match decided_by.is_empty() {
            true => [uses(&roles)].into_iter().chain(in_common(&roles)).collect(),
            false => Vec::new(),
        };
        let hints: BTreeSet<String> = match verdict {
            Verdict::Unknown => roles.iter().flat_map(|role| facts::other_hints(role)).collect(),
            // What to do next says it.
            Verdict::Obsolete | Verdict::Quarantined | Verdict::Tripped => BTreeSet::new(),
            _ => roles.iter().filter_map(|role| facts::advice(role, action)).collect(),
        };
        // What differs from role to role is shown with each.
        let hint = if hints.len() == 1 { hints.into_iter().next() } else { None };
        FindingGroup { verdict, roles, head, in_common, held_by, hint }
    }
}

pub(super) fn groups(swept: &Swept, evidences: Evidences, width: usize) -> String {
    let (mut text, mut above) = (String::new(), None);
    for group in grouped(swept) {
        let verdict = group.verdict;
        if above.replace(verdict) != Some(verdict) {
            let heading = format!("{verdict}: {}", swept.findings.count(verdict));
            let _ = writeln!(text, "\n{}", paint(of_verdict(verdict), heading));
        }
        text.push_str(&shown(&group, width));
        if evidences == Evidences::Each {
            text.push_str(&each(&group.roles, &swept.accounts, width));
        }
    }
    text
}

fn shown(
    FindingGroup { verdict: _, roles: _, head, in_common, held_by, hint }: &FindingGroup<'_>,
    width: usize,
) -> String {
    let mut text = wrapped(&escape(head), 2, width, "", Style::new());
    for line in in_common {
        text.push_str(&wrapped(&escape(line), 4, width, "- ", QUIET));
    }
    for held in held_by {
        text.push_str(&wrapped(&escape(&format!("skipped: {held}")), 4, width, "! ", WARNING));
    }
    if let Some(hint) = hint {
        text.push_str(&wrapped(&escape(hint), 4, width, "> ", HELP));
    }
    text
}

impl Reasons {
    fn of(role: &Finding) -> Reasons {
        let held_by: BTreeSet<String> = role.held_by.iter().map(in_short).collect();
        let decided_by: BTreeSet<String> = match role.verdict {
            Verdict::Unknown => gaps(role).into_iter().map(in_short).collect(),
            // All of the evidence together.
            Verdict::Obsolete | Verdict::Quarantined => BTreeSet::new(),
            _ => role.evidence.iter().take(1).map(|of| in_short(&of.fact)).collect(),
        };
        Reasons {
            quarantined: quarantine::under_another_verdict(role),
            held_by: held_by.into_iter().collect(),
            decided_by: decided_by.into_iter().collect(),
        }
    }
}

/// `growth-prod (12), growth-dev (3)`; many accounts are only counted, since the table has them.
fn places(roles: &[&Finding], accounts: &[SweptAccount]) -> String {
    let mut numbers: BTreeMap<&AccountId, usize> = BTreeMap::new();
    roles.iter().for_each(|role| *numbers.entry(&role.role.account).or_default() += 1);
    match numbers.len() {
        1 => numbers.into_keys().map(|id| name(id, accounts)).collect(),
        2..=NAMED => {
            let named = numbers.into_iter().map(|(id, number)| format!("{} ({number})", short_name(id, accounts)));
            named.collect::<Vec<_>>().join(", ")
        }
        many => format!("{many} accounts"),
    }
}

/// The alias, or the ID where there is none.
pub(super) fn short_name(id: &AccountId, accounts: &[SweptAccount]) -> String {
    let account = accounts.iter().find(|account| account.id.as_ref() == Some(id));
    let alias = account.map(|account| account.alias.to_string());
    alias.filter(|alias| alias != "default").unwrap_or_else(|| id.to_string())
}

pub(super) fn name(id: &AccountId, accounts: &[SweptAccount]) -> String {
    let account = accounts.iter().find(|account| account.id.as_ref() == Some(id));
    account.map_or_else(|| id.to_string(), |account| heading(account.alias.as_str(), id))
}

/// `32 not used in 400 days; 16 last used 2026-03-01 to 2026-03-25`
fn uses(roles: &[&Finding]) -> String {
    let (mut never, mut unread) = (BTreeMap::<u32, usize>::new(), 0);
    let mut at: Vec<Timestamp> = Vec::new();
    for role in roles {
        match &role.last_used {
            LastUsed::Never { within_days } => *never.entry(*within_days).or_default() += 1,
            LastUsed::At(when, _) => at.push(*when),
            LastUsed::NotRead => unread += 1,
        }
    }
    let mut parts: Vec<String> =
        never.into_iter().map(|(days, number)| format!("{number} not used in {days} days")).collect();
    if let (Some(first), Some(last)) = (at.iter().min(), at.iter().max()) {
        let (first, last) = (super::day(*first), super::day(*last));
        let when = if first == last { first } else { format!("{first} to {last}") };
        parts.push(format!("{} last used {when}", at.len()));
    }
    if unread > 0 {
        parts.push(format!("{unread} whose use was not read"));
    }
    parts.join("; ")
}

/// The evidence of the roles, each kind once: with a count if only some have it.
fn in_common(roles: &[&Finding]) -> Vec<String> {
    let (mut order, mut counts): (Vec<String>, BTreeMap<String, usize>) = Default::default();
    for role in roles {
        let kinds: BTreeSet<(usize, String)> = role
            .evidence
            .iter()
            .enumerate()
            .filter(|(_, of)| !is_in_the_row(&of.fact) && !role.held_by.contains(&of.fact))
            .map(|(nth, of)| (nth, in_short(&of.fact)))
            .collect();
        let mut seen = BTreeSet::new();
        for (_, kind) in kinds.into_iter().filter(|(_, kind)| seen.insert(kind.clone())) {
            if !counts.contains_key(&kind) {
                order.push(kind.clone());
            }
            *counts.entry(kind).or_default() += 1;
        }
    }
    let line = |kind: String| match counts.get(&kind).copied().unwrap_or_default() {
        all if all >= roles.len() => kind,
        some => format!("{some} of {}: {kind}", roles.len()),
    };
    order.into_iter().map(line).collect()
}

/// Every role with its evidence, by account.
fn each(roles: &[&Finding], accounts: &[SweptAccount], width: usize) -> String {
    let mut by_account: BTreeMap<&AccountId, Vec<&Finding>> = BTreeMap::new();
    roles.iter().for_each(|role| by_account.entry(&role.role.account).or_default().push(role));
    let mut text = String::new();
    for (id, roles) in by_account {
        let _ = writeln!(text, "    {}", paint(STRONG, escape(&name(id, accounts))));
        for role in roles {
            let about = [role.purpose.to_string(), used(&role.last_used), made(role.created)];
            let about: Vec<String> = about.into_iter().filter(|words| !words.is_empty()).collect();
            let line = format!("{}: {}", role.role.name, about.join(", "));
            text.push_str(&wrapped(&escape(&line), 6, width, "", Style::new()));
            for own in role.evidence.iter().filter(|own| !is_in_the_row(&own.fact)) {
                text.push_str(&wrapped(&evidence(own), 8, width, "- ", QUIET));
            }
        }
    }
    text
}

/// Creation and last use are columns of the table.
fn is_in_the_row(fact: &Fact) -> bool {
    matches!(fact, Fact::Created { .. } | Fact::LastUsed { .. } | Fact::NeverUsed { .. })
}
