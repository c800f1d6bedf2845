//! What services keep of the past: CloudTrail's events, AWS Config's recorders and items, Access Analyzer's analyzers.
use super::others::OtherResource;
use super::{Account, World};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) const EVENT_STREAM: &str = "AWS::Pinpoint::EventStream";
pub(crate) const APP: &str = "AWS::Pinpoint::App";

#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// By time and number.
    pub(crate) events: BTreeMap<String, TrailEvent>,
    /// By region.
    pub(crate) recorders: BTreeMap<String, Recorder>,
    /// By region and name.
    pub(crate) aggregators: BTreeMap<String, Aggregator>,
    /// By region and name.
    pub(crate) analyzers: BTreeMap<String, Analyzer>,
    /// The latest item of each resource, by region, type and app.
    pub(crate) items: BTreeMap<String, Item>,
    /// By region, kind and name.
    pub(crate) others: BTreeMap<String, OtherResource>,
    /// Jobs of IAM's last accessed data: the role, and how often it was asked for. Lost when the process ends.
    pub(crate) jobs: BTreeMap<String, (String, usize)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TrailEvent {
    pub(crate) at: Timestamp,
    pub(crate) region: String,
    pub(crate) source: String,
    pub(crate) name: String,
    pub(crate) parameters: Value,
    pub(crate) error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorder {
    pub region: String,
    /// None for all types.
    #[serde(default)]
    pub types: Option<Vec<String>>,
    pub since: Timestamp,
    #[serde(default)]
    pub stopped: bool,
}

/// A configuration aggregator of all regions of an organization, or of its own account where that manages none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aggregator {
    pub region: String,
    pub name: String,
}

/// An analyzer of unused access in its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Analyzer {
    pub region: String,
    pub name: String,
    /// Days without use after which a role is reported.
    pub unused_access_age: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) region: String,
    pub(crate) kind: String,
    pub(crate) app: String,
    pub(crate) captured: Timestamp,
    pub(crate) deleted: bool,
    /// Role and destination of an event stream.
    pub(crate) stream: Option<(String, String)>,
}

impl Recorder {
    fn records(&self, kind: &str) -> bool {
        !self.stopped && self.types.as_ref().is_none_or(|types| types.iter().any(|covered| covered == kind))
    }
}

impl Item {
    fn key(&self) -> String {
        let Item { region, kind, app, .. } = self;
        format!("{region}/{kind}/{app}")
    }
}

impl Account {
    pub(crate) fn item(&self, region: &str, kind: &str, app: &str) -> Option<&Item> {
        self.sources.items.get(&format!("{region}/{kind}/{app}"))
    }
}

impl World {
    pub(crate) fn put_event(&mut self, account: &str, event: TrailEvent) {
        let number = self.account(account).sources.events.len();
        let key = format!("{:020}-{number:06}", event.at.as_microsecond());
        self.record(format!("source/{account}/event/{key}"), super::to_value(&event));
        self.account(account).sources.events.insert(key, event);
    }

    /// Starts a recorder, which records what is there.
    pub(crate) fn put_recorder(&mut self, account: &str, recorder: Recorder) {
        let (region, since) = (recorder.region.clone(), recorder.since);
        self.record(format!("source/{account}/recorder/{region}"), super::to_value(&recorder));
        self.account(account).sources.recorders.insert(region.clone(), recorder);
        let apps: Vec<String> = self.account(account).regional.apps(&region).into_keys().collect();
        for app in apps {
            self.record_app(account, &region, &app, since);
        }
    }

    pub(crate) fn put_aggregator(&mut self, account: &str, aggregator: Aggregator) {
        let key = format!("{}/{}", aggregator.region, aggregator.name);
        self.record(format!("source/{account}/aggregator/{key}"), super::to_value(&aggregator));
        self.account(account).sources.aggregators.insert(key, aggregator);
    }

    pub(crate) fn put_analyzer(&mut self, account: &str, analyzer: Analyzer) {
        let key = format!("{}/{}", analyzer.region, analyzer.name);
        self.record(format!("source/{account}/analyzer/{key}"), super::to_value(&analyzer));
        self.account(account).sources.analyzers.insert(key, analyzer);
    }

    /// Records an app and its event stream as they are, or that they are gone.
    pub(crate) fn record_app(&mut self, account: &str, region: &str, app: &str, captured: Timestamp) {
        let live = self.account(account).regional.apps(region).remove(app);
        let stream = live.as_ref().and_then(|live| live.event_stream.clone());
        let stream = stream.map(|stream| (stream.role_arn, stream.destination_stream_arn));
        for (kind, is_there) in [(APP, live.is_some()), (EVENT_STREAM, stream.is_some())] {
            let known = self.account(account);
            let before = known.item(region, kind, app).cloned();
            let records = known.sources.recorders.get(region).is_some_and(|recorder| recorder.records(kind));
            let stream = stream.clone().filter(|_| kind == EVENT_STREAM);
            let was_there = before.as_ref().is_some_and(|item| !item.deleted);
            let is_same = was_there == is_there && before.as_ref().is_none_or(|item| item.stream == stream);
            if !records || is_same {
                continue;
            }
            let stream = stream.or_else(|| before.and_then(|item| item.stream));
            let (region, kind, app) = (region.to_owned(), kind.to_owned(), app.to_owned());
            let item = Item { region, kind, app, captured, deleted: !is_there, stream };
            let key = item.key();
            self.record(format!("source/{account}/item/{key}"), super::to_value(&item));
            self.account(account).sources.items.insert(key, item);
        }
    }
}
