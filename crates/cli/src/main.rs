//! The program: surroundings in, exit code out.
use pinpoint_streams::{Environment, Streams, run};
use std::process::ExitCode;

fn main() -> std::io::Result<ExitCode> {
    let environment = Environment::of_process()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(runtime.block_on(run(std::env::args_os(), &environment, Streams::of_process())).into())
}
