//! What is there, as far as the logs of the runs tell: what is there cannot be restored.
use pinpoint_streams_model::archive::{Entry, Object};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::ids::{RoleId, RunId};
use pinpoint_streams_model::op::{EventStreamOp, Op, Output, RoleOp};
use pinpoint_streams_store::journal::{EndResult, RunLog, Write};
use std::collections::{BTreeMap, BTreeSet};

/// What the runs left, by their logs. Logs of the oldest runs may be gone.
#[derive(Debug, Default)]
pub(super) struct There {
    runs: BTreeSet<RunId>,
    deleted: BTreeSet<RoleId>,
    /// The roles that a run created and none deleted.
    created: BTreeMap<RoleArn, RoleId>,
    /// Whether the last change of an app's event stream left one.
    event_streams: BTreeMap<AppArn, bool>,
}

impl There {
    /// Adds a run. Earlier runs must have been added before.
    pub(super) fn add(&mut self, log: &RunLog) {
        self.runs.insert(log.header.run.clone());
        for Write { begin, end } in log.writes() {
            let output = match end.map(|end| &end.result) {
                Some(EndResult::Output(output)) => Some(output),
                Some(EndResult::Error(failed)) if !failed.in_doubt => continue,
                Some(EndResult::Error(_)) | None => None,
            };
            match &*begin.op {
                Op::Role(RoleOp::Create(create)) => {
                    if let Some(Output::Role(id)) = output {
                        self.created.insert(create.arn.clone(), id.clone());
                    }
                }
                Op::Role(RoleOp::Delete { role, role_id }) => {
                    self.deleted.insert(role_id.clone());
                    self.created.remove(role);
                }
                Op::EventStream(EventStreamOp::Put(put)) => {
                    self.event_streams.insert(AppArn::of(&put.account, &put.region, &put.app_id), true);
                }
                Op::EventStream(EventStreamOp::Delete(delete)) => {
                    self.event_streams.insert(AppArn::of(&delete.account, &delete.region, &delete.app_id), false);
                }
                Op::Role(_) | Op::App(_) | Op::Record(_) => {}
            }
        }
    }

    /// Whether an archive is of something that is gone. What no log tells of may be.
    pub(super) fn is_gone(&self, entry: &Entry) -> bool {
        match &entry.object {
            Object::Role(role) => {
                let may_be_gone = self.deleted.contains(&role.id) || !self.runs.contains(&entry.run);
                may_be_gone && !self.created.contains_key(&role.arn)
            }
            Object::EventStream(stream) => {
                let app = AppArn::of(&stream.account, &stream.region, &stream.app_id);
                !self.event_streams.get(&app).copied().unwrap_or(false)
            }
            // Pinpoint never reuses an ID.
            Object::App(_) => true,
        }
    }
}
