//! What holds of every plan, whatever the manifest was and is, and whatever was changed outside pinpoint-streams.
use crate::workspace::Workspace;
use pinpoint_streams_model::desired::Moved;
use pinpoint_streams_model::{
    AppId, AppIdentity, AppKey, Desired, DesiredEventStream, Detach, FailureKind, Mode, Plan, ProblemCode,
    Problems, RoleKey, RoleRef,
};
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::disturbance::{Disturbance, Severity, some_disturbances_up_to};
use pinpoint_streams_testkit::strategies::manifests;
use pinpoint_streams_testkit::{nightly, parsed};
use proptest::prelude::{any, proptest};
use proptest::sample::Index;

/// Everything is allowed, so that what is left over is a problem indeed.
fn applied_disturbed_and_edited(before: &Desired, acts: &[Disturbance], after: &Desired) -> Workspace {
    let workspace = Workspace::applied(before.clone());
    for act in acts {
        act.apply(&workspace.cloud);
    }
    workspace.edited(after.clone()).with(|options| {
        options.delete_apps = true;
        options.allow_mass_delete = true;
        options.allow_detach = [Detach::Managed, Detach::Inline, Detach::Profile].into();
    })
}

/// Carries a plan out, and demands that no event stream stops meanwhile.
async fn carry_out(workspace: &mut Workspace, plan: &Plan, last_first: bool) {
    workspace.carry_out_in(plan, last_first).await;
    assert!(workspace.cloud.outages().is_empty(), "{:?}\n{plan:#?}", workspace.cloud.outages());
}

/// Planning asks whatever it needs to know.
#[track_caller]
fn nothing_was_not_read(problems: &Problems) {
    let unread = problems.iter().find(|problem| problem.message.contains("was not read"));
    assert!(unread.is_none(), "{unread:#?}");
}

/// Gives an app, and the role of its own, another key. A created app needs the block: its data hangs on its key.
fn rename(desired: &mut Desired, from: &AppKey, with_block: bool) {
    let Some(app) = desired.apps.remove(from) else { return };
    let to: AppKey = parsed(&format!("{from}-renamed"));
    if with_block || matches!(app.identity, AppIdentity::Owned { .. }) {
        desired.moved.push(Moved { from: from.clone(), to: to.clone() });
    }
    let mut app = app;
    if let Some(DesiredEventStream { role: RoleRef::Managed(role), .. }) = &mut app.event_stream {
        let own = RoleKey::from(from.clone());
        let new = if *role == own { RoleKey::from(to.clone()) } else { role.clone() };
        if let Some(mut desired_role) = desired.roles.remove(role) {
            let others = std::mem::take(&mut desired_role.apps).into_iter().filter(|app| app != from);
            desired_role.apps = others.chain([to.clone()]).collect();
            desired.roles.insert(new.clone(), desired_role);
        }
        *role = new;
    }
    desired.apps.insert(to, app);
}

