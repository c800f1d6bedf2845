//! A concrete request that a change of a policy newly allows: found by trying what the statements suggest, and proven by
//! evaluating both documents. That none is found proves nothing.
use super::coverage::{covered, pieces};
use super::document::{Actions, Clause, Document, Effect, PrincipalClause, Resources, Statement};
use super::evaluate::evaluate;
use super::explain::{Decision, Request};
use super::operator::Test;
use super::pattern::{Match, Pattern, Wildcards};
use super::principal::Principal;
use crate::sorted_set::SortedSet;
use std::collections::BTreeMap;

/// A request by any principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExampleRequest {
    /// None for identity-based policies.
    pub principal: Option<Principal>,
    pub action: String,
    /// None for a trust policy.
    pub resource: Option<String>,
    pub context: BTreeMap<String, String>,
}

/// A request that `before` does not allow and `after` does. Without a document nothing is allowed.
pub fn newly_allowed(before: Option<&Document>, after: &Document) -> Option<ExampleRequest> {
    let empty = Document::new(Vec::new());
    let (before, after) = (before.unwrap_or(&empty).in_current_language(), after.in_current_language());
    let of = |document: &Document, effect| -> Vec<Statement> {
        document.statements.iter().filter(|one| one.effect == effect).cloned().collect()
    };
    let (was_allowed, was_denied) = (of(&before, Effect::Allow), of(&before, Effect::Deny));
    let mut allowed: Vec<Statement> = of(&after, Effect::Allow).iter().flat_map(pieces).collect();
    // What is not proven to be allowed already is the best guess.
    allowed.sort_by_cached_key(|piece| covered(piece, &was_allowed));
    let clauses: Vec<&Clause> = before
        .statements
        .iter()
        .chain(after.statements.iter())
        .flat_map(|statement| &statement.condition)
        .collect();
    let clauses = clauses.as_slice();
    let mut candidates = allowed.iter().flat_map(|piece| {
        let denials = [None].into_iter().chain(was_denied.iter().map(Some));
        denials.flat_map(move |denial| Ingredients::of(piece, denial, clauses).requests())
    });
    candidates.by_ref().take(MOST).find(|request| {
        let was = request.decision(&before);
        matches!(was, Decision::NotAllowed | Decision::ExplicitlyDenied)
            && request.decision(&after) == Decision::Allowed
    })
}

/// The most requests that are tried, and of one statement.
const MOST: usize = 20_000;
const MOST_OF_ONE: usize = 1_000;

impl ExampleRequest {
    /// The decision of one document. An account stands for its root user.
    pub fn decision(&self, document: &Document) -> Decision {
        let ExampleRequest { principal, action, resource, context } = self;
        let request = Request { principal: None, action, resource: resource.as_deref(), context };
        let Some(principal) = principal else { return evaluate(document, &request) };
        let request = Request { principal: Some(CALLER), ..request };
        let [with, without] =
            [true, false].map(|doubtful| evaluate(&seen_by(document, principal, doubtful), &request));
        if with == without {
            return with;
        }
        Decision::Undecidable(format!("whether a statement is about {principal}"))
    }
}

/// Who asks, where only the statements about the principal are left.
const CALLER: &str = "caller";

/// The statements that are about this principal, as if each named it; with or without those that may be. A decision that is
/// the same with all and with none of these is the same with any of them.
fn seen_by(document: &Document, principal: &Principal, doubtful: bool) -> Document {
    let is_seen = |statement: &&Statement| match is_about(statement.principal.as_ref(), principal) {
        Match::Yes => true,
        Match::No => false,
        Match::Unsure => doubtful,
    };
    let caller = SortedSet::from([Principal::Service(CALLER.to_owned())]);
    let named = |statement: &Statement| Statement {
        principal: Some(PrincipalClause::Principal(caller.clone())),
        ..statement.clone()
    };
    let statements = document.statements.iter().filter(is_seen).map(named).collect();
    Document { version: document.version, ..Document::new(statements) }
}

