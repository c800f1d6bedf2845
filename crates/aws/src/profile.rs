//! Profiles of the AWS configuration files: where credentials come from, region and trusted certificates.
use crate::classify::{CloudError, find_source};
use crate::connect_error::{Failure, source_of};
use crate::credential_failure::{CredentialCause, CredentialFailure};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::{ProfileFileRegionProvider, ProfileSet};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::region::Region;
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::region::{self, Partition};
use std::error::Error;
use std::sync::Arc;

/// Where credentials come from by the environment and the configuration files. Read to explain an error.
#[derive(Debug, Clone)]
pub(crate) struct CredentialSettings {
    /// The profile in effect; none if it is only the default and does not exist.
    profile: Option<String>,
    /// Whether the manifest, a flag or AWS_PROFILE names it.
    is_named: bool,
    /// The last role that is assumed.
    role: Option<String>,
    mfa_serial: Option<String>,
    /// A reference to a profile that does not exist.
    dangling: Option<String>,
    /// How the first credentials are obtained.
    base: CredentialCause,
}

impl CredentialSettings {
    pub(crate) async fn read(profile: Option<&str>) -> Result<CredentialSettings, Failure> {
        let env = Env::real();
        let set = load(&env).await?;
        let set_in_env = |name: &str| env.get(name).ok().filter(|value| !value.is_empty());
        let named = profile.map(str::to_owned).or_else(|| set_in_env("AWS_PROFILE"));
        if let Some(name) = named.as_ref().filter(|name| set.get_profile(name).is_none()) {
            return Err(unknown(&set, name));
        }
        let token = set_in_env("AWS_WEB_IDENTITY_TOKEN_FILE").filter(|_| profile.is_none());
        Ok(CredentialSettings::of(&set, named, token))
    }

    fn of(set: &ProfileSet, named: Option<String>, token_in_env: Option<String>) -> CredentialSettings {
        let is_named = named.is_some();
        let first = named.unwrap_or_else(|| "default".to_owned());
        let exists = set.get_profile(&first).is_some();
        let (mut role, mut mfa_serial, mut dangling) = (None, None, None);
        let (mut name, mut seen) = (first.clone(), Vec::new());
        let base = loop {
            let Some(profile) = set.get_profile(&name) else {
                if let Some(from) = seen.last() {
                    dangling = Some(format!("`source_profile = {name}` of profile `{from}` does not exist"));
                }
                break CredentialCause::Other;
            };
            let get = |key| profile.get(key).map(str::to_owned);
            if let Some(token_file) = get("web_identity_token_file") {
                break CredentialCause::WebIdentity { token_file };
            }
            role = role.or_else(|| get("role_arn"));
            mfa_serial = mfa_serial.or_else(|| get("mfa_serial"));
            match profile.get("source_profile").filter(|_| get("role_arn").is_some()) {
                Some(source) if source != name && !seen.iter().any(|seen| seen == source) => {
                    seen.push(std::mem::replace(&mut name, source.to_owned()));
                }
                _ if ["sso_session", "sso_start_url"].iter().any(|key| profile.get(key).is_some()) => {
                    break CredentialCause::Sso;
                }
                _ if profile.get("credential_process").is_some() => break CredentialCause::Process,
                _ => break CredentialCause::Other,
            }
        };
        let base = match (base, token_in_env) {
            (CredentialCause::Other, Some(token_file)) => CredentialCause::WebIdentity { token_file },
            (base, _) => base,
        };
        CredentialSettings { profile: exists.then_some(first), is_named, role, mfa_serial, dangling, base }
    }

