//! What `init` asks on a terminal.
use super::starter::Starter;
use crate::accounts::region_with_pinpoint;
use crate::ui::style::{STRONG, paint};
use crate::ui::{CommandContext, Error, escape};
use pinpoint_streams_model::arn::{StreamArn, StreamService};
use pinpoint_streams_model::ids::{AccountId, AppId};
use pinpoint_streams_model::region::Region;
use std::fmt::Display;
use std::str::FromStr;

/// How often a wrong answer is asked again.
const TRIES: usize = 3;

/// Asks for what was not given; what was found is the default.
pub(super) async fn ask(found: Starter, context: &CommandContext<'_>) -> Result<Starter, Error> {
    let Starter { workspace, account, profile, region, app, stream: _, has_example } = found;
    let account =
        question("Account ID", account, "none: that of the credentials", parsed::<AccountId>, context).await?;
    let region = question("Region", region, "us-east-1", region_with_pinpoint, context).await?;
    let app = match app {
        Some(app) => Some(app),
        None => question("ID of a Pinpoint app that exists", None, "none yet", parsed::<AppId>, context).await?,
    };
    let stream = match &app {
        Some(_) => question("Kinesis stream for its events", None, "clickstream", stream_name, context).await?,
        None => None,
    };
    Ok(Starter { workspace, account, profile, region, app, stream, has_example })
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// The name of a Kinesis stream, which is the same rule in every account and region.
fn stream_name(text: &str) -> Result<String, String> {
    let (region, account) = (parsed::<Region>("us-east-1")?, parsed::<AccountId>("000000000000")?);
    match StreamArn::new(StreamService::Kinesis, region, account, text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.rule.into_owned()),
    }
}

/// The answer; an empty one is the default. `without`: what no answer means where there is no default.
async fn question<T: Display>(
    what: &str,
    default: Option<T>,
    without: &str,
    parse: impl Fn(&str) -> Result<T, String>,
    context: &CommandContext<'_>,
) -> Result<Option<T>, Error> {
    let shown = default.as_ref().map_or_else(|| without.to_owned(), T::to_string);
    for _ in 0..TRIES {
        context.printer.message(&format!("{} [{}]: ", paint(STRONG, what), escape(&shown)));
        let Some(line) = context.printer.read_line().await.map_err(Error::of_output)? else { break };
        match line.trim() {
            "" => return Ok(default),
            answer => match parse(answer) {
                Ok(answer) => return Ok(Some(answer)),
                Err(why) => context.printer.message(&format!("  {}\n", escape(&why))),
            },
        }
    }
    Err(Error::Usage {
        message: format!("no answer to: {what}"),
        hint: "nothing was written; `init --help` shows the flags that answer it".to_owned(),
    })
}
