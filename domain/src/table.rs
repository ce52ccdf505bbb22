//! A keyed set of rows inside the network, whose copy costs a pointer.

use imbl::OrdMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// An ordered map of shared rows. Copying a table shares everything; changing one row copies that
/// row and the path to it. The order of the keys makes every fold over it deterministic.
#[derive(Debug, PartialEq, Eq)]
pub struct Table<K: Ord + Clone, V: Clone>(OrdMap<K, Arc<V>>);

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    /// The row under `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key).map(Arc::as_ref)
    }

    /// The row under `key`, shared.
    pub fn shared(&self, key: &K) -> Option<Arc<V>> {
        self.0.get(key).cloned()
    }

    /// Whether a row stands under `key`.
    pub fn contains(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    /// Puts a row in, in place of what stood there.
    pub fn insert(&mut self, key: K, row: V) {
        self.0.insert(key, Arc::new(row));
    }

    /// Takes a row out.
    pub fn remove(&mut self, key: &K) {
        self.0.remove(key);
    }

    /// Changes the row under `key`; does nothing where there is none, for an event that was
    /// recorded cannot be refused.
    pub fn change(&mut self, key: &K, change: impl FnOnce(&mut V)) {
        if let Some(row) = self.0.get_mut(key) {
            change(Arc::make_mut(row));
        }
    }

    /// Changes the row under `key`, made by `new` where there is none.
    pub fn change_or_insert(
        &mut self,
        key: K,
        new: impl FnOnce() -> V,
        change: impl FnOnce(&mut V),
    ) {
        change(Arc::make_mut(
            self.0.entry(key).or_insert_with(|| Arc::new(new())),
        ));
    }

    /// Every row with its key, in the order of the keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, row)| (key, row.as_ref()))
    }

    /// The rows from `key` on, in the order of the keys.
    pub fn from(&self, key: K) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.range(key..).map(|(key, row)| (key, row.as_ref()))
    }

    /// Every row, in the order of the keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.0.values().map(Arc::as_ref)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Ord + Clone, V: Clone> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Ord + Clone, V: Clone> Default for Table<K, V> {
    fn default() -> Self {
        Self(OrdMap::new())
    }
}

impl<K: Ord + Clone + Serialize, V: Clone + Serialize> Serialize for Table<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(key, row)| (key, row.as_ref())))
    }
}

impl<'de, K: Ord + Clone + Deserialize<'de>, V: Clone + Deserialize<'de>> Deserialize<'de>
    for Table<K, V>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows: Vec<(K, V)> = Vec::deserialize(deserializer)?;
        let rows = rows.into_iter().map(|(key, row)| (key, Arc::new(row)));
        Ok(Self(rows.collect()))
    }
}
