//! Policy evaluation as in IAM: a matching Deny denies, else a matching Allow allows, else the request is not allowed.
//! What cannot be known here is undecidable, with the reason.
use super::conditions;
use super::document::{Actions, Document, Effect, PrincipalClause, Resources, Statement};
use super::explain::{Decision, Explanation, Fit, Mismatch, Part, Request, Unstated};
use super::pattern::{Match, Pattern, Wildcards, any_of, turned};
use super::principal::Principal;
use crate::sorted_set::SortedSet;

/// Evaluates one document. The context is assumed to be complete.
pub fn evaluate(document: &Document, request: &Request<'_>) -> Decision {
    explain([document], request, Unstated::Absent).decision
}

/// Evaluates all policies of one principal together, and lists for each statement what does not match.
pub fn explain<'d>(
    documents: impl IntoIterator<Item = &'d Document>,
    request: &Request<'_>,
    unstated: Unstated,
) -> Explanation {
    let mut statements = Vec::new();
    for document in documents {
        let document = document.in_current_language();
        statements.extend(document.statements.iter().map(|s| (s.effect, fit(s, request, unstated))));
    }
    Explanation { decision: decide(&statements), statements }
}

fn decide(statements: &[(Effect, Fit)]) -> Decision {
    let fits = |effect| statements.contains(&(effect, Fit::Fits));
    let unsure = |effect| {
        statements.iter().find_map(|statement| match statement {
            (its, Fit::Unsure(why)) if *its == effect => Some(Decision::Undecidable(why.clone())),
            _ => None,
        })
    };
    if fits(Effect::Deny) {
        return Decision::ExplicitlyDenied;
    }
    match (fits(Effect::Allow), unsure(Effect::Allow)) {
        (true, _) => unsure(Effect::Deny).unwrap_or(Decision::Allowed),
        (false, Some(undecidable)) => undecidable,
        (false, None) => Decision::NotAllowed,
    }
}

fn fit(statement: &Statement, request: &Request<'_>, unstated: Unstated) -> Fit {
    let mut parts = vec![
        principal_part(statement.principal.as_ref(), request.principal),
        action_part(&statement.action, request.action),
        resource_part(statement.resource.as_ref(), request.resource),
    ];
    parts.extend(statement.condition.iter().map(|clause| conditions::part(clause, request.context, unstated)));
    let (mut mismatches, mut doubts) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Part::Fits => {}
            Part::Differs(mismatch) => mismatches.push(mismatch),
            Part::Unsure(why) => doubts.push(why),
        }
    }
    match (mismatches.is_empty(), doubts.into_iter().next()) {
        (false, _) => Fit::Differs(mismatches),
        (true, Some(why)) => Fit::Unsure(why),
        (true, None) => Fit::Fits,
    }
}

fn principal_part(clause: Option<&PrincipalClause>, asked: Option<&str>) -> Part {
    let (negated, set) = match (clause, asked) {
        (None, None) => return Part::Fits,
        (None, Some(_)) => (false, &SortedSet::default()),
        (Some(PrincipalClause::Principal(set)), _) => (false, set),
        (Some(PrincipalClause::NotPrincipal(set)), _) => (true, set),
    };
    let is_listed =
        |service: &str| set.contains(&Principal::Anyone) || set.contains(&Principal::Service(service.to_owned()));
    let only_services = set.iter().all(|principal| matches!(principal, Principal::Service(_)));
    let answer = match (asked.map(is_listed), negated) {
        (None, _) | (Some(true), true) | (Some(false), false) => Match::No,
        (Some(true), false) => Match::Yes,
        (Some(false), true) if only_services => Match::Yes,
        (Some(false), true) => Match::Unsure,
    };
    let mismatch = || Mismatch::Principal {
        asked: asked.map(str::to_owned),
        found: set.iter().map(Principal::to_string).collect(),
    };
    Part::of(answer, mismatch, || "which principals a NotPrincipal excludes".to_owned())
}

fn action_part(actions: &Actions, asked: &str) -> Part {
    let (but, names) = match actions {
        Actions::Action(names) => (false, names),
        Actions::NotAction(names) => (true, names),
    };
    let asked_folded = asked.to_ascii_lowercase();
    let read = |folded: String| Pattern::without_variables(&folded, Wildcards::Stand);
    let answer = any_of(names.iter().map(|name| read(name.folded()).matches(&asked_folded)));
    let found = || names.iter().map(ToString::to_string).collect();
    let mismatch = || Mismatch::Action { asked: asked.to_owned(), found: found() };
    Part::of(turned(answer, but), mismatch, || "an action pattern".to_owned())
}

