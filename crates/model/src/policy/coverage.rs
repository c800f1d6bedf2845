//! Whether one document or statement covers another. Sound but not complete: `true` is a proof, `false` means only
//! that no proof was found.
use super::document::{Actions, Clause, Document, Effect, PrincipalClause, Resources, Statement};
use super::operator::Test;
use super::pattern::{Pattern, Wildcards};
use super::principal::Principal;
use super::text::ConditionValue;
use crate::sorted_set::SortedSet;

/// Whether `a` grants every request that `b` grants: it allows everything that `b` allows, and denies nothing that
/// `b` does not deny.
pub(super) fn grants_all_of<V: ConditionValue>(a: &Document<V>, b: &Document<V>) -> bool {
    let (a, b) = (a.in_current_language(), b.in_current_language());
    let of = |document: &Document<V>, effect| {
        document.statements.iter().filter(|s| s.effect == effect).cloned().collect::<Vec<_>>()
    };
    let (allowed, denied) = (of(&a, Effect::Allow), of(&b, Effect::Deny));
    of(&b, Effect::Allow).iter().all(|statement| covered(statement, &allowed))
        && of(&a, Effect::Deny).iter().all(|statement| covered(statement, &denied))
}

/// The most pieces a statement is split into in search of a proof.
const PIECES: usize = 4096;

/// Whether every request that the statement matches is matched by the others: by a single one, or piece by piece.
/// All must use the current policy version.
pub(super) fn covered<V: ConditionValue>(statement: &Statement<V>, by: &[Statement<V>]) -> bool {
    if by.iter().any(|one| covers(one, statement)) {
        return true;
    }
    let pieces = pieces(statement);
    pieces.len() > 1 && pieces.iter().all(|piece| by.iter().any(|one| covers(one, piece)))
}

/// Whether `a` matches every request that `b` matches. Ignores the effects.
pub(super) fn covers<V: ConditionValue>(a: &Statement<V>, b: &Statement<V>) -> bool {
    let who = match (&a.principal, &b.principal) {
        (None, None) => true,
        (Some(a), Some(b)) => covers_principals(a, b),
        (None, Some(_)) | (Some(_), None) => false,
    };
    let on = match (&a.resource, &b.resource) {
        (None, None) => true,
        (Some(a), Some(b)) => Extent::of_resources(a).covers(&Extent::of_resources(b), covers_resource),
        (None, Some(_)) | (Some(_), None) => false,
    };
    let what = Extent::of_actions(&a.action).covers(&Extent::of_actions(&b.action), Pattern::covers);
    let when = a.condition.iter().all(|weaker| b.condition.iter().any(|stronger| implies(stronger, weaker)));
    who && on && what && when
}

fn covers_principals(a: &PrincipalClause, b: &PrincipalClause) -> bool {
    use PrincipalClause::{NotPrincipal, Principal as These};
    match (a, b) {
        (These(a), _) if a.contains(&Principal::Anyone) => true,
        (These(a), These(b)) => b.is_subset(a),
        (NotPrincipal(a), NotPrincipal(b)) => a.is_subset(b),
        // A NotPrincipal cannot be decided without knowing which accounts and roles a principal belongs to.
        (These(_), NotPrincipal(_)) | (NotPrincipal(_), These(_)) => false,
    }
}

/// The extent of a list of patterns: these, or all but these.
struct Extent {
    but: bool,
    patterns: Vec<Pattern>,
}

impl Extent {
    fn of_actions(actions: &Actions) -> Extent {
        let (but, names) = match actions {
            Actions::Action(names) => (false, names),
            Actions::NotAction(names) => (true, names),
        };
        let read = |folded: String| Pattern::without_variables(&folded, Wildcards::Stand);
        Extent { but, patterns: names.iter().map(|name| read(name.folded())).collect() }
    }

    fn of_resources(resources: &Resources) -> Extent {
        let (but, arns) = match resources {
            Resources::Resource(arns) => (false, arns),
            Resources::NotResource(arns) => (true, arns),
        };
        Extent { but, patterns: arns.iter().map(|arn| Pattern::read(arn, Wildcards::Stand)).collect() }
    }

