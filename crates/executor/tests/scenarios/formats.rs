//! What earlier versions have written is read for ever. A file here is never changed; a new format adds one.
use pinpoint_streams_executor::archive::{self, Object};
use pinpoint_streams_executor::journal::{FileJournal, JournalStore, runs};
use pinpoint_streams_executor::session;
use pinpoint_streams_executor::state::{FileStateStore, State};
use pinpoint_streams_model::ids::Serial;
use pinpoint_streams_testkit::parsed;
use std::path::{Path, PathBuf};

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/formats").join(name)
}

#[test]
fn a_state_of_format_1_is_read_and_written_as_it_was() {
    let json = std::fs::read(kept("state-1.json")).unwrap();
    let state = State::from_json("state-1.json", &json, &parsed("growth")).unwrap();
    assert_eq!((state.serial, state.resources.len(), state.pending.len()), (Serial(2), 3, 1));
    assert_eq!(String::from_utf8(state.to_json().unwrap()), String::from_utf8(json));
}

#[tokio::test]
async fn a_journal_of_format_1_is_taken_into_its_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let journal = FileJournal::beside(&path);
    std::fs::copy(kept("state-1.json"), &path).unwrap();
    std::fs::copy(kept("journal-1.ndjson"), journal.place()).unwrap();
    let loaded = session::load(&FileStateStore::new(&path, parsed("growth")), &journal).await.unwrap();
    assert_eq!(loaded.resumed, Some(parsed("r2")));
    let recorded = loaded.recorded;
    assert_eq!((recorded.serial, recorded.resources.len()), (Serial(3), 2), "the event stream is deleted");
    let pending: Vec<_> = recorded.pending.iter().map(|pending| pending.op.name()).collect();
    assert_eq!(pending, ["put_role_policy", "delete_role_policy"]);
}

#[test]
fn an_archive_of_format_1_is_read() {
    let (entry, _) = archive::read(&kept("archive-1.json")).unwrap();
    assert!(matches!(entry.object, Object::Role(role) if role.inline_policies.len() == 1));
}

#[test]
fn a_run_of_format_1_is_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(kept("run-1.ndjson"), folder.path().join("20261123T090000Z-r1.ndjson")).unwrap();
    let kept = runs(folder.path()).unwrap();
    let about = kept[0].header.about.as_ref().unwrap();
    assert_eq!((about.approved_by.as_deref(), about.plan.steps.len()), (Some("ann"), 2));
    assert_eq!((kept[0].writes().count(), kept[0].archived().count()), (3, 1));
}
