//! What a sweep found: a table by account that a person can act on, and the same for programs. Roles of one
//! verdict for the same reasons stand together, so that sixty leftovers are not sixty paragraphs.
use super::plan::last_line;
use crate::ui::escape::escape;
use crate::ui::facts::{self, Words};
use crate::ui::style::{ADDED, CHANGED, HELP, QUIET, RECORDED, REMOVED, STRONG, WARNING, paint};
use anstyle::Style;
use jiff::Timestamp;
use pinpoint_streams_model::fact::{Evidence, Fact};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::LastUsed;
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::problem::{Problem, Problems};
use pinpoint_streams_model::sweep::{Finding, Findings, SweptAccount, Unread, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a sweep found, and what it would do.
#[derive(Debug)]
pub(crate) struct Swept {
    /// All accounts that were to be read.
    pub(crate) accounts: Vec<SweptAccount>,
    /// The roles that trust Pinpoint, and what could not be read.
    pub(crate) findings: Findings,
    /// What would be done; or all that stands in the way.
    pub(crate) plan: Result<Plan, Problems>,
}

impl Swept {
    /// Whether something that matters is not known.
    pub(crate) fn has_unknown(&self) -> bool {
        self.findings.has_unknown() || self.accounts.iter().any(|account| account.unreachable.is_some())
    }
}

/// The format of the document in JSON.
const FORMAT_VERSION: u32 = 2;

/// How much of the evidence is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidences {
    /// Of several roles what they have in common.
    Common,
    /// Every role's own.
    Each,
}

/// Up to this many roles of a kind are shown each with its own evidence.
const FEW: usize = 3;

/// All of it, down to the counts.
pub(crate) fn text(swept: &Swept, evidences: Evidences, width: usize) -> String {
    let shape = Shape { evidences, width };
    let Swept { accounts, findings, plan } = swept;
    let mut text = read(accounts);
    for SweptAccount { alias, id, unreachable } in accounts {
        let Some(id) = id.as_ref().filter(|_| unreachable.is_none()) else { continue };
        let roles: Vec<&Finding> = findings.roles.iter().filter(|role| role.role.account == *id).collect();
        let unread: Vec<&Unread> = findings.unread.iter().filter(|unread| unread.account == *id).collect();
        text.push_str(&account(&heading(alias.as_str(), id), &roles, &unread, shape));
    }
    let _ = writeln!(text, "\n{}", paint(STRONG, counts(&findings.roles)));
    if evidences == Evidences::Common {
        let _ = writeln!(text, "{}", paint(QUIET, "-v shows all evidence of each role, --format json too"));
    }
    if !findings.unread.is_empty() {
        let _ = writeln!(text, "{} more could not be read.", findings.unread.len());
    }
    if let Ok(plan) = plan {
        let _ =
            writeln!(text, "{}", paint(QUIET, format_args!("digest {}", escape(&plan.plan_digest.to_string()))));
        let _ = writeln!(text, "{}", paint(STRONG, last_line(plan)));
    }
    text
}

/// `read 38 of 40 accounts`, and those that were not, each with why.
fn read(accounts: &[SweptAccount]) -> String {
    let read = accounts.iter().filter(|account| account.unreachable.is_none()).count();
    let mut text = match accounts.len() {
        1 => format!("read {read} of 1 account\n"),
        all => format!("read {read} of {all} accounts\n"),
    };
    for SweptAccount { alias, id, unreachable } in accounts {
        let Some(why) = unreachable else { continue };
        let name = id.as_ref().map_or_else(|| alias.to_string(), |id| heading(alias.as_str(), id));
        let _ = writeln!(text, "  {} {name}: {}", paint(WARNING, "unknown:"), escape(why));
    }
    text
}

fn heading(alias: &str, id: &AccountId) -> String {
    if alias == id.as_str() || alias == "default" { id.to_string() } else { format!("{id} ({alias})") }
}

#[derive(Debug, Clone, Copy)]
struct Shape {
    evidences: Evidences,
    width: usize,
}

fn account(name: &str, roles: &[&Finding], unread: &[&Unread], shape: Shape) -> String {
    let mut text = format!("\n{}\n", paint(STRONG, format!("{name}: {}", of_roles(roles.len()))));
    for Unread { account: _, role, why } in unread {
        let what = role.as_ref().map_or_else(|| "its roles".to_owned(), |role| format!("role {role}"));
        let _ = writeln!(text, "  {} {what}: {}", paint(WARNING, "unknown:"), evidence(why));
    }
    // The ones to act on first.
    for verdict in Verdict::ALL.into_iter().rev() {
        for (reasons, roles) in grouped(roles.iter().copied().filter(|role| role.verdict == verdict)) {
            text.push_str(&group(verdict, &reasons, &roles, shape));
        }
    }
    text
}

/// Why roles are what they are, and what to do about them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reasons<'a> {
    held_by: &'a [Fact],
    advice: Option<String>,
}

fn grouped<'a>(roles: impl Iterator<Item = &'a Finding>) -> BTreeMap<Reasons<'a>, Vec<&'a Finding>> {
    let mut groups: BTreeMap<Reasons<'_>, Vec<&Finding>> = BTreeMap::new();
    for role in roles {
        let reasons = Reasons { held_by: &role.held_by, advice: facts::advice(role) };
        groups.entry(reasons).or_default().push(role);
    }
    groups
}

