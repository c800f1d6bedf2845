//! What earlier versions have written is read for ever, and what is written today is what is kept in
//! `tests/formats`. A file there is never changed: what is written otherwise has a new format, and a new file.
mod sample;

use pinpoint_streams_model::fact::{Evidence, Fact};
use pinpoint_streams_model::ids::Serial;
use pinpoint_streams_model::recorded::Resources;
use pinpoint_streams_model::sweep::Finding;
use pinpoint_streams_store::archive::{self, ArchiveError, ArchiveStore, FileArchive};
use pinpoint_streams_store::journal::{
    self, Contents, FORMAT, FileJournal, Fold, Header, JournalError, JournalStore, LeftoverJournal, Log, Record,
};
use pinpoint_streams_store::lock::{FileLock, Holder, LockError, LockStore};
use pinpoint_streams_store::session;
use pinpoint_streams_store::state::{FORMAT as STATE_FORMAT, FileStateStore, State, StateError};
use pinpoint_streams_testkit::{parsed, run_logs};
use std::path::{Path, PathBuf};

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats").join(name)
}

/// All files of a format, the oldest first.
fn all(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(kept(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{name}");
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read(&path).unwrap());
    files.into_iter().map(read).collect()
}

/// What is written today must be this file, byte for byte.
#[track_caller]
fn is_kept(name: &str, written: &[u8]) {
    let known = std::fs::read(kept(name)).unwrap_or_default();
    if known != written {
        let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name.replace('/', "-"));
        std::fs::write(&beside, written).unwrap();
        panic!(
            "what is written is not tests/formats/{name}: raise the format and keep {} as a new file beside it",
            beside.display()
        );
    }
}

fn ndjson(header: &Header, records: &[Record]) -> Vec<u8> {
    let mut text = serde_json::to_vec(header).unwrap();
    text.push(b'\n');
    for record in records {
        text.extend(serde_json::to_vec(record).unwrap());
        text.push(b'\n');
    }
    text
}

#[test]
fn the_state_that_is_written_today_is_the_one_that_is_kept() {
    is_kept("state/v4.json", &sample::state().to_json().unwrap());
}

/// What a state leaves out since format 4 is what format 3 wrote out. It must stay that: a kind of role whose policies
/// change needs another name.
#[test]
fn what_a_state_leaves_out_means_what_was_written_out_before() {
    let read =
        |name: &str| State::from_json(name, &std::fs::read(kept(name)).unwrap(), &parsed("growth")).unwrap();
    is_kept("state/v4-early.json", &read("state/v1-early.json").to_json().unwrap());
    assert_eq!(read("state/v4-early.json"), read("state/v1-early.json"));
    assert_eq!(read("state/v4.json"), read("state/v3.json"));
    let early = std::fs::read_to_string(kept("state/v4-early.json")).unwrap();
    for resource in early.lines().filter(|line| line.contains(".shop\": {")) {
        for left_out in ["Version", "role_arn", "named_under", "pinpoint-streams:lineage"] {
            assert!(!resource.contains(left_out), "{left_out}: {resource}");
        }
    }
}

#[test]
fn every_state_of_an_older_version_is_read_and_written_again_as_it_means() {
    for (place, json) in all("state") {
        let state = State::from_json(&place, &json, &parsed("growth")).unwrap();
        let again = State::from_json(&place, &state.to_json().unwrap(), &parsed("growth")).unwrap();
        assert_eq!(state, again);
        let written = String::from_utf8(state.to_json().unwrap()).unwrap();
        let file: serde_json::Value = serde_json::from_slice(&json).unwrap();
        if file["format"] == STATE_FORMAT {
            assert_eq!(written.as_bytes(), json, "{place}");
            continue;
        }
        // Earlier formats write out each resource, and nothing else differs.
        let resources: Resources = serde_json::from_value(file["resources"].clone()).unwrap();
        assert_eq!(state.resources, resources, "{place}");
        let mut written: serde_json::Value = serde_json::from_str(&written).unwrap();
        (written["format"], written["resources"]) = (file["format"].clone(), file["resources"].clone());
        assert_eq!(written, file, "{place}");
    }
}

