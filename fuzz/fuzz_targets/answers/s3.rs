//! Any responses of S3 about state, lock and archives.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_fuzz::bucket;

fuzz_target!(|input: &[u8]| bucket::fuzz(input));
