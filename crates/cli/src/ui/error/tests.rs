//! What errors look like, and which code each exits with.
use super::*;
use crate::testing::plain;
use insta::assert_snapshot;
use pinpoint_streams_model::error_code::manifest as codes;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::manifest::{Diagnostic, Fault, Label, Source};
use pinpoint_streams_model::problem::ProblemCode;
use pinpoint_streams_store::lock::{Heartbeat, Holder};
use pinpoint_streams_store::state::StateError;
use std::time::Duration;

const MANIFEST: &str = "\
version   = 1
workspace = \"growth\"

[defaults]
region = \"us-east-1\"

[streams.clickstream]
kinesis = \"clickstream\"

[streams.lake]
firehose = \"lake\"

[apps.shop]
stream = \"clickstraem\"
";

fn wide() -> Environment {
    Environment { columns: Some(100), ..Environment::default() }
}

fn source(show_snippet: bool) -> Source {
    Source { name: "pinpoint-streams.toml".to_owned(), text: MANIFEST.to_owned(), show_snippet }
}

fn label(source: usize, what: &str, text: &str, primary: bool) -> Label {
    let start = MANIFEST.find(what).unwrap();
    Label { source, span: start..start + what.len(), text: text.to_owned(), primary }
}

fn misspelt() -> Diagnostic {
    Diagnostic {
        code: &codes::UNDECLARED,
        fault: Fault::Content,
        message: "apps.shop.stream is not a declared stream".to_owned(),
        labels: vec![label(0, "\"clickstraem\"", "not among [streams.*]", true)],
        help: Some("did you mean `clickstream`?".to_owned()),
    }
}

fn shown(errors: Vec<Diagnostic>, show_snippet: bool) -> String {
    let sources = vec![source(show_snippet)];
    plain(&Error::from(ManifestErrors { sources, errors }).text(&wide()))
}