fn group(verdict: Verdict, reasons: &Reasons<'_>, roles: &[&Finding], shape: Shape) -> String {
    let Shape { evidences, width } = shape;
    let Reasons { held_by, advice } = reasons;
    let mut text = format!("\n  {}\n", paint(of_verdict(verdict), format!("{verdict}: {}", roles.len())));
    let columns = |role: &Finding| {
        let name = escape(role.role.name.as_str()).into_owned();
        [name, role.purpose.to_string(), used(&role.last_used), made(role.created)]
    };
    let rows: Vec<[String; 4]> = roles.iter().map(|role| columns(role)).collect();
    let widest = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (name_width, purpose_width, used_width) = (widest(0), widest(1), widest(2));
    let each = evidences == Evidences::Each || roles.len() <= FEW;
    for (role, [name, purpose, used, made]) in roles.iter().zip(&rows) {
        let line = format!("    {name:<name_width$}  {purpose:<purpose_width$}  {used:<used_width$}  {made}");
        let _ = writeln!(text, "{}", line.trim_end());
        for own in role.evidence.iter().filter(|own| each && !is_in_the_row(&own.fact)) {
            text.push_str(&wrapped(&evidence(own), 8, width, "- ", QUIET));
        }
    }
    if !each {
        for line in in_common(roles) {
            text.push_str(&wrapped(&line, 6, width, "- ", QUIET));
        }
    }
    for held in *held_by {
        let held = format!("left alone: {}", Words(held));
        text.push_str(&wrapped(&escape(&held), 6, width, "! ", WARNING));
    }
    if let Some(advice) = advice {
        text.push_str(&wrapped(&escape(advice), 6, width, "> ", HELP));
    }
    text
}

/// When a role was made and used stands in its row.
fn is_in_the_row(fact: &Fact) -> bool {
    matches!(fact, Fact::Created { .. } | Fact::LastUsed { .. } | Fact::NeverUsed { .. })
}

/// What several roles have in common: what is true of all of them in full, what is true of some with their
/// number and without what differs. What is true of one alone is left out.
fn in_common(roles: &[&Finding]) -> Vec<String> {
    let mut whole: BTreeMap<&Evidence, usize> = BTreeMap::new();
    roles.iter().flat_map(|role| &role.evidence).for_each(|of| *whole.entry(of).or_default() += 1);
    let is_of_all = |of: &Evidence| whole.get(of) == Some(&roles.len());
    let mut order: Vec<String> = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for of in roles.iter().flat_map(|role| &role.evidence).filter(|of| !is_in_the_row(&of.fact)) {
        let words = if is_of_all(of) { facts::evidence(of) } else { facts::kind_of_evidence(of) };
        let words = escape(&words).into_owned();
        if !counts.contains_key(&words) {
            order.push(words.clone());
        }
        *counts.entry(words).or_default() += 1;
    }
    let line = |words: String| match counts.get(&words).copied().unwrap_or_default() {
        0 | 1 => None,
        all if all >= roles.len() => Some(words),
        some => Some(format!("{some} of {}: {words}", roles.len())),
    };
    order.into_iter().filter_map(line).collect()
}

fn evidence(evidence: &Evidence) -> String {
    escape(&facts::evidence(evidence)).into_owned()
}

/// A paragraph with a sign before it, its lines no wider than this where words allow it.
pub(super) fn wrapped(words: &str, indent: usize, width: usize, sign: &str, style: Style) -> String {
    let mut text = String::new();
    let room = width.saturating_sub(indent + sign.len()).max(20);
    let mut line = String::new();
    let mut lead = sign.to_owned();
    let mut end = |line: &mut String, lead: &mut String| {
        if !line.is_empty() {
            let _ = writeln!(text, "{:indent$}{}", "", paint(style, format!("{lead}{}", line.trim_end())));
            *lead = " ".repeat(sign.len());
            line.clear();
        }
    };
    for word in words.split(' ') {
        // GitHub's runner takes a line that begins so for a command, also one that begins with spaces.
        // Source: GitHub Docs, "Workflow commands".
        let may_begin = !word.is_empty() && !word.starts_with("::");
        if may_begin && !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            end(&mut line, &mut lead);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    end(&mut line, &mut lead);
    text
}

/// When a role was last used, in words.
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
    created.map(|when| format!("made {}", day(when))).unwrap_or_default()
}

/// The day, in UTC.
pub(crate) fn day(when: Timestamp) -> String {
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
fn counts(roles: &[Finding]) -> String {
    let count = |verdict: Verdict| roles.iter().filter(|role| role.verdict == verdict).count();
    let parts = Verdict::ALL.into_iter().rev().filter(|verdict| count(*verdict) > 0);
    let parts: Vec<String> = parts.map(|verdict| format!("{} {verdict}", count(verdict))).collect();
    match parts.as_slice() {
        [] => "No role trusts Pinpoint.".to_owned(),
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

/// All of it as JSON: what was read, what was found, and the plan or what stands in its way.
pub(crate) fn json(swept: &Swept) -> String {
    /// With what a person can do, which follows from the rest.
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
        findings: Vec<Advised<'a>>,
        unread: &'a [Unread],
        plan: Option<&'a Plan>,
        problems: &'a [Problem],
    }
    let Swept { accounts, findings, plan } = swept;
    super::json(&Document {
        format_version: FORMAT_VERSION,
        read: accounts.iter().filter(|account| account.unreachable.is_none()).count(),
        accounts,
        findings: findings
            .roles
            .iter()
            .map(|finding| Advised { finding, advice: facts::advice(finding) })
            .collect(),
        unread: &findings.unread,
        plan: plan.as_ref().ok(),
        problems: plan.as_ref().err().map_or(&[], Vec::as_slice),
    })
}
