//! What the workers of a run share, and what each has in hand. A worker tells the one task that writes
//! everything down what it is about to do, and goes on once that is on disk.
use super::quarantine::Quarantines;
use super::retry::Next;
use super::roles::RoleChanges;
use super::teardown::Teardowns;
use crate::clock::Clock;
use crate::cloud::{Cloud, CloudError, Written};
use crate::pace::Seat;
use crate::stop::{Level, Stop};
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::event::{StepFailure, StepRef, What};
use pinpoint_streams_model::ids::{Lineage, RunId, StepId, Workspace};
use pinpoint_streams_model::live::{LiveRole, Question, Unreadable};
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_store::archive::{self, ArchiveStore, Entry};
use pinpoint_streams_store::journal::{EndResult, Failed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::sleep;

/// What all workers of a run share.
pub(super) struct Crew<'a, C, A, K> {
    pub(super) cloud: &'a C,
    pub(super) archive: &'a A,
    pub(super) clock: &'a K,
    pub(super) workspace: &'a Workspace,
    pub(super) lineage: &'a Lineage,
    pub(super) run: &'a RunId,
    pub(super) stop: Stop,
    /// As many permits as calls may be under way.
    pub(super) slots: Arc<Semaphore>,
    pub(super) reports: mpsc::UnboundedSender<Report>,
    pub(super) jitter: Mutex<fastrand::Rng>,
    pub(super) roles: RoleChanges,
    pub(super) teardowns: Teardowns,
    pub(super) quarantines: Quarantines,
}

impl<C, A, K> Crew<'_, C, A, K> {
    pub(super) fn say(&self, what: What) {
        // Nobody listens once the run has ended; then there is nobody to tell.
        let _ = self.reports.send(Report::Event(what));
    }
}

/// What a worker tells.
#[derive(Debug)]
pub(super) enum Report {
    /// This is to be on disk. The answer is the record's number.
    Record(Draft, oneshot::Sender<Result<u64, JournalLost>>),
    /// This is to be said.
    Event(What),
}

/// A record without its number.
#[derive(Debug)]
pub(super) enum Draft {
    Begin { step: StepId, address: Address, op: Box<Op<Resolved>>, time: Timestamp },
    End { begin: u64, result: EndResult, request_id: Option<String>, time: Timestamp },
    Archived { step: StepId, path: String, digest: Digest, time: Timestamp },
}

/// The code of a step that was waiting when the run was told to stop waiting.
pub(super) const STOPPED: &str = "Stopped";
/// Why a step that stood in line was not carried out.
pub(super) const NOT_STARTED: &str = "the run was stopped before its call was made";
/// The code of a step whose call was under way when the run let go of it.
pub(super) const INTERRUPTED: &str = "Interrupted";

/// The journal cannot be written any more: nothing new may begin.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the journal cannot be written: {0}")]
pub(super) struct JournalLost(pub(super) String);

/// Why a step did not succeed.
#[derive(Debug)]
pub(super) enum Setback {
    /// AWS refused, or nobody knows.
    Cloud(Box<CloudError>, Vec<String>),
    /// The run was told to stop waiting for this to pass.
    Stopped(Box<CloudError>),
    /// The run was told to start nothing new before AWS took its call.
    NotStarted {
        /// Whether AWS was asked for it, and asked for fewer calls.
        was_asked: bool,
    },
    /// It is not what was planned, so it is left alone.
    Refused { code: &'static str, message: String, hints: Vec<String> },
}

impl Setback {
    pub(super) fn refused(code: &'static str, message: String) -> Setback {
        Setback::Refused { code, message, hints: Vec::new() }
    }

    /// What had to be read before anything was written could not be: nothing was done.
    pub(super) fn unread(why: Unreadable) -> Setback {
        Setback::from(CloudError { definitely_refused: true, ..CloudError::unread(why) })
    }

    /// Whether AWS may have done it all the same.
    pub(super) fn is_in_doubt(&self) -> bool {
        match self {
            Setback::Cloud(error, _) | Setback::Stopped(error) => !error.definitely_refused,
            Setback::NotStarted { was_asked } => *was_asked,
            Setback::Refused { .. } => false,
        }
    }

    /// One more thing that a person can do or should know.
    pub(super) fn hint(mut self, hint: String) -> Setback {
        match &mut self {
            Setback::Cloud(_, hints) | Setback::Refused { hints, .. } => hints.push(hint),
            Setback::Stopped(_) | Setback::NotStarted { .. } => {}
        }
        self
    }

    pub(super) fn failure(self) -> StepFailure {
        match self {
            Setback::Cloud(error, hints) => {
                let message = error.to_string();
                StepFailure { code: error.code, message, request_id: error.request_id, hints }
            }
            Setback::Stopped(error) => {
                let message = format!("stopped while waiting for this to pass: {error}");
                StepFailure { code: STOPPED.to_owned(), message, request_id: error.request_id, hints: Vec::new() }
            }
            Setback::NotStarted { .. } => {
                let message = NOT_STARTED.to_owned();
                StepFailure { code: STOPPED.to_owned(), message, request_id: None, hints: Vec::new() }
            }
            Setback::Refused { code, message, hints } => {
                StepFailure { code: code.to_owned(), message, request_id: None, hints }
            }
        }
    }
}

impl From<CloudError> for Setback {
    fn from(error: CloudError) -> Self {
        Setback::Cloud(Box::new(error), Vec::new())
    }
}

/// One step in the hands of a worker.
pub(super) struct Hand<'a, C, A, K> {
    pub(super) crew: &'a Crew<'a, C, A, K>,
    step: StepRef,
    seat: Seat,
    waited: Duration,
    attempt: u32,
}

