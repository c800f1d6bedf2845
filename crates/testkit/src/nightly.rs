//! How many cases a property is tried with: a few with every change, many at night.
use proptest::test_runner::{Config, RngSeed};

/// Set to `1`, properties are tried with their nightly number of cases, each time from another seed.
pub const NIGHTLY: &str = "PINPOINT_STREAMS_NIGHTLY";
/// A number: where chance starts from, to see a night's failure again.
pub const SEED: &str = "PINPOINT_STREAMS_SEED";
/// A number: how many cases there are, whatever a property says; proptest's own.
pub const CASES: &str = "PROPTEST_CASES";
/// Where chance starts from with every change, so that a change is not blamed for what it did not do.
const USUAL_SEED: u64 = 4;

/// So many cases usually, and so many at night.
#[expect(clippy::disallowed_methods, reason = "the environment selects the number of cases")]
pub fn cases(usual: u32, nightly: u32) -> Config {
    let is_night = std::env::var(NIGHTLY).is_ok_and(|value| value == "1");
    let seed = std::env::var(SEED).ok().map(|seed| crate::parsed(&seed));
    let rng_seed = match (seed, is_night) {
        (Some(seed), _) => RngSeed::Fixed(seed),
        (None, true) => RngSeed::Random,
        (None, false) => RngSeed::Fixed(USUAL_SEED),
    };
    let cases = std::env::var(CASES).ok().map(|cases| crate::parsed(&cases));
    let cases = cases.unwrap_or(if is_night { nightly } else { usual });
    Config { cases, rng_seed, max_shrink_iters: 1500, ..Config::default() }
}
