//! Connecting: who the caller is, and the credentials of a role that is assumed.
use crate::answers::{options, runtime};
use crate::calls::parsed;
use crate::script::{ACCOUNT, Script};
use pinpoint_streams_aws::{AccountCredentials, Aws};
use pinpoint_streams_model::region::Partition;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use tokio::runtime::Runtime;

/// The first byte selects the credentials: those of the chain, the same for a declared account, or a role of the account.
pub fn fuzz(input: &[u8]) {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let Some((selector, replies)) = input.split_first() else { return };
    let script = Script::default();
    script.play_with_sts(replies);
    let mut credentials = AccountCredentials::chain(Partition::Aws);
    match selector.wrapping_sub(b'A') % 3 {
        0 => {}
        1 => credentials.id = Some(parsed(ACCOUNT)),
        _ => credentials.assume_role = Some(parsed("arn:aws:iam::123456789012:role/Deploy")),
    }
    let accounts = BTreeMap::from([(parsed("main"), credentials.clone())]);
    match RUNTIME.get_or_init(runtime).block_on(Aws::connect(&accounts, options(&script))) {
        Ok(aws) => {
            assert!(!script.served().is_empty(), "nobody said who the caller is");
            for (_, account, caller) in aws.callers() {
                let caller = caller.expect("an account that cannot be reached is an error");
                assert!(credentials.id.is_some() || account == caller, "{account} is not the caller's, {caller}");
            }
        }
        Err(error) => drop(format!("{error} {error:?} {}", error.hint())),
    }
}