    /// Why there are no credentials; none if no source of credentials is configured.
    pub(crate) fn explain(&self, error: &CloudError) -> Option<CredentialFailure> {
        let source = source_of(error)?;
        let CredentialSettings { profile, is_named, role, mfa_serial, dangling, base } = self;
        let assumed = error.source.as_deref().and_then(|source| find_source::<AssumeRoleError>(source)).is_some();
        let mut innermost = source;
        while let Some(next) = innermost.source().and_then(find_source::<CredentialsError>) {
            innermost = next;
        }
        let detail = match innermost.source() {
            Some(source) if !assumed => one_line(source),
            _ => error.message.clone(),
        };
        let not_loaded = matches!(source, CredentialsError::CredentialsNotLoaded(_));
        let (cause, detail) = match (mfa_serial, role) {
            _ if dangling.is_some() => (CredentialCause::Settings, dangling.clone().unwrap_or_default()),
            (Some(serial), _) if assumed && error.code == "AccessDenied" => {
                (CredentialCause::Mfa { serial: serial.clone() }, detail)
            }
            (None, Some(role)) if assumed && error.code == "AccessDenied" => {
                (CredentialCause::RoleDenied { role: role.clone() }, detail)
            }
            _ if matches!(source, CredentialsError::InvalidConfiguration(_)) => {
                (CredentialCause::Settings, detail)
            }
            _ if not_loaded && !is_named => return None,
            _ if not_loaded && *base == CredentialCause::Other => {
                (CredentialCause::Empty, "it sets no credentials".to_owned())
            }
            _ => (base.clone(), detail),
        };
        let detail = detail.split_whitespace().collect::<Vec<_>>().join(" ");
        let detail = detail.trim_start_matches("Error retrieving credentials: ").to_owned();
        // The token of the environment is of no profile.
        let is_of_env = matches!(cause, CredentialCause::WebIdentity { .. }) && !is_named;
        let profile = profile.clone().filter(|_| !is_of_env);
        Some(CredentialFailure { profile, cause, detail })
    }
}

async fn load(env: &Env) -> Result<ProfileSet, Failure> {
    let set = aws_config::profile::load(&Fs::real(), env, &Default::default(), None).await;
    set.map_err(|error| Failure::ProfileFile(Arc::new(error)))
}

/// The SDK would ignore a missing profile and continue with its chain.
pub(crate) async fn must_exist(profile: &str) -> Result<(), Failure> {
    let set = load(&Env::real()).await?;
    match set.get_profile(profile) {
        Some(_) => Ok(()),
        None => Err(unknown(&set, profile)),
    }
}

fn unknown(set: &ProfileSet, name: &str) -> Failure {
    let mut known: Vec<String> = set.profiles().map(str::to_owned).collect();
    known.sort_unstable();
    Failure::UnknownProfile { name: name.to_owned(), known }
}

/// The names of all profiles of the AWS configuration files; none if these cannot be read.
pub async fn profile_names() -> Vec<String> {
    let set = load(&Env::real()).await;
    set.map(|set| set.profiles().map(str::to_owned).collect()).unwrap_or_default()
}

/// The file with trusted certificates: AWS_CA_BUNDLE, else `ca_bundle` of the profile.
pub(crate) async fn ca_bundle(profile: Option<&str>) -> Option<String> {
    let env = Env::real();
    if let Some(path) = env.get("AWS_CA_BUNDLE").ok().filter(|path| !path.is_empty()) {
        return Some(path);
    }
    // An unreadable configuration file is reported with the credentials.
    let set = load(&env).await.ok()?;
    let profile = profile.unwrap_or_else(|| set.selected_profile());
    set.get_profile(profile)?.get("ca_bundle").filter(|path| !path.is_empty()).map(str::to_owned)
}

/// The region of the environment, else of the profile.
pub(crate) async fn default_region(profile: Option<&str>) -> Option<Region> {
    match EnvironmentVariableRegionProvider::new().region().await {
        Some(region) => Some(region),
        None => region_of_profile(profile).await,
    }
}

async fn region_of_profile(profile: Option<&str>) -> Option<Region> {
    let mut provider = ProfileFileRegionProvider::builder();
    if let Some(profile) = profile {
        provider = provider.profile_name(profile);
    }
    provider.build().region().await
}

/// The region of the environment, else of the profile. None if none is set, or it is not a region.
pub async fn region(profile: Option<&str>) -> Option<region::Region> {
    default_region(profile).await?.as_ref().parse().ok()
}

/// The partition of a profile, by its region, else by the environment's. None if no region is set.
pub async fn partition(profile: Option<&str>) -> Option<Partition> {
    let region = match profile {
        // A profile's keys are of its region's partition, whatever the environment says.
        Some(profile) => region_of_profile(Some(profile)).await,
        None => None,
    };
    let region = match region {
        Some(region) => region,
        None => default_region(profile).await?,
    };
    region.as_ref().parse().ok().as_ref().map(region::Region::partition)
}
