//! What every cloud says of streams.
use super::tools::World;
use crate::reads::Reads;
use pinpoint_streams_executor::cloud::Cloud;
use pinpoint_streams_model::arn::StreamArn;

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
            StreamArn::Kinesis(stream) | StreamArn::Firehose(stream) => stream.name = "not-there".to_owned(),
        }
        assert_eq!(cloud.stream(&arn).await.expect("it can be read"), None, "{arn}");
    }
}
