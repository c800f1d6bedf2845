//! Actions, modes and calls in words: as people, and as CloudTrail, name them.
use pinpoint_streams_model::plan::{Action, Mode};
use pinpoint_streams_model::sweep::Detach;

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

/// What may be taken off a role.
pub(super) fn detach(what: Detach) -> &'static str {
    match what {
        Detach::Managed => "managed policies",
        Detach::Inline => "inline policies that are not ours",
        Detach::Profile => "instance profiles",
    }
}
