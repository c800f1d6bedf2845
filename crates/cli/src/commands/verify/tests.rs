//! A verification as a page and as a comment, from findings made by hand.
use super::page::{VerifyCommands, page};
use crate::ui::hostile_tests::pages::has_no_injected_markup;
use crate::ui::page::Page;
use insta::assert_snapshot;
use pinpoint_streams_planner::verify::{Check, CheckKind, Verification, VerifiedApp, VerifyCode, VerifyFinding};

fn commands(text: &str) -> VerifyCommands {
    VerifyCommands {
        apply: format!("{text} apply"),
        again: format!("{text} verify"),
        permissions: format!("{text} permissions --for audit"),
        everything: format!("{text} verify --format html"),
    }
}

fn app(key: &str, of: &[(CheckKind, VerifyCode, &str, Option<&'static str>)]) -> VerifiedApp {
    let check = |kind: CheckKind| {
        let of_kind = of.iter().filter(|(of, ..)| *of == kind);
        let findings = of_kind.map(|(_, code, message, hint)| VerifyFinding {
            code: *code,
            message: (*message).to_owned(),
            hint: *hint,
        });
        Check { kind, applies: kind != CheckKind::Key, findings: findings.collect() }
    };
    VerifiedApp {
        address: format!("event_stream.{key}").parse().unwrap(),
        account: "123456789012".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        app_id: Some("810c7aab86d42fb2b56c8c966example".parse().unwrap()),
        role: format!("arn:aws:iam::123456789012:role/PinpointEventStream-{key}").parse().unwrap(),
        stream: "arn:aws:kinesis:eu-west-1:123456789012:stream/clickstream".parse().unwrap(),
        checks: CheckKind::ALL.map(check).into(),
    }
}

fn shown(apps: Vec<VerifiedApp>) -> Page {
    let verification = Verification { apps, without_event_stream: 1 };
    page(&"growth".parse().unwrap(), &verification, &commands("pinpoint-streams"))
}

const POINTS: &str = "`apply` points it to the stream";

fn three() -> Vec<VerifiedApp> {
    let elsewhere = "Pinpoint sends its events to stream old, not to stream clickstream";
    let wrong = (CheckKind::EventStream, VerifyCode::WrongDestination, elsewhere, Some(POINTS));
    let create = "create the stream, or correct its name";
    let missing = (CheckKind::Stream, VerifyCode::StreamMissing, "there is no stream clickstream", Some(create));
    let unknown = (CheckKind::Trust, VerifyCode::Unknown, "the trust policy depends on sts:ExternalId", None);
    vec![app("blog", &[]), app("news", &[unknown]), app("shop", &[wrong, missing])]
}

#[test]
fn a_comment_has_the_faults_on_top_and_ends_with_what_mends_them() {
    assert_snapshot!(shown(three()).markdown());
}

#[test]
fn where_all_can_work_nothing_is_to_be_mended() {
    let text = shown(vec![app("blog", &[])]).markdown();
    assert!(text.starts_with("## 1 event stream can work\n"), "{text}");
    assert!(!text.contains("### Faults") && !text.contains("pinpoint-streams apply"), "{text}");
    assert!(text.ends_with("### Next\n\nVerify again:\n\n```sh\npinpoint-streams verify\n```\n"), "{text}");
}

#[test]
fn what_apply_mends_is_one_step_and_names_the_event_streams() {
    let of =
        |key: &str| app(key, &[(CheckKind::EventStream, VerifyCode::WrongDestination, "elsewhere", Some(POINTS))]);
    let text = shown((0..9).map(|nth| of(&format!("a{nth}"))).collect()).markdown();
    let next = text.split_once("### Next").unwrap().1;
    let step = "Apply the manifest, for event\\_stream.a0, event\\_stream.a1, event\\_stream.a2 and 6 more:";
    assert_eq!(next.matches(step).count(), 1, "{next}");
    assert_eq!(next.matches("pinpoint-streams apply\n").count(), 1, "{next}");
}

#[test]
fn a_page_counts_and_filters_by_result() {
    let html = shown(three()).html();
    for (result, number) in [("cannot work", 1), ("unknown", 1), ("can work", 1)] {
        assert!(html.contains(&format!("<button type=\"button\" data-result=\"{result}\">")), "{result}");
        assert_eq!(html.matches(&format!("<details class=\"row\" data-result=\"{result}\"")).count(), number);
    }
}

#[test]
fn what_aws_says_is_text() {
    has_no_injected_markup(|text| {
        let fault =
            (CheckKind::Trust, VerifyCode::TrustRefuses, text, Some("`apply` writes the trust policy again"));
        let unknown = (CheckKind::Permissions, VerifyCode::Unknown, text, None);
        let verification = Verification { apps: vec![app("shop", &[fault, unknown])], without_event_stream: 0 };
        page(&"growth".parse().unwrap(), &verification, &commands(text))
    });
}
