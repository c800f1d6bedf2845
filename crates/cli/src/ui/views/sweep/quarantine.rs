//! What a finding says of a quarantine whose verdict is another: a role that is unknown or in use may be denied everything
//! all the same, and one that was released may bear its tags.
use super::day;
use jiff::Timestamp;
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::sweep::{Finding, Verdict};
use std::collections::BTreeSet;

/// `quarantined since 2026-11-30`, of a role whose verdict does not say so.
pub(super) fn under_another_verdict(role: &Finding) -> Option<String> {
    if matches!(role.verdict, Verdict::Quarantined | Verdict::Tripped) {
        return None;
    }
    match at(role) {
        Some(at) => Some(format!("quarantined since {}", day(at))),
        None => facts(role).any(is_of_quarantine).then(|| "quarantined".to_owned()),
    }
}

/// `12 unknown, quarantined since 2026-11-30`, or `12 unknown (5 of them quarantined)`.
pub(super) fn counted<'f>(verdict: Verdict, roles: impl Iterator<Item = &'f Finding>) -> String {
    let roles: Vec<Option<String>> = roles.map(under_another_verdict).collect();
    let denied: Vec<&String> = roles.iter().flatten().collect();
    let all: BTreeSet<&String> = denied.iter().copied().collect();
    match (denied.len(), all.first()) {
        (0, _) | (_, None) => format!("{} {verdict}", roles.len()),
        (number, Some(since)) if number == roles.len() && all.len() == 1 => {
            format!("{number} {verdict}, {since}")
        }
        (number, Some(_)) => format!("{} {verdict} ({number} of them quarantined)", roles.len()),
    }
}

/// Whether only the tags of its quarantine are left on it.
pub(super) fn is_released(role: &Finding) -> bool {
    facts(role).any(|fact| *fact == Fact::QuarantineReleased {})
}

fn at(role: &Finding) -> Option<Timestamp> {
    facts(role).find_map(|fact| match fact {
        Fact::QuarantinedAt { at } => Some(*at),
        _ => None,
    })
}

fn is_of_quarantine(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::QuarantineChanged {} | Fact::QuarantineTagMissing { .. } | Fact::OtherRoleQuarantined { .. }
    )
}

fn facts(role: &Finding) -> impl Iterator<Item = &Fact> {
    role.evidence.iter().map(|known| &known.fact)
}
