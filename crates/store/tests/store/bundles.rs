//! Bundles of evidence: written piece by piece, continued after a kill, refused when changed, and redacted.
use pinpoint_streams_model::fact::EvidenceSource;
use pinpoint_streams_model::live::{Answer, FailureKind, LiveApp, LiveEventStream, Question, Read, Unreadable};
use pinpoint_streams_store::bundle::{self, BundleError, BundleWriter, FORMAT, Header, Kept, Scope, read, redact};
use pinpoint_streams_testkit::parsed;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

const ACCOUNT: &str = "123456789012";
const APP: &str = "0123456789abcdef0123456789abcdef";
const ROLE: &str = "arn:aws:iam::123456789012:role/team/Streamer";

fn header() -> Header {
    Header {
        format: FORMAT,
        version: "0.1.0".to_owned(),
        began: parsed("2026-12-01T00:00:00Z"),
        scope: Scope {
            accounts: BTreeMap::from([(parsed("main"), parsed(ACCOUNT))]),
            regions: BTreeSet::from([parsed("us-east-1")]),
            sources: EvidenceSource::ALL.into(),
        },
        is_redacted: false,
    }
}

fn kept(question: Question, answer: Read<Answer>) -> Kept {
    Kept { at: parsed("2026-12-01T00:00:01Z"), question, answer, request_ids: vec!["r-1".to_owned()] }
}

fn answers() -> Vec<Kept> {
    let arn = format!("arn:aws:mobiletargeting:us-east-1:{ACCOUNT}:apps/{APP}");
    let app = LiveApp { id: parsed(APP), name: "Shop".to_owned(), tags: None };
    let stream = LiveEventStream {
        destination: format!("arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks"),
        role_arn: ROLE.to_owned(),
    };
    let denied = Unreadable {
        kind: FailureKind::Denied,
        operation: "ListRoles".to_owned(),
        code: "AccessDenied".to_owned(),
        message: format!(
            "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized, with an explicit deny in a service control policy"
        ),
        request_id: Some("secret-request".to_owned()),
        beneath: vec!["alice".to_owned()],
    };
    vec![
        kept(
            Question::Apps(parsed(&format!("{ACCOUNT}/us-east-1"))),
            Read::Present(Answer::Apps(BTreeMap::from([(app.id.clone(), app)]))),
        ),
        kept(Question::EventStream(parsed(&arn)), Read::Present(stream.into())),
        kept(Question::RoleList(parsed(ACCOUNT)), Read::Unreadable(denied)),
    ]
}

fn written(answers: Vec<Kept>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evidence");
    let mut writer = BundleWriter::create(&path, &header()).unwrap();
    for kept in answers {
        writer.keep(kept).unwrap();
    }
    writer.finish(parsed("2026-12-01T00:01:00Z")).unwrap();
    (folder, path)
}

#[test]
fn a_bundle_is_read_as_it_was_written() {
    let (_folder, path) = written(answers());
    let bundle = read(&path).unwrap();
    assert_eq!((bundle.header, bundle.answers), (header(), answers()));
    assert_eq!(bundle.end.unwrap().answers, 3);
    assert!(BundleWriter::create(&path, &header()).is_err(), "it was overwritten");
}

#[test]
fn a_capture_that_was_killed_anywhere_is_continued_and_ends_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evidence");
    let mut writer = BundleWriter::create(&path, &header()).unwrap();
    for kept in answers() {
        writer.keep(kept).unwrap();
        writer.flush().unwrap();
    }
    drop(writer);
    let whole = fs::read(&path).unwrap();
    let first_member = {
        let only = folder.path().join("only.evidence");
        drop(BundleWriter::create(&only, &header()).unwrap());
        fs::metadata(only).unwrap().len() as usize
    };
    for length in first_member..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let begun = read(&path).unwrap_or_else(|error| panic!("{length}: {error}"));
        assert!(begun.end.is_none());
        let mut writer = BundleWriter::resume(&path, &begun).unwrap();
        for kept in answers().into_iter().skip(begun.answers.len()) {
            writer.keep(kept).unwrap();
        }
        writer.finish(parsed("2026-12-01T00:01:00Z")).unwrap();
        let bundle = read(&path).unwrap_or_else(|error| panic!("{length}: {error}"));
        assert_eq!(bundle.answers, answers(), "{length}");
    }
}

#[test]
fn damage_is_no_interruption_or_leaves_the_file_as_it_was_beside_it() {
    let (_folder, path) = written(answers());
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(3) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        fs::write(&path, &damaged).unwrap();
        let Ok(bundle) = read(&path) else { continue };
        if bundle.end.is_some() {
            // A byte of a header that says nothing of the content.
            assert_eq!(bundle.answers, answers(), "{at}");
            continue;
        }
        BundleWriter::resume(&path, &bundle).unwrap();
        assert_eq!(fs::read(path.with_extension("evidence.cut")).unwrap(), damaged, "{at}");
    }
}

#[test]
fn two_captures_do_not_write_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evidence");
    let _first = BundleWriter::create(&path, &header()).unwrap();
    let second = BundleWriter::resume(&path, &read(&path).unwrap()).unwrap_err();
    assert!(format!("{second:?}").contains("another capture is writing it"), "{second:?}");
}

