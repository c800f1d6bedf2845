//! All accounts of a sandbox as they are now: plain data, changed only through the methods here, each of which
//! notes the change for the store.

pub(crate) mod iam;
mod ids;
pub(crate) mod regional;

use crate::seed::SeedMember;
use crate::settings::Settings;
use crate::store::Changes;
use iam::{InstanceProfile, ManagedPolicy, Role};
use ids::Ids;
use jiff::Timestamp;
use regional::Regional;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything there is.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) ids: Ids,
    accounts: BTreeMap<String, Account>,
    /// What a seed has made once; it is not made again.
    seeded: BTreeSet<String>,
    changes: Changes,
}

/// One account.
pub(crate) struct Account {
    /// `aws` or `aws-us-gov`.
    pub(crate) partition: String,
    /// By lower-case name: names are unique without regard to case.
    pub(crate) roles: BTreeMap<String, Role>,
    /// By ARN.
    pub(crate) policies: BTreeMap<String, ManagedPolicy>,
    /// By lower-case name.
    pub(crate) profiles: BTreeMap<String, InstanceProfile>,
    /// The accounts of the organization that this account manages, itself among them; empty where it manages none.
    pub(crate) members: Vec<SeedMember>,
    /// What lives in regions.
    pub(crate) regional: Regional,
}

/// A stored entry that does not fit the world.
#[derive(Debug)]
pub(crate) struct InvalidEntry {
    pub(crate) key: String,
    pub(crate) reason: String,
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

    /// Empties the world, as before the first change.
    pub(crate) fn clear(&mut self) {
        self.accounts.clear();
        self.seeded.clear();
        self.changes.clear();
    }

    /// What has changed since the last call; none where nothing has.
    pub(crate) fn take_changes(&mut self) -> Option<Changes> {
        let changes = std::mem::take(&mut self.changes);
        (!changes.is_empty()).then_some(changes)
    }

