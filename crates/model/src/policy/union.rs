//! What grants all that either of two documents grants: the middle of expand, move, contract.
use super::document::Document;
use super::text::ConditionValue;

/// `a ∪ b`.
pub fn union<V: ConditionValue>(a: &Document<V>, b: &Document<V>) -> Document<V> {
    let mut all = a.clone();
    all.statements.extend(b.statements.iter().cloned());
    all
}