impl<'a, C: Cloud, A: ArchiveStore, K: Clock> Hand<'a, C, A, K> {
    pub(super) fn new(crew: &'a Crew<'a, C, A, K>, step: StepRef, slot: OwnedSemaphorePermit) -> Self {
        let seat = Seat::new(Arc::clone(&crew.slots), slot, crew.stop.clone());
        Hand { crew, step, seat, waited: Duration::ZERO, attempt: 1 }
    }

    pub(super) fn seat(&self) -> &Seat {
        &self.seat
    }

    pub(super) fn step(&self) -> &StepRef {
        &self.step
    }

    /// Makes the call; what it changes of a role starts that role's two minutes.
    pub(super) async fn call(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        let written = self.crew.cloud.write(op).await?;
        self.crew.roles.note(op);
        Ok(written)
    }

    /// A role as it is now.
    pub(super) async fn role(&self, arn: &RoleArn) -> Result<Option<LiveRole>, Unreadable> {
        let question = Question::role_directly(&arn.account, &arn.name);
        self.crew.cloud.read_as(&question).await.known()
    }

    /// Puts on disk that this is about to be done.
    pub(super) async fn begin(&self, op: &Op<Resolved>) -> Result<u64, JournalLost> {
        self.begin_at(self.step.address.clone(), op).await
    }

    /// The same of something that is recorded elsewhere than the step, or nowhere.
    pub(super) async fn begin_at(&self, address: Address, op: &Op<Resolved>) -> Result<u64, JournalLost> {
        let (step, time) = (self.step.step, self.crew.clock.now());
        self.record(Draft::Begin { step, address, op: Box::new(op.clone()), time }).await
    }

    /// Puts on disk what became of it.
    pub(super) async fn end(&self, begin: u64, result: &Result<Written, Setback>) -> Result<u64, JournalLost> {
        let (result, request_id) = match result {
            Ok(Written { output, request_id }) => (EndResult::Output(output.clone()), request_id.clone()),
            Err(setback) => {
                let in_doubt = setback.is_in_doubt();
                let (code, message, request_id) = match setback {
                    Setback::Cloud(error, _) | Setback::Stopped(error) => {
                        (error.code.clone(), error.message.clone(), error.request_id.clone())
                    }
                    Setback::NotStarted { .. } => (STOPPED.to_owned(), NOT_STARTED.to_owned(), None),
                    Setback::Refused { code, message, hints: _ } => ((*code).to_owned(), message.clone(), None),
                };
                (EndResult::Error(Failed { code, message, in_doubt }), request_id)
            }
        };
        self.record(Draft::End { begin, result, request_id, time: self.crew.clock.now() }).await
    }

    /// Keeps what is about to be deleted or quarantined; without that it is left alone.
    pub(super) async fn archive(&self, object: archive::Object) -> Result<String, Setback> {
        let crew = self.crew;
        let entry = Entry {
            format: archive::FORMAT,
            workspace: crew.workspace.clone(),
            lineage: crew.lineage.clone(),
            run: crew.run.clone(),
            time: crew.clock.now(),
            address: self.step.address.clone(),
            object,
        };
        let not_kept = |reason: String| {
            let message = format!("it could not be archived, so it is left as it is: {reason}");
            Setback::refused("ArchiveFailed", message)
        };
        let kept = crew.archive.keep(&entry).await.map_err(|error| not_kept(one_line(&error)))?;
        let (step, path) = (self.step.step, kept.path.clone());
        let draft = Draft::Archived { step, path: kept.path, digest: kept.digest, time: entry.time };
        self.record(draft).await.map_err(|lost| not_kept(lost.to_string()))?;
        Ok(path)
    }

    async fn record(&self, draft: Draft) -> Result<u64, JournalLost> {
        let (durable, answer) = oneshot::channel();
        let gone = || JournalLost("the run has ended".to_owned());
        self.crew.reports.send(Report::Record(draft, durable)).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    pub(super) fn say(&self, what: What) {
        self.crew.say(what);
    }

    /// Does what was decided about a refusal: waits, without its slot, and says so; or gives up.
    pub(super) async fn heed(&mut self, next: Next, error: CloudError) -> Result<(), Setback> {
        let Next::Again { wait, reason } = next else { return Err(error.into()) };
        self.wait(wait, reason, error).await?;
        self.attempt += 1;
        let (step, attempt) = (self.step.clone(), self.attempt);
        self.say(What::StepRetried { step, attempt, reason: reason.to_owned() });
        Ok(())
    }

    async fn wait(&mut self, wait: Duration, reason: &'static str, error: CloudError) -> Result<(), Setback> {
        self.seat.rest();
        let waited_ms = u64::try_from(self.waited.as_millis()).unwrap_or(u64::MAX);
        self.say(What::StepWaiting { step: self.step.clone(), reason: reason.to_owned(), waited_ms });
        self.waited += wait;
        let back_in_line = async {
            sleep(wait).await;
            self.seat.resume().await;
        };
        tokio::select! {
            biased;
            () = self.crew.stop.reached(Level::Abandon) => Err(Setback::Stopped(Box::new(error))),
            () = back_in_line => Ok(()),
        }
    }

    /// From 0 to 1.
    pub(super) fn jitter(&self) -> f64 {
        self.crew.jitter.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}
