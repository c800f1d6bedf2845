//! What else in the accounts refers to Pinpoint, as text, JSON, a page and a comment.
mod page;

pub(crate) use page::page;

use super::count;
use super::sweep::{heading, read, wrapped};
use crate::ui::escape::escape;
use crate::ui::style::{QUIET, STRONG, WARNING, paint};
use anstyle::Style;
use pinpoint_streams_model::live::residue::StreamMode;
use pinpoint_streams_model::live::{FailureKind, Question, Unreadable};
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::residue::{
    Gap, IDLE_DAYS, IdleStream, Residue, ResidueItem, ResidueReport, StreamUser,
};
use pinpoint_streams_model::sweep::SweptAccount;
use pinpoint_streams_planner::{PRICES_AS_OF, PRICES_SOURCE};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The format of the document in JSON.
const FORMAT_VERSION: u32 = 1;

#[derive(Debug)]
pub(crate) struct Searched {
    /// Including those that could not be read.
    pub(crate) accounts: Vec<SweptAccount>,
    pub(crate) report: ResidueReport,
}

impl Searched {
    pub(crate) fn has_unknown(&self) -> bool {
        !self.report.gaps.is_empty() || self.accounts.iter().any(|account| account.unreachable.is_some())
    }
}

pub(crate) fn text(searched: &Searched, width: usize) -> String {
    let Searched { accounts, report: ResidueReport { found, gaps } } = searched;
    let mut text = read(accounts, width);
    for SweptAccount { alias, id, unreachable: _ } in accounts {
        let Some(id) = id else { continue };
        let found: Vec<&Residue> = found.iter().filter(|residue| residue.place.account == *id).collect();
        if found.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{}", paint(STRONG, heading(alias.as_str(), id)));
        let mut place = None;
        for residue in found {
            if place != Some(&residue.place) {
                let _ = writeln!(text, "  {}", residue.place.region);
                place = Some(&residue.place);
            }
            text.push_str(&wrapped(&escape(&words(&residue.item)), 4, width, "- ", Style::new()));
            if let ResidueItem::IdleStream(IdleStream { named_by, .. }) = &residue.item {
                text.push_str(&wrapped(&escape(&users(named_by)), 6, width, "", QUIET));
            }
        }
    }
    if !gaps.is_empty() {
        text.push('\n');
    }
    for gap in grouped(gaps) {
        let _ = write!(text, "{}", wrapped(&escape(&gap), 0, width, "unknown: ", WARNING));
    }
    let _ = writeln!(text, "\n{}", paint(STRONG, summary(found, searched.has_unknown())));
    if found.iter().any(is_priced) {
        text.push_str(&wrapped(&price_note(), 0, width, "", QUIET));
    }
    text
}

fn summary(found: &[Residue], has_unknown: bool) -> String {
    match (found.len(), has_unknown) {
        (0, false) => "Nothing else refers to Pinpoint.".to_owned(),
        (0, true) => "Nothing else that could be read refers to Pinpoint.".to_owned(),
        (number, _) => {
            let verb = if number == 1 { "refers to Pinpoint" } else { "refer to Pinpoint" };
            let cents: u64 = found.iter().filter_map(priced).sum();
            let cost = if cents > 0 {
                format!("; idle streams cost about {} a month", dollars(cents))
            } else {
                String::new()
            };
            format!("{} {verb}{cost}.", count(number, "resource"))
        }
    }
}

fn is_priced(residue: &Residue) -> bool {
    priced(residue).is_some_and(|cents| cents > 0)
}

fn price_note() -> String {
    format!(
        "Estimated from list prices of {PRICES_AS_OF} for shards and streams alone ({PRICES_SOURCE}); extended retention \
         and enhanced fan-out cost more."
    )
}

fn priced(residue: &Residue) -> Option<u64> {
    match &residue.item {
        ResidueItem::IdleStream(stream) => stream.monthly_usd_cents,
        _ => None,
    }
}

fn dollars(cents: u64) -> String {
    format!("${}.{:02}", cents / 100, cents % 100)
}

fn words(item: &ResidueItem) -> String {
    match item {
        ResidueItem::IdentityPolicy { identity, policy, principals } => {
            format!("SES identity {identity}: policy {policy} allows {}", joined(principals))
        }
        ResidueItem::EventDestination { configuration_set, name, enabled, app_arn } => {
            let state = if *enabled { "sends events" } else { "is disabled; it would send events" };
            let to = app_arn.as_ref().map(|arn| format!(" ({arn})")).unwrap_or_default();
            format!("SES configuration set {configuration_set}: event destination {name} {state} to Pinpoint{to}")
        }
        ResidueItem::FunctionPolicy { function, principals } => {
            format!("Lambda function {function}: its policy allows {}", joined(principals))
        }
        ResidueItem::ImportJobs { app, role_arn, jobs } => {
            format!("Pinpoint app {}: {} with role {role_arn}", app.id, count(*jobs, "import job"))
        }
        ResidueItem::ExportJobs { app, role_arn, jobs } => {
            format!("Pinpoint app {}: {} with role {role_arn}", app.id, count(*jobs, "export job"))
        }
        ResidueItem::Recommender { id, role_arn } => format!("Pinpoint recommender model {id}: role {role_arn}"),
        ResidueItem::EmailChannel { app, role_arn, sending_role_arn } => {
            let events = role_arn.as_ref().map(|arn| format!("role {arn}"));
            let sending = sending_role_arn.as_ref().map(|arn| format!("role {arn} for sending"));
            let roles: Vec<String> = events.into_iter().chain(sending).collect();
            format!("Pinpoint app {}: email channel with {}", app.id, roles.join(" and "))
        }
        ResidueItem::MessageTemplate { name, channel } => format!("Pinpoint message template {name} ({channel})"),
        ResidueItem::IdleStream(stream) => idle(stream),
    }
}

