//! An archive of any bytes: refused, or written as it was read, with a script that restores it.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_store::archive::{parse, restore_script};

fuzz_target!(|json: &[u8]| match parse("fuzz.json", json) {
    Ok((entry, _)) => {
        let text = serde_json::to_vec(&entry).expect("an archive can be written");
        let (again, _) = parse("fuzz.json", &text).expect("what is written can be read");
        assert_eq!(again, entry);
        assert_eq!(restore_script(&again), restore_script(&entry));
    }
    Err(error) => drop(format!("{error} {error:?}")),
});
