//! Operations of unknown outcome are settled by looking.
use crate::workspace::*;
use pinpoint_streams_model::{Op, Output, Outputs, Pending, Resolved, RoleOp, StepId};
use pinpoint_streams_testkit::applied::lineage;
use pinpoint_streams_testkit::executor::cloud::WriteCloud;

fn begun(step: StepId, address: Address, op: Op<Resolved>) -> Pending {
    Pending { run: parsed("lost"), step, address, op, began_at: pinpoint_streams_testkit::clock::START }
}

/// Begins each step of a plan in turn, once carried out and once not, forgets how it ended, and goes on.
async fn lose_the_end_of(step: usize, carried_out: bool) {
    let manifest = desired().app("blog", |app| app.created("Blog").kinesis("clicks")).build();
    let mut workspace = Workspace::new(manifest);
    let mut plan = workspace.plan().await;
    let lost = plan.steps.split_off(step).remove(0);
    workspace.carry_out(&plan).await;
    let apps = workspace.recorded.resources.values().filter_map(|resource| resource.object.as_app());
    let outputs: Outputs = apps.map(|app| (StepId(1), Output::App(app.id.clone()))).collect();
    let op: Op<Resolved> = lost.op.resolve(&outputs, &lineage()).unwrap();
    if carried_out {
        workspace.cloud.write(&op).await.unwrap();
    }
    workspace.recorded.pending.push(begun(lost.id, lost.address, op));
    workspace.apply().await;
    let left = workspace.cloud.snapshot();
    assert_eq!((left.apps.len(), left.roles.len()), (1, 1), "nothing twice, nothing orphaned");
}

#[tokio::test(start_paused = true)]
async fn whatever_was_begun_is_found_out_and_nothing_is_made_twice() {
    for step in 0..4 {
        for carried_out in [false, true] {
            lose_the_end_of(step, carried_out).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_whose_answer_was_lost_is_known_and_goes_with_its_line_in_the_manifest() {
    for lists_tags in [true, false] {
        let blog = |tag: bool| {
            desired()
                .app("blog", |app| if tag { app.created("Blog").tag("site", "1") } else { app.created("Blog") })
        };
        let mut workspace = Workspace::applied(blog(false)).edited(blog(true));
        workspace.cloud.list_apps_with_tags(lists_tags);
        let lost = workspace.plan().await.steps.remove(0);
        let op = lost.op.resolve(&Outputs::new(), &lineage()).unwrap();
        workspace.cloud.write(&op).await.unwrap();
        workspace.recorded.pending.push(begun(lost.id, lost.address, op));
        workspace.desired = blog(false).build();
        workspace.apply().await;
        let tags = workspace.cloud.apps_now().into_values().find_map(|app| app.tags).unwrap();
        assert_eq!(tags.get("site"), None, "nobody would ever take it off");
    }
}

/// The run that made a role ended before it wrote the role's policy.
#[tokio::test(start_paused = true)]
async fn a_role_that_was_not_finished_is_completed_as_new() {
    for (origin, reason, effect) in [
        (Origin::Created, Reason::New, None),
        // Somebody made it, and it may be in use.
        (Origin::Adopted, Reason::ManifestChanged, Some(Direction::Widens)),
    ] {
        let mut workspace = Workspace::new(shop().build());
        let mut plan = workspace.plan().await;
        let created = plan.steps.iter().position(|step| step.op.name() == "create_role").unwrap();
        plan.steps.truncate(created + 1);
        workspace.carry_out(&plan).await;
        let address: Address = parsed("role.shop");
        let resource = workspace.recorded.resources[&address].clone();
        workspace.recorded.resources.insert(address, Resource { origin, ..resource });
        let plan = workspace.apply().await;
        let of_role = change(&plan, "role.shop");
        assert_eq!((of_role.action, of_role.reason), (Action::Update, reason));
        let policy = of_role.fields.iter().find(|field| field.path.starts_with("inline_policies.")).unwrap();
        assert_eq!(policy.effect, effect, "{origin:?}");
    }
}

/// As a restore of what no manifest declares does.
#[tokio::test(start_paused = true)]
async fn a_role_that_an_interrupted_run_created_without_a_record_is_named_in_a_warning() {
    let mut workspace = Workspace::new(desired().app("shop", |app| app.kinesis("clicks")));
    let lost = workspace.plan().await.steps.remove(0);
    let mut op: Op<Resolved> = lost.op.resolve(&Outputs::new(), &lineage()).unwrap();
    let Op::Role(RoleOp::Create(create)) = &mut op else { panic!("the role comes first") };
    create.owner = None;
    create.arn = parsed("arn:aws:iam::123456789012:role/former");
    let warned = |plan: &Plan| -> Vec<String> {
        let unmanaged = plan
            .warnings
            .iter()
            .filter(|warning| matches!(warning.fact, Fact::Problem { code: ProblemCode::NotOurs, .. }));
        unmanaged.map(|warning| warning.address.as_ref().unwrap().to_string()).collect()
    };
    workspace.recorded.pending.push(begun(lost.id, parsed("iam.123456789012/former"), op.clone()));
    assert_eq!(warned(&workspace.plan().await), [""; 0], "it was not created");
    workspace.cloud.write(&op).await.unwrap();
    assert_eq!(warned(&workspace.plan().await), ["iam.123456789012/former"]);
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_cannot_be_read_is_a_problem_of_its_own() {
    let mut workspace = Workspace::new(desired().app("shop", |app| app.kinesis("clicks")));
    let lost = workspace.plan().await.steps.remove(0);
    let op = lost.op.resolve(&Outputs::new(), &lineage()).unwrap();
    workspace.recorded.pending.push(begun(lost.id, lost.address, op));
    for operation in ["GetRole", "GetAccountAuthorizationDetails"] {
        workspace.cloud.fail(When::operation(operation), Fault::Refuse(FailureKind::Denied));
    }
    let problems = workspace.problems().await;
    let unknown = problems.iter().find(|problem| problem.code == ProblemCode::OutcomeUnknown);
    assert_eq!(code(unknown.unwrap()).1, "role.shop");
    assert_eq!(serde_json::to_value(ProblemCode::OutcomeUnknown).unwrap(), "outcome_unknown");
}
