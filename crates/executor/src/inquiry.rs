//! Asking an inquiry of a cloud, until it has no new question.
use crate::cloud::ReadCloud;
use crate::survey::{Hint, Survey, SurveyOptions, survey};
use pinpoint_streams_model::live::Live;
use pinpoint_streams_planner::Inquiry;

/// What an inquiry concluded.
#[derive(Debug, Clone)]
pub struct Asked<T> {
    pub output: T,
    /// The answers that it rests on.
    pub live: Live,
    /// What could be better next time.
    pub hints: Vec<Hint>,
}

/// Asks until no new question comes, and concludes. Handed a [`ReadCloud`] alone, so nothing can be written.
pub async fn ask<I: Inquiry>(inquiry: &I, cloud: &impl ReadCloud, options: SurveyOptions) -> Asked<I::Output> {
    let Survey { live, hints } = survey(cloud, |live| inquiry.questions(live), options).await;
    Asked { output: inquiry.conclude(&live), live, hints }
}
