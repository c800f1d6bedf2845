//! The embedded account: seeds it with the resources that a manifest needs.
use crate::ui::{CommandClock, Error};
use crate::workspace::Workspace;
use pinpoint_streams_aws::{AccountCredentials, ConnectOptions, Timeouts};
use pinpoint_streams_executor::clock::Clock as _;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::desired::{AppIdentity, Desired, DesiredApp, RoleRef};
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_model::role_kind::{RoleKind, StreamTarget};
use pinpoint_streams_sandbox::decorators::Ended;
use pinpoint_streams_sandbox::{
    Sandbox, Seed, SeedAccount, SeedApp, SeedRole, SeedStream, Settings, access_key_for,
};
use pinpoint_streams_store::{disk, format_of};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long until Pinpoint sees a change of a role: it is waited for, as on AWS, but not for long.
const PROPAGATION: Duration = Duration::from_millis(300);

pub(crate) fn open(folder: &Path, clock: CommandClock) -> Result<Sandbox, Error> {
    let ended = ended(&ended_file(folder))?;
    let settings = Settings { ended, propagation: PROPAGATION, ..Settings::new(move || clock.now()) };
    Ok(Sandbox::open(folder, settings)?)
}

/// The maximum size of a seed file, in bytes.
pub(crate) const MAX_SEED_BYTES: u64 = 64 * 1024 * 1024;

/// The format of `ended.json`. Newer formats are rejected.
const FORMAT: u32 = 1;

/// The simulated end of service, on disk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndedFile {
    format: u32,
    ended: Vec<Ended>,
}

fn ended_file(world: &Path) -> PathBuf {
    world.with_file_name("ended.json")
}

fn ended(file: &Path) -> Result<Vec<Ended>, Error> {
    let wrong = |reason: String| Error::InvalidFile {
        path: file.to_owned(),
        problem: format!("cannot be read: {reason}"),
        hint: "run `pinpoint-streams sandbox end HOW` to rewrite it".to_owned(),
    };
    let Some(json) = disk::read(file, MAX_SEED_BYTES).map_err(|failed| wrong(failed.source.to_string()))? else {
        return Ok(Vec::new());
    };
    let broken = |error: serde_json::Error| wrong(error.to_string());
    let format = format_of(&json).map_err(broken)?;
    if format > FORMAT {
        return Err(wrong(format!("it has format {format}, newer than {FORMAT}")));
    }
    let EndedFile { format: _, ended } = serde_json::from_slice(&json).map_err(broken)?;
    Ok(ended)
}

/// Starts the simulation; without an end it stops.
pub(crate) fn end(world: &Path, ended: Vec<Ended>) -> Result<(), Error> {
    let file = ended_file(world);
    // Our own types to memory: this cannot fail.
    let json = serde_json::to_vec(&EndedFile { format: FORMAT, ended }).unwrap_or_default();
    disk::replace(&file, &json).map_err(|failed| Error::File {
        operation: "write",
        path: failed.path,
        source: failed.source,
    })
}

/// Connects to the seeded sandbox instead of AWS.
pub(super) fn options(
    options: ConnectOptions,
    workspace: &Workspace,
    clock: CommandClock,
) -> Result<ConnectOptions, Error> {
    let sandbox = open(&workspace.paths.world, clock)?;
    if let Some(manifest) = &workspace.manifest {
        sandbox.seed(&seed(manifest.offline()))?;
    }
    let key = |id: Option<&AccountId>| access_key_for(id.map_or("000000000000", |id| id.as_str()));
    Ok(ConnectOptions {
        http_client: Some(sandbox.http_client()),
        resolves: Some(sandbox.resolves()),
        static_credentials: Some(Arc::new(key)),
        // Waiting does not help: the service is in this process.
        timeouts: Timeouts { between_attempts: Duration::from_millis(20), ..options.timeouts },
        ..options
    })
}

pub(super) fn accounts(workspace: &Workspace) -> Result<BTreeMap<AccountAlias, AccountCredentials>, Error> {
    let contents = open(&workspace.paths.world, CommandClock::default())?.contents()?;
    let accounts = contents.accounts.iter().filter_map(|(id, account)| {
        let partition = account.partition.parse().ok()?;
        let credentials =
            AccountCredentials { id: Some(id.parse().ok()?), ..AccountCredentials::chain(partition) };
        Some((id.parse().ok()?, credentials))
    });
    let accounts: BTreeMap<AccountAlias, AccountCredentials> = accounts.collect();
    if accounts.is_empty() {
        return Err(Error::NotFound {
            message: "the sandbox is empty".to_owned(),
            hint: "seed it with `pinpoint-streams sandbox seed FILE`".to_owned(),
        });
    }
    Ok(accounts)
}

