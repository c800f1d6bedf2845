//! The program: surroundings in, exit code out.
use pinpoint_streams::{Environment, Streams, run};
use std::process::ExitCode;
use std::time::Duration;

/// Grace period for blocking tasks at exit: a file that is being written is soon whole, a name lookup may take half a
/// minute and no longer matters.
const GRACE_PERIOD: Duration = Duration::from_millis(200);

fn main() -> std::io::Result<ExitCode> {
    let environment = Environment::of_process();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let exit = runtime.block_on(run(std::env::args_os(), &environment, Streams::of_process()));
    runtime.shutdown_timeout(GRACE_PERIOD);
    Ok(exit.into())
}
