//! What a run did is kept for ever: its plan, who approved it, each write with AWS's request id, each archive.
use crate::world::{Steps, World, role_arn};
use pinpoint_streams_executor::clock::Clock as _;
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::{FailureKind, Plan, RoleOp};
use pinpoint_streams_store::archive;
use pinpoint_streams_store::journal::{EndResult, JournalStore};
use pinpoint_streams_store::session;
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::{parsed, run_logs};
use std::path::Path;

fn plan() -> Plan {
    let mut steps = Steps::default();
    steps.onboard("shop");
    steps.plan()
}

#[tokio::test(start_paused = true)]
async fn a_run_is_kept_with_its_plan_its_approval_and_the_request_id_of_every_write() {
    let (mut world, plan) = (World::new(), plan());
    world.done(&plan).await;
    assert!(!Path::new(&world.journal().place()).exists());
    let kept = run_logs(&world.runs_folder());
    let [run] = &kept[..] else { panic!("one run: {kept:#?}") };
    let name = run.path.file_name().unwrap().to_string_lossy();
    assert!(name.ends_with("Z-r1.ndjson"), "{name}");
    let about = run.header.about.as_ref().unwrap();
    assert_eq!((about.approved_by.as_deref(), &*about.plan), (Some("ann"), &plan));
    let writes: Vec<_> = run.writes().map(|write| (write.begin.op.name(), write.end)).collect();
    assert_eq!(
        writes.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["create_app", "create_role", "put_role_policy", "put_event_stream"]
    );
    assert!(writes.iter().all(|(_, end)| end.is_some_and(|end| end.request_id.is_some())), "{writes:#?}");
}

#[tokio::test(start_paused = true)]
async fn what_failed_what_was_archived_and_what_was_put_back_are_in_it() {
    let mut world = World::new();
    world.done(&plan()).await;
    std::fs::remove_dir_all(world.runs_folder()).unwrap();
    let (role, role_id) = (role_arn("shop"), world.cloud.snapshot().role("ps-shop").id.clone());
    let mut steps = Steps::default();
    let delete = RoleOp::DeletePolicy { role: role.clone(), policy_name: parsed("write") };
    let policy = steps.add("role.shop", &[], delete);
    steps.add("role.shop", &[policy], RoleOp::Delete { role, role_id });
    world.cloud.fail(When::operation("DeleteRole"), Fault::Refuse(FailureKind::Denied));
    let _ = world.run(&steps.plan()).await;
    let kept = run_logs(&world.runs_folder());
    let run = &kept[0];
    let told: Vec<_> = run
        .writes()
        .map(|write| {
            let end = write.end.unwrap();
            assert!(end.request_id.is_some(), "{end:?}");
            (write.begin.op.name(), matches!(end.result, EndResult::Output(_)))
        })
        .collect();
    assert_eq!(told, [("delete_role_policy", true), ("delete_role", false), ("put_role_policy", true)]);
    let archived: Vec<_> = run.archived().collect();
    let (_, digest) = archive::read(Path::new(&archived[0].path)).unwrap();
    assert_eq!((archived.len(), &archived[0].digest), (1, &digest));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_died_is_kept_by_the_next_one() {
    let (mut world, plan) = (World::new(), plan());
    world.done(&plan).await;
    // As a run leaves it that dies between its last record and the end: a journal beside the state.
    let kept = run_logs(&world.runs_folder());
    std::fs::rename(&kept[0].path, world.journal().place()).unwrap();
    session::open(&world.state_store(), &world.journal(), world.cloud.clock().now()).await.unwrap();
    assert_eq!(run_logs(&world.runs_folder()), kept);
    assert!(!Path::new(&world.journal().place()).exists());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_began_nothing_leaves_nothing() {
    let (mut world, plan) = (World::new(), plan());
    world.cloud.fail(When::any(), Fault::Refuse(FailureKind::Denied));
    world.stop = {
        let (stopper, stop) = pinpoint_streams_executor::Stop::channel();
        stopper.raise();
        stop
    };
    let _ = world.run(&plan).await;
    assert_eq!(run_logs(&world.runs_folder()), []);
    assert!(!Path::new(&world.journal().place()).exists());
}

#[tokio::test(start_paused = true)]
async fn a_file_in_the_place_of_the_run_logs_is_an_error_before_anything_is_done() {
    let mut world = World::new();
    world.done(&plan()).await;
    let (state, kept) = (world.state().await, run_logs(&world.runs_folder()));
    std::fs::rename(&kept[0].path, world.journal().place()).unwrap();
    std::fs::remove_dir(world.runs_folder()).unwrap();
    std::fs::write(world.runs_folder(), "").unwrap();
    let error = one_line(
        &session::open(&world.state_store(), &world.journal(), world.cloud.clock().now()).await.unwrap_err(),
    );
    assert!(error.contains(&world.runs_folder().display().to_string()), "{error}");
    assert!(error.ends_with("move or delete it"), "{error}");
    assert_eq!(world.state().await, state);
    std::fs::remove_file(world.runs_folder()).unwrap();
    session::open(&world.state_store(), &world.journal(), world.cloud.clock().now()).await.unwrap();
    assert_eq!(run_logs(&world.runs_folder()), kept);
}
