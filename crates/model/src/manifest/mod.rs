//! The manifest: the TOML that a person writes, read in two stages. [`Manifest::load`] needs nothing
//! but the text; [`Manifest::resolve`] needs the account ids and gives [`Desired`].
mod account;
mod diagnostic;
mod source;
mod variables;

pub use account::AccountSpec;
pub use diagnostic::{Diagnostic, Fault, Label, ManifestErrors};
pub use source::{MAX_BYTES, OneFile, Source, SourceError, Sources};
pub use variables::{ENVIRONMENT_PREFIX, Overrides};

use crate::desired::{Desired, Safety};
use crate::ids::{AccountAlias, AccountId, Workspace};
use crate::region::Region;
use std::collections::{BTreeMap, BTreeSet};

/// A manifest without mistakes, as far as can be told offline.
#[derive(Debug, Clone)]
pub struct Manifest {
    sources: Vec<Source>,
    warnings: Vec<Diagnostic>,
}

/// `[notices]`: which notices are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notices {
    /// That Amazon Pinpoint's support ended on 30 October 2026.
    pub end_of_support: bool,
}

impl Manifest {
    /// Reads a manifest with all that it includes. Finds every mistake that can be found offline, at
    /// once: what depends on the caller's account is checked against [`Manifest::placeholder_accounts`].
    pub fn load(
        name: &str,
        text: String,
        sources: &impl Sources,
        overrides: &Overrides,
    ) -> Result<Manifest, ManifestErrors> {
        let _ = (name, text, sources, overrides);
        todo!()
    }

    /// What the manifest asks for. The ids of declared accounts are its own; `accounts` gives that of
    /// the caller, by the alias `default`, where none are declared.
    pub fn resolve(&self, accounts: &BTreeMap<AccountAlias, AccountId>) -> Result<Desired, ManifestErrors> {
        let _ = accounts;
        todo!()
    }

    /// The files that it was read from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What is allowed but looks like a mistake. Labels point into [`Manifest::sources`].
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Who owns what is created.
    pub fn workspace(&self) -> &Workspace {
        todo!()
    }

    /// `[safety]`.
    pub fn safety(&self) -> &Safety {
        todo!()
    }

    /// `[notices]`.
    pub fn notices(&self) -> Notices {
        todo!()
    }

    /// `[state] path`, relative to the manifest's folder; none where it is not given.
    pub fn state_path(&self) -> Option<&str> {
        todo!()
    }

    /// The accounts declared, used or not; where none are, the caller's own alone, as `default`.
    pub fn accounts(&self) -> BTreeMap<AccountAlias, AccountSpec> {
        todo!()
    }

    /// The accounts in which apps are declared, each with the regions of these.
    pub fn regions(&self) -> BTreeMap<AccountAlias, BTreeSet<Region>> {
        todo!()
    }

    /// Account ids for working offline: those declared; for the caller's own the one that the
    /// manifest's ARNs name, or else twelve zeros.
    pub fn placeholder_accounts(&self) -> BTreeMap<AccountAlias, AccountId> {
        todo!()
    }
}
