//! Which apps a trust policy admits. Their event streams must be read before a role may be deleted, so the answer
//! errs towards more: what cannot be interpreted admits everything, and a Deny excludes nothing.
use super::{ASSUME_ROLE, RoleKind, SOURCE_ACCOUNT, SOURCE_ARN, SOURCE_ORGANIZATION};
use crate::policy::{Actions, Clause, Effect, Principal, PrincipalClause, Quantifier, Statement, Test};
use crate::{AccountId, AppArn, Document, Region};
use std::collections::BTreeSet;

/// The apps that a trust policy may admit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdmittedApps {
    /// The service is not trusted, or for no app.
    None,
    Within(BTreeSet<AppScope>),
    /// All apps of every region: no condition on the source, or one that cannot be interpreted.
    Everything,
}

/// The apps that one value of a condition on the source names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AppScope {
    App(AppArn),
    /// All apps of a region; none stands for any account.
    Region {
        region: Region,
        account: Option<AccountId>,
    },
}

/// What a trust policy admits that no list of apps covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BeyondApps {
    /// A condition that names accounts without listing them: an organization, a wildcard, a variable, all but some.
    Accounts { condition: String },
    /// A source that is not an app.
    Source { arn: String },
}

impl RoleKind {
    /// The apps for which a trust policy may let the service assume the role.
    pub fn admitted_apps(self, trust: &Document) -> AdmittedApps {
        AdmittedApps::of(self, trust)
    }

    /// What the trust policy may admit the service for besides those apps. A statement without any condition on the source
    /// admits the role's own account: a role is passed to a service within its account.
    /// Source: IAM user guide, "Grant a user permissions to pass a role to an AWS service".
    pub fn admits_beyond_apps(self, trust: &Document) -> BTreeSet<BeyondApps> {
        let statements = trust.statements.iter().filter(|statement| may_admit_service(self, statement));
        statements.flat_map(|statement| open_accounts(statement).chain(other_sources(self, statement))).collect()
    }
}

impl AdmittedApps {
    /// The apps for which a trust policy may let the service of any kind assume the role.
    pub fn by_any_kind(trust: &Document) -> AdmittedApps {
        let mut within = BTreeSet::new();
        for kind in RoleKind::all() {
            match AdmittedApps::of(kind, trust) {
                AdmittedApps::None => {}
                AdmittedApps::Within(scopes) => within.extend(scopes),
                AdmittedApps::Everything => return AdmittedApps::Everything,
            }
        }
        if within.is_empty() { AdmittedApps::None } else { AdmittedApps::Within(within) }
    }

    fn of(kind: RoleKind, trust: &Document) -> AdmittedApps {
        let mut scopes = BTreeSet::new();
        for statement in trust.statements.iter().filter(|statement| may_admit_service(kind, statement)) {
            match sources(kind, statement) {
                Some(found) => scopes.extend(found),
                None => return AdmittedApps::Everything,
            }
        }
        if scopes.is_empty() { AdmittedApps::None } else { AdmittedApps::Within(scopes) }
    }

    /// The apps that are admitted by name.
    pub fn exact_apps(&self) -> impl Iterator<Item = &AppArn> {
        let scopes = if let AdmittedApps::Within(scopes) = self { Some(scopes) } else { None };
        scopes.into_iter().flatten().filter_map(|scope| match scope {
            AppScope::App(app) => Some(app),
            AppScope::Region { .. } => None,
        })
    }
}

/// Whether the statement may let the service assume the role.
fn may_admit_service(kind: RoleKind, statement: &Statement) -> bool {
    let trusted = match &statement.principal {
        None => false,
        Some(PrincipalClause::NotPrincipal(_)) => true,
        Some(PrincipalClause::Principal(set)) => {
            set.iter().any(|principal| *principal == Principal::Anyone || kind.is_principal(principal))
        }
    };
    let assumes = match &statement.action {
        Actions::NotAction(_) => true,
        Actions::Action(names) => names
            .iter()
            .any(|name| name.as_str().contains(['*', '?']) || name.as_str().eq_ignore_ascii_case(ASSUME_ROLE)),
    };
    statement.effect == Effect::Allow && trusted && assumes
}

