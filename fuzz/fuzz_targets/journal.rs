//! A journal of any bytes beside a state of any bytes: refused, or folded into the next state, which can be written, and
//! which holds the journal: found again beside it, it is spent. A record separator parts the two.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_store::journal::{Fold, LeftoverJournal, parse};
use pinpoint_streams_store::state::State;

const NOW: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

fuzz_target!(|texts: &[u8]| {
    let mut parts = texts.splitn(2, |byte| *byte == 0x1e);
    let (state, journal) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Ok(contents) = parse("fuzz.journal", journal) else { return };
    let workspace = "growth".parse().expect("a workspace");
    let state = State::from_json("fuzz.state.json", state, &workspace).ok();
    if let Ok(LeftoverJournal::Folded(folded)) = Fold::found(state.as_ref(), contents.clone(), NOW) {
        let text = folded.to_json().expect("a state can be written");
        let again = State::from_json("fuzz.state.json", &text, &workspace).expect("what is written can be read");
        assert_eq!(again, *folded);
        assert_eq!(Fold::found(Some(&again), contents, NOW), Ok(LeftoverJournal::Spent));
    }
});
