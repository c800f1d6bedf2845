//! Reading a journal from its bytes.
use super::{Contents, FORMAT, Header, JournalError, Record};

/// Parses a journal. A last line without a newline was never confirmed, so it is dropped. `place` is for messages.
pub fn parse(place: &str, text: &[u8]) -> Result<Contents, JournalError> {
    let broken = |line: usize, reason: String| JournalError::Broken { place: place.to_owned(), line, reason };
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut lines = text[..whole].split_inclusive(|byte| *byte == b'\n').enumerate();
    let Some((_, first)) = lines.next() else {
        return Ok(Contents { header: None, records: Vec::new() });
    };
    let header = parse_header(place, first)?;
    let mut records = Vec::new();
    for (at, line) in lines {
        let record: Record = serde_json::from_slice(line).map_err(|error| broken(at + 1, error.to_string()))?;
        if record.seq() != at as u64 {
            return Err(broken(at + 1, format!("record {} where record {at} was expected", record.seq())));
        }
        records.push(record);
    }
    Ok(Contents { header: Some(header), records })
}

fn parse_header(place: &str, line: &[u8]) -> Result<Header, JournalError> {
    /// The only field that is read of an unknown format.
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
    }
    let broken = |error: serde_json::Error| JournalError::Broken {
        place: place.to_owned(),
        line: 1,
        reason: error.to_string(),
    };
    let Format { format } = serde_json::from_slice(line).map_err(broken)?;
    if format > FORMAT {
        return Err(JournalError::NewerFormat { place: place.to_owned(), format });
    }
    serde_json::from_slice(line).map_err(broken)
}
