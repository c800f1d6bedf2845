//! The handle of a sandbox: opened on a folder or in memory, seeded, looked into, plugged into the SDK.

use crate::connector::Connector;
use crate::contents::{self, Contents};
use crate::ended::Ended;
use crate::pinpoint;
use crate::seed::{self, Seed, SeedReport};
use crate::settings::Settings;
use crate::store::{Store, StoreError};
use crate::world::World;
use crate::world::iam::LastUsed;
use crate::world_store::WorldStore;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;

/// What cannot be brought about by calls, and takes years on AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleHistory {
    /// When the role was made.
    pub created: Timestamp,
    /// When and in which region it was last used; none where it was not within 400 days.
    pub last_used: Option<(Timestamp, String)>,
}

/// An embedded AWS: any number of accounts, each with its IAM, Pinpoint and streams. Clones share one world.
#[derive(Debug, Clone)]
pub struct Sandbox {
    world: WorldStore,
    ended: Arc<[Ended]>,
}

impl Sandbox {
    /// The sandbox in a folder, which is made where it does not exist. Several processes may have it open: each
    /// sees what the others have written, and writes take turns.
    ///
    /// # Errors
    /// What is there cannot be read, is broken, or comes from a newer version; it is left as it is.
    pub fn open(folder: &Path, settings: Settings) -> Result<Sandbox, StoreError> {
        let store = Store::open(folder)?;
        let ended = settings.ended.clone().into();
        let world = WorldStore::on_disk(store, World::new(settings))?;
        Ok(Sandbox { world, ended })
    }

    /// A sandbox that is gone with its last handle.
    pub fn in_memory(settings: Settings) -> Sandbox {
        let ended = settings.ended.clone().into();
        Sandbox { world: WorldStore::in_memory(World::new(settings)), ended }
    }

    /// Empties the sandbox in a folder, seeds and all; nothing happens where there is none.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn reset(folder: &Path) -> Result<(), StoreError> {
        Store::reset(folder)
    }

    /// The sandbox as the SDK's HTTP client. Sign with [`crate::access_key_for`] an account; the region is the
    /// one that a request is signed for.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Connector::new(self.world.clone(), Arc::clone(&self.ended)))
    }

    /// Whether a host's name resolves in the sandbox's world: Pinpoint's does in the regions that have it, unless its
    /// end took the name away; all others do.
    pub fn resolves(&self) -> Arc<dyn Fn(&str) -> bool + Send + Sync> {
        let ended = Arc::clone(&self.ended);
        Arc::new(move |host| {
            let mut labels = host.split('.');
            let (service, region) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
            let is_pinpoint = service == "pinpoint" || service == "pinpoint-fips";
            !is_pinpoint
                || (pinpoint::REGIONS.contains(&region) && !ended.iter().any(|ended| ended.has_no_name(region)))
        })
    }

    /// Makes what is missing and was never seeded before: what was seeded once and then deleted stays away.
    ///
    /// # Errors
    /// It could not be kept; then nothing was made.
    pub fn seed(&self, seed: &Seed) -> Result<SeedReport, StoreError> {
        let seed = seed.clone();
        self.world.write_now(move |world| seed::apply(world, &seed))
    }

    /// Gives a role a past: when it was made and last used. False where there is no such role.
    ///
    /// # Errors
    /// It could not be kept.
    pub fn set_role_history(&self, account: &str, role: &str, history: RoleHistory) -> Result<bool, StoreError> {
        let (account, role) = (account.to_owned(), role.to_owned());
        self.world.write_now(move |world| {
            let Some(mut role) = world.account(&account).role(&role).cloned() else {
                return false;
            };
            let RoleHistory { created, last_used } = history;
            role.created = created;
            role.last_used = last_used.map(|(at, region)| LastUsed { at, region });
            world.put_role(&account, role);
            true
        })
    }

    /// Everything in the sandbox, in order.
    ///
    /// # Errors
    /// What another process has written cannot be read.
    pub fn contents(&self) -> Result<Contents, StoreError> {
        self.world.read(|world| contents::of(world))
    }
}