/// The apps that the statement's condition on the source admits; `None` if it has none that limits them.
fn sources(kind: RoleKind, statement: &Statement) -> Option<BTreeSet<AppScope>> {
    statement.condition.iter().filter(|clause| limits_the_source(clause)).find_map(|clause| {
        let scopes: Option<Vec<_>> = clause.values.iter().map(|value| scope(kind, clause, value)).collect();
        Some(scopes?.into_iter().flatten().collect())
    })
}

fn limits_the_source(clause: &Clause) -> bool {
    let operator = clause.operator;
    clause.key.as_str().eq_ignore_ascii_case(SOURCE_ARN)
        && matches!(operator.test, Test::StringEquals | Test::StringLike | Test::ArnLike)
        && !operator.negated
        && !operator.if_exists
        && operator.quantifier != Some(Quantifier::ForAllValues)
        // Whether an empty list limits anything is documented both ways.
        // Source: IAM user guide, "Access Analyzer policy check reference" (Empty array condition).
        && !clause.values.is_empty()
}

/// The conditions that name accounts without listing them, unless another limits the statement to accounts that are listed.
fn open_accounts(statement: &Statement) -> impl Iterator<Item = BeyondApps> {
    let on_accounts = || statement.condition.iter().filter(|clause| account_of(clause, "").is_some());
    let is_limited = on_accounts().any(lists_accounts);
    let open = on_accounts().filter(move |clause| !is_limited && !clause.values.is_empty());
    open.map(|Clause { operator, key, values }| {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        BeyondApps::Accounts { condition: format!("{operator} {key} {}", values.join(", ")) }
    })
}

/// Whether the condition admits only accounts that its values name.
fn lists_accounts(clause: &Clause) -> bool {
    let is_listed =
        |value| account_of(clause, value).flatten().is_some_and(|one| one.parse::<AccountId>().is_ok());
    !clause.operator.negated && !clause.values.is_empty() && clause.values.iter().all(|value| is_listed(value))
}

/// The account that a value of the condition names: `Some(None)` where the condition is on accounts, and the value names
/// none; `None` where the condition is on something else.
#[expect(clippy::option_option, reason = "the outer option is 'on accounts', the inner one 'names one'")]
fn account_of<'v>(clause: &Clause, value: &'v str) -> Option<Option<&'v str>> {
    let is_on = |key: &str| clause.key.as_str().eq_ignore_ascii_case(key);
    match () {
        () if is_on(SOURCE_ACCOUNT) => Some(Some(value)),
        () if is_on(SOURCE_ARN) => Some(value.split(':').nth(4)),
        () if SOURCE_ORGANIZATION.into_iter().any(is_on) => Some(None),
        () => None,
    }
}

/// The sources of other services, and those that may be any service's.
fn other_sources(kind: RoleKind, statement: &Statement) -> impl Iterator<Item = BeyondApps> {
    let clauses = statement.condition.iter().filter(|clause| limits_the_source(clause));
    let values = clauses.flat_map(move |clause| {
        clause.values.iter().filter(move |value| scope(kind, clause, value) == Some(None))
    });
    values.map(|arn| BeyondApps::Source { arn: arn.clone() })
}

/// The apps that one value of the condition admits: `Some(None)` for a source that is not an app of the service,
/// `None` if it may be any.
#[expect(clippy::option_option, reason = "the outer option is 'understood', the inner one 'an app at all'")]
fn scope(kind: RoleKind, clause: &Clause, value: &str) -> Option<Option<AppScope>> {
    let wildcards = clause.operator.test != Test::StringEquals;
    let is_open = |text: &str| text.contains("${") || (wildcards && text.contains(['*', '?']));
    let fields: Vec<&str> = value.splitn(6, ':').collect();
    let [_, _, service, region, account, resource] = fields[..] else { return None };
    if fields[..3].iter().all(|field| !is_open(field)) && service != kind.0.source.service {
        return Some(None);
    }
    if is_open(region) {
        return None;
    }
    let region: Region = region.parse().ok()?;
    let account: Option<AccountId> = if is_open(account) { None } else { Some(account.parse().ok()?) };
    let id = resource.strip_prefix("apps/").filter(|id| !is_open(id)).and_then(|id| id.parse().ok());
    Some(Some(match (account, id) {
        (Some(account), Some(id)) => AppScope::App(AppArn { region, account, id }),
        (account, _) => AppScope::Region { region, account },
    }))
}