#[tokio::test]
async fn the_journal_that_is_written_today_is_the_one_that_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let journal = FileJournal::new(folder.path().join("journal"));
    let header = Header { about: None, ..sample::header() };
    let mut log = journal.create(journal::line(&header).unwrap()).await.unwrap();
    let lines = ndjson(&header, &sample::records());
    let first = lines.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    log.append(&lines[first..]).unwrap();
    is_kept("journal/v2.ndjson", &std::fs::read(journal.place()).unwrap());
    assert_eq!(journal.read().await.unwrap().unwrap().records, sample::records());
}

#[test]
fn the_run_that_is_written_today_is_the_one_that_is_kept() {
    is_kept("run/v2.ndjson", &ndjson(&sample::header(), &sample::records()));
}

#[test]
fn every_journal_and_run_of_an_older_version_is_read_and_written_again_as_it_was() {
    for (place, text) in all("journal").into_iter().chain(all("run")) {
        let Contents { header, records, .. } = journal::parse(&place, &text).unwrap();
        let header = header.unwrap();
        assert!(!records.is_empty());
        let again = ndjson(&header, &records);
        if header.format == FORMAT || header.about.is_none() {
            assert_eq!(String::from_utf8(again), String::from_utf8(text), "{place}");
        } else {
            // What format 1 says in sentences is kept as such, and written in the shape of today.
            let read = journal::parse(&place, &again).unwrap();
            assert_eq!((read.header.as_ref(), read.records), (Some(&header), records), "{place}");
        }
    }
}

#[test]
fn the_sentences_of_a_run_of_format_1_are_read_as_facts_of_their_own_kind() {
    let (place, text) = all("run").into_iter().find(|(place, _)| place.ends_with("v1.ndjson")).unwrap();
    let about = journal::parse(&place, &text).unwrap().header.unwrap().about.unwrap();
    let sentence = |text: &str| Fact::Text { text: text.to_owned() };
    let Finding { evidence, held_by, advice, .. } = &about.findings[0];
    let call = Some("GetApp".to_owned());
    assert_eq!(evidence[0], Evidence { fact: sentence("its app is gone: a1"), call });
    assert_eq!((&held_by[..], advice), (&[sentence("--exclude `old-*`")][..], &None));
    assert_eq!(about.findings[1].advice.as_deref(), Some("look at it"));
    assert_eq!(about.plan.warnings[0].fact, sentence("this plan is partial"));
    assert_eq!(about.plan.changes[0].notes, [sentence("stops streaming until the role is ready").into()]);
    assert_eq!(about.reading.unwrap().unread[0].why.fact, sentence("AccessDenied"));
}

#[test]
fn a_journal_with_every_operation_is_taken_into_its_state() {
    let contents = journal::parse("j", &ndjson(&sample::header(), &sample::records())).unwrap();
    let last = contents.records.len() as u64;
    let state = State { pending: Vec::new(), ..sample::state() };
    let LeftoverJournal::Folded(folded) =
        Fold::found(Some(&state), contents, jiff::Timestamp::UNIX_EPOCH).unwrap()
    else {
        panic!("there is something")
    };
    assert_eq!((folded.serial, folded.journal_seq), (Serial(8), last));
    assert!(folded.pending.len() > 3 && folded.archives.len() == 2);
    State::from_json("s", &folded.to_json().unwrap(), &parsed("growth")).unwrap();
}

#[tokio::test]
async fn a_journal_of_format_1_is_taken_into_its_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let journal = FileJournal::beside(&path);
    std::fs::copy(kept("state/v1-early.json"), &path).unwrap();
    std::fs::copy(kept("journal/v1-early.ndjson"), journal.place()).unwrap();
    let loaded =
        session::load(&FileStateStore::new(&path, parsed("growth")), &journal, jiff::Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
    assert_eq!(loaded.resumed, Some(parsed("r2")));
    let recorded = loaded.recorded;
    assert_eq!((recorded.serial, recorded.resources.len()), (Serial(3), 2), "the event stream is deleted");
    let pending: Vec<_> = recorded.pending.iter().map(|pending| pending.op.name()).collect();
    assert_eq!(pending, ["put_role_policy", "delete_role_policy"]);
}

