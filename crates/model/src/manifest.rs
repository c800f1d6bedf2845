//! The manifest: the TOML that a person writes. [`Manifest::load`] needs nothing but the text; [`Manifest::resolve`] gives
//! [`Desired`], for which the account of the caller must be known if the manifest declares none.
mod decode;
mod diagnostic;
pub mod draft;
pub mod keys;
mod load;
mod raw;
mod resolve;
pub mod schema;
mod source;
mod state;
mod syntax;
mod tag;
mod template;
mod write;

pub use diagnostic::{Diagnostic, Fault, Label, ManifestErrors};
pub use source::{MAX_BYTES, MAX_FILES, MAX_TOTAL_BYTES, OneFile, Source, SourceError, Sources};
pub use state::{BucketName, ObjectKey, S3State, StateAt};

use crate::desired::{DEFAULT_ALIAS, Safety};
use crate::error_code::manifest as codes;
use crate::{AccountAlias, AccountId, Desired, Region, RoleArn, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diagnostic::Diagnostics;
use raw::RawManifest;

/// The prefix of environment variables that override `[variables]`.
pub const ENVIRONMENT_PREFIX: &str = "PINPOINT_STREAMS_VAR_";

/// A manifest without mistakes, as far as can be checked offline.
#[derive(Debug, Clone)]
pub struct Manifest {
    sources: Vec<Source>,
    warnings: Vec<Diagnostic>,
    /// None where there is no `[accounts]`.
    accounts: Option<BTreeMap<AccountAlias, AccountSpec>>,
    sweep: Sweep,
    notices: Notices,
    state: Option<StateAt>,
    offline: Arc<Desired>,
    /// What depends on the account of the caller; none where all accounts are declared.
    of_caller: Option<RawManifest>,
}

/// An account of `[accounts]`, or the caller's own with nothing declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountSpec {
    /// Required for a declared account; credentials of any other are refused.
    pub id: Option<AccountId>,
    /// The profile of the shared AWS configuration to use.
    pub profile: Option<String>,
    /// The role to assume, in this account.
    pub assume_role: Option<RoleArn>,
    /// For `assume_role`.
    pub external_id: Option<String>,
    /// For `assume_role`.
    pub session_name: Option<String>,
}

/// Values of `[variables]` from outside the manifest. The command line wins over the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--var NAME=VALUE`. A name that the manifest does not declare is an error.
    pub command_line: BTreeMap<String, String>,
    /// The environment, by the name after [`ENVIRONMENT_PREFIX`]. An undeclared name is ignored.
    pub environment: BTreeMap<String, String>,
}

