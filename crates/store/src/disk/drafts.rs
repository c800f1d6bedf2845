//! The temporary files of atomic replacement, and removing those of killed runs.
use super::folder_of;
use std::fs;
use std::path::{Path, PathBuf};

/// Removes temporary files for this file that killed runs left. No other process may be replacing it. Leftovers do no
/// harm, so errors are ignored.
pub(crate) fn clear_drafts(path: &Path) {
    for entry in fs::read_dir(folder_of(path)).into_iter().flatten().flatten() {
        if is_draft_of(path, &entry.file_name().to_string_lossy()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The unpredictable name of a file's replacement until it is renamed.
pub(super) fn draft_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    folder_of(path).join(format!(".{name}.{}.tmp", uuid::Uuid::new_v4().simple()))
}

fn is_draft_of(path: &Path, name: &str) -> bool {
    let whole = path.file_name().unwrap_or_default().to_string_lossy();
    let drawn = name.strip_prefix('.').and_then(|rest| rest.strip_prefix(&*whole)).and_then(|rest| {
        let drawn = rest.strip_prefix('.')?.strip_suffix(".tmp")?;
        (drawn.len() == 32).then_some(drawn)
    });
    drawn.is_some_and(|drawn| drawn.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_killed_runs_left_of_a_file_is_taken_away_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        clear_drafts(&folder.path().join("none/state.json"));
        let others = [
            ".state.json.tmp",
            ".state.json.0123456789abcdef0123456789abcdeg.tmp",
            ".other.state.json.0123456789abcdef0123456789abcdef.tmp",
            "state.json.0123456789abcdef0123456789abcdef.tmp",
            "state.json",
        ];
        for name in others {
            fs::write(folder.path().join(name), "keep").unwrap();
        }
        fs::write(draft_of(&path), "half").unwrap();
        clear_drafts(&path);
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|one| one.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let mut others = others.to_vec();
        others.sort_unstable();
        assert_eq!(left, others);
    }
}
