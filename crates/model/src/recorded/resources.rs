//! The owned resources by address, with indexes, so that nothing scans thousands of resources for one.
use crate::{Address, AppArn, Object, Resource, RoleArn, RoleId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, btree_map};
use std::ops::Index;
use std::sync::{Arc, OnceLock};

/// Serialized as a map from address to resource. Clones share everything until one of them is changed: a state, its record
/// and what a plan makes of it are mostly the same.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "BTreeMap<Address, Resource>")]
pub struct Resources(Arc<Indexed>);

#[derive(Clone, Default)]
struct Indexed {
    by_address: BTreeMap<Address, Arc<Resource>>,
    /// Built when it is first needed.
    by_reference: OnceLock<ReferenceIndex>,
}

impl Indexed {
    fn by_reference(&self) -> &ReferenceIndex {
        self.by_reference.get_or_init(|| {
            let mut index = ReferenceIndex::default();
            self.by_address.iter().for_each(|(address, resource)| index.insert(address, resource));
            index
        })
    }
}

/// The addresses of the resources that are, or name, something; in ascending order.
#[derive(Clone, Default)]
struct ReferenceIndex(HashMap<Reference, Vec<Address>>);

impl ReferenceIndex {
    fn insert(&mut self, address: &Address, resource: &Resource) {
        for reference in references(resource).into_iter().flatten() {
            // Most have one address.
            let addresses = self.0.entry(reference).or_insert_with(|| Vec::with_capacity(1));
            if let Err(place) = addresses.binary_search(address) {
                addresses.insert(place, address.clone());
            }
        }
    }

    fn remove(&mut self, address: &Address, resource: &Resource) {
        for reference in references(resource).into_iter().flatten() {
            if let Some(addresses) = self.0.get_mut(&reference)
                && let Ok(place) = addresses.binary_search(address)
            {
                addresses.remove(place);
            }
        }
    }

    fn addresses(&self, reference: &Reference) -> &[Address] {
        self.0.get(reference).map_or(&[], Vec::as_slice)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    pub fn len(&self) -> usize {
        self.0.by_address.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.by_address.is_empty()
    }

    pub fn contains_key(&self, address: &Address) -> bool {
        self.0.by_address.contains_key(address)
    }

    pub fn get(&self, address: &Address) -> Option<&Resource> {
        self.0.by_address.get(address).map(Arc::as_ref)
    }

    pub fn iter(&self) -> Iter<'_> {
        fn entry<'a>((address, resource): (&'a Address, &'a Arc<Resource>)) -> Entry<'a> {
            (address, resource)
        }
        self.0.by_address.iter().map(entry)
    }

    pub fn keys(&self) -> impl Iterator<Item = &Address> {
        self.0.by_address.keys()
    }

    pub fn values(&self) -> impl Iterator<Item = &Resource> {
        self.0.by_address.values().map(Arc::as_ref)
    }

    pub fn role(&self, arn: &RoleArn) -> Option<Entry<'_>> {
        self.roles(arn).next()
    }

    /// The role with this ARN; more than one entry only if the state was edited by hand.
    pub fn roles(&self, arn: &RoleArn) -> impl Iterator<Item = Entry<'_>> {
        self.referred(Reference::Role(arn.clone()))
    }

    pub fn roles_with_id(&self, id: &RoleId) -> impl Iterator<Item = Entry<'_>> {
        self.referred(Reference::RoleId(id.clone()))
    }

    pub fn app(&self, app: &AppArn) -> Option<Entry<'_>> {
        self.referred(Reference::App(app.clone())).next()
    }

    pub fn event_stream_of(&self, app: &AppArn) -> Option<Entry<'_>> {
        self.event_streams_of(app).next()
    }

    /// The event stream of this app; more than one entry only if the state was edited by hand.
    pub fn event_streams_of(&self, app: &AppArn) -> impl Iterator<Item = Entry<'_>> {
        self.referred(Reference::EventStreamOf(app.clone()))
    }

    pub fn event_streams_on(&self, role: &RoleArn) -> impl Iterator<Item = Entry<'_>> {
        self.referred(Reference::EventStreamOn(role.clone()))
    }

    fn referred(&self, reference: Reference) -> impl Iterator<Item = Entry<'_>> + use<'_> {
        let indexed = &*self.0;
        let addresses = indexed.by_reference().addresses(&reference);
        addresses.iter().filter_map(|address| Some((address, indexed.by_address.get(address)?.as_ref())))
    }

    pub fn insert(&mut self, address: Address, resource: Resource) -> Option<Resource> {
        let before = self.remove(&address);
        let indexed = Arc::make_mut(&mut self.0);
        if let Some(index) = indexed.by_reference.get_mut() {
            index.insert(&address, &resource);
        }
        indexed.by_address.insert(address, Arc::new(resource));
        before
    }

    /// Inserts unless the address is taken.
    pub fn insert_new(&mut self, address: Address, resource: Resource) {
        if !self.contains_key(&address) {
            self.insert(address, resource);
        }
    }

    pub fn remove(&mut self, address: &Address) -> Option<Resource> {
        if !self.contains_key(address) {
            return None;
        }
        let indexed = Arc::make_mut(&mut self.0);
        let resource = indexed.by_address.remove(address)?;
        if let Some(index) = indexed.by_reference.get_mut() {
            index.remove(address, &resource);
        }
        Some(Arc::unwrap_or_clone(resource))
    }

    pub fn change<T>(&mut self, address: &Address, change: impl FnOnce(&mut Resource) -> T) -> Option<T> {
        let mut resource = self.remove(address)?;
        let changed = change(&mut resource);
        self.insert(address.clone(), resource);
        Some(changed)
    }

    pub fn change_all(&mut self, mut change: impl FnMut(&Address, &mut Resource)) {
        let all = Arc::unwrap_or_clone(std::mem::take(self).0).by_address;
        let changed = all.into_iter().map(|(address, resource)| {
            let mut resource = Arc::unwrap_or_clone(resource);
            change(&address, &mut resource);
            (address, resource)
        });
        *self = changed.collect();
    }
}

impl Index<&Address> for Resources {
    type Output = Resource;
    fn index(&self, address: &Address) -> &Resource {
        &self.0.by_address[address]
    }
}

impl Serialize for Resources {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl PartialEq for Resources {
    fn eq(&self, other: &Resources) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.by_address == other.0.by_address
    }
}

impl Eq for Resources {}

impl std::fmt::Debug for Resources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.by_address.fmt(f)
    }
}

impl From<BTreeMap<Address, Resource>> for Resources {
    fn from(all: BTreeMap<Address, Resource>) -> Resources {
        all.into_iter().collect()
    }
}

impl FromIterator<(Address, Resource)> for Resources {
    fn from_iter<I: IntoIterator<Item = (Address, Resource)>>(all: I) -> Resources {
        all.into_iter().map(|(address, resource)| (address, Arc::new(resource))).collect()
    }
}

impl FromIterator<(Address, Arc<Resource>)> for Resources {
    fn from_iter<I: IntoIterator<Item = (Address, Arc<Resource>)>>(all: I) -> Resources {
        // All at once: a tree that grows in ascending order is half empty.
        let by_address = all.into_iter().collect();
        Resources(Arc::new(Indexed { by_address, by_reference: OnceLock::new() }))
    }
}

pub(crate) type Iter<'a> =
    std::iter::Map<btree_map::Iter<'a, Address, Arc<Resource>>, fn((&'a Address, &'a Arc<Resource>)) -> Entry<'a>>;

impl<'a> IntoIterator for &'a Resources {
    type Item = Entry<'a>;
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
