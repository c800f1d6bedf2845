//! What a bundle of evidence holds.
use crate::ui::escape::escape;
use crate::ui::style::{QUIET, STRONG, WARNING, paint};
use crate::ui::table::{LastCell, table};
use crate::ui::text::{count, json};
use crate::ui::views::sweep::wrapped;
use crate::ui::wrap::folded;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::question::Service;
use pinpoint_streams_model::live::{Question, Read};
use pinpoint_streams_model::region::Region;
use pinpoint_streams_store::bundle::Bundle;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

const FORMAT_VERSION: u32 = 1;
/// The least room for how long AWS keeps the records of a source, beside its counts.
const LEAST_NOTE: usize = 24;
/// How long last uses and last accessed data go back. Source: IAM user guide, "Refine permissions using last accessed
/// information".
const TRACKING_PERIOD: SignedDuration = SignedDuration::from_hours(24 * 400);
/// How long CloudTrail's event history goes back. Source: CloudTrail API reference, LookupEvents.
const EVENT_HISTORY: SignedDuration = SignedDuration::from_hours(24 * 90);
/// The last second of Pinpoint's support.
const END_OF_SUPPORT: &str = "2026-10-30T23:59:59Z";

#[derive(Debug, Serialize)]
pub(super) struct Summary {
    format_version: u32,
    began: Timestamp,
    /// None if the capture was interrupted.
    finished: Option<Timestamp>,
    digest: Option<Digest>,
    redacted: bool,
    accounts: BTreeSet<AccountId>,
    regions: BTreeSet<Region>,
    sources: Vec<Source>,
}

/// The answers of one source.
#[derive(Debug, Serialize)]
struct Source {
    source: &'static str,
    answered: usize,
    failed: usize,
    /// The failures, each kind with its number.
    failures: BTreeMap<String, usize>,
    /// Until when AWS keeps what happened before the end of support. None if it does not expire.
    asked_until: Option<Timestamp>,
}

impl Summary {
    pub(super) fn of(bundle: &Bundle) -> Summary {
        let mut sources: BTreeMap<&'static str, Source> = BTreeMap::new();
        for (question, (answer, _)) in super::bundles::answers(bundle.answers.clone()) {
            let (name, keeps) = source_of(&question);
            let end: Option<Timestamp> = END_OF_SUPPORT.parse().ok();
            let asked_until = keeps.and_then(|keeps| end?.checked_add(keeps).ok());
            let new = Source { source: name, answered: 0, failed: 0, failures: BTreeMap::new(), asked_until };
            let source = sources.entry(name).or_insert(new);
            match &answer {
                Read::Present(_) | Read::Absent => source.answered += 1,
                Read::Unreadable(why) => {
                    source.failed += 1;
                    *source.failures.entry(format!("{} answered {}", why.operation, why.code)).or_default() += 1;
                }
            }
        }
        Summary {
            format_version: FORMAT_VERSION,
            began: bundle.header.began,
            finished: bundle.end.as_ref().map(|end| end.finished),
            digest: bundle.end.as_ref().map(|end| end.digest.clone()),
            redacted: bundle.header.is_redacted,
            accounts: bundle.header.scope.accounts.values().cloned().collect(),
            regions: bundle.header.scope.regions.clone(),
            sources: sources.into_values().collect(),
        }
    }

    /// Whether the capture ended and every question to IAM and Pinpoint was answered.
    pub(super) fn is_whole(&self) -> bool {
        let is_needed = |source: &&Source| [IAM, PINPOINT, CLOUDFORMATION].contains(&source.source);
        self.finished.is_some() && self.sources.iter().filter(is_needed).all(|source| source.failed == 0)
    }

    pub(super) fn text(&self, path: &Path, width: usize) -> String {
        let answers: usize = self.sources.iter().map(|source| source.answered + source.failed).sum();
        let (accounts, regions) = (count(self.accounts.len(), "account"), count(self.regions.len(), "region"));
        let heading = format!("{}: {accounts}, {regions}, {}", path.display(), count(answers, "answer"));
        let mut text = format!("{}\n", paint(STRONG, escape(&heading)));
        let _ = match self.finished {
            Some(finished) => writeln!(text, "captured from {:.0} to {finished:.0}", self.began),
            None => writeln!(text, "{} started {:.0}, interrupted", paint(WARNING, "incomplete:"), self.began),
        };
        if self.redacted {
            text.push_str("redacted: account IDs, names and ARNs are not the real ones\n");
        }
        if let Some(digest) = &self.digest {
            let digest = digest.to_string();
            let digest = format!("digest {} (finds damage; it is not a signature)", escape(&digest));
            let _ = writeln!(text, "{}", paint(QUIET, digest));
        }
        let row = |source: &Source| {
            let failed = if source.failed > 0 { format!("{} failed", source.failed) } else { String::new() };
            let until = source.asked_until.map_or_else(String::new, |until| {
                format!("AWS deletes records of October 2026 after {}", until.strftime("%Y-%m-%d"))
            });
            [format!("  {}", source.source), format!("{} answered", source.answered), failed, until]
        };
        let rows: Vec<[String; 4]> = self.sources.iter().map(row).collect();
        for (source, line) in self.sources.iter().zip(table(&rows, LastCell::Wrap { least: LEAST_NOTE }, width)) {
            let _ = writeln!(text, "{line}");
            for (failure, times) in &source.failures {
                let failure = if *times > 1 { format!("{times} × {failure}") } else { failure.clone() };
                text.push_str(&wrapped(&escape(&failure), 4, width, "! ", WARNING));
            }
        }
        folded(&text, width)
    }

    pub(super) fn json(&self) -> String {
        json(self)
    }
}

const IAM: &str = "IAM";
const PINPOINT: &str = "Pinpoint";
const CLOUDFORMATION: &str = "CloudFormation";

/// The source that answers a question, and how long it keeps what happened.
fn source_of(question: &Question) -> (&'static str, Option<SignedDuration>) {
    match question.first_call().service {
        Service::Iam if matches!(question, Question::LastAccessed(_)) => {
            ("IAM last accessed", Some(TRACKING_PERIOD))
        }
        Service::Iam => (IAM, Some(TRACKING_PERIOD)),
        Service::Sts => ("STS", None),
        Service::CloudFormation => (CLOUDFORMATION, None),
        Service::Pinpoint => (PINPOINT, None),
        Service::Kinesis => ("Kinesis", None),
        Service::Firehose => ("Firehose", None),
        Service::Organizations => ("Organizations", None),
        Service::S3 => ("S3", None),
        Service::Account => ("Account Management", None),
        Service::Config => ("AWS Config", None),
        Service::CloudTrail => ("CloudTrail", Some(EVENT_HISTORY)),
        Service::AccessAnalyzer => ("Access Analyzer", None),
        Service::Ses => ("SES", None),
        Service::Lambda => ("Lambda", None),
        Service::CloudWatch => ("CloudWatch", None),
        Service::Kms => ("KMS", None),
    }
}
