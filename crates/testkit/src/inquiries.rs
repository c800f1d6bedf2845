//! How tests ask: the same way as the program.
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_executor::{AskOptions, InquiryResult, ask as ask_of};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::live::{Live, Question};
use pinpoint_streams_model::plan::{Mode, Options, Plan};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_planner::{Converge, Destroy, Drift, Inputs, Inquiry, PlanResult};
use std::collections::BTreeSet;

pub async fn ask<I: Inquiry>(inquiry: &I, cloud: &impl ReadCloud) -> InquiryResult<I::Output> {
    ask_of(inquiry, cloud, AskOptions { parallelism: 10 }).await
}

/// An inquiry that only asks.
#[derive(Debug)]
pub struct Questions<F>(pub F);

impl<F: Fn(&Live) -> BTreeSet<Question>> Inquiry for Questions<F> {
    type Output = ();

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        self.0(live)
    }

    fn conclude(&self, _: &Live) {}
}

/// The inquiry of this mode on a manifest and a record.
pub fn reconcile(mode: Mode, inputs: Inputs) -> Box<dyn Inquiry<Output = PlanResult> + Send + Sync> {
    match mode {
        Mode::Converge => Box::new(Converge(inputs)),
        Mode::Destroy => Box::new(Destroy(inputs)),
        Mode::Drift => Box::new(Drift(inputs)),
        Mode::Sweep | Mode::Restore => panic!("the test is wrong: {mode:?} has inputs of its own"),
    }
}

/// What an apply of this manifest plans where nothing was applied yet.
pub async fn first_plan(desired: Desired, cloud: &impl ReadCloud) -> Plan {
    let inputs = Inputs { desired: desired.into(), recorded: Recorded::default(), options: Options::default() };
    let planned = ask(&Converge(inputs), cloud).await.output;
    planned.unwrap_or_else(|problems| panic!("{problems:#?}")).plan
}
