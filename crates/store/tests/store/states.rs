//! The state in a file keeps the contract of every store of states.
use pinpoint_streams_model::ids::Workspace;
use pinpoint_streams_store::state::FileStateStore;
use pinpoint_streams_testkit::state_contract::{ByteShelf, Shelf};
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("growth.state.json")
    }
}

impl Shelf for Folder {
    type Store = FileStateStore;

    async fn open(&self, workspace: &Workspace) -> FileStateStore {
        FileStateStore::new(self.path(), workspace.clone())
    }
}

impl ByteShelf for Folder {
    async fn put(&self, bytes: &[u8]) {
        std::fs::write(self.path(), bytes).unwrap();
    }

    async fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap()
    }
}

pinpoint_streams_testkit::state_contract_tests!(Folder::new());
pinpoint_streams_testkit::state_bytes_contract_tests!(Folder::new());
