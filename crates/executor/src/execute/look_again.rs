//! The last look of a sweep at a role before it is quarantined or deleted.
use super::shared::LiveApps;
use super::step::StepContext;
use super::step_error::StepError;
use crate::clock::Clock;
use crate::cloud::Cloud;
use futures::StreamExt as _;
use futures::stream;
use pinpoint_streams_model::live::{Answer, LiveRole, Question, Read};
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_store::archive::ArchiveStore;
use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long an answer serves for other roles too.
const SERVES_FOR: Duration = Duration::from_secs(10);
/// How long a region may take to answer for which an assertion stands in.
const ASSERTED_FOR: Duration = Duration::from_secs(20);
/// Concurrent questions about one role; each waits for its turn at its service.
const AT_ONCE: usize = 8;

impl<C: Cloud, A: ArchiveStore, K: Clock> StepContext<'_, C, A, K> {
    /// Fails if anything contradicts what the verdict on the role rests on.
    pub(super) async fn look_again(&self, role: &LiveRole) -> Result<(), StepError> {
        let Some(basis) = self.shared.last_look.basis(&role.arn) else { return Ok(()) };
        let outdated = |message| StepError::changed("VerdictOutdated", message);
        if let Some(change) = basis.change_of_role(role) {
            return Err(outdated(change));
        }
        let changed = |message, question: &Question| match basis.without_assertion(question) {
            Some(hint) => StepError::refused("VerdictOutdated", message).hint(hint),
            None => outdated(message),
        };
        for role in basis.asserted_stacks() {
            let question = Question::Stack(role.clone());
            if let Some(now) = self.ask_despite_assertion(&role.place, &question).await
                && let Some(change) = basis.change_around(&question, &now)
            {
                return Err(changed(change, &question));
            }
        }
        let mut questions: BTreeSet<Question> = basis.questions().cloned().collect();
        let asserted = stream::iter(basis.asserted_regions())
            .map(|place| async move { (place, self.apps_despite_assertion(place).await) });
        let mut asserted = asserted.buffer_unordered(AT_ONCE);
        while let Some((place, apps)) = asserted.next().await {
            let event_streams = basis.event_streams_in(place, apps.as_ref());
            questions.extend(event_streams.map_err(|message| changed(message, &Question::Apps(place.clone())))?);
        }
        let answers = stream::iter(&questions).map(|question| async move { (question, self.ask(question).await) });
        let mut answers = answers.buffer_unordered(AT_ONCE);
        while let Some((question, now)) = answers.next().await {
            if let Some(change) = basis.change_around(question, &now) {
                return Err(changed(change, question));
            }
        }
        Ok(())
    }

    /// The apps of a region for which an assertion stands in. None where Pinpoint does not list them: the region may be
    /// denied, or have no endpoint any more, which is why it was asserted. Asked once a run.
    async fn apps_despite_assertion(&self, place: &AccountRegion) -> Option<LiveApps> {
        let asserted = || self.shared.asserted.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = asserted().entry(place.clone()).or_default().clone();
        let ask = async || {
            let question = Question::Apps(place.clone());
            match timeout(ASSERTED_FOR, self.shared.cloud.read(&question)).await {
                Ok(Read::Present(Answer::Apps(apps))) => Some(apps),
                _ => None,
            }
        };
        cell.get_or_init(ask).await.clone()
    }

    /// The answer to a question about a region for which an assertion stands in. None where the region has not answered
    /// before, or does not now.
    async fn ask_despite_assertion(&self, place: &AccountRegion, question: &Question) -> Option<Read<Answer>> {
        let silent = || self.shared.silent.lock().unwrap_or_else(PoisonError::into_inner);
        if silent().contains(place) {
            return None;
        }
        let answer = timeout(ASSERTED_FOR, self.ask(question)).await.ok();
        let answer = answer.filter(|answer| !matches!(answer, Read::Unreadable(_)));
        if answer.is_none() {
            silent().insert(place.clone());
        }
        answer
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
