//! A sweep as a page and as a comment, from findings made by hand.
use super::tests::{finding, swept};
use super::*;
use crate::testing::plan;
use insta::assert_snapshot;
use pinpoint_streams_model::fact::Fact;

fn commands() -> SweepCommands {
    SweepCommands {
        again: "pinpoint-streams sweep".to_owned(),
        apply_saved: None,
        everything: "pinpoint-streams sweep --format html".to_owned(),
    }
}

fn with(mut role: Finding, fact: Fact) -> Finding {
    role.evidence.push(Evidence { fact, call: Some("GetRole".to_owned()) });
    role
}

/// A role of each verdict to act on, one that is held back, and one in use.
fn some() -> Swept {
    let at = "2026-11-28T10:00:00Z".parse().unwrap();
    let place = "123456789012/eu-west-1".parse().unwrap();
    let app = "arn:aws:mobiletargeting:eu-west-1:123456789012:apps/a1".parse().unwrap();
    let roles = vec![
        with(finding("gone-1", Verdict::Obsolete, Vec::new()), Fact::NeverUsed { within_days: 400 }),
        with(finding("gone-2", Verdict::Obsolete, Vec::new()), Fact::NeverUsed { within_days: 400 }),
        finding("kept", Verdict::Obsolete, vec![Fact::Excluded { pattern: "kept".to_owned() }]),
        with(finding("denied", Verdict::Quarantined, Vec::new()), Fact::QuarantinedAt { at }),
        with(finding("needed", Verdict::Tripped, Vec::new()), Fact::UsedSinceQuarantine { at }),
        with(finding("any-app", Verdict::Unknown, Vec::new()), Fact::NoPositiveControl { places: [place].into() }),
        with(finding("live", Verdict::InUse, Vec::new()), Fact::NamedByEventStream { app }),
    ];
    swept(roles, Vec::new(), SweepAction::Quarantine)
}

#[test]
fn a_comment_has_the_verdicts_on_top_folds_equal_findings_and_ends_with_the_commands_to_act() {
    assert_snapshot!(page(&some(), &commands()).markdown());
}

#[test]
fn a_saved_plan_is_what_is_applied_first() {
    let apply = "pinpoint-streams apply s.plan --expect-digest sha256:1 --approve-accounts 123456789012";
    let commands = SweepCommands { apply_saved: Some(apply.to_owned()), ..commands() };
    let text = page(&some(), &commands).markdown();
    let next = text.split_once("### Next\n\n").unwrap().1;
    assert!(
        next.starts_with(&format!("Apply the saved plan, within 24 hours:\n\n```sh\n{apply}\n```\n")),
        "{next}"
    );
}

#[test]
fn a_comment_about_thousands_of_roles_names_every_group() {
    let mut swept = some();
    for nth in 0..5_000 {
        let role = finding(&format!("leftover-of-an-app-{nth:05}"), Verdict::Obsolete, Vec::new());
        swept.findings.roles.push(with(role, Fact::NeverUsed { within_days: 400 }));
    }
    let text = page(&swept, &commands()).markdown();
    assert!(text.chars().count() <= 65_000, "{}", text.chars().count());
    for verdict in ["obsolete", "tripped", "quarantined", "unknown", "in use"] {
        let is_named =
            [format!("<b>{verdict}</b>: "), format!("- **{verdict}**: ")].iter().any(|name| text.contains(name));
        assert!(is_named, "{verdict}");
    }
    assert!(text.contains(" roles are not named, because a comment holds at most 65,000 characters. "), "{text}");
    assert!(text.contains("<code>pinpoint-streams sweep --format html</code> shows everything."), "{text}");
}

#[test]
fn a_page_has_a_row_for_each_role_with_its_verdict_account_and_purpose() {
    let html = page(&some(), &commands()).html();
    assert_eq!(html.matches("<details class=\"row\"").count(), 7);
    for row in [
        "data-verdict=\"obsolete\" data-account=\"123456789012 (main)\" data-purpose=\"unclear\"><summary><span \
         class=\"sign bad\">-</span> <b>gone-1</b>",
        "<button type=\"button\" data-verdict=\"obsolete\"><span class=\"sign bad\">-</span> <b>3</b> obsolete</button>",
        "<code>evidence</code> not used in the last 400 days (GetRole)",
        "<code>skipped</code> --exclude kept",
    ] {
        assert!(html.contains(row), "{row}: {html}");
    }
    for not in [" src=", " href=", "@import", "url(", " style=", " onclick", "http:", "https:", "'unsafe"] {
        assert!(!html.contains(not), "{not}");
    }
}

#[test]
fn problems_of_the_plan_stand_above_the_findings() {
    let problem = Problem {
        code: pinpoint_streams_model::problem::ProblemCode::NotOurs,
        address: None,
        message: "the assertion is contradicted".to_owned(),
        hint: Some("leave it out".to_owned()),
    };
    let text = page(&Swept { plan: Err(vec![problem]), ..some() }, &commands()).markdown();
    let problems = text.find("### Problems\n\n- the assertion is contradicted").unwrap();
    assert!(problems < text.find("<details>").unwrap(), "{text}");
    assert!(!text.contains("Digest"), "there is no plan: {text}");
    assert!(page(&Swept { plan: Ok(plan(&[])), ..some() }, &commands()).markdown().contains("Digest `sha256:"));
}
