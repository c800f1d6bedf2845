//! Keeps what AWS answers in a bundle of evidence while an inquiry asks. What an earlier, interrupted capture kept is not
//! asked again.
use crate::clock::Clock;
use crate::cloud::{ReadCloud, traced};
use pinpoint_streams_model::{Answer, FailureKind, Question, Read, Unreadable};
use pinpoint_streams_store::bundle::{BundleError, BundleWriter, End, Kept};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// A cloud whose answers are kept.
#[derive(Debug)]
pub struct Capturing<'a, C, K> {
    cloud: &'a C,
    clock: &'a K,
    /// What was kept before, as far as AWS answered.
    known: BTreeMap<Question, Read<Answer>>,
    written: Mutex<Result<BundleWriter, BundleError>>,
}

impl<'a, C: ReadCloud, K: Clock> Capturing<'a, C, K> {
    pub fn new(cloud: &'a C, clock: &'a K, writer: BundleWriter, before: Vec<Kept>) -> Capturing<'a, C, K> {
        let known = before.into_iter().filter(|kept| kept.answer.is_known());
        let known = known.map(|kept| (kept.question, kept.answer)).collect();
        Capturing { cloud, clock, known, written: Mutex::new(Ok(writer)) }
    }

    /// Ends the bundle. Fails if an answer could not be written.
    pub fn finish(self) -> Result<End, BundleError> {
        self.written.into_inner().unwrap_or_else(PoisonError::into_inner)?.finish(self.clock.now())
    }

    fn keep(&self, kept: Kept) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(writer) = &mut *written
            && let Err(error) = writer.keep(kept)
        {
            *written = Err(error);
        }
    }

    fn has_failed(&self) -> bool {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).is_err()
    }
}

impl<C: ReadCloud, K: Clock> ReadCloud for Capturing<'_, C, K> {
    async fn read(&self, question: &Question) -> Read<Answer> {
        if let Some(known) = self.known.get(question) {
            return known.clone();
        }
        // Nothing more is worth asking once the bundle cannot be written.
        if self.has_failed() {
            return Read::Unreadable(not_asked());
        }
        let (answer, request_ids) = traced(self.cloud.read(question)).await;
        let (at, question) = (self.clock.now(), question.clone());
        self.keep(Kept { at, question, answer: answer.clone(), request_ids });
        answer
    }
}

fn not_asked() -> Unreadable {
    Unreadable {
        kind: FailureKind::Other,
        operation: "the read".to_owned(),
        code: "NotAsked".to_owned(),
        message: "the bundle of evidence cannot be written".to_owned(),
        request_id: None,
        beneath: Vec::new(),
    }
}
