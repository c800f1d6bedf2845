//! `state`: what is recorded, read only.
use crate::args::{Format, Output, State};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::view::state as view;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::recorded::Recorded;

pub(super) async fn run(command: State, context: &Context<'_>) -> Result<Exit, Error> {
    let recorded = context.project()?.home().load().await?.recorded;
    let text = match command {
        State::List(Output { format: Format::Text }) => view::list(&recorded),
        State::List(Output { format: Format::Json }) => view::list_json(&recorded),
        State::Show { address, output: Output { format } } => one(&recorded, &address, format)?,
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