#[test]
fn a_run_of_format_1_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(kept("run/v1-early.ndjson"), folder.path().join("20261123T090000Z-r1.ndjson")).unwrap();
    let kept = run_logs(folder.path());
    let about = kept[0].header.about.as_ref().unwrap();
    assert_eq!((about.approved_by.as_deref(), about.plan.steps.len()), (Some("ann"), 2));
    assert_eq!((kept[0].writes().count(), kept[0].archived().count()), (3, 1));
}

#[tokio::test]
async fn the_archives_that_are_written_today_are_those_that_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileArchive::new(folder.path());
    for entry in sample::entries() {
        let written = store.keep(&entry).await.unwrap();
        let path = Path::new(&written.path);
        let name = path.file_stem().unwrap().to_string_lossy();
        is_kept(&format!("archive/v1-{name}.json"), &std::fs::read(path).unwrap());
    }
}

#[test]
fn every_archive_of_an_older_version_is_read_and_written_again_as_it_was() {
    for (place, json) in all("archive") {
        let (entry, _) = archive::parse(&place, &json).unwrap();
        let mut again = serde_json::to_vec_pretty(&entry).unwrap();
        again.push(b'\n');
        assert_eq!(String::from_utf8(again), String::from_utf8(json), "{place}");
    }
}

fn holder() -> Holder {
    Holder { who: "ana".to_owned(), host: "ci-7".to_owned(), pid: 42, since: parsed("2026-11-23T09:00:00Z") }
}

#[tokio::test]
async fn what_a_lock_says_of_its_holder_today_is_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let lock = FileLock::beside(&state);
    let held = lock.acquire(&holder()).await.unwrap();
    let file = folder.path().join("state.json.lock");
    is_kept("lock/v1.json", &std::fs::read(&file).unwrap());
    let who = async |text: &[u8]| {
        std::fs::write(&file, text).unwrap();
        match lock.acquire(&holder()).await {
            Err(LockError::Held { holder, .. }) => holder,
            other => panic!("it is held: {other:?}"),
        }
    };
    for (_, text) in all("lock") {
        assert_eq!(who(&text).await, Some(holder()));
    }
    // It is held all the same, whatever stands in it.
    for text in [&b"{\"format\": 2, \"who\": [1]}"[..], b"", b"\xff", &vec![b'x'; 1 << 20][..]] {
        assert_eq!(who(text).await, None);
    }
    drop(held);
}

#[test]
fn a_newer_format_is_refused_unread_whatever_is_in_it() {
    let body = "{\"format\": 5, \"resources\": 7, \"workspace\": [\"?\"]}";
    let state = State::from_json("s", body.as_bytes(), &parsed("growth"));
    assert!(matches!(state, Err(StateError::NewerFormat { format: 5, .. })), "{state:?}");
    let journal = journal::parse("j", format!("{body}\nno json\n").as_bytes());
    assert!(matches!(journal, Err(JournalError::NewerFormat { format: 5, .. })), "{journal:?}");
    let archive = archive::parse("a", body.as_bytes());
    assert!(matches!(archive, Err(ArchiveError::NewerFormat { format: 5, .. })), "{archive:?}");
}

#[test]
fn a_state_a_journal_and_an_archive_that_are_cut_off_anywhere_are_errors_and_never_panic() {
    let (state, archive) =
        (sample::state().to_json().unwrap(), serde_json::to_vec(&sample::entries()[0]).unwrap());
    for end in (0..state.len() - 2).step_by(211) {
        let read = State::from_json("s", &state[..end], &parsed("growth"));
        assert!(matches!(read, Err(StateError::Broken { .. })), "cut at {end}: {read:?}");
    }
    for end in 0..archive.len() {
        assert!(archive::parse("a", &archive[..end]).is_err(), "cut at {end}");
    }
    let journal = ndjson(&Header { about: None, ..sample::header() }, &sample::records());
    for end in (0..journal.len()).step_by(97) {
        let read = journal::parse("j", &journal[..end]).unwrap();
        let whole = journal[..end].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(read.records.len(), whole.saturating_sub(1), "cut at {end}");
    }
}
