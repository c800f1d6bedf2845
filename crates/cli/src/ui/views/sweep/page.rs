//! The findings of a sweep as a page and as a comment.
use super::groups::{FindingGroup, grouped, name, short_name};
use super::next_steps::{assertion_step, sweep_steps};
use super::{Swept, bundle, counts, last_line, made, matrix, not_read_lines, quarantine, unreachable, used};
use crate::ui::facts;
use crate::ui::page::{Folded, NextStep, Notice, Page, PageField, PageGroup, PageLine, PageRow, RowMark, Tone};
use crate::ui::text::count;
use pinpoint_streams_model::sweep::{Finding, SweepAction, SweptAccount, Verdict};

/// The commands that follow a sweep, as they are typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct SweepCommands {
    /// Sweeps the same accounts by the same criteria.
    pub(crate) again: String,
    /// Applies the saved plan, if it changes something.
    pub(crate) apply_saved: Option<String>,
    /// Shows the findings as a page.
    pub(crate) everything: String,
}

pub(crate) fn page(swept: &Swept, commands: &SweepCommands) -> Page {
    let Swept { accounts, findings, action, bundles, plan } = swept;
    let SweepCommands { again, apply_saved, everything } = commands;
    let read = accounts.iter().filter(|account| account.unreachable.is_none()).count();
    let about = [PageLine::plain(format!("Read {read} of {}.", count(accounts.len(), "account")))];
    let evidence = bundles.iter().map(|of| PageLine::of("Evidence", bundle(of)));
    let planned = plan.as_ref().ok().map(|plan| PageLine::plain(last_line(plan, findings)));
    let not_read = accounts.iter().filter_map(unreachable).chain(not_read_lines(swept));
    let notices = [
        plan.as_ref().err().and_then(|problems| Notice::problems(problems)),
        Notice::of("Not read", not_read),
        plan.as_ref().ok().and_then(|plan| Notice::warnings(&plan.warnings)),
    ];
    let saved = apply_saved.as_ref();
    let saved = saved.map(|apply| NextStep::of("Apply the saved plan, within 24 hours", apply.as_str()));
    let steps = sweep_steps(swept, again).into_iter().flat_map(|step| step.on_page);
    Page {
        title: counts(findings).trim_end_matches('.').into(),
        about: about.into_iter().chain(planned).chain(evidence).collect(),
        noun: "role",
        facets: &["verdict", "account", "purpose"],
        marks: Verdict::ALL.into_iter().rev().map(mark).collect(),
        tables: matrix::table(accounts, findings).into_iter().collect(),
        notices: notices.into_iter().flatten().collect(),
        groups: grouped(swept).iter().map(|of| group(of, accounts, *action)).collect(),
        folded: Folded::Groups,
        next: saved.into_iter().chain(steps).chain(assertion_step(swept, again)).collect(),
        closing: plan.iter().map(|plan| PageLine::of("Digest", plan.plan_digest.to_string())).collect(),
        everything: everything.clone(),
        ..Page::default()
    }
}

fn mark(verdict: Verdict) -> RowMark {
    let (sign, tone) = match verdict {
        Verdict::Obsolete => ("-", Tone::Bad),
        Verdict::Tripped => ("!", Tone::Bad),
        Verdict::Quarantined => ("||", Tone::Warn),
        Verdict::Unknown => ("?", Tone::Warn),
        Verdict::Alive | Verdict::InUse => ("+", Tone::Good),
        Verdict::Managed | Verdict::ManagedElsewhere => ("=", Tone::Info),
        Verdict::NotOurs => ("x", Tone::Quiet),
    };
    RowMark { value: verdict.as_str(), sign, tone, label: verdict.as_str() }
}

fn group(group: &FindingGroup<'_>, accounts: &[SweptAccount], action: SweepAction) -> PageGroup {
    let FindingGroup { verdict, roles, head, in_common, held_by, hint } = group;
    let held_by = held_by.iter().map(|held| format!("skipped: {held}"));
    let about = in_common.iter().cloned().chain(held_by).chain(hint.iter().cloned());
    PageGroup {
        heading: verdict.as_str().into(),
        counts: head.as_str().into(),
        about: about.map(Into::into).collect(),
        rows: roles.iter().map(|role| row(role, accounts, action)).collect(),
        ..PageGroup::default()
    }
}

fn row(finding: &Finding, accounts: &[SweptAccount], action: SweepAction) -> PageRow {
    let Finding { role, role_id, verdict, purpose, created, last_used, evidence, held_by, advice: _ } = finding;
    let account = name(&role.account, accounts);
    let since = quarantine::under_another_verdict(finding).unwrap_or_default();
    let text = [verdict.to_string(), since, purpose.to_string(), used(last_used), made(*created)];
    let text: Vec<String> = text.into_iter().filter(|words| !words.is_empty()).collect();
    let known = [PageField::of("ARN", role.to_string()), PageField::of("role ID", role_id.to_string())];
    let evidence = evidence.iter().map(|of| PageField::of("evidence", facts::evidence(of)));
    let held_by = held_by.iter().map(|fact| PageField::of("skipped", facts::Words(fact).to_string()));
    let advice = facts::advice(finding, action).map(|advice| PageField::of("advice", advice));
    PageRow {
        values: vec![verdict.as_str().into(), account.as_str().into(), purpose.as_str().into()],
        name: role.name.to_string().into(),
        text: text.join(", ").into(),
        aside: Some(short_name(&role.account, accounts).into()),
        fields: known.into_iter().chain(evidence).chain(held_by).chain(advice).collect(),
        ..PageRow::default()
    }
}
