//! Files of a workspace that git tracks. With the state in a bucket, the journal is of this machine alone: one that came
//! with the repository says what the author of a commit wants to be believed.
use crate::ui::Error;
use std::path::Path;
use std::process::{Command, Stdio};

/// Fails if the journal exists and git tracks it.
pub(super) fn refuse_tracked(journal: &Path) -> Result<(), Error> {
    if !journal.exists() || !is_tracked(journal) {
        return Ok(());
    }
    Err(Error::InvalidFile {
        path: journal.to_owned(),
        problem: "is tracked by git, and would change a state that is kept in a bucket".to_owned(),
        hint:
            "find out who committed it; `git rm --cached` and an entry in .gitignore remove it from the repository"
                .to_owned(),
    })
}

/// False without git, or outside of a repository.
fn is_tracked(file: &Path) -> bool {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return false };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut git = Command::new("git");
    // A monitor would be another program that runs.
    git.arg("-C").arg(folder).args(["-c", "core.fsmonitor=false", "ls-files", "--error-unmatch", "--"]).arg(name);
    git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    git.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_journal_that_git_tracks_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("growth.journal");
        let git = |args: &[&str]| {
            let done = Command::new("git").arg("-C").arg(folder.path()).args(args).output().unwrap();
            assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        };
        assert!(refuse_tracked(&journal).is_ok(), "there is none");
        fs::write(&journal, "{}\n").unwrap();
        assert!(refuse_tracked(&journal).is_ok(), "there is no repository");
        git(&["init", "--quiet"]);
        assert!(refuse_tracked(&journal).is_ok(), "it is not tracked");
        git(&["add", "growth.journal"]);
        let refused = refuse_tracked(&journal).unwrap_err();
        assert!(format!("{refused:?}").contains("tracked by git"), "{refused:?}");
    }
}
