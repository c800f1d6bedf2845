//! Tasks that are too large for the stack of every thread they are run on.
use std::pin::Pin;

/// The task on the heap, made in a frame of its own: where it is awaited, nothing of its size is left on the stack.
pub(crate) fn on_heap<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}
