//! What AWS Config, CloudTrail, last accessed data and Access Analyzer say of a random account: derived from how it was
//! made, and from how each region's recorder was set up.
use crate::sweep_world::World;
use jiff::Timestamp;
use pinpoint_streams_model::live::history::{
    AggregatedEventStreams, ConfigAggregators, ConfigEventStream, ConfigEventStreams, ConfigHistory, ConfigItem,
    ConfigRecorder, EventStreamChange, EventStreamChangeKind, LastAccessed, RoleUse, ServiceAccess, UnusedRoles,
};
use pinpoint_streams_model::{AccountRegion, Answer, AppArn, LastUsed, LiveEventStream, Question, Read};
use pinpoint_streams_testkit::parsed;
use std::collections::{BTreeMap, BTreeSet};

/// How AWS Config is set up in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recorder {
    None,
    /// Since before the roles were made.
    Whole,
    /// Since after they were made.
    Late,
    OtherTypes,
    /// What it holds may be out of date.
    Stopped,
}

impl Recorder {
    pub(crate) fn of(seed: usize) -> Recorder {
        [Recorder::None, Recorder::Whole, Recorder::Late, Recorder::OtherTypes, Recorder::Stopped][seed % 5]
    }

    fn answer(self) -> Option<ConfigRecorder> {
        let since = |text: &str| Some(parsed(text));
        let (covers_event_streams, recording_since) = match self {
            Recorder::None => return None,
            Recorder::Whole => (true, since("2024-01-01T00:00:00Z")),
            Recorder::Late => (true, since("2026-06-01T00:00:00Z")),
            Recorder::OtherTypes => (false, since("2024-01-01T00:00:00Z")),
            Recorder::Stopped => (true, None),
        };
        Some(ConfigRecorder { covers_event_streams, recording_since })
    }
}

impl World {
    fn recorder(&self, place: &AccountRegion) -> Recorder {
        self.recorders.get(place).copied().unwrap_or(Recorder::None)
    }

    /// What an optional source answers.
    pub(crate) fn recorded(&self, question: &Question) -> Read<Answer> {
        match question {
            Question::ConfigRecorder(place) => match self.recorder(place).answer() {
                Some(recorder) => Read::Present(recorder.into()),
                None => Read::Absent,
            },
            Question::ConfigEventStreams(place) => Read::Present(self.held_in(place).into()),
            Question::ConfigAggregators(place) => {
                let names = (place.region.as_str() == "us-east-1").then(|| "all".to_owned());
                Read::Present(ConfigAggregators(names.into_iter().collect()).into())
            }
            Question::AggregatedEventStreams(_) => {
                let held = self.recorders.keys().flat_map(|place| self.held_in(place)).collect();
                Read::Present(AggregatedEventStreams(held).into())
            }
            Question::ConfigHistory(app) => Read::Present(self.history(app).into()),
            Question::RoleUses(used) => {
                let role = self.roles.get(&used.role.in_account());
                let at = role.and_then(|role| match role.last_used {
                    LastUsed::At(at, _) => Some(at),
                    LastUsed::Never { .. } | LastUsed::NotRead => None,
                });
                let (event, invoked_by) = ("AssumeRole".to_owned(), Some("pinpoint.amazonaws.com".to_owned()));
                let uses = at.map(|at| RoleUse { at, event, invoked_by, error: None });
                Read::Present(Answer::RoleUses(uses.into_iter().collect()))
            }
            Question::EventStreamChanges(place) => Read::Present(Answer::EventStreamChanges(self.changes(place))),
            Question::LastAccessed(role) => {
                let role = self.roles.get(&role.in_account());
                let accessed = role.and_then(|role| match role.last_used {
                    LastUsed::At(at, _) => Some(ServiceAccess { at, region: None }),
                    LastUsed::Never { .. } | LastUsed::NotRead => None,
                });
                Read::Present(LastAccessed::from([("kinesis".to_owned(), accessed)]).into())
            }
            Question::UnusedRoles(_) => Read::Present(UnusedRoles::new().into()),
            other => panic!("a sweep does not ask {other:?}"),
        }
    }

    fn held_in(&self, place: &AccountRegion) -> ConfigEventStreams {
        let held = |(app, stream): (&AppArn, &LiveEventStream)| {
            let LiveEventStream { destination, role_arn } = stream.clone();
            (app.clone(), ConfigEventStream { destination, role_arn, captured: parsed("2026-07-01T00:00:00Z") })
        };
        let there = self.event_streams.iter().filter(|(app, _)| app.place() == *place);
        match self.recorder(place) {
            Recorder::Whole | Recorder::Late => there.map(held).collect(),
            Recorder::None | Recorder::OtherTypes => ConfigEventStreams::new(),
            // It was stopped before the last of them were made.
            Recorder::Stopped => there.map(held).skip(1).collect(),
        }
    }

    /// Where the app has an event stream, it was made anew after an earlier one had been deleted.
    fn history(&self, app: &AppArn) -> ConfigHistory {
        let records = matches!(self.recorder(&app.place()), Recorder::Whole | Recorder::Late | Recorder::Stopped);
        let item = |is_deleted| ConfigItem { is_deleted, captured: parsed("2026-07-01T00:00:00Z") };
        let is_there = self.event_streams.contains_key(app);
        let had_one = is_there || app.id.as_str().ends_with(['0', '2', '4']);
        ConfigHistory { event_stream: (records && had_one).then(|| item(!is_there)), app: None }
    }

    fn changes(&self, place: &AccountRegion) -> BTreeSet<EventStreamChange> {
        let there = self.event_streams.iter().filter(|(app, _)| app.place() == *place);
        let at: Timestamp = parsed("2026-09-15T00:00:00Z");
        let put = there.map(|(app, stream)| {
            let change = EventStreamChangeKind::Put { role_arn: stream.role_arn.clone() };
            EventStreamChange { at, app: app.id.clone(), change }
        });
        put.collect()
    }
}

/// A recorder for each account and region.
pub(crate) fn recorders(
    places: impl Iterator<Item = AccountRegion>,
    seed: u64,
) -> BTreeMap<AccountRegion, Recorder> {
    let recorder = |(index, place)| (place, Recorder::of(((seed >> (index * 4)) & 15) as usize));
    places.enumerate().map(recorder).collect()
}
