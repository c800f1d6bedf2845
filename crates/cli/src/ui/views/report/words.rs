//! Actions, modes and calls in words: as people, and as CloudTrail, name them.
use pinpoint_streams_model::op::{Op, Phase};
use pinpoint_streams_model::plan::{Action, Detach, Mode};

/// What was to be done, as JSON names it.
pub(super) fn action(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace => "replace",
        Action::Delete => "delete",
        Action::Adopt => "adopt",
        Action::Forget => "forget",
        Action::Quarantine => "quarantine",
        Action::Release => "release",
        Action::Keep => "keep",
    }
}

/// The question that a run's plan answered, for people.
pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Converge => "apply",
        Mode::Destroy => "destroy",
        Mode::Drift => "drift",
        Mode::Sweep => "sweep",
        Mode::Restore => "restore",
    }
}

/// The call that an operation makes, as CloudTrail names it. Source: the API references of IAM and Pinpoint.
pub(super) fn call<P: Phase>(op: &Op<P>) -> Option<&'static str> {
    Some(match op {
        Op::CreateApp(_) => "CreateApp",
        Op::TagApp(_) => "TagResource",
        Op::UntagApp(_) => "UntagResource",
        Op::DeleteApp(_) => "DeleteApp",
        Op::CreateRole(_) => "CreateRole",
        Op::UpdateTrustPolicy(_) => "UpdateAssumeRolePolicy",
        Op::PutRolePolicy(_) => "PutRolePolicy",
        Op::DeleteRolePolicy(_) => "DeleteRolePolicy",
        Op::UpdateRole(_) => "UpdateRole",
        Op::PutPermissionsBoundary(_) => "PutRolePermissionsBoundary",
        Op::DeletePermissionsBoundary(_) => "DeleteRolePermissionsBoundary",
        Op::TagRole(_) => "TagRole",
        Op::UntagRole(_) => "UntagRole",
        Op::AttachRolePolicy(_) => "AttachRolePolicy",
        Op::DetachRolePolicy(_) => "DetachRolePolicy",
        Op::AddRoleToInstanceProfile(_) => "AddRoleToInstanceProfile",
        Op::RemoveRoleFromInstanceProfile(_) => "RemoveRoleFromInstanceProfile",
        Op::DeleteRole(_) => "DeleteRole",
        Op::PutEventStream(_) => "PutEventStream",
        Op::DeleteEventStream(_) => "DeleteEventStream",
        Op::WriteRecord(_) | Op::MoveRecord(_) | Op::ForgetRecord(_) | Op::SetProtect(_) => return None,
    })
}

/// What may be taken off a role.
pub(super) fn detach(what: Detach) -> &'static str {
    match what {
        Detach::Managed => "managed policies",
        Detach::Inline => "inline policies that are not ours",
        Detach::Profile => "instance profiles",
    }
}
