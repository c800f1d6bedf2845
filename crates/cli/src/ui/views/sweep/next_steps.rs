//! What to do after a sweep, and when.
use super::{Swept, day, quarantine, wrapped};
use crate::ui::escape::escape;
use crate::ui::facts::Assertions;
use crate::ui::page::NextStep;
use crate::ui::style::{HELP, STRONG, paint};
use crate::ui::text::count;
use anstyle::Style;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::sweep::{Finding, SweepAction, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The days of `--after` unless it is given.
const REAP_AFTER_DAYS: u32 = 30;
/// The roles of an account that `--max-delete` allows unless it is given.
const MAX_DELETE: usize = 25;
/// How many dates of quarantines are shown; later ones are counted.
const DATES: usize = 3;

/// One thing to do.
#[derive(Debug)]
pub(super) struct SweepStep {
    /// With its commands, in backticks.
    prose: String,
    /// The same, with each command by itself.
    pub(super) on_page: Vec<NextStep>,
}

/// `command`: the sweep of the same accounts, without what it does.
pub(super) fn next_steps(swept: &Swept, command: &str, width: usize) -> String {
    let steps = sweep_steps(swept, command);
    if steps.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", paint(STRONG, "What to do next"));
    for SweepStep { prose, on_page: _ } in steps {
        text.push_str(&wrapped(&escape(&prose), 2, width, "> ", HELP));
    }
    text
}

pub(super) fn sweep_steps(swept: &Swept, command: &str) -> Vec<SweepStep> {
    let Swept { accounts: _, findings, action, bundles: _, plan } = swept;
    let roles = &findings.roles;
    let of = |verdict: Verdict| roles.iter().filter(move |role| role.verdict == verdict);
    let free = |verdict: Verdict| of(verdict).filter(|role| role.held_by.is_empty()).count();
    let now = plan.as_ref().ok().and_then(|plan| plan.options.sweep.as_ref()).map(|sweep| sweep.now);
    let release = format!("{command} --release --apply");
    let mut steps = Vec::new();
    if *action == SweepAction::Release {
        let released = plan.as_ref().map_or(0, |plan| plan.changes.len());
        if released > 0 {
            steps.push(SweepStep::of(&format!("release {}", count(released, "quarantined role")), &release));
        }
        return steps;
    }
    let tripped = of(Verdict::Tripped).count();
    if tripped > 0 {
        let needed = if tripped == 1 { "it" } else { "them" };
        let roles = count(tripped, "quarantined role");
        let what = format!("{roles} used since: check in CloudTrail who needs {needed}");
        steps.push(SweepStep {
            prose: format!("{what}. `{release}` restores access"),
            on_page: vec![NextStep::of(format!("{what}; this restores access"), release.as_str())],
        });
    }
    let released = roles.iter().filter(|role| quarantine::is_released(role)).count();
    if released > 0 {
        let others = match of(Verdict::Quarantined).count() {
            0 => String::new(),
            others => format!(" (and releases {})", count(others, "quarantined role")),
        };
        let what = format!("complete the release of {}{others}", count(released, "role"));
        steps.push(SweepStep::of(&what, &release));
    }
    steps.extend(otherwise_quarantined(roles, &release));
    steps.extend(reaps(roles, *action, now, command));
    steps.extend(never_reaped(roles, command, &release));
    match (free(Verdict::Obsolete), action) {
        (0, _) => {}
        (some, SweepAction::Delete) => {
            let what = format!("delete {}", count(some, "obsolete role"));
            steps.push(SweepStep::of(&what, &format!("{command} --delete --apply")));
        }
        (some, _) => {
            let what = format!("quarantine {}", count(some, "obsolete role"));
            let quarantine = format!("{command} --apply");
            steps.push(SweepStep {
                prose: format!("{what}: `{quarantine}`; `{release}` undoes it"),
                on_page: vec![
                    NextStep::of(capitalized(&what), quarantine),
                    NextStep::of("Undo that", release.as_str()),
                ],
            });
        }
    }
    let unknown = of(Verdict::Unknown).count();
    if unknown > 0 {
        let prose = format!("investigate {}: see below", count(unknown, "unknown role"));
        steps.push(SweepStep { prose, on_page: Vec::new() });
    }
    steps
}

impl SweepStep {
    fn of(what: &str, command: &str) -> SweepStep {
        SweepStep {
            prose: format!("{what}: `{command}`"),
            on_page: vec![NextStep::of(capitalized(what), command)],
        }
    }
}

/// Of roles that are quarantined though their verdict is another.
fn otherwise_quarantined(roles: &[Finding], release: &str) -> Option<SweepStep> {
    let denied: Vec<&Finding> =
        roles.iter().filter(|role| quarantine::under_another_verdict(role).is_some()).collect();
    let (number, all) = (denied.len(), denied.iter().copied());
    let verdicts: BTreeSet<&str> = denied.iter().map(|role| role.verdict.as_str()).collect();
    let (roles, verb) = (count(number, "role"), if number == 1 { "is" } else { "are" });
    let verdicts: Vec<&str> = verdicts.into_iter().collect();
    let again = match Assertions::about(all.filter(|role| role.verdict == Verdict::Unknown)).flags().is_empty() {
        true => "",
        false => "; to reap, repeat the assertions that were made for the quarantine",
    };
    let what = format!("{roles} ({}) {verb} still quarantined, and denied everything", verdicts.join(", "));
    (number > 0).then(|| SweepStep {
        prose: format!("{what}: `{release}` restores access{again}"),
        on_page: vec![NextStep::of(format!("{what}{again}. To restore access"), release)],
    })
}

/// The reap of those that are due, and the reaps of the others.
fn reaps(roles: &[Finding], action: SweepAction, now: Option<Timestamp>, command: &str) -> Vec<SweepStep> {
    let reapable = || roles.iter().filter(|role| role.verdict == Verdict::Quarantined && !is_never_reaped(role));
    let (due, later): (Vec<&Finding>, Vec<&Finding>) = reapable().partition(|role| is_due(role, action, now));
    let flags = after(action);
    let step = |from: &str, number: usize, most: String| {
        let roles = count(number, "quarantined role");
        SweepStep::of(
            &format!("reap {from}: {roles}, if still unused"),
            &format!("{command} --reap{flags}{most} --apply"),
        )
    };
    let first = (!due.is_empty()).then(|| step("now", due.len(), max_delete(due.iter().copied())));
    let others = reap_dates(later.into_iter(), action).into_iter().map(|(date, number)| {
        let from = date.map_or_else(|| "after their quarantine".to_owned(), |at| format!("from {}", day(at)));
        step(&from, number, max_delete(reapable()))
    });
    first.into_iter().chain(others).collect()
}

/// Whether a reap deletes it now. What a reap says itself is more exact than the tag.
fn is_due(role: &Finding, action: SweepAction, now: Option<Timestamp>) -> bool {
    match action {
        SweepAction::Reap { .. } => !role.held_by.iter().any(is_too_late),
        _ => now.zip(quarantine_end(role, action)).is_some_and(|(now, end)| end <= now),
    }
}

fn is_too_late(held: &Fact) -> bool {
    matches!(held, Fact::QuarantinedTooLately { .. })
}

/// Whether something other than time keeps a reap from deleting it.
fn is_never_reaped(role: &Finding) -> bool {
    is_not_recorded(role) || role.held_by.iter().any(|held| !is_too_late(held))
}

/// Whether the state lacks its quarantine.
fn is_not_recorded(role: &Finding) -> bool {
    let facts = role.evidence.iter().map(|known| &known.fact).chain(&role.held_by);
    facts.into_iter().any(|fact| *fact == Fact::QuarantineNotRecorded {})
}

/// What would make a reap possible.
fn never_reaped(roles: &[Finding], command: &str, release: &str) -> Vec<SweepStep> {
    let held = roles.iter().filter(|role| role.verdict == Verdict::Quarantined && is_never_reaped(role));
    let (unrecorded, held): (Vec<&Finding>, Vec<&Finding>) = held.partition(|role| is_not_recorded(role));
    let mut steps = Vec::new();
    if !unrecorded.is_empty() {
        let roles = count(unrecorded.len(), "quarantined role");
        let what = format!(
            "no reap deletes {roles}, whose quarantine is not in the state: reap from the workspace that quarantined, or \
             release and quarantine again"
        );
        let quarantine = format!("{command} --apply");
        steps.push(SweepStep {
            prose: format!("{what}: `{release}`, then `{quarantine}`"),
            on_page: vec![NextStep::of(capitalized(&what), release), NextStep::of("Then", quarantine)],
        });
    }
    if !held.is_empty() {
        let prose = format!("no reap deletes {}, for the reasons below", count(held.len(), "quarantined role"));
        steps.push(SweepStep { prose, on_page: Vec::new() });
    }
    steps
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// The flag for the same wait as in this sweep.
fn after(action: SweepAction) -> String {
    match action {
        SweepAction::Reap { after_days } if after_days != REAP_AFTER_DAYS => format!(" --after {after_days}d"),
        SweepAction::Reap { .. } | SweepAction::Quarantine | SweepAction::Release | SweepAction::Delete => {
            String::new()
        }
    }
}

/// The flag that allows to delete all of these at once.
fn max_delete<'a>(roles: impl Iterator<Item = &'a Finding>) -> String {
    let mut accounts: BTreeMap<&AccountId, usize> = BTreeMap::new();
    roles.for_each(|role| *accounts.entry(&role.role.account).or_default() += 1);
    let most = accounts.into_values().max().unwrap_or_default();
    if most > MAX_DELETE { format!(" --max-delete {most}") } else { String::new() }
}

/// From when on a reap with this wait deletes a role. `None`: it is not known.
fn quarantine_end(role: &Finding, action: SweepAction) -> Option<Timestamp> {
    let days = match action {
        SweepAction::Reap { after_days } => after_days,
        SweepAction::Quarantine | SweepAction::Release | SweepAction::Delete => REAP_AFTER_DAYS,
    };
    role.evidence.iter().find_map(|evidence| match evidence.fact {
        Fact::QuarantinedAt { at } => at.checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok(),
        _ => None,
    })
}

/// When the quarantines of roles end, the earliest first. `None`: it is not known.
fn reap_dates<'a>(
    roles: impl Iterator<Item = &'a Finding>,
    action: SweepAction,
) -> Vec<(Option<Timestamp>, usize)> {
    let mut dates: BTreeMap<Option<String>, (Option<Timestamp>, usize)> = BTreeMap::new();
    for role in roles {
        let at = quarantine_end(role, action);
        let (latest, number) = dates.entry(at.map(day)).or_insert((at, 0));
        *latest = (*latest).max(at);
        *number += 1;
    }
    let mut dates: Vec<_> = dates.into_values().collect();
    dates.sort_by_key(|(at, _)| (at.is_none(), *at));
    if dates.len() > DATES {
        let rest: usize = dates.drain(DATES..).map(|(_, number)| number).sum();
        if let Some((_, number)) = dates.last_mut() {
            *number += rest;
        }
    }
    dates
}

