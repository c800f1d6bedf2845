//! The owned resources by address, with indexes, so that nothing scans thousands of resources for one.
use crate::{Address, AppArn, Object, Resource, RoleArn, RoleId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::ops::Deref;

/// Serialized as a map from address to resource.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "BTreeMap<Address, Resource>")]
pub struct Resources {
    by_address: BTreeMap<Address, Resource>,
    by_reference: BTreeMap<Reference, BTreeSet<Address>>,
}

/// A key of the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Reference {
    Role(RoleArn),
    RoleId(RoleId),
    App(AppArn),
    EventStreamOf(AppArn),
    EventStreamOn(RoleArn),
}

fn references(resource: &Resource) -> [Option<Reference>; 2] {
    match &resource.object {
        Object::App(record) => [Some(Reference::App(record.arn(&resource.account))), None],
        Object::Role(record) => {
            [Some(Reference::Role(record.arn.clone())), Some(Reference::RoleId(record.id.clone()))]
        }
        Object::EventStream(record) => [
            Some(Reference::EventStreamOf(record.app(&resource.account))),
            Some(Reference::EventStreamOn(record.role_arn.clone())),
        ],
    }
}

pub type Entry<'a> = (&'a Address, &'a Resource);

impl Resources {
    pub fn role(&self, arn: &RoleArn) -> Option<Entry<'_>> {
        self.roles(arn).next()
    }

    /// The role with this ARN; more than one entry only if the state was edited by hand.
    pub fn roles(&self, arn: &RoleArn) -> impl Iterator<Item = Entry<'_>> {
        self.referred(&Reference::Role(arn.clone()))
    }

    pub fn roles_with_id(&self, id: &RoleId) -> impl Iterator<Item = Entry<'_>> {
        self.referred(&Reference::RoleId(id.clone()))
    }

    pub fn app(&self, app: &AppArn) -> Option<Entry<'_>> {
        self.referred(&Reference::App(app.clone())).next()
    }

    pub fn event_stream_of(&self, app: &AppArn) -> Option<Entry<'_>> {
        self.referred(&Reference::EventStreamOf(app.clone())).next()
    }

    pub fn event_streams_on(&self, role: &RoleArn) -> impl Iterator<Item = Entry<'_>> {
        self.referred(&Reference::EventStreamOn(role.clone()))
    }

    fn referred(&self, reference: &Reference) -> impl Iterator<Item = Entry<'_>> + use<'_> {
        let addresses = self.by_reference.get(reference).into_iter().flatten();
        addresses.filter_map(|address| self.by_address.get_key_value(address))
    }

    pub fn insert(&mut self, address: Address, resource: Resource) -> Option<Resource> {
        let before = self.remove(&address);
        for reference in references(&resource).into_iter().flatten() {
            self.by_reference.entry(reference).or_default().insert(address.clone());
        }
        self.by_address.insert(address, resource);
        before
    }

    /// Inserts unless the address is taken.
    pub fn insert_new(&mut self, address: Address, resource: Resource) {
        if !self.by_address.contains_key(&address) {
            self.insert(address, resource);
        }
    }

    pub fn remove(&mut self, address: &Address) -> Option<Resource> {
        let resource = self.by_address.remove(address)?;
        for reference in references(&resource).into_iter().flatten() {
            if let btree_map::Entry::Occupied(mut addresses) = self.by_reference.entry(reference) {
                addresses.get_mut().remove(address);
                if addresses.get().is_empty() {
                    addresses.remove();
                }
            }
        }
        Some(resource)
    }

    pub fn change<T>(&mut self, address: &Address, change: impl FnOnce(&mut Resource) -> T) -> Option<T> {
        let mut resource = self.remove(address)?;
        let changed = change(&mut resource);
        self.insert(address.clone(), resource);
        Some(changed)
    }

    pub fn change_all(&mut self, mut change: impl FnMut(&Address, &mut Resource)) {
        let mut all = std::mem::take(self).by_address;
        all.iter_mut().for_each(|(address, resource)| change(address, resource));
        *self = Resources::from(all);
    }
}

impl Deref for Resources {
    type Target = BTreeMap<Address, Resource>;
    fn deref(&self) -> &BTreeMap<Address, Resource> {
        &self.by_address
    }
}

impl Serialize for Resources {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.by_address.serialize(serializer)
    }
}

impl PartialEq for Resources {
    fn eq(&self, other: &Resources) -> bool {
        self.by_address == other.by_address
    }
}

impl Eq for Resources {}

impl std::fmt::Debug for Resources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.by_address.fmt(f)
    }
}

impl From<BTreeMap<Address, Resource>> for Resources {
    fn from(all: BTreeMap<Address, Resource>) -> Resources {
        all.into_iter().collect()
    }
}

impl From<Resources> for BTreeMap<Address, Resource> {
    fn from(resources: Resources) -> Self {
        resources.by_address
    }
}

impl FromIterator<(Address, Resource)> for Resources {
    fn from_iter<I: IntoIterator<Item = (Address, Resource)>>(all: I) -> Resources {
        let mut resources = Resources::default();
        for (address, resource) in all {
            resources.insert(address, resource);
        }
        resources
    }
}

impl<'a> IntoIterator for &'a Resources {
    type Item = Entry<'a>;
    type IntoIter = btree_map::Iter<'a, Address, Resource>;
    fn into_iter(self) -> Self::IntoIter {
        self.by_address.iter()
    }
}
