//! Who may do less after a change of a policy.
use super::coverage::{covered, pieces};
use super::document::{Document, Effect, PrincipalClause, Statement};
use super::principal::Principal;
use std::collections::BTreeSet;

/// Whom the Allow statements of `before` admit and those of `after` no longer do. A principal that is still admitted
/// for something stands with what it is no longer admitted for. Errs towards more: what is not proven to be still
/// allowed is listed.
pub fn no_longer_allowed(before: &Document, after: &Document) -> BTreeSet<String> {
    let (before, after) = (before.in_current_language(), after.in_current_language());
    let allows = |document: &Document| -> Vec<Statement> {
        document.statements.iter().filter(|one| one.effect == Effect::Allow).cloned().collect()
    };
    let still = allows(&after);
    let pieces = allows(&before).into_iter().flat_map(|statement| pieces(&statement));
    pieces.filter(|piece| !covered(piece, &still)).flat_map(|piece| names(&piece, &still)).collect()
}

fn names(piece: &Statement, still: &[Statement]) -> Vec<String> {
    let for_what = || {
        let values = piece.condition.iter().flat_map(|clause| clause.values.iter().map(String::as_str));
        values.collect::<Vec<_>>().join(", ")
    };
    let name = |principal: &Principal| match for_what() {
        what if is_named(principal, still) && !what.is_empty() => format!("{principal} for {what}"),
        _ => principal.to_string(),
    };
    match &piece.principal {
        Some(PrincipalClause::Principal(set)) => set.iter().map(name).collect(),
        Some(PrincipalClause::NotPrincipal(set)) => {
            let but: Vec<&str> = set.iter().map(Principal::as_str).collect();
            vec![format!("everyone but {}", but.join(", "))]
        }
        None => Vec::new(),
    }
}

fn is_named(principal: &Principal, statements: &[Statement]) -> bool {
    statements.iter().any(|statement| match &statement.principal {
        Some(PrincipalClause::Principal(set)) => set.contains(principal),
        Some(PrincipalClause::NotPrincipal(_)) | None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::read;

    const APP: &str = r#"{"Effect": "Allow", "Principal": {"Service": "pinpoint.amazonaws.com"}, "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:SourceArn": ["arn:aws:m:r:1:apps/a", "arn:aws:m:r:1:apps/b"]}}}"#;

    fn lost(before: &str, after: &str) -> Vec<String> {
        no_longer_allowed(&read(before), &read(after)).into_iter().collect()
    }

    #[test]
    fn a_principal_that_is_no_longer_named_is_lost_and_one_that_is_says_for_what() {
        let account = r#"{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "sts:AssumeRole"}"#;
        assert_eq!(lost(&format!("{APP}, {account}"), APP), ["210987654321"]);
        let fewer = APP.replace(r#", "arn:aws:m:r:1:apps/b""#, "");
        assert_eq!(lost(APP, &fewer), ["pinpoint.amazonaws.com for arn:aws:m:r:1:apps/b"]);
        assert_eq!(lost(&fewer, APP), Vec::<String>::new());
        assert_eq!(lost(APP, &APP.replace("apps/a", "apps/*")), Vec::<String>::new());
    }
}
