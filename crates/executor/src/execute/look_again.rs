//! The last look of a sweep at a role before it is quarantined or deleted.
use super::step::StepContext;
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::Cloud;
use futures::StreamExt as _;
use futures::stream;
use pinpoint_streams_model::live::{Answer, LiveRole, Question, Read};
use pinpoint_streams_store::archive::ArchiveStore;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer serves for other roles too.
const SERVES_FOR: Duration = Duration::from_secs(10);
/// Concurrent questions about one role; each waits for its turn at its service.
const AT_ONCE: usize = 8;

impl<C: Cloud, A: ArchiveStore, K: Clock> StepContext<'_, C, A, K> {
    /// Fails if anything contradicts what the verdict on the role rests on.
    pub(super) async fn look_again(&self, role: &LiveRole) -> Result<(), StepError> {
        let Some(basis) = self.shared.last_look.basis(&role.arn) else { return Ok(()) };
        let changed = |message| StepError::changed("VerdictOutdated", message);
        if let Some(change) = basis.change_of_role(role) {
            return Err(changed(change));
        }
        let answers =
            stream::iter(basis.questions()).map(|question| async move { (question, self.ask(question).await) });
        let mut answers = answers.buffer_unordered(AT_ONCE);
        while let Some((question, now)) = answers.next().await {
            if let Some(change) = basis.change_around(question, &now) {
                return Err(changed(change));
            }
        }
        Ok(())
    }

    async fn ask(&self, question: &Question) -> Read<Answer> {
        let looked = || self.shared.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let known = looked().get(question).filter(|(since, _)| since.elapsed() < SERVES_FOR).cloned();
        if let Some((_, answer)) = known {
            return answer;
        }
        let answer = self.shared.cloud.read(question).await;
        looked().insert(question.clone(), (Instant::now(), answer.clone()));
        answer
    }
}
