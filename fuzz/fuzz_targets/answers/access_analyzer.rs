//! Any responses of Access Analyzer.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_fuzz::answers::{self, Group};

fuzz_target!(|input: &[u8]| answers::fuzz(Group::AccessAnalyzer, input));
