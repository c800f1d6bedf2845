//! What to do after a sweep, and when.
use super::{Swept, day, wrapped};
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
use std::collections::BTreeMap;
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
    let of = |verdict: Verdict| findings.roles.iter().filter(move |role| role.verdict == verdict);
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
        let what =
            format!("{} used since: check in CloudTrail who needs them", count(tripped, "quarantined role"));
        steps.push(SweepStep {
            prose: format!("{what}. `{release}` restores access"),
            on_page: vec![NextStep::of(format!("{what}; this restores access"), release.as_str())],
        });
    }
    for (date, number) in reap_dates(of(Verdict::Quarantined), *action) {
        let from = match date {
            Some(at) if now.is_some_and(|now| at <= now) => "now".to_owned(),
            Some(at) => format!("from {}", day(at)),
            None => "after their quarantine".to_owned(),
        };
        let (roles, most) = (count(number, "quarantined role"), max_delete(of(Verdict::Quarantined)));
        steps.push(SweepStep::of(
            &format!("reap {from}: {roles}, if still unused"),
            &format!("{command} --reap{}{most} --apply", after(*action)),
        ));
    }
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

/// When the quarantines of roles end, the earliest first. `None`: it is not known.
fn reap_dates<'a>(
    roles: impl Iterator<Item = &'a Finding>,
    action: SweepAction,
) -> Vec<(Option<Timestamp>, usize)> {
    let days = match action {
        SweepAction::Reap { after_days } => after_days,
        SweepAction::Quarantine | SweepAction::Release | SweepAction::Delete => REAP_AFTER_DAYS,
    };
    let mut dates: BTreeMap<Option<String>, (Option<Timestamp>, usize)> = BTreeMap::new();
    for role in roles {
        let at = role.evidence.iter().find_map(|evidence| match evidence.fact {
            Fact::QuarantinedAt { at } => at.checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok(),
            _ => None,
        });
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