    /// All accounts that have ever been used, by id.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = (&str, &Account)> {
        self.accounts.iter().map(|(id, account)| (id.as_str(), account))
    }

    /// An account; whoever signs with its key has it, empty at first.
    pub(crate) fn account(&mut self, id: &str) -> &mut Account {
        self.accounts.entry(id.to_owned()).or_insert_with(|| Account::new(id, DEFAULT_PARTITION))
    }

    /// An account, if it has been used.
    pub(crate) fn known_account(&self, id: &str) -> Option<&Account> {
        self.accounts.get(id)
    }

    pub(crate) fn set_partition(&mut self, account: &str, partition: &str) {
        self.account(account).set_partition(partition);
        self.note(format!("account/{account}"), Some(Value::from(partition)));
    }

    /// Marks something as seeded; false where it was already.
    pub(crate) fn mark_seeded(&mut self, what: &str) -> bool {
        let first = self.seeded.insert(what.to_owned());
        if first {
            self.note(format!("seeded/{what}"), Some(Value::Bool(true)));
        }
        first
    }

    pub(crate) fn set_members(&mut self, account: &str, members: Vec<SeedMember>) {
        self.note(format!("organization/{account}"), to_value(&members));
        self.account(account).members = members;
    }

    /// An account as a member of the organization that it is in.
    pub(crate) fn membership(&self, account: &str) -> Option<&SeedMember> {
        self.accounts.values().flat_map(|manager| &manager.members).find(|member| member.id == account)
    }

    pub(crate) fn put_role(&mut self, account: &str, role: Role) {
        let key = role.name.to_ascii_lowercase();
        self.note(format!("iam/{account}/role/{key}"), to_value(&role));
        self.account(account).roles.insert(key, role);
    }

    pub(crate) fn remove_role(&mut self, account: &str, name: &str) {
        let key = name.to_ascii_lowercase();
        self.account(account).roles.remove(&key);
        self.note(format!("iam/{account}/role/{key}"), None);
    }

    pub(crate) fn put_policy(&mut self, account: &str, policy: ManagedPolicy) {
        let key = policy.arn.clone();
        self.note(format!("iam/{account}/policy/{key}"), to_value(&policy));
        self.account(account).policies.insert(key, policy);
    }

    pub(crate) fn put_profile(&mut self, account: &str, profile: InstanceProfile) {
        let key = profile.name.to_ascii_lowercase();
        self.note(format!("iam/{account}/profile/{key}"), to_value(&profile));
        self.account(account).profiles.insert(key, profile);
    }

    /// Changes something in a region of an account and notes whatever has become of it. `only` is the app that
    /// alone can change, where that is known; without it the whole service is compared.
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
        let done = change(regional);
        let after = regional.entries(kind, region, only);
        let prefix = format!("regional/{account}/{region}/{kind}");
        for key in before.keys().filter(|key| !after.contains_key(*key)) {
            self.note(format!("{prefix}/{key}"), None);
        }
        for (key, value) in after {
            if before.get(&key) != Some(&value) {
                self.note(format!("{prefix}/{key}"), Some(value));
            }
        }
        done
    }

    fn note(&mut self, key: String, value: Option<Value>) {
        self.changes.insert(key, value);
    }

    /// All entries that make this world, as the store keeps them.
    pub(crate) fn entries(&self) -> Vec<(String, Value)> {
        let mut entries = Vec::new();
        for what in &self.seeded {
            entries.push((format!("seeded/{what}"), Value::Bool(true)));
        }
        for (id, account) in &self.accounts {
            let mut put = |key: String, value: Option<Value>| {
                entries.extend(value.map(|value| (key, value)));
            };
            put(format!("account/{id}"), Some(account.partition.as_str().into()));
            if !account.members.is_empty() {
                put(format!("organization/{id}"), to_value(&account.members));
            }
            for (key, role) in &account.roles {
                put(format!("iam/{id}/role/{key}"), to_value(role));
            }
            for (key, policy) in &account.policies {
                put(format!("iam/{id}/policy/{key}"), to_value(policy));
            }
            for (key, profile) in &account.profiles {
                put(format!("iam/{id}/profile/{key}"), to_value(profile));
            }
            for (region, kind) in account.regional.places() {
                for (key, value) in account.regional.entries(kind, region, None) {
                    put(format!("regional/{id}/{region}/{kind}/{key}"), Some(value));
                }
            }
        }
        entries
    }

    /// Takes in what an earlier run or another process has written.
    pub(crate) fn replay(&mut self, changes: Changes) -> Result<(), InvalidEntry> {
        let mut regional = BTreeMap::new();
        for (key, value) in changes {
            let parts: Vec<&str> = key.splitn(5, '/').collect();
            match (parts.as_slice(), value) {
                (["seeded", ..], value) => {
                    let what = key["seeded/".len()..].to_owned();
                    match value {
                        Some(_) => self.seeded.insert(what),
                        None => self.seeded.remove(&what),
                    };
                }
                (["account", id], Some(Value::String(partition))) => {
                    self.account(id).set_partition(&partition);
                }
                (["organization", id], Some(value)) => {
                    let members = serde_json::from_value(value).map_err(|e| invalid(&key, e.to_string()))?;
                    self.account(id).members = members;
                }
                (["iam", id, "role", ..], value) => {
                    let name = key_after(&key, 3);
                    replay_into(&mut self.account(id).roles, name, value, &key)?;
                }
                (["iam", id, "policy", ..], value) => {
                    let arn = key_after(&key, 3);
                    replay_into(&mut self.account(id).policies, arn, value, &key)?;
                }
                (["iam", id, "profile", ..], value) => {
                    let name = key_after(&key, 3);
                    replay_into(&mut self.account(id).profiles, name, value, &key)?;
                }
                (["regional", id, region, kind, entry], value) => {
                    let kind = kind.parse().map_err(|reason| invalid(&key, reason))?;
                    let place = ((*id).to_owned(), (*region).to_owned(), kind);
                    let entries: &mut Changes = regional.entry(place).or_default();
                    entries.insert((*entry).to_owned(), value);
                }
                _ => return Err(invalid(&key, "no such kind of entry".to_owned())),
            }
        }
        for ((id, region, kind), entries) in regional {
            let regional = &mut self.account(&id).regional;
            regional
                .replay(kind, &region, entries)
                .map_err(|reason| invalid(&format!("regional/{id}/{region}/{kind}"), reason))?;
        }
        Ok(())
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
            regional: Regional::new(id, partition),
        }
    }

    fn set_partition(&mut self, partition: &str) {
        self.partition = partition.to_owned();
        self.regional.set_partition(partition);
    }

    /// A role by its name, whatever its case.
    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.roles.get(&name.to_ascii_lowercase())
    }

    /// The names of the instance profiles that hold a role, in order.
    pub(crate) fn profiles_of<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a InstanceProfile> {
        let holds = move |profile: &&InstanceProfile| {
            let held = profile.role.as_deref();
            held.is_some_and(|held| held.eq_ignore_ascii_case(role))
        };
        self.profiles.values().filter(holds)
    }
}

/// The rest of a key after its first `parts` parts.
fn key_after(key: &str, parts: usize) -> &str {
    key.splitn(parts + 1, '/').nth(parts).unwrap_or_default()
}

fn invalid(key: &str, reason: String) -> InvalidEntry {
    InvalidEntry { key: key.to_owned(), reason }
}

fn replay_into<T: DeserializeOwned>(
    map: &mut BTreeMap<String, T>,
    name: &str,
    value: Option<Value>,
    key: &str,
) -> Result<(), InvalidEntry> {
    match value {
        Some(value) => {
            let value = serde_json::from_value(value).map_err(|e| invalid(key, e.to_string()))?;
            map.insert(name.to_owned(), value);
        }
        None => drop(map.remove(name)),
    }
    Ok(())
}

/// Our own types always have a JSON form: their maps have text for keys.
fn to_value(value: &impl Serialize) -> Option<Value> {
    serde_json::to_value(value).ok()
}
