//! The findings of a sweep as text, JSON, a page and a comment: a table of accounts and verdicts, what to do next, and equal
//! findings as groups.
mod groups;
mod matrix;
mod next_steps;
mod page;
mod quarantine;
mod review;

pub(crate) use page::{SweepCommands, page};
pub(crate) use review::items;

use crate::ui::escape::escape;
use crate::ui::facts::{self, in_short};
use crate::ui::style::{ADDED, CHANGED, QUIET, RECORDED, REMOVED, STRONG, WARNING, of_action, paint};
use crate::ui::text::count;
use crate::ui::wrap::{self, Overlong};
use anstyle::Style;
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::fact::Evidence;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::LastUsed;
use pinpoint_streams_model::plan::{Action, Plan};
use pinpoint_streams_model::problem::{Problem, Problems};
use pinpoint_streams_model::sweep::{BundleFile, Finding, Findings, SweepAction, SweptAccount, Unread, Verdict};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What a sweep found, and what it would do.
#[derive(Debug)]
pub(crate) struct Swept {
    /// Including those that could not be read.
    pub(crate) accounts: Vec<SweptAccount>,
    pub(crate) findings: Findings,
    pub(crate) action: SweepAction,
    /// The bundles of evidence that the findings are based on.
    pub(crate) bundles: Vec<BundleFile>,
    pub(crate) plan: Result<Plan, Problems>,
}

impl Swept {
    /// Whether a verdict is unknown or something could not be read.
    pub(crate) fn has_unknown(&self) -> bool {
        self.findings.has_unknown() || self.accounts.iter().any(|account| account.unreachable.is_some())
    }
}

/// The format of the document in JSON.
const FORMAT_VERSION: u32 = 2;

/// How much of the evidence is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidences {
    /// What the roles of a group have in common.
    Common,
    /// Every role, by name, with its evidence.
    Each,
}

/// `command`: the sweep of the same accounts, for what to do next.
pub(crate) fn text(swept: &Swept, evidences: Evidences, command: &str, width: usize) -> String {
    let mut text = overview(swept, width);
    text.push_str(&next_steps::next_steps(swept, command, width));
    text.push_str(&groups::groups(swept, evidences, width));
    text.push_str(&not_read(swept, width));
    text.extend(next_steps::assertion_command(swept, command, width));
    if evidences == Evidences::Common && !swept.findings.roles.is_empty() {
        let hint = "-v names each role and shows its evidence; --format json has everything";
        text.push_str(&format!("\n{}", wrapped(hint, 0, width, "", QUIET)));
    }
    text.push_str(&ending(swept));
    text
}

/// What is approved: the findings, and every role that the plan changes, by name.
pub(crate) fn for_approval(swept: &Swept, evidences: Evidences, width: usize) -> String {
    let Swept { accounts, plan, .. } = swept;
    let mut text = overview(swept, width);
    text.push_str(&groups::groups(swept, evidences, width));
    text.push_str(&not_read(swept, width));
    let mut changed: BTreeMap<(Action, &AccountId), Vec<String>> = BTreeMap::new();
    for change in plan.iter().flat_map(|plan| &plan.changes) {
        let name = match &change.address {
            Address::Undeclared(role) => role.name.to_string(),
            other => other.to_string(),
        };
        changed.entry((change.action, &change.account)).or_default().push(name);
    }
    for ((action, account), names) in changed {
        let (verb, _, style) = of_action(action);
        let head = format!("to {verb} in {}: {}", groups::name(account, accounts), names.len());
        let _ = writeln!(text, "\n{}", paint(style, escape(&head)));
        text.push_str(&wrapped(&escape(&names.join(", ")), 2, width, "", Style::new()));
    }
    text.push_str(&ending(swept));
    text
}

/// `3 of 22: growth-prod 123456789012`, above the question about an account.
pub(crate) fn question_heading(plan: &Plan, account: &AccountId, nth: usize, all: usize) -> String {
    let mut accounts = plan.basis.accounts.iter();
    let alias = accounts.find(|(_, id)| *id == account).map(|(alias, _)| alias.as_str());
    let name = match alias {
        Some(alias) if alias != account.as_str() && alias != "default" => format!("{alias} {account}"),
        Some(_) | None => account.to_string(),
    };
    format!("\n{}\n", paint(STRONG, format!("{nth} of {all}: {}", escape(&name))))
}