fn is_about(clause: Option<&PrincipalClause>, principal: &Principal) -> Match {
    match clause {
        None => Match::No,
        Some(PrincipalClause::Principal(set)) => is_among(set, principal),
        Some(PrincipalClause::NotPrincipal(set))
            if set.contains(principal) || set.contains(&Principal::Anyone) =>
        {
            Match::No
        }
        Some(PrincipalClause::NotPrincipal(set)) => {
            // Which principals an account or a role excludes is not known here.
            let are_services = set.iter().all(|one| matches!(one, Principal::Service(_)));
            if are_services { Match::Yes } else { Match::Unsure }
        }
    }
}

fn is_among(set: &SortedSet<Principal>, principal: &Principal) -> Match {
    if set.contains(&Principal::Anyone) || set.contains(principal) {
        return Match::Yes;
    }
    let Principal::Aws(arn) = principal else { return Match::No };
    let account = arn.split(':').nth(4);
    if account.is_some_and(|account| set.contains(&Principal::Account(account.to_owned()))) {
        return Match::Yes;
    }
    // A unique ID or a session may be that of a role that is named by its ARN.
    let is_plain = |arn: &str| arn.starts_with("arn:") && arn.split(':').nth(2) == Some("iam");
    let are_plain = set.iter().all(|one| !matches!(one, Principal::Aws(other) if !is_plain(other)));
    if is_plain(arn) && are_plain { Match::No } else { Match::Unsure }
}

/// What a request that one statement allows may be made of.
struct Ingredients {
    principals: Vec<Option<Principal>>,
    actions: Vec<String>,
    resources: Vec<Option<String>>,
    contexts: Vec<BTreeMap<String, String>>,
}

impl Ingredients {
    /// Of a request that the statement allows; with a denial, that the denial was about too.
    fn of(piece: &Statement, denial: Option<&Statement>, clauses: &[&Clause]) -> Ingredients {
        let mut principals: Vec<Option<Principal>> = Vec::new();
        let (mut actions, mut resources) = (Vec::new(), Vec::new());
        for statement in denial.into_iter().chain([piece]) {
            principals.extend(example_principals(statement.principal.as_ref()));
            actions.extend(example_actions(&statement.action));
            resources.extend(example_resources(statement.resource.as_ref()));
        }
        resources.extend(denial.into_iter().flat_map(|denial| common_resources(denial, piece)));
        let mut wanted: Vec<&Clause> = piece.condition.iter().collect();
        wanted.extend(denial.into_iter().flat_map(|denial| &denial.condition));
        Ingredients { principals, actions, resources, contexts: contexts(&wanted, clauses) }
    }

    fn requests(self) -> impl Iterator<Item = ExampleRequest> {
        let Ingredients { principals, actions, resources, contexts } = self;
        let mut requests = Vec::new();
        for context in &contexts {
            for (principal, action) in
                principals.iter().flat_map(|one| actions.iter().map(move |action| (one, action)))
            {
                for resource in &resources {
                    let (principal, action) = (principal.clone(), action.clone());
                    let (resource, context) = (resource.clone(), context.clone());
                    requests.push(ExampleRequest { principal, action, resource, context });
                }
            }
            if requests.len() > MOST_OF_ONE {
                break;
            }
        }
        requests.into_iter()
    }
}

const EXAMPLE_ACCOUNT: &str = "111122223333";
const FILLERS: [&str; 3] = ["example", "other", "x"];

fn example_principals(clause: Option<&PrincipalClause>) -> Vec<Option<Principal>> {
    let anyone = || Principal::Aws(format!("arn:aws:iam::{EXAMPLE_ACCOUNT}:role/example"));
    match clause {
        None => vec![None],
        Some(PrincipalClause::Principal(set)) => {
            let example = |one: &Principal| if *one == Principal::Anyone { anyone() } else { one.clone() };
            set.iter().map(example).map(Some).collect()
        }
        Some(PrincipalClause::NotPrincipal(_)) => {
            vec![Some(anyone()), Some(Principal::Service("example.amazonaws.com".to_owned()))]
        }
    }
}

/// Actions that say something to a reader, for patterns that include them.
const KNOWN_ACTIONS: [&str; 7] = [
    "sts:AssumeRole",
    "sts:TagSession",
    "iam:CreateAccessKey",
    "kinesis:DeleteStream",
    "firehose:DeleteDeliveryStream",
    "kms:ScheduleKeyDeletion",
    "ec2:DescribeRegions",
];

