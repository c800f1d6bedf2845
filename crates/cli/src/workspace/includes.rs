//! Included files: glob patterns below the directory of the manifest. Symbolic links must not lead out of it.
use pinpoint_streams_model::manifest::{MAX_BYTES, MAX_FILES, SourceError, Sources};
use pinpoint_streams_store::disk;
use std::path::{Path, PathBuf};
use std::{fs, io};
use wildmatch::WildMatch;

/// The directory of the manifest.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> Folder {
        // The parent of a bare file name is empty.
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        Folder { root: root.to_owned() }
    }

    /// The entries of a directory that match one component of a pattern.
    fn matching(&self, folder: &str, part: &str) -> io::Result<Vec<String>> {
        let pattern = WildMatch::new(part);
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join(folder))? {
            let Ok(name) = entry?.file_name().into_string() else { continue };
            // As in a shell, hidden files match only patterns that begin with a dot.
            let is_hidden = name.starts_with('.') && !part.starts_with('.');
            if pattern.matches(&name) && !is_hidden {
                names.push(if folder.is_empty() { name } else { format!("{folder}/{name}") });
            }
        }
        Ok(names)
    }

    fn expand(&self, pattern: &str) -> Result<Vec<String>, SourceError> {
        let mut found = vec![String::new()];
        for part in pattern.split('/').filter(|part| !part.is_empty() && *part != ".") {
            let mut deeper = Vec::new();
            for folder in &found {
                match self.matching(folder, part) {
                    Ok(names) => deeper.extend(names),
                    Err(error) if is_not_a_directory(&error) => {}
                    Err(error) => return Err(SourceError::Unreadable(error.to_string())),
                }
            }
            // Otherwise symbolic links to the same directory multiply the paths without limit.
            if deeper.len() > MAX_FILES {
                return Err(SourceError::Unreadable(format!("it matches more than {MAX_FILES} paths")));
            }
            // Before the directory is read.
            for path in &deeper {
                self.check_inside(path)?;
            }
            found = deeper;
        }
        Ok(found)
    }

    fn check_inside(&self, relative: &str) -> Result<(), SourceError> {
        let real = |path: &Path| path.canonicalize().map_err(|error| SourceError::Unreadable(error.to_string()));
        if real(&self.root.join(relative))?.starts_with(real(&self.root)?) {
            Ok(())
        } else {
            Err(SourceError::LeadsOut)
        }
    }
}

fn is_not_a_directory(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

impl Sources for Folder {
    fn read(&self, relative: &str) -> Result<String, SourceError> {
        self.check_inside(relative)?;
        disk::read_text(&self.root.join(relative), MAX_BYTES as u64).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => SourceError::NotText,
            _ => SourceError::Unreadable(error.to_string()),
        })
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, SourceError> {
        // A pipe or a device is an error once it is read, not a file that is left out.
        let found = self.expand(pattern)?;
        Ok(found.into_iter().filter(|path| !self.root.join(path).is_dir()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for path in ["apps/b.toml", "apps/a.toml", "apps/.hidden.toml", "apps/notes.md", "x/y/z.toml"] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "a = 1").unwrap();
        }
        folder
    }

    fn glob(folder: &tempfile::TempDir, pattern: &str) -> Result<Vec<String>, SourceError> {
        let mut found = Folder::new(folder.path()).glob(pattern)?;
        found.sort();
        Ok(found)
    }

    #[test]
    fn a_pattern_finds_the_files_that_match_each_of_its_parts() {
        let folder = folder();
        assert_eq!(glob(&folder, "apps/*.toml").unwrap(), ["apps/a.toml", "apps/b.toml"]);
        assert_eq!(glob(&folder, "./*/y/?.toml").unwrap(), ["x/y/z.toml"]);
        assert_eq!(glob(&folder, "apps").unwrap(), [""; 0]);
        assert_eq!(glob(&folder, "none/*.toml").unwrap(), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_of_the_folder_is_refused() {
        let (folder, outside) = (folder(), folder());
        std::os::unix::fs::symlink(outside.path().join("apps"), folder.path().join("link")).unwrap();
        assert_eq!(glob(&folder, "link/*.toml"), Err(SourceError::LeadsOut));
        assert_eq!(Folder::new(folder.path()).read("link/a.toml"), Err(SourceError::LeadsOut));
        std::os::unix::fs::symlink(folder.path().join("apps"), folder.path().join("inside")).unwrap();
        assert_eq!(glob(&folder, "inside/a.toml").unwrap(), ["inside/a.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_from_a_folder_to_itself_are_not_gone_through_without_an_end() {
        let folder = folder();
        for name in ["l1", "l2", "l3", "l4"] {
            std::os::unix::fs::symlink(".", folder.path().join(name)).unwrap();
        }
        let error = glob(&folder, &format!("{}*.toml", "l*/".repeat(30))).unwrap_err();
        assert_eq!(error, SourceError::Unreadable("it matches more than 10000 paths".to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_too_large_or_no_file_is_not_read() {
        let folder = folder();
        fs::File::create(folder.path().join("large.toml")).unwrap().set_len(1 << 40).unwrap();
        let read = |name: &str| Folder::new(folder.path()).read(name).unwrap_err().to_string();
        assert_eq!(read("large.toml"), "it is larger than 16 MiB");
        assert!(
            std::process::Command::new("mkfifo").arg(folder.path().join("pipe.toml")).status().unwrap().success()
        );
        assert_eq!(read("pipe.toml"), "it is not a regular file");
        assert_eq!(glob(&folder, "pipe.*").unwrap(), ["pipe.toml"], "it is not left out in silence");
    }

    #[test]
    fn a_file_is_read_as_it_is() {
        let folder = folder();
        assert!(Folder::new(folder.path()).read("none.toml").is_err());
        assert_eq!(Folder::new(folder.path()).read("apps/a.toml").unwrap(), "a = 1");
    }
}
