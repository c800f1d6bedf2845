//! The state files that `--terraform-state` and `--pulumi-state` name: files, directories and S3 objects.
use super::iac_state::{self, Kind};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::{S3Address, Workspace};
use pinpoint_streams_store::disk;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Directories below this depth are not searched.
const MAX_DEPTH: usize = 16;

/// The roles that the state files name, each with the file that does. Prints how many roles each file names.
pub(super) async fn managed_roles(
    terraform: &[PathBuf],
    pulumi: &[PathBuf],
    workspace: &Workspace,
    context: &CommandContext<'_>,
) -> Result<BTreeMap<String, String>, Error> {
    let mut managed = BTreeMap::new();
    let of_terraform = terraform.iter().map(|path| (path, "--terraform-state"));
    for (path, flag) in of_terraform.chain(pulumi.iter().map(|path| (path, "--pulumi-state"))) {
        for (name, bytes) in read(path, workspace, context).await? {
            let invalid = |problem: String, hint: &str| Error::InvalidFile {
                path: PathBuf::from(&name),
                problem,
                hint: hint.to_owned(),
            };
            let state = iac_state::read(&bytes).map_err(|rejected| invalid(rejected.problem, rejected.hint))?;
            let own_flag = if state.kind == Kind::Pulumi { "--pulumi-state" } else { "--terraform-state" };
            if own_flag != flag {
                return Err(invalid(format!("is not for {flag}: {}", state.kind), &format!("use {own_flag}")));
            }
            let count = state.roles.len();
            let roles = if count == 1 { "role" } else { "roles" };
            context.printer.note(&format!("{name}: {count} {roles} ({})\n", state.kind));
            managed.extend(state.roles.into_iter().map(|role| (role, name.clone())));
        }
    }
    Ok(managed)
}

/// The files at a path, with their names.
pub(in crate::commands) async fn read(
    path: &Path,
    workspace: &Workspace,
    context: &CommandContext<'_>,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    if let Some(address) = S3Address::of_path(path) {
        return Ok(vec![(address.to_string(), address.read(workspace).await?)]);
    }
    let whole = context.environment.folder.join(path);
    let files = if whole.is_dir() { in_directory(&whole)? } else { vec![whole] };
    let read = |file: PathBuf| match disk::read_given(&file, disk::LARGEST) {
        Ok(bytes) => {
            let name = file.strip_prefix(&context.environment.folder).unwrap_or(&file);
            Ok((name.display().to_string(), bytes))
        }
        Err(source) => Err(Error::File { operation: "read", path: file, source }),
    };
    files.into_iter().map(read).collect()
}

/// The `*.tfstate` files of a directory, without `.terraform`, whose state file is only a backend's
/// configuration.
fn in_directory(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    search(root, 0, &mut files)?;
    if files.is_empty() {
        return Err(Error::InvalidFile {
            path: root.to_owned(),
            problem: "contains no *.tfstate file".to_owned(),
            hint: "name a state file, or a directory of them".to_owned(),
        });
    }
    files.sort();
    Ok(files)
}

fn search(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failed = |source| Error::File { operation: "read", path: folder.to_owned(), source };
    if depth > MAX_DEPTH {
        return Err(failed(std::io::Error::other("too many nested directories")));
    }
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        let is_state = path.extension().is_some_and(|extension| extension == "tfstate");
        if kind.is_dir() && entry.file_name() != ".terraform" {
            search(&path, depth + 1, files)?;
        } else if !kind.is_dir() && is_state {
            files.push(path);
        }
    }
    Ok(())
}
