use super::*;
use serde_json::json;
use tempfile::TempDir;

impl Store {
    /// Makes the next append fail, as on a full disk.
    pub(crate) fn break_file(&mut self) {
        if let Some(open) = &mut self.open {
            open.file = File::open(&self.world).unwrap();
        }
    }
}

fn put(key: &str, value: u64) -> Changes {
    Changes::from([(key.to_owned(), Some(json!(value)))])
}

fn all(folder: &Path) -> BTreeMap<String, Value> {
    let mut store = Store::open(folder).unwrap();
    let Unread::All(writes) = store.read_new().unwrap() else {
        panic!("the first read returns everything");
    };
    let last: Changes = writes.into_iter().flatten().collect();
    last.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

#[test]
fn appended_values_are_read_and_removed_ones_are_not() {
    let folder = TempDir::new().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    store.read_new().unwrap();
    store.append(&[put("a", 1), put("b", 2), put("a", 3)]).unwrap();
    store.append(&[Changes::from([("b".to_owned(), None)])]).unwrap();
    assert_eq!(all(folder.path()), BTreeMap::from([("a".to_owned(), json!(3))]));
}

#[test]
fn the_size_of_a_write_does_not_depend_on_the_size_of_the_world() {
    let folder = TempDir::new().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    store.read_new().unwrap();
    let length = || fs::metadata(folder.path().join(WORLD)).unwrap().len();
    let empty = length();
    store.append(&[put("a", 1)]).unwrap();
    let first = length() - empty;
    let many: Vec<Changes> = (0..1000).map(|n| put(&format!("k{n}"), n)).collect();
    store.append(&many).unwrap();
    let before = length();
    store.append(&[put("z", 1)]).unwrap();
    assert_eq!(length() - before, first);
}

#[test]
fn other_stores_read_a_compacted_file_from_the_start() {
    let folder = TempDir::new().unwrap();
    let mut writer = Store::open(folder.path()).unwrap();
    let mut reader = Store::open(folder.path()).unwrap();
    writer.read_new().unwrap();
    reader.read_new().unwrap();
    writer.append(&[put("a", 1)]).unwrap();
    assert!(matches!(reader.read_new().unwrap(), Unread::Appended(_)));
    assert!(matches!(reader.read_new().unwrap(), Unread::None));
    writer.compact(&mut [("a".to_owned(), json!(1))].into_iter()).unwrap();
    assert!(matches!(reader.read_new().unwrap(), Unread::All(_)));
    assert!(matches!(writer.read_new().unwrap(), Unread::None));
    writer.append(&[put("b", 2)]).unwrap();
    assert!(matches!(reader.read_new().unwrap(), Unread::Appended(_)));
}

#[test]
fn a_file_needs_compaction_once_most_of_it_is_superseded() {
    let folder = TempDir::new().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    store.read_new().unwrap();
    let writes: Vec<Changes> = (0..SLACK as u64).map(|n| put("a", n)).collect();
    store.append(&writes[1..]).unwrap();
    assert!(!store.needs_compaction());
    store.append(&[put("a", 0)]).unwrap();
    assert!(store.needs_compaction());
    store.compact(&mut [("a".to_owned(), json!(0))].into_iter()).unwrap();
    assert!(!store.needs_compaction());
    assert_eq!(all(folder.path()).len(), 1);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_names_of_temporary_files_are_unpredictable() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    for name in [WORLD, LOCK] {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "keep").unwrap();
        symlink(&target, folder.path().join(name)).unwrap();
        let opened = Store::open(folder.path()).and_then(|mut store| store.read_new());
        assert!(opened.is_err_and(|error| error.to_string().contains("failed to")), "{name}");
        assert_eq!(fs::read(&target).unwrap(), b"keep");
    }
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("target");
    fs::write(&target, "keep").unwrap();
    symlink(&target, folder.path().join("world.new")).unwrap();
    let mut store = Store::open(&folder.path().join(".")).unwrap();
    store.read_new().unwrap();
    store.compact(&mut [("a".to_owned(), json!(1))].into_iter()).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"keep");
    for name in [WORLD, LOCK] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "no temporary file remains");
}

#[test]
fn a_newer_format_is_refused_before_the_rest_is_parsed() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(WORLD), "{\"format\":2,\"x\":[]}\nno json\n").unwrap();
    let opened = Store::open(folder.path()).unwrap().read_new().err();
    assert!(matches!(opened, Some(StoreError::Newer { found: 2, known: 1, .. })), "{opened:?}");
}

#[test]
fn a_file_that_is_too_large_is_refused_without_being_read() {
    let folder = TempDir::new().unwrap();
    fs::File::create(folder.path().join(WORLD)).unwrap().set_len(1 << 40).unwrap();
    let error = Store::open(folder.path()).unwrap().read_new().err().unwrap();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "larger than 512 MiB", "{error:?}");
}
