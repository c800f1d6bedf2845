//! How plans, problems, outcomes and states look.
use super::Detail;
use super::plan::plan;
use crate::settings::Environment;
use crate::testing::{self, app_arn, change, new_app_arn, plain, trust};
use crate::ui::error::Error;
use crate::ui::problems;
use insta::assert_snapshot;
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::plan::{Mode, Plan, Warning};
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use serde_json::{Value, json};

fn shown(changes: &[Value]) -> String {
    plain(&plan(&testing::plan(changes), Detail::Changes, 100))
}

const WORKSPACE_TAG: &str = "tags.pinpoint-streams:workspace";

fn one(path: &str, before: Value, after: Value) -> Value {
    json!([{"path": path, "before": before, "after": after}])
}

fn every_action() -> Plan {
    let stream = json!("arn:aws:kinesis:eu-west-1:123456789012:stream/c");
    testing::plan(&[
        change("app.blog", "create", "new", one("name", Value::Null, json!("Blog"))),
        change(
            "role.blog",
            "create",
            "new",
            json!([
                {"path": "trust_policy", "before": null, "after": trust(&[new_app_arn()])},
                {"path": "max_session_duration", "before": null, "after": 3600},
            ]),
        ),
        change(
            "role.shop",
            "update",
            "drifted",
            json!([
                {"path": "trust_policy", "before": trust(&[app_arn("a1"), app_arn("b2")]),
                 "after": trust(&[app_arn("a1"), new_app_arn()]), "effect": "both"},
                {"path": "description", "before": "by hand \u{202e}", "after": ""},
                {"path": "tags.team", "before": null, "after": "growth"},
                {"path": "permissions_boundary", "before": "arn:aws:iam::123456789012:policy/b", "after": null},
            ]),
        ),
        {
            let mut replace = change("role.mail", "replace", "replace_asked", json!([]));
            replace["notes"] = json!(["stops streaming until the role is ready"]);
            replace
        },
        change("event_stream.blog", "create", "depends_on", one("app_id", Value::Null, json!({"after_step": 1}))),
        change("event_stream.old", "delete", "removed_from_manifest", one("destination", stream, Value::Null)),
        change("role.found", "adopt", "adoption_asked", one(WORKSPACE_TAG, Value::Null, json!("growth"))),
        change("role.legacy", "forget", "forget_asked", json!([])),
    ])
}

#[test]
fn each_change_shows_its_sign_its_address_why_and_only_the_fields_that_change() {
    assert_snapshot!(plain(&plan(&every_action(), Detail::Changes, 100)));
}

#[test]
fn with_every_detail_whole_policies_and_the_fields_of_creates_are_shown() {
    assert_snapshot!(plain(&plan(&every_action(), Detail::Everything, 100)));
}

#[test]
fn every_reason_is_shown_in_words() {
    let reasons = "new manifest_changed drifted manifest_changed_and_drifted vanished depends_on \
         moved lost_record adoption_asked replace_asked removed_from_manifest destroy_asked forget_asked";
    let changes: Vec<Value> =
        reasons.split(' ').map(|reason| change("role.shop", "update", reason, json!([]))).collect();
    assert_snapshot!(shown(&changes));
}

#[test]
fn a_policy_that_only_widens_shows_the_line_that_it_gains() {
    let fields = json!([{"path": "inline_policies.P", "effect": "widens",
        "before": permissions(&["kinesis:PutRecords"]),
        "after": permissions(&["kinesis:DescribeStream", "kinesis:PutRecords"])}]);
    assert_snapshot!(shown(&[change("role.shop", "update", "manifest_changed", fields)]));
}

fn permissions(actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions,
        "Resource": "arn:aws:kinesis:eu-west-1:123456789012:stream/c"}]})
}

#[test]
fn a_value_that_is_no_policy_is_shown_as_it_is() {
    let fields = json!([{"path": "trust_policy", "before": "not a policy", "after": permissions(&["a:b"])}]);
    assert_snapshot!(shown(&[change("role.shop", "update", "drifted", fields)]));
}