fn resource_part(resources: Option<&Resources>, asked: Option<&str>) -> Part {
    let (but, arns) = match resources {
        None => return Part::Fits,
        Some(Resources::Resource(arns)) => (false, arns),
        Some(Resources::NotResource(arns)) => (true, arns),
    };
    let matches = |arn: &String| {
        let pattern = Pattern::read(arn, Wildcards::Stand);
        match asked {
            Some(asked) => pattern.matches_resource(asked),
            None if pattern.is_everything() => Match::Yes,
            None => Match::Unsure,
        }
    };
    let answer = turned(any_of(arns.iter().map(matches)), but);
    let found = arns.iter().cloned().collect();
    let mismatch = || Mismatch::Resource { asked: asked.unwrap_or_default().to_owned(), found };
    let list = || arns.iter().cloned().collect::<Vec<_>>().join(", ");
    Part::of(answer, mismatch, || format!("whether the resource is among {}", list()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::read;
    use std::collections::BTreeMap;

    fn put(statements: &str) -> Decision {
        let request = Request {
            principal: None,
            action: "kinesis:PutRecords",
            resource: Some("arn:aws:kinesis:us-east-1:123456789012:stream/clicks"),
            context: &BTreeMap::new(),
        };
        evaluate(&read(statements), &request)
    }

    fn assume(statements: &str) -> Decision {
        let request = Request {
            principal: Some("pinpoint.amazonaws.com"),
            action: "sts:AssumeRole",
            resource: None,
            context: &BTreeMap::new(),
        };
        evaluate(&read(statements), &request)
    }

    #[test]
    fn a_deny_wins_over_an_allow_and_silence_allows_nothing() {
        let (allow, deny) = (
            r#"{"Effect": "Allow", "Action": "Kinesis:Put*", "Resource": "*"}"#,
            r#"{"Effect": "Deny", "Action": "kinesis:*", "Resource": "arn:aws:kinesis:*:*:stream/c?icks"}"#,
        );
        assert_eq!(put(allow), Decision::Allowed);
        assert_eq!(put(&format!("{allow}, {deny}")), Decision::ExplicitlyDenied);
        assert_eq!(put(deny), Decision::ExplicitlyDenied);
        assert_eq!(put(""), Decision::NotAllowed);
    }

    #[test]
    fn not_action_and_not_resource_are_all_but_these() {
        assert_eq!(put(r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#), Decision::Allowed);
        assert_eq!(
            put(r#"{"Effect": "Allow", "NotAction": "kinesis:putrecords", "Resource": "*"}"#),
            Decision::NotAllowed
        );
        assert_eq!(
            put(r#"{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::*"}"#),
            Decision::Allowed
        );
        assert_eq!(put(r#"{"Effect": "Allow", "Action": "*", "NotResource": "*"}"#), Decision::NotAllowed);
    }

    #[test]
    fn a_service_is_trusted_by_name_or_as_anyone() {
        let with =
            |clause: &str| assume(&format!(r#"{{"Effect": "Allow", {clause}, "Action": "sts:AssumeRole"}}"#));
        assert_eq!(
            with(r#""Principal": {"Service": ["ses.amazonaws.com", "pinpoint.amazonaws.com"]}"#),
            Decision::Allowed
        );
        assert_eq!(with(r#""Principal": "*""#), Decision::Allowed);
        assert_eq!(with(r#""Principal": {"Service": "Pinpoint.amazonaws.com"}"#), Decision::NotAllowed);
        assert_eq!(with(r#""Principal": {"AWS": "123456789012"}"#), Decision::NotAllowed);
        assert_eq!(with(r#""NotPrincipal": {"Service": "pinpoint.amazonaws.com"}"#), Decision::NotAllowed);
        assert_eq!(with(r#""NotPrincipal": {"Service": "ses.amazonaws.com"}"#), Decision::Allowed);
        assert!(matches!(with(r#""NotPrincipal": {"AWS": "123456789012"}"#), Decision::Undecidable(_)));
        assert_eq!(with(r#""Sid": "no principal""#), Decision::NotAllowed);
    }

    #[test]
    fn variables_are_undecidable_unless_the_rest_decides() {
        let on = |arn: &str| put(&format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "{arn}"}}"#));
        assert!(matches!(
            on("arn:aws:kinesis:us-east-1:123456789012:stream/${aws:username}"),
            Decision::Undecidable(_)
        ));
        assert_eq!(on("arn:aws:kinesis:eu-west-1:123456789012:stream/${aws:username}"), Decision::NotAllowed);
        assert!(matches!(on("arn:aws:*:stream/clicks"), Decision::Undecidable(_)));
        let older =
            Document::from_json(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "${a}"}}"#)
                .unwrap();
        let request =
            Request { principal: None, action: "a:b", resource: Some("${a}"), context: &BTreeMap::new() };
        assert_eq!(evaluate(&older, &request), Decision::Allowed);
    }

    #[test]
    fn a_doubtful_deny_makes_an_allow_doubtful_but_not_a_refusal() {
        let deny =
            r#"{"Effect": "Deny", "Action": "*", "Resource": "arn:aws:kinesis:*:*:stream/${aws:username}"}"#;
        let allow = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
        assert!(matches!(put(&format!("{deny}, {allow}")), Decision::Undecidable(_)));
        assert_eq!(put(deny), Decision::NotAllowed);
    }

    #[test]
    fn the_policies_of_one_principal_decide_together() {
        let (allow, deny) = (
            read(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#),
            read(r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#),
        );
        let request = Request { principal: None, action: "a:b", resource: Some("c"), context: &BTreeMap::new() };
        assert_eq!(explain([&allow, &deny], &request, Unstated::Absent).decision, Decision::ExplicitlyDenied);
    }
}
