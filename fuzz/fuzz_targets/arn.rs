//! ARNs, addresses and names of any text: what is taken is written as it was read.
#![no_main]
use libfuzzer_sys::fuzz_target;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, KmsKeyArn, PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, AppId, AppKey, RoleName, Workspace};
use pinpoint_streams_model::region::Region;
use std::fmt::{Debug, Display};
use std::str::FromStr;

fn there_and_back<T: FromStr<Err: Debug + Display> + Display + Debug + PartialEq>(text: &str) {
    match text.parse::<T>() {
        Ok(value) => {
            let again = value.to_string().parse::<T>().expect("what is written can be read");
            assert_eq!(again, value);
        }
        Err(error) => drop(error.to_string()),
    }
}

fuzz_target!(|text: &str| {
    there_and_back::<RoleArn>(text);
    there_and_back::<AppArn>(text);
    there_and_back::<StreamArn>(text);
    there_and_back::<PolicyArn>(text);
    there_and_back::<KmsKeyArn>(text);
    there_and_back::<Address>(text);
    there_and_back::<AccountId>(text);
    there_and_back::<AppId>(text);
    there_and_back::<AppKey>(text);
    there_and_back::<RoleName>(text);
    there_and_back::<Workspace>(text);
    there_and_back::<Region>(text);
});
