//! The fake cloud keeps the contract of every cloud, and the state in memory that of every store of states.
use pinpoint_streams_testkit::cloud::FakeCloud;
use pinpoint_streams_testkit::contract::World;
use pinpoint_streams_testkit::{app_id, parsed};
use std::time::Duration;

const ANYTHING: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

fn world() -> (FakeCloud, World) {
    let world = World {
        account: parsed("123456789012"),
        region: parsed("us-east-1"),
        kinesis: parsed("arn:aws:kinesis:us-east-1:123456789012:stream/clicks"),
        firehose: parsed("arn:aws:firehose:us-east-1:123456789012:deliverystream/lake"),
        app: app_id("shop"),
        boundary: parsed("arn:aws:iam::123456789012:policy/boundary"),
        patience: Duration::from_millis(100),
    };
    let cloud = FakeCloud::new();
    cloud.add_app_as(
        &parsed(&format!("arn:aws:mobiletargeting:us-east-1:123456789012:apps/{}", world.app)),
        "Shop",
    );
    cloud.add_stream(&world.kinesis);
    cloud.add_stream(&world.firehose);
    cloud.add_policy(&world.boundary, ANYTHING);
    cloud.set_propagation(Duration::from_millis(40));
    (cloud, world)
}

pinpoint_streams_testkit::contract_tests!(world());

mod states {
    use pinpoint_streams_model::ids::Workspace;
    use pinpoint_streams_testkit::memory::MemoryState;
    use pinpoint_streams_testkit::state_contract::Shelf;

    struct Handles(MemoryState);

    impl Shelf for Handles {
        type Store = MemoryState;

        async fn open(&self, _: &Workspace) -> MemoryState {
            self.0.clone()
        }
    }

    pinpoint_streams_testkit::state_contract_tests!(Handles(MemoryState::default()));
}
