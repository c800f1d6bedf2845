//! Where a workspace keeps what must outlive a run.
use crate::ui::error::Error;
use jiff::Timestamp;
use pinpoint_streams_model::ids::{RunId, Serial};
use std::path::{Path, PathBuf};

/// The folder beside the manifest that is ours.
const OWN_FOLDER: &str = ".pinpoint-streams";

/// The paths of one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Places {
    /// The state; journal and lock are beside it. Of a state in a bucket only the journal is here.
    pub(crate) state: PathBuf,
    /// What is kept of a thing before it is deleted.
    pub(crate) archive: PathBuf,
    /// The state as it was before a person changed it.
    pub(crate) backups: PathBuf,
    /// The logs of the runs that there were.
    pub(crate) runs: PathBuf,
    /// All that the sandbox keeps, the state of its workspace included.
    pub(crate) sandbox: PathBuf,
    /// The embedded account.
    pub(crate) world: PathBuf,
}

impl Places {
    /// The places beside this manifest. With the sandbox `[state]` means nothing.
    pub(crate) fn of(manifest: &Path, state: Option<&str>, in_sandbox: bool) -> Places {
        let folder = manifest.parent().unwrap_or(Path::new(""));
        let stem = manifest.file_stem().unwrap_or_default().to_string_lossy();
        let default_state = format!("{stem}.state.json");
        let places = Places::in_folder(folder, in_sandbox);
        let state = match (in_sandbox, state) {
            (true, _) => places.sandbox.join(default_state),
            (false, state) => folder.join(state.unwrap_or(&default_state)),
        };
        Places { state, ..places }
    }

    /// The places in a folder without a manifest, where a sweep may be run all the same.
    pub(crate) fn in_folder(folder: &Path, in_sandbox: bool) -> Places {
        let own = folder.join(OWN_FOLDER);
        let sandbox = own.join("sandbox");
        let world = sandbox.join("aws");
        let base = if in_sandbox { &sandbox } else { &own };
        let (archive, backups, runs) = (base.join("archive"), base.join("backups"), base.join("runs"));
        Places { state: base.join("sweep.state.json"), archive, backups, runs, sandbox, world }
    }
}

impl Places {
    /// Where a state is left that this run could not write where it belongs: beside the manifest.
    pub(crate) fn unpushed(&self, run: Option<&RunId>) -> PathBuf {
        let name = self.state.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.strip_suffix(".state.json").unwrap_or(&name);
        let run = run.map(|run| format!("-{run}")).unwrap_or_default();
        self.state.with_file_name(format!("{stem}.unpushed{run}.state.json"))
    }

    /// Where the state of this serial is kept before a person's change takes its place.
    pub(crate) fn backup(&self, serial: Serial, now: Timestamp) -> PathBuf {
        self.backups.join(format!("{}-serial-{serial}.state.json", now.strftime("%Y%m%dT%H%M%SZ")))
    }

    /// Refuses where one of our own folders is a link: what is kept there would be written elsewhere.
    pub(crate) fn must_not_lead_elsewhere(&self) -> Result<(), Error> {
        let Places { state: _, archive, backups, runs, sandbox, world } = self;
        let own = sandbox.parent().unwrap_or(sandbox);
        match [own, sandbox, world, archive, backups, runs].into_iter().find(|path| path.is_symlink()) {
            None => Ok(()),
            Some(path) => Err(Error::Unusable {
                path: path.to_owned(),
                problem: "is a symbolic link, and is not followed".to_owned(),
                hint: "put a folder in its place; what is kept there stays there".to_owned(),
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
        assert_eq!(Places::of(manifest, None, false).state, Path::new("/p/growth.state.json"));
        assert_eq!(Places::of(manifest, Some("x/s.json"), false).state, Path::new("/p/x/s.json"));
    }

    #[test]
    fn in_the_sandbox_everything_stays_in_one_folder() {
        let places = Places::of(Path::new("/p/growth.toml"), Some("/elsewhere.json"), true);
        for path in [&places.state, &places.archive, &places.backups, &places.runs, &places.world] {
            assert!(path.starts_with("/p/.pinpoint-streams/sandbox"), "{path:?}");
        }
    }

    #[test]
    fn what_could_not_be_pushed_stands_beside_the_manifest_and_a_backup_in_our_own_folder() {
        let places = Places::of(Path::new("/p/growth.toml"), None, false);
        let run = "7b8c988bcfc5".parse().unwrap();
        assert_eq!(places.unpushed(Some(&run)), Path::new("/p/growth.unpushed-7b8c988bcfc5.state.json"));
        assert_eq!(
            places.backup(Serial(7), Timestamp::UNIX_EPOCH),
            Path::new("/p/.pinpoint-streams/backups/19700101T000000Z-serial-7.state.json")
        );
    }

    #[test]
    fn without_a_manifest_everything_stays_in_our_own_folder() {
        let Places { state, archive, backups, runs, sandbox: _, world: _ } =
            Places::in_folder(Path::new("/p"), false);
        for path in [state, archive, backups, runs] {
            assert!(path.starts_with("/p/.pinpoint-streams") && !path.starts_with("/p/.pinpoint-streams/sandbox"));
        }
        let in_sandbox = Places::in_folder(Path::new("/p"), true);
        let with_manifest = Places::of(Path::new("/p/growth.toml"), None, true);
        assert_eq!((in_sandbox.archive, in_sandbox.runs), (with_manifest.archive, with_manifest.runs));
    }
}
