//! `evidence show --redact`
use crate::ui::error::Error;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_store::bundle::{Bundle, BundleWriter, End, redact};
use std::io;
use std::path::Path;
use uuid::Uuid;

/// Writes a redacted copy. Its key is random, and forgotten.
pub(super) fn write(bundle: &Bundle, out: &Path) -> Result<End, Error> {
    let mut key = [0; 32];
    key[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    key[16..].copy_from_slice(Uuid::new_v4().as_bytes());
    let (header, answers) = redact(bundle, key).map_err(|error| Error::File {
        operation: "redact",
        path: out.to_owned(),
        source: io::Error::other(error),
    })?;
    let mut writer = BundleWriter::create(out, &header)?;
    for kept in answers {
        writer.keep(kept)?;
    }
    let finished = bundle.end.as_ref().map_or_else(|| SystemClock.now(), |end| end.finished);
    Ok(writer.finish(finished)?)
}
