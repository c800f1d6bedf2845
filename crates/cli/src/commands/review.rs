//! `--review`: a plan or findings on the whole terminal, before anything is saved or asked. What is left out is planned
//! again without it.
use super::change::Concluded;
use crate::ui::review::{Item, Review, Reviewed};
use crate::ui::signals::Signals;
use crate::ui::views::plan::{items as plan_items, last_line};
use crate::ui::views::sweep::{Swept, items as sweep_items, last_line as sweep_last_line};
use crate::ui::{CommandContext, Error};
use pinpoint_streams_model::plan::{Options, Plan};
use pinpoint_streams_planner::PlanResult;
use std::future::Future;

/// Reviews a plan. Returns it as it is without what was left out, with its options. `conclude` plans with options.
pub(super) async fn of_plan<F: Future<Output = Result<Concluded<PlanResult>, Error>>>(
    mut options: Options,
    conclude: impl Fn(Options) -> F,
    context: &CommandContext<'_>,
) -> Result<(Options, Concluded<PlanResult>), Error> {
    let mut review = Review::on_terminal(context)?;
    let mut signals = Signals::listen().map_err(Error::of_signals)?;
    loop {
        let concluded = until_signal(&mut signals, conclude(options.clone())).await?;
        let Ok(planned) = &concluded.output else { return Ok((options, concluded)) };
        match left_out(&planned.plan, &mut review, context).await? {
            excluded if excluded.is_empty() => return Ok((options, concluded)),
            excluded => options.excludes.extend(excluded),
        }
    }
}

/// Shows a saved plan, of which nothing can be left out.
pub(super) async fn of_saved(plan: &Plan, context: &CommandContext<'_>) -> Result<(), Error> {
    let mut review = Review::on_terminal(context)?;
    let width = context.environment.width();
    let items = plan_items(plan, width).into_iter().map(|item| Item { exclude: None, ..item });
    shown(&last_line(plan), items.collect(), &mut review).await.map(drop)
}

/// Reviews the findings of a sweep. Returns the names of the roles that are to be excluded.
pub(super) async fn of_sweep(
    sweep: impl Future<Output = Result<Swept, Error>>,
    context: &CommandContext<'_>,
) -> Result<Vec<String>, Error> {
    let mut review = Review::on_terminal(context)?;
    let mut signals = Signals::listen().map_err(Error::of_signals)?;
    let swept = until_signal(&mut signals, sweep).await?;
    let heading = match &swept.plan {
        Ok(plan) => sweep_last_line(plan, &swept.findings),
        Err(_) => "The plan has problems".to_owned(),
    };
    shown(&heading, sweep_items(&swept), &mut review).await
}

async fn left_out(plan: &Plan, review: &mut Review, context: &CommandContext<'_>) -> Result<Vec<String>, Error> {
    if plan.changes.is_empty() {
        return Ok(Vec::new());
    }
    let width = context.environment.width();
    shown(&last_line(plan), plan_items(plan, width), review).await
}

async fn shown(heading: &str, items: Vec<Item>, review: &mut Review) -> Result<Vec<String>, Error> {
    match review.show(heading, items).await? {
        Reviewed::Continue(excluded) => Ok(excluded),
        Reviewed::Quit => Err(Error::Declined),
        Reviewed::Interrupted => Err(Error::Stopped),
    }
}

/// The signals that a review has replaced the handlers of stop a read, too.
async fn until_signal<T>(signals: &mut Signals, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::select! {
        result = Box::pin(work) => result,
        () = signals.next() => Err(Error::Stopped),
    }
}
