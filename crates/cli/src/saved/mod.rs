//! Saved plans: written and read back.
mod access;
mod stale;

pub use access::{Access, Means};
pub use stale::{Stale, check_age, check_basis, check_steps};

use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::plan::{FORMAT_VERSION, Plan};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a saved plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// It cannot be read or written.
    #[error("failed to {doing} the plan {}", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no plan.
    #[error("{} is no saved plan: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A newer version of the program wrote it.
    #[error("the plan {} has format {format}, newer than {FORMAT_VERSION}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// It is not as it was saved.
    #[error("the plan {} was edited: its content has digest {found}, not {stated}", path.display())]
    Edited {
        /// The file.
        path: PathBuf,
        /// The digest that it names.
        stated: Digest,
        /// The digest that it has.
        found: Digest,
    },
}

impl SavedPlanError {
    /// What a person can do about it.
    pub fn hint(&self) -> String {
        match self {
            SavedPlanError::File { .. } => "check the path, and who may read and write there".to_owned(),
            SavedPlanError::Broken { .. } | SavedPlanError::Edited { .. } => {
                "save it anew with `pinpoint-streams plan --out FILE`".to_owned()
            }
            SavedPlanError::Newer { .. } => {
                "use the version that saved it, or save it anew with this one".to_owned()
            }
        }
    }
}

/// A saved plan as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The plan.
    pub plan: Plan,
    /// How its accounts are called, where the manifest alone does not say it.
    pub access: Option<Access>,
}

/// The key beside those of the plan.
const ACCESS: &str = "access";

/// Saves a plan where only its owner can read it, whole or not at all.
pub fn save(path: &Path, plan: &Plan, access: Option<&Access>) -> Result<(), SavedPlanError> {
    #[derive(Serialize)]
    struct File<'a> {
        #[serde(flatten)]
        plan: &'a Plan,
        #[serde(skip_serializing_if = "Option::is_none")]
        access: Option<&'a Access>,
    }
    let error = |source| SavedPlanError::File { doing: "save", path: path.to_owned(), source };
    let mut json = serde_json::to_vec_pretty(&File { plan, access }).map_err(|failed| error(failed.into()))?;
    json.push(b'\n');
    let name = path.file_name().ok_or_else(|| error(io::ErrorKind::IsADirectory.into()))?;
    let mut temporary = name.to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let written = write_private(&temporary, &json).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // What is left over is of no use; that it cannot be taken away changes nothing.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(error)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Reads a saved plan. A newer format is refused unread, and so is a plan that was edited.
pub fn load(path: &Path) -> Result<Saved, SavedPlanError> {
    let json =
        fs::read(path).map_err(|source| SavedPlanError::File { doing: "read", path: path.to_owned(), source })?;
    parse(path, &json)
}

/// Reads a saved plan from its bytes. `path` is where they were found, for people.
pub fn parse(path: &Path, json: &[u8]) -> Result<Saved, SavedPlanError> {
    /// All that is read of a format that may not be known.
    #[derive(Deserialize)]
    struct Header {
        format_version: u32,
    }
    let broken =
        |error: serde_json::Error| SavedPlanError::Broken { path: path.to_owned(), reason: error.to_string() };
    let Header { format_version: format } = serde_json::from_slice(json).map_err(broken)?;
    if format > FORMAT_VERSION {
        return Err(SavedPlanError::Newer { path: path.to_owned(), format });
    }
    let mut whole: Map<String, Value> = serde_json::from_slice(json).map_err(broken)?;
    let access = whole.remove(ACCESS);
    let plan: Plan = match access {
        // From the text, so that what is wrong is given with its line.
        None => serde_json::from_slice(json).map_err(broken)?,
        Some(_) => serde_json::from_value(Value::Object(whole)).map_err(broken)?,
    };
    let access = access.map(serde_json::from_value).transpose().map_err(broken)?;
    let found = plan.digest();
    if found != plan.plan_digest {
        return Err(SavedPlanError::Edited { path: path.to_owned(), stated: plan.plan_digest, found });
    }
    Ok(Saved { plan, access })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use serde_json::json;

    fn saved() -> (tempfile::TempDir, PathBuf, Plan) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.plan");
        let plan = testing::plan(&[testing::change("role.shop", "create", "new", json!([]))]);
        save(&path, &plan, None).unwrap();
        (folder, path, plan)
    }

    #[test]
    fn a_saved_plan_is_read_back_as_it_was() {
        let (_folder, path, plan) = saved();
        assert_eq!(load(&path).unwrap(), Saved { plan: plan.clone(), access: None });
        let access = Access { manifest: true, ..Access::default() };
        save(&path, &plan, Some(&access)).unwrap();
        assert_eq!(load(&path).unwrap(), Saved { plan, access: Some(access) });
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_a_saved_plan() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, path, _) = saved();
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_plan_that_was_edited_is_refused() {
        let (_folder, path, _) = saved();
        let text = fs::read_to_string(&path).unwrap().replace("\"name\": \"Blog\"", "\"name\": \"Evil\"");
        fs::write(&path, text).unwrap();
        assert!(matches!(load(&path), Err(SavedPlanError::Edited { .. })));
    }

    #[test]
    fn a_newer_format_is_refused_unread_and_a_torn_file_is_no_plan() {
        let (_folder, path, _) = saved();
        fs::write(&path, r#"{"format_version": 2, "who": "knows"}"#).unwrap();
        assert!(matches!(load(&path), Err(SavedPlanError::Newer { format: 2, .. })));
        fs::write(&path, r#"{"format_version": 1, "tool_"#).unwrap();
        assert!(matches!(load(&path), Err(SavedPlanError::Broken { .. })));
    }
}