fn run(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(nightly::cases(100, 2_000))]

    #[test]
    fn a_plan_carried_out_leaves_nothing_to_do_and_stops_no_stream(
        before in manifests(),
        acts in some_disturbances_up_to(Severity::Repairable),
        after in manifests(),
        last_first in any::<bool>(),
    ) {
        run(async {
            let mut workspace = applied_disturbed_and_edited(&before, &acts, &after);
            let plan = Workspace::demand(workspace.try_plan(Mode::Converge).await);
            carry_out(&mut workspace, &plan, last_first).await;
            workspace.settled().await;
            let gone = workspace.destroy().await;
            assert_eq!(gone.summary.keep, 0);
            assert!(workspace.recorded.resources.is_empty());
        });
    }

    #[test]
    fn what_was_lost_is_a_problem_and_never_one_of_planning_itself(
        before in manifests(),
        acts in some_disturbances_up_to(Severity::Lost),
        after in manifests(),
        mode in proptest::sample::select(vec![Mode::Converge, Mode::Destroy, Mode::Drift]),
    ) {
        run(async {
            let workspace = applied_disturbed_and_edited(&before, &acts, &after);
            let Err(problems) = workspace.try_plan(mode).await else { return };
            nothing_was_not_read(&problems);
            let other = problems.iter().find(|problem| {
                !matches!(problem.code, ProblemCode::IdentityChanged | ProblemCode::NotOurs)
            });
            assert!(other.is_none(), "{problems:#?}");
        });
    }

    #[test]
    fn a_partial_plan_settles_what_it_covers_and_leaves_the_rest_to_be_planned(
        before in manifests(),
        acts in some_disturbances_up_to(Severity::Repairable),
        after in manifests(),
        picks in proptest::collection::vec(any::<Index>(), 1..3),
        exclude in any::<bool>(),
        last_first in any::<bool>(),
    ) {
        run(async {
            let mut workspace = applied_disturbed_and_edited(&before, &acts, &after);
            let mut addresses: Vec<String> =
                workspace.recorded.resources.keys().map(ToString::to_string).collect();
            addresses.extend(workspace.desired.roles.keys().map(|key| format!("role.{key}")));
            let streams = workspace.desired.apps.iter().filter(|(_, app)| app.event_stream.is_some());
            addresses.extend(streams.map(|(key, _)| format!("event_stream.{key}")));
            if addresses.is_empty() {
                return;
            }
            let picked = picks.iter().map(|pick| pick.get(&addresses).clone()).collect();
            if exclude {
                workspace.options.excludes = picked;
            } else {
                workspace.options.targets = picked;
            }
            match workspace.try_plan(Mode::Converge).await {
                Ok(plan) => {
                    carry_out(&mut workspace, &plan, last_first).await;
                    match workspace.try_plan(Mode::Converge).await {
                        Ok(again) => {
                            assert!(again.is_empty(), "{:#?}\n{:#?}\n{plan:#?}", again.changes, again.steps);
                        }
                        // What was selected is gone, so that the pattern fits nothing any more.
                        Err(problems) => {
                            let other = problems.iter().find(|problem| problem.code != ProblemCode::Selector);
                            assert!(other.is_none(), "{problems:#?}");
                        }
                    }
                }
                Err(problems) => {
                    nothing_was_not_read(&problems);
                    panic!("{problems:#?}");
                }
            }
            workspace.options.targets.clear();
            workspace.options.excludes.clear();
            let plan = workspace.plan().await;
            carry_out(&mut workspace, &plan, last_first).await;
            workspace.settled().await;
        });
    }

    #[test]
    fn an_app_under_another_key_goes_on_streaming(
        before in manifests(),
        mut after in manifests(),
        keys in proptest::collection::vec((0..8usize, any::<bool>()), 1..4),
        last_first in any::<bool>(),
    ) {
        run(async {
            for (key, with_block) in keys {
                rename(&mut after, &parsed(&format!("app{key}")), with_block);
            }
            let mut workspace = applied_disturbed_and_edited(&before, &[], &after);
            match workspace.try_plan(Mode::Converge).await {
                Ok(plan) => {
                    carry_out(&mut workspace, &plan, last_first).await;
                    let again = workspace.plan().await;
                    assert!(again.is_empty(), "{:#?}\n{:#?}\n{plan:#?}", again.changes, again.steps);
                    let kept = before.apps.values().filter(|app| app.event_stream.is_some());
                    let kept = kept.filter_map(|app| match &app.identity {
                        AppIdentity::Existing(id) => Some(id),
                        AppIdentity::Owned { .. } => None,
                    });
                    let still = |id: &AppId| after.apps.values().any(|app| app.event_stream.is_some() && app.identity == AppIdentity::Existing(id.clone()));
                    for id in kept.filter(|id| still(id)) {
                        let deleted = workspace.cloud.calls().into_iter().any(|call| call.operation == "DeleteEventStream" && call.subject == id.as_str());
                        assert!(!deleted, "{id}: {plan:#?}");
                    }
                }
                // A role that keeps its name under another key, without the block.
                Err(problems) => {
                    let other = problems.iter().find(|problem| {
                        !matches!(problem.code, ProblemCode::RecordedElsewhere | ProblemCode::RoleInUse)
                    });
                    let first = problems[0].code;
                    assert!(other.is_none() && first == ProblemCode::RecordedElsewhere, "{problems:#?}");
                }
            }
        });
    }

    #[test]
    fn a_plan_that_ends_anywhere_is_finished_by_the_next_whatever_that_wants(
        before in manifests(),
        middle in manifests(),
        after in manifests(),
        end in any::<Index>(),
        last_first in any::<bool>(),
        again in any::<bool>(),
    ) {
        run(async {
            let mut workspace = applied_disturbed_and_edited(&before, &[], &middle);
            let mut plan = workspace.plan().await;
            if !plan.steps.is_empty() {
                plan.steps.truncate(end.index(plan.steps.len()));
            }
            carry_out(&mut workspace, &plan, last_first).await;
            workspace = workspace.edited(if again { middle } else { after });
            let plan = workspace.plan().await;
            carry_out(&mut workspace, &plan, last_first).await;
            workspace.settled().await;
        });
    }

    #[test]
    fn a_failed_read_is_a_problem_or_was_not_needed(
        before in manifests(),
        acts in some_disturbances_up_to(Severity::Repairable),
        after in manifests(),
        at in any::<Index>(),
        mode in proptest::sample::select(vec![Mode::Converge, Mode::Destroy, Mode::Drift]),
        kind in proptest::sample::select(vec![
            FailureKind::Denied, FailureKind::Throttled, FailureKind::ServiceEnded, FailureKind::Server,
        ]),
    ) {
        run(async {
            let workspace = applied_disturbed_and_edited(&before, &acts, &after);
            workspace.cloud.list_apps_with_tags(false);
            let Ok(whole) = workspace.try_plan(mode).await else { return };
            let reads = workspace.cloud.calls();
            if reads.is_empty() {
                return;
            }
            let failed = at.get(&reads);
            let (operation, subject) = (failed.operation, failed.subject.clone());
            let account = failed.account.clone();
            let what = format!("{operation} {subject} {kind:?}");
            workspace.cloud.fail(When::matching(move |call| {
                call.operation == operation && call.subject == subject && call.account == account
            }), Fault::Refuse(kind));
            match workspace.try_plan(mode).await {
                Ok(plan) => {
                    assert_eq!(plan.steps, whole.steps, "{what}");
                    // Nothing here rests on these.
                    let changes = |plan: &Plan| plan.changes.iter().map(|one| (one.address.clone(), one.action, one.reason)).collect::<Vec<_>>();
                    assert_eq!(changes(&plan), changes(&whole), "{what}");
                }
                Err(problems) => {
                    nothing_was_not_read(&problems);
                    let other = problems.iter().find(|problem| problem.code != ProblemCode::Unreadable);
                    assert!(other.is_none(), "{what}: {problems:#?}");
                    assert!(problems.iter().all(|problem| problem.message.contains(operation)), "{what}: {problems:#?}");
                }
            }
        });
    }
}
