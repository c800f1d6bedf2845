//! A plan of any bytes: refused, or written as it was read, with the same digest.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_model::plan::Plan;

fuzz_target!(|json: &[u8]| {
    let Ok(plan) = serde_json::from_slice::<Plan>(json) else { return };
    let text = serde_json::to_vec(&plan).expect("a plan can be written");
    let again: Plan = serde_json::from_slice(&text).expect("what is written can be read");
    assert_eq!(again, plan);
    assert_eq!(again.digest(), plan.digest());
});
