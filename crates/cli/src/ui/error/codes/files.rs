//! The codes of errors of what is kept between runs.
use crate::plan_file::{SavedPlanError, Stale};
use pinpoint_streams_aws::s3::UnlockError;
use pinpoint_streams_model::error_code::ErrorCode;
use pinpoint_streams_store::archive::ArchiveError;
use pinpoint_streams_store::bundle::BundleError;
use pinpoint_streams_store::journal::JournalError;
use pinpoint_streams_store::lock::LockError;
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::StateError;

pinpoint_streams_model::error_codes! {
    STATE_BROKEN = "PS0301", "the state cannot be read",
        "The state is truncated or was edited. It is never overwritten.",
        "Restore a copy: backups are in `.pinpoint-streams/backups/`, and a versioned bucket has earlier versions. If there is none, move the broken state aside and run `pinpoint-streams state recover`, which rebuilds it from ownership tags.";
    STATE_NEWER = "PS0302", "the state has a newer format",
        "A newer version of pinpoint-streams wrote the state.",
        "Use that version or a newer one.";
    STATE_OF_ANOTHER_WORKSPACE = "PS0303", "the state of another workspace",
        "The state that the manifest refers to belongs to another workspace.",
        "Give each workspace its own `[state]`, or correct `workspace`.";
    STATE_CONFLICT = "PS0304", "the state was changed outside the run",
        "Another process wrote the state after this run had read it. Nothing was overwritten.",
        "Run `pinpoint-streams plan` to see the current differences.";
    STATE_IN_USE = "PS0305", "the state is in use",
        "Another run is writing the state although its lock was removed.",
        "Wait until that run ends.";
    STATE_LOCK_LOST = "PS0306", "the lock of the state was removed",
        "The lock was removed while the run held it.",
        "Run `pinpoint-streams plan` once no other run is active.";
    STATE_NOT_ANSWERED = "PS0307", "unknown whether the state was written",
        "The run was stopped before the response to the write of the state arrived.",
        "Run `pinpoint-streams plan` once no other run is active.";
    STATE_UNREACHABLE = "PS0308", "the state cannot be reached",
        "The file or the bucket of the state cannot be read or written.",
        "Follow the help in the message.";
    LOCKED = "PS0311", "locked by another run",
        "Another run holds the lock of the state.",
        "Wait until it ends, or pass `--lock-timeout 5m`. Release the lock of a run that is no longer alive with `pinpoint-streams state unlock ID`.";
    LOCK_UNREACHABLE = "PS0312", "the lock cannot be reached",
        "The lock cannot be read or written.",
        "Follow the help in the message.";
    NOT_UNLOCKED = "PS0313", "the lock was not released",
        "`state unlock` found no lock, a lock with another ID, or a lock whose run may still be alive.",
        "Check that the run has ended, then use the ID in the message.";
    JOURNAL_BROKEN = "PS0321", "the journal cannot be read",
        "The journal of an interrupted run is damaged or was edited. It is never overwritten.",
        "Restore it, or move it aside: the next run finds the resources in AWS.";
    JOURNAL_NEWER = "PS0322", "the journal has a newer format",
        "A newer version of pinpoint-streams wrote the journal.",
        "Use that version or a newer one.";
    JOURNAL_IN_USE = "PS0323", "the journal belongs to a run that is still running",
        "A run is active although its lock was removed.",
        "Wait until that run ends.";
    JOURNAL_OF_ANOTHER_STATE = "PS0324", "the journal does not belong to the state",
        "The journal of an interrupted run was written for another state.",
        "Restore the state that it belongs to, or move the journal aside.";
    JOURNAL_UNREACHABLE = "PS0325", "the journal cannot be written or read",
        "The file of the journal cannot be read or written.",
        "Check the permissions and the free disk space.";
    ARCHIVE_BROKEN = "PS0331", "not an archive",
        "A file is not an archive of a deleted resource, or it was edited.",
        "Use an unmodified file from `.pinpoint-streams/archive/`.";
    ARCHIVE_NEWER = "PS0332", "the archive has a newer format",
        "A newer version of pinpoint-streams wrote the archive.",
        "Use that version or a newer one.";
    ARCHIVE_UNREACHABLE = "PS0333", "the archive cannot be reached",
        "The archive cannot be read or written.",
        "Follow the help in the message.";
    BUNDLE_MISSING = "PS0341", "the bundle of evidence does not exist",
        "The file does not exist.",
        "Create one with `pinpoint-streams evidence capture`.";
    BUNDLE_BROKEN = "PS0342", "not a bundle of evidence, or a modified one",
        "The file is not a bundle, or it was modified after the capture.",
        "Use the file as `pinpoint-streams evidence capture` wrote it.";
    BUNDLE_NEWER = "PS0343", "the bundle has a newer format",
        "A newer version of pinpoint-streams wrote the bundle.",
        "Use a newer version.";
    BUNDLE_UNREACHABLE = "PS0344", "the bundle cannot be read or written",
        "The file cannot be read or written.",
        "Check the path and its permissions.";
    EDITED_RUN_LOGS = "PS0351", "a run log was edited",
        "The digest of the log differs from the one in the state.",
        "Restore the files in `.pinpoint-streams/runs/` from a backup; CloudTrail has what the runs did in AWS.";
    PLAN_UNREACHABLE = "PS0361", "the saved plan cannot be read or written",
        "The file cannot be read or written.",
        "Check the path and its permissions.";
    PLAN_NOT_REPLACED = "PS0362", "a file that is not a plan was not replaced",
        "`--out` names a file that exists and is not a saved plan.",
        "Choose another file.";
    PLAN_BROKEN = "PS0363", "not a saved plan",
        "The file is not a plan that `plan --out` wrote.",
        "Save it again with `pinpoint-streams plan --out FILE`.";
    PLAN_NEWER = "PS0364", "the plan has a newer format",
        "A newer version of pinpoint-streams saved the plan.",
        "Use that version, or save the plan again with this one.";
    PLAN_EDITED = "PS0365", "the plan was edited",
        "The content of the plan does not match its digest.",
        "Save it again with `pinpoint-streams plan --out FILE`.";
    PLAN_MISLEADING = "PS0366", "the plan shows other changes than it makes",
        "The digest matches, but the changes that the plan shows are not those that its steps make.",
        "Do not apply it. Plan again and review the result.";
    STALE_ACCOUNT = "PS0371", "stale: the plan is for another account",
        "An account alias refers to another account than when the plan was made.",
        "Use the credentials and the manifest that the plan was made with.";
    STALE_WORKSPACE = "PS0372", "stale: the plan belongs to another workspace",
        "The plan was made with another manifest.",
        "Apply it where it was saved, or name its manifest with `--config FILE`.";
    STALE_STATE_GONE = "PS0373", "stale: the state is gone",
        "The plan was made from a state, and there is none now.",
        "Restore the state, or rebuild it with `pinpoint-streams state recover`, then plan again.";
    STALE_STATE_APPEARED = "PS0374", "stale: there is a state now",
        "Another run has applied since the plan was made.",
        "Plan again and review the result.";
    STALE_LINEAGE = "PS0375", "stale: another state",
        "The state was recreated since the plan was made.",
        "Use the state that the plan was made from, or plan again.";
    STALE_SERIAL = "PS0376", "stale: the state has changed",
        "The serial of the state is not the one that the plan was made from.",
        "Plan again and review the result.";
    STALE_MANIFEST = "PS0377", "stale: the manifest has changed",
        "The manifest, its variables or its included files differ from what the plan was made from.",
        "Use the manifest and variables that it was made with, or plan again.";
    STALE_STEPS = "PS0378", "stale: AWS has changed",
        "The resources in AWS now require other steps than those of the plan.",
        "Plan again and review the result.";
    STALE_CHANGES = "PS0379", "stale: values have changed",
        "The steps are the same, but the current values differ from those that the plan shows.",
        "Plan again and review the result.";
    STALE_EXPIRED = "PS0380", "stale: a sweep that is more than a day old",
        "A role may have been used since the sweep was planned.",
        "Sweep again and review the result.";
    STALE_FUTURE = "PS0381", "stale: a sweep that was planned after the current time",
        "The clock of this machine, or of the one that planned, is wrong.",
        "Correct the clock, or sweep again.";
    STALE_DIGEST = "PS0382", "stale: not the expected digest",
        "The digest of the plan is not the one in `--expect-digest`.",
        "Review this plan, then approve it with its own digest.";
}

