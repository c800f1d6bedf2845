//! Ids in AWS's forms, drawn at random; the same ones in every run where a seed is given.

/// Draws ids.
pub(crate) struct Ids(fastrand::Rng);

/// The characters of IAM's unique ids (base 32). Source: IAM user guide, "Unique identifiers": upper-case.
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8] = b"0123456789abcdef";

impl Ids {
    pub(crate) fn new(seed: Option<u64>) -> Ids {
        Ids(seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed))
    }

    fn draw(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[self.0.usize(..alphabet.len())])).collect()
    }

    /// A unique id of IAM: `AROA` (role), `ANPA` (managed policy) or `AIPA` (instance profile) and 17 more.
    pub(crate) fn iam(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.draw(BASE32, 17))
    }

    /// The id of a Pinpoint app: 32 hexadecimal digits.
    pub(crate) fn app(&mut self) -> String {
        self.draw(HEX, 32)
    }

    /// A request id: a UUID.
    pub(crate) fn request(&mut self) -> String {
        let mut group = |length| self.draw(HEX, length);
        let (a, b, c, d, e) = (group(8), group(4), group(3), group(3), group(12));
        format!("{a}-{b}-4{c}-a{d}-{e}")
    }
}
