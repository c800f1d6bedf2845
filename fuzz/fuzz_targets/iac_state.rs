//! A state of Terraform, OpenTofu or Pulumi of any bytes: refused with a reason, or read.
#![no_main]
#[path = "../../crates/cli/src/commands/sweep/iac_state.rs"]
mod iac_state;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match iac_state::read(bytes) {
    Ok(state) => {
        assert!(state.roles.iter().all(|role| !role.is_empty()), "a role without a name");
        let _ = state.kind.to_string();
    }
    Err(rejected) => assert!(!rejected.problem.is_empty() && !rejected.hint.is_empty()),
});
