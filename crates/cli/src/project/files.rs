//! Included files: patterns below the manifest's folder, and no link out of it.
use pinpoint_streams_model::manifest::{MAX_BYTES, SourceError, Sources};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use wildmatch::WildMatch;

/// The folder that includes are looked for in.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// This folder.
    pub(crate) fn new(root: &Path) -> Folder {
        // The folder of a bare file name is the current one.
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        Folder { root: root.to_owned() }
    }

    /// The names in the folder at this relative path that match one part of a pattern.
    fn matching(&self, folder: &str, part: &str) -> io::Result<Vec<String>> {
        let pattern = WildMatch::new(part);
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join(folder))? {
            let Ok(name) = entry?.file_name().into_string() else { continue };
            // As in a shell, a file that begins with a dot is meant only by a pattern that does.
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
                    Err(error) if is_no_folder(&error) => {}
                    Err(error) => return Err(SourceError::Unreadable(error.to_string())),
                }
            }
            // Before anything is looked for inside it.
            for path in &deeper {
                self.must_stay_inside(path)?;
            }
            found = deeper;
        }
        Ok(found)
    }

    fn must_stay_inside(&self, relative: &str) -> Result<(), SourceError> {
        let real = |path: &Path| path.canonicalize().map_err(|error| SourceError::Unreadable(error.to_string()));
        if real(&self.root.join(relative))?.starts_with(real(&self.root)?) {
            Ok(())
        } else {
            Err(SourceError::LeadsOut)
        }
    }
}

fn is_no_folder(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

impl Sources for Folder {
    fn read(&self, relative: &str) -> Result<String, SourceError> {
        self.must_stay_inside(relative)?;
        let unreadable = |error: io::Error| SourceError::Unreadable(error.to_string());
        let file = File::open(self.root.join(relative)).map_err(unreadable)?;
        let mut text = String::new();
        // One byte more than is allowed is enough to be refused for.
        file.take(MAX_BYTES as u64 + 1).read_to_string(&mut text).map_err(unreadable)?;
        Ok(text)
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, SourceError> {
        let found = self.expand(pattern)?;
        Ok(found.into_iter().filter(|path| self.root.join(path).is_file()).collect())
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

    #[test]
    fn a_file_is_read_as_it_is() {
        let folder = folder();
        assert!(Folder::new(folder.path()).read("none.toml").is_err());
        assert_eq!(Folder::new(folder.path()).read("apps/a.toml").unwrap(), "a = 1");
    }
}