/// One command that classifies what an assertion can stand in for. `None` if there is nothing of the kind.
pub(super) fn assertion_command(swept: &Swept, command: &str, width: usize) -> Option<String> {
    let (intro, flags) = assertion(swept)?;
    let mut text = format!("\n{}", wrapped(&format!("{intro}:"), 0, width, "", Style::new()));
    let _ = write!(text, "  {}", paint(HELP, escape(command)));
    for flag in flags {
        let _ = write!(text, " \\\n    {}", paint(HELP, flag));
    }
    text.push('\n');
    Some(text)
}

/// The same on a page.
pub(super) fn assertion_step(swept: &Swept, command: &str) -> Option<NextStep> {
    let (intro, flags) = assertion(swept)?;
    let lines: Vec<String> = [command.to_owned()].into_iter().chain(flags).collect();
    let line = |(nth, line): (usize, &String)| {
        let (indent, end) = (if nth == 0 { "" } else { "  " }, if nth + 1 == lines.len() { "" } else { " \\" });
        format!("{indent}{line}{end}").into()
    };
    Some(NextStep { what: intro.into(), command: lines.iter().enumerate().map(line).collect() })
}

/// What a person must know, and the flags that assert it.
fn assertion(swept: &Swept) -> Option<(String, Vec<String>)> {
    let unknown = swept.findings.roles.iter().filter(|role| role.verdict == Verdict::Unknown);
    let assertions = Assertions::about(unknown);
    let flags = assertions.flags();
    let intro = format!("Only if you know that {}, classify the unknown roles with", assertions.condition());
    (!flags.is_empty()).then_some((intro, flags))
}
