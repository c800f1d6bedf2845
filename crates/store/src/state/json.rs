//! A state as JSON.
mod entries;
mod layout;

use super::{Archives, FORMAT, RunLogDigest, State, StateError};
use entries::{Entries, ResourcesToWrite, StateIdentity};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Lineage, RunId, Serial, Workspace};
use pinpoint_streams_model::recorded::{Pending, Quarantined, Resources};
use pinpoint_streams_model::sorted_map::SortedMap;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// [`State`] with its resources as they are written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a state")]
struct StateFile<R> {
    format: u32,
    workspace: Workspace,
    lineage: Lineage,
    serial: Serial,
    last_run: Option<RunId>,
    journal_seq: u64,
    #[serde(deserialize_with = "unique")]
    accounts: BTreeMap<AccountAlias, AccountId>,
    resources: R,
    pending: Vec<Pending>,
    #[serde(default, deserialize_with = "unique", skip_serializing_if = "BTreeMap::is_empty")]
    archives: Archives,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    run_logs: Vec<RunLogDigest>,
    #[serde(default, deserialize_with = "unique", skip_serializing_if = "BTreeMap::is_empty")]
    quarantined: BTreeMap<RoleArn, Quarantined>,
}

/// Since this format, a state leaves out what follows from other entries.
const LEAVES_OUT: u32 = 4;

impl<R> StateFile<R> {
    /// The state, with the resources that `resolve` makes of those in the file. The reason if one is not valid.
    fn state(
        self,
        resolve: impl FnOnce(R, StateIdentity<'_>) -> Result<Resources, String>,
    ) -> Result<State, String> {
        let StateFile { format: _, workspace, lineage, serial, last_run, journal_seq, accounts, .. } = self;
        let StateFile { resources, pending, archives, run_logs, quarantined, .. } = self;
        let resources = resolve(resources, StateIdentity { workspace: &workspace, lineage: &lineage })?;
        Ok(State {
            format: FORMAT,
            workspace,
            lineage,
            serial,
            last_run,
            journal_seq,
            accounts,
            resources,
            pending,
            archives,
            run_logs,
            quarantined,
        })
    }
}

impl State {
    /// Parses a state of any format. `place` is its location, for messages.
    pub fn from_json(place: &str, json: &[u8], workspace: &Workspace) -> Result<State, StateError> {
        let broken = |error: serde_json::Error| StateError::Broken {
            place: place.to_owned(),
            line: error.line(),
            column: error.column(),
            reason: without_position(&error),
        };
        let format = crate::format_of(json).map_err(broken)?;
        if format > FORMAT {
            return Err(StateError::NewerFormat { place: place.to_owned(), format });
        }
        let state = match format < LEAVES_OUT {
            true => {
                let file: StateFile<Resources> = serde_json::from_slice(json).map_err(broken)?;
                file.state(|resources, _| Ok(resources))
            }
            false => serde_json::from_slice::<StateFile<Entries>>(json).map_err(broken)?.state(entries::resources),
        };
        let state = state.map_err(|reason| StateError::Invalid { place: place.to_owned(), reason })?;
        if state.workspace != *workspace {
            let (found, wanted) = (state.workspace, workspace.clone());
            return Err(StateError::OtherWorkspace { place: place.to_owned(), found, wanted });
        }
        Ok(state)
    }

    /// JSON with a line for each resource, so that people can read and compare it.
    pub fn to_json(&self) -> Result<Vec<u8>, StateError> {
        let State { format, workspace, lineage, accounts, resources, .. } = self;
        let file = StateFile {
            format: *format,
            workspace: workspace.clone(),
            lineage: lineage.clone(),
            serial: self.serial,
            last_run: self.last_run.clone(),
            journal_seq: self.journal_seq,
            accounts: accounts.clone(),
            resources: ResourcesToWrite { identity: StateIdentity { workspace, lineage }, resources },
            pending: self.pending.clone(),
            archives: self.archives.clone(),
            run_logs: self.run_logs.clone(),
            quarantined: self.quarantined.clone(),
        };
        layout::to_json(&file)
            .map_err(|error| StateError::Store { place: "memory".to_owned(), source: Arc::new(error) })
    }
}

/// A map that has no key twice.
fn unique<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    SortedMap::deserialize(deserializer).map(|entries| entries.into_iter().collect())
}

fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}
