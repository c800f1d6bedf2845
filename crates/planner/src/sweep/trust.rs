//! Whom a role trusts, and which apps that lets in.
use super::readings::Readings;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::policy::{Document, Effect, PrincipalClause};
use pinpoint_streams_model::recorded::Object;
use pinpoint_streams_model::region::{AccountRegion, Region};
use pinpoint_streams_model::role_kind::{AdmittedApps, AppScope, RoleKind};
use std::collections::BTreeSet;

/// Whom a trust policy names beside Pinpoint. A principal that was deleted, and shows as its id, is one too:
/// nobody is left behind it, but it was someone else's role as well.
pub(super) fn others(kind: RoleKind, trust: &Document) -> BTreeSet<String> {
    let allows = trust.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    allows
        .flat_map(|statement| match &statement.principal {
            Some(PrincipalClause::Principal(set)) => {
                let others = set.iter().filter(|principal| !kind.is_principal(principal));
                others.map(ToString::to_string).collect()
            }
            Some(PrincipalClause::NotPrincipal(_)) => vec!["everyone but some".to_owned()],
            None => vec!["nobody in particular".to_owned()],
        })
        .collect()
}

/// Where an app may be that could use a role.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    /// These apps.
    pub(super) apps: BTreeSet<AppArn>,
    /// All apps of these places.
    pub(super) places: BTreeSet<AccountRegion>,
    /// Accounts that are not swept, named by the trust policy or by the record.
    pub(super) unread: BTreeSet<AccountId>,
}

/// Where the apps may be that could use a role; none if its trust policy admits no app at all.
pub(super) fn reach(readings: &Readings<'_>, kind: RoleKind, role: &RoleArn, trust: &Document) -> Option<Reach> {
    let own = &role.account;
    let all_regions = |account: &AccountId| {
        let regions = Region::with_pinpoint(role.partition);
        regions.map(|region| AccountRegion { account: account.clone(), region }).collect::<Vec<_>>()
    };
    let mut reach = Reach::default();
    match kind.admitted_apps(trust) {
        AdmittedApps::None => return None,
        AdmittedApps::Everything => reach.places.extend(all_regions(own)),
        AdmittedApps::Within(admitted) => {
            for one in admitted {
                match one {
                    AppScope::App(app) => {
                        reach.apps.insert(app);
                    }
                    AppScope::Region { region, account } => {
                        let account = account.unwrap_or_else(|| own.clone());
                        reach.places.insert(AccountRegion { account, region });
                    }
                }
            }
        }
    }
    for account in kind.source_accounts(trust).into_iter().filter(|account| account != own) {
        reach.places.extend(all_regions(&account));
    }
    for (_, resource) in readings.recorded.resources.event_streams_on(role) {
        if let Object::EventStream(stream) = &resource.object {
            reach.apps.insert(stream.app(&resource.account));
        }
    }
    reach.places.retain(|place| place.region.has_pinpoint());
    let swept = readings.accounts();
    let named = reach.apps.iter().map(|app| &app.account).chain(reach.places.iter().map(|place| &place.account));
    reach.unread = named.filter(|account| !swept.contains(account)).cloned().collect();
    reach.apps.retain(|app| swept.contains(&app.account));
    reach.places.retain(|place| swept.contains(&place.account));
    Some(reach)
}
