//! What every cloud does with event streams: it tries the role before it agrees; and what it says of streams.
use super::tools::{World, create, done, permissions, put_inline, put_when_ready, refused, writer};
use crate::reads::Reads;
use pinpoint_streams_executor::cloud::Cloud;
use pinpoint_streams_model::arn::{AppArn, StreamArn};
use pinpoint_streams_model::live::{FailureKind, LiveEventStream};
use pinpoint_streams_model::op::{CreateRole, DeleteEventStream, EventStreamOp, Op, Resolved};
use pinpoint_streams_model::policy::Document;
use tokio::time::sleep;

async fn read<C: Cloud>(cloud: &C, world: &World) -> Option<LiveEventStream> {
    cloud.event_stream(&world.app_arn()).await.expect("it can be read")
}

fn delete(world: &World, live: &LiveEventStream) -> Op<Resolved> {
    let LiveEventStream { destination, role_arn } = live.clone();
    let (account, region, app_id) = (world.account.clone(), world.region.clone(), world.app.clone());
    Op::EventStream(EventStreamOp::Delete(DeleteEventStream { account, region, app_id, destination, role_arn }))
}

pub async fn an_app_without_an_event_stream_has_none<C: Cloud>(cloud: &C, world: &World) {
    assert_eq!(read(cloud, world).await, None);
}

pub async fn an_event_stream_reads_back_as_it_was_put<C: Cloud>(cloud: &C, world: &World) {
    let role = writer(cloud, &world.new_role(), &[&world.kinesis, &world.firehose]).await;
    for stream in [&world.kinesis, &world.firehose] {
        put_when_ready(cloud, world, world.put(&world.app, stream, &role)).await;
        let expected = LiveEventStream { destination: stream.to_string(), role_arn: role.to_string() };
        assert_eq!(read(cloud, world).await, Some(expected));
    }
}

pub async fn a_second_put_takes_the_place_of_the_first<C: Cloud>(cloud: &C, world: &World) {
    let first = writer(cloud, &world.new_role(), &[&world.kinesis]).await;
    let second = writer(cloud, &world.new_role(), &[&world.kinesis]).await;
    for role in [&first, &second] {
        put_when_ready(cloud, world, world.put(&world.app, &world.kinesis, role)).await;
    }
    assert_eq!(read(cloud, world).await.map(|live| live.role_arn), Some(second.to_string()));
}

pub async fn a_deleted_event_stream_is_absent<C: Cloud>(cloud: &C, world: &World) {
    let role = writer(cloud, &world.new_role(), &[&world.kinesis]).await;
    put_when_ready(cloud, world, world.put(&world.app, &world.kinesis, &role)).await;
    let live = read(cloud, world).await.expect("it is there");
    done(cloud, delete(world, &live)).await;
    assert_eq!(read(cloud, world).await, None);
    refused(cloud, delete(world, &live), FailureKind::NotFound).await;
}

pub async fn a_role_that_is_not_there_is_not_ready<C: Cloud>(cloud: &C, world: &World) {
    let missing = world.new_role_arn();
    refused(cloud, world.put(&world.app, &world.kinesis, &missing), FailureKind::RoleNotReady).await;
    assert_eq!(read(cloud, world).await, None);
}

/// Source: terraform-provider-aws#27096.
pub async fn a_role_that_trusts_another_service_is_not_ready<C: Cloud>(cloud: &C, world: &World) {
    let trust_policy = super::tools::document(
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "firehose.amazonaws.com"}}]}"#,
    );
    never_ready(cloud, world, trust_policy, permissions(&[&world.kinesis])).await;
}

pub async fn a_role_that_admits_another_app_is_not_ready<C: Cloud>(cloud: &C, world: &World) {
    let other = AppArn { id: crate::parsed("another"), ..world.app_arn() };
    never_ready(cloud, world, world.trust(&[&other]), permissions(&[&world.kinesis])).await;
}

pub async fn a_role_that_may_not_write_is_not_ready<C: Cloud>(cloud: &C, world: &World) {
    never_ready(cloud, world, world.trust(&[&world.app_arn()]), permissions(&[&world.firehose])).await;
}

async fn never_ready<C: Cloud>(cloud: &C, world: &World, trust_policy: Document, permissions: Document) {
    let role = CreateRole { trust_policy, ..world.new_role() };
    create(cloud, &role).await;
    put_inline(cloud, &role.arn, permissions).await;
    sleep(world.patience).await;
    refused(cloud, world.put(&world.app, &world.kinesis, &role.arn), FailureKind::RoleNotReady).await;
    assert_eq!(read(cloud, world).await, None);
}

pub async fn an_app_that_is_not_there_takes_no_event_stream<C: Cloud>(cloud: &C, world: &World) {
    let app = AppArn { id: crate::parsed("00000000000000000000000000000000"), ..world.app_arn() };
    let role = CreateRole { trust_policy: world.trust(&[&app]), ..world.new_role() };
    let role = writer(cloud, &role, &[&world.kinesis]).await;
    sleep(world.patience).await;
    refused(cloud, world.put(&app.id, &world.kinesis, &role), FailureKind::NotFound).await;
}

pub async fn a_stream_that_is_not_there_is_refused<C: Cloud>(cloud: &C, world: &World) {
    let StreamArn::Kinesis(mut stream) = world.kinesis.clone() else {
        panic!("`kinesis` must be a Kinesis stream")
    };
    stream.name = "not-there".into();
    let nowhere = StreamArn::Kinesis(stream);
    let role = writer(cloud, &world.new_role(), &[&nowhere]).await;
    sleep(world.patience).await;
    let error = cloud.write(&world.put(&world.app, &nowhere, &role)).await.expect_err("there is no such stream");
    assert!(matches!(error.kind, FailureKind::RoleNotReady | FailureKind::Invalid), "{error}");
    assert_eq!(read(cloud, world).await, None);
}

pub async fn the_streams_are_active_and_take_records<C: Cloud>(cloud: &C, world: &World) {
    for arn in [&world.kinesis, &world.firehose] {
        let live = cloud.stream(arn).await.expect("it can be read").expect("it is there");
        assert!(live.active && live.direct_put, "{arn}: {live:?}");
        assert_eq!(live.status, "ACTIVE");
        assert_eq!(live.customer_key, None);
    }
}

pub async fn a_stream_that_is_not_there_is_absent_and_no_error<C: Cloud>(cloud: &C, world: &World) {
    for mut arn in [world.kinesis.clone(), world.firehose.clone()] {
        match &mut arn {
            StreamArn::Kinesis(stream) | StreamArn::Firehose(stream) => stream.name = "not-there".into(),
        }
        assert_eq!(cloud.stream(&arn).await.expect("it can be read"), None, "{arn}");
    }
}
