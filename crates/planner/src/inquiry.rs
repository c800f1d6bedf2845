//! Inquiries: what a command needs to know of AWS, and what it concludes from the answers. Each is a type that carries
//! its own inputs.
use pinpoint_streams_model::live::{Live, Question};
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::problem::Problems;
use pinpoint_streams_model::recorded::Recorded;
use std::collections::BTreeSet;

/// What is asked of AWS, and what follows from the answers. The same answers give the same output.
pub trait Inquiry {
    /// What is concluded.
    type Output;

    /// What must be asked, given what has been answered so far. Asked again after every answer, until nothing new
    /// comes: what is read depends on what was found.
    fn questions(&self, live: &Live) -> BTreeSet<Question>;

    /// What follows, once every question has an answer. A read that failed is an answer too.
    fn conclude(&self, live: &Live) -> Self::Output;
}

impl<I: Inquiry + ?Sized> Inquiry for Box<I> {
    type Output = I::Output;

    fn questions(&self, live: &Live) -> BTreeSet<Question> {
        (**self).questions(live)
    }

    fn conclude(&self, live: &Live) -> I::Output {
        (**self).conclude(live)
    }
}

/// A plan, and the record that it starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub plan: Plan,
    /// The record with pending operations settled as far as the answers tell.
    pub recorded: Recorded,
}

/// A plan with the record that it starts from, or everything that stands in the way.
pub type PlanResult = Result<Planned, Problems>;
