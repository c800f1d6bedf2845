//! Whether one document or statement surely covers another. Sound, not complete: `true` is a proof,
//! `false` says only that none was found.
use super::document::Document;
use super::text::ConditionValue;

/// Whether `a` grants every request that `b` grants.
pub(super) fn grants_all_of<V: ConditionValue>(a: &Document<V>, b: &Document<V>) -> bool {
    a == b
}
