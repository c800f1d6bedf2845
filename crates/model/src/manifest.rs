//! The manifest: the TOML that a person writes, read in two stages. [`Manifest::load`] needs nothing
//! but the text; [`Manifest::resolve`] needs the account ids and gives [`Desired`].
mod account;
mod decode;
mod diagnostic;
mod document;
pub mod draft;
pub mod keys;
mod load;
mod resolve;
mod source;
mod state;
mod syntax;
mod tag;
mod template;
mod variables;
mod write;

pub use account::AccountSpec;
pub use diagnostic::{Diagnostic, Fault, Label, ManifestErrors};
pub use source::{MAX_BYTES, MAX_FILES, MAX_TOTAL_BYTES, OneFile, Source, SourceError, Sources};
pub use state::{BucketName, ObjectKey, S3State, StateAt};
pub use variables::{ENVIRONMENT_PREFIX, Overrides};

use crate::desired::{DEFAULT_ALIAS, Desired, Safety};
use crate::ids::{AccountAlias, AccountId, Workspace};
use crate::region::Region;
use std::collections::{BTreeMap, BTreeSet};

use diagnostic::Findings;
use document::Document;

/// A manifest without mistakes, as far as can be told offline.
#[derive(Debug, Clone)]
pub struct Manifest {
    sources: Vec<Source>,
    warnings: Vec<Diagnostic>,
    workspace: Workspace,
    document: Document,
}

/// `[sweep]`: what a sweep leaves alone, and where Pinpoint was never used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Names of roles, as globs, that are left alone.
    pub exclude: BTreeSet<String>,
    /// Regions, as globs, that were never used. A person's word.
    pub no_pinpoint_in: BTreeSet<String>,
}

/// `[notices]`: which notices are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notices {
    /// That Amazon Pinpoint's support ended on 30 October 2026.
    pub end_of_support: bool,
}

impl Default for Notices {
    fn default() -> Notices {
        Notices { end_of_support: true }
    }
}

impl Manifest {
    /// Reads a manifest with all that it includes. `name` is what messages call it. Finds every mistake
    /// that can be found offline, at once: what depends on the caller's account is checked against
    /// [`Manifest::placeholder_accounts`].
    pub fn load(
        name: &str,
        text: String,
        sources: &impl Sources,
        overrides: &Overrides,
    ) -> Result<Manifest, ManifestErrors> {
        let mut findings = Findings::default();
        let (sources, loaded) = load::load(name, text, sources, overrides, &mut findings);
        // Where a part could not be read, what refers to it is not wrong.
        let document = loaded.filter(|loaded| !loaded.has_gaps).map(|loaded| loaded.document);
        let resolved = document.map(|document| {
            let desired = resolve::resolve(&document, &placeholder_accounts(&document), &mut findings);
            (document, desired)
        });
        match (findings.finish(), resolved) {
            (Ok(warnings), Some((document, Some(Desired { workspace, .. })))) => {
                Ok(Manifest { sources, warnings, workspace, document })
            }
            (Ok(_), _) => Err(ManifestErrors { sources, errors: vec![unexplained()] }),
            (Err(errors), _) => Err(ManifestErrors { sources, errors }),
        }
    }

    /// What the manifest asks for. The ids of declared accounts are its own; `accounts` gives that of
    /// the caller, by the alias `default`, where none are declared.
    pub fn resolve(&self, accounts: &BTreeMap<AccountAlias, AccountId>) -> Result<Desired, ManifestErrors> {
        let mut findings = Findings::default();
        let desired = resolve::resolve(&self.document, accounts, &mut findings);
        let failed = |errors| ManifestErrors { sources: self.sources.clone(), errors };
        findings.finish().map_err(failed)?;
        desired.ok_or_else(|| failed(vec![unexplained()]))
    }

    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What is allowed but looks like a mistake. Labels point into [`Manifest::sources`].
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Who owns what is created.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    pub fn safety(&self) -> &Safety {
        &self.document.safety
    }

    pub fn sweep(&self) -> &Sweep {
        &self.document.sweep
    }

    pub fn notices(&self) -> Notices {
        self.document.notices
    }

    /// `[state]`: where the state is kept; none where it is not given.
    pub fn state(&self) -> Option<&StateAt> {
        self.document.state.as_ref()
    }

    /// The accounts declared, used or not; where none are, the caller's own alone, as `default`.
    pub fn accounts(&self) -> BTreeMap<AccountAlias, AccountSpec> {
        match &self.document.accounts {
            Some(declared) => {
                declared.iter().map(|(alias, account)| (alias.clone(), account.spec.clone())).collect()
            }
            None => default_alias().map(|alias| (alias, AccountSpec::default())).into_iter().collect(),
        }
    }

    /// The accounts in which apps are declared, each with the regions of these.
    pub fn regions(&self) -> BTreeMap<AccountAlias, BTreeSet<Region>> {
        let mut regions: BTreeMap<AccountAlias, BTreeSet<Region>> = BTreeMap::new();
        for (key, app) in &self.document.apps {
            let account = resolve::account_of(&self.document, key, app).ok().flatten();
            let region = resolve::region_of(&self.document, key, app).ok().flatten();
            if let (Some(account), Some(region)) = (account, region) {
                regions.entry(account).or_default().insert(region);
            }
        }
        regions
    }

    /// Account ids for working offline: those declared; for the caller's own the one that the
    /// manifest's ARNs name, or else twelve zeros.
    pub fn placeholder_accounts(&self) -> BTreeMap<AccountAlias, AccountId> {
        placeholder_accounts(&self.document)
    }
}

fn default_alias() -> Option<AccountAlias> {
    DEFAULT_ALIAS.parse().ok()
}

fn placeholder_accounts(document: &Document) -> BTreeMap<AccountAlias, AccountId> {
    if let Some(declared) = &document.accounts {
        let ids = declared.iter().filter_map(|(alias, account)| Some((alias.clone(), account.spec.id.clone()?)));
        return ids.collect();
    }
    let named = document.named_accounts().next();
    let id = named.or_else(|| "000000000000".parse().ok());
    default_alias().zip(id).into_iter().collect()
}

/// No known input leads here: no error was found, but there is no result either.
fn unexplained() -> Diagnostic {
    Diagnostic::new("internal error: the manifest could not be resolved")
}
