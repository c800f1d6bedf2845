//! What a sweep does: quarantine, release, reap, delete; each carried out, and planned again.
use crate::sweep_account::{SweptAccount, changed};
use crate::workspace::*;
use pinpoint_streams_model::sweep::{QUARANTINE_POLICY, QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID};
use pinpoint_streams_model::{Detach, Op, Outputs, RoleOp, SweepAction, Verdict};
use pinpoint_streams_testkit::applied::lineage;
use pinpoint_streams_testkit::executor::cloud::WriteCloud as _;
use std::collections::BTreeSet;

#[tokio::test(start_paused = true)]
async fn a_quarantine_denies_everything_says_since_when_and_touches_nothing_else() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete", "alive", "import"]);
    let before = account.cloud.snapshot();
    let plan = account.apply().await;
    assert_eq!((plan.mode, plan.summary.quarantine, plan.summary.keep), (Mode::Sweep, 30, 12 + 6 + 5));
    let change = &plan.changes[0];
    assert_eq!((change.action, change.reason), (Action::Quarantine, Reason::Obsolete));
    let paths: Vec<_> = change.fields.iter().map(|field| field.path.as_str()).collect();
    assert_eq!(paths[0], "inline_policies.pinpoint-streams-quarantine");
    assert_eq!(change.fields[0].effect, Some(Direction::Narrows));
    assert!(paths.contains(&"tags.pinpoint-streams:quarantined-at"), "{paths:?}");
    assert!(
        change.notes.iter().any(|note| note.fact == Fact::NeverUsed { within_days: 400 }),
        "{:?}",
        change.notes
    );
    let of_one: Vec<String> = operations(&plan).into_iter().filter(|one| one.ends_with("/obsolete-1")).collect();
    assert_eq!(of_one, ["put_role_policy iam.123456789012/obsolete-1", "tag_role iam.123456789012/obsolete-1"]);
    let after = account.cloud.snapshot();
    for (arn, role) in &after.roles {
        let mut as_before = role.clone();
        as_before.inline_policies.retain(|name, _| name.as_str() != QUARANTINE_POLICY);
        as_before.tags.retain(|key, _| !key.starts_with("pinpoint-streams:quarantined-"));
        assert_eq!(as_before, before.roles[arn]);
    }
    assert!(account.cloud.outages().is_empty());
    let found = account.findings().await;
    assert_eq!((found.count(Verdict::Quarantined), found.count(Verdict::Obsolete)), (30, 0));
}

#[tokio::test(start_paused = true)]
async fn after_a_release_the_account_is_as_before_field_by_field_with_the_same_ids() {
    let mut account = SweptAccount::of_two_hundred_roles();
    let apart = ["quarantined", "tripped"];
    account.options.exclude = apart.map(|kind| format!("{kind}-*")).into();
    let before = account.cloud.snapshot();
    let plan = account.apply().await;
    assert!(plan.summary.quarantine > 60, "{:?}", plan.summary);
    assert_ne!(account.cloud.snapshot(), before);
    account.options.action = SweepAction::Release;
    let released = account.apply().await;
    assert_eq!(released.summary.release, plan.summary.quarantine);
    assert_eq!(released.changes[0].reason, Reason::Released);
    assert_eq!(released.changes[0].fields[0].effect, Some(Direction::Widens));
    assert_eq!(account.cloud.snapshot(), before);
}

#[tokio::test(start_paused = true)]
async fn a_quarantined_role_that_is_used_has_tripped_and_is_released_but_not_reaped() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete"]);
    account.apply().await;
    account.later(2);
    let used = account.left.of_kind("obsolete").next().unwrap().arn.clone();
    account.cloud.outside().use_role(&used, account.now(), &parsed("us-east-1"));
    account.later(40);
    let finding = account.finding(used.name.as_str()).await;
    assert_eq!(finding.verdict, Verdict::Tripped);
    assert!(matches!(finding.evidence[0].fact, Fact::UsedSinceQuarantine { .. }), "{finding:#?}");
    account.options.action = SweepAction::Reap { after_days: 30 };
    account.options.max_delete = 100;
    let plan = account.apply().await;
    assert_eq!(plan.summary.delete, 29);
    assert!(!changed(&plan).contains(&used.name.to_string()));
    account.options.action = SweepAction::Release;
    assert_eq!(changed(&account.apply().await), [used.name.to_string()]);
    assert_eq!(account.finding(used.name.as_str()).await.verdict, Verdict::Alive);
}

