//! The right accounts, and not too much at once.
use crate::workspace::*;

fn apps(count: usize) -> DesiredBuilder {
    (0..count).fold(desired(), |manifest, index| manifest.app(&format!("app{index}"), |app| app.kinesis("clicks")))
}

/// Two accounts, and one app in one of them.
fn in_account(alias: &str) -> DesiredBuilder {
    let accounts = desired().account("other", "210987654321");
    accounts.app("app0", |app| app.account(alias).existing("x").kinesis("clicks"))
}

#[tokio::test(start_paused = true)]
async fn too_many_deletes_are_a_problem_until_they_are_allowed() {
    let mut workspace = Workspace::applied(apps(10)).edited(apps(6));
    let problem = workspace.problem().await;
    assert_eq!(problem.code, ProblemCode::MassDelete);
    assert!(problem.message.contains("8 of 20"), "{}", problem.message);
    assert!(workspace.try_plan(Mode::Destroy).await.is_ok(), "destroy has a confirmation of its own");
    workspace.options.allow_mass_delete = true;
    workspace.apply().await;
}

#[tokio::test(start_paused = true)]
async fn what_vanished_counts_as_a_loss() {
    let workspace = Workspace::applied(apps(10));
    for role in workspace.cloud.snapshot().roles.keys() {
        workspace.cloud.outside().delete_role(role);
    }
    assert_eq!(workspace.problem().await.code, ProblemCode::MassDelete);
}

#[tokio::test(start_paused = true)]
async fn another_account_than_the_recorded_one_is_a_problem_that_names_both() {
    let mut workspace = Workspace::applied(apps(1));
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
    let workspace = Workspace::new(apps(1));
    workspace.cloud.set_caller(&parsed("123456789012"), &parsed("210987654321"));
    assert_eq!(code(&workspace.problem().await), (ProblemCode::WrongCaller, String::new()));
}

#[tokio::test(start_paused = true)]
async fn the_same_inputs_give_the_same_plan_byte_for_byte() {
    let workspace = Workspace::new(apps(5));
    let (one, two) = (workspace.plan().await, workspace.plan().await);
    assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&two).unwrap());
    assert_eq!(one.plan_digest, one.digest());
    let read: Plan = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
    assert_eq!(read, one);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_no_longer_declared_is_a_problem_also_where_its_addresses_still_are() {
    let elsewhere = in_account("other");
    let mut elsewhere_alone = elsewhere.clone().build();
    elsewhere_alone.accounts.remove(&parsed("default"));
    let mut workspace = Workspace::applied(apps(1)).edited(elsewhere);
    workspace.desired = elsewhere_alone;
    let problem = workspace.problem().await;
    assert_eq!(problem.code, ProblemCode::WrongAccount);
    assert!(problem.message.contains("210987654321") && problem.message.contains("123456789012"));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_something_leaves_is_asked_who_we_are_there() {
    let workspace = Workspace::applied(in_account("default")).edited(in_account("other"));
    workspace.cloud.set_caller(&parsed("123456789012"), &parsed("999999999999"));
    assert_eq!(workspace.problem().await.code, ProblemCode::WrongCaller);
}

#[tokio::test(start_paused = true)]
async fn an_app_that_moves_to_another_account_streams_there_and_leaves_nothing_behind() {
    let mut workspace = Workspace::applied(in_account("default")).edited(in_account("other"));
    workspace.apply().await;
    let left = workspace.cloud.snapshot();
    assert_eq!((left.roles.len(), left.event_streams.len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn another_alias_for_the_same_account_changes_nothing() {
    let mut workspace = Workspace::applied(apps(1));
    workspace.recorded.accounts = workspace.desired.accounts.clone();
    let account = workspace.desired.accounts.pop_first().unwrap().1;
    workspace.desired.accounts.insert(parsed("main"), account);
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn every_account_that_is_not_where_the_state_says_is_told_at_once() {
    let both = desired()
        .account("other", "210987654321")
        .app("shop", |app| app.kinesis("clicks"))
        .app("far", |app| app.account("other").kinesis("clicks"));
    let elsewhere = desired().account("default", "345678901234").app("shop", |app| app.kinesis("clicks")).build();
    let mut workspace = Workspace::applied(both);
    workspace.recorded.accounts = workspace.desired.accounts.clone();
    let problems = workspace.edited(elsewhere).problems().await;
    let named = |account: &str| problems.iter().filter(|problem| problem.message.contains(account)).count();
    assert!(problems.iter().all(|problem| problem.code == ProblemCode::WrongAccount), "{problems:#?}");
    assert_eq!((named("in the state"), named("account 210987654321")), (1, 1), "{problems:#?}");
}
