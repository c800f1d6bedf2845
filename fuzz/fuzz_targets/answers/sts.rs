//! Any responses of STS while connecting.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_fuzz::sign_in;

fuzz_target!(|input: &[u8]| sign_in::fuzz(input));