fn example_actions(actions: &Actions) -> Vec<String> {
    match actions {
        Actions::Action(names) => names
            .iter()
            .flat_map(|name| {
                let pattern = Pattern::without_variables(&name.folded(), Wildcards::Stand);
                let known = KNOWN_ACTIONS.iter().map(|known| (*known).to_owned());
                let known = known.filter(move |known| pattern.matches(&known.to_ascii_lowercase()) == Match::Yes);
                known.take(3).chain(filled(name.as_str()))
            })
            .collect(),
        Actions::NotAction(_) => {
            let known = KNOWN_ACTIONS.iter().map(|known| (*known).to_owned());
            known.chain(["example:Example".to_owned()]).collect()
        }
    }
}

fn example_resources(resources: Option<&Resources>) -> Vec<Option<String>> {
    match resources {
        None => vec![None],
        Some(Resources::Resource(arns)) => arns.iter().flat_map(|arn| example_arns(arn)).map(Some).collect(),
        Some(Resources::NotResource(_)) => example_arns("*").into_iter().map(Some).collect(),
    }
}

/// Resources of both statements, where one has a wildcard in a field of the ARN and the other has none.
fn common_resources(a: &Statement, b: &Statement) -> Vec<Option<String>> {
    let arns = |statement: &Statement| -> Vec<String> {
        match &statement.resource {
            Some(Resources::Resource(arns)) => arns.iter().cloned().collect(),
            Some(Resources::NotResource(_)) | None => Vec::new(),
        }
    };
    let (of_a, of_b) = (arns(a), arns(b));
    let pairs = of_a.iter().flat_map(|a| of_b.iter().map(move |b| (a, b)));
    let common = |(a, b): (&String, &String)| {
        let (a, b): (Vec<&str>, Vec<&str>) = (a.splitn(6, ':').collect(), b.splitn(6, ':').collect());
        let narrower =
            |(a, b): (&&str, &&str)| if a.contains(['*', '?']) { (*b).to_owned() } else { (*a).to_owned() };
        (a.len() == b.len()).then(|| a.iter().zip(&b).map(narrower).collect::<Vec<_>>().join(":"))
    };
    pairs.filter_map(common).flat_map(|arn| example_arns(&arn)).map(Some).collect()
}

/// ARNs that match the pattern, if it has no variable.
fn example_arns(pattern: &str) -> Vec<String> {
    const FIELDS: [&str; 6] = ["arn", "aws", "kinesis", "us-east-1", EXAMPLE_ACCOUNT, "stream/example"];
    let fields: Vec<&str> = pattern.splitn(FIELDS.len(), ':').collect();
    let by_field = FIELDS.iter().enumerate().map(|(at, usual)| match fields.get(at) {
        None | Some(&"*") => vec![(*usual).to_owned()],
        Some(field) => filled(field),
    });
    let by_field: Vec<Vec<String>> = by_field.collect();
    let fill = |nth: usize| -> Option<String> {
        let parts = by_field.iter().map(|options| options.get(nth).or(options.last()).map(String::as_str));
        Some(parts.collect::<Option<Vec<_>>>()?.join(":"))
    };
    let mut examples: Vec<String> = (0..FILLERS.len()).filter_map(fill).collect();
    examples.dedup();
    examples
}

/// The text with its wildcards filled; nothing for one with a variable.
fn filled(pattern: &str) -> Vec<String> {
    if pattern.contains("${") {
        return Vec::new();
    }
    let mut all: Vec<String> =
        FILLERS.iter().map(|filler| pattern.replace('*', filler).replace('?', "x")).collect();
    all.dedup();
    all
}

