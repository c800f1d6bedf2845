//! `state`: what is recorded, shown, edited by hand, carried from place to place, and made again where it was lost.
mod backup;
mod edit;
mod pull;
mod push;
mod recover;
mod unlock;

use crate::args::{Format, Output, State};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::view::state as view;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::recorded::Recorded;

pub(super) async fn run(command: State, context: &Context<'_>) -> Result<Exit, Error> {
    let recorded = async || Ok::<_, Error>(context.project()?.home().load().await?.recorded);
    let text = match command {
        State::List(Output { format: Format::Text }) => view::list(&recorded().await?),
        State::List(Output { format: Format::Json }) => view::list_json(&recorded().await?),
        State::Show { address, output: Output { format } } => one(&recorded().await?, &address, format)?,
        State::Mv { from, to } => edit::mv(&from, &to, context).await?,
        State::Rm { address } => edit::rm(&address, context).await?,
        State::Pull => {
            pull::run(context).await?;
            return Ok(Exit::Done);
        }
        State::Push { file } => push::run(&file, context).await?,
        State::Unlock { id } => unlock::run(&id, context).await?,
        State::Recover { lineage } => recover::run(lineage.as_ref(), context).await?,
    };
    context.show(&text)?;
    Ok(Exit::Done)
}

fn one(recorded: &Recorded, address: &Address, format: Format) -> Result<String, Error> {
    let resource = recorded.resources.get(address).ok_or_else(|| Error::NotThere {
        what: format!("nothing is recorded at {address}"),
        hint: "`pinpoint-streams state list` shows what is".to_owned(),
    })?;
    Ok(match format {
        Format::Text => view::resource(address, resource),
        Format::Json => view::resource_json(address, resource),
    })
}
