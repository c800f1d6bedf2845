//! What `init` asks on a terminal.
use super::starter::Starter;
use crate::ui::style::{STRONG, paint};
use crate::ui::{CommandContext, Error, escape};
use pinpoint_streams_model::ids::{AccountId, AppId};
use pinpoint_streams_model::region::Region;
use std::fmt::Display;
use std::str::FromStr;

/// How often a wrong answer is asked again.
const TRIES: usize = 3;

/// Asks for what was not given; what was found is the default.
pub(super) async fn ask(found: Starter, context: &CommandContext<'_>) -> Result<Starter, Error> {
    let Starter { workspace, account, profile, region, app, stream: _, has_example } = found;
    let account = question::<AccountId>("Account ID", account, "none: that of the credentials", context).await?;
    let region = question::<Region>("Region", region, "us-east-1", context).await?;
    let app = match app {
        Some(app) => Some(app),
        None => question::<AppId>("ID of a Pinpoint app that exists", None, "none yet", context).await?,
    };
    let stream = match &app {
        Some(_) => question::<String>("Kinesis stream for its events", None, "clickstream", context).await?,
        None => None,
    };
    Ok(Starter { workspace, account, profile, region, app, stream, has_example })
}

/// The answer; an empty one is the default. `without`: what no answer means where there is no default.
async fn question<T: FromStr<Err: Display> + Display>(
    what: &str,
    default: Option<T>,
    without: &str,
    context: &CommandContext<'_>,
) -> Result<Option<T>, Error> {
    let shown = default.as_ref().map_or_else(|| without.to_owned(), T::to_string);
    for _ in 0..TRIES {
        context.printer.message(&format!("{} [{}]: ", paint(STRONG, what), escape(&shown)));
        let Some(line) = context.printer.read_line().await.map_err(Error::of_output)? else { break };
        match line.trim() {
            "" => return Ok(default),
            answer => match answer.parse() {
                Ok(answer) => return Ok(Some(answer)),
                Err(why) => context.printer.message(&format!("  {}\n", escape(&why.to_string()))),
            },
        }
    }
    Err(Error::Usage {
        message: format!("no answer to: {what}"),
        hint: "nothing was written; `init --help` shows the flags that answer it".to_owned(),
    })
}
