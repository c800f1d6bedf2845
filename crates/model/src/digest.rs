//! Digests over data: the same value has the same digest on every machine.
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::{self, BufWriter, Write};

/// `sha256:` and 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Digest {
    /// A digest from user input. It is only compared, so any text is accepted.
    fn from(text: String) -> Digest {
        Digest(text)
    }
}

/// The digest of the compact JSON. All maps in the model are ordered, so equal values give equal JSON.
pub fn of(value: &impl Serialize) -> Digest {
    // Serializing writes a few bytes at a time.
    let mut hash = BufWriter::with_capacity(8 * 1024, Sha256Writer::default());
    // Serializing model types cannot fail, nor can hashing.
    match (serde_json::to_writer(&mut hash, value), hash.into_inner()) {
        (Ok(()), Ok(Sha256Writer(hash))) => of_hash(&hash.finalize()),
        (Err(_), _) | (_, Err(_)) => of_bytes(b""),
    }
}

#[derive(Default)]
struct Sha256Writer(Sha256);

impl Write for Sha256Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn of_bytes(bytes: &[u8]) -> Digest {
    of_hash(&Sha256::digest(bytes))
}

/// The digest with the 32 bytes of a hash that was computed piece by piece.
pub fn of_hash(sha256: &[u8]) -> Digest {
    use std::fmt::Write as _;
    let mut text = String::from("sha256:");
    for byte in sha256 {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Digest(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_sha256() {
        assert_eq!(
            of_bytes(b"").to_string(),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
