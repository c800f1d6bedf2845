//! Deletes event streams, apps and roles that are still as planned, after archiving them. If the deletion of a role fails
//! halfway, its policies and instance profiles are restored; each restore is a write in the journal and a hint.
use super::planned::{Progress, Teardown};
use super::step::{StepContext, done};
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::{Cloud, CloudError, Written};
use pinpoint_streams_model::{
    Address, AppArn, AppOp, DeleteApp, DeleteEventStream, EventStreamOp, FailureKind, LiveApp, LiveEventStream,
    LiveRole, Op, Question, Read, Resolved, RoleArn, RoleOp,
};
use pinpoint_streams_store::archive::{self, ArchiveStore};
use std::collections::BTreeSet;
use std::sync::Arc;

impl<C: Cloud, A: ArchiveStore, K: Clock> StepContext<'_, C, A, K> {
    /// Deletes an event stream that still has its planned destination and role.
    pub(super) async fn delete_event_stream(&mut self, delete: &DeleteEventStream) -> Result<Written, StepError> {
        let DeleteEventStream { account, region, app_id, destination, role_arn } = delete.clone();
        let question = Question::EventStream(AppArn::of(&account, &region, &app_id));
        let live: Option<LiveEventStream> =
            self.shared.cloud.read_as(&question).await.known().map_err(StepError::unread)?;
        let Some(live) = live else { return Ok(done()) };
        let planned = LiveEventStream { destination, role_arn };
        if live != planned {
            let LiveEventStream { destination, role_arn } = live;
            let message =
                format!("the event stream has changed: it now goes to {destination} with role {role_arn}");
            return Err(StepError::changed("EventStreamChanged", message));
        }
        let stream = archive::EventStream { account, region, app_id, event_stream: live };
        self.archive(archive::Object::EventStream(stream)).await?;
        self.write(&Op::EventStream(EventStreamOp::Delete(delete.clone()))).await
    }

    /// Deletes an app that still has its planned name and has no event stream.
    pub(super) async fn delete_app(&mut self, delete: &DeleteApp) -> Result<Written, StepError> {
        let (cloud, DeleteApp { account, region, app_id, name }) = (self.shared.cloud, delete.clone());
        let arn = AppArn::of(&account, &region, &app_id);
        let live = cloud.read_as(&Question::App(arn.clone())).await.known().map_err(StepError::unread)?;
        let Some(live): Option<LiveApp> = live else { return Ok(done()) };
        if live.name != name {
            let message = format!("the app was renamed to `{}` from `{name}`", live.name);
            return Err(StepError::changed("AppChanged", message));
        }
        let mut unread = Vec::new();
        let event_stream = match cloud.read_as(&Question::EventStream(arn.clone())).await.known() {
            Ok(event_stream) => event_stream,
            // Where event streams are no longer supported, none can be lost; any other failure may hide one.
            Err(error) if error.kind == FailureKind::ServiceEnded => {
                unread.push(format!("event stream: {}", CloudError::unread(error)));
                None
            }
            Err(error) => return Err(StepError::unread(error)),
        };
        if let Some(event_stream) = event_stream.filter(|live| !self.shared.teardowns.deletes(&app_id, live)) {
            let LiveEventStream { destination, role_arn } = event_stream;
            let message = format!(
                "the app has an event stream that the plan does not delete: to {destination} with role {role_arn}"
            );
            return Err(StepError::changed("AppChanged", message));
        }
        let tags = match live.tags {
            Some(tags) => Some(tags),
            None => read_or_name("tags", cloud.read_as(&Question::AppTags(arn.clone())).await, &mut unread),
        };
        let channels: Option<BTreeSet<String>> =
            read_or_name("channels", cloud.read_as(&Question::Channels(arn)).await, &mut unread);
        let app = archive::App { account, region, app_id, name, tags, channels, event_stream: None, unread };
        self.archive(archive::Object::App(app)).await?;
        self.write(&Op::App(AppOp::Delete(delete.clone()))).await
    }

    /// Removes something from a role. If the role is to be deleted, it is checked and archived first.
    pub(super) async fn remove_from_role(&mut self, op: &Op<Resolved>) -> Result<Written, StepError> {
        let Some(teardown) = self.shared.teardowns.begun_by(op) else { return self.write(op).await };
        let Some(role) = op.role() else { return self.write(op).await };
        if self.archive_role(role, teardown).await? == ArchiveResult::Gone {
            return Ok(done());
        }
        let result = self.write(op).await;
        let mut progress = teardown.progress.lock().await;
        let error = match result {
            Ok(written) => {
                progress.taken.push(op.clone());
                if !progress.has_failed {
                    return Ok(written);
                }
                teardown_failed()
            }
            Err(error) => error,
        };
        Err(self.undo(&mut progress, error).await)
    }

    /// Deletes a role that is still the planned one.
    pub(super) async fn delete_role(&mut self, op: &Op<Resolved>) -> Result<Written, StepError> {
        let teardown = op.role().and_then(|role| Some((role, self.shared.teardowns.roles.get(role)?)));
        let Some((role, teardown)) = teardown else {
            return Err(StepError::refused("NotPlanned", "no deletion of this role was planned".to_owned()));
        };
        let found = match self.archive_role(role, teardown).await {
            // An earlier step archived it: check again.
            Ok(ArchiveResult::Archived) => self.check_again(role, teardown).await,
            other => other,
        };
        let result = match found {
            Ok(ArchiveResult::Gone) => return Ok(done()),
            Ok(ArchiveResult::Archived | ArchiveResult::JustArchived) => self.write(op).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(written) => Ok(written),
            Err(error) => Err(self.undo(&mut *teardown.progress.lock().await, error).await),
        }
    }

    /// Reads, checks and archives a role before anything is removed from it.
    async fn archive_role(&self, role: &RoleArn, teardown: &Teardown) -> Result<ArchiveResult, StepError> {
        let mut progress = teardown.progress.lock().await;
        if progress.has_failed {
            return Err(teardown_failed());
        }
        if progress.is_gone {
            return Ok(ArchiveResult::Gone);
        }
        if progress.archived.is_some() {
            return Ok(ArchiveResult::Archived);
        }
        // If this fails, the role stays, so nothing else is removed from it.
        progress.has_failed = true;
        let live = self.role(role).await.map_err(StepError::unread)?;
        let found = match live {
            None => {
                progress.is_gone = true;
                ArchiveResult::Gone
            }
            Some(live) => {
                self.look_again(&live).await?;
                teardown.check(&live)?;
                let path = self.archive(archive::Object::Role(Arc::clone(&live))).await?;
                progress.archived = Some((live, path));
                ArchiveResult::JustArchived
            }
        };
        progress.has_failed = false;
        Ok(found)
    }

    async fn check_again(&self, role: &RoleArn, teardown: &Teardown) -> Result<ArchiveResult, StepError> {
        match self.role(role).await.map_err(StepError::unread)? {
            None => Ok(ArchiveResult::Gone),
            Some(live) => teardown.check(&live).map(|()| ArchiveResult::Archived),
        }
    }

    /// Restores what was removed from a role that is not deleted after all; adds to the error what was restored.
    async fn undo(&mut self, progress: &mut Progress, error: StepError) -> StepError {
        progress.has_failed = true;
        // A role that may be gone is not written to, and an abandoned run writes nothing more.
        let is_over = error.is_in_doubt() || matches!(error, StepError::Stopped(_));
        let Some((live, archive)) = progress.archived.as_ref().filter(|_| !is_over) else { return error };
        self.put_back(std::mem::take(&mut progress.taken), live, archive, error).await
    }

    /// Restores what was removed, from the archived role; adds a detail for each.
    async fn put_back(
        &mut self,
        taken: Vec<Op<Resolved>>,
        live: &LiveRole,
        archive: &str,
        mut error: StepError,
    ) -> StepError {
        // A signal must not leave the role without its policies.
        self.slot().must_finish();
        let role = &live.arn;
        // In reverse order: the policy that denies everything to a quarantined role comes first.
        for taken in taken.into_iter().rev() {
            let Some((what, back)) = inverse(&taken, live) else { continue };
            error = match self.put(role, &back).await {
                Ok(()) => error.detail(format!("restored: {what} of {role}")),
                Err(why) => error
                    .detail(format!("not restored: {what} was removed from {role}: {why}"))
                    .hint(format!("the restore.sh next to {archive} has the commands that restore {what}")),
            };
        }
        error
    }

    /// One write with its journal records. What is not recorded as ours is journaled under the role's undeclared address.
    async fn put(&mut self, role: &RoleArn, op: &Op<Resolved>) -> Result<(), String> {
        let is_ours = match op {
            Op::Role(RoleOp::PutPolicy { policy_name, .. }) => self.shared.teardowns.is_ours(role, policy_name),
            _ => false,
        };
        let address = match is_ours {
            true => self.step().address.clone(),
            false => Address::Undeclared(role.in_account()),
        };
        let begin = self.begin_at(address, op).await.map_err(|lost| lost.to_string())?;
        let result = self.write(op).await;
        // If the end cannot be recorded, the write stays pending, which is correct.
        let _ = self.end(begin, &result).await;
        result.map(drop).map_err(|error| error.failure().message)
    }
}

