//! Digests that chain the lines of a journal. The state keeps the last one, so that a run log that was edited later is
//! recognized.
use pinpoint_streams_model::digest::{self, Digest};
use sha2::{Digest as _, Sha256};

/// The SHA-256 hash over the previous link and one line with its newline: it covers all lines up to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link([u8; 32]);

impl Link {
    pub fn first(line: &[u8]) -> Link {
        Link([0; 32]).then(line)
    }

    #[must_use]
    pub fn then(self, line: &[u8]) -> Link {
        Link(Sha256::new().chain_update(self.0).chain_update(line).finalize().into())
    }

    pub fn digest(self) -> Digest {
        digest::of_hash(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_covers_each_line_and_where_it_ends() {
        let chain = |lines: &[&str]| {
            let mut links = lines.iter().map(|line| line.as_bytes());
            let first = Link::first(links.next().unwrap());
            links.fold(first, Link::then).digest()
        };
        let whole = chain(&["a\n", "b\n", "c\n"]);
        assert_eq!(whole, chain(&["a\n", "b\n", "c\n"]));
        for edited in [
            &["a\n", "b\n"][..],
            &["b\n", "c\n"],
            &["a\n", "c\n", "b\n"],
            &["a\nb\n", "c\n"],
            &["x\n", "b\n", "c\n"],
        ] {
            assert_ne!(whole, chain(edited), "{edited:?}");
        }
    }
}