#[tokio::test(start_paused = true)]
async fn what_was_quarantined_long_enough_is_reaped_and_not_a_day_sooner() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete kinesis star"]);
    account.apply().await;
    account.options.action = SweepAction::Reap { after_days: 30 };
    account.later(29);
    let plan = account.plan().await;
    assert!(plan.is_empty(), "{:#?}", plan.changes);
    let by = vec![Fact::QuarantinedTooLately { days: 29, after_days: 30 }];
    assert_eq!(plan.warnings[0].fact, Fact::LeftAlone { by });
    account.later(1);
    let plan = account.apply().await;
    assert_eq!((plan.summary.delete, plan.changes[0].reason), (3, Reason::Reaped));
    let of_one = &operations(&plan)[..3];
    assert!(of_one[..2].iter().all(|one| one.starts_with("delete_role_policy")), "{of_one:?}");
    assert!(of_one[2].starts_with("delete_role "), "{of_one:?}");
    assert_eq!(account.cloud.snapshot().roles.len(), 12);
}

#[tokio::test(start_paused = true)]
async fn tags_are_no_record_of_a_quarantine() {
    let kinds = ["in use", "obsolete kinesis star"];
    let held = async |account: &SweptAccount, role: &RoleArn| {
        let finding = account.finding(role.name.as_str()).await;
        assert_eq!(finding.verdict, Verdict::Quarantined, "{finding:#?}");
        finding.held_by
    };
    let mut account = SweptAccount::with_kinds(&kinds);
    let roles: Vec<RoleArn> = account.left.of_kind("obsolete kinesis star").map(|role| role.arn.clone()).collect();
    account.apply().await;
    account.later(29);
    // Anyone with iam:TagRole.
    for role in &roles {
        account.cloud.outside().tag_role(role, QUARANTINED_AT, "2026-01-01T00:00:00Z");
    }
    account.options.action = SweepAction::Reap { after_days: 30 };
    let too_lately = [Fact::QuarantinedTooLately { days: 29, after_days: 30 }];
    assert_eq!(held(&account, &roles[0]).await, too_lately, "the tag's time is earlier than ours");
    account.later(1);
    assert!(held(&account, &roles[0]).await.is_empty());
    // A state that does not know of it, and one that knows of another role of its name.
    account.recorded.quarantined.remove(&roles[0]).unwrap();
    account.recorded.quarantined.get_mut(&roles[1]).unwrap().role_id = parsed("AROAANOTHERROLE00001");
    assert_eq!(held(&account, &roles[0]).await, [Fact::QuarantineNotRecorded {}]);
    assert_eq!(held(&account, &roles[1]).await, [Fact::QuarantineNotRecorded {}]);
    assert_eq!(changed(&account.apply().await), [roles[2].name.to_string()]);
    assert!(!account.recorded.quarantined.contains_key(&roles[2]), "what is deleted is no longer quarantined");
    // Released and quarantined again, it is ours.
    account.options.action = SweepAction::Release;
    account.apply().await;
    account.options.action = SweepAction::Quarantine;
    account.apply().await;
    account.later(31);
    account.options.action = SweepAction::Reap { after_days: 30 };
    assert_eq!(account.apply().await.summary.delete, 2);
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_deletion_began_is_not_released_without_its_policies() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete kinesis star"]);
    account.apply().await;
    account.later(31);
    account.options.action = SweepAction::Reap { after_days: 30 };
    // It is stopped after the first call.
    let plan = account.plan().await;
    let first = &plan.steps[0];
    let op = first.op.clone().resolve(&Outputs::new(), &lineage()).unwrap();
    let output = account.cloud.write(&op).await.unwrap().output;
    account.recorded.absorb(&first.address, &op, &output, account.now());
    let role = op.role().unwrap().clone();
    account.options.action = SweepAction::Release;
    let finding = account.finding(role.name.as_str()).await;
    assert_eq!(finding.held_by, [Fact::DeletionBegun {}], "{finding:#?}");
    let released = account.apply().await;
    assert_eq!(released.summary.release, 2, "the others");
    // A reap completes it.
    account.options.action = SweepAction::Reap { after_days: 30 };
    assert_eq!(changed(&account.apply().await), [role.name.to_string()]);
}

