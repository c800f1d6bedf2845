//! The fake cloud injects latency, faults, crashes and outside changes as scripted, and detects when a stream stops.
use pinpoint_streams_executor::cloud::{CloudError, ReadCloud, WriteCloud};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::{FailureKind, LiveEventStream, LiveRole, Question, Quotas, Read};
use pinpoint_streams_model::op::{
    DeleteEventStream, EventStreamOp, Op, PutEventStream, RecordOp, Resolved, RoleOp,
};
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::role_kind::RoleKind;
use pinpoint_streams_testkit::cloud::{Cut, Fault, Hindrance, Service, When};
use pinpoint_streams_testkit::{FakeCloud, Reads, app_id, desired, parsed};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// One app, streaming.
fn shop() -> (FakeCloud, Recorded) {
    FakeCloud::applied(&desired().app("shop", |app| app.kinesis("clicks")).build())
}

fn app() -> AppArn {
    AppArn { region: parsed("us-east-1"), account: parsed("123456789012"), id: app_id("shop") }
}

fn role() -> RoleArn {
    parsed("arn:aws:iam::123456789012:role/pinpoint-streams/PinpointEventStream-shop")
}

fn put(role: &RoleArn) -> Op<Resolved> {
    let AppArn { region, account, id } = app();
    let destination = parsed("arn:aws:kinesis:us-east-1:123456789012:stream/clicks");
    let role_arn = role.clone();
    Op::EventStream(EventStreamOp::Put(PutEventStream {
        account,
        region,
        app_id: id,
        destination,
        role_arn,
        protect: false,
        record: true,
    }))
}

fn trust(apps: &[&str]) -> Op<Resolved> {
    let arns = apps.iter().map(|id| AppArn::with_id(&app().region, &app().account, id));
    let trust_policy = RoleKind::for_event_streams().trust_policy(&app().account, arns);
    Op::Role(RoleOp::UpdateTrustPolicy { role: role(), trust_policy })
}

fn kind<T>(answer: Result<T, CloudError>) -> Option<FailureKind> {
    answer.err().map(|error| error.kind)
}

fn unread<T>(read: Read<T>) -> Option<FailureKind> {
    read.known().err().map(|why| why.kind)
}

#[tokio::test(start_paused = true)]
async fn what_was_applied_streams_and_is_recorded() {
    let (cloud, recorded) = shop();
    assert_eq!(kind(cloud.write(&put(&role())).await), None);
    let addresses: Vec<_> = recorded.resources.keys().map(ToString::to_string).collect();
    assert_eq!(addresses, ["role.shop", "event_stream.shop"]);
    assert_eq!(cloud.outages(), []);
}

