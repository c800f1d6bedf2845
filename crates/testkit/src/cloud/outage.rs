//! Detects writes of the program that stop an event stream: expand, move, contract.
use super::access::{self, Hindrance};
use super::account::Accounts;
use super::call::Call;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::live::LiveEventStream;
use std::collections::BTreeSet;
use std::fmt;
use tokio::time::Instant;

/// A write after which an event stream that had been streaming is still there, and streams no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    pub app: AppArn,
    /// What stands in its way since then.
    pub why: Hindrance,
    pub call: usize,
    pub operation: &'static str,
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outage { app, why, call, operation } = self;
        write!(f, "{operation} (call {call}) stopped the event stream of {app}: {why}")
    }
}

/// The event streams that a write can concern, and whether events arrive.
pub(crate) struct Streaming(BTreeSet<AppArn>);

/// Those of the account that the call is in, as they are before it.
pub(crate) fn before(accounts: &Accounts, call: &Call, now: Instant) -> Streaming {
    let delivering = event_streams(accounts, call);
    let delivering = delivering.filter(|(app, stream)| access::delivers(accounts, app, stream, now).is_ok());
    Streaming(delivering.map(|(app, _)| app).collect())
}

/// Those of them that have stopped.
pub(crate) fn after(accounts: &Accounts, before: &Streaming, call: &Call, now: Instant) -> Vec<Outage> {
    let stopped = event_streams(accounts, call).filter(|(app, _)| before.0.contains(app));
    let outage = |(app, stream): (AppArn, &LiveEventStream)| {
        let why = access::delivers(accounts, &app, stream, now).err()?;
        Some(Outage { app, why, call: call.number, operation: call.operation })
    };
    stopped.filter_map(outage).collect()
}

/// The event streams that a call about this subject can concern: those of the app, or those that name the role.
fn event_streams<'a>(
    accounts: &'a Accounts,
    call: &'a Call,
) -> impl Iterator<Item = (AppArn, &'a LiveEventStream)> {
    let apps = accounts.accounts.get(&call.account).into_iter().flat_map(|account| &account.apps);
    apps.filter_map(|((region, id), app)| {
        let stream = app.event_stream.as_ref()?;
        let name = stream.role_arn.rsplit('/').next().unwrap_or_default();
        let concerned = name.eq_ignore_ascii_case(&call.subject) || id.as_str() == call.subject;
        let arn = || AppArn { region: region.clone(), account: call.account.clone(), id: id.clone() };
        concerned.then(|| (arn(), stream))
    })
}
