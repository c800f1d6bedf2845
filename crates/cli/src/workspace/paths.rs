//! The paths of a workspace.
use crate::ui::Error;
use jiff::Timestamp;
use pinpoint_streams_model::ids::{RunId, Serial};
use std::path::{Path, PathBuf};

/// The directory next to the manifest for all files but the state.
const OWN_FOLDER: &str = ".pinpoint-streams";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkspacePaths {
    /// The state, with journal and lock next to it. For a state in a bucket, only the journal is local.
    pub(crate) state: PathBuf,
    /// Archives of deleted resources.
    pub(crate) archive: PathBuf,
    /// States before manual changes.
    pub(crate) backups: PathBuf,
    /// Logs of past runs.
    pub(crate) runs: PathBuf,
    /// All files of the sandbox, including its state.
    pub(crate) sandbox: PathBuf,
    /// The embedded account.
    pub(crate) world: PathBuf,
}

impl WorkspacePaths {
    /// The paths next to this manifest. The sandbox ignores `[state]`.
    pub(crate) fn of(manifest: &Path, state: Option<&str>, in_sandbox: bool) -> WorkspacePaths {
        let folder = manifest.parent().unwrap_or(Path::new(""));
        let stem = manifest.file_stem().unwrap_or_default().to_string_lossy();
        let default_state = format!("{stem}.state.json");
        let paths = WorkspacePaths::in_folder(folder, in_sandbox);
        let state = match (in_sandbox, state) {
            (true, _) => paths.sandbox.join(default_state),
            (false, state) => folder.join(state.unwrap_or(&default_state)),
        };
        WorkspacePaths { state, ..paths }
    }

    /// The paths in a directory without a manifest.
    pub(crate) fn in_folder(folder: &Path, in_sandbox: bool) -> WorkspacePaths {
        let own = folder.join(OWN_FOLDER);
        let sandbox = own.join("sandbox");
        let world = sandbox.join("aws");
        let base = if in_sandbox { &sandbox } else { &own };
        let (archive, backups, runs) = (base.join("archive"), base.join("backups"), base.join("runs"));
        WorkspacePaths { state: base.join("sweep.state.json"), archive, backups, runs, sandbox, world }
    }

    /// The file for a state that could not be written to its bucket.
    pub(crate) fn unpushed(&self, run: Option<&RunId>) -> PathBuf {
        let name = self.state.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.strip_suffix(".state.json").unwrap_or(&name);
        let run = run.map(|run| format!("-{run}")).unwrap_or_default();
        self.state.with_file_name(format!("{stem}.unpushed{run}.state.json"))
    }

    /// The backup of the state with this serial.
    pub(crate) fn backup(&self, serial: Serial, now: Timestamp) -> PathBuf {
        self.backups.join(format!("{}-serial-{serial}.state.json", now.strftime("%Y%m%dT%H%M%SZ")))
    }

    /// Fails if one of the own directories is a symbolic link, because files would be written elsewhere.
    pub(crate) fn reject_symlinks(&self) -> Result<(), Error> {
        let WorkspacePaths { state: _, archive, backups, runs, sandbox, world } = self;
        let own = sandbox.parent().unwrap_or(sandbox);
        match [own, sandbox, world, archive, backups, runs].into_iter().find(|path| path.is_symlink()) {
            None => Ok(()),
            Some(path) => Err(Error::InvalidFile {
                path: path.to_owned(),
                problem: "is a symbolic link, which is not followed".to_owned(),
                hint: "replace the link with a directory".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_stands_beside_the_manifest_or_where_the_manifest_says() {
        let manifest = Path::new("/p/growth.toml");
        assert_eq!(WorkspacePaths::of(manifest, None, false).state, Path::new("/p/growth.state.json"));
        assert_eq!(WorkspacePaths::of(manifest, Some("x/s.json"), false).state, Path::new("/p/x/s.json"));
    }

    #[test]
    fn in_the_sandbox_everything_stays_in_one_folder() {
        let paths = WorkspacePaths::of(Path::new("/p/growth.toml"), Some("/elsewhere.json"), true);
        for path in [&paths.state, &paths.archive, &paths.backups, &paths.runs, &paths.world] {
            assert!(path.starts_with("/p/.pinpoint-streams/sandbox"), "{path:?}");
        }
    }

    #[test]
    fn what_could_not_be_pushed_stands_beside_the_manifest_and_a_backup_in_our_own_folder() {
        let paths = WorkspacePaths::of(Path::new("/p/growth.toml"), None, false);
        let run = "7b8c988bcfc5".parse().unwrap();
        assert_eq!(paths.unpushed(Some(&run)), Path::new("/p/growth.unpushed-7b8c988bcfc5.state.json"));
        assert_eq!(
            paths.backup(Serial(7), Timestamp::UNIX_EPOCH),
            Path::new("/p/.pinpoint-streams/backups/19700101T000000Z-serial-7.state.json")
        );
    }

    #[test]
    fn without_a_manifest_everything_stays_in_our_own_folder() {
        let WorkspacePaths { state, archive, backups, runs, sandbox: _, world: _ } =
            WorkspacePaths::in_folder(Path::new("/p"), false);
        for path in [state, archive, backups, runs] {
            assert!(path.starts_with("/p/.pinpoint-streams") && !path.starts_with("/p/.pinpoint-streams/sandbox"));
        }
        let in_sandbox = WorkspacePaths::in_folder(Path::new("/p"), true);
        let with_manifest = WorkspacePaths::of(Path::new("/p/growth.toml"), None, true);
        assert_eq!((in_sandbox.archive, in_sandbox.runs), (with_manifest.archive, with_manifest.runs));
    }
}
