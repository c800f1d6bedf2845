//! From a project to a cloud that answers: real accounts, or with `--sandbox` the embedded one.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::style::{HELP, QUIET, WARNING, paint};
use crate::workspace::Project;
use pinpoint_streams_aws::{AccountCredentials, Aws, ConnectOptions};
use pinpoint_streams_executor::Paced;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::ids::{AccountAlias, RunId};
use pinpoint_streams_model::manifest::{AccountSpec, Manifest};
use pinpoint_streams_model::region::{Partition, Region};
use std::collections::BTreeMap;

const END_OF_SUPPORT: &str = "Amazon Pinpoint's support ended on 30 October 2026; \
    `[notices] end_of_support = false` hides this";

/// A cloud, and what the manifest asks of it.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The accounts, called at the pace that AWS allows.
    pub(crate) cloud: Paced<Aws>,
    /// What the manifest asks for, in these accounts.
    pub(crate) desired: Desired,
}

/// Connects, and resolves the manifest for the accounts that this leads to.
pub(crate) async fn connect(
    project: &Project,
    run: Option<RunId>,
    context: &CommandContext<'_>,
) -> Result<Connection, Error> {
    let CommandContext { settings, printer, .. } = *context;
    let manifest = &project.manifest;
    let options = ConnectOptions::new(manifest.workspace().clone(), run);
    if settings.sandbox {
        return embedded(project, options).await;
    }
    if manifest.notices().end_of_support {
        notice(context);
    }
    let aws = {
        let _busy = context.busy("connecting");
        Aws::connect(&credentials(manifest), options).await?
    };
    for failure in aws.failures() {
        let (what, hint) = (Error::from(failure.clone()).to_string(), failure.hint());
        printer.aside(&format!("{} {}\n", paint(WARNING, "warning:"), escape(&what)));
        printer.aside(&format!("{} {}\n", paint(HELP, "help:"), escape(&hint)));
    }
    let desired = manifest.resolve(aws.accounts())?;
    Ok(Connection { cloud: Paced::new(aws), desired })
}

/// That Pinpoint's support has ended.
pub(crate) fn notice(context: &CommandContext<'_>) {
    context.printer.aside(&format!("{} {END_OF_SUPPORT}\n", paint(QUIET, "note:")));
}

/// How the accounts of a manifest are called.
pub(crate) fn credentials(manifest: &Manifest) -> BTreeMap<AccountAlias, AccountCredentials> {
    let regions = manifest.regions();
    let partition = |alias: &AccountAlias, spec: &AccountSpec| {
        let of_apps = regions.get(alias).and_then(|regions| regions.first()).map(Region::partition);
        of_apps.or(spec.assume_role.as_ref().map(|role| role.partition)).unwrap_or(Partition::Aws)
    };
    let accounts = manifest.accounts().into_iter().map(|(alias, spec)| {
        let partition = partition(&alias, &spec);
        let AccountSpec { id, profile, assume_role, external_id, session_name } = spec;
        (alias, AccountCredentials { id, partition, profile, assume_role, external_id, session_name })
    });
    accounts.collect()
}

#[cfg(feature = "sandbox")]
async fn embedded(project: &Project, options: ConnectOptions) -> Result<Connection, Error> {
    let desired = project.manifest.resolve(&project.manifest.placeholder_accounts())?;
    let sandbox = crate::accounts::sandbox::open(&project.places.world)?;
    sandbox.seed(&crate::accounts::sandbox::seed(&desired))?;
    let options = crate::accounts::sandbox::connected(&sandbox, options);
    let aws = Aws::connect(&crate::accounts::sandbox::credentials(&project.manifest), options).await?;
    Ok(Connection { cloud: Paced::new(aws), desired })
}

#[cfg(not(feature = "sandbox"))]
async fn embedded(_project: &Project, _options: ConnectOptions) -> Result<Connection, Error> {
    Err(no_sandbox())
}

/// What there is to say of `--sandbox` where there is none.
#[cfg(not(feature = "sandbox"))]
pub(crate) fn no_sandbox() -> Error {
    Error::Usage {
        message: "--sandbox: this build has no sandbox".to_owned(),
        hint: "build with `--features sandbox`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::manifest::{OneFile, Overrides};

    #[test]
    fn the_partition_of_an_account_follows_from_the_regions_of_its_apps() {
        let manifest = r#"version = 1
workspace = "growth"
[accounts.gov]
id = "123456789012"
profile = "gov"
[accounts.spare]
id = "210987654321"
[apps.shop]
account = "gov"
region = "us-gov-west-1"
name = "Shop"
"#;
        let manifest = Manifest::load("m.toml", manifest.to_owned(), &OneFile, &Overrides::default()).unwrap();
        let credentials = credentials(&manifest);
        let of = |alias: &str| &credentials[&alias.parse::<AccountAlias>().unwrap()];
        assert_eq!((of("gov").partition, of("gov").profile.as_deref()), (Partition::AwsUsGov, Some("gov")));
        assert_eq!(of("spare").partition, Partition::Aws);
    }
}
