//! What holds of every plan, whatever the manifest was, is, and whatever another hand did meanwhile.
use crate::workspace::Workspace;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::plan::{Detach, Mode, Plan};
use pinpoint_streams_model::problem::{ProblemCode, Problems};
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::disturbance::{Disturbance, Gravity, some_disturbances_up_to};
use pinpoint_streams_testkit::strategies::manifests;
use proptest::prelude::{ProptestConfig, any, proptest};
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

/// Planning asks whatever it needs to know.
#[track_caller]
fn nothing_was_not_read(problems: &Problems) {
    let unread = problems.iter().find(|problem| problem.message.contains("was not read"));
    assert!(unread.is_none(), "{unread:#?}");
}

fn run(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_carried_out_leaves_nothing_to_do_and_stops_no_stream(
        before in manifests(),
        acts in some_disturbances_up_to(Gravity::Repairable),
        after in manifests(),
        last_first in any::<bool>(),
    ) {
        run(async {
            let mut workspace = applied_disturbed_and_edited(&before, &acts, &after);
            let plan = Workspace::demand(workspace.try_plan(Mode::Converge).await);
            workspace.carry_out_in(&plan, last_first).await;
            assert!(workspace.cloud.outages().is_empty(), "{:?}\n{plan:#?}", workspace.cloud.outages());
            let again = workspace.plan().await;
            assert!(again.is_empty(), "{:#?}\n{:#?}", again.changes, again.steps);
            let gone = workspace.destroy().await;
            assert_eq!(gone.summary.keep, 0);
            assert!(workspace.recorded.resources.is_empty());
        });
    }

    #[test]
    fn what_was_lost_is_a_problem_and_never_one_of_planning_itself(
        before in manifests(),
        acts in some_disturbances_up_to(Gravity::Lost),
        after in manifests(),
        mode in proptest::sample::select(vec![Mode::Converge, Mode::Destroy, Mode::Drift]),
    ) {
        run(async {
            let workspace = applied_disturbed_and_edited(&before, &acts, &after);
            match workspace.try_plan(mode).await {
                Ok(_) => {}
                Err(problems) => {
                    nothing_was_not_read(&problems);
                    let other = problems.iter().find(|problem| {
                        !matches!(problem.code, ProblemCode::IdentityChanged | ProblemCode::NotOurs)
                    });
                    assert!(other.is_none(), "{problems:#?}");
                }
            }
        });
    }

    #[test]
    fn a_partial_plan_settles_what_it_covers_and_leaves_the_rest_to_be_planned(
        before in manifests(),
        acts in some_disturbances_up_to(Gravity::Repairable),
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
                    workspace.carry_out_in(&plan, last_first).await;
                    assert!(workspace.cloud.outages().is_empty(), "{:?}\n{plan:#?}", workspace.cloud.outages());
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
            workspace.carry_out_in(&plan, last_first).await;
            assert!(workspace.cloud.outages().is_empty(), "{:?}\n{plan:#?}", workspace.cloud.outages());
            assert!(workspace.plan().await.is_empty());
        });
    }

    #[test]
    fn a_failed_read_is_a_problem_or_was_not_needed(
        before in manifests(),
        acts in some_disturbances_up_to(Gravity::Repairable),
        after in manifests(),
        at in any::<Index>(),
        mode in proptest::sample::select(vec![Mode::Converge, Mode::Destroy, Mode::Drift]),
        kind in proptest::sample::select(vec![
            FailureKind::Denied, FailureKind::Throttled, FailureKind::ServiceEnded, FailureKind::Server,
        ]),
    ) {
        run(async {
            let workspace = applied_disturbed_and_edited(&before, &acts, &after);
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
