//! The findings of a sweep as text and JSON. Roles with the same verdict and advice are grouped.
use super::plan::last_line;
use crate::ui::escape::escape;
use crate::ui::facts::{self, Words};
use crate::ui::style::{ADDED, CHANGED, HELP, QUIET, RECORDED, REMOVED, STRONG, WARNING, paint};
use crate::ui::text::{aligned, count};
use anstyle::Style;
use jiff::Timestamp;
use pinpoint_streams_model::fact::{Evidence, Fact};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::LastUsed;
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::problem::{Problem, Problems};
use pinpoint_streams_model::sweep::{BundleFile, Finding, Findings, SweepAction, SweptAccount, Unread, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;
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
    /// The evidence of every role.
    Each,
}

/// Groups of up to this many roles are shown with the evidence of each.
const FEW: usize = 3;

pub(crate) fn text(swept: &Swept, evidences: Evidences, width: usize) -> String {
    let Swept { accounts, findings, action, bundles, plan } = swept;
    let shape = Shape { evidences, width, action: *action };
    let mut text = read(accounts);
    for of in bundles {
        text.push_str(&wrapped(&escape(&bundle(of)), 0, width, "evidence: ", QUIET));
    }
    for SweptAccount { alias, id, unreachable } in accounts {
        let Some(id) = id.as_ref().filter(|_| unreachable.is_none()) else { continue };
        let roles: Vec<&Finding> = findings.roles.iter().filter(|role| role.role.account == *id).collect();
        let unread: Vec<&Unread> = findings.unread.iter().filter(|unread| unread.account == *id).collect();
        text.push_str(&account(&heading(alias.as_str(), id), &roles, &unread, shape));
    }
    let _ = writeln!(text, "\n{}", paint(STRONG, counts(findings)));
    if evidences == Evidences::Common {
        let _ = writeln!(text, "{}", paint(QUIET, "-v or --format json shows all evidence for each role"));
    }
    for gap in unread_totals(&findings.unread) {
        let _ = writeln!(text, "Not read: {gap}.");
    }
    if let Ok(plan) = plan {
        let _ =
            writeln!(text, "{}", paint(QUIET, format_args!("digest {}", escape(&plan.plan_digest.to_string()))));
        let _ = writeln!(text, "{}", paint(STRONG, last_line(plan)));
    }
    text
}

/// `read 38 of 40 accounts`, and the accounts that could not be read.
pub(super) fn read(accounts: &[SweptAccount]) -> String {
    let read = accounts.iter().filter(|account| account.unreachable.is_none()).count();
    let mut text = format!("read {read} of {}\n", count(accounts.len(), "account"));
    for account in accounts.iter().filter_map(unreachable) {
        let _ = writeln!(text, "  {} {account}", paint(WARNING, "unknown:"));
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

#[derive(Debug, Clone, Copy)]
struct Shape {
    evidences: Evidences,
    width: usize,
    action: SweepAction,
}

fn account(name: &str, roles: &[&Finding], not_read: &[&Unread], shape: Shape) -> String {
    let is_listed = not_read.iter().all(|unread| unread.role.is_some());
    let roles_found = if is_listed { of_roles(roles.len()) } else { "its roles could not be read".to_owned() };
    let mut text = format!("\n{}\n", paint(STRONG, format!("{name}: {roles_found}")));
    for one in not_read {
        let _ = writeln!(text, "  {} {}", paint(WARNING, "unknown:"), unread(one));
    }
    // The verdicts to act on come first.
    for verdict in Verdict::ALL.into_iter().rev() {
        let roles: Vec<&Finding> = roles.iter().copied().filter(|role| role.verdict == verdict).collect();
        if !roles.is_empty() {
            let _ = writeln!(text, "\n  {}", paint(of_verdict(verdict), format!("{verdict}: {}", roles.len())));
        }
        for (index, (reasons, roles)) in grouped(&roles, shape.action).into_iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            text.push_str(&group(&reasons, &roles, shape));
        }
    }
    text
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reasons<'a> {
    held_by: &'a [Fact],
    advice: Option<String>,
}

fn grouped<'a>(roles: &[&'a Finding], action: SweepAction) -> BTreeMap<Reasons<'a>, Vec<&'a Finding>> {
    let mut groups: BTreeMap<Reasons<'_>, Vec<&Finding>> = BTreeMap::new();
    for role in roles {
        let reasons = Reasons { held_by: &role.held_by, advice: facts::advice(role, action) };
        groups.entry(reasons).or_default().push(*role);
    }
    groups
}

