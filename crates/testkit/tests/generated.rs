//! Generated manifests and disturbances fit the fake cloud.
use pinpoint_streams_model::policy::same_meaning;
use pinpoint_streams_model::recorded::Object;
use pinpoint_streams_testkit::disturbance::{Act, Disturbance, Severity, some_disturbances_up_to};
use pinpoint_streams_testkit::strategies::manifests;
use pinpoint_streams_testkit::{FakeCloud, desired, recorded_from};
use proptest::prelude::*;

proptest! {
    #[test]
    fn whatever_is_applied_is_recorded_whole(desired in manifests()) {
        let (_, recorded) = FakeCloud::applied(&desired);
        let streams = desired.apps.values().filter(|app| app.event_stream.is_some()).count();
        let count = |kind| recorded.resources.values().filter(|resource| resource.object.kind().as_str() == kind).count();
        prop_assert_eq!(count("role"), desired.roles.len());
        prop_assert_eq!(count("event_stream"), streams);
    }

    #[test]
    fn harmless_disturbances_change_nothing_that_is_ours(
        desired in manifests(),
        disturbances in some_disturbances_up_to(Severity::Harmless),
    ) {
        let (cloud, before) = FakeCloud::applied(&desired);
        for disturbance in &disturbances {
            disturbance.apply(&cloud);
        }
        for (address, resource) in &recorded_from(&desired, &cloud).resources {
            match (&resource.object, &before.resources[address].object) {
                (Object::Role(after), Object::Role(before)) => {
                    prop_assert!(same_meaning(&after.trust_policy, &before.trust_policy));
                    prop_assert!(before.tags.iter().all(|(key, value)| after.tags.get(key) == Some(value)));
                }
                (Object::App(after), Object::App(before)) => prop_assert_eq!(&after.id, &before.id),
                (after, before) => prop_assert_eq!(after, before),
            }
        }
    }
}

#[test]
fn every_act_finds_something_to_do_and_does_it() {
    let desired = desired().app("shop", |app| app.created("Shop").kinesis("clicks")).build();
    for (act, _) in Act::ALL {
        let (cloud, _) = FakeCloud::applied(&desired);
        let before = cloud.snapshot();
        let done = Disturbance { act, to: 0 }.apply(&cloud);
        assert!(done.is_some(), "{act:?}");
        assert_ne!(cloud.snapshot(), before, "{act:?}");
    }
}