#[tokio::test(start_paused = true)]
async fn what_denies_everything_goes_last_so_that_a_role_never_works_again_on_its_way_out() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete kinesis star"]);
    account.apply().await;
    account.options.action = SweepAction::Reap { after_days: 30 };
    account.later(31);
    let plan = account.plan().await;
    for denial in plan.steps.iter().filter(|step| {
        matches!(&step.op, Op::Role(RoleOp::DeletePolicy { policy_name, .. }) if policy_name.as_str() == QUARANTINE_POLICY)
    }) {
        let of_role = plan.steps.iter().filter(|step| step.op.role() == denial.op.role());
        let others = of_role.filter(|step| step.id != denial.id && step.op.name() == "delete_role_policy");
        assert!(others.clone().count() > 0 && others.clone().all(|step| denial.after.contains(&step.id)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_reap_that_was_cut_short_is_finished_by_the_next() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete kinesis star"]);
    let bare: RoleArn = account.left.of_kind("obsolete kinesis star").next().unwrap().arn.clone();
    account.apply().await;
    account.later(31);
    let (cloud, snapshot) = (account.cloud.clone(), account.cloud.snapshot());
    for policy in snapshot.roles[&bare].inline_policies.keys() {
        cloud.outside().delete_inline_policy(&bare, policy);
    }
    assert_eq!(account.finding(bare.name.as_str()).await.verdict, Verdict::Quarantined);
    account.options.action = SweepAction::Reap { after_days: 30 };
    assert!(changed(&account.apply().await).contains(&bare.name.to_string()));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_still_as_it_was_quarantined_is_not_reaped() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete"]);
    account.apply().await;
    account.later(31);
    account.options.action = SweepAction::Reap { after_days: 30 };
    account.options.max_delete = 100;
    let names = ["obsolete-1", "obsolete-2", "obsolete-3", "obsolete-4", "obsolete-5"];
    let arns = names
        .map(|name| account.left.roles.iter().find(|role| role.arn.name.as_str() == name).unwrap().arn.clone());
    let (hand, policy) = (account.cloud.outside(), parsed(QUARANTINE_POLICY));
    hand.recreate_role(&arns[0]);
    hand.put_inline_policy(&arns[1], &policy, r#"{"Version":"2012-10-17","Statement":[]}"#);
    hand.untag_role(&arns[2], QUARANTINED_AT);
    hand.delete_inline_policy(&arns[3], &policy);
    hand.tag_role(&arns[4], QUARANTINED_AT, "yesterday");
    let found = account.findings().await;
    for name in names {
        let finding = found.roles.iter().find(|finding| finding.role.name.as_str() == name).unwrap();
        let reaped = finding.verdict == Verdict::Quarantined && finding.held_by.is_empty();
        assert!(!reaped, "{finding:#?}");
    }
    let plan = account.apply().await;
    assert_eq!(plan.summary.delete, 25);
    assert!(changed(&plan).iter().all(|name| !names.contains(&name.as_str())));
}

#[tokio::test(start_paused = true)]
async fn a_quarantine_broken_off_half_way_is_made_whole_and_one_undone_by_hand_is_respected() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete regional"]);
    let arns: Vec<_> = account.left.of_kind("obsolete regional").map(|role| role.arn.clone()).collect();
    account.apply().await;
    account.cloud.outside().untag_role(&arns[0], QUARANTINED_AT);
    account.cloud.outside().delete_inline_policy(&arns[1], &parsed(QUARANTINE_POLICY));
    account.later(1);
    let plan = account.apply().await;
    assert_eq!(operations(&plan), ["tag_role iam.123456789012/obsolete-regional-1"]);
    let finding = account.finding("obsolete-regional-2").await;
    assert_eq!(finding.verdict, Verdict::Alive);
    assert_eq!(finding.evidence[0].fact, Fact::QuarantineRemoved {});
    account.options.action = SweepAction::Release;
    assert_eq!(account.apply().await.summary.release, 3);
}

#[tokio::test(start_paused = true)]
async fn a_release_that_was_cut_short_is_known_as_ours_and_completed_by_the_next() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete regional"]);
    account.apply().await;
    account.options.action = SweepAction::Release;
    // Access is restored, and the tags are still there.
    let plan = account.plan().await;
    for step in plan.steps.iter().filter(|step| step.op.name() == "delete_role_policy") {
        let op = step.op.clone().resolve(&Outputs::new(), &lineage()).unwrap();
        let output = account.cloud.write(&op).await.unwrap().output;
        account.recorded.absorb(&step.address, &op, &output, account.now());
    }
    for action in [SweepAction::Quarantine, SweepAction::Delete] {
        account.options.action = action;
        let finding = account.finding("obsolete-regional-1").await;
        assert_eq!(finding.verdict, Verdict::Obsolete, "as before its quarantine: {finding:#?}");
        assert!(finding.evidence.iter().any(|known| known.fact == Fact::QuarantineReleased {}), "{finding:#?}");
        let is_held = finding.held_by.contains(&Fact::QuarantineReleased {});
        assert!(is_held, "first the rest of the release: {finding:#?}");
        assert!(account.plan().await.is_empty());
    }
    account.options.action = SweepAction::Release;
    let completed = account.apply().await;
    assert_eq!(completed.summary.release, plan.summary.release);
    assert!(completed.steps.iter().all(|step| step.op.name() == "untag_role"), "{:#?}", completed.steps);
    account.options.action = SweepAction::Quarantine;
    let finding = account.finding("obsolete-regional-1").await;
    assert_eq!((finding.verdict, &finding.held_by[..]), (Verdict::Obsolete, &[][..]), "{finding:#?}");
}

#[tokio::test(start_paused = true)]
async fn whatever_the_verdict_a_role_that_is_quarantined_says_so() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete regional"]);
    account.apply().await;
    let (role, app) = (&account.left.of_kind("obsolete regional").next().unwrap().arn, &account.left.apps[0].arn);
    let stream = "arn:aws:kinesis:us-east-1:123456789012:stream/a";
    account.cloud.outside().put_event_stream(app, stream, role);
    let finding = account.finding(role.name.as_str()).await;
    assert_eq!(finding.verdict, Verdict::InUse, "{finding:#?}");
    let is_dated = |fact: &Fact| matches!(fact, Fact::QuarantinedAt { .. });
    assert!(finding.evidence.iter().any(|known| is_dated(&known.fact)), "{finding:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_quarantine_that_the_state_does_not_have_says_so_before_a_reap_is_tried() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete regional"]);
    account.apply().await;
    let is_missing = |finding: &pinpoint_streams_model::Finding| {
        finding.evidence.iter().any(|known| known.fact == Fact::QuarantineNotRecorded {})
    };
    let finding = account.finding("obsolete-regional-1").await;
    assert!(!is_missing(&finding), "{finding:#?}");
    account.recorded.quarantined.clear();
    let finding = account.finding("obsolete-regional-1").await;
    assert!(finding.verdict == Verdict::Quarantined && is_missing(&finding), "{finding:#?}");
}

