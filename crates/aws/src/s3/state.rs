//! The state as an object. A write replaces only the version that was read, and only if it is the predecessor.
use super::connect::{RemoteState, Seen};
use super::error::S3Error;
use super::objects::{Content, Object, Put};
use pinpoint_streams_model::ids::Workspace;
use pinpoint_streams_store::state::{State, StateError, StateStore, Succession, check_later, check_successor};
use std::sync::Arc;
use std::time::Duration;

/// How often a run uploads the state: what is lost with the machine.
const PUSH_EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
pub struct S3StateStore {
    remote: RemoteState,
    workspace: Workspace,
}

impl RemoteState {
    pub fn state(&self, workspace: Workspace) -> S3StateStore {
        S3StateStore { remote: self.clone(), workspace }
    }
}

impl S3StateStore {
    /// The object's bytes, valid or not; none if there is no object.
    pub async fn raw(&self) -> Result<Option<Vec<u8>>, StateError> {
        let found = self.remote.objects.get(self.key()).await.map_err(|error| self.unreachable(error))?;
        Ok(found.map(|found| found.bytes))
    }

    /// Replaces the state by a later one, see [`check_later`]. The caller must hold the lock.
    pub async fn push(&self, state: &State) -> Result<(), StateError> {
        self.put(state, check_later).await
    }

    async fn put(&self, state: &State, check: Succession) -> Result<(), StateError> {
        let json = state.to_json()?;
        let mut seen = self.remote.seen.lock().await;
        let fits = |seen: &Seen| check(&self.place(), seen.predecessor(), state);
        let before = match seen.take().filter(|seen| fits(seen).is_ok()) {
            Some(before) => before,
            None => self.read_current().await?.1,
        };
        fits(&before)?;
        let over = before.over();
        let put = self.remote.objects.put(self.key(), Content::json(&json), &over, |found| found == json);
        match put.await.map_err(|error| self.unreachable(error))? {
            Put::Written(etag) => {
                *seen = Some(Seen::of(state, etag));
                Ok(())
            }
            Put::Lost(found) => Err(self.lost(found, state)),
        }
    }

    fn key(&self) -> &str {
        &self.remote.at.key
    }

    fn of_json(&self, json: &[u8]) -> Result<State, StateError> {
        State::from_json(&self.place(), json, &self.workspace)
    }

    fn unreachable(&self, error: S3Error) -> StateError {
        StateError::Store { place: self.place(), source: Arc::new(error) }
    }

    /// Reads the current object. An invalid one is an error, so it is not overwritten.
    async fn read_current(&self) -> Result<(Option<State>, Seen), StateError> {
        let found = self.remote.objects.get(self.key()).await.map_err(|error| self.unreachable(error))?;
        let Some(Object { bytes, etag }) = found else { return Ok((None, Seen::Nothing)) };
        let state = self.of_json(&bytes)?;
        let seen = Seen::of(&state, etag);
        Ok((Some(state), seen))
    }

    /// The error of a write that lost against a concurrent one.
    fn lost(&self, found: Option<Object>, next: &State) -> StateError {
        let reason = match found.map(|found| self.of_json(&found.bytes)) {
            Some(Err(unreadable)) => return unreadable,
            Some(Ok(found)) => {
                let by = found.last_run.map(|run| format!(" by run {run}")).unwrap_or_default();
                let lineage = Some(found.lineage).filter(|lineage| *lineage != next.lineage);
                let lineage = lineage.map(|lineage| format!(" of lineage {lineage}")).unwrap_or_default();
                format!("it has serial {}{lineage}{by}, and {} was to be written", found.serial, next.serial)
            }
            None => format!("it does not exist, so serial {} cannot follow", next.serial),
        };
        StateError::Conflict { place: self.place(), reason }
    }
}

impl StateStore for S3StateStore {
    fn place(&self) -> String {
        self.remote.at.to_string()
    }

    async fn read(&self) -> Result<Option<State>, StateError> {
        let mut seen = self.remote.seen.lock().await;
        *seen = None;
        let (state, now) = self.read_current().await?;
        *seen = Some(now);
        Ok(state)
    }

    async fn write(&self, state: &State) -> Result<(), StateError> {
        self.put(state, check_successor).await
    }

    fn push_every(&self) -> Option<Duration> {
        Some(PUSH_EVERY)
    }
}
