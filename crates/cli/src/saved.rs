//! Saved plans: written, read back, and checked against what has become of what they were made from.
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Lineage, Serial};
use pinpoint_streams_model::plan::{Basis, FORMAT_VERSION, Plan, Step};
use serde::Deserialize;
use similar::TextDiff;
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

/// Saves a plan where only its owner can read it, whole or not at all.
pub fn save(path: &Path, plan: &Plan) -> Result<(), SavedPlanError> {
    let error = |source| SavedPlanError::File { doing: "save", path: path.to_owned(), source };
    let mut json = serde_json::to_vec_pretty(plan).map_err(|failed| error(failed.into()))?;
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
pub fn load(path: &Path) -> Result<Plan, SavedPlanError> {
    /// All that is read of a format that may not be known.
    #[derive(Deserialize)]
    struct Header {
        format_version: u32,
    }
    let json =
        fs::read(path).map_err(|source| SavedPlanError::File { doing: "read", path: path.to_owned(), source })?;
    let broken =
        |error: serde_json::Error| SavedPlanError::Broken { path: path.to_owned(), reason: error.to_string() };
    let Header { format_version: format } = serde_json::from_slice(&json).map_err(broken)?;
    if format > FORMAT_VERSION {
        return Err(SavedPlanError::Newer { path: path.to_owned(), format });
    }
    let plan: Plan = serde_json::from_slice(&json).map_err(broken)?;
    let found = plan.digest();
    if found != plan.plan_digest {
        return Err(SavedPlanError::Edited { path: path.to_owned(), stated: plan.plan_digest, found });
    }
    Ok(plan)
}

/// Why a plan that was good once must not be carried out now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// It is a plan for other accounts.
    #[error("the plan is for account {}, and `{alias}` is now {}", or_none(.planned), or_none(.now))]
    Account {
        /// The account's alias.
        alias: AccountAlias,
        /// What it meant.
        planned: Option<AccountId>,
        /// What it means.
        now: Option<AccountId>,
    },
    /// The state is another one.
    #[error("the plan is for a state of lineage {}, and the state now has {}", or_none(.planned), or_none(.now))]
    Lineage {
        /// The lineage that it was made from.
        planned: Option<Lineage>,
        /// That of the state.
        now: Option<Lineage>,
    },
    /// The state has been written since.
    #[error("the plan was made from serial {planned} of the state, which is now at {now}")]
    Serial {
        /// The serial that it was made from.
        planned: Serial,
        /// That of the state.
        now: Serial,
    },
    /// The manifest means something else by now.
    #[error("the manifest has changed since the plan was made")]
    Manifest,
    /// AWS is not as it was.
    #[error("what is to be done has changed since the plan was made:\n{difference}")]
    Steps {
        /// Old and new steps, line by line.
        difference: String,
    },
    /// It is not the plan that was expected.
    #[error("the plan has digest {found}, and {expected} was expected")]
    Digest {
        /// As given.
        expected: Digest,
        /// As it is.
        found: Digest,
    },
}

fn or_none<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map_or_else(|| "none".to_owned(), T::to_string)
}

impl Stale {
    /// What a person can do about it.
    pub fn hint(&self) -> String {
        match self {
            Stale::Account { .. } => "use the credentials and the manifest that the plan was made with".to_owned(),
            Stale::Lineage { .. } => "use the state that the plan was made from, or plan anew".to_owned(),
            Stale::Serial { .. } | Stale::Manifest | Stale::Steps { .. } | Stale::Digest { .. } => {
                "nothing was done; plan anew and review it".to_owned()
            }
        }
    }
}

/// Whether a plan made from `planned` may still be looked at when things now stand like this.
pub fn check_basis(planned: &Basis, now: &Basis) -> Result<(), Stale> {
    let Basis { manifest_digest, lineage, serial, accounts } = planned;
    let aliases = accounts.keys().chain(now.accounts.keys());
    for alias in aliases {
        let (planned, now) = (accounts.get(alias), now.accounts.get(alias));
        if planned != now {
            return Err(Stale::Account { alias: alias.clone(), planned: planned.cloned(), now: now.cloned() });
        }
    }
    if *lineage != now.lineage {
        return Err(Stale::Lineage { planned: lineage.clone(), now: now.lineage.clone() });
    }
    if *serial != now.serial {
        return Err(Stale::Serial { planned: *serial, now: now.serial });
    }
    if *manifest_digest != now.manifest_digest {
        return Err(Stale::Manifest);
    }
    Ok(())
}

/// Whether the steps are still the same.
pub fn check_steps(planned: &[Step], now: &[Step]) -> Result<(), Stale> {
    if planned == now {
        return Ok(());
    }
    // Our own types to memory: this cannot fail.
    let lines = |steps: &[Step]| serde_json::to_string_pretty(steps).unwrap_or_default();
    let (old, new) = (lines(planned), lines(now));
    let difference =
        TextDiff::from_lines(&old, &new).unified_diff().context_radius(2).header("planned", "now").to_string();
    Err(Stale::Steps { difference })
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
        save(&path, &plan).unwrap();
        (folder, path, plan)
    }

    #[test]
    fn a_saved_plan_is_read_back_as_it_was() {
        let (_folder, path, plan) = saved();
        assert_eq!(load(&path).unwrap(), plan);
        save(&path, &plan).unwrap();
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

    #[test]
    fn account_lineage_serial_and_manifest_are_each_their_own_error() {
        let (_folder, _, plan) = saved();
        let check = |change: fn(&mut Basis)| {
            let mut now = plan.basis.clone();
            change(&mut now);
            check_basis(&plan.basis, &now)
        };
        assert_eq!(check(|_| ()), Ok(()));
        assert!(matches!(check(|now| now.accounts.clear()), Err(Stale::Account { .. })));
        assert!(matches!(check(|now| now.lineage = None), Err(Stale::Lineage { .. })));
        assert!(matches!(check(|now| now.serial = Serial(8)), Err(Stale::Serial { .. })));
        assert_eq!(check(|now| now.manifest_digest = "sha256:2".to_owned().into()), Err(Stale::Manifest));
    }

    #[test]
    fn steps_that_changed_are_shown_line_by_line() {
        let (_folder, _, plan) = saved();
        let mut now = plan.steps.clone();
        now[0].after.push(pinpoint_streams_model::ids::StepId(9));
        let Err(Stale::Steps { difference }) = check_steps(&plan.steps, &now) else { panic!("they differ") };
        assert!(difference.contains("+      9") || difference.contains("+    9"), "{difference}");
    }
}
