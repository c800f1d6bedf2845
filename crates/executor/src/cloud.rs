//! The ports to the cloud. Who only plans is handed a [`ReadCloud`] and so cannot write.
use pinpoint_streams_model::live::{Answer, FailureKind, Question, Read, Unreadable};
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::recorded::Output;
use std::borrow::Cow;
use std::error::Error;
use std::future::Future;
use std::sync::Arc;

/// A call that did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} answered {code}: {message}")]
pub struct CloudError {
    /// What it means for what is done next.
    pub kind: FailureKind,
    /// The API operation: `PutEventStream`.
    pub operation: Cow<'static, str>,
    /// AWS's error code, or the kind of transport failure.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// AWS's request id, where there was an answer.
    pub request_id: Option<String>,
    /// Whether AWS definitely did not carry the call out, in none of its attempts. After anything else it may have.
    pub definitely_refused: bool,
    /// What the SDK or the transport said beneath.
    #[source]
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

impl CloudError {
    /// The same, where an earlier attempt of the call may have been carried out: what refuses the last proves
    /// nothing of that one.
    pub fn after(self, in_doubt: bool) -> CloudError {
        CloudError { definitely_refused: self.definitely_refused && !in_doubt, ..self }
    }

    /// As the model keeps it.
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

    /// A read that failed, as what is to be done next is decided on. Whether AWS refused it for certain is not kept.
    pub fn unread(why: Unreadable) -> CloudError {
        let Unreadable { kind, operation, code, message, request_id, beneath } = why;
        let beneath = beneath.into_iter().rev().fold(None, |next, text| Some(Box::new(Beneath { text, next })));
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

/// What the SDK said, as text.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Beneath {
    text: String,
    #[source]
    next: Option<Box<Beneath>>,
}

/// What a successful write gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What was not known before.
    pub output: Output,
    /// AWS's request id.
    pub request_id: Option<String>,
}

/// Reads.
pub trait ReadCloud: Send + Sync {
    /// Asks AWS. Absent is what the service itself says is not there; every failure is unreadable.
    fn read(&self, question: &Question) -> impl Future<Output = Read<Answer>> + Send;

    /// The same, with the answer as the type that the question asks for.
    fn read_as<T: TryFrom<Answer>>(&self, question: &Question) -> impl Future<Output = Read<T>> + Send {
        async { self.read(question).await.typed() }
    }
}

/// Writes. Each operation is one API call; operations on the record alone never come here.
pub trait WriteCloud: Send + Sync {
    /// Carries the operation out, once. Retries that only the transport knows of are the cloud's; all
    /// others are the executor's.
    fn write(&self, op: &Op<Resolved>) -> impl Future<Output = Result<Written, CloudError>> + Send;
}

/// Reads and writes.
pub trait Cloud: ReadCloud + WriteCloud {}
impl<T: ReadCloud + WriteCloud> Cloud for T {}