#[test]
fn a_changed_bundle_and_what_is_none_are_refused() {
    let (folder, path) = written(answers());
    let bundle = read(&path).unwrap();
    // The same lines, one answer changed, with the old end.
    let forged = folder.path().join("forged.evidence");
    let mut writer = BundleWriter::create(&forged, &header()).unwrap();
    let mut answers = answers();
    answers[1].answer = Read::Absent;
    answers.into_iter().for_each(|kept| writer.keep(kept).unwrap());
    writer.flush().unwrap();
    let mut bytes = fs::read(&forged).unwrap();
    bytes.extend(end_of(&bundle));
    fs::write(&forged, bytes).unwrap();
    assert!(matches!(read(&forged), Err(BundleError::Changed { .. })));
    for (name, content) in [("empty", &b""[..]), ("text", b"{}"), ("zip", b"PK\x03\x04")] {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        assert!(matches!(read(&path), Err(BundleError::NotABundle { .. })), "{name}");
    }
    assert!(matches!(read(&folder.path().join("none")), Err(BundleError::Missing(_))));
}

/// The gzip member of a bundle's last line.
fn end_of(bundle: &bundle::Bundle) -> Vec<u8> {
    let line = serde_json::json!({"end": bundle.end.as_ref().unwrap()});
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writeln!(encoder, "{line}").unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_redacted_copy_says_the_same_of_other_names() {
    let (_folder, path) = written(answers());
    let (header, redacted) = redact(&read(&path).unwrap(), [7; 32]).unwrap();
    let text = format!("{}{}", serde_json::to_string(&header).unwrap(), serde_json::to_string(&redacted).unwrap());
    for secret in [ACCOUNT, APP, "Streamer", "team", "Shop", "clicks", "alice", "secret-request", "r-1"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert!(header.is_redacted);
    let account = header.scope.accounts.values().next().unwrap();
    let [
        Kept { question: Question::Apps(place), answer: Read::Present(Answer::Apps(apps)), .. },
        Kept { question: Question::EventStream(app), answer: Read::Present(Answer::EventStream(stream)), .. },
        Kept { answer: Read::Unreadable(denied), .. },
    ] = &redacted[..]
    else {
        panic!("{redacted:#?}")
    };
    assert_eq!((&place.account, &app.account), (account, account));
    assert!(apps.contains_key(&app.id) && apps[&app.id].id == app.id);
    assert!(stream.role_arn.starts_with(&format!("arn:aws:iam::{account}:role/")), "{}", stream.role_arn);
    assert!(denied.is_denied_by_organization() && denied.request_id.is_none());
    assert_eq!(place.region, parsed("us-east-1"));
}

fn kept_format(version: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/formats/evidence/v{version}.evidence"))
}

/// The lines of a file of gzip members.
fn lines(path: &Path) -> String {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn every_format_is_read_and_the_newest_is_the_one_that_is_written() {
    for version in 1..=FORMAT {
        let bundle = read(&kept_format(version)).unwrap();
        assert_eq!((bundle.header.format, bundle.answers), (version, answers()), "{version}");
        assert_eq!(bundle.end.unwrap().finished, parsed("2026-12-01T00:01:00Z"), "{version}");
    }
    let (_folder, path) = written(answers());
    assert_eq!(lines(&path), lines(&kept_format(FORMAT)));
}

#[test]
fn the_digest_is_over_the_last_line_too() {
    for (version, is_found) in [(1, false), (FORMAT, true)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.evidence");
        let text = lines(&kept_format(version)).replace("2026-12-01T00:01:00Z", "2026-12-24T00:00:00Z");
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        fs::write(&path, encoder.finish().unwrap()).unwrap();
        assert_eq!(matches!(read(&path), Err(BundleError::Changed { .. })), is_found, "{version}");
    }
}

#[test]
fn a_bundle_that_ended_is_completed_beside_it_and_replaced_at_the_end() {
    let (_folder, path) = written(answers());
    let before = fs::read(&path).unwrap();
    let bundle = read(&path).unwrap();
    let again = |at: &str| Kept { at: parsed(at), ..answers().remove(0) };
    let (mut writer, known) = BundleWriter::reopen(&path, &bundle).unwrap();
    assert_eq!(known, answers());
    assert!(BundleWriter::reopen(&path, &bundle).is_err(), "two at once");
    writer.keep(again("2026-12-02T00:00:00Z")).unwrap();
    // Killed: the bundle is as it was, and the next attempt goes on with what was kept.
    drop(writer);
    assert_eq!(fs::read(&path).unwrap(), before);
    let (mut writer, known) = BundleWriter::reopen(&path, &bundle).unwrap();
    assert_eq!(known.len(), answers().len() + 1);
    writer.keep(again("2026-12-03T00:00:00Z")).unwrap();
    writer.finish(parsed("2026-12-03T00:01:00Z")).unwrap();
    let completed = read(&path).unwrap();
    assert_eq!(completed.answers.len(), answers().len() + 2);
    assert_eq!(completed.answers[..3], answers());
    assert_eq!(completed.end.unwrap().finished, parsed("2026-12-03T00:01:00Z"));
    assert!(!path.with_extension("evidence.part").exists());
}
