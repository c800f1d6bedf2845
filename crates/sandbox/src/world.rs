//! All accounts of a sandbox as plain data. The methods that change it record each change for the store.
mod entries;
pub(crate) mod iam;
pub(crate) mod others;
pub(crate) mod regional;
pub(crate) mod sources;

pub(crate) use entries::InvalidEntry;

use crate::settings::Settings;
use crate::store::Changes;
use iam::{InstanceProfile, ManagedPolicy, Role};
use jiff::Timestamp;
use regional::Regional;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sources::Sources;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) ids: Ids,
    accounts: BTreeMap<String, Account>,
    /// Resources that a seed has created once.
    seeded: BTreeSet<String>,
    changes: Changes,
}

pub(crate) struct Account {
    /// `aws` or `aws-us-gov`.
    pub(crate) partition: String,
    /// By lowercase name: names are case-insensitive.
    pub(crate) roles: BTreeMap<String, Role>,
    /// By ARN.
    pub(crate) policies: BTreeMap<String, ManagedPolicy>,
    /// By lowercase name.
    pub(crate) profiles: BTreeMap<String, InstanceProfile>,
    /// The accounts of the organization that this account manages, including itself; empty if it manages none.
    pub(crate) members: Vec<Member>,
    pub(crate) sources: Sources,
    pub(crate) regional: Regional,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Twelve digits.
    pub id: String,
    pub name: String,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE` or `CLOSED`. Roles can be assumed only in an active one.
    #[serde(default = "active")]
    pub state: String,
}

fn active() -> String {
    "ACTIVE".to_owned()
}

impl Member {
    pub fn active(id: &str, name: &str) -> Member {
        Member { id: id.to_owned(), name: name.to_owned(), state: active() }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.state == "ACTIVE"
    }
}

const DEFAULT_PARTITION: &str = "aws";

impl World {
    pub(crate) fn new(settings: Settings) -> World {
        World {
            ids: Ids::new(settings.ids),
            settings,
            accounts: BTreeMap::new(),
            seeded: BTreeSet::new(),
            changes: Changes::new(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.settings.now)()
    }

    pub(crate) fn clear(&mut self) {
        self.accounts.clear();
        self.seeded.clear();
        self.changes.clear();
    }

    /// The changes since the last call; none if there are none.
    pub(crate) fn take_changes(&mut self) -> Option<Changes> {
        let changes = std::mem::take(&mut self.changes);
        (!changes.is_empty()).then_some(changes)
    }

    /// All accounts that were ever used, by id.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = (&str, &Account)> {
        self.accounts.iter().map(|(id, account)| (id.as_str(), account))
    }

    /// An account, created empty if it was never used.
    pub(crate) fn account(&mut self, id: &str) -> &mut Account {
        self.accounts.entry(id.to_owned()).or_insert_with(|| Account::new(id, DEFAULT_PARTITION))
    }

    pub(crate) fn known_account(&self, id: &str) -> Option<&Account> {
        self.accounts.get(id)
    }

    pub(crate) fn set_partition(&mut self, account: &str, partition: &str) {
        self.account(account).set_partition(partition);
        self.record(format!("account/{account}"), Some(Value::from(partition)));
    }

    /// Marks a resource as seeded; false if it was already.
    pub(crate) fn mark_seeded(&mut self, what: &str) -> bool {
        let first = self.seeded.insert(what.to_owned());
        if first {
            self.record(format!("seeded/{what}"), Some(Value::Bool(true)));
        }
        first
    }

    pub(crate) fn set_members(&mut self, account: &str, members: Vec<Member>) {
        self.record(format!("organization/{account}"), to_value(&members));
        self.account(account).members = members;
    }

    /// The account's entry in its organization.
    pub(crate) fn membership(&self, account: &str) -> Option<&Member> {
        self.accounts.values().flat_map(|manager| &manager.members).find(|member| member.id == account)
    }

    pub(crate) fn put_role(&mut self, account: &str, role: Role) {
        let key = role.name.to_ascii_lowercase();
        self.record(format!("iam/{account}/role/{key}"), to_value(&role));
        self.account(account).roles.insert(key, role);
    }

    pub(crate) fn remove_role(&mut self, account: &str, name: &str) {
        let key = name.to_ascii_lowercase();
        self.account(account).roles.remove(&key);
        self.record(format!("iam/{account}/role/{key}"), None);
    }

    pub(crate) fn put_policy(&mut self, account: &str, policy: ManagedPolicy) {
        let key = policy.arn.clone();
        self.record(format!("iam/{account}/policy/{key}"), to_value(&policy));
        self.account(account).policies.insert(key, policy);
    }

    pub(crate) fn put_profile(&mut self, account: &str, profile: InstanceProfile) {
        let key = profile.name.to_ascii_lowercase();
        self.record(format!("iam/{account}/profile/{key}"), to_value(&profile));
        self.account(account).profiles.insert(key, profile);
    }

    /// Changes resources in a region and records the difference. `only` is the one app that can change, if known; without
    /// it, the whole service is compared.
    pub(crate) fn change_region<T>(
        &mut self,
        account: &str,
        region: &str,
        kind: regional::Kind,
        only: Option<&str>,
        change: impl FnOnce(&mut Regional) -> T,
    ) -> T {
        let regional = &mut self.account(account).regional;
        let before = regional.entries(kind, region, only);
        let result = change(regional);
        let after = regional.entries(kind, region, only);
        let prefix = format!("regional/{account}/{region}/{kind}");
        for key in before.keys().filter(|key| !after.contains_key(*key)) {
            self.record(format!("{prefix}/{key}"), None);
        }
        for (key, value) in after {
            if before.get(&key) != Some(&value) {
                self.record(format!("{prefix}/{key}"), Some(value));
            }
        }
        result
    }

    fn record(&mut self, key: String, value: Option<Value>) {
        self.changes.insert(key, value);
    }

    pub(crate) fn app_arn(&mut self, account: &str, region: &str, id: &str) -> String {
        let partition = &self.account(account).partition;
        format!("arn:{partition}:mobiletargeting:{region}:{account}:apps/{id}")
    }
}

impl Account {
    fn new(id: &str, partition: &str) -> Account {
        Account {
            partition: partition.to_owned(),
            roles: BTreeMap::new(),
            policies: BTreeMap::new(),
            profiles: BTreeMap::new(),
            members: Vec::new(),
            sources: Sources::default(),
            regional: Regional::new(id, partition),
        }
    }

    fn set_partition(&mut self, partition: &str) {
        self.partition = partition.to_owned();
        self.regional.set_partition(partition);
    }

    /// A role by its name, ignoring case.
    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.roles.get(&name.to_ascii_lowercase())
    }

    /// The instance profiles that contain a role, by name.
    pub(crate) fn profiles_of<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a InstanceProfile> {
        let holds = move |profile: &&InstanceProfile| {
            let held = profile.role.as_deref();
            held.is_some_and(|held| held.eq_ignore_ascii_case(role))
        };
        self.profiles.values().filter(holds)
    }
}

/// Never none: the maps of these types have string keys.
fn to_value(value: &impl Serialize) -> Option<Value> {
    serde_json::to_value(value).ok()
}

/// Generates ids in AWS's formats; the same sequence for the same seed.
pub(crate) struct Ids(fastrand::Rng);

/// The characters of IAM's unique ids. Source: IAM user guide, "Unique identifiers".
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8] = b"0123456789abcdef";

impl Ids {
    pub(crate) fn new(seed: Option<u64>) -> Ids {
        Ids(seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed))
    }

    fn draw(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[self.0.usize(..alphabet.len())])).collect()
    }

    /// A prefix and 17 characters. Prefixes: `AROA` (role), `ANPA` (managed policy), `AIPA` (instance profile).
    pub(crate) fn iam(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.draw(BASE32, 17))
    }

    /// A Pinpoint app: 32 hexadecimal digits.
    pub(crate) fn app(&mut self) -> String {
        self.draw(HEX, 32)
    }

    pub(crate) fn request(&mut self) -> String {
        let mut group = |length| self.draw(HEX, length);
        let (a, b, c, d, e) = (group(8), group(4), group(3), group(3), group(12));
        format!("{a}-{b}-4{c}-a{d}-{e}")
    }
}
