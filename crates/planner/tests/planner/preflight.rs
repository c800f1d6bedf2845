//! What AWS would refuse is found before the first write, all at once.
use crate::workspace::*;
use pinpoint_streams_model::LiveStream;
use pinpoint_streams_model::desired::Safety;
use pinpoint_streams_model::plan::Warning;

fn active() -> LiveStream {
    LiveStream { active: true, status: "ACTIVE".to_owned(), direct_put: true, customer_key: None }
}

fn with_key() -> DesiredBuilder {
    desired().app("shop", |app| app.kinesis("clicks").kms_key("1234abcd"))
}

async fn with_stream(stream: LiveStream) -> ProblemCode {
    let workspace = Workspace::new(shop());
    workspace.cloud.add_stream_as(&parsed(CLICKS), stream);
    workspace.problem().await.code
}

#[tokio::test(start_paused = true)]
async fn a_stream_must_be_there_active_direct_put_and_readable_by_the_role() {
    let workspace = Workspace::new(shop());
    workspace.cloud.outside().delete_stream(&parsed(CLICKS));
    workspace.refused(ProblemCode::StreamNotFound, "event_stream.shop").await;
    let creating = LiveStream { active: false, status: "CREATING".to_owned(), ..active() };
    assert_eq!(with_stream(creating).await, ProblemCode::StreamNotActive);
    assert_eq!(with_stream(LiveStream { direct_put: false, ..active() }).await, ProblemCode::StreamNotDirectPut);
    let key = Some("arn:aws:kms:us-east-1:123456789012:key/1".to_owned());
    assert_eq!(with_stream(LiveStream { customer_key: key, ..active() }).await, ProblemCode::StreamKeyMissing);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_deleted_or_suspended_has_its_own_hint() {
    for (status, hint) in [("CREATING", "wait until"), ("DELETING", "use another"), ("SUSPENDED", "resume it")] {
        let workspace = Workspace::new(shop());
        let stream = LiveStream { active: false, status: status.to_owned(), ..active() };
        workspace.cloud.add_stream_as(&parsed(CLICKS), stream);
        let problem = workspace.problem().await;
        assert!(problem.hint.as_ref().is_some_and(|text| text.contains(hint)), "{problem:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_alias_is_not_compared_with_the_declared_key() {
    for alias in ["alias/clicks", "arn:aws:kms:us-east-1:123456789012:alias/clicks"] {
        let stream = LiveStream { customer_key: Some(alias.to_owned()), ..active() };
        assert_eq!(with_stream(stream.clone()).await, ProblemCode::StreamKeyMissing);

        let workspace = Workspace::new(with_key());
        workspace.cloud.add_stream_as(&parsed(CLICKS), stream);
        let plan = workspace.plan().await;
        let warned = |fact: &Fact| {
            matches!(fact, Fact::Problem { code: ProblemCode::StreamKeyMissing, message, .. }
                if message.contains("cannot be compared with kms_key"))
        };
        assert!(plan.warnings.iter().any(|warning| warned(&warning.fact)), "{:?}", plan.warnings);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_description_cannot_be_parsed_is_warned_about() {
    let workspace = Workspace::new(shop());
    workspace.cloud.fail(When::operation("DescribeStreamSummary"), Fault::Refuse(FailureKind::Unintelligible));
    let plan = workspace.plan().await;
    let warned = |fact: &Fact| {
        matches!(fact, Fact::Problem { code: ProblemCode::Unreadable, message, .. }
            if message.contains("cannot be parsed"))
    };
    assert!(plan.warnings.iter().any(|warning| warned(&warning.fact)), "{:?}", plan.warnings);
}

#[tokio::test(start_paused = true)]
async fn what_is_only_kept_is_warned_about() {
    let workspace = Workspace::applied(shop());
    let stream = LiveStream { active: false, status: "DELETING".to_owned(), ..active() };
    workspace.cloud.add_stream_as(&parsed(CLICKS), stream);
    let plan = workspace.settled().await;
    assert!(matches!(&plan.warnings[0].fact, Fact::Problem { message, .. } if message.contains("DELETING")));
}

#[tokio::test(start_paused = true)]
async fn an_app_given_by_id_must_exist_whatever_was_recorded() {
    let workspace = Workspace::applied(shop());
    workspace.cloud.outside().delete_app(&shop_app());
    let problems = workspace.problems().await;
    assert!(problems.iter().any(|problem| problem.code == ProblemCode::AppNotFound), "{problems:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_trust_policy_over_the_quota_is_found_before_anything_is_written() {
    let many = (0..40).fold(desired().shared_role("all", |role| role), |manifest, index| {
        manifest.app(&format!("app{index}"), |app| app.kinesis("clicks").role("all"))
    });
    let problem = Workspace::new(many).problem().await;
    assert_eq!(code(&problem), (ProblemCode::TrustPolicyTooLarge, "role.all".to_owned()));
    assert!(problem.message.contains("2048"), "{}", problem.message);
}

#[tokio::test(start_paused = true)]
async fn required_tags_are_required_of_apps_and_roles() {
    let safety = Safety { required_tags: ["team".to_owned()].into(), ..Safety::default() };
    let manifest = desired()
        .app("blog", |app| app.created("Blog").kinesis("clicks"))
        .app("shop", |app| app.kinesis("clicks").own_role(|role| role.tag("team", "growth")))
        .safety(safety);
    let problems = Workspace::new(manifest).problems().await;
    let found: Vec<_> = problems.iter().map(code).collect();
    let expected = ["app.blog", "role.blog"].map(|address| (ProblemCode::RequiredTagMissing, address.to_owned()));
    assert_eq!(found, expected);
}

#[tokio::test(start_paused = true)]
async fn a_role_managed_elsewhere_that_does_not_fit_is_warned_about_and_never_written() {
    let role = "arn:aws:iam::123456789012:role/Elsewhere";
    let manifest = desired().app("shop", |app| app.kinesis("clicks").role_elsewhere(role)).build();
    let mut workspace = Workspace::new(manifest);
    let plan = workspace.plan().await;
    // It admits every app of the account.
    let is_weak = |warning: &Warning| matches!(warning.fact, Fact::WeakPolicies { .. });
    assert!(plan.warnings.iter().all(is_weak), "{:?}", plan.warnings);
    workspace.cloud.outside().put_trust_policy(&parsed(role), r#"{"Version":"2012-10-17","Statement":[]}"#);
    let plan = workspace.plan().await;
    assert!(matches!(plan.warnings[0].fact, Fact::DoesNotAdmit { .. }), "{:?}", plan.warnings);
    workspace.desired.apps.clear();
    workspace.settled().await;
}

#[tokio::test(start_paused = true)]
async fn a_role_managed_elsewhere_with_weak_policies_is_warned_about() {
    let role = "arn:aws:iam::123456789012:role/Elsewhere";
    let manifest = desired().app("shop", |app| app.kinesis("clicks").role_elsewhere(role)).build();
    let workspace = Workspace::new(manifest);
    let weak = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"Service":["pinpoint.amazonaws.com","lambda.amazonaws.com"]}}}"#;
    workspace.cloud.outside().put_trust_policy(&parsed(role), weak);
    let warnings = workspace.plan().await.warnings;
    let [Warning { fact: Fact::WeakPolicies { role: named, findings }, .. }] = &warnings[..] else {
        panic!("{warnings:?}")
    };
    assert_eq!((named.to_string(), findings.len()), (role.to_owned(), 3), "{findings:?}");
}

#[tokio::test(start_paused = true)]
async fn all_problems_come_at_once() {
    let manifest = shop().app("blog", |app| app.kinesis("missing")).build();
    let workspace = Workspace::new(manifest);
    for stream in ["clicks", "missing"] {
        workspace.cloud.outside().delete_stream(&parsed(&CLICKS.replace("clicks", stream)));
    }
    assert_eq!(workspace.problems().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_stream_still_needs_is_not_taken_off_the_role() {
    let mut workspace = Workspace::applied(with_key());
    workspace.desired = shop().build();
    workspace.refused(ProblemCode::StreamKeyMissing, "event_stream.shop").await;
}

#[tokio::test(start_paused = true)]
async fn quotas_that_cannot_be_read_are_said_to_be_unchecked() {
    let workspace = Workspace::new(shop());
    workspace.cloud.fail(When::operation("GetAccountSummary"), Fault::Refuse(FailureKind::Denied));
    let plan = workspace.plan().await;
    assert!(matches!(plan.warnings[0].fact, Fact::QuotasNotRead { .. }), "{:?}", plan.warnings);
}
