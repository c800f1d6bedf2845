//! Creating what must not be created twice. After an answer that was lost, what may have been made is
//! looked for by its ownership tags before anything is sent again.
use super::retry::{Next, RetryState};
use super::step::StepContext;
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::{Cloud, CloudError, Written};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::AppId;
use pinpoint_streams_model::live::{FailureKind, LiveApp, LiveRole, Question};
use pinpoint_streams_model::op::{AppOp, CreateApp, CreateRole, Op, Owner, Resolved, RoleOp};
use pinpoint_streams_model::ownership::Tags;
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::recorded::Output;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_store::archive::ArchiveStore;
use std::collections::BTreeMap;
use std::time::Duration;

/// The wait before an app that was not seen is looked for once more.
const LOOK_AGAIN: Next =
    Next::Again { wait: Duration::from_secs(2), reason: "an app that was just made may not be listed yet" };

/// Makes an app, once: Pinpoint makes a second one of the same name without a word.
pub(super) async fn app<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    create: &CreateApp<Resolved>,
) -> Result<Written, StepError> {
    let (op, mut retry) = (Op::App(AppOp::Create(create.clone())), RetryState::alone());
    loop {
        let error = match context.call(&op).await {
            Ok(written) => return Ok(written),
            Err(error) => retry.observe(error),
        };
        let next = retry.next(&error, context.jitter());
        if error.definitely_refused {
            context.retry_or_fail(next, error).await?;
            continue;
        }
        let is_last = next == Next::GiveUp;
        if !is_last {
            context.retry_or_fail(next, error.clone()).await?;
        }
        let mut found = find_app(context, create).await;
        if matches!(found, Ok(None)) {
            // Not there; or made and not listed yet, or passed over where the list's pages moved.
            context.retry_or_fail(LOOK_AGAIN, error.clone()).await?;
            found = find_app(context, create).await;
        }
        match found {
            Ok(Some(id)) => return Ok(Written { output: Output::App(id), request_id: None }),
            Ok(None) if is_last => return Err(error.into()),
            Ok(None) => {}
            Err(why) => {
                let hint =
                    format!("whether the app was made could not be seen either ({why}); the next run looks again");
                return Err(StepError::from(error).hint(hint));
            }
        }
    }
}

/// The app that bears our tags, if one does.
async fn find_app<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &StepContext<'_, C, A, K>,
    create: &CreateApp<Resolved>,
) -> Result<Option<AppId>, String> {
    let (cloud, CreateApp { account, region, name, owner, .. }) = (context.shared.cloud, create);
    let failed = |why| CloudError::unread(why).to_string();
    let apps = cloud.read_as(&Question::Apps(AccountRegion::of(account, region))).await.known().map_err(failed)?;
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
            return Err(format!("two apps bear the same tags, {other} is one of them"));
        }
    }
    Ok(found)
}

/// Makes a role, or finds that an attempt of ours has made it.
pub(super) async fn role<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    create: &CreateRole<Resolved>,
) -> Result<Written, StepError> {
    let (op, mut retry) = (Op::Role(RoleOp::Create(create.clone())), RetryState::new());
    loop {
        let error = match context.call(&op).await {
            Ok(written) => return Ok(written),
            Err(error) => retry.observe(error),
        };
        // The transport may have sent the call twice, so even a first answer may be about our own role.
        let is_taken = error.kind == FailureKind::AlreadyExists;
        if is_taken || !error.definitely_refused {
            if let Some(role) = find_role(context, create, &mut retry, &error).await? {
                context.shared.roles.note(&op);
                return Ok(Written { output: Output::Role(role.id), request_id: None });
            }
        } else {
            let next = retry.next(&error, context.jitter());
            context.retry_or_fail(next, error).await?;
        }
    }
}

/// The role, if it is there and an attempt of ours made it; none if it is not there and may be made again.
async fn find_role<C: Cloud, A: ArchiveStore, K: Clock>(
    context: &mut StepContext<'_, C, A, K>,
    create: &CreateRole<Resolved>,
    retry: &mut RetryState,
    refusal: &CloudError,
) -> Result<Option<LiveRole>, StepError> {
    let is_taken = refusal.kind == FailureKind::AlreadyExists;
    loop {
        match context.role(&create.arn).await.map_err(CloudError::unread) {
            Ok(Some(role)) => return check_role(role, create, refusal).map(Some),
            Ok(None) => {
                // Made and not to be seen yet, or not made. The name tells which when it is asked for again.
                let unseen = CloudError { kind: FailureKind::Unintelligible, ..refusal.clone() };
                let next = retry.next(if is_taken { &unseen } else { refusal }, context.jitter());
                context.retry_or_fail(next, refusal.clone()).await?;
                return Ok(None);
            }
            // A role that was made moments ago may answer with its unique id where its ARN should be.
            Err(error) => {
                let next = match retry.next(&error, context.jitter()) {
                    Next::GiveUp => return Err(StepError::from(in_doubt(refusal)).hint(format!("{error}"))),
                    again @ Next::Again { .. } => again,
                };
                context.retry_or_fail(next, in_doubt(refusal)).await?;
            }
        }
    }
}

/// The refusal with what is behind it unseen, so that the next run looks.
fn in_doubt(refusal: &CloudError) -> CloudError {
    CloudError { definitely_refused: false, ..refusal.clone() }
}

fn check_role(role: LiveRole, create: &CreateRole<Resolved>, refusal: &CloudError) -> Result<LiveRole, StepError> {
    let refused = |hint: String| {
        let error = CloudError { definitely_refused: true, ..refusal.clone() };
        Err(StepError::from(error).hint(hint))
    };
    let is_ours = match &create.owner {
        Some(owner) => is_owned(&role.tags, owner),
        None => is_as_made(&role, create),
    };
    if !is_ours {
        return refused(format!("a role of this name is there and is not ours: {}", role.arn));
    }
    if role.arn != create.arn || !role.arn.name.is_written_like(&create.arn.name) {
        return refused(format!("the role came to be {}, not {}", role.arn, create.arn));
    }
    if !same_meaning(&role.trust_policy, &create.trust_policy) {
        return refused("a role of ours is there with another trust policy; plan again".to_owned());
    }
    Ok(role)
}

/// Whether a role that bears no tags of ours is just as this create call made it, and nothing hangs on it.
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

/// Whether these are the tags that this create call wrote.
fn is_owned(tags: &Tags, owner: &Owner<Resolved>) -> bool {
    owner.tags().iter().all(|(key, value)| tags.get(key) == Some(value))
}
