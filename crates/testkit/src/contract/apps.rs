//! What every cloud does with apps.
use super::tools::{World, create_app, done, put_when_ready, refused, tags, unique, writer};
use crate::reads::Reads;
use pinpoint_streams_executor::cloud::Cloud;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::AppId;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::op::{AppOp, CreateApp, CreateRole, DeleteApp, Op, Resolved};
use std::collections::BTreeSet;

fn delete(world: &World, app_id: &AppId, name: &str) -> Op<Resolved> {
    let (account, region) = (world.account.clone(), world.region.clone());
    Op::App(AppOp::Delete(DeleteApp { account, region, app_id: app_id.clone(), name: name.to_owned() }))
}

pub async fn the_caller_is_the_account<C: Cloud>(cloud: &C, world: &World) {
    assert_eq!(cloud.caller(&world.account).await.expect("it can be read"), world.account);
}

pub async fn a_created_app_is_listed_and_bears_its_tags<C: Cloud>(cloud: &C, world: &World) {
    let app = CreateApp { tags: tags([("site", "blog / 1"), ("empty", "")]), ..world.new_app(&unique("Blog")) };
    let id = create_app(cloud, &app).await;
    let alone = cloud.app(&world.arn_of(&id)).await.expect("it can be read").expect("it is there");
    let listed = cloud.apps(&world.place()).await.expect("it can be read");
    assert!(listed.contains_key(&world.app), "the app that was there is listed too");
    for live in [&alone, &listed[&id]] {
        assert_eq!((&live.id, &live.name), (&id, &app.name));
        assert!(live.tags.as_ref().is_none_or(|tags| *tags == app.all_tags()), "{:?}", live.tags);
    }
    let read = cloud.app_tags(&world.arn_of(&id)).await.expect("it can be read");
    assert_eq!(read, app.all_tags());
}

pub async fn two_apps_may_have_one_name<C: Cloud>(cloud: &C, world: &World) {
    let app = world.new_app(&unique("Twin"));
    let (one, other) = (create_app(cloud, &app).await, create_app(cloud, &app).await);
    assert_ne!(one, other);
    let listed = cloud.apps(&world.place()).await.expect("it can be read");
    assert_eq!(listed.values().filter(|live| live.name == app.name).count(), 2);
}

pub async fn tags_of_an_app_are_written_over_and_taken_off<C: Cloud>(cloud: &C, world: &World) {
    let first = tags([("stays", "1"), ("changes", "1"), ("goes", "1")]);
    let app = CreateApp { tags: first, ..world.new_app(&unique("Tagged")) };
    let app_id = create_app(cloud, &app).await;
    let (account, region) = (world.account.clone(), world.region.clone());
    let changed = tags([("changes", "2"), ("comes", "1")]);
    let write = AppOp::Tag {
        account: account.clone(),
        region: region.clone(),
        app_id: app_id.clone(),
        tags: changed,
        owner: None,
    };
    done(cloud, write).await;
    let tag_keys = BTreeSet::from(["goes".to_owned()]);
    let untag =
        AppOp::Untag { account: account.clone(), region: region.clone(), app_id: app_id.clone(), tag_keys };
    done(cloud, untag).await;
    let mut expected = app.owner.tags();
    expected.extend(tags([("stays", "1"), ("changes", "2"), ("comes", "1")]));
    assert_eq!(cloud.app_tags(&world.arn_of(&app_id)).await.expect("it can be read"), expected);
}

pub async fn an_app_that_is_not_there_is_absent_and_no_error<C: Cloud>(cloud: &C, world: &World) {
    let id: AppId = crate::parsed("00000000000000000000000000000000");
    assert_eq!(cloud.app(&world.arn_of(&id)).await.expect("it can be read"), None);
    assert_eq!(cloud.event_stream(&world.arn_of(&id)).await.expect("it can be read"), None);
    refused(cloud, delete(world, &id, "Nothing"), FailureKind::NotFound).await;
}

pub async fn a_deleted_app_is_gone_with_its_event_stream<C: Cloud>(cloud: &C, world: &World) {
    let app = world.new_app(&unique("Short"));
    let id = create_app(cloud, &app).await;
    let arn = AppArn { id: id.clone(), ..world.app_arn() };
    let role = CreateRole { trust_policy: world.trust(&[&arn]), ..world.new_role() };
    let role = writer(cloud, &role, &[&world.kinesis]).await;
    put_when_ready(cloud, world, world.put(&id, &world.kinesis, &role)).await;
    done(cloud, delete(world, &id, &app.name)).await;
    assert_eq!(cloud.app(&world.arn_of(&id)).await.expect("it can be read"), None);
    assert_eq!(cloud.event_stream(&world.arn_of(&id)).await.expect("it can be read"), None);
    assert!(!cloud.apps(&world.place()).await.expect("it can be read").contains_key(&id));
}

pub async fn channels_can_be_read<C: Cloud>(cloud: &C, world: &World) {
    cloud.channels(&world.app_arn()).await.expect("it can be read");
}
