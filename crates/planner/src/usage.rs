//! Which event stream uses which role, before the plan and after it. Everything that must not be taken
//! from a running stream, and every "is this role free?", is answered from here.
use crate::context::Context;
use crate::draft::Handle;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::{AppArn, RoleArn, StreamArn};
use pinpoint_streams_model::live::Read;
use std::collections::BTreeMap;

/// Where an event stream goes, and as whom, as AWS holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wiring {
    pub(crate) destination: String,
    pub(crate) role: String,
}

impl Wiring {
    /// Whether it names this role. Two names that differ in letter case alone are one role.
    pub(crate) fn names(&self, role: &RoleArn) -> bool {
        self.role.parse::<RoleArn>().is_ok_and(|named| named == *role)
    }

    /// Where it goes, if that is a stream.
    pub(crate) fn stream(&self) -> Option<StreamArn> {
        self.destination.parse().ok()
    }
}

/// One app's event stream, before and after.
#[derive(Debug, Clone, Default)]
pub(crate) struct Use {
    /// The address that manages it; none for an event stream that is not ours.
    pub(crate) address: Option<Address>,
    pub(crate) before: Option<Wiring>,
    pub(crate) after: Option<Wiring>,
    /// The steps after which it is as it will be.
    pub(crate) steps: Vec<Handle>,
}

/// Every event stream that is known of.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    streams: BTreeMap<AppArn, Use>,
    /// The event streams that name each role now: with thousands of both, nobody looks through all.
    by_role: BTreeMap<RoleArn, Vec<AppArn>>,
}

impl Usage {
    /// As it is now, and as it would stay without a plan.
    pub(crate) fn live(context: &Context<'_>) -> Usage {
        let mut usage = Usage::default();
        for (place, read) in &context.live.event_streams {
            let Read::Present(live) = read else { continue };
            let wiring = Wiring { destination: live.destination.clone(), role: live.role_arn.clone() };
            if let Ok(role) = wiring.role.parse() {
                usage.by_role.entry(role).or_default().push(place.clone());
            }
            let known = Use { after: Some(wiring.clone()), before: Some(wiring), ..Use::default() };
            usage.streams.insert(place.clone(), known);
        }
        usage
    }

    /// What is known of an app's event stream.
    pub(crate) fn get(&self, place: &AppArn) -> Option<&Use> {
        self.streams.get(place)
    }

    /// The same, to note what becomes of it, if it is there now.
    pub(crate) fn get_mut(&mut self, place: &AppArn) -> Option<&mut Use> {
        self.streams.get_mut(place)
    }

    /// The same, of one that may be made only by this plan.
    pub(crate) fn entry(&mut self, place: AppArn) -> &mut Use {
        self.streams.entry(place).or_default()
    }

    /// The event streams that name this role now.
    pub(crate) fn now_on(&self, role: &RoleArn) -> impl Iterator<Item = (&AppArn, &Use)> {
        let places = self.by_role.get(role).into_iter().flatten();
        places.filter_map(|place| self.streams.get_key_value(place))
    }

    /// The steps after which the event streams on this role, that will go or move, have done so.
    pub(crate) fn leaving_steps(&self, role: &RoleArn) -> Vec<Handle> {
        self.now_on(role).flat_map(|(_, usage)| usage.steps.iter().copied()).collect()
    }
}
