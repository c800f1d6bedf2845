//! Which question is asked next. AWS limits each operation by itself in each account and region, so the questions of one
//! limit must not keep those of another waiting: the next question is of the limit with the fewest in progress, of several the
//! one that was served least recently.
use pinpoint_streams_model::live::question::ApiOperation;
use pinpoint_streams_model::{AccountId, Question, Region};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Debug, Default)]
pub(super) struct Queue {
    limits: Vec<Limit>,
    by_limit: BTreeMap<(ApiOperation, AccountId, Option<Region>), LimitIndex>,
    /// The limits with waiting questions, by the number in progress and when they were last served.
    waiting: BTreeSet<(usize, u64, LimitIndex)>,
    served: u64,
    /// The questions that wait or are in progress.
    open: BTreeSet<Question>,
}

/// The limit that a question counts for.
pub(super) type LimitIndex = usize;

#[derive(Debug, Default)]
struct Limit {
    waiting: VecDeque<Question>,
    in_progress: usize,
    /// How many questions of all limits had been served then; 0 for a new limit, which comes first.
    last_served: u64,
}

impl Queue {
    /// Lets a question wait behind those of its limit, unless it waits or is in progress already.
    pub(super) fn push(&mut self, question: Question) {
        if !self.open.insert(question.clone()) {
            return;
        }
        let limit = (question.first_call(), question.account().clone(), question.region().cloned());
        let at = *self.by_limit.entry(limit).or_insert_with(|| {
            self.limits.push(Limit::default());
            self.limits.len() - 1
        });
        self.limits[at].waiting.push_back(question);
        self.waiting.insert(self.place(at));
    }

    /// The next question, which is then in progress.
    pub(super) fn pop(&mut self) -> Option<(Question, LimitIndex)> {
        let (.., at) = self.waiting.pop_first()?;
        self.served += 1;
        let limit = &mut self.limits[at];
        let question = limit.waiting.pop_front()?;
        limit.in_progress += 1;
        limit.last_served = self.served;
        if !limit.waiting.is_empty() {
            self.waiting.insert(self.place(at));
        }
        Some((question, at))
    }

    /// Notes that this question, which counts for this limit, was answered.
    pub(super) fn answered(&mut self, at: LimitIndex, question: &Question) {
        self.open.remove(question);
        let is_waiting = self.waiting.remove(&self.place(at));
        self.limits[at].in_progress -= 1;
        if is_waiting {
            self.waiting.insert(self.place(at));
        }
    }

    fn place(&self, at: LimitIndex) -> (usize, u64, LimitIndex) {
        let Limit { waiting: _, in_progress, last_served } = &self.limits[at];
        (*in_progress, *last_served, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::AppArn;

    fn event_stream(region: &str, app: usize) -> Question {
        let (account, region) = ("123456789012".parse().unwrap(), region.parse().unwrap());
        Question::EventStream(AppArn::of(&account, &region, &format!("{app:032}").parse().unwrap()))
    }

    #[test]
    fn a_region_that_answers_slowly_keeps_no_other_waiting() {
        let mut queue = Queue::default();
        (0..100).for_each(|app| queue.push(event_stream("ap-south-1", app)));
        (0..100).for_each(|app| queue.push(event_stream("eu-west-1", app)));
        // Ten at a time; only one of the regions ever answers.
        let (mut slow, mut fast) = (0, Vec::new());
        for _ in 0..10 {
            let next = queue.pop().unwrap();
            if next.0.region().unwrap().as_str() == "ap-south-1" { slow += 1 } else { fast.push(next) }
        }
        assert_eq!(slow, 5);
        for _ in 0..95 {
            let (question, at) = fast.pop().unwrap();
            queue.answered(at, &question);
            let next = queue.pop().unwrap();
            assert_eq!(next.0.region().unwrap().as_str(), "eu-west-1");
            fast.push(next);
        }
        // Nothing of the fast region waits any more.
        let (question, at) = fast.pop().unwrap();
        queue.answered(at, &question);
        assert_eq!(queue.pop().unwrap().0.region().unwrap().as_str(), "ap-south-1");
        assert_eq!(std::iter::from_fn(|| queue.pop()).count(), 94);
    }

    #[test]
    fn a_question_that_waits_or_is_in_progress_is_not_asked_twice() {
        let mut queue = Queue::default();
        (0..2).for_each(|_| queue.push(event_stream("eu-west-1", 1)));
        let (question, at) = queue.pop().unwrap();
        queue.push(question.clone());
        assert!(queue.pop().is_none());
        queue.answered(at, &question);
        queue.push(question);
        assert!(queue.pop().is_some());
    }

    #[test]
    fn more_limits_than_questions_at_a_time_are_served_in_turns() {
        let mut queue = Queue::default();
        for region in ["ap-south-1", "eu-west-1", "us-east-1"] {
            (0..3).for_each(|app| queue.push(event_stream(region, app)));
        }
        let mut asked = Vec::new();
        while let Some((question, at)) = queue.pop() {
            asked.push(question.region().unwrap().to_string());
            queue.answered(at, &question);
        }
        let round = ["ap-south-1", "eu-west-1", "us-east-1"];
        assert_eq!(asked, [round, round, round].concat());
    }
}