/// The resources that the manifest references but does not create: streams, apps by ID, roles by ARN, permissions
/// boundaries.
pub(crate) fn seed(desired: &Desired) -> Seed {
    let mut accounts: BTreeMap<AccountId, SeedAccount> = BTreeMap::new();
    for (key, app) in &desired.apps {
        let account = account(&mut accounts, &app.account, app.region.partition().as_str());
        if let AppIdentity::Existing(id) = &app.identity {
            account.apps.push(SeedApp::new(app.region.as_str(), id.as_str(), key.as_str()));
        }
        if let Some(stream) = &app.event_stream {
            let StreamTarget { arn, kms_key } = &stream.target;
            let kms_key = kms_key.as_ref().map(ToString::to_string);
            let stream = SeedStream { arn: arn.clone(), kms_key, created: None };
            if !account.streams.iter().any(|known| known.arn == stream.arn) {
                account.streams.push(stream);
            }
        }
    }
    for role in desired.roles.values() {
        let account = account(&mut accounts, &role.account, role.partition.as_str());
        account.policies.extend(role.permissions_boundary.clone());
    }
    for (arn, users) in roles_elsewhere(desired) {
        let account = account(&mut accounts, &arn.account, arn.partition.as_str());
        account.roles.push(role_for(arn, &users));
    }
    Seed { accounts: accounts.into_values().collect() }
}

fn account<'a>(
    accounts: &'a mut BTreeMap<AccountId, SeedAccount>,
    id: &AccountId,
    partition: &str,
) -> &'a mut SeedAccount {
    accounts.entry(id.clone()).or_insert_with(|| SeedAccount {
        id: id.to_string(),
        partition: partition.to_owned(),
        ..SeedAccount::default()
    })
}

fn roles_elsewhere(desired: &Desired) -> BTreeMap<&RoleArn, Vec<(&DesiredApp, &StreamTarget)>> {
    let mut roles: BTreeMap<&RoleArn, Vec<(&DesiredApp, &StreamTarget)>> = BTreeMap::new();
    for app in desired.apps.values() {
        if let Some(stream) = &app.event_stream
            && let RoleRef::Elsewhere(arn) = &stream.role
        {
            roles.entry(arn).or_default().push((app, &stream.target));
        }
    }
    roles
}

/// A role that lets these apps write to their streams. The ID of an app that does not exist yet is unknown, so the role
/// trusts all apps of its region.
fn role_for(arn: &RoleArn, users: &[(&DesiredApp, &StreamTarget)]) -> SeedRole {
    let kind = RoleKind::for_event_streams();
    let sources = users.iter().map(|(app, _)| match &app.identity {
        AppIdentity::Existing(id) => AppArn::with_id(&app.region, &app.account, id.as_str()),
        AppIdentity::Owned { .. } => AppArn::with_id(&app.region, &app.account, "*"),
    });
    let trust = kind.trust_policy::<String>(&arn.account, sources.collect::<BTreeSet<_>>());
    let targets = users.iter().map(|(_, target)| (*target).clone()).collect();
    SeedRole {
        inline: vec![("Permissions".to_owned(), kind.permissions(&targets).to_json())],
        ..SeedRole::new(arn.clone(), trust.to_json())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};
    use pinpoint_streams_model::policy::{Document, same_meaning};

    const MANIFEST: &str = r#"version = 1
workspace = "growth"
[defaults]
account = "main"
region = "us-east-1"
[accounts.main]
id = "123456789012"
[role_defaults]
permissions_boundary = "boundary"
[streams.lake]
firehose = "lake"
kms_key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
[apps.shop]
id = "a1"
stream = "lake"
role = { arn = "arn:aws:iam::123456789012:role/made/Elsewhere" }
[apps.blog]
name = "Blog"
stream = "lake"
"#;

    fn seeded(manifest: &str) -> SeedAccount {
        let manifest = Manifest::load("m.toml", manifest.to_owned(), &OneFile, &Overrides::default()).unwrap();
        let desired = manifest.offline();
        let [account] = <[SeedAccount; 1]>::try_from(seed(desired).accounts).unwrap();
        account
    }

    #[test]
    fn all_that_the_manifest_takes_for_granted_is_seeded_once_and_nothing_that_it_makes() {
        let SeedAccount { id, partition, apps, streams, roles, policies, .. } = seeded(MANIFEST);
        assert_eq!((id.as_str(), partition.as_str()), ("123456789012", "aws"));
        assert_eq!(apps, [SeedApp::new("us-east-1", "a1", "shop")]);
        assert_eq!(streams.len(), 1);
        assert!(streams[0].kms_key.as_ref().is_some_and(|key| key.contains("1234abcd")));
        assert_eq!(roles.iter().map(|role| role.arn.name.as_str()).collect::<Vec<_>>(), ["Elsewhere"]);
        assert_eq!(policies.len(), 1);
    }

    #[test]
    fn a_role_made_elsewhere_lets_its_app_write() {
        let role = seeded(MANIFEST).roles.remove(0);
        let trust = Document::from_json(&role.trust_json).unwrap();
        let app = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a1".to_owned();
        let account = "123456789012".parse().unwrap();
        assert!(same_meaning(&trust, &RoleKind::for_event_streams().trust_policy(&account, [app])));
        assert!(role.inline[0].1.contains("kms:GenerateDataKey"), "{:?}", role.inline);
    }
}