fn read_or_name<T>(what: &str, read: Read<T>, unread: &mut Vec<String>) -> Option<T> {
    match read {
        Read::Present(value) => Some(value),
        Read::Absent => None,
        Read::Unreadable(why) => {
            unread.push(format!("{what}: {}", CloudError::unread(why)));
            None
        }
    }
}

fn teardown_failed() -> StepError {
    StepError::refused("TeardownFailed", "another part of this role could not be removed".to_owned())
}

/// The state of a role that is to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ArchiveResult {
    Gone,
    Archived,
    JustArchived,
}

fn inverse(taken: &Op<Resolved>, live: &LiveRole) -> Option<(String, Op<Resolved>)> {
    match taken {
        Op::Role(RoleOp::DeletePolicy { role, policy_name }) => {
            let document = live.inline_policies.get(policy_name)?.clone();
            let put = RoleOp::PutPolicy { role: role.clone(), policy_name: policy_name.clone(), document };
            Some((format!("inline policy {policy_name}"), Op::Role(put)))
        }
        Op::Role(RoleOp::DetachPolicy { role, policy }) => {
            let attach = RoleOp::AttachPolicy { role: role.clone(), policy: policy.clone() };
            Some((format!("managed policy {policy}"), Op::Role(attach)))
        }
        Op::Role(RoleOp::RemoveFromProfile { role, instance_profile }) => {
            let add = RoleOp::AddToProfile { role: role.clone(), instance_profile: instance_profile.clone() };
            Some((format!("instance profile {instance_profile}"), Op::Role(add)))
        }
        _ => None,
    }
}