fn group(reasons: &Reasons<'_>, roles: &[&Finding], shape: Shape) -> String {
    let Shape { evidences, width, action: _ } = shape;
    let Reasons { held_by, advice } = reasons;
    let mut text = String::new();
    let columns = |role: &&Finding| {
        let name = escape(role.role.name.as_str()).into_owned();
        [name, role.purpose.to_string(), used(&role.last_used), made(role.created)]
    };
    let rows: Vec<[String; 4]> = roles.iter().map(columns).collect();
    let each = evidences == Evidences::Each || roles.len() <= FEW;
    for (role, line) in roles.iter().zip(aligned(&rows)) {
        let _ = writeln!(text, "    {line}");
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

/// Creation and last use are columns of the table.
fn is_in_the_row(fact: &Fact) -> bool {
    matches!(fact, Fact::Created { .. } | Fact::LastUsed { .. } | Fact::NeverUsed { .. })
}

/// The evidence that several roles have in common: in full if all have it, with a count and without names if some have it.
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

/// Wraps words to a width, with a sign before the first line.
pub(crate) fn wrapped(words: &str, indent: usize, width: usize, sign: &str, style: Style) -> String {
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
        // GitHub's runner interprets a line that begins with `::`, also after spaces, as a command.
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
    let number = |verdict: Verdict| roles.iter().filter(|role| role.verdict == verdict).count();
    let parts = Verdict::ALL.into_iter().rev().filter(|verdict| number(*verdict) > 0);
    let parts: Vec<String> = parts.map(|verdict| format!("{} {verdict}", number(verdict))).collect();
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
mod tests {
    use super::*;
    use crate::testing::{plain, plan};
    use pinpoint_streams_model::live::{FailureKind, Unreadable};
    use pinpoint_streams_model::role_kind::Purpose;

    fn swept(roles: Vec<Finding>, unread: Vec<Unread>, action: SweepAction) -> Swept {
        let (alias, id) = ("main".parse().unwrap(), Some("123456789012".parse().unwrap()));
        let accounts = vec![SweptAccount { alias, id, unreachable: None }];
        Swept { accounts, findings: Findings { roles, unread }, action, bundles: Vec::new(), plan: Ok(plan(&[])) }
    }

    fn finding(name: &str, verdict: Verdict, held_by: Vec<Fact>) -> Finding {
        Finding {
            role: format!("arn:aws:iam::123456789012:role/{name}").parse().unwrap(),
            role_id: "AROAEXAMPLEEXAMPLE01".parse().unwrap(),
            verdict,
            purpose: Purpose::Unclear,
            created: None,
            last_used: LastUsed::NotRead,
            evidence: Vec::new(),
            held_by,
            advice: None,
        }
    }

    fn shown(swept: &Swept) -> String {
        plain(&text(swept, Evidences::Common, 100))
    }

    #[test]
    fn a_verdict_has_one_heading_and_a_role_that_is_held_back_has_no_advice_to_change_it() {
        let held = vec![Fact::Excluded { pattern: "b".to_owned() }];
        let roles = vec![finding("a", Verdict::Obsolete, Vec::new()), finding("b", Verdict::Obsolete, held)];
        let text = shown(&swept(roles, Vec::new(), SweepAction::Quarantine));
        assert_eq!(text.matches("obsolete: ").count(), 1, "{text}");
        assert!(text.contains("obsolete: 2\n") && text.contains("left alone: --exclude b"), "{text}");
        assert_eq!(text.matches("`sweep --apply`").count(), 1, "{text}");
    }

    #[test]
    fn advice_follows_from_the_action_of_the_sweep() {
        let advice = |verdict, action| facts::advice(&finding("a", verdict, Vec::new()), action).unwrap();
        assert!(advice(Verdict::Obsolete, SweepAction::Delete).starts_with("`sweep --delete --apply`"));
        assert!(advice(Verdict::Obsolete, SweepAction::Quarantine).starts_with("`sweep --apply`"));
        assert!(advice(Verdict::Quarantined, SweepAction::Quarantine).starts_with("`sweep --reap --apply`"));
        assert!(advice(Verdict::Quarantined, SweepAction::Release).starts_with("`sweep --release --apply`"));
    }

    #[test]
    fn an_account_whose_roles_were_not_listed_is_not_counted_as_a_role() {
        let why = Unreadable {
            kind: FailureKind::Denied,
            operation: "ListRoles".to_owned(),
            code: "AccessDenied".to_owned(),
            message: "not authorized".to_owned(),
            request_id: None,
            beneath: Vec::new(),
        };
        let fact = Fact::ReadFailed { what: pinpoint_streams_model::fact::Subject::Roles, why };
        let why = Evidence { fact, call: Some("ListRoles".to_owned()) };
        let unread = Unread { account: "123456789012".parse().unwrap(), role: None, why };
        let text = shown(&swept(Vec::new(), vec![unread], SweepAction::Quarantine));
        assert!(text.contains("123456789012 (main): its roles could not be read"), "{text}");
        assert!(text.contains("Not read: the roles of account 123456789012."), "{text}");
        assert!(!text.to_lowercase().contains("no role trusts"), "{text}");
    }
}
