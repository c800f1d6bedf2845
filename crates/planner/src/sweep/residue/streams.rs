//! The streams that Pinpoint writes or wrote to, and which of them are idle.
use super::super::Sweep;
use super::super::candidate::candidates;
use super::super::readings::Readings;
use super::{FindResidue, prices, unreadable};
use pinpoint_streams_model::arn::{AppArn, StreamArn};
use pinpoint_streams_model::live::residue::StreamCapacity;
use pinpoint_streams_model::live::{Live, Question, Read};
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::residue::{Gap, IdleStream, Residue, ResidueItem, StreamUser};
use std::collections::{BTreeMap, BTreeSet};

/// The streams that live and recorded event streams name, and the permissions of the roles that trust Pinpoint.
#[derive(Debug, Default)]
pub(super) struct NamedStreams {
    users: BTreeMap<StreamArn, BTreeSet<StreamUser>>,
    /// Event streams whose destination is not the ARN of a stream.
    unparsed: BTreeMap<AppArn, String>,
}

impl NamedStreams {
    pub(super) fn of(readings: &Readings<'_>) -> NamedStreams {
        let mut named = NamedStreams::default();
        for (app, read) in &readings.live.event_streams {
            if let Read::Present(stream) = read {
                named.add(app, &stream.destination, StreamUser::EventStream);
            }
        }
        for (app, stream) in readings.live.config_event_streams.values().filter_map(Read::present).flatten() {
            named.add(app, &stream.destination, StreamUser::RecordedEventStream);
        }
        for candidate in candidates(readings) {
            for stream in candidate.permissions.iter().flat_map(|permissions| permissions.streams()) {
                named.users.entry(stream).or_default().insert(StreamUser::Role(candidate.arn.clone()));
            }
        }
        named
    }

    fn add(&mut self, app: &AppArn, destination: &str, user: fn(AppArn) -> StreamUser) {
        match destination.parse() {
            Ok(stream) => drop(self.users.entry(stream).or_default().insert(user(app.clone()))),
            Err(_) => drop(self.unparsed.insert(app.clone(), destination.to_owned())),
        }
    }

    pub(super) fn swept<'a>(&'a self, sweep: &'a Sweep) -> impl Iterator<Item = &'a StreamArn> {
        self.users.keys().filter(|stream| is_swept(sweep, stream))
    }

    /// The streams that were not looked at.
    pub(super) fn gaps(&self, sweep: &Sweep) -> impl Iterator<Item = Gap> {
        let elsewhere = self.users.keys().filter(|stream| !is_swept(sweep, stream)).map(|stream| {
            let message = format!("{}/{} is not swept", stream.account(), stream.region());
            let why = unreadable("the read", "NotSwept", message);
            Gap { question: Question::StreamCapacity(stream.clone()), why }
        });
        elsewhere.chain(self.unparsed.iter().map(|(app, destination)| {
            let message = format!("its destination `{destination}` is not the ARN of a stream");
            let why = unreadable("the read", "FieldNotUnderstood", message);
            Gap { question: Question::EventStream(app.clone()), why }
        }))
    }

    pub(super) fn idle(&self, asked: &FindResidue, live: &Live) -> impl Iterator<Item = Residue> {
        self.users.iter().filter_map(|(stream, named_by)| {
            let StreamCapacity { mode, created } = live.stream_capacities.get(stream)?.present()?;
            let period = asked.idle_period(stream);
            let records = live.incoming_records.get(&period)?.present()?;
            let idle = IdleStream {
                stream: stream.clone(),
                mode: *mode,
                created_since: created.filter(|created| *created > period.from),
                monthly_usd_cents: prices::monthly_usd_cents(stream.region(), *mode),
                named_by: named_by.clone(),
            };
            let place = AccountRegion::of(stream.account(), stream.region());
            (records.0 == 0).then_some(Residue { place, item: ResidueItem::IdleStream(idle) })
        })
    }
}

fn is_swept(sweep: &Sweep, stream: &StreamArn) -> bool {
    sweep.options.regions.contains(stream.region())
        && sweep.accounts.values().any(|account| account == stream.account())
}
