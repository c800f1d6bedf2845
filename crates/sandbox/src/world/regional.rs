//! Pinpoint apps and streams by region, stored and mostly handled by winterbaume.
//!
//! winterbaume has one account per process and puts it, with the partition `aws`, into every ARN it creates. Each account
//! here has its own instances of the services, and ARNs are rewritten before they are visible.
use crate::store::Changes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::pin::pin;
use std::str::FromStr;
use std::task::{Context, Poll, Waker};
use winterbaume_core::{MockRequest, MockResponse, MockService, StatefulService};
use winterbaume_firehose::views::DeliveryStreamView;
use winterbaume_firehose::{FirehoseService, FirehoseStateView};
use winterbaume_kinesis::views::StreamView;
use winterbaume_kinesis::{KinesisService, KinesisStateView};
use winterbaume_pinpoint::views::PinpointAppView;
use winterbaume_pinpoint::{PinpointService, PinpointStateView};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Pinpoint,
    Kinesis,
    Firehose,
    /// Customer managed keys of delivery streams, which winterbaume does not store.
    DeliveryStreamKeys,
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Pinpoint, "pinpoint"),
    (Kind::Kinesis, "kinesis"),
    (Kind::Firehose, "firehose"),
    (Kind::DeliveryStreamKeys, "delivery-stream-keys"),
];

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = KINDS.iter().find(|(kind, _)| kind == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for Kind {
    type Err = String;
    fn from_str(text: &str) -> Result<Kind, String> {
        let kind = KINDS.iter().find(|(_, name)| *name == text);
        kind.map(|(kind, _)| *kind).ok_or_else(|| format!("unknown kind `{text}`"))
    }
}

pub(crate) struct Regional {
    account: String,
    partition: String,
    regions: BTreeSet<String>,
    pinpoint: PinpointService,
    kinesis: KinesisService,
    firehose: FirehoseService,
    /// Key ARNs by region and name of the delivery stream.
    keys: BTreeMap<String, BTreeMap<String, String>>,
}

impl Regional {
    pub(crate) fn new(account: &str, partition: &str) -> Regional {
        Regional {
            account: account.to_owned(),
            partition: partition.to_owned(),
            regions: BTreeSet::new(),
            pinpoint: PinpointService::new(),
            kinesis: KinesisService::new(),
            firehose: FirehoseService::new(),
            keys: BTreeMap::new(),
        }
    }

    pub(crate) fn set_partition(&mut self, partition: &str) {
        self.partition = partition.to_owned();
    }

    /// Every region that was ever used, with every kind.
    pub(crate) fn regions_and_kinds(&self) -> impl Iterator<Item = (&str, Kind)> {
        let regions = self.regions.iter();
        regions.flat_map(|region| KINDS.map(|(kind, _)| (region.as_str(), kind)))
    }

    pub(crate) fn regions(&self) -> impl Iterator<Item = &str> {
        self.regions.iter().map(String::as_str)
    }

    pub(crate) fn apps(&self, region: &str) -> HashMap<String, PinpointAppView> {
        snapshot(&self.pinpoint, region).apps
    }

    pub(crate) fn put_app(&mut self, region: &str, app: PinpointAppView) {
        self.regions.insert(region.to_owned());
        let view =
            PinpointStateView { apps: HashMap::from([(app.id.clone(), app)]), ..PinpointStateView::default() };
        // Fails only for views that refer to blobs.
        let _ = block_on(self.pinpoint.merge(winterbaume_account(), region, view));
    }

    /// Whether an app's email channel is enabled; none if it has no email channel.
    pub(crate) fn email_channel(&self, region: &str, app: &str) -> Option<bool> {
        let channels = snapshot(&self.pinpoint, region).email_channels;
        channels.get(app).map(|channel| channel.enabled)
    }

    pub(crate) fn streams(&self, region: &str) -> HashMap<String, StreamView> {
        snapshot(&self.kinesis, region).streams
    }

    pub(crate) fn delivery_streams(&self, region: &str) -> HashMap<String, DeliveryStreamView> {
        snapshot(&self.firehose, region).streams
    }

    pub(crate) fn put_stream(&mut self, region: &str, stream: StreamView) {
        self.regions.insert(region.to_owned());
        let view = KinesisStateView {
            streams: HashMap::from([(stream.name.clone(), stream)]),
            ..KinesisStateView::default()
        };
        let _ = block_on(self.kinesis.merge(winterbaume_account(), region, view));
    }

    pub(crate) fn put_delivery_stream(&mut self, region: &str, stream: DeliveryStreamView) {
        self.regions.insert(region.to_owned());
        let view = FirehoseStateView { streams: HashMap::from([(stream.name.clone(), stream)]) };
        let _ = block_on(self.firehose.merge(winterbaume_account(), region, view));
    }

    pub(crate) fn delivery_stream_key(&self, region: &str, name: &str) -> Option<&str> {
        self.keys.get(region)?.get(name).map(String::as_str)
    }

    pub(crate) fn set_delivery_stream_key(&mut self, region: &str, name: &str, key: Option<&str>) {
        self.regions.insert(region.to_owned());
        let keys = self.keys.entry(region.to_owned()).or_default();
        match key {
            Some(key) => drop(keys.insert(name.to_owned(), key.to_owned())),
            None => drop(keys.remove(name)),
        }
    }

    /// Handles a request that changes nothing.
    pub(crate) fn query(&self, kind: Kind, request: MockRequest) -> Option<MockResponse> {
        let service: &dyn MockService = match kind {
            Kind::Pinpoint => &self.pinpoint,
            Kind::Kinesis => &self.kinesis,
            Kind::Firehose => &self.firehose,
            Kind::DeliveryStreamKeys => return None,
        };
        let mut response = block_on(service.handle(request));
        if response.status >= 400 {
            let body = String::from_utf8_lossy(&response.body);
            let (other, right) =
                (format!("account {}", winterbaume_account()), format!("account {}", self.account));
            response.body = body.replace(&other, &right).into();
        }
        Some(response)
    }

    /// Handles a request that may change something, and rewrites the ARNs of created resources.
    pub(crate) fn execute(&mut self, kind: Kind, region: &str, request: MockRequest) -> Option<MockResponse> {
        self.regions.insert(region.to_owned());
        let mut response = self.query(kind, request)?;
        let (generated, right) = self.arn_prefixes(kind, region);
        if generated != right {
            let mut rewritten = Changes::new();
            for (key, value) in self.entries(kind, region, None) {
                let text = value.to_string();
                if text.contains(&generated) {
                    let value = serde_json::from_str(&text.replace(&generated, &right));
                    rewritten.insert(key, value.ok());
                }
            }
            if !rewritten.is_empty() {
                // These entries were just read from the service.
                let _ = self.replay(kind, region, rewritten);
            }
            let body = String::from_utf8_lossy(&response.body).replace(&generated, &right);
            response.body = body.into();
        }
        Some(response)
    }

    /// The ARN prefix that winterbaume generates, and the right one.
    fn arn_prefixes(&self, kind: Kind, region: &str) -> (String, String) {
        let Regional { account, partition, .. } = self;
        let generated = format!("arn:aws:{kind}:{region}:{}:", winterbaume_account());
        (generated, format!("arn:{partition}:{kind}:{region}:{account}:"))
    }

    /// The resources of a kind as entries of the store: `FIELD/KEY`, or `FIELD` if it is not a map. With `only`, just the
    /// entries of that app.
    pub(crate) fn entries(&self, kind: Kind, region: &str, only: Option<&str>) -> BTreeMap<String, Value> {
        match kind {
            Kind::Pinpoint => {
                let mut view = snapshot(&self.pinpoint, region);
                if let Some(only) = only {
                    view.apps.retain(|id, _| id == only);
                    view.email_channels.retain(|id, _| id == only);
                }
                flatten(&view)
            }
            Kind::Kinesis => flatten(&snapshot(&self.kinesis, region)),
            Kind::Firehose => flatten(&snapshot(&self.firehose, region)),
            Kind::DeliveryStreamKeys => {
                let keys = self.keys.get(region).into_iter().flatten();
                keys.map(|(name, key)| (name.clone(), Value::from(key.as_str()))).collect()
            }
        }
    }

    pub(crate) fn replay(&mut self, kind: Kind, region: &str, changes: Changes) -> Result<(), String> {
        self.regions.insert(region.to_owned());
        let mut entries = self.entries(kind, region, None);
        for (key, value) in changes {
            match value {
                Some(value) => drop(entries.insert(key, value)),
                None => drop(entries.remove(&key)),
            }
        }
        match kind {
            Kind::Pinpoint => restore(&self.pinpoint, region, entries),
            Kind::Kinesis => restore(&self.kinesis, region, entries),
            Kind::Firehose => restore(&self.firehose, region, entries),
            Kind::DeliveryStreamKeys => {
                let keys = entries.into_iter().map(|(name, key)| match key {
                    Value::String(key) => Ok((name, key)),
                    other => Err(format!("expected the ARN of a key, got {other}")),
                });
                self.keys.insert(region.to_owned(), keys.collect::<Result<_, _>>()?);
                Ok(())
            }
        }
    }
}

/// The account that winterbaume puts into ARNs.
fn winterbaume_account() -> &'static str {
    winterbaume_core::default_account_id()
}