#[tokio::test(start_paused = true)]
async fn pinpoint_sees_a_change_of_a_role_only_after_a_while_and_the_old_one_until_then() {
    let (cloud, _) = shop();
    cloud.set_propagation(Duration::from_secs(10));
    cloud.write(&trust(&["another"])).await.unwrap();
    assert_eq!(kind(cloud.write(&put(&role())).await), None, "the old policy still holds");
    tokio::time::sleep(Duration::from_secs(11)).await;
    cloud.write(&trust(&[app().id.as_str()])).await.unwrap();
    assert_eq!(kind(cloud.write(&put(&role())).await), Some(FailureKind::RoleNotReady));
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(kind(cloud.write(&put(&role())).await), None);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_stops_an_event_stream_is_an_outage() {
    let (cloud, _) = shop();
    cloud.write(&trust(&[app().id.as_str(), "another"])).await.unwrap();
    assert_eq!(cloud.outages(), [], "to widen stops nothing");
    cloud.write(&trust(&["another"])).await.unwrap();
    let outages = cloud.outages();
    assert_eq!(outages.len(), 1);
    assert_eq!((&outages[0].app, outages[0].operation), (&app(), "UpdateAssumeRolePolicy"));
    assert_eq!(outages[0].why, Hindrance::NotAdmitted(role()));
}

#[tokio::test(start_paused = true)]
async fn taking_the_key_from_a_role_is_an_outage_though_put_event_stream_would_not_see_it() {
    let with_key = desired().app("shop", |app| app.firehose("lake").kms_key("1234abcd"));
    let (cloud, _) = FakeCloud::applied(&with_key.build());
    let without_key = desired().app("shop", |app| app.firehose("lake")).build();
    let document = RoleKind::for_event_streams().permissions(&without_key.roles[&parsed("shop")].targets);
    let policy_name = parsed("PinpointEventStreamPermissionsPolicy");
    cloud.write(&Op::Role(RoleOp::PutPolicy { role: role(), policy_name, document })).await.unwrap();
    assert!(matches!(cloud.outages()[0].why, Hindrance::MayNot { action: "kms:GenerateDataKey", .. }));
}

#[tokio::test(start_paused = true)]
async fn what_stops_outside_of_the_program_or_by_deletion_is_not_an_outage() {
    let (cloud, _) = shop();
    let AppArn { region, account, id: app_id } = app();
    let live = cloud.snapshot().event_streams[&app()].clone();
    let (destination, role_arn) = (live.destination, live.role_arn);
    let delete = DeleteEventStream { account, region, app_id, destination, role_arn };
    cloud.write(&Op::EventStream(EventStreamOp::Delete(delete))).await.unwrap();
    cloud.write(&put(&role())).await.unwrap();
    cloud.outside().delete_inline_policy(&role(), &parsed("PinpointEventStreamPermissionsPolicy"));
    cloud.write(&trust(&["another"])).await.unwrap();
    assert_eq!(cloud.outages(), []);
}

#[tokio::test(start_paused = true)]
async fn a_fault_strikes_the_calls_it_is_meant_for() {
    let (cloud, _) = shop();
    cloud.fail(When::operation("PutEventStream").nth(2), Fault::Refuse(FailureKind::Throttled));
    cloud.fail(When::any().about("nobody"), Fault::Refuse(FailureKind::Denied));
    assert_eq!(kind(cloud.write(&put(&role())).await), None);
    assert_eq!(kind(cloud.write(&put(&role())).await), Some(FailureKind::Throttled));
    assert_eq!(kind(cloud.write(&put(&role())).await), None);
    assert_eq!(
        unread(cloud.read(&Question::role(&app().account, &parsed("nobody"))).await),
        Some(FailureKind::Denied)
    );
    cloud.heal();
    assert_eq!(cloud.role(&AccountRole::of(&app().account, &parsed("nobody"))).await.unwrap(), None);
    assert_eq!(cloud.count("PutEventStream"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_hides_that_the_work_was_done() {
    let (cloud, _) = shop();
    cloud.fail(When::write(), Fault::LoseAnswer);
    let error = cloud.write(&trust(&["another"])).await.unwrap_err();
    assert_eq!((error.kind, error.definitely_refused), (FailureKind::Timeout, false));
    assert!(cloud.snapshot().role(role().name.as_str()).trust_policy.to_json().contains("another"));
    assert!(cloud.calls()[0].carried_out);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_never_answered_hangs_and_one_that_is_delayed_comes_late() {
    let (cloud, _) = shop();
    cloud.fail(When::operation("GetRole").nth(1), Fault::NeverAnswer);
    cloud.fail(When::operation("GetRole").nth(2), Fault::Delay(Duration::from_secs(5)));
    let read = || async { cloud.role(&role().in_account()).await.unwrap() };
    assert!(timeout(Duration::from_secs(3600), read()).await.is_err());
    let begun = Instant::now();
    assert!(read().await.is_some());
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_read_can_overlook_what_is_there() {
    let (cloud, _) = shop();
    cloud.outside().hide_from_bulk(&role());
    cloud.fail(When::operation("GetEventStream").first(1), Fault::Overlook);
    let question = Question::EventStream(app());
    let read = || cloud.read_as::<LiveEventStream>(&question);
    let (first, second) = (read().await.known().unwrap(), read().await.known().unwrap());
    assert_eq!((first.is_some(), second.is_some()), (false, true));
    assert!(cloud.all_roles(&role().account).await.unwrap().is_empty());
    assert!(cloud.role(&role().in_account()).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn calls_beyond_the_rate_are_throttled_until_time_passes() {
    let (cloud, _) = shop();
    cloud.limit_rate(Service::Iam, 2, 3);
    let read = || async { unread(cloud.read(&Question::Quotas(app().account.clone())).await) };
    let throttled = Some(FailureKind::Throttled);
    assert_eq!([read().await, read().await, read().await, read().await], [None, None, None, throttled]);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!([read().await, read().await], [None, throttled]);
    assert_eq!(unread(cloud.read(&Question::Apps(app().place())).await), None, "another service");
}

#[tokio::test(start_paused = true)]
async fn a_crash_before_a_write_prevents_it_and_one_after_it_does_not() {
    for (cut, done) in [(Cut::before_write(2), false), (Cut::after_write(2), true)] {
        let (cloud, _) = shop();
        cloud.set_latency(Duration::from_secs(1));
        cloud.crash_at(cut);
        let run = async {
            cloud.write(&put(&role())).await.unwrap();
            cloud.write(&trust(&["another"])).await.unwrap();
            unreachable!("it dies in the second write");
        };
        assert_eq!(cloud.until_crash(run).await, None::<()>);
        let call = cloud.calls().pop().unwrap();
        assert_eq!((call.carried_out, call.answer), (done, None));
        cloud.restart();
        let read = cloud.role(&role().in_account()).await.unwrap().unwrap();
        assert_eq!(read.trust_policy.to_json().contains("another"), done);
    }
}

#[tokio::test(start_paused = true)]
async fn the_dead_are_not_answered_even_when_another_program_runs() {
    let (cloud, _) = shop();
    cloud.set_latency(Duration::from_secs(10));
    let other = tokio::spawn({
        let cloud = cloud.clone();
        async move { cloud.write(&trust(&["another"])).await }
    });
    tokio::task::yield_now().await;
    cloud.crash_at(Cut::before(When::read()));
    assert!(cloud.until_crash(cloud.read_as::<Quotas>(&Question::Quotas(app().account.clone()))).await.is_none());
    cloud.restart();
    assert!(timeout(Duration::from_secs(60), other).await.is_err());
    assert!(!cloud.snapshot().role(role().name.as_str()).trust_policy.to_json().contains("another"));
}

#[tokio::test(start_paused = true)]
async fn the_log_knows_how_many_calls_were_under_way() {
    let (cloud, _) = shop();
    cloud.set_latency(Duration::from_secs(1));
    let account = app().account;
    let (quotas, caller) = (Question::Quotas(account.clone()), Question::Caller(account));
    let (_, _, _) = tokio::join!(cloud.read(&quotas), cloud.read(&quotas), cloud.read(&caller));
    assert_eq!(cloud.most_under_way(), 3);
    cloud.clear_log();
    cloud.read(&caller).await.required().unwrap();
    assert_eq!((cloud.most_under_way(), cloud.calls()[0].number), (1, 4));
}

#[tokio::test(start_paused = true)]
async fn policies_are_respelled_without_a_change_of_meaning() {
    let (cloud, _) =
        FakeCloud::applied(&desired().app("shop", |app| app.firehose("lake").kms_key("1234")).build());
    let before = cloud.snapshot().role(role().name.as_str()).clone();
    cloud.outside().respell_policies(&role());
    let after = cloud.snapshot().role(role().name.as_str()).clone();
    assert!(same_meaning(&before.trust_policy, &after.trust_policy));
    for (name, policy) in &before.inline_policies {
        assert_ne!(policy, &after.inline_policies[name], "at least the Sids differ");
        assert!(same_meaning(policy, &after.inline_policies[name]));
    }
    let Op::EventStream(EventStreamOp::Put(put)) = put(&role()) else { unreachable!() };
    let destination = parsed("arn:aws:firehose:us-east-1:123456789012:deliverystream/lake");
    let put = Op::EventStream(EventStreamOp::Put(PutEventStream { destination, ..put }));
    assert_eq!(kind(cloud.write(&put).await), None);
}

#[tokio::test(start_paused = true)]
async fn a_role_made_again_outside_is_another_role_of_the_same_name() {
    let (cloud, _) = shop();
    let before = cloud.snapshot().role(role().name.as_str()).clone();
    let id = cloud.outside().recreate_role(&role());
    let after = cloud.snapshot().role(role().name.as_str()).clone();
    assert_ne!(before.id, id);
    assert_eq!(LiveRole { id: before.id.clone(), ..after }, before);
}

#[tokio::test(start_paused = true)]
async fn what_was_attached_to_a_role_outside_prevents_its_deletion() {
    let (cloud, _) = shop();
    let delete =
        Op::Role(RoleOp::Delete { role: role(), role_id: cloud.snapshot().role(role().name.as_str()).id.clone() });
    let policy_name = parsed("PinpointEventStreamPermissionsPolicy");
    cloud.outside().attach_policy(&role(), &parsed("arn:aws:iam::aws:policy/ReadOnlyAccess"));
    cloud.outside().put_in_instance_profile(&role(), "web");
    cloud.write(&Op::Role(RoleOp::DeletePolicy { role: role(), policy_name })).await.unwrap();
    for hanging in ["instance profile", "detach all policies"] {
        let error = cloud.write(&delete).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::DeleteConflict);
        assert!(error.message.contains(hanging), "{error}");
        if hanging == "instance profile" {
            let op = RoleOp::RemoveFromProfile { role: role(), instance_profile: "web".to_owned() };
            cloud.write(&Op::Role(op)).await.unwrap();
        }
    }
    let policy = parsed("arn:aws:iam::aws:policy/ReadOnlyAccess");
    let detach = RoleOp::DetachPolicy { role: role(), policy };
    cloud.write(&Op::Role(detach)).await.unwrap();
    cloud.write(&delete).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_no_policy_spoils_only_its_own_role() {
    let two = desired().app("shop", |app| app.kinesis("clicks")).app("blog", |app| app.kinesis("clicks"));
    let (cloud, _) = FakeCloud::applied(&two.build());
    cloud.outside().put_trust_policy(&role(), r#"{"Version": "2030-01-01"}"#);
    let all = cloud.all_roles(&app().account).await.unwrap();
    let kinds: Vec<_> = all.into_values().map(unread).collect();
    assert_eq!(kinds, [None, Some(FailureKind::Unintelligible)]);
    assert_eq!(
        unread(cloud.read(&Question::role(&app().account, &role().name)).await),
        Some(FailureKind::Unintelligible)
    );
}

#[tokio::test]
#[should_panic(expected = "for the record alone")]
async fn an_operation_on_the_record_alone_must_not_come_to_a_cloud() {
    let (cloud, _) = shop();
    drop(cloud.write(&Op::Record(RecordOp::Forget {})).await);
}

#[tokio::test]
async fn an_account_that_was_not_made_has_no_credentials() {
    assert_eq!(
        unread(FakeCloud::new().read(&Question::Caller(app().account.clone())).await),
        Some(FailureKind::Credentials)
    );
}
