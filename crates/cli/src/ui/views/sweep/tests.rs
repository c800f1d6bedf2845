//! What a sweep looks like, from findings made by hand.
use super::*;
use crate::testing::{change, plain, plan};
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::live::{FailureKind, Unreadable};
use pinpoint_streams_model::problem::ProblemCode;
use pinpoint_streams_model::role_kind::Purpose;
use serde_json::json;

pub(super) fn swept(roles: Vec<Finding>, unread: Vec<Unread>, action: SweepAction) -> Swept {
    let (alias, id) = ("main".parse().unwrap(), Some("123456789012".parse().unwrap()));
    let accounts = vec![SweptAccount { alias, id, unreachable: None }];
    Swept { accounts, findings: Findings { roles, unread }, action, bundles: Vec::new(), plan: Ok(plan(&[])) }
}

pub(super) fn finding(name: &str, verdict: Verdict, held_by: Vec<Fact>) -> Finding {
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
    plain(&text(swept, Evidences::Common, "pinpoint-streams sweep", 100))
}

#[test]
fn a_verdict_has_one_heading_and_a_role_that_is_held_back_has_no_advice_to_change_it() {
    let held = vec![Fact::Excluded { pattern: "b".to_owned() }];
    let roles = vec![finding("a", Verdict::Obsolete, Vec::new()), finding("b", Verdict::Obsolete, held)];
    let text = shown(&swept(roles, Vec::new(), SweepAction::Quarantine));
    assert_eq!(text.matches("obsolete: ").count(), 1, "{text}");
    assert!(text.contains("obsolete: 2\n") && text.contains("skipped: --exclude b"), "{text}");
    assert!(text.contains("quarantine 1 obsolete role: `pinpoint-streams sweep --apply`"), "{text}");
}

#[test]
fn a_question_is_counted_and_names_the_account() {
    let account: AccountId = "123456789012".parse().unwrap();
    let plan = plan(&[]);
    assert_eq!(plain(&question_heading(&plan, &account, 3, 22)), "\n3 of 22: main 123456789012\n");
    let other: AccountId = "210987654321".parse().unwrap();
    assert_eq!(plain(&question_heading(&plan, &other, 4, 22)), "\n4 of 22: 210987654321\n");
}

/// Thirty-three accounts with roles of each verdict, and gaps in three of them.
fn organization() -> Swept {
    let id = |nth: usize| -> AccountId { format!("1234567890{nth:02}").parse().unwrap() };
    let account = |nth: usize| SweptAccount {
        alias: format!("growth-{}", if nth.is_multiple_of(2) { "prod" } else { "development" }).parse().unwrap(),
        id: Some(id(nth)),
        unreachable: (nth == 7).then(|| "AssumeRole was denied".to_owned()),
    };
    let mut roles = Vec::new();
    for nth in (0..33).filter(|nth| *nth != 7) {
        for (verdict, number) in [(Verdict::Obsolete, 4), (Verdict::InUse, 2), (Verdict::Unknown, nth % 3)] {
            for role in 0..number {
                let mut finding = finding(&format!("{verdict}-{role}").replace(' ', "-"), verdict, Vec::new());
                finding.role.account = id(nth);
                finding.last_used = LastUsed::Never { within_days: 400 };
                let place = format!("{}/eu-west-1", id(nth)).parse().unwrap();
                let fact = match verdict {
                    Verdict::Unknown => Fact::NoPositiveControl { places: [place].into() },
                    _ => Fact::PositiveControl { places: [place].into() },
                };
                finding.evidence.push(Evidence { fact, call: Some("GetEventStream".to_owned()) });
                roles.push(finding);
            }
        }
    }
    Swept { accounts: (0..33).map(account).collect(), ..swept(roles, Vec::new(), SweepAction::Quarantine) }
}

#[test]
fn thirty_three_accounts_are_read_on_two_screens_and_no_line_is_wider_than_the_terminal() {
    let swept = organization();
    for width in [80, 120, 160] {
        let text = plain(&text(&swept, Evidences::Common, "pinpoint-streams sweep", width));
        assert!(text.lines().all(|line| line.chars().count() <= width), "{width}: {text}");
        assert!(!text.contains("obsolete-0"), "names only with -v: {text}");
        // Two screens of 50 lines; the command of the gaps has a line a gap.
        let body = text.split("Only if you know").next().unwrap();
        assert!(body.lines().count() <= 60, "{}: {body}", body.lines().count());
        assert!(text.find("account").unwrap() < text.find("What to do next").unwrap(), "{text}");
        let groups = ["obsolete: 128\n  128 roles in 32 accounts", "unknown: 32\n  32 roles in 21 accounts"];
        assert!(groups.iter().all(|group| text.contains(group)), "{text}");
        assert!(text.contains("--event-streams-gone 123456789001/eu-west-1"), "{text}");
    }
    let named = plain(&text(&swept, Evidences::Each, "pinpoint-streams sweep", 80));
    assert_eq!(named.matches("obsolete-0:").count(), 32, "{named}");
    insta::assert_snapshot!(plain(&text(&swept, Evidences::Common, "pinpoint-streams sweep", 80)));
}

