//! How many calls reading takes, and what becomes of what cannot be read.
use pinpoint_streams_model::{
    AccountId, AccountRole, AppArn, AppIdentity, Desired, FailureKind, Live, Question, Read, RoleArn,
};
use pinpoint_streams_planner::Inquiry;
use pinpoint_streams_testkit::cloud::{Fault, When};
use pinpoint_streams_testkit::{FakeCloud, Questions, ask, desired, parsed};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

fn manifest(apps: usize) -> Desired {
    (0..apps).fold(desired(), |built, n| built.app(&format!("app{n}x"), |app| app.kinesis("clicks"))).build()
}

/// What a plan of this manifest asks.
fn questions(desired: &Desired) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    for app in desired.apps.values() {
        let AppIdentity::Existing(id) = &app.identity else { continue };
        questions.extend(Question::of_account(&app.account));
        questions.insert(Question::Apps(app.place()));
        questions.insert(Question::EventStream(app.arn(id)));
        questions.extend(app.event_stream.iter().map(|stream| Question::Stream(stream.target.arn.clone())));
    }
    for (key, role) in &desired.roles {
        questions.insert(Question::role(&role.account, &role.arn_under(key).unwrap().name));
    }
    questions
}

fn account() -> AccountId {
    parsed("123456789012")
}

#[tokio::test(start_paused = true)]
async fn reading_takes_one_call_an_app_and_a_few_more() {
    let desired = manifest(200);
    let (cloud, _) = FakeCloud::applied(&desired);
    let found = ask(&Questions(|_: &Live| questions(&desired)), &cloud).await;
    assert!(questions(&desired).iter().all(|question| found.live.answers(question)));
    assert!(cloud.calls().len() <= 210 + 40, "{:?}", cloud.counts());
    assert_eq!((cloud.count("GetEventStream"), cloud.count("GetAccountAuthorizationDetails")), (200, 1));
    assert!(cloud.most_under_way() <= 10);
}

