//! One file a command. A command reads, decides through the planner and shows; it holds no rules of its own.
mod apply;
mod completions;
mod discover;
mod init;
mod permissions;
mod plan;
mod policy;
mod report;
mod restore;
#[cfg(feature = "sandbox")]
mod sandbox;
mod show;
mod state;
mod sweep;
mod validate;

use crate::args::{Apply, Command, Destroy, Doing};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::heap::on_heap;
use pinpoint_streams_model::plan::Mode;

/// Does what was asked for.
pub async fn run(command: Command, context: Context<'_>) -> Result<Exit, Error> {
    match command {
        Command::Init => init::run(&context),
        Command::Validate(show) => validate::run(show, &context),
        Command::Plan(args) => on_heap(|| plan::run(args, &context)).await,
        Command::Apply(Apply { plan, planning, destroy, doing }) => {
            let mode = if destroy { Mode::Destroy } else { Mode::Converge };
            let source = match plan {
                Some(path) => apply::Source::Saved(path),
                None => apply::Source::Fresh { mode, options: Box::new(planning.into()) },
            };
            on_heap(|| apply::run(source, doing, &context)).await
        }
        Command::Destroy(Destroy { planning, doing }) => {
            let source = apply::Source::Fresh { mode: Mode::Destroy, options: Box::new(planning.into()) };
            on_heap(|| apply::run(source, doing, &context)).await
        }
        Command::Sweep(args) if args.apply => {
            let source = apply::Source::Sweep(Box::new(args));
            on_heap(|| apply::run(source, Doing::default(), &context)).await
        }
        Command::Sweep(args) => on_heap(|| sweep::run(args, &context)).await,
        Command::Discover(args) => on_heap(|| discover::run(args, &context)).await,
        Command::Report(args) => on_heap(|| report::run(args, &context)).await,
        Command::Restore(args) if args.apply => {
            on_heap(|| apply::run(apply::Source::Restore(args.what), args.doing, &context)).await
        }
        Command::Restore(args) => on_heap(|| restore::run(args, &context)).await,
        Command::Show(args) => on_heap(|| show::run(args, &context)).await,
        Command::State(command) => on_heap(|| state::run(command, &context)).await,
        Command::Policy(command) => on_heap(|| policy::run(command, &context)).await,
        Command::Permissions(args) => permissions::run(args, &context),
        Command::Completions { shell } => completions::run(shell, &context),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(command) => sandbox::run(command, &context),
    }
}
