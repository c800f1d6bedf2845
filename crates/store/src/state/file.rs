//! The state in a file.
use super::{State, StateError, StateStore, Succession, check_later, check_successor};
use crate::disk;
use crate::lock::FileLock;
use pinpoint_streams_model::ids::Workspace;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct FileStateStore {
    path: PathBuf,
    workspace: Workspace,
    lock: Option<FileLock>,
}

impl FileStateStore {
    pub fn new(path: impl Into<PathBuf>, workspace: Workspace) -> Self {
        FileStateStore { path: path.into(), workspace, lock: None }
    }

    /// The same, not written once this lock was acquired and its file was removed or replaced.
    pub fn guarded_by(self, lock: &FileLock) -> Self {
        FileStateStore { lock: Some(lock.clone()), ..self }
    }

    /// The raw bytes of the file, if it exists.
    pub async fn raw(&self) -> Result<Option<Vec<u8>>, StateError> {
        let path = self.path.clone();
        disk::blocking(move || Ok(disk::read_trusted(&path, disk::LARGEST)?)).await
    }

    /// Replaces the state by a later one, as [`check_later`] allows. Requires the lock.
    pub async fn push(&self, state: &State) -> Result<(), StateError> {
        self.put(state, check_later).await
    }

    async fn put(&self, state: &State, check: Succession) -> Result<(), StateError> {
        let (FileStateStore { path, workspace, lock }, state) = (self.clone(), state.clone());
        disk::blocking(move || {
            let before = read(&path, &workspace)?;
            let before = before.as_ref().map(|before| (&before.lineage, before.serial));
            check(&path.display().to_string(), before, &state)?;
            must_be_unused(&path)?;
            disk::clear_drafts(&path);
            let is_held = || !lock.as_ref().is_some_and(FileLock::is_lost);
            match disk::replace_if(&path, &state.to_json()?, is_held)? {
                true => Ok(()),
                false => Err(StateError::LockLost { place: path.display().to_string() }),
            }
        })
        .await
    }
}

/// Writes a copy of a state: a backup, or a state that could not be written to its place. Atomic and private.
pub async fn write_copy(path: &Path, state: &State) -> Result<(), StateError> {
    let (path, json) = (path.to_owned(), state.to_json()?);
    disk::blocking(move || Ok(disk::replace(&path, &json)?)).await
}

/// An error while a run replaces the state. If its lock file was removed meanwhile, another run may get this far.
fn must_be_unused(path: &Path) -> Result<(), StateError> {
    match disk::is_being_written(path) {
        true => Err(StateError::InUse { place: path.display().to_string() }),
        false => Ok(()),
    }
}

fn read(path: &Path, workspace: &Workspace) -> Result<Option<State>, StateError> {
    match disk::read_trusted(path, disk::LARGEST)? {
        Some(json) => State::from_json(&path.display().to_string(), &json, workspace).map(Some),
        None => Ok(None),
    }
}

impl StateStore for FileStateStore {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    async fn read(&self) -> Result<Option<State>, StateError> {
        let FileStateStore { path, workspace, lock: _ } = self.clone();
        disk::blocking(move || read(&path, &workspace)).await
    }

    async fn must_be_writable(&self) -> Result<(), StateError> {
        let path = self.path.clone();
        disk::blocking(move || {
            must_be_unused(&path)?;
            Ok(disk::must_be_writable(&path)?)
        })
        .await
    }

    async fn write(&self, state: &State) -> Result<(), StateError> {
        self.put(state, check_successor).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::ids::Serial;
    use pinpoint_streams_model::recorded::Recorded;

    fn store(folder: &tempfile::TempDir) -> FileStateStore {
        FileStateStore::new(folder.path().join("growth.state.json"), "growth".parse().unwrap())
    }

    fn state(serial: u64) -> State {
        let recorded =
            Recorded { lineage: Some("3f2a".parse().unwrap()), serial: Serial(serial), ..Recorded::default() };
        State::of(&"growth".parse().unwrap(), &recorded, Default::default()).unwrap()
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_state_that_nobody_may_write_is_said_to_be_so_before_it_is_written() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        store.must_be_writable().await.unwrap();
        store.write(&state(1)).await.unwrap();
        store.must_be_writable().await.unwrap();
        std::fs::set_permissions(&store.path, PermissionsExt::from_mode(0o400)).unwrap();
        let error = store.must_be_writable().await.unwrap_err();
        assert!(error.to_string().contains("failed to write"), "{error}");
        assert_eq!(store.read().await.unwrap(), Some(state(1)));
    }

    #[tokio::test]
    async fn a_state_whose_lock_file_was_removed_is_not_written() {
        use crate::lock::{Holder, LockStore};
        let folder = tempfile::tempdir().unwrap();
        let lock = FileLock::beside(&folder.path().join("growth.state.json"));
        let store = store(&folder).guarded_by(&lock);
        let since = jiff::Timestamp::UNIX_EPOCH;
        let holder = Holder { who: "ana".to_owned(), host: "ci-7".to_owned(), pid: 42, since };
        let held = lock.acquire(&holder).await.unwrap();
        store.write(&state(1)).await.unwrap();
        std::fs::remove_file(folder.path().join("growth.state.json.lock")).unwrap();
        for refused in [store.write(&state(2)).await, store.push(&state(2)).await] {
            assert!(matches!(refused, Err(StateError::LockLost { .. })), "{refused:?}");
        }
        assert!(lock.release(held).await.is_err());
        // The next run.
        let held = lock.acquire(&holder).await.unwrap();
        store.write(&state(2)).await.unwrap();
        lock.release(held).await.unwrap();
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_state_that_a_run_is_writing_is_in_use_until_it_is_replaced_or_left() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        store.write(&state(1)).await.unwrap();
        for is_allowed in [true, false] {
            let seen = || {
                assert!(matches!(must_be_unused(&store.path), Err(StateError::InUse { .. })));
                is_allowed
            };
            let json = state(2).to_json().unwrap();
            assert_eq!(disk::replace_if(&store.path, &json, seen).unwrap(), is_allowed);
            store.must_be_writable().await.unwrap();
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
        }
        store.write(&state(3)).await.unwrap();
    }

    #[tokio::test]
    async fn what_a_person_brings_must_be_later_and_of_the_same_lineage() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        store.push(&state(7)).await.unwrap();
        for serial in [1, 6, 7] {
            let refused = store.push(&state(serial)).await.unwrap_err().to_string();
            assert!(refused.contains("it has serial 7"), "{refused}");
        }
        let other = State { lineage: "other".parse().unwrap(), ..state(8) };
        assert!(matches!(store.push(&other).await, Err(StateError::Conflict { .. })));
        assert_eq!(store.raw().await.unwrap(), Some(state(7).to_json().unwrap()));
        store.push(&state(9)).await.unwrap();
        assert_eq!(store.read().await.unwrap(), Some(state(9)));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_copy_is_for_its_owner_alone_and_reads_as_the_state() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backups/7.json");
        write_copy(&path, &state(7)).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let copy = FileStateStore::new(path, "growth".parse().unwrap());
        assert_eq!(copy.read().await.unwrap(), Some(state(7)));
    }

    #[test]
    fn a_broken_state_is_an_error_with_its_place() {
        let error =
            State::from_json("s", b"{\"format\": 1,\n \"workspace\": }", &"growth".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("line 2 column 15"), "{error}");
    }
}
