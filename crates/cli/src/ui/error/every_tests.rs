//! One error of every kind, as it is printed.
mod aws;
mod bucket;

use super::{Error, Work};
use crate::plan_file::{SavedPlanError, Stale};
use crate::settings::Environment;
use crate::testing::plain;
use insta::assert_snapshot;
use jiff::Timestamp;
use pinpoint_streams_aws::s3::UnlockError;
use pinpoint_streams_model::ids::Serial;
use pinpoint_streams_model::plan::ViewMismatch;
use pinpoint_streams_model::policy::PolicyError;
use pinpoint_streams_model::problem::Problem;
use pinpoint_streams_store::archive::ArchiveError;
use pinpoint_streams_store::bundle::BundleError;
use pinpoint_streams_store::disk::DiskError;
use pinpoint_streams_store::journal::{FoldError, JournalError};
use pinpoint_streams_store::lock::{Heartbeat, Holder, LockError};
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::StateError;
use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

fn text(text: &str) -> String {
    text.to_owned()
}

fn denied() -> io::Error {
    io::ErrorKind::PermissionDenied.into()
}

fn disk() -> DiskError {
    DiskError { action: "write", path: "/p/growth.state.json".into(), source: denied() }
}

fn unreachable() -> std::sync::Arc<dyn std::error::Error + Send + Sync> {
    std::sync::Arc::new(io::Error::other("the bucket did not answer"))
}

/// Of the command line.
fn usage() -> Vec<Error> {
    let mut errors = of_arguments();
    #[cfg(feature = "sandbox")]
    errors.push(Error::Sandbox(pinpoint_streams_sandbox::StoreError::Broken {
        path: "/p/.pinpoint-streams/sandbox/aws/world.ndjson".into(),
        line: 3,
        reason: text("expected value"),
    }));
    errors
}

fn of_arguments() -> Vec<Error> {
    vec![
        Error::Usage { message: text("--accounts: unknown account `x`"), hint: text("known accounts: `main`") },
        Error::NoManifest,
        Error::File { operation: "read", path: "/p/shop.json".into(), source: denied() },
        Error::ForeignManifest { path: "/tmp/pinpoint-streams.toml".into(), why: denied() },
        Error::InvalidFile { path: "/p/x".into(), problem: text("is a symbolic link"), hint: text("replace it") },
        Error::NoCurrentFolder,
        Error::Output(io::ErrorKind::StorageFull.into()),
        Error::NotFound {
            message: text("nothing is recorded at app.x"),
            hint: text("run `pinpoint-streams state list`"),
        },
        Error::Policy { path: "/p/shop.json".into(), source: PolicyError::Encoding },
        Error::ApprovalRequired { destroy: false },
        Error::ApprovalRequired { destroy: true },
        Error::SweepApprovalRequired { hint: text("run it on a terminal") },
        Error::Declined,
        Error::ReadOnly { reason: "PINPOINT_STREAMS_READ_ONLY is set" },
        Error::Stopped,
        Error::Interrupted,
        Error::NotReleased,
        Error::ClockSkew { here: Timestamp::UNIX_EPOCH, now: Timestamp::UNIX_EPOCH },
        Error::NoServiceTime,
    ]
}

