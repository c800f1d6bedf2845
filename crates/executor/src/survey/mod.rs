//! Reading what a plan needs to know: questions go in, answers come out, until no new question is asked.
use crate::cloud::ReadCloud;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::{Live, Question, Unreadable};
use std::collections::BTreeSet;

/// How a survey reads.
#[derive(Debug, Clone, Copy)]
pub struct SurveyOptions {
    /// How many calls may be under way at once, over all accounts; at least one.
    pub parallelism: usize,
}

/// What was read, and what a person should know of how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// The answers.
    pub live: Live,
    /// What could be better next time.
    pub hints: Vec<Hint>,
}

/// What a person should know of how something was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Roles were read one by one, because reading them in bulk is not allowed.
    BulkDenied {
        /// In this account.
        account: AccountId,
        /// How AWS refused.
        denied: Unreadable,
        /// How many roles were read one by one instead.
        roles: usize,
    },
}

/// Asks.
pub async fn survey<C: ReadCloud>(
    cloud: &C,
    wants: impl Fn(&Live) -> BTreeSet<Question>,
    options: SurveyOptions,
) -> Survey {
    let _ = (cloud, wants, options);
    Survey::default()
}
