//! Who may use a role: the apps that its trust policy admits, and those whose recorded event stream names it.
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::live::{Live, LiveRole, Read};
use pinpoint_streams_model::recorded::{Object, Recorded};
use pinpoint_streams_model::region::{AccountRegion, Region};
use pinpoint_streams_model::role_kind::{AdmittedApps, AppScope};
use std::collections::BTreeSet;

/// Every app that may use a role: those that its live trust policy admits, and those whose recorded
/// event stream names it. Where the trust admits whole regions, their apps must be listed first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RoleReach {
    pub(crate) apps: BTreeSet<AppArn>,
    /// Regions whose apps all count.
    pub(crate) regions: BTreeSet<AccountRegion>,
    /// Apps of accounts that cannot be read from here.
    pub(crate) elsewhere: BTreeSet<String>,
}

/// Who may use the role.
pub(crate) fn role_reach(live: &Live, recorded: &Recorded, role: &LiveRole) -> RoleReach {
    let account = &role.arn.account;
    let mut reach = RoleReach::default();
    match AdmittedApps::by_any_kind(&role.trust_policy) {
        AdmittedApps::None => {}
        AdmittedApps::Within(reaches) => {
            for one in reaches {
                match one {
                    AppScope::App(app) if app.account == *account => {
                        reach.apps.insert(app);
                    }
                    AppScope::App(app) => {
                        reach.elsewhere.insert(app.to_string());
                    }
                    AppScope::Region { region, account: other } => match other {
                        Some(other) if other != *account => {
                            reach.elsewhere.insert(AppArn::with_id(&region, &other, "*"));
                        }
                        _ if region.has_pinpoint() => {
                            reach.regions.insert(AccountRegion { account: account.clone(), region });
                        }
                        _ => {}
                    },
                }
            }
        }
        AdmittedApps::Everything => {
            let all = Region::with_pinpoint(role.arn.partition)
                .map(|region| AccountRegion { account: account.clone(), region });
            reach.regions.extend(all);
        }
    }
    for place in &reach.regions {
        if let Some(Read::Present(apps)) = live.apps.get(place) {
            reach.apps.extend(apps.keys().map(|id| AppArn::of(&place.account, &place.region, id)));
        }
    }
    for (_, resource) in recorded.resources.event_streams_on(&role.arn) {
        if let Object::EventStream(stream) = &resource.object {
            reach.apps.insert(stream.app(&resource.account));
        }
    }
    reach
}