/// Of what is kept between runs.
fn files() -> Vec<Error> {
    let place = || text("/p/growth.state.json");
    let states = [
        StateError::Broken { place: place(), line: 3, column: 9, reason: text("expected `,`") },
        StateError::Broken {
            place: text("s3://team/growth/state.json"),
            line: 3,
            column: 9,
            reason: text("expected `,`"),
        },
        StateError::Broken {
            place: text("/p/.pinpoint-streams/sandbox/growth.state.json"),
            line: 3,
            column: 9,
            reason: text("expected `,`"),
        },
        StateError::Invalid { place: place(), reason: text("role.shop has no ARN") },
        StateError::NewerFormat { place: place(), format: 9 },
        StateError::OtherWorkspace {
            place: place(),
            found: "ads".parse().unwrap(),
            wanted: "growth".parse().unwrap(),
        },
        StateError::Conflict { place: place(), reason: text("it has serial 8") },
        StateError::InUse { place: place() },
        StateError::LockLost { place: place() },
        StateError::NotAnswered { place: place() },
        StateError::from(disk()),
        StateError::Store { place: place(), source: unreachable() },
    ];
    let run = || "7b8c988bcfc5".parse().unwrap();
    let sessions = [
        SessionError::Journal(JournalError::Broken { place: place(), line: 2, reason: text("expected value") }),
        SessionError::Journal(JournalError::NewerFormat { place: place(), format: 9 }),
        SessionError::Journal(JournalError::InUse { place: place() }),
        SessionError::Journal(JournalError::Disk(disk())),
        SessionError::Fold(FoldError::StateGone { run: run() }),
        SessionError::Fold(FoldError::OtherSerial { run: run(), journal: Serial(3), state: Serial(7) }),
        SessionError::Fold(FoldError::Edited { run: run() }),
    ];
    let holder = || Holder { who: text("ana"), host: text("ci-7"), pid: 42, since: Timestamp::UNIX_EPOCH };
    let abandoned = Heartbeat { id: text("3f2a"), age: Duration::from_secs(600) };
    let locks = [
        LockError::Held { place: place(), holder: Some(holder()), heartbeat: None },
        LockError::Held {
            place: text("s3://team/growth/state.json.lock"),
            holder: None,
            heartbeat: Some(abandoned),
        },
        LockError::Lost { place: place(), holder: Some(holder()) },
        LockError::Disk(disk()),
        LockError::Store { place: place(), source: unreachable() },
    ];
    let archives = [
        ArchiveError::Broken { path: place(), reason: text("it was edited") },
        ArchiveError::NewerFormat { path: place(), format: 9 },
        ArchiveError::Disk(disk()),
    ];
    let bundles = [
        BundleError::Missing("/p/evidence.bundle".into()),
        BundleError::NotABundle { path: "/p/evidence.bundle".into(), why: text("it has no header") },
        BundleError::Newer { path: "/p/evidence.bundle".into(), format: 9 },
        BundleError::Disk(disk()),
    ];
    let plan = || std::path::PathBuf::from("/p/shop.plan");
    let digest = |text: &str| text.to_owned().into();
    let plans = [
        SavedPlanError::File { operation: "read", path: plan(), source: io::ErrorKind::NotFound.into() },
        SavedPlanError::NotReplaced { path: plan() },
        SavedPlanError::Broken { path: plan(), reason: text("expected value") },
        SavedPlanError::Newer { path: plan(), format: 9 },
        SavedPlanError::Edited { path: plan() },
        SavedPlanError::Misleading { path: plan(), why: ViewMismatch::Summary },
    ];
    let (ads, growth) = ("ads".parse().unwrap(), "growth".parse().unwrap());
    let (one, other): (pinpoint_streams_model::ids::Lineage, _) =
        ("3f2a".parse().unwrap(), "4b1c".parse().unwrap());
    let stale = [
        Stale::Account { alias: "main".parse().unwrap(), planned: None, now: "123456789012".parse().ok() },
        Stale::Workspace { planned: ads, now: growth },
        Stale::StateGone { planned: one.clone() },
        Stale::StateAppeared { now: one.clone() },
        Stale::Lineage { planned: one, now: other },
        Stale::Serial { planned: Serial(7), now: Serial(8) },
        Stale::Manifest,
        Stale::Steps { difference: text("  role.shop: create_role is no longer needed") },
        Stale::Changes { difference: text("  role.shop: description differs now") },
        Stale::Expired { planned: Timestamp::UNIX_EPOCH },
        Stale::FromTheFuture { planned: Timestamp::UNIX_EPOCH, now: Timestamp::UNIX_EPOCH },
        Stale::Digest { expected: digest("sha256:1"), found: digest("sha256:2") },
    ];
    let mut errors: Vec<Error> = states.map(|error| Error::Session(SessionError::State(error))).into();
    errors.extend(sessions.map(Error::Session));
    errors.extend(locks.map(Error::Lock));
    errors.push(Error::from(UnlockError::NoLock { place: place() }));
    errors.push(Error::from(UnlockError::Changed { place: place() }));
    errors.extend(archives.map(Error::Archive));
    errors.extend(bundles.map(Error::Bundle));
    errors.push(Error::EditedRunLogs(vec![run()]));
    errors.extend(plans.map(Error::SavedPlan));
    errors.extend(stale.map(Error::Stale));
    errors
}

fn all() -> Vec<Error> {
    let lists = [usage(), files(), aws::calls(), aws::connecting(), bucket::errors(), bucket::of_objects()];
    lists.into_iter().flatten().collect()
}

fn printed(errors: &[Error]) -> String {
    let environment = Environment { folder: "/p".into(), columns: Some(100), ..Environment::default() };
    let texts: Vec<String> =
        errors.iter().map(|error| plain(&error.text_for(Some(Work::Apply), &environment))).collect();
    texts.join("\n")
}

#[test]
fn one_error_of_every_kind() {
    assert_snapshot!("every_error_of_the_command_line", printed(&usage()));
    assert_snapshot!("every_error_of_files", printed(&files()));
    assert_snapshot!("every_error_of_aws", printed(&aws::calls()));
    assert_snapshot!("every_error_of_connecting", printed(&aws::connecting()));
    assert_snapshot!("every_error_of_the_bucket", printed(&bucket::errors()));
    assert_snapshot!("every_error_of_what_is_in_the_bucket", printed(&bucket::of_objects()));
}

#[test]
fn no_message_ends_in_a_debug_print() {
    // The name of a header is no value.
    for line in printed(&all()).replace("If-None-Match", "").lines() {
        for mark in ["Some(", "None", "Err(", " { ", "Error {", "\\\"", "ErrorKind"] {
            assert!(!line.contains(mark), "{mark}: {line}");
        }
    }
}

#[test]
fn every_code_but_those_of_manifests_and_plans_is_that_of_some_error_here() {
    let reached: BTreeSet<&str> = all().iter().map(|error| error.code().id).collect();
    let areas = super::codes::all();
    let wanted = areas.iter().filter(|(area, _)| !["The manifest", "Plans"].contains(area));
    let missing: Vec<&str> =
        wanted.flat_map(|(_, codes)| codes).map(|code| code.id).filter(|id| !reached.contains(id)).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn each_problem_of_a_plan_has_a_code_of_its_own() {
    use pinpoint_streams_model::error_code::problem::ALL;
    let text = |problem: Problem| plain(&Error::Problems(vec![problem]).text(&Environment::default()));
    let selector = pinpoint_streams_model::problem::ProblemCode::Selector;
    assert!(
        text(Problem::new(selector, "no address matches role.shp", "correct it")).starts_with("error[PS0236]: ")
    );
    let names: BTreeSet<&str> = ALL.iter().map(|code| code.name).collect();
    assert_eq!(names.len(), ALL.len());
}
