//! What is kept between runs, and the ports to it: the state, the journal, the lock, the archives and the run logs,
//! with their implementations in files.
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `state` | what the workspace owns |
//! | `journal` | the calls of a run, recorded before they are made and after they are answered |
//! | `journal::runs` | the journals of finished runs, for `report` and `restore` |
//! | `session` | state and journal read together: what a run starts from |
//! | `lock` | one run at a time |
//! | `archive` | full copies of what is deleted or quarantined |
//! | `aws_cli` | scripts of AWS CLI commands |
//! | `bundle` | evidence that was captured for later sweeps |
//! | `disk` | files read with a size limit, and written atomically, privately and never through a link |
pub mod archive;
pub mod aws_cli;
pub mod bundle;
pub mod disk;
pub mod journal;
pub mod lock;
pub mod session;
pub mod state;

pub use disk::DiskError;
pub use session::Loaded;

/// The format of a JSON document, which is all that is read of one with a newer format.
pub fn format_of(json: &[u8]) -> serde_json::Result<u32> {
    #[derive(serde::Deserialize)]
    #[serde(expecting = "an object")]
    struct Header {
        format: u32,
    }
    match leading_format(json) {
        Some(format) => Ok(format),
        None => serde_json::from_slice(json).map(|Header { format }| format),
    }
}

/// The format of a document that begins with it, as all that this program writes do: the rest may be long, and is not read.
fn leading_format(json: &[u8]) -> Option<u32> {
    let mut rest = json;
    for token in ["{", "\"format\"", ":"] {
        rest = rest.trim_ascii_start().strip_prefix(token.as_bytes())?;
    }
    let rest = rest.trim_ascii_start();
    let (digits, after) = rest.split_at(rest.iter().position(|byte| !byte.is_ascii_digit())?);
    let is_whole = matches!(after.trim_ascii_start().first(), Some(b',' | b'}'));
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|_| is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_found_wherever_it_stands() {
        for json in [r#"{"format":4}"#, " {\n \"format\" : 4 ,", r#"{"a": [1], "format": 4}"#] {
            assert_eq!(format_of(json.as_bytes()).unwrap(), 4, "{json}");
        }
        for json in ["", "{}", r#"{"format": 4.5}"#, r#"{"format": "4"}"#, r#"{"format": -4}"#, r#"{"format": 4"#]
        {
            assert!(format_of(json.as_bytes()).is_err(), "{json}");
        }
    }
}