#[test]
fn a_long_plan_is_grouped_by_account_and_region_with_counts() {
    let mut changes: Vec<Value> =
        (0..12).map(|n| change(&format!("event_stream.a{n}"), "create", "new", json!([]))).collect();
    changes.extend((0..9).map(|n| change(&format!("role.a{n}"), "update", "drifted", json!([]))));
    let mut elsewhere = change("event_stream.far", "delete", "removed_from_manifest", json!([]));
    elsewhere["account"] = json!("210987654321");
    elsewhere["region"] = json!("us-east-1");
    changes.push(elsewhere);
    assert_snapshot!(shown(&changes));
}

#[test]
fn a_plan_without_changes_says_so() {
    assert_snapshot!(shown(&[]));
}

#[test]
fn a_partial_plan_says_what_was_selected() {
    let mut partial = testing::plan(&[change("role.shop", "create", "new", json!([]))]);
    partial.options.targets = vec!["role.shop".to_owned(), "app.*".to_owned()];
    partial.options.excludes = vec!["event_stream.\u{1b}[2J".to_owned()];
    assert_snapshot!(plain(&plan(&partial, Detail::Changes, 100)));
}

#[test]
fn drift_has_its_own_last_line() {
    let mut drift = testing::plan(&[
        change("role.shop", "update", "drifted", one("description", json!("a"), json!("b"))),
        change("event_stream.shop", "delete", "vanished", json!([])),
    ]);
    drift.mode = Mode::Drift;
    assert_snapshot!(plain(&plan(&drift, Detail::Changes, 100)));
}

#[test]
fn without_colours_nothing_is_lost_and_with_them_nothing_is_said_otherwise() {
    let text = plan(&every_action(), Detail::Changes, 100);
    assert!(text.contains("\u{1b}["));
    assert!(!plain(&text).contains('\u{1b}'));
}

#[test]
fn the_json_of_a_plan_is_a_contract() {
    let json = super::json(&every_action());
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), every_action());
    assert_snapshot!(json);
}

fn two_problems() -> Vec<Problem> {
    vec![
        Problem {
            code: ProblemCode::StreamNotFound,
            address: Some("event_stream.shop".parse().unwrap()),
            message: "there is no stream `clickstream` in us-east-1 \u{1b}[31m".to_owned(),
            hint: Some("create it, or name another under [streams.*]".to_owned()),
        },
        Problem {
            code: ProblemCode::MassDelete,
            address: None,
            message: "the plan deletes 30 of 40 resources, and [safety] max_delete is 12".to_owned(),
            hint: None,
        },
    ]
}

#[test]
fn problems_say_where_what_and_what_to_do() {
    assert_snapshot!(plain(&problems::text(&two_problems())));
}

#[test]
fn problems_in_json_are_a_contract() {
    assert_snapshot!(Error::Problems(two_problems()).json(&Environment::default(), str::to_owned));
}

#[test]
fn warnings_are_a_line_each() {
    assert_snapshot!(plain(&problems::warnings(&every_action().warnings)));
}

#[test]
fn a_warning_about_many_resources_is_one_line() {
    let warning = |name: &str| {
        let bundle = "old.evidence".to_owned();
        let address = format!("iam.123456789012/{name}").parse().ok();
        Warning { address, fact: Fact::LeftAlone { by: vec![Fact::RestsOnKept { bundle }] } }
    };
    let lines = |names: &[&str]| {
        let all: Vec<Warning> = names.iter().map(|name| warning(name)).collect();
        plain(&problems::warnings(&all))
    };
    let end = "skipped: a delete needs a sweep without --evidence old.evidence: only live answers permit it\n";
    assert_eq!(lines(&["a"]), format!("warning: iam.123456789012/a: {end}"));
    assert_eq!(lines(&["a", "b"]), format!("warning: iam.123456789012/a and iam.123456789012/b: {end}"));
    assert_eq!(lines(&["a", "b", "c"]), format!("warning: iam.123456789012/a and 2 more: {end}"));
}