#[test]
fn what_to_do_next_has_its_date() {
    let mut old = finding("a", Verdict::Quarantined, Vec::new());
    let fact = Fact::QuarantinedAt { at: "2026-11-28T10:00:00Z".parse().unwrap() };
    old.evidence.push(Evidence { fact, call: None });
    let text = shown(&swept(vec![old], Vec::new(), SweepAction::Quarantine));
    let expected =
        "reap from 2026-12-28: 1 quarantined role, if still unused: `pinpoint-streams sweep --reap --apply`";
    assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(expected), "{text}");
}

#[test]
fn roles_that_may_be_reaped_but_for_the_limit_are_due_now() {
    let mut old = finding("a", Verdict::Quarantined, Vec::new());
    let fact = Fact::QuarantinedAt { at: "2026-11-28T10:00:00Z".parse().unwrap() };
    old.evidence.push(Evidence { fact, call: None });
    let problem = Problem::new(ProblemCode::MassDelete, "over the limit", "use --max-delete");
    let reap = SweepAction::Reap { after_days: 0 };
    let text = shown(&Swept { plan: Err(vec![problem]), ..swept(vec![old], Vec::new(), reap) });
    assert!(text.contains("> reap now: 1 quarantined role, if still unused"), "{text}");
}

#[test]
fn what_to_do_next_is_done_by_a_sweep_of_the_same_kind() {
    let next = |action, plan: Plan| {
        let swept = Swept {
            plan: Ok(plan),
            ..swept(vec![finding("a", Verdict::Quarantined, Vec::new())], Vec::new(), action)
        };
        let text = shown(&swept);
        let next =
            text.split("What to do next\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
        next.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let none = || plan(&[]);
    let reap = next(SweepAction::Reap { after_days: 0 }, none());
    assert!(reap.ends_with("`pinpoint-streams sweep --reap --after 0d --apply`"), "{reap}");
    let released = || plan(&[change("iam.123456789012/a", "release", "released", json!([]))]);
    let expected = "> release 1 quarantined role: `pinpoint-streams sweep --release --apply`";
    assert_eq!(next(SweepAction::Release, released()), expected);
    assert_eq!(next(SweepAction::Release, none()), "");
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
    assert!(text.contains("123456789012 (main)  not read"), "{text}");
    assert!(text.contains("not read: the roles of 1 account: cannot read the roles of the account"), "{text}");
    assert!(!text.to_lowercase().contains("no role trusts"), "{text}");
}

/// A role that was quarantined with an assertion is unknown without it, and may be released all the same.
#[test]
fn an_unknown_role_that_the_plan_changes_is_not_counted_as_unchanged() {
    let released = plan(&[change("iam.123456789012/a", "release", "released", json!([]))]);
    let mut swept = swept(
        vec![
            finding("a", Verdict::Unknown, Vec::new()),
            finding("b", Verdict::Unknown, Vec::new()),
            finding("c", Verdict::InUse, Vec::new()),
        ],
        Vec::new(),
        SweepAction::Release,
    );
    assert_eq!(last_line(&released, &swept.findings), "Plan: 1 to release; 1 unknown role and 1 other unchanged.");
    swept.findings.roles.truncate(1);
    assert_eq!(last_line(&released, &swept.findings), "Plan: 1 to release.");
}

fn known(role: Finding, facts: Vec<Fact>) -> Finding {
    Finding { evidence: facts.into_iter().map(|fact| Evidence { fact, call: None }).collect(), ..role }
}

fn quarantined_at() -> Fact {
    Fact::QuarantinedAt { at: "2026-11-28T10:00:00Z".parse().unwrap() }
}

/// The text on one line, so that it does not matter where it wraps.
fn in_one_line(swept: &Swept) -> String {
    shown(swept).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_role_that_is_unknown_and_quarantined_is_counted_as_both_and_says_what_to_do() {
    let gap = Fact::NoPositiveControl { places: ["123456789012/eu-west-1".parse().unwrap()].into() };
    let denied = known(finding("a", Verdict::Unknown, Vec::new()), vec![gap.clone(), quarantined_at()]);
    let free = known(finding("b", Verdict::Unknown, Vec::new()), vec![gap]);
    let text = in_one_line(&swept(vec![denied.clone()], Vec::new(), SweepAction::Quarantine));
    assert!(text.contains("1 role trusts Pinpoint: 1 unknown, quarantined since 2026-11-28."), "{text}");
    assert!(text.contains("1 role in 123456789012 (main), quarantined since 2026-11-28: no proof"), "{text}");
    let next = "> 1 role (unknown) is still quarantined, and denied everything: `pinpoint-streams sweep --release \
                --apply` restores access; to reap, repeat the assertions";
    assert!(text.contains(next), "{text}");
    let text = in_one_line(&swept(vec![denied, free], Vec::new(), SweepAction::Quarantine));
    assert!(text.contains("2 roles trust Pinpoint: 2 unknown (1 of them quarantined)."), "{text}");
}

#[test]
fn what_no_reap_deletes_is_not_offered_for_one() {
    let held = vec![Fact::QuarantineNotRecorded {}];
    let lost = known(finding("a", Verdict::Quarantined, held), vec![quarantined_at()]);
    let excluded = vec![Fact::Excluded { pattern: "b".to_owned() }];
    let excluded = known(finding("b", Verdict::Quarantined, excluded), vec![quarantined_at()]);
    let text = in_one_line(&swept(vec![lost, excluded], Vec::new(), SweepAction::Reap { after_days: 0 }));
    assert!(!text.contains("> reap"), "{text}");
    let release = "`pinpoint-streams sweep --release --apply`, then `pinpoint-streams sweep --apply`";
    assert!(text.contains("no reap deletes 1 quarantined role, whose quarantine is not in the state"), "{text}");
    assert!(text.contains(release), "{text}");
    assert!(text.contains("no reap deletes 1 quarantined role, for the reasons below"), "{text}");
    // A sweep that does not reap knows it as well.
    let facts = vec![quarantined_at(), Fact::QuarantineNotRecorded {}];
    let lost = known(finding("a", Verdict::Quarantined, Vec::new()), facts);
    let text = in_one_line(&swept(vec![lost], Vec::new(), SweepAction::Quarantine));
    assert!(!text.contains("> reap") && text.contains(release), "{text}");
}

#[test]
fn what_is_due_now_and_what_later_is_counted_apart() {
    let later = vec![Fact::QuarantinedTooLately { days: 2, after_days: 30 }];
    let roles = vec![
        known(finding("a", Verdict::Quarantined, Vec::new()), vec![quarantined_at()]),
        known(finding("b", Verdict::Quarantined, later.clone()), vec![quarantined_at()]),
        known(finding("c", Verdict::Quarantined, later), vec![quarantined_at()]),
    ];
    let text = in_one_line(&swept(roles, Vec::new(), SweepAction::Reap { after_days: 30 }));
    assert!(text.contains("> reap now: 1 quarantined role, if still unused"), "{text}");
    assert!(text.contains("> reap from 2026-12-28: 2 quarantined roles, if still unused"), "{text}");
}

#[test]
fn the_rest_of_a_release_is_the_next_step() {
    let released = || vec![Fact::QuarantineReleased {}];
    let role = known(finding("a", Verdict::Obsolete, released()), released());
    let text = in_one_line(&swept(vec![role], Vec::new(), SweepAction::Quarantine));
    let next = "> complete the release of 1 role: `pinpoint-streams sweep --release --apply`";
    assert!(text.contains(next) && !text.contains("quarantine 1 obsolete"), "{text}");
    assert!(text.contains("skipped: released from its quarantine, whose tags are still on it"), "{text}");
}

#[test]
fn a_name_that_is_left_out_of_a_review_is_left_out_in_every_account() {
    let mut other = finding("OLD", Verdict::InUse, Vec::new());
    other.role.account = "210987654321".parse().unwrap();
    let roles = vec![finding("old", Verdict::Obsolete, Vec::new()), other];
    let planned = plan(&[change("iam.123456789012/old", "quarantine", "obsolete", json!([]))]);
    let items = items(&Swept { plan: Ok(planned), ..swept(roles, Vec::new(), SweepAction::Quarantine) });
    let excludes: Vec<Option<&str>> = items.iter().map(|item| item.exclude.as_deref()).collect();
    assert_eq!(excludes, [Some("old"), Some("old")]);
    let verbs: Vec<Option<&str>> = items.iter().map(|item| item.verb).collect();
    assert_eq!(verbs, [Some("quarantine"), None]);
}
