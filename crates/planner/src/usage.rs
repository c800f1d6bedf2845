//! Which event stream uses which role, before the plan and after it. Everything that must not be taken
//! from a running stream, and every "is this role free?", is answered from here.
use crate::context::Context;
use crate::draft::Handle;
use pinpoint_streams_model::role_kind::AppScope;
use pinpoint_streams_model::{
    AccountId, AccountRegion, Address, AdmittedApps, AppArn, Live, LiveEventStream, LiveRole, Read, Recorded,
    Region, RoleArn,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// One app's event stream, before and after.
#[derive(Debug, Clone, Default)]
pub(crate) struct Use<'a> {
    /// The address that manages it; none for an event stream that is not ours.
    pub(crate) address: Option<Address>,
    pub(crate) before: Option<&'a LiveEventStream>,
    pub(crate) after: Option<Cow<'a, LiveEventStream>>,
    /// The steps after which it is as it will be.
    pub(crate) steps: Vec<Handle>,
}

#[derive(Debug, Default)]
pub(crate) struct Usage<'a> {
    streams: BTreeMap<AppArn, Use<'a>>,
    /// The event streams that name each role now: an index, as there may be thousands of both.
    by_role: BTreeMap<RoleArn, Vec<AppArn>>,
}

impl<'a> Usage<'a> {
    /// As it is now, and as it would stay without a plan.
    pub(crate) fn live(context: &Context<'a>) -> Usage<'a> {
        let mut usage = Usage::default();
        for (place, read) in &context.live.event_streams {
            let Read::Present(live) = read else { continue };
            if let Ok(role) = live.role_arn.parse() {
                usage.by_role.entry(role).or_default().push(place.clone());
            }
            let known = Use { after: Some(Cow::Borrowed(live)), before: Some(live), ..Use::default() };
            usage.streams.insert(place.clone(), known);
        }
        usage
    }

    pub(crate) fn get(&self, place: &AppArn) -> Option<&Use<'a>> {
        self.streams.get(place)
    }

    /// The same, to note what becomes of it, if it is there now.
    pub(crate) fn get_mut(&mut self, place: &AppArn) -> Option<&mut Use<'a>> {
        self.streams.get_mut(place)
    }

    /// The same, of one that may be made only by this plan.
    pub(crate) fn entry(&mut self, place: AppArn) -> &mut Use<'a> {
        self.streams.entry(place).or_default()
    }

    /// The event streams that name this role now.
    pub(crate) fn now_on(&self, role: &RoleArn) -> impl Iterator<Item = (&AppArn, &Use<'a>)> {
        let places = self.by_role.get(role).into_iter().flatten();
        places.filter_map(|place| self.streams.get_key_value(place))
    }

    /// The steps after which the event streams on this role, that will go or move, have done so.
    pub(crate) fn leaving_steps(&self, role: &RoleArn) -> Vec<Handle> {
        self.now_on(role).flat_map(|(_, usage)| usage.steps.iter().copied()).collect()
    }
}

/// The apps that may use a role: those that its trust policy admits, and those whose recorded event stream uses it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PossibleApps {
    pub(crate) apps: BTreeSet<AppArn>,
    /// Regions whose apps all count.
    pub(crate) regions: BTreeSet<AccountRegion>,
    /// Accounts that cannot be read from here, with ARN patterns of their apps.
    pub(crate) elsewhere: BTreeMap<AccountId, BTreeSet<String>>,
}

impl PossibleApps {
    /// None if the trust policy admits no app.
    pub(crate) fn admitted(role: &RoleArn, admitted: AdmittedApps) -> Option<PossibleApps> {
        let mut possible = PossibleApps::default();
        match admitted {
            AdmittedApps::None => return None,
            AdmittedApps::Everything => possible.add_all_regions(role, &role.account),
            AdmittedApps::Within(scopes) => {
                for scope in scopes {
                    match scope {
                        AppScope::App(app) => drop(possible.apps.insert(app)),
                        AppScope::Region { region, account } => {
                            let account = account.unwrap_or_else(|| role.account.clone());
                            possible.regions.insert(AccountRegion { account, region });
                        }
                    }
                }
            }
        }
        Some(possible)
    }

    /// Where a live role's trust policy admits whole regions, their apps must be listed first.
    pub(crate) fn of(live: &Live, recorded: &Recorded, role: &LiveRole) -> PossibleApps {
        let admitted = AdmittedApps::by_any_kind(&role.trust_policy);
        let mut possible = PossibleApps::admitted(&role.arn, admitted).unwrap_or_default();
        possible.keep_accounts(|account| *account == role.arn.account);
        possible.regions.retain(|place| place.region.has_pinpoint());
        for place in &possible.regions {
            let apps = live.apps.get(place).and_then(Read::present).into_iter().flat_map(BTreeMap::keys);
            possible.apps.extend(apps.map(|id| AppArn::of(&place.account, &place.region, id)));
        }
        possible.add_recorded(recorded, &role.arn);
        possible
    }

    pub(crate) fn add_all_regions(&mut self, role: &RoleArn, account: &AccountId) {
        let regions = Region::with_pinpoint(role.partition);
        self.regions.extend(regions.map(|region| AccountRegion { account: account.clone(), region }));
    }

    pub(crate) fn add_recorded(&mut self, recorded: &Recorded, role: &RoleArn) {
        for (_, resource) in recorded.resources.event_streams_on(role) {
            self.apps.extend(resource.object.as_event_stream().map(|stream| stream.app(&resource.account)));
        }
    }

    /// Moves the apps and regions of other accounts to `elsewhere`.
    pub(crate) fn keep_accounts(&mut self, is_readable: impl Fn(&AccountId) -> bool) {
        for app in self.apps.extract_if(.., |app| !is_readable(&app.account)) {
            self.elsewhere.entry(app.account.clone()).or_default().insert(app.to_string());
        }
        for AccountRegion { account, region } in self.regions.extract_if(.., |place| !is_readable(&place.account))
        {
            let pattern = AppArn::with_id(&region, &account, "*");
            self.elsewhere.entry(account).or_default().insert(pattern);
        }
    }
}
