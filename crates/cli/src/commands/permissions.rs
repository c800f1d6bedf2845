//! `permissions`: the least IAM policy for a kind of work.
use crate::args::Permissions;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::view;
use pinpoint_streams_aws::permissions::permissions;

pub(super) fn run(args: Permissions, context: &Context<'_>) -> Result<Exit, Error> {
    let work = args.work();
    context.show(&view::json(&permissions(work, &args.scope())))?;
    Ok(Exit::Done)
}