fn idle(IdleStream { stream, mode, created_since, monthly_usd_cents, named_by: _ }: &IdleStream) -> String {
    let (service, capacity) = match mode {
        StreamMode::Provisioned { open_shards } => {
            ("Kinesis", format!(" ({})", count(usize::try_from(*open_shards).unwrap_or_default(), "shard")))
        }
        StreamMode::OnDemand => ("Kinesis", " (on-demand)".to_owned()),
        StreamMode::Firehose => ("Firehose", String::new()),
    };
    let cost = match (mode, monthly_usd_cents) {
        (StreamMode::Firehose, _) => "costs nothing while idle".to_owned(),
        (_, Some(cents)) => format!("about {} a month", dollars(*cents)),
        (_, None) => format!("no estimate of its cost in {}", stream.region()),
    };
    let created = created_since.map(|at| format!(", created on {}", at.strftime("%Y-%m-%d")));
    let created = created.unwrap_or_default();
    format!("{service} stream {}{capacity}: nothing written for {IDLE_DAYS} days{created}; {cost}", stream.name())
}

fn users(named_by: &BTreeSet<StreamUser>) -> String {
    let names = named_by.iter().map(|user| match user {
        StreamUser::EventStream(app) => format!("the event stream of app {}", app.id),
        StreamUser::RecordedEventStream(app) => format!("an event stream of app {} in AWS Config", app.id),
        StreamUser::Role(role) => format!("role {}", role.name),
    });
    format!("named by {}", names.collect::<Vec<_>>().join(", "))
}

/// Gaps with the same reason in one sentence.
fn grouped(gaps: &[Gap]) -> Vec<String> {
    let mut groups: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for Gap { question, why } in gaps {
        let (what, which) = asked(question);
        groups.entry((what, reason(question, why))).or_default().push(which);
    }
    let words = |((what, why), which): ((&str, String), Vec<String>)| {
        format!("could not read {what} {}: {why}", which.join(", "))
    };
    groups.into_iter().map(words).collect()
}

/// Denials name what they were about: the action says as much.
fn reason(question: &Question, why: &Unreadable) -> String {
    match why.kind {
        FailureKind::Denied if why.is_denied_by_organization() => {
            format!("{} answered {}: a service control policy denies it", why.operation, why.code)
        }
        FailureKind::Denied => {
            format!("{}; needs {}:{}", why.code, question.first_call().service.action_prefix(), why.operation)
        }
        _ if why.request_id.is_none() && why.operation == "the read" => why.message.clone(),
        _ => format!("{} answered {}: {}", why.operation, why.code, why.message),
    }
}

/// What a question is about, in words to be followed by its name.
fn asked(question: &Question) -> (&'static str, String) {
    match question {
        Question::Caller(account) => ("the caller of account", account.to_string()),
        Question::RoleList(account) => ("the roles of account", account.to_string()),
        Question::Role { role, .. } => ("role", format!("{}/{}", role.account, role.name)),
        Question::PolicyDocument(policy) => ("managed policy", policy.arn.to_string()),
        Question::Apps(place) => ("the Pinpoint apps of", place.to_string()),
        Question::EventStream(app) => ("the event stream of", app.to_string()),
        Question::ConfigEventStreams(place) => {
            ("the event streams that AWS Config recorded in", place.to_string())
        }
        Question::EmailIdentities(place) => ("the SES identities of", place.to_string()),
        Question::IdentityPolicies(named) => ("the policies of SES identity", in_place(&named.place, &named.name)),
        Question::ConfigurationSets(place) => ("the SES configuration sets of", place.to_string()),
        Question::PinpointDestinations(named) => {
            ("the event destinations of SES configuration set", in_place(&named.place, &named.name))
        }
        Question::Functions(place) => ("the Lambda functions of", place.to_string()),
        Question::FunctionPolicy(named) => ("the policy of Lambda function", in_place(&named.place, &named.name)),
        Question::ImportJobs(app) => ("the import jobs of", app.to_string()),
        Question::ExportJobs(app) => ("the export jobs of", app.to_string()),
        Question::Recommenders(place) => ("the Pinpoint recommender models of", place.to_string()),
        Question::EmailChannel(app) => ("the email channel of", app.to_string()),
        Question::MessageTemplates(place) => ("the Pinpoint message templates of", place.to_string()),
        Question::StreamCapacity(stream) => ("stream", stream.to_string()),
        Question::IncomingRecords(period) => ("whether records were written to", period.stream.to_string()),
        other => (other.name(), other.account().to_string()),
    }
}

fn in_place(place: &AccountRegion, name: &str) -> String {
    format!("{name} in {place}")
}

fn joined(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

pub(crate) fn json(searched: &Searched) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format_version: u32,
        read: usize,
        accounts: &'a [SweptAccount],
        found: &'a [Residue],
        gaps: &'a [Gap],
        prices: Prices,
    }
    #[derive(Serialize)]
    struct Prices {
        as_of: &'static str,
        source: &'static str,
    }
    let Searched { accounts, report: ResidueReport { found, gaps } } = searched;
    super::json(&Document {
        format_version: FORMAT_VERSION,
        read: accounts.iter().filter(|account| account.unreachable.is_none()).count(),
        accounts,
        found,
        gaps,
        prices: Prices { as_of: PRICES_AS_OF, source: PRICES_SOURCE },
    })
}
