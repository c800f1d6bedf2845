//! A state of any bytes: refused, or written as it was read.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_store::state::State;

fuzz_target!(|json: &[u8]| {
    let workspace = "growth".parse().expect("a workspace");
    match State::from_json("fuzz.state.json", json, &workspace) {
        Ok(state) => {
            let text = state.to_json().expect("a state can be written");
            let again =
                State::from_json("fuzz.state.json", &text, &workspace).expect("what is written can be read");
            assert_eq!(again, state);
            let _ = state.recorded();
        }
        Err(error) => drop(error.to_string()),
    }
});