#[tokio::test(start_paused = true)]
async fn a_small_workspace_does_not_pay_for_a_big_account() {
    let desired = manifest(3);
    let (cloud, _) = FakeCloud::applied(&desired);
    let trust = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    let trust = pinpoint_streams_model::policy::Document::from_json(trust).unwrap();
    for n in 0..900 {
        cloud.add_role(&parsed(&format!("arn:aws:iam::123456789012:role/other{n}")), &trust);
    }
    let found = ask(&Questions(|_: &Live| questions(&desired)), &cloud).await;
    assert_eq!((cloud.count("GetRole"), cloud.count("GetAccountAuthorizationDetails")), (3, 0));
    assert_eq!(found.live.roles.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn where_bulk_reads_are_denied_roles_are_read_one_by_one_and_a_hint_says_so() {
    let desired = manifest(20);
    let (cloud, _) = FakeCloud::applied(&desired);
    cloud.fail(When::operation("GetAccountAuthorizationDetails"), Fault::Refuse(FailureKind::Denied));
    let found = ask(&Questions(|_: &Live| questions(&desired)), &cloud).await;
    assert_eq!(found.live.roles.values().filter(|role| role.present().is_some()).count(), 20);
    assert_eq!(found.hints.len(), 1);
    assert!(found.hints[0].to_string().contains("20 roles of 123456789012 were read one by one"));
}

#[tokio::test(start_paused = true)]
async fn a_bulk_read_tells_what_is_absent_and_shows_others_that_trust_pinpoint() {
    let desired = manifest(20);
    let (cloud, _) = FakeCloud::applied(&desired);
    let gone: pinpoint_streams_model::ids::RoleName = parsed("gone");
    let wants = |_: &Live| {
        let mut wants = questions(&desired);
        wants.retain(
            |question| !matches!(question, Question::Role { role, .. } if role.name.as_str().contains("app7x")),
        );
        wants.insert(Question::role(&account(), &gone));
        wants
    };
    let found = ask(&Questions(wants), &cloud).await;
    assert_eq!(found.live.roles.get(&AccountRole::of(&account(), &gone)), Some(&Read::Absent));
    assert_eq!(found.live.roles.values().filter(|role| role.present().is_some()).count(), 20);
}

#[tokio::test(start_paused = true)]
async fn an_error_is_never_absence() {
    let desired = manifest(2);
    let (cloud, _) = FakeCloud::applied(&desired);
    cloud.fail(When::read(), Fault::Refuse(FailureKind::Server));
    let live = ask(&Questions(|_: &Live| questions(&desired)), &cloud).await.live;
    assert!(live.roles.values().all(|role| matches!(role, Read::Unreadable(_))));
    assert!(live.event_streams.values().all(|stream| matches!(stream, Read::Unreadable(_))));
    assert!(live.streams.values().chain([]).all(|stream| matches!(stream, Read::Unreadable(_))));
    assert!(live.apps.values().all(|apps| matches!(apps, Read::Unreadable(_))));
    assert!(live.callers.values().all(|caller| matches!(caller, Read::Unreadable(_))));
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_raises_is_asked_in_turn() {
    let desired = manifest(20);
    let (cloud, recorded) = FakeCloud::applied(&desired);
    let role = recorded.resources.values().find_map(|resource| match &resource.object {
        pinpoint_streams_model::recorded::Object::Role(role) => Some(role.arn.clone()),
        _ => None,
    });
    let role = role.unwrap();
    cloud.outside().hide_from_bulk(&role);
    let key = role.in_account();
    let wants = |live: &Live| {
        let mut wants = questions(&desired);
        if live.roles.get(&key) == Some(&Read::Absent) {
            wants.insert(Question::role_directly(&account(), &role.name));
        }
        wants
    };
    let live = ask(&Questions(wants), &cloud).await.live;
    assert!(live.roles[&key].present().is_some() && live.roles_read_directly.contains(&key));
    assert_eq!(cloud.count("GetRole"), 1);
}

/// The event streams of so many apps, and the channels of each app whose event stream was read.
fn event_streams_then_channels(apps: usize, live: &Live) -> BTreeSet<Question> {
    let app = |n| AppArn::of(&account(), &parsed("us-east-1"), &parsed(&format!("app{n}")));
    let channels = live.event_streams.keys().cloned().map(Question::Channels);
    (0..apps).map(|n| Question::EventStream(app(n))).chain(channels).collect()
}

fn slow_cloud() -> FakeCloud {
    let cloud = FakeCloud::new();
    cloud.add_account(&account());
    cloud.set_latency(Duration::from_millis(50));
    cloud
}

/// When calls of this operation were made, in order.
fn times(cloud: &FakeCloud, operation: &str) -> Vec<Instant> {
    cloud.calls().iter().filter(|call| call.operation == operation).map(|call| call.at).collect()
}

#[tokio::test(start_paused = true)]
async fn answers_are_followed_up_while_other_questions_wait_and_nothing_is_asked_twice() {
    let cloud = slow_cloud();
    ask(&Questions(|live: &Live| event_streams_then_channels(200, live)), &cloud).await;
    let (event_streams, channels) = (times(&cloud, "GetEventStream"), times(&cloud, "GetChannels"));
    assert_eq!((event_streams.len(), channels.len()), (200, 200));
    assert!(channels[0] < event_streams[100]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_followed_up_though_no_other_comes() {
    let cloud = slow_cloud();
    cloud.fail(When::operation("GetEventStream").from(2), Fault::Delay(Duration::from_secs(60)));
    let began = Instant::now();
    ask(&Questions(|live: &Live| event_streams_then_channels(5, live)), &cloud).await;
    assert!(times(&cloud, "GetChannels")[0] - began < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn roles_that_answers_name_one_after_the_other_are_still_read_in_bulk() {
    let desired = manifest(40);
    let (cloud, _) = FakeCloud::applied(&desired);
    cloud.set_latency(Duration::from_millis(200));
    let wants = |live: &Live| {
        let mut wants = questions(&desired);
        wants.retain(|question| !matches!(question, Question::Role { .. }));
        let named = live.event_streams.values().filter_map(Read::present);
        let named = named.map(|stream| parsed::<RoleArn>(&stream.role_arn));
        wants.extend(named.map(|role| Question::role(&role.account, &role.name)));
        wants
    };
    let found = ask(&Questions(wants), &cloud).await;
    assert_eq!((cloud.count("GetRole"), cloud.count("GetAccountAuthorizationDetails")), (0, 1));
    assert_eq!(found.live.roles.values().filter(|role| role.present().is_some()).count(), 40);
}

/// An inquiry that may not be asked ahead, as most.
struct InRounds;

impl Inquiry for InRounds {
    type Output = ();

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        event_streams_then_channels(200, live)
    }

    fn conclude(&self, _: &Live) {}
}

#[tokio::test(start_paused = true)]
async fn where_a_later_answer_may_make_a_question_needless_it_waits_for_all_answers() {
    let cloud = slow_cloud();
    ask(&InRounds, &cloud).await;
    let (event_streams, channels) = (times(&cloud, "GetEventStream"), times(&cloud, "GetChannels"));
    assert_eq!((event_streams.len(), channels.len()), (200, 200));
    assert!(channels[0] > event_streams[199]);
}