#[tokio::test(start_paused = true)]
async fn marks_of_a_quarantine_that_no_run_of_this_state_wrote_hide_no_use() {
    let account = SweptAccount::with_kinds(&["in use", "alive"]);
    let denial = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let roles: Vec<RoleArn> = account.left.of_kind("alive").map(|role| role.arn.clone()).collect();
    let hand = account.cloud.outside();
    for role in &roles {
        let id = account.cloud.snapshot().role(role.name.as_str()).id.to_string();
        for (key, value) in
            [(QUARANTINED_AT, "2027-06-01T00:00:00Z"), (QUARANTINED_BY, "r1"), (QUARANTINED_ID, &id)]
        {
            hand.tag_role(role, key, value);
        }
    }
    // One has the tags alone.
    roles[1..].iter().for_each(|role| hand.put_inline_policy(role, &parsed(QUARANTINE_POLICY), denial));
    for role in &roles {
        let finding = account.finding(role.name.as_str()).await;
        assert_eq!(finding.verdict, Verdict::Alive, "{finding:#?}");
        assert!(matches!(finding.evidence[0].fact, Fact::UsedLately { .. }), "{finding:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_time_in_the_tag_of_a_quarantine_hides_no_use_since_it_was_recorded() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete kinesis star"]);
    account.apply().await;
    let used = account.left.of_kind("obsolete kinesis star").next().unwrap().arn.clone();
    account.later(2);
    account.cloud.outside().use_role(&used, account.now(), &parsed("us-east-1"));
    account.cloud.outside().tag_role(&used, QUARANTINED_AT, "2027-06-01T00:00:00Z");
    assert_eq!(account.finding(used.name.as_str()).await.verdict, Verdict::Tripped);
}