/// `[sweep]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Globs of role names that are left alone.
    pub exclude: BTreeSet<String>,
    /// Globs of regions that the user asserts were never used.
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
    /// that can be found offline, at once: what depends on the caller's account is checked against that of
    /// [`Manifest::offline`].
    pub fn load(
        name: &str,
        text: String,
        sources: &impl Sources,
        overrides: &Overrides,
    ) -> Result<Manifest, ManifestErrors> {
        let mut found = Diagnostics::default();
        let (sources, loaded) = load::load(name, text, sources, overrides, &mut found);
        let resolved = loaded.map(|loaded| {
            let raw = &loaded.manifest;
            // Where a part could not be read, what refers to it is not wrong.
            let desired = match loaded.has_gaps {
                true => None,
                false => resolve::resolve(raw, &placeholder_accounts(raw), &mut found),
            };
            if found.has_errors() {
                resolve::check_rest(&loaded, &sources, &mut found);
            }
            (loaded.manifest, desired)
        });
        match (found.finish(), resolved) {
            (Ok(warnings), Some((mut raw, Some(desired)))) => Ok(Manifest {
                sources,
                warnings,
                accounts: raw.account_specs(),
                sweep: std::mem::take(&mut raw.sweep),
                notices: raw.notices,
                state: raw.state.take(),
                offline: Arc::new(desired),
                of_caller: raw.accounts.is_none().then_some(raw),
            }),
            (Ok(_), _) => Err(ManifestErrors { sources, errors: vec![unexplained()] }),
            (Err(errors), _) => Err(ManifestErrors { sources, errors }),
        }
    }

    /// The errors of a manifest that is not UTF-8: a mistake in its content like any other.
    pub fn not_text(name: &str) -> ManifestErrors {
        let source = Source { name: name.to_owned(), text: String::new(), show_snippet: false };
        let error = Diagnostic::new(&codes::NOT_TOML, "this is not TOML: it is not UTF-8 text");
        let error = error.at(source::Place::new(0, 0..0), "").help(load::SAVE_AS_UTF_8);
        ManifestErrors { sources: vec![source], errors: vec![error] }
    }

    /// What the manifest asks for. The ids of declared accounts are its own; `accounts` gives that of
    /// the caller, by the alias `default`, where none are declared.
    pub fn resolve(&self, accounts: &BTreeMap<AccountAlias, AccountId>) -> Result<Arc<Desired>, ManifestErrors> {
        let Some(raw) = &self.of_caller else { return Ok(Arc::clone(&self.offline)) };
        let mut found = Diagnostics::default();
        let desired = resolve::resolve(raw, accounts, &mut found);
        let failed = |errors| ManifestErrors { sources: self.sources.clone(), errors };
        found.finish().map_err(failed)?;
        desired.map(Arc::new).ok_or_else(|| failed(vec![unexplained()]))
    }

    /// What the manifest asks for as far as that is known offline: the account of the caller is the one that the
    /// manifest's ARNs name, or else twelve zeros.
    pub fn offline(&self) -> &Arc<Desired> {
        &self.offline
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
        &self.offline.workspace
    }

    pub fn safety(&self) -> &Safety {
        &self.offline.safety
    }

    pub fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    pub fn notices(&self) -> Notices {
        self.notices
    }

    /// `[state]`: where the state is kept; none where it is not given.
    pub fn state(&self) -> Option<&StateAt> {
        self.state.as_ref()
    }

    /// The accounts declared, used or not; where none are, the caller's own alone, as `default`.
    pub fn accounts(&self) -> BTreeMap<AccountAlias, AccountSpec> {
        let callers = || default_alias().map(|alias| (alias, AccountSpec::default())).into_iter().collect();
        self.accounts.clone().unwrap_or_else(callers)
    }

    /// The accounts in which apps are declared, each with the regions of these.
    pub fn regions(&self) -> BTreeMap<AccountAlias, BTreeSet<Region>> {
        let aliases: BTreeMap<&AccountId, &AccountAlias> =
            self.offline.accounts.iter().map(|(alias, id)| (id, alias)).collect();
        let mut regions: BTreeMap<AccountAlias, BTreeSet<Region>> = BTreeMap::new();
        for app in self.offline.apps.values() {
            if let Some(alias) = aliases.get(&app.account) {
                regions.entry((*alias).clone()).or_default().insert(app.region.clone());
            }
        }
        regions
    }
}

fn default_alias() -> Option<AccountAlias> {
    DEFAULT_ALIAS.parse().ok()
}

fn placeholder_accounts(raw: &RawManifest) -> BTreeMap<AccountAlias, AccountId> {
    if let Some(declared) = &raw.accounts {
        let ids = declared.iter().filter_map(|(alias, account)| Some((alias.clone(), account.spec.id.clone()?)));
        return ids.collect();
    }
    let named = raw.named_accounts().next();
    let id = named.or_else(|| "000000000000".parse().ok());
    default_alias().zip(id).into_iter().collect()
}

/// Not reached by any known input: neither an error nor a result.
fn unexplained() -> Diagnostic {
    Diagnostic::new(&codes::INTERNAL, "internal error: the manifest could not be resolved")
}
