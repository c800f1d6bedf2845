//! The program: surroundings in, exit code out.
use pinpoint_streams::{Environment, Streams, run};
use std::process::ExitCode;
use std::time::Duration;

/// How long what the system still does for us is waited for once all is said: a file that is being written is soon
/// whole, a name that is being looked up may take half a minute and matters to nobody any more.
const LAST_MOMENT: Duration = Duration::from_millis(200);

fn main() -> std::io::Result<ExitCode> {
    let environment = Environment::of_process()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let exit = runtime.block_on(run(std::env::args_os(), &environment, Streams::of_process()));
    runtime.shutdown_timeout(LAST_MOMENT);
    Ok(exit.into())
}
