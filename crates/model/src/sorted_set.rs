//! A set for a few elements: a sorted slice. A node of a B-tree has room for eleven, and policies have twelve thousand sets
//! of one or two.
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

/// Elements in ascending order, each once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<T>", bound(deserialize = "T: Deserialize<'de> + Ord"))]
pub struct SortedSet<T>(Box<[T]>);

impl<T> SortedSet<T> {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    pub fn first(&self) -> Option<&T> {
        self.0.first()
    }
}

impl<T: Ord> SortedSet<T> {
    pub fn contains<Q: Ord + ?Sized>(&self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.binary_search_by(|each| each.borrow().cmp(element)).is_ok()
    }

    pub fn is_subset(&self, other: &SortedSet<T>) -> bool {
        self.iter().all(|element| other.contains(element))
    }

    pub fn union(&self, other: &SortedSet<T>) -> SortedSet<T>
    where
        T: Clone,
    {
        self.iter().chain(other).cloned().collect()
    }

    pub fn difference<'a>(&'a self, other: &'a SortedSet<T>) -> impl Iterator<Item = &'a T> {
        self.iter().filter(|element| !other.contains(*element))
    }

    pub fn pop_first(&mut self) -> Option<T> {
        let mut elements = std::mem::take(self).into_iter();
        let first = elements.next();
        self.0 = elements.collect();
        first
    }

    /// In time that grows with the number of elements. Returns whether it is new.
    pub fn insert(&mut self, element: T) -> bool {
        match self.0.binary_search(&element) {
            Ok(_) => false,
            Err(at) => {
                let mut elements = std::mem::take(&mut self.0).into_vec();
                elements.insert(at, element);
                self.0 = elements.into_boxed_slice();
                true
            }
        }
    }
}

impl<T> Default for SortedSet<T> {
    fn default() -> SortedSet<T> {
        SortedSet(Box::default())
    }
}

impl<T: Ord> From<Vec<T>> for SortedSet<T> {
    fn from(mut elements: Vec<T>) -> SortedSet<T> {
        elements.sort();
        elements.dedup();
        SortedSet(elements.into_boxed_slice())
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for SortedSet<T> {
    fn from(elements: [T; N]) -> SortedSet<T> {
        Vec::from(elements).into()
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> SortedSet<T> {
        elements.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T: Ord> Extend<T> for SortedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        *self = std::mem::take(self).into_iter().chain(elements).collect();
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_vec().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_the_set_of_its_elements(first: Vec<u8>, one: u8, more: Vec<u8>, asked: u8) {
            let mut sorted: SortedSet<u8> = first.iter().copied().collect();
            let mut expected: BTreeSet<u8> = first.into_iter().collect();
            prop_assert_eq!(sorted.insert(one), expected.insert(one));
            prop_assert_eq!(sorted.pop_first(), expected.pop_first());
            sorted.extend(more.iter().copied());
            expected.extend(more.iter().copied());
            prop_assert!(sorted.iter().eq(&expected));
            prop_assert_eq!(sorted.contains(&asked), expected.contains(&asked));
            prop_assert_eq!(sorted.len(), expected.len());
            let others = SortedSet::from(more);
            prop_assert!(others.union(&sorted).iter().eq(&expected));
            prop_assert!(sorted.difference(&others).all(|each| !others.contains(each)));
            prop_assert_eq!(sorted.difference(&others).count(), sorted.len() - others.len());
            prop_assert!(others.is_subset(&sorted));
            prop_assert_eq!(sorted.is_subset(&others), expected.iter().all(|each| others.contains(each)));
            prop_assert_eq!(SortedSet::from_iter(sorted.clone()), sorted);
        }
    }
}
