//! Where a project keeps what must outlive a run.
use std::path::{Path, PathBuf};

/// The folder beside the manifest that is ours.
const OWN_FOLDER: &str = ".pinpoint-streams";

/// The paths of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Places {
    /// The state; journal and lock are beside it.
    pub(crate) state: PathBuf,
    /// What is kept of a thing before it is deleted.
    pub(crate) archive: PathBuf,
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
        let sandbox = folder.join(OWN_FOLDER).join("sandbox");
        let world = sandbox.join("aws");
        if in_sandbox {
            Places { state: sandbox.join(default_state), archive: sandbox.join("archive"), sandbox, world }
        } else {
            let state = folder.join(state.unwrap_or(&default_state));
            Places { state, archive: folder.join(OWN_FOLDER).join("archive"), sandbox, world }
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
        for path in [&places.state, &places.archive, &places.world] {
            assert!(path.starts_with("/p/.pinpoint-streams/sandbox"), "{path:?}");
        }
    }
}
