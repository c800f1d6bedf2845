//! `state unlock`: releases the S3 lock of a run that ended without releasing it.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};

pub(super) async fn run(id: &str, context: &CommandContext<'_>) -> Result<String, Error> {
    let store = Store::open(&Workspace::open(context)?).await?;
    let Some(remote) = store.remote() else {
        return Err(Error::Usage {
            message: "nothing to unlock: the lock of a local state ends with its process".to_owned(),
            hint: "wait until that run ends, or stop its process; `apply` prints its process ID".to_owned(),
        });
    };
    let taken = remote.unlock(id, SystemClock.now()).await?;
    Ok(format!(
        "Released the lock {} of {}. The next `{}` picks up what that run did.\n",
        escape(&taken.id),
        escape(&taken.holder.to_string()),
        context.settings.command("apply")
    ))
}
