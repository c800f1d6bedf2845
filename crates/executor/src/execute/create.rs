//! Creates what must not be created twice. After a lost answer, the resource is searched for by its ownership tags
//! before the call is repeated.
use super::retry::{Next, RetryState};
use super::step::StepContext;
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::{Cloud, CloudError, Written};
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::{
    AccountRegion, AppArn, AppId, AppOp, CreateApp, CreateRole, FailureKind, LiveApp, LiveRole, Op, Output, Owner,
    Question, Resolved, RoleOp, Tags,
};
use pinpoint_streams_store::archive::ArchiveStore;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

impl<C: Cloud, A: ArchiveStore, K: Clock> StepContext<'_, C, A, K> {
    /// Creates an app once: Pinpoint would accept a second app with the same name.
    pub(super) async fn create_app(&mut self, create: &CreateApp<Resolved>) -> Result<Written, StepError> {
        let (op, mut retry) =
            (Op::App(AppOp::Create(create.clone())), RetryState::without_sdk_retries(self.shared.first_wait));
        loop {
            let error = match self.call(&op).await {
                Ok(written) => return Ok(written),
                Err(error) => retry.observe(error),
            };
            let next = retry.next(&error, self.jitter());
            if error.definitely_refused {
                self.retry_or_fail(next, error).await?;
                continue;
            }
            let again = match next {
                Next::GiveUp => None,
                Next::Again { .. } => Some(self.wait_or_fail(next, error.clone()).await?),
            };
            let mut found = Box::pin(self.find_app(create)).await;
            if matches!(found, Ok(None)) {
                // It does not exist, is not listed yet, or was skipped when the pages shifted.
                self.wait_or_fail(LOOK_AGAIN, error.clone()).await?;
                found = Box::pin(self.find_app(create)).await;
            }
            match (found, again) {
                (Ok(Some(id)), _) => return Ok(Written { output: Output::App(id), request_id: None }),
                (Ok(None), Some(reason)) => self.count_retry(reason),
                (Ok(None), None) => return Err(error.into()),
                (Err(why), _) => {
                    let detail =
                        format!("whether the app was created is unknown ({why}); the next run checks again");
                    return Err(StepError::from(error).detail(detail));
                }
            }
        }
    }

    /// The app with our ownership tags.
    async fn find_app(&self, create: &CreateApp<Resolved>) -> Result<Option<AppId>, String> {
        let (cloud, CreateApp { account, region, name, owner, .. }) = (self.shared.cloud, create);
        let failed = |why| CloudError::unread(why).to_string();
        let apps =
            cloud.read_as(&Question::Apps(AccountRegion::of(account, region))).await.known().map_err(failed)?;
        let apps: BTreeMap<AppId, LiveApp> = apps.unwrap_or_default();
        let mut found = None;
        for (id, app) in apps {
            if app.name != *name {
                continue;
            }
            let tags = match app.tags {
                Some(tags) => tags,
                None => {
                    let tags = cloud.read_as(&Question::AppTags(AppArn::of(account, region, &id))).await;
                    tags.known().map_err(failed)?.unwrap_or_default()
                }
            };
            if is_owned(&tags, owner)
                && let Some(other) = found.replace(id)
            {
                return Err(format!("two apps have the same ownership tags; one is {other}"));
            }
        }
        Ok(found)
    }

    /// Creates a role, or finds that an earlier attempt created it.
    pub(super) async fn create_role(&mut self, create: &CreateRole<Resolved>) -> Result<Written, StepError> {
        let (op, mut retry) = (Op::Role(RoleOp::Create(create.clone())), RetryState::new(self.shared.first_wait));
        loop {
            let error = match self.call(&op).await {
                Ok(written) => return Ok(written),
                Err(error) => retry.observe(error),
            };
            // The SDK may have sent the call twice, so even the first answer may be about our own role.
            let is_taken = error.kind == FailureKind::AlreadyExists;
            if is_taken || !error.definitely_refused {
                if let Some(role) = Box::pin(self.find_role(create, &mut retry, &error)).await? {
                    self.shared.roles.note(&op);
                    return Ok(Written { output: Output::Role(role.id.clone()), request_id: None });
                }
            } else {
                let next = retry.next(&error, self.jitter());
                Box::pin(self.retry_or_fail(next, error)).await?;
            }
        }
    }

    /// The role, if an earlier attempt created it; `None` if it does not exist and the call may be repeated.
    async fn find_role(
        &mut self,
        create: &CreateRole<Resolved>,
        retry: &mut RetryState,
        refusal: &CloudError,
    ) -> Result<Option<Arc<LiveRole>>, StepError> {
        let is_taken = refusal.kind == FailureKind::AlreadyExists;
        loop {
            match self.role(&create.arn).await.map_err(CloudError::unread) {
                Ok(Some(role)) => return check_role(role, create, refusal).map(Some),
                Ok(None) => {
                    // It is not visible yet, or was not created. Repeating the call tells.
                    let unseen = CloudError { kind: FailureKind::Unintelligible, ..refusal.clone() };
                    let next = retry.next(if is_taken { &unseen } else { refusal }, self.jitter());
                    self.retry_or_fail(next, refusal.clone()).await?;
                    return Ok(None);
                }
                // A role that was just created may be returned with its unique id instead of its ARN.
                Err(error) => {
                    let next = match retry.next(&error, self.jitter()) {
                        Next::GiveUp => return Err(StepError::from(in_doubt(refusal)).detail(error.to_string())),
                        again @ Next::Again { .. } => again,
                    };
                    self.wait_or_fail(next, in_doubt(refusal)).await?;
                }
            }
        }
    }
}

