//! The handle of a sandbox: open it, seed it, read its contents, use it as the SDK's HTTP client.
use crate::connector::Connector;
use crate::contents::{self, Contents};
use crate::ended::Ended;
use crate::seed::{self, Seed, SeedReport};
use crate::settings::Settings;
use crate::store::{Store, StoreError};
use crate::world::World;
use crate::world_store::WorldStore;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use pinpoint_streams_model::region::PINPOINT_REGIONS;
use std::path::Path;
use std::sync::Arc;

/// An embedded AWS with any number of accounts. Clones share one world.
#[derive(Debug, Clone)]
pub struct Sandbox {
    world: WorldStore,
    ended: Arc<[Ended]>,
}

impl Sandbox {
    /// Opens the sandbox in a folder, creating it if it does not exist. Several processes can open the same folder:
    /// each sees the writes of the others, and writes are serialized.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, or was written by a newer version. It is left unchanged.
    pub fn open(folder: &Path, settings: Settings) -> Result<Sandbox, StoreError> {
        let store = Store::open(folder)?;
        let ended = settings.ended.clone().into();
        let world = WorldStore::on_disk(store, World::new(settings))?;
        Ok(Sandbox { world, ended })
    }

    /// A sandbox that lives as long as its last handle.
    pub fn in_memory(settings: Settings) -> Sandbox {
        let ended = settings.ended.clone().into();
        Sandbox { world: WorldStore::in_memory(World::new(settings)), ended }
    }

    /// Deletes everything in a sandbox, including which seeds were applied. Does nothing if there is no sandbox.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn reset(folder: &Path) -> Result<(), StoreError> {
        Store::reset(folder)
    }

    /// The sandbox as an HTTP client of the SDK. The account is in the access key ID ([`crate::access_key_for`]), the
    /// region in the credential scope.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Connector::new(self.world.clone(), Arc::clone(&self.ended)))
    }

    /// Whether a host name resolves. Pinpoint's resolves in the regions that have Pinpoint, unless [`Settings::ended`]
    /// says otherwise; every other host name resolves.
    pub fn resolves(&self) -> Arc<dyn Fn(&str) -> bool + Send + Sync> {
        let ended = Arc::clone(&self.ended);
        Arc::new(move |host| {
            let mut labels = host.split('.');
            let (service, region) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
            let is_pinpoint = service == "pinpoint" || service == "pinpoint-fips";
            !is_pinpoint
                || (PINPOINT_REGIONS.contains(&region) && !ended.iter().any(|ended| ended.is_unresolvable(region)))
        })
    }

    /// Creates the resources of a seed, except those that exist or were seeded before: a seeded resource that was deleted
    /// is not created again.
    ///
    /// # Errors
    /// The write failed; nothing was created.
    pub fn seed(&self, seed: &Seed) -> Result<SeedReport, StoreError> {
        let seed = seed.clone();
        self.world.write_now(move |world| seed::apply(world, &seed))
    }

    /// Everything in the sandbox.
    ///
    /// # Errors
    /// The writes of another process cannot be read.
    pub fn contents(&self) -> Result<Contents, StoreError> {
        self.world.read(|world| contents::of(world))
    }
}