fn snapshot<S: StatefulService>(service: &S, region: &str) -> S::StateView {
    block_on(service.snapshot(winterbaume_account(), region))
}

fn restore<S: StatefulService>(service: &S, region: &str, entries: BTreeMap<String, Value>) -> Result<(), String> {
    let view: S::StateView = unflatten(entries)?;
    block_on(service.restore(winterbaume_account(), region, view)).map_err(|e| e.to_string())
}

fn flatten(view: &impl Serialize) -> BTreeMap<String, Value> {
    let mut entries = BTreeMap::new();
    let Ok(Value::Object(fields)) = serde_json::to_value(view) else { return entries };
    for (field, value) in fields {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    entries.insert(format!("{field}/{key}"), value);
                }
            }
            value => drop(entries.insert(field, value)),
        }
    }
    entries
}

fn unflatten<V: DeserializeOwned + Serialize>(entries: BTreeMap<String, Value>) -> Result<V, String> {
    let mut fields = serde_json::Map::new();
    for (key, value) in entries {
        match key.split_once('/') {
            Some((field, key)) => {
                let map = fields.entry(field).or_insert_with(|| Value::Object(Default::default()));
                if let Value::Object(map) = map {
                    map.insert(key.to_owned(), value);
                }
            }
            None => drop(fields.insert(key, value)),
        }
    }
    serde_json::from_value(Value::Object(fields)).map_err(|e| e.to_string())
}

/// Runs a winterbaume future to completion. Such a future waits only for locks on its own state, which are free: the
/// caller holds the lock on the world. Unconstrained, because a task that has used up tokio's cooperative budget would
/// stay pending.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(tokio::task::unconstrained(future));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::yield_now();
    }
}