    fn covers(&self, other: &Extent, pattern_covers: impl Fn(&Pattern, &Pattern) -> bool) -> bool {
        let within = |inner: &Extent, outer: &Extent| {
            inner.patterns.iter().all(|a| outer.patterns.iter().any(|b| pattern_covers(b, a)))
        };
        match (self.but, other.but) {
            (false, false) => within(other, self),
            (true, true) => within(self, other),
            (false, true) => self.patterns.iter().any(Pattern::is_everything),
            (true, false) => false,
        }
    }
}

fn covers_resource(a: &Pattern, b: &Pattern) -> bool {
    a.is_everything() || a.covers_arn(b)
}

/// Whether every request that passes `stronger` passes `weaker` too.
fn implies<V: ConditionValue>(stronger: &Clause<V>, weaker: &Clause<V>) -> bool {
    if (stronger.operator, &stronger.key, &stronger.values) == (weaker.operator, &weaker.key, &weaker.values) {
        return true;
    }
    let (s, w) = (stronger.operator, weaker.operator);
    let alike = stronger.key == weaker.key
        && (s.negated, s.quantifier) == (w.negated, w.quantifier)
        && (w.if_exists || !s.if_exists);
    let within = |inner: &Clause<V>, outer: &Clause<V>| {
        let fits = |a: &V| outer.values.iter().any(|b| passes(inner.operator.test, a, outer.operator.test, b));
        inner.values.iter().all(fits)
    };
    // What a negated operator makes of an empty list is not documented.
    let empty = stronger.values.is_empty() || weaker.values.is_empty();
    alike && if s.negated { !empty && within(weaker, stronger) } else { within(stronger, weaker) }
}

/// Whether every value that passes `test_a` against `a` passes `test_b` against `b`.
fn passes<V: ConditionValue>(test_a: Test, a: &V, test_b: Test, b: &V) -> bool {
    if test_a == test_b && a == b {
        return true;
    }
    let (Some(pattern_a), Some(pattern_b)) = (as_pattern(test_a, a), as_pattern(test_b, b)) else { return false };
    match (test_a, test_b) {
        (Test::StringLike, Test::ArnLike) => pattern_a.is_exact() && pattern_b.covers_arn(&pattern_a),
        (_, Test::ArnLike) => pattern_b.covers_arn(&pattern_a),
        _ => pattern_b.covers(&pattern_a),
    }
}

fn as_pattern<V: ConditionValue>(test: Test, value: &V) -> Option<Pattern> {
    match test {
        Test::StringEquals => Some(Pattern::read(value, Wildcards::Literal)),
        Test::StringLike | Test::ArnLike => Some(Pattern::read(value, Wildcards::Stand)),
        _ => None,
    }
}

/// Splits the statement into statements of one principal, action, resource and condition value each, which together
/// match the same requests. Returned whole if that would be too many.
pub(super) fn pieces<V: ConditionValue>(statement: &Statement<V>) -> Vec<Statement<V>> {
    let mut pieces = vec![statement.clone()];
    if let Some(PrincipalClause::Principal(all)) = &statement.principal {
        cut(&mut pieces, all, |piece, one| piece.principal = Some(PrincipalClause::Principal(one)));
    }
    if let Actions::Action(all) = &statement.action {
        cut(&mut pieces, all, |piece, one| piece.action = Actions::Action(one));
    }
    if let Some(Resources::Resource(all)) = &statement.resource {
        cut(&mut pieces, all, |piece, one| piece.resource = Some(Resources::Resource(one)));
    }
    for clause in &statement.condition {
        if !clause.operator.negated && clause.operator.quantifier.is_none() {
            cut(&mut pieces, &clause.values, |piece, one| {
                let part = Clause { values: one, ..clause.clone() };
                let others = piece.condition.iter().filter(|other| *other != clause).cloned();
                piece.condition = others.chain([part]).collect();
            });
        }
    }
    pieces
}

fn cut<V: ConditionValue, T: Ord + Clone>(
    pieces: &mut Vec<Statement<V>>,
    all: &SortedSet<T>,
    put: impl Fn(&mut Statement<V>, SortedSet<T>),
) {
    if all.len() < 2 || pieces.len() * all.len() > PIECES {
        return;
    }
    let each = |piece: &Statement<V>| all.iter().map(|one| (piece.clone(), one.clone())).collect::<Vec<_>>();
    let cut = pieces.iter().flat_map(each).map(|(mut piece, one)| {
        put(&mut piece, SortedSet::from([one]));
        piece
    });
    *pieces = cut.collect();
}