fn overview(Swept { accounts, findings, action: _, bundles, plan: _ }: &Swept, width: usize) -> String {
    let mut text = read(accounts, width);
    for of in bundles {
        text.push_str(&wrapped(&escape(&bundle(of)), 0, width, "evidence: ", QUIET));
    }
    text.push_str(&matrix::matrix(accounts, findings, width));
    text.push_str(&format!("\n{}", wrapped(&counts(findings), 0, width, "", STRONG)));
    text
}

/// What could not be read in the accounts that were.
fn not_read(swept: &Swept, width: usize) -> String {
    let line = |line: String| format!("\n{}", wrapped(&escape(&line), 0, width, "not read: ", WARNING));
    not_read_lines(swept).map(line).collect()
}

/// The same as lines: what, why, and which.
fn not_read_lines(Swept { accounts, findings, .. }: &Swept) -> impl Iterator<Item = String> {
    let mut groups: BTreeMap<(String, bool), Vec<&Unread>> = BTreeMap::new();
    for unread in &findings.unread {
        groups.entry((in_short(&unread.why.fact), unread.role.is_none())).or_default().push(unread);
    }
    groups.into_iter().map(|((why, is_account), unread)| {
        let names: Vec<String> = match is_account {
            true => unread.iter().map(|unread| groups::name(&unread.account, accounts)).collect(),
            false => unread.iter().filter_map(|unread| Some(unread.role.as_ref()?.to_string())).collect(),
        };
        let what = match is_account {
            true => format!("the roles of {}", count(names.len(), "account")),
            false => count(names.len(), "role"),
        };
        format!("{what}: {why}: {}", names.join(", "))
    })
}

/// The digest, and what the plan would do.
fn ending(swept: &Swept) -> String {
    let Ok(plan) = &swept.plan else { return String::new() };
    let digest = format!("digest {}", escape(&plan.plan_digest.to_string()));
    format!("\n{}\n{}\n", paint(QUIET, digest), paint(STRONG, last_line(plan, &swept.findings)))
}

/// `Plan: 48 to quarantine; 12 unknown roles and 7 others unchanged.`
pub(crate) fn last_line(plan: &Plan, findings: &Findings) -> String {
    let mut actions: BTreeMap<&'static str, usize> = BTreeMap::new();
    plan.changes.iter().for_each(|change| *actions.entry(of_action(change.action).0).or_default() += 1);
    let planned: Vec<String> = actions.into_iter().map(|(verb, number)| format!("{number} to {verb}")).collect();
    let changed: BTreeSet<&Address> = plan.changes.iter().map(|change| &change.address).collect();
    let (unknown, others): (Vec<&Finding>, Vec<&Finding>) = findings
        .roles
        .iter()
        .filter(|finding| !changed.contains(&finding.address()))
        .partition(|finding| finding.verdict == Verdict::Unknown);
    let (unknown, others) = (unknown.len(), others.len());
    let rest = match (unknown, others) {
        (0, 0) => String::new(),
        (0, others) => format!("{} unchanged", count(others, "role")),
        (unknown, 0) => format!("{} unchanged", count(unknown, "unknown role")),
        (unknown, others) => {
            format!("{} and {} unchanged", count(unknown, "unknown role"), count(others, "other"))
        }
    };
    match (planned.is_empty(), rest.is_empty()) {
        (true, true) => "No changes.".to_owned(),
        (true, false) => format!("No changes: {rest}."),
        (false, true) => format!("Plan: {}.", planned.join(", ")),
        (false, false) => format!("Plan: {}; {rest}.", planned.join(", ")),
    }
}

/// `read 38 of 40 accounts`, and the accounts that could not be read.
pub(super) fn read(accounts: &[SweptAccount], width: usize) -> String {
    let read = accounts.iter().filter(|account| account.unreachable.is_none()).count();
    let mut text = format!("read {read} of {}\n", count(accounts.len(), "account"));
    for account in accounts.iter().filter_map(unreachable) {
        text.push_str(&wrapped(&account, 2, width, "unknown: ", WARNING));
    }
    text
}

/// `december.evidence, captured until 2026-12-01T06:00:00Z, sha256:…`
pub(super) fn bundle(BundleFile { file, digest, finished }: &BundleFile) -> String {
    format!("{file}, captured until {finished:.0}, {digest}")
}

/// An account that could not be read, and why.
pub(super) fn unreachable(SweptAccount { alias, id, unreachable }: &SweptAccount) -> Option<String> {
    let name = id.as_ref().map_or_else(|| alias.to_string(), |id| heading(alias.as_str(), id));
    unreachable.as_ref().map(|why| format!("{name}: {}", escape(why)))
}

