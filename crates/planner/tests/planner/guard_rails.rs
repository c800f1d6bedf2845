//! The right accounts, and not too much at once.
use crate::workspace::{Workspace, code};
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_model::problem::ProblemCode;
use pinpoint_streams_testkit::desired::DesiredBuilder;
use pinpoint_streams_testkit::{desired, parsed};

fn apps(count: usize) -> DesiredBuilder {
    (0..count).fold(desired(), |manifest, index| manifest.app(&format!("app{index}"), |app| app.kinesis("clicks")))
}

#[tokio::test(start_paused = true)]
async fn too_many_deletes_are_a_problem_until_they_are_allowed() {
    let mut workspace = Workspace::applied(apps(10).build()).edited(apps(6).build());
    let problem = workspace.problem().await;
    assert_eq!(problem.code, ProblemCode::MassDelete);
    assert!(problem.message.contains("8 of 20"), "{}", problem.message);
    assert!(workspace.try_plan(Mode::Destroy).await.is_ok(), "destroy has a confirmation of its own");
    workspace.options.allow_mass_delete = true;
    workspace.apply().await;
}

#[tokio::test(start_paused = true)]
async fn what_vanished_counts_as_a_loss() {
    let workspace = Workspace::applied(apps(10).build());
    for role in workspace.cloud.snapshot().roles.keys() {
        workspace.cloud.another_hand().delete_role(role);
    }
    assert_eq!(workspace.problem().await.code, ProblemCode::MassDelete);
}

#[tokio::test(start_paused = true)]
async fn another_account_than_the_recorded_one_is_a_problem_that_names_both() {
    let mut workspace = Workspace::applied(apps(1).build());
    workspace.recorded.accounts = workspace.desired.accounts.clone();
    let elsewhere = desired().account("default", "210987654321").app("app0", |app| app.kinesis("clicks")).build();
    workspace = workspace.edited(elsewhere);
    let problem = workspace.problem().await;
    assert_eq!(problem.code, ProblemCode::WrongAccount);
    assert!(problem.message.contains("210987654321") && problem.message.contains("123456789012"));
    assert!(problem.message.contains("2 resources"), "{}", problem.message);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_lead_elsewhere_are_a_problem() {
    let workspace = Workspace::new(apps(1).build());
    workspace.cloud.set_caller(&parsed("123456789012"), &parsed("210987654321"));
    assert_eq!(code(&workspace.problem().await), (ProblemCode::WrongCaller, String::new()));
}

#[tokio::test(start_paused = true)]
async fn the_same_inputs_give_the_same_plan_byte_for_byte() {
    let workspace = Workspace::new(apps(5).build());
    let (one, two) = (workspace.plan().await, workspace.plan().await);
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&two).unwrap());
    assert_eq!(one.plan_digest, one.digest());
    let read: pinpoint_streams_model::plan::Plan =
        serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
    assert_eq!(read, one);
}
