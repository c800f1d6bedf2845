//! The ports to the cloud. Planning gets only a [`ReadCloud`] and cannot write.
use pinpoint_streams_model::{Answer, FailureKind, Op, Output, Question, Read, Resolved, Unreadable};
use std::borrow::Cow;
use std::cell::RefCell;
use std::error::Error;
use std::future::Future;
use std::sync::Arc;

#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} answered {code}: {message}")]
pub struct CloudError {
    /// Decides what is done next.
    pub kind: FailureKind,
    /// The API operation: `PutEventStream`.
    pub operation: Cow<'static, str>,
    /// AWS's error code, or the kind of transport failure.
    pub code: String,
    pub message: String,
    /// `None` if there was no answer.
    pub request_id: Option<String>,
    /// Whether AWS certainly did not carry out the call, in any of its attempts.
    pub definitely_refused: bool,
    /// The error of the SDK or the transport.
    #[source]
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

impl CloudError {
    /// The same error; if an earlier attempt is in doubt, the outcome is unknown even if the last one was refused.
    pub fn after(self, in_doubt: bool) -> CloudError {
        CloudError { definitely_refused: self.definitely_refused && !in_doubt, ..self }
    }

    /// The form that the model stores.
    pub fn unreadable(self) -> Unreadable {
        let mut beneath = Vec::new();
        let mut next = self.source();
        while let Some(error) = next {
            beneath.push(error.to_string());
            next = error.source();
        }
        let CloudError { kind, operation, code, message, request_id, definitely_refused: _, source: _ } = self;
        Unreadable { kind, operation: operation.into_owned(), code, message, request_id, beneath }
    }

    /// The error of a failed read. Whether AWS certainly refused it is unknown.
    pub fn unread(why: Unreadable) -> CloudError {
        let Unreadable { kind, operation, code, message, request_id, beneath } = why;
        let beneath = beneath.into_iter().rev().fold(None, |next, text| Some(Box::new(Cause { text, next })));
        CloudError {
            kind,
            operation: operation.into(),
            code,
            message,
            request_id,
            definitely_refused: false,
            source: beneath.map(|beneath| Arc::new(*beneath) as _),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Cause {
    text: String,
    #[source]
    next: Option<Box<Cause>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub output: Output,
    pub request_id: Option<String>,
}

tokio::task_local! {
    static REQUEST_IDS: RefCell<Vec<String>>;
}

/// The output of a read, and the request IDs of its calls that were noted while it ran.
pub async fn traced<F: Future>(read: F) -> (F::Output, Vec<String>) {
    REQUEST_IDS
        .scope(RefCell::default(), async {
            let output = read.await;
            (output, REQUEST_IDS.with(RefCell::take))
        })
        .await
}

/// Notes the request ID of an answered call, if the read is traced.
pub fn note_request_id(id: &str) {
    // Outside of a trace there is nothing to note.
    let _ = REQUEST_IDS.try_with(|ids| ids.borrow_mut().push(id.to_owned()));
}

pub trait ReadCloud: Send + Sync {
    /// Asks AWS. `Absent` only if the service says so; every failure is `Unreadable`.
    fn read(&self, question: &Question) -> impl Future<Output = Read<Answer>> + Send;

    /// The same, with the typed answer.
    fn read_as<T: TryFrom<Answer>>(&self, question: &Question) -> impl Future<Output = Read<T>> + Send {
        async { self.read(question).await.typed() }
    }
}

/// Each operation is one API call; operations on the record never come here.
pub trait WriteCloud: Send + Sync {
    /// Carries out the operation once. The implementation retries only what the transport alone understands.
    fn write(&self, op: &Op<Resolved>) -> impl Future<Output = Result<Written, CloudError>> + Send;
}

pub trait Cloud: ReadCloud + WriteCloud {}
impl<T: ReadCloud + WriteCloud> Cloud for T {}