pub(super) fn of_session(error: &SessionError) -> &'static ErrorCode {
    match error {
        SessionError::State(error) => of_state(error),
        SessionError::Journal(JournalError::NewerFormat { .. }) => &JOURNAL_NEWER,
        SessionError::Journal(JournalError::Broken { .. }) => &JOURNAL_BROKEN,
        SessionError::Journal(JournalError::InUse { .. }) => &JOURNAL_IN_USE,
        SessionError::Journal(_) => &JOURNAL_UNREACHABLE,
        SessionError::Fold(_) => &JOURNAL_OF_ANOTHER_STATE,
    }
}

fn of_state(error: &StateError) -> &'static ErrorCode {
    match error {
        StateError::NewerFormat { .. } => &STATE_NEWER,
        StateError::Broken { .. } | StateError::Invalid { .. } => &STATE_BROKEN,
        StateError::OtherWorkspace { .. } => &STATE_OF_ANOTHER_WORKSPACE,
        StateError::Conflict { .. } => &STATE_CONFLICT,
        StateError::LockLost { .. } => &STATE_LOCK_LOST,
        StateError::NotAnswered { .. } => &STATE_NOT_ANSWERED,
        StateError::InUse { .. } => &STATE_IN_USE,
        _ => &STATE_UNREACHABLE,
    }
}

