//! `state push`: replaces the stored state with a later one of the same lineage.
use super::back_up;
use crate::ui::views::count;
use crate::ui::{CommandContext, Error, escape};
use crate::workspace::locking::locked;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_model::ids::Workspace as WorkspaceName;
use pinpoint_streams_store::disk;
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::{State, StateError, StateStore as _};
use std::path::Path;

pub(super) async fn run(file: &Path, context: &CommandContext<'_>) -> Result<String, Error> {
    let workspace = Workspace::open(context)?;
    let brought = read(&context.environment.folder.join(file), &workspace.name)?;
    let store = Store::open(&workspace).await?;
    let place = context.environment.display_path(Path::new(&store.place())).to_string();
    locked(&store, context, async || {
        let there = store.read().await.map_err(SessionError::from)?;
        if !is_later(&brought, there.as_ref(), &place)? {
            return Ok(format!("{} already has this state.\n", escape(&place)));
        }
        store.must_be_writable().await.map_err(SessionError::from)?;
        let kept = match &there {
            Some(there) => back_up(there, &workspace, context).await?,
            None => String::new(),
        };
        store.push(&brought).await.map_err(SessionError::from)?;
        let State { serial, lineage, resources, .. } = &brought;
        let resources = count(resources.len(), "resource");
        let place = escape(&place);
        Ok(format!("Pushed serial {serial} of lineage {lineage}, with {resources}, to {place}.\n{kept}"))
    })
    .await
}

fn read(path: &Path, workspace: &WorkspaceName) -> Result<State, Error> {
    let json = disk::read_given(path, disk::LARGEST);
    let json = json.map_err(|source| Error::File { operation: "read", path: path.to_owned(), source })?;
    State::from_json(&path.display().to_string(), &json, workspace).map_err(|error| refused(path, error))
}

/// What is wrong with the file is not wrong with the stored state, whose hints are about its backups.
fn refused(path: &Path, error: StateError) -> Error {
    let why = match error {
        StateError::Broken { line, column, reason, .. } => format!("line {line} column {column}: {reason}"),
        StateError::Invalid { reason, .. } => reason,
        other => return SessionError::from(other).into(),
    };
    Error::InvalidFile {
        path: path.to_owned(),
        problem: format!("is not a state file: {why}"),
        hint: "push an unmodified copy, such as the output of `pinpoint-streams state pull` or a backup"
            .to_owned(),
    }
}

/// Whether there is anything to push. Fails if the state is not a successor of the stored one.
fn is_later(brought: &State, there: Option<&State>, place: &str) -> Result<bool, Error> {
    let Some(there) = there else { return Ok(true) };
    if brought == there {
        return Ok(false);
    }
    if brought.lineage != there.lineage {
        return Err(Error::Usage {
            message: format!("the file has lineage {}, but {place} has {}", brought.lineage, there.lineage),
            hint: "it records other resources; `pinpoint-streams state pull` prints the stored state".to_owned(),
        });
    }
    if brought.serial <= there.serial {
        return Err(Error::Usage {
            message: format!("the file has serial {}, but {place} already has {}", brought.serial, there.serial),
            hint: "pushing it would lose the record of later runs; to push it anyway, increase its serial"
                .to_owned(),
        });
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_testkit::state_contract;

    fn state(lineage: &str, serial: u64) -> State {
        State { lineage: lineage.parse().unwrap(), ..state_contract::state(serial, "r1") }
    }

    #[test]
    fn only_a_later_state_of_the_same_lineage_is_pushed() {
        let there = state("3f2a", 7);
        let judged = |brought: &State| is_later(brought, Some(&there), "s3://b/k");
        assert!(judged(&state("3f2a", 8)).unwrap() && judged(&state("3f2a", 12)).unwrap());
        assert!(is_later(&state("3f2a", 3), None, "s3://b/k").unwrap());
        assert!(!judged(&there).unwrap());
        let other = judged(&state("4b1c", 9)).unwrap_err().to_string();
        assert_eq!(other, "the file has lineage 4b1c, but s3://b/k has 3f2a");
        let changed = State { journal_seq: 4, ..state("3f2a", 7) };
        for brought in [state("3f2a", 6), changed] {
            assert!(judged(&brought).unwrap_err().to_string().ends_with("s3://b/k already has 7"));
        }
    }
}
