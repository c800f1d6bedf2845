//! Which apps a trust policy admits. The answer says which event streams must have been read before a
//! role may go, so it errs towards more: what is not understood admits everything, and a Deny takes
//! nothing away.
use super::{ASSUME_ROLE, RoleKind, SOURCE_ARN};
use crate::arn::AppArn;
use crate::ids::AccountId;
use crate::policy::{Actions, Clause, Document, Effect, Principal, PrincipalClause, Quantifier, Statement, Test};
use crate::region::Region;
use std::collections::BTreeSet;

/// The apps that a trust policy may admit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdmittedApps {
    /// None: the service is not trusted, or for no app.
    None,
    /// Those within one of these.
    Within(BTreeSet<AppScope>),
    /// All apps of every region: no condition on the source, or one that is not understood.
    Everything,
}

/// Some apps, as a condition on the source names them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AppScope {
    /// One app.
    App(AppArn),
    /// All apps of a region; of any account where none is named.
    Region {
        /// The region.
        region: Region,
        /// The account.
        account: Option<AccountId>,
    },
}

impl RoleKind {
    /// Which apps a trust policy lets the service assume the role for, rather too many than too few.
    pub fn admitted_apps(self, trust: &Document) -> AdmittedApps {
        AdmittedApps::of(self, trust)
    }
}

impl AdmittedApps {
    /// Which apps a trust policy lets any service of a kind assume the role for.
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

    /// Whether this app may be among them.
    pub fn may_admit(&self, app_arn: &str) -> bool {
        let scopes = match self {
            AdmittedApps::None => return false,
            AdmittedApps::Everything => return true,
            AdmittedApps::Within(scopes) => scopes,
        };
        let Ok(app) = app_arn.parse::<AppArn>() else { return true };
        scopes.iter().any(|scope| match scope {
            AppScope::App(one) => *one == app,
            AppScope::Region { region, account } => {
                *region == app.region && account.as_ref().is_none_or(|account| *account == app.account)
            }
        })
    }

    /// The regions of which every app may be admitted; `None` means all regions.
    pub fn whole_regions(&self) -> Option<BTreeSet<&Region>> {
        match self {
            AdmittedApps::None => Some(BTreeSet::new()),
            AdmittedApps::Everything => None,
            AdmittedApps::Within(scopes) => Some(
                scopes
                    .iter()
                    .filter_map(|scope| match scope {
                        AppScope::App(_) => None,
                        AppScope::Region { region, account: _ } => Some(region),
                    })
                    .collect(),
            ),
        }
    }

    /// The apps that are admitted by name.
    pub fn exact_apps(&self) -> impl Iterator<Item = &AppArn> {
        let scopes = match self {
            AdmittedApps::None | AdmittedApps::Everything => None,
            AdmittedApps::Within(scopes) => Some(scopes),
        };
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

/// What the statement's condition on the source admits; `None` if it has none that limits it.
fn sources(kind: RoleKind, statement: &Statement) -> Option<BTreeSet<AppScope>> {
    statement.condition.iter().filter(|clause| limits_the_source(clause)).find_map(|clause| {
        let scopes: Option<Vec<_>> = clause.values.iter().map(|value| scope(kind, clause, value)).collect();
        Some(scopes?.into_iter().flatten().collect())
    })
}

fn limits_the_source(clause: &Clause) -> bool {
    let operator = clause.operator;
    clause.key.as_str().eq_ignore_ascii_case(SOURCE_ARN)
        && matches!(operator.test(), Test::StringEquals | Test::StringLike | Test::ArnLike)
        && !operator.is_negated()
        && !operator.passes_if_missing()
        && operator.quantifier() != Some(Quantifier::ForAllValues)
}

/// The apps that one value of the condition admits: `Some(None)` for a source that is surely no app
/// of the service, `None` where it may be any.
#[expect(clippy::option_option, reason = "the outer option is 'understood', the inner one 'an app at all'")]
fn scope(kind: RoleKind, clause: &Clause, value: &str) -> Option<Option<AppScope>> {
    let wildcards = clause.operator.test() != Test::StringEquals;
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
