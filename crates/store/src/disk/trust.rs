//! Whom a file may come from. What the state, the journal, the lock and the run logs say is believed, so they must be
//! written by the person who runs the program: another user's file, or one that others can write, is refused.
use std::fs::File;
use std::io;
use std::path::Path;

/// Fails unless only the user who runs the program, or root, can have written the file.
#[cfg(unix)]
pub(super) fn must_be_trusted(file: &File) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let found = file.metadata()?;
    if let Some(other) = other_owner(&found) {
        return refused(format!("it belongs to user {other}; check its content, then use chown"));
    }
    if found.mode() & 0o022 != 0 {
        return refused(format!(
            "others can write it (mode {:o}); check its content, then use chmod go-w",
            found.mode() & 0o7777
        ));
    }
    Ok(())
}

/// Fails if what is at the path, or at the end of its links, belongs to another user than the one who runs the program,
/// and not to root; or if everyone can write it.
#[cfg(unix)]
pub fn must_be_own(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let found = path.metadata()?;
    if let Some(other) = other_owner(&path.symlink_metadata()?).or_else(|| other_owner(&found)) {
        return refused(format!("it belongs to user {other}"));
    }
    match found.mode() & 0o002 {
        0 => Ok(()),
        _ => refused(format!("everyone can write it (mode {:o})", found.mode() & 0o7777)),
    }
}

#[cfg(unix)]
fn other_owner(found: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let is_own = [0, rustix::process::geteuid().as_raw()].contains(&found.uid());
    (!is_own).then(|| found.uid())
}

#[cfg(unix)]
fn refused(reason: String) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::PermissionDenied, reason))
}

#[cfg(not(unix))]
pub fn must_be_own(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn must_be_trusted(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_that_others_can_write_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (mode, is_trusted) in [(0o600, true), (0o644, true), (0o664, false), (0o646, false), (0o666, false)] {
            fs::set_permissions(file.path(), Permissions::from_mode(mode)).unwrap();
            let trusted = must_be_trusted(file.as_file());
            assert_eq!(trusted.is_ok(), is_trusted, "{mode:o}: {trusted:?}");
            if let Err(refused) = trusted {
                assert!(refused.to_string().contains("chmod go-w"), "{refused}");
            }
        }
    }

    #[test]
    fn another_users_file_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        // Only root can give files away.
        if std::os::unix::fs::chown(file.path(), Some(65_534), None).is_ok() {
            let refused = must_be_trusted(file.as_file()).unwrap_err();
            assert!(refused.to_string().contains("user 65534"), "{refused}");
            let refused = must_be_own(file.path()).unwrap_err();
            assert!(refused.to_string().contains("user 65534"), "{refused}");
        }
    }
}