#[tokio::test(start_paused = true)]
async fn two_sweeps_of_a_day_that_find_the_same_have_one_digest() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete kinesis star"]);
    let first = account.plan().await;
    account.cloud.clock().advance(std::time::Duration::from_secs(60));
    (account.options.now, account.options.run) = (account.now(), "another".to_owned());
    let second = account.plan().await;
    assert_ne!(first.steps, second.steps, "the tags have time and run");
    assert_eq!(first.plan_digest, second.plan_digest);
    assert_ne!(first.digest_of_all(), second.digest_of_all());
    account.later(1);
    assert_ne!(account.plan().await.plan_digest, first.plan_digest, "a plan expires");
    account.later(0);
    account.options.exclude.insert("x".to_owned());
    assert_ne!(account.plan().await.plan_digest, first.plan_digest);
}

#[tokio::test(start_paused = true)]
async fn foreign_policies_and_instance_profiles_hold_a_delete_back_until_they_are_allowed_off() {
    let kinds =
        ["with a foreign policy", "with a foreign inline policy", "in an instance profile", "with a boundary"];
    let mut account = SweptAccount::with_kinds(&[&kinds[..], &["in use"]].concat());
    account.options.action = SweepAction::Delete;
    let plan = account.plan().await;
    assert_eq!(changed(&plan), ["with-a-boundary-1"]);
    let held = &account.finding("in-an-instance-profile-1").await.held_by[0];
    let Fact::Problem { code: ProblemCode::ForeignAttachment, message, hint: Some(hint) } = held else {
        panic!("{held:?}")
    };
    assert!(message.contains("instance profiles") && hint.contains("--allow-detach profile"), "{held:?}");
    account.options.allow_detach = [Detach::Managed, Detach::Inline, Detach::Profile].into();
    let plan = account.apply().await;
    assert_eq!(plan.summary.delete, 7);
    assert_eq!(account.cloud.snapshot().roles.len(), 12);
}

#[tokio::test(start_paused = true)]
async fn a_straight_delete_takes_what_is_obsolete_and_old_enough_and_only_so_many() {
    let mut account = SweptAccount::with_kinds(&["in use", "obsolete", "too young", "quarantined"]);
    account.options.action = SweepAction::Delete;
    let problems = account.try_plan().await.unwrap_err();
    assert_eq!(problems[0].code, ProblemCode::MassDelete);
    assert!(problems[0].message.contains("30 roles of account 123456789012"), "{}", problems[0].message);
    account.options.exclude = BTreeSet::from(["OBSOLETE-1*".to_owned()]);
    let plan = account.apply().await;
    assert_eq!(plan.summary.delete, 19);
    assert!(plan.changes.iter().all(|change| change.reason == Reason::Obsolete));
    let young = account.finding("too-young-1").await;
    assert_eq!(
        (young.verdict, &young.held_by[..]),
        (Verdict::Obsolete, &[Fact::TooYoung { days: 3, min_days: 30 }][..])
    );
}

#[tokio::test(start_paused = true)]
async fn a_pattern_that_excludes_nothing_is_said() {
    let account =
        SweptAccount::with_kinds(&["obsolete"]).asked(|options| options.exclude = ["prod-*".to_owned()].into());
    let plan = account.plan().await;
    let fact = Fact::ExcludesNothing { pattern: "prod-*".to_owned() };
    assert!(plan.warnings.iter().any(|warning| warning.fact == fact));
}

#[tokio::test(start_paused = true)]
async fn a_pattern_that_cannot_match_a_role_name_is_a_problem() {
    let account = SweptAccount::with_kinds(&["obsolete"])
        .asked(|options| options.exclude = ["[".to_owned(), "Prod-?.@*".to_owned()].into());
    let problems = account.try_plan().await.unwrap_err();
    assert_eq!((problems.len(), problems[0].code), (1, ProblemCode::Selector), "{problems:#?}");
    assert!(problems[0].message.contains("`[`"), "{problems:#?}");
}

#[tokio::test(start_paused = true)]
async fn the_same_reads_give_the_same_plan_and_it_survives_being_saved() {
    let account = SweptAccount::of_two_hundred_roles();
    let plan = account.plan().await;
    assert_eq!(plan, account.plan().await);
    let saved: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!((&saved, saved.digest()), (&plan, plan.plan_digest.clone()));
    assert_eq!(saved.options.sweep.as_ref(), Some(&account.options));
}