/// Contexts that pass the wanted conditions. Those of other statements are passed and missed in turn, so that a Deny is
/// avoided and what was allowed before is left.
fn contexts(wanted: &[&Clause], all: &[&Clause]) -> Vec<BTreeMap<String, String>> {
    let mut passing = vec![BTreeMap::new()];
    for clause in wanted {
        let values = passing_values(clause, true);
        let with = |context: &BTreeMap<String, String>| -> Vec<BTreeMap<String, String>> {
            values.iter().map(|value| with_value(context, clause, value.as_deref())).collect()
        };
        passing = passing.iter().flat_map(with).take(64).collect();
    }
    let mut more = Vec::new();
    for context in &passing {
        let mut missing_all = context.clone();
        for clause in all.iter().filter(|clause| !has_key(context, clause)) {
            for passes in [false, true] {
                for value in passing_values(clause, passes) {
                    more.push(with_value(context, clause, value.as_deref()));
                }
            }
            let missed = passing_values(clause, false);
            let missed = missed.into_iter().next().flatten();
            missing_all = with_value(&missing_all, clause, missed.as_deref());
        }
        more.push(missing_all);
    }
    passing.extend(more);
    passing.truncate(512);
    passing
}

fn has_key(context: &BTreeMap<String, String>, clause: &Clause) -> bool {
    context.keys().any(|key| key.eq_ignore_ascii_case(clause.key.as_str()))
}

fn with_value(
    context: &BTreeMap<String, String>,
    clause: &Clause,
    value: Option<&str>,
) -> BTreeMap<String, String> {
    let mut context = context.clone();
    if let Some(value) = value.filter(|_| !has_key(&context, clause)) {
        context.insert(clause.key.to_string(), value.to_owned());
    }
    context
}

/// Values with which the condition holds, or does not. None: the key is absent. They are tried, so some may be wrong.
fn passing_values(clause: &Clause, holds: bool) -> Vec<Option<String>> {
    let Clause { operator, key: _, values } = clause;
    let listed = || -> Vec<Option<String>> {
        values.iter().flat_map(|value| listed(operator.test, value)).map(Some).collect()
    };
    if operator.test == Test::Null {
        let wants_absence = values.iter().any(|value| value.eq_ignore_ascii_case("true"));
        return if wants_absence == holds { vec![None] } else { vec![Some("example".to_owned())] };
    }
    if operator.negated != holds {
        let mut values = listed();
        values.extend(operator.if_exists.then_some(None));
        return values;
    }
    let arn = || format!("arn:aws:sns:us-east-1:{EXAMPLE_ACCOUNT}:example");
    let other = match operator.test {
        Test::ArnLike => vec![arn()],
        Test::Bool => values.iter().map(|value| (!value.eq_ignore_ascii_case("true")).to_string()).collect(),
        Test::NumericEquals
        | Test::NumericLessThan
        | Test::NumericLessThanEquals
        | Test::NumericGreaterThan
        | Test::NumericGreaterThanEquals => vec!["-1000000000".to_owned(), "1000000000".to_owned()],
        Test::DateEquals
        | Test::DateLessThan
        | Test::DateLessThanEquals
        | Test::DateGreaterThan
        | Test::DateGreaterThanEquals => {
            vec!["1971-01-01T00:00:00Z".to_owned(), "2100-01-01T00:00:00Z".to_owned()]
        }
        Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike => {
            FILLERS.iter().map(|filler| (*filler).to_owned()).chain([arn()]).collect()
        }
        Test::BinaryEquals | Test::IpAddress | Test::Null => Vec::new(),
    };
    other.into_iter().map(Some).chain([None]).collect()
}

