//! A member of the workspace for what crosses crates in process. It has tests alone.
