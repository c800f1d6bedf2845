//! Reads bundles of evidence for a sweep.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use jiff::Timestamp;
use pinpoint_streams_model::fact::EvidenceSource;
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_model::live::{Answer, Question, Read};
use pinpoint_streams_model::region::Region;
use pinpoint_streams_model::sweep::{BundleFile, SweptAccount};
use pinpoint_streams_planner as planner;
use pinpoint_streams_store::bundle::{self, Bundle, End, Kept};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What the bundles of a sweep hold, the newest first.
#[derive(Debug, Default)]
pub(in crate::commands) struct Bundles {
    pub(in crate::commands) files: Vec<BundleFile>,
    pub(in crate::commands) answers: Vec<planner::Bundle>,
    pub(in crate::commands) accounts: BTreeMap<AccountAlias, AccountId>,
    pub(in crate::commands) regions: BTreeSet<Region>,
    pub(in crate::commands) sources: BTreeSet<EvidenceSource>,
    /// When the newest was finished.
    pub(in crate::commands) finished: Option<Timestamp>,
}

impl Bundles {
    /// The accounts as a sweep lists them.
    pub(in crate::commands) fn swept(&self) -> Vec<SweptAccount> {
        let account = |(alias, id): (&AccountAlias, &AccountId)| SweptAccount {
            alias: alias.clone(),
            id: Some(id.clone()),
            unreachable: None,
        };
        self.accounts.iter().map(account).collect()
    }
}

/// Reads the bundles, whose captures must have ended.
pub(in crate::commands) fn open(paths: &[PathBuf], context: &CommandContext<'_>) -> Result<Bundles, Error> {
    let mut read = Vec::new();
    for path in paths {
        let bundle = self::read(path, context)?;
        let Some(end) = bundle.end.clone() else {
            return Err(interrupted(path, context));
        };
        read.push((end, path, bundle));
    }
    read.sort_by_key(|(end, ..)| std::cmp::Reverse(end.finished));
    let mut bundles = Bundles { finished: read.first().map(|(end, ..)| end.finished), ..Bundles::default() };
    for (End { digest, finished, .. }, path, bundle) in read {
        let file = path.to_string_lossy().into_owned();
        bundles.files.push(BundleFile { file: file.clone(), digest, finished });
        bundles.answers.push(planner::Bundle { name: file, answers: answers(bundle.answers) });
        for (alias, id) in bundle.header.scope.accounts {
            if !bundles.accounts.values().any(|known| *known == id) {
                let is_taken = bundles.accounts.contains_key(&alias);
                // An account id is an alias too.
                let alias = if is_taken { id.as_str().parse().unwrap_or(alias) } else { alias };
                bundles.accounts.insert(alias, id);
            }
        }
        bundles.regions.extend(bundle.header.scope.regions);
        bundles.sources.extend(bundle.header.scope.sources);
    }
    Ok(bundles)
}

/// What needs the whole capture.
pub(super) fn interrupted(path: &Path, context: &CommandContext<'_>) -> Error {
    let capture = context.settings.command_with("evidence capture --out", &path.to_string_lossy());
    Error::InvalidFile {
        path: path.to_owned(),
        problem: "is the bundle of a capture that was interrupted".to_owned(),
        hint: format!("continue it with `{capture}` and the same accounts"),
    }
}

/// A file that would be overwritten.
pub(super) fn exists(path: &Path) -> Error {
    Error::InvalidFile {
        path: path.to_owned(),
        problem: "already exists".to_owned(),
        hint: "choose another file with --out".to_owned(),
    }
}

pub(super) fn read(path: &Path, context: &CommandContext<'_>) -> Result<Bundle, Error> {
    Ok(bundle::read(&context.environment.folder.join(path))?)
}

/// Of several answers to a question the last one counts, unless it is a failure.
pub(super) fn answers(kept: Vec<Kept>) -> BTreeMap<Question, (Read<Answer>, Timestamp)> {
    let mut answers: BTreeMap<Question, (Read<Answer>, Timestamp)> = BTreeMap::new();
    for Kept { at, question, answer, request_ids: _ } in kept {
        if answer.is_known() || !answers.contains_key(&question) {
            answers.insert(question, (answer, at));
        }
    }
    answers
}
