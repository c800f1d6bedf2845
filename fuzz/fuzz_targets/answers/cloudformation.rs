//! Any responses of CloudFormation.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_fuzz::answers::{self, Group};

fuzz_target!(|input: &[u8]| answers::fuzz(Group::CloudFormation, input));