pub(super) fn of_lock(error: &LockError) -> &'static ErrorCode {
    match error {
        LockError::Held { .. } => &LOCKED,
        LockError::Lost { .. } => &STATE_LOCK_LOST,
        _ => &LOCK_UNREACHABLE,
    }
}

pub(super) fn of_unlock(error: &UnlockError) -> &'static ErrorCode {
    match error {
        UnlockError::Store(error) => super::aws::of_bucket(error),
        _ => &NOT_UNLOCKED,
    }
}

pub(super) fn of_archive(error: &ArchiveError) -> &'static ErrorCode {
    match error {
        ArchiveError::NewerFormat { .. } => &ARCHIVE_NEWER,
        ArchiveError::Broken { .. } => &ARCHIVE_BROKEN,
        _ => &ARCHIVE_UNREACHABLE,
    }
}

pub(super) fn of_bundle(error: &BundleError) -> &'static ErrorCode {
    match error {
        BundleError::Disk(_) => &BUNDLE_UNREACHABLE,
        BundleError::Missing(_) => &BUNDLE_MISSING,
        BundleError::NotABundle { .. } | BundleError::Changed { .. } => &BUNDLE_BROKEN,
        BundleError::Newer { .. } => &BUNDLE_NEWER,
    }
}

pub(super) fn of_saved_plan(error: &SavedPlanError) -> &'static ErrorCode {
    match error {
        SavedPlanError::File { .. } => &PLAN_UNREACHABLE,
        SavedPlanError::NotReplaced { .. } => &PLAN_NOT_REPLACED,
        SavedPlanError::Broken { .. } => &PLAN_BROKEN,
        SavedPlanError::Newer { .. } => &PLAN_NEWER,
        SavedPlanError::Edited { .. } => &PLAN_EDITED,
        SavedPlanError::Misleading { .. } => &PLAN_MISLEADING,
    }
}

pub(super) fn of_stale(stale: &Stale) -> &'static ErrorCode {
    match stale {
        Stale::Account { .. } => &STALE_ACCOUNT,
        Stale::Workspace { .. } => &STALE_WORKSPACE,
        Stale::StateGone { .. } => &STALE_STATE_GONE,
        Stale::StateAppeared { .. } => &STALE_STATE_APPEARED,
        Stale::Lineage { .. } => &STALE_LINEAGE,
        Stale::Serial { .. } => &STALE_SERIAL,
        Stale::Manifest => &STALE_MANIFEST,
        Stale::Steps { .. } => &STALE_STEPS,
        Stale::Changes { .. } => &STALE_CHANGES,
        Stale::Expired { .. } => &STALE_EXPIRED,
        Stale::FromTheFuture { .. } => &STALE_FUTURE,
        Stale::Digest { .. } => &STALE_DIGEST,
    }
}
