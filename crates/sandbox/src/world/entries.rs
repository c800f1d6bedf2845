//! The world as entries of the store, and back.
use super::sources::Sources;
use super::{World, to_value};
use crate::store::Changes;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// A stored entry that does not have the type of its key.
#[derive(Debug)]
pub(crate) struct InvalidEntry {
    pub(crate) key: String,
    pub(crate) reason: String,
}

impl World {
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
            let Sources { events, recorders, aggregators, analyzers, items, others, jobs: _ } = &account.sources;
            let mut source = |kind: &str, key: &str, value| put(format!("source/{id}/{kind}/{key}"), value);
            events.iter().for_each(|(key, one)| source("event", key, to_value(one)));
            recorders.iter().for_each(|(key, one)| source("recorder", key, to_value(one)));
            aggregators.iter().for_each(|(key, one)| source("aggregator", key, to_value(one)));
            analyzers.iter().for_each(|(key, one)| source("analyzer", key, to_value(one)));
            items.iter().for_each(|(key, one)| source("item", key, to_value(one)));
            others.iter().for_each(|(key, one)| source("other", key, to_value(one)));
            for (region, kind) in account.regional.regions_and_kinds() {
                for (key, value) in account.regional.entries(kind, region, None) {
                    put(format!("regional/{id}/{region}/{kind}/{key}"), Some(value));
                }
            }
        }
        entries
    }

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
                (["source", id, kind, ..], value) => {
                    let (sources, name) = (&mut self.account(id).sources, key_after(&key, 3));
                    match *kind {
                        "event" => replay_into(&mut sources.events, name, value, &key)?,
                        "recorder" => replay_into(&mut sources.recorders, name, value, &key)?,
                        "aggregator" => replay_into(&mut sources.aggregators, name, value, &key)?,
                        "analyzer" => replay_into(&mut sources.analyzers, name, value, &key)?,
                        "item" => replay_into(&mut sources.items, name, value, &key)?,
                        "other" => replay_into(&mut sources.others, name, value, &key)?,
                        _ => return Err(invalid(&key, "unknown kind of entry".to_owned())),
                    }
                }
                (["regional", id, region, kind, entry], value) => {
                    let kind = kind.parse().map_err(|reason| invalid(&key, reason))?;
                    let place = ((*id).to_owned(), (*region).to_owned(), kind);
                    let entries: &mut Changes = regional.entry(place).or_default();
                    entries.insert((*entry).to_owned(), value);
                }
                _ => return Err(invalid(&key, "unknown kind of entry".to_owned())),
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

/// A key without its first `parts` segments.
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
