//! A state as JSON.
mod entries;
mod layout;

use super::{Archives, FORMAT, RunLogDigest, State, StateError};
use entries::{Entries, Owner, Written};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Lineage, RunId, Serial, Workspace};
use pinpoint_streams_model::recorded::{Pending, Quarantined};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// [`State`] with its resources as they are written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields<R> {
    format: u32,
    workspace: Workspace,
    lineage: Lineage,
    serial: Serial,
    last_run: Option<RunId>,
    journal_seq: u64,
    accounts: BTreeMap<AccountAlias, AccountId>,
    resources: R,
    pending: Vec<Pending>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    archives: Archives,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    run_logs: Vec<RunLogDigest>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    quarantined: BTreeMap<RoleArn, Quarantined>,
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
        let fields: Fields<Entries> = serde_json::from_slice(json).map_err(broken)?;
        if fields.workspace != *workspace {
            let (found, wanted) = (fields.workspace, workspace.clone());
            return Err(StateError::OtherWorkspace { place: place.to_owned(), found, wanted });
        }
        let Fields { format: _, workspace, lineage, serial, last_run, journal_seq, accounts, .. } = fields;
        let Fields { resources, pending, archives, run_logs, quarantined, .. } = fields;
        let owner = Owner { workspace: &workspace, lineage: &lineage, accounts: &accounts };
        let resources = entries::resources(resources, owner)
            .map_err(|reason| StateError::Incomplete { place: place.to_owned(), reason })?;
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

    /// JSON with a line for each resource, so that people can read and compare it.
    pub fn to_json(&self) -> Result<Vec<u8>, StateError> {
        let State { format, workspace, lineage, accounts, resources, .. } = self;
        let fields = Fields {
            format: *format,
            workspace: workspace.clone(),
            lineage: lineage.clone(),
            serial: self.serial,
            last_run: self.last_run.clone(),
            journal_seq: self.journal_seq,
            accounts: accounts.clone(),
            resources: Written { owner: Owner { workspace, lineage, accounts }, resources },
            pending: self.pending.clone(),
            archives: self.archives.clone(),
            run_logs: self.run_logs.clone(),
            quarantined: self.quarantined.clone(),
        };
        layout::to_json(&fields)
            .map_err(|error| StateError::Store { place: "memory".to_owned(), source: Arc::new(error) })
    }
}

fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}
