//! `state unlock`: takes away a lock that a run left when it was cut off.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};

pub(super) async fn run(id: &str, context: &CommandContext<'_>) -> Result<String, Error> {
    let store = Store::of(&Workspace::open(context)?).await?;
    let Some(remote) = store.remote() else {
        return Err(Error::Usage {
            message: "there is nothing to unlock: the lock of a state in a file goes with its process".to_owned(),
            hint: "wait until that run has ended, or end its process; `apply` names it".to_owned(),
        });
    };
    let taken = remote.unlock(id, SystemClock.now()).await?;
    Ok(format!(
        "Took away the lock {} of {}. What that run did is found by the next `{}`.\n",
        escape(&taken.id),
        escape(&taken.holder.to_string()),
        context.settings.command("apply")
    ))
}