/// The wait before a missing app is searched for again.
const LOOK_AGAIN: Next = Next::Again { wait: Duration::from_secs(2), reason: "a new app may not be listed yet" };

/// The refusal with an unknown outcome, so that the next run checks.
fn in_doubt(refusal: &CloudError) -> CloudError {
    CloudError { definitely_refused: false, ..refusal.clone() }
}

fn check_role(
    role: Arc<LiveRole>,
    create: &CreateRole<Resolved>,
    refusal: &CloudError,
) -> Result<Arc<LiveRole>, StepError> {
    let refused = |detail: String| {
        let error = CloudError { definitely_refused: true, ..refusal.clone() };
        StepError::from(error).detail(detail)
    };
    let is_ours = match &create.owner {
        Some(owner) => is_owned(&role.tags, owner),
        None => is_as_made(&role, create),
    };
    if !is_ours {
        return Err(refused(format!("a role with this name exists and is not ours: {}", role.arn)));
    }
    if role.arn != create.arn || !role.arn.name.is_written_like(&create.arn.name) {
        return Err(refused(format!("the role was created as {}, not {}", role.arn, create.arn)));
    }
    if !same_meaning(&role.trust_policy, &create.trust_policy) {
        let detail = "our role exists with another trust policy".to_owned();
        return Err(refused(detail).hint("plan again".to_owned()));
    }
    Ok(role)
}

/// Whether a role without ownership tags is exactly what this call creates.
fn is_as_made(role: &LiveRole, create: &CreateRole<Resolved>) -> bool {
    let LiveRole {
        arn: _,
        id: _,
        trust_policy: _,
        inline_policies,
        attached_policies,
        instance_profiles,
        permissions_boundary,
        description,
        max_session_duration,
        tags,
        created: _,
        last_used: _,
        template: _,
    } = role;
    inline_policies.is_empty()
        && attached_policies.is_empty()
        && instance_profiles.is_empty()
        && *permissions_boundary == create.permissions_boundary
        && *description == create.description
        && *max_session_duration == create.max_session_duration
        && *tags == create.tags
}

/// Whether these tags include those that this call writes.
fn is_owned(tags: &Tags, owner: &Owner<Resolved>) -> bool {
    owner.tags().iter().all(|(key, value)| tags.get(key) == Some(value))
}