/// Texts that the value of a condition stands for.
fn listed(test: Test, value: &str) -> Vec<String> {
    let number = |by: f64| value.parse::<f64>().map(|number| (number + by).to_string()).into_iter().collect();
    match test {
        Test::StringLike => filled(value),
        Test::ArnLike => example_arns(value),
        Test::NumericLessThan => number(-1.0),
        Test::NumericGreaterThan => number(1.0),
        Test::DateLessThan => vec!["1971-01-01T00:00:00Z".to_owned()],
        Test::DateGreaterThan => vec!["2100-01-01T00:00:00Z".to_owned()],
        Test::StringEquals
        | Test::StringEqualsIgnoreCase
        | Test::NumericEquals
        | Test::NumericLessThanEquals
        | Test::NumericGreaterThanEquals
        | Test::DateEquals
        | Test::DateLessThanEquals
        | Test::DateGreaterThanEquals
        | Test::Bool => {
            if value.contains("${") {
                Vec::new()
            } else {
                vec![value.to_owned()]
            }
        }
        Test::BinaryEquals | Test::IpAddress | Test::Null => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::read;

    const TRUST: &str = r#"{"Effect": "Allow", "Principal": {"Service": "pinpoint.amazonaws.com"}, "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:SourceArn": ["arn:aws:m:r:1:apps/a", "arn:aws:m:r:1:apps/b"]},
            "StringEquals": {"aws:SourceAccount": "1"}}}"#;
    const WRITE: &str = r#"{"Effect": "Allow", "Action": ["kinesis:PutRecords"], "Resource": "arn:aws:kinesis:us-east-1:1:stream/c"}"#;

    /// The request that is newly allowed where `from` becomes `to`.
    #[track_caller]
    fn found(text: &str, from: &str, to: &str) -> String {
        assert!(text.contains(from), "{from}");
        let (before, after) = (read(text), read(&text.replacen(from, to, 1)));
        let request = newly_allowed(Some(&before), &after).unwrap_or_else(|| panic!("none for {to}"));
        assert_ne!(request.decision(&before), Decision::Allowed);
        assert_eq!(request.decision(&after), Decision::Allowed);
        let ExampleRequest { principal, action, resource, context } = request;
        let parts = [principal.map(|one| one.to_string()), Some(action), resource];
        let context = context.into_iter().map(|(key, value)| format!("{key}={value}"));
        parts.into_iter().flatten().chain(context).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_principal_an_action_a_resource_or_a_value_more_is_what_the_request_has() {
        let request = found(TRUST, r#""Service": "#, r#""AWS": "210987654321", "Service": "#);
        assert_eq!(request, "210987654321 sts:AssumeRole aws:SourceAccount=1 aws:SourceArn=arn:aws:m:r:1:apps/a");
        let request = found(TRUST, "apps/b", "apps/*");
        assert_eq!(
            request,
            "pinpoint.amazonaws.com sts:AssumeRole aws:SourceAccount=1 aws:SourceArn=arn:aws:m:r:1:apps/example"
        );
        assert!(found(TRUST, r#""sts:AssumeRole""#, r#""sts:*""#).contains(" sts:TagSession "));
        assert!(found(TRUST, r#""Service": "#, r#""AWS": "*", "Service": "#).starts_with("arn:aws:iam::1111"));
        let request = found(WRITE, r#"["kinesis:PutRecords"]"#, r#""kinesis:*""#);
        assert_eq!(request, "kinesis:DeleteStream arn:aws:kinesis:us-east-1:1:stream/c");
        let request = found(WRITE, "stream/c", "stream/*");
        assert_eq!(request, "kinesis:PutRecords arn:aws:kinesis:us-east-1:1:stream/example");
    }

    #[test]
    fn a_condition_less_and_a_denial_less_are_found_too() {
        let request = found(TRUST, r#""StringEquals""#, r#""StringEqualsIfExists""#);
        assert!(!request.contains("aws:SourceAccount"), "{request}");
        let not = r#"{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"StringNotEquals": {"k": "x"}}}"#;
        assert!(found(not, r#", "Condition": {"StringNotEquals": {"k": "x"}}"#, "").ends_with("k=x"));
        let denied = format!(
            r#"{{"Effect": "Deny", "Action": "kinesis:Delete*", "Resource": "arn:aws:kinesis:*:*:stream/d"}},
               {}"#,
            WRITE.replace("kinesis:PutRecords", "kinesis:*").replace("stream/c", "*")
        );
        let request = found(&denied, r#""Deny", "Action": "kinesis:Delete*""#, r#""Deny", "Action": "s3:*""#);
        assert!(request.starts_with("kinesis:Delete") && request.ends_with(":stream/d"), "{request}");
    }

    #[test]
    fn where_nothing_more_is_allowed_there_is_none() {
        let fewer = TRUST.replace(r#", "arn:aws:m:r:1:apps/b""#, "");
        assert_eq!(newly_allowed(Some(&read(TRUST)), &read(&fewer)), None);
        assert_eq!(newly_allowed(Some(&read(TRUST)), &read(TRUST)), None);
        assert!(newly_allowed(None, &read(TRUST)).is_some());
    }
}