/// What could not be read in an account, and why.
pub(super) fn unread(Unread { account: _, role, why }: &Unread) -> String {
    let what = role.as_ref().map_or_else(|| "its roles".to_owned(), |role| format!("role {role}"));
    format!("{what}: {}", evidence(why))
}

/// How many roles could not be read, and of which accounts not even the list of roles.
pub(crate) fn unread_totals(unread: &[Unread]) -> impl Iterator<Item = String> {
    let roles = unread.iter().filter(|unread| unread.role.is_some()).count();
    let accounts = unread.iter().filter(|unread| unread.role.is_none());
    let accounts = accounts.map(|unread| format!("the roles of account {}", unread.account));
    (roles > 0).then(|| count(roles, "role")).into_iter().chain(accounts)
}

pub(super) fn heading(alias: &str, id: &AccountId) -> String {
    if alias == id.as_str() || alias == "default" { id.to_string() } else { format!("{id} ({alias})") }
}

fn evidence(evidence: &Evidence) -> String {
    escape(&facts::evidence(evidence)).into_owned()
}

/// Wraps words to a width, with a sign before the first line.
pub(crate) fn wrapped(words: &str, indent: usize, width: usize, sign: &str, style: Style) -> String {
    let mut text = String::new();
    let room = width.saturating_sub(indent + sign.len()).max(20);
    let mut lead = sign.to_owned();
    for line in wrap::wrapped(words, room, room, Overlong::Keep).iter().filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "{:indent$}{}", "", paint(style, format!("{lead}{line}")));
        lead = " ".repeat(sign.len());
    }
    text
}

pub(crate) fn used(last_used: &LastUsed) -> String {
    match last_used {
        LastUsed::NotRead => "use not read".to_owned(),
        LastUsed::Never { within_days } => format!("not used in {within_days} days"),
        LastUsed::At(when, region) => {
            let place = region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
            format!("used {}{place}", day(*when))
        }
    }
}

fn made(created: Option<Timestamp>) -> String {
    created.map(|when| format!("created {}", day(when))).unwrap_or_default()
}

/// The UTC date.
fn day(when: Timestamp) -> String {
    when.strftime("%Y-%m-%d").to_string()
}

fn of_verdict(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Obsolete | Verdict::Tripped => REMOVED,
        Verdict::Unknown => WARNING,
        Verdict::Quarantined => CHANGED,
        Verdict::Alive | Verdict::InUse => ADDED,
        Verdict::Managed | Verdict::ManagedElsewhere => RECORDED,
        Verdict::NotOurs => QUIET,
    }
}

/// `60 roles trust Pinpoint: 52 obsolete, 8 in use.`
fn counts(Findings { roles, unread }: &Findings) -> String {
    let of = |verdict: Verdict| roles.iter().filter(move |role| role.verdict == verdict);
    let parts = Verdict::ALL.into_iter().rev().filter(|verdict| of(*verdict).count() > 0);
    let parts: Vec<String> = parts.map(|verdict| quarantine::counted(verdict, of(verdict))).collect();
    match parts.as_slice() {
        [] if unread.is_empty() => "No role trusts Pinpoint.".to_owned(),
        [] => "No role that could be read trusts Pinpoint.".to_owned(),
        parts => format!("{}: {}.", of_roles(roles.len()), parts.join(", ")),
    }
}

fn of_roles(number: usize) -> String {
    match number {
        0 => "no role trusts Pinpoint".to_owned(),
        1 => "1 role trusts Pinpoint".to_owned(),
        several => format!("{several} roles trust Pinpoint"),
    }
}

pub(crate) fn json(swept: &Swept) -> String {
    #[derive(Serialize)]
    struct Advised<'a> {
        #[serde(flatten)]
        finding: &'a Finding,
        advice: Option<String>,
    }
    #[derive(Serialize)]
    struct Document<'a> {
        format_version: u32,
        read: usize,
        accounts: &'a [SweptAccount],
        evidence: &'a [BundleFile],
        findings: Vec<Advised<'a>>,
        unread: &'a [Unread],
        plan: Option<&'a Plan>,
        problems: &'a [Problem],
    }
    let Swept { accounts, findings, action, bundles, plan } = swept;
    super::json(&Document {
        format_version: FORMAT_VERSION,
        read: accounts.iter().filter(|account| account.unreachable.is_none()).count(),
        accounts,
        evidence: bundles,
        findings: findings
            .roles
            .iter()
            .map(|finding| Advised { finding, advice: facts::advice(finding, *action) })
            .collect(),
        unread: &findings.unread,
        plan: plan.as_ref().ok(),
        problems: plan.as_ref().err().map_or(&[], Vec::as_slice),
    })
}

#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod tests;
