//! Which question is asked next. AWS limits each operation by itself in each account and region, so the questions of one
//! limit must not keep those of another waiting: next is one of the limit that has the fewest under way.
use pinpoint_streams_model::live::question::ApiOperation;
use pinpoint_streams_model::{AccountId, Question, Region};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Debug, Default)]
pub(super) struct Queue {
    limits: Vec<Limit>,
    by_limit: BTreeMap<(ApiOperation, AccountId, Option<Region>), LimitIndex>,
    /// The limits with waiting questions, by the number under way.
    waiting: BTreeSet<(usize, LimitIndex)>,
}

/// The limit that a question counts for.
pub(super) type LimitIndex = usize;

#[derive(Debug, Default)]
struct Limit {
    waiting: VecDeque<Question>,
    under_way: usize,
}

impl Queue {
    /// Lets a question wait behind those of its limit.
    pub(super) fn push(&mut self, question: Question) {
        let limit = (question.first_call(), question.account().clone(), question.region().cloned());
        let at = *self.by_limit.entry(limit).or_insert_with(|| {
            self.limits.push(Limit::default());
            self.limits.len() - 1
        });
        self.limits[at].waiting.push_back(question);
        self.waiting.insert((self.limits[at].under_way, at));
    }

    /// The next question, which is then under way.
    pub(super) fn pop(&mut self) -> Option<(Question, LimitIndex)> {
        let (_, at) = self.waiting.pop_first()?;
        let limit = &mut self.limits[at];
        let question = limit.waiting.pop_front()?;
        limit.under_way += 1;
        if !limit.waiting.is_empty() {
            self.waiting.insert((limit.under_way, at));
        }
        Some((question, at))
    }

    /// Notes that a question of this limit was answered.
    pub(super) fn answered(&mut self, at: LimitIndex) {
        let limit = &mut self.limits[at];
        let was_waiting = self.waiting.remove(&(limit.under_way, at));
        limit.under_way -= 1;
        if was_waiting {
            self.waiting.insert((limit.under_way, at));
        }
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
        let (mut slow, mut fast) = (Vec::new(), 0);
        for _ in 0..10 {
            let (question, at) = queue.pop().unwrap();
            if question.region().unwrap().as_str() == "ap-south-1" { slow.push(at) } else { fast = at }
        }
        assert_eq!(slow.len(), 5);
        for _ in 0..95 {
            queue.answered(fast);
            let (question, _) = queue.pop().unwrap();
            assert_eq!(question.region().unwrap().as_str(), "eu-west-1");
        }
        // Nothing of the fast region waits any more.
        queue.answered(fast);
        assert_eq!(queue.pop().unwrap().0.region().unwrap().as_str(), "ap-south-1");
        assert_eq!(std::iter::from_fn(|| queue.pop()).count(), 94);
    }
}