mod after_an_apply {
    use super::plain;
    use crate::ui::views::outcome::{Continuation, NextCommands, Rows, closing_line, outcome};
    use insta::assert_snapshot;
    use pinpoint_streams_executor::Outcome;
    use pinpoint_streams_executor::execute::{NotWritten, StateWrite, StepOutcome, StepResult};
    use pinpoint_streams_model::event::{Ending, StepFailure};
    use pinpoint_streams_model::ids::{Serial, StepId};
    use pinpoint_streams_model::recorded::Recorded;
    use pinpoint_streams_store::state::StateError;
    use std::error::Error;
    use std::sync::Arc;

    fn of(ending: Ending, steps: Vec<(&str, &'static str, StepResult)>) -> Outcome {
        let numbered = steps.into_iter().zip(1..).map(|((address, op, result), number)| {
            (StepId(number), StepOutcome { address: address.parse().unwrap(), op, result })
        });
        Outcome {
            ending,
            steps: numbered.collect(),
            recorded: Recorded::default(),
            state: None,
            state_written: Ok(StateWrite::Serial(Serial(2))),
        }
    }

    fn shown(of: &Outcome) -> String {
        shown_with(of, None)
    }

    fn shown_with(of: &Outcome, push: Option<&str>) -> String {
        let (plan, apply) = ("`ps plan`".to_owned(), "`ps apply`".to_owned());
        let push = push.map(str::to_owned);
        let next = NextCommands {
            plan: Some(plan),
            purpose: "to look",
            continuation: Continuation::SameCommand(apply),
            restore: None,
            push,
        };
        plain(&outcome(of, &next, Rows::All, 120))
    }

    fn done() -> StepResult {
        StepResult::Done { request_id: None }
    }

    #[test]
    fn what_failed_was_skipped_or_not_started_is_listed_with_its_reason() {
        let failure = StepFailure {
            code: "AccessDenied".to_owned(),
            message: "not authorized to perform: iam:PutRolePolicy".to_owned(),
            request_id: Some("7a62".to_owned()),
            details: vec!["restored: inline policy write of role.shop".to_owned()],
            hints: vec!["allow iam:PutRolePolicy for these credentials".to_owned()],
        };
        assert_snapshot!(shown(&of(
            Ending::Failed,
            vec![
                ("role.shop", "create_role", done()),
                ("role.shop", "put_role_policy", StepResult::Failed(failure)),
                ("event_stream.shop", "put_event_stream", StepResult::Skipped { because_of: StepId(2) }),
                ("role.news", "create_role", StepResult::Unfinished(stopped())),
                ("role.mail", "create_role", StepResult::NotStarted { reason: "the run was stopped".to_owned() }),
            ],
        )));
    }

    fn stopped() -> StepFailure {
        StepFailure {
            code: "Stopped".to_owned(),
            message: "stopped while waiting to retry: BadRequestException: the role is not ready".to_owned(),
            request_id: Some("7a63".to_owned()),
            details: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// 40 steps that wait for IAM when the run is stopped are not 40 failures, and not 40 rows.
    #[test]
    fn steps_that_a_stop_cut_short_are_unfinished_and_share_a_reason() {
        let steps = (0..40).map(|_| ("event_stream.shop", "put_event_stream", StepResult::Unfinished(stopped())));
        let shown = shown(&of(Ending::Stopped, steps.collect()));
        assert!(shown.contains("Stopped: 0 of 1 resource; 0 of 40 calls done, 40 unfinished."), "{shown}");
        assert_snapshot!(shown);
    }

    #[test]
    fn a_saved_plan_that_was_stopped_is_planned_again() {
        let continuation = Continuation::PlanAgain {
            save: "`ps plan --out shop.plan`".to_owned(),
            apply: "`ps apply shop.plan`".to_owned(),
        };
        let restore = Some("`ps restore .pinpoint-streams/archive/20261129T100000Z-7b8c988bcfc5`".to_owned());
        let next = NextCommands { plan: None, purpose: "to look", continuation, restore, push: None };
        let left = StepResult::NotStarted { reason: "the run was stopped".to_owned() };
        let stopped =
            of(Ending::Stopped, vec![("role.shop", "delete_role", done()), ("role.mail", "tag_role", left)]);
        assert_snapshot!(plain(&outcome(&stopped, &next, Rows::NotDone, 80)));
    }

    /// As the plan counts: a role that is replaced is one resource, and the state takes no call.
    #[test]
    fn resources_are_counted_before_calls() {
        let left = || StepResult::NotStarted { reason: "the run was stopped".to_owned() };
        let replaced = |last: StepResult| {
            vec![
                ("iam.123456789012/Old", "move_record", done()),
                ("role.shop", "create_role", done()),
                ("event_stream.shop", "put_event_stream", done()),
                ("iam.123456789012/Old", "delete_role", last),
                ("app.blog", "write_record", done()),
            ]
        };
        let line = |ending, steps| plain(&closing_line(&of(ending, steps)));
        assert_eq!(line(Ending::Done, replaced(done())), "Applied: 3 resources, with 3 calls.");
        let stopped = line(Ending::Stopped, replaced(left()));
        assert_eq!(stopped, "Stopped: 3 of 4 resources; 2 of 3 calls done, 1 not started.");
        let record = vec![("role.shop", "write_record", done())];
        assert_eq!(line(Ending::Done, record), "Applied: 1 resource, in the state alone.");
        assert_eq!(line(Ending::NoChanges, Vec::new()), "Nothing to do.");
    }

    #[test]
    fn of_many_steps_those_that_are_done_are_only_counted() {
        let steps = (0..21).map(|_| ("role.shop", "tag_role", done())).collect();
        assert_snapshot!(shown(&of(Ending::Done, steps)));
    }

    #[test]
    fn a_state_that_could_not_be_written_is_said_where_every_step_is_done() {
        let mut outcome = of(Ending::Failed, vec![("role.shop", "create_role", done())]);
        outcome.state_written = Err(NotWritten::ExitedNow);
        assert_snapshot!(shown(&outcome));
        let refused = Arc::<dyn Error + Send + Sync>::from(Box::<dyn Error + Send + Sync>::from("AccessDenied"));
        let place = "s3://growth-state/state.json".to_owned();
        outcome.state_written = Err(NotWritten::State(StateError::Store { place, source: refused }));
        assert_snapshot!(shown_with(&outcome, Some("`ps state push growth.unpushed-7b8c.state.json`")));
    }
}

mod records {
    use super::plain;
    use crate::ui::views::state;
    use insta::assert_snapshot;
    use pinpoint_streams_model::address::Address;
    use pinpoint_streams_model::recorded::{Recorded, Resource};
    use serde_json::{Value, json};

    fn recorded() -> Recorded {
        let resource = |mut value: Value| -> Resource {
            let common = json!({"account": "123456789012", "origin": "created", "named_under": "shop",
                "changed_at": "2026-11-23T10:00:00Z"});
            value.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
            serde_json::from_value(value).unwrap()
        };
        let role = json!({"kind": "role", "arn": "arn:aws:iam::123456789012:role/Shop", "id": "AROAQ7SSZBKHRKPWRZUN6",
            "trust_policy": crate::testing::trust(&[crate::testing::app_arn("a1")]), "inline_policies": {},
            "description": "by \u{1b}[31mhand", "max_session_duration": 3600, "tags": {"team": "growth"}});
        let app = json!({"kind": "app", "region": "eu-west-1", "id": "a1", "name": "Shop\u{202e}", "tags": {},
            "protect": true});
        let address = |text: &str| -> Address { text.parse().unwrap() };
        Recorded {
            lineage: Some("3f2a".parse().unwrap()),
            resources: [(address("role.shop"), resource(role)), (address("app.shop"), resource(app))]
                .into_iter()
                .collect(),
            ..Recorded::default()
        }
    }

    #[test]
    fn the_state_is_a_line_a_resource() {
        let text = |recorded: &Recorded| plain(&state::text(&"growth".parse().unwrap(), recorded, 80, None));
        assert_snapshot!(text(&recorded()));
        assert_snapshot!(text(&Recorded::default()));
    }

    #[test]
    fn one_resource_is_a_line_a_field() {
        for (address, resource) in &recorded().resources {
            assert_snapshot!(plain(&state::resource(address, resource, 80)));
        }
    }

    #[test]
    fn the_json_of_the_state_is_a_contract() {
        assert_snapshot!(state::json(&"growth".parse().unwrap(), &recorded()));
        assert_snapshot!(state::list_json(&recorded()));
    }
}
