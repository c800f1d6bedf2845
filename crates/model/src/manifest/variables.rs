//! `[variables]`: what `{var.NAME}` stands for, and who may override it.
use std::collections::BTreeMap;

/// What an environment variable that overrides one of `[variables]` begins with.
pub const ENVIRONMENT_PREFIX: &str = "PINPOINT_STREAMS_VAR_";

/// Values from outside the manifest. The command line wins over the environment, and that over the
/// manifest's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--var NAME=VALUE`. A name that the manifest does not declare is an error.
    pub command_line: BTreeMap<String, String>,
    /// The environment, by the name after [`ENVIRONMENT_PREFIX`]. An undeclared name is ignored.
    pub environment: BTreeMap<String, String>,
}