#[test]
fn a_mistake_in_the_manifest_is_shown_where_it_stands() {
    assert_snapshot!(shown(vec![misspelt()], true), @r#"
    error[PS0102]: apps.shop.stream is not a declared stream
      --> pinpoint-streams.toml:14:10
       |
    14 | stream = "clickstraem"
       |          ^^^^^^^^^^^^^ not among [streams.*]
       |
    help: did you mean `clickstream`?
    "#);
}

#[test]
fn a_file_that_may_not_be_shown_is_only_named() {
    assert_snapshot!(shown(vec![misspelt()], false));
}

#[test]
fn two_places_are_shown_together_and_mistakes_follow_each_other() {
    let twice = Diagnostic {
        code: &codes::DECLARED_TWICE,
        fault: Fault::Content,
        message: "the stream `lake\u{1b}[2J` is declared twice".to_owned(),
        labels: vec![
            label(0, "[streams.lake]", "declared again here", true),
            label(0, "[streams.clickstream]", "first declared here", false),
        ],
        help: None,
    };
    assert_snapshot!(shown(vec![twice, misspelt()], true));
}

#[test]
fn of_many_mistakes_with_one_code_the_first_are_shown_and_the_rest_counted() {
    let text = shown(vec![misspelt(); 400], true);
    assert_eq!(text.matches("error[PS0102]: apps.shop.stream").count(), 20);
    let rest = "\nerror[PS0102]: 380 more like these; `pinpoint-streams validate --format json` lists all\n";
    assert!(text.ends_with(rest), "{text}");
    let error = Error::from(ManifestErrors { sources: vec![source(true)], errors: vec![misspelt(); 400] });
    assert_eq!(error.json(&wide(), str::to_owned).matches("\"PS0102\"").count(), 400);
    assert!(!shown(vec![misspelt(); 20], true).contains("more like these"));
}

#[test]
fn a_mistake_without_a_place_is_a_line() {
    let usage = Diagnostic {
        code: &codes::UNDECLARED_VARIABLE,
        fault: Fault::Usage,
        message: "--var stage: the manifest declares no such variable".to_owned(),
        labels: Vec::new(),
        help: Some("declare it under [variables]".to_owned()),
    };
    assert_snapshot!(shown(vec![usage], true));
}

fn refused() -> CloudError {
    CloudError {
        kind: FailureKind::Denied,
        operation: "GetRole".into(),
        code: "AccessDenied".to_owned(),
        message: "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: iam:GetRole".to_owned(),
        request_id: Some("7a62c49f".to_owned()),
        definitely_refused: true,
        source: None,
    }
}

fn cloud(error: CloudError) -> Error {
    Error::Cloud { operation: "read", address: Some("role.shop".parse().unwrap()), error: Box::new(error) }
}

#[test]
fn an_error_of_aws_says_what_was_done_to_which_address_and_what_to_do() {
    assert_snapshot!(plain(&cloud(refused()).text(&wide())));
    let unreachable =
        CloudError { kind: FailureKind::Connection, code: "Connection".into(), request_id: None, ..refused() };
    assert_snapshot!(plain(&cloud(unreachable).text(&wide())));
}

#[test]
fn a_held_lock_names_its_holder() {
    let holder =
        Holder { who: "ana".to_owned(), host: "ci-7".to_owned(), pid: 42, since: jiff::Timestamp::UNIX_EPOCH };
    let held =
        LockError::Held { place: "growth.state.json.lock".to_owned(), holder: Some(holder), heartbeat: None };
    assert_snapshot!(plain(&Error::from(held).text(&wide())));
}

fn manifest(fault: Fault) -> Error {
    let errors = vec![Diagnostic { fault, ..misspelt() }];
    ManifestErrors { sources: vec![source(true)], errors }.into()
}

#[test]
fn a_lock_in_a_bucket_is_only_to_be_taken_away_once_it_was_silent_for_long() {
    let held = |age: u64| {
        let heartbeat = Some(Heartbeat { id: "3f2a".to_owned(), age: Duration::from_secs(age) });
        let error = Error::from(LockError::Held { place: "s3://b/k.lock".to_owned(), holder: None, heartbeat });
        assert_eq!(error.exit().code(), 4);
        error.hint().unwrap()
    };
    assert!(held(185).contains("`pinpoint-streams state unlock 3f2a`"), "{}", held(185));
    assert!(!held(119).contains("unlock") && held(119).contains("--lock-timeout"), "{}", held(119));
}

#[test]
fn a_lock_that_somebody_keeps_up_is_one_that_is_held() {
    let place = || "s3://b/k.lock".to_owned();
    assert_eq!(Error::from(UnlockError::Changed { place: place() }).exit().code(), 4);
    assert_eq!(Error::from(UnlockError::NoLock { place: place() }).exit().code(), 1);
}

fn problem() -> Problem {
    Problem { code: ProblemCode::NotOurs, address: None, message: String::new(), hint: None }
}

#[test]
fn each_kind_of_error_has_its_exit_code() {
    let held = LockError::Held { place: String::new(), holder: None, heartbeat: None };
    let newer = StateError::NewerFormat { place: String::new(), format: 9 };
    for (error, code) in [
        (Error::NoManifest, 1),
        (Error::ApprovalRequired { destroy: true }, 1),
        (Error::Declined, 1),
        (cloud(refused()), 1),
        (Error::Session(SessionError::State(newer)), 1),
        (manifest(Fault::File), 1),
        (manifest(Fault::Usage), 1),
        (manifest(Fault::Content), 3),
        (Error::Problems(vec![problem()]), 3),
        (Error::ReadOnly { reason: "so" }, 3),
        (Error::Lock(held), 4),
        (Error::Stale(Stale::Manifest), 4),
        (Error::Stopped, 130),
        (Error::of_output(io::ErrorKind::BrokenPipe.into()), 0),
        (Error::of_output(io::ErrorKind::StorageFull.into()), 1),
    ] {
        assert_eq!(error.exit().code(), code, "{error:?}");
    }
}
