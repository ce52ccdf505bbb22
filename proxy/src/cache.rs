//! What was fetched and serves for a while: bounded in time and in number, in memory alone.

use domain::time::Instant;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most entries of one cache; with one more all are forgotten, which costs a fetch each.
const COUNT_MAX: usize = 10_000;

/// Values by name, each with the instant at which it was fetched.
pub(crate) struct Cache<T>(Mutex<HashMap<String, (Instant, Arc<T>)>>);

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Cache<T> {
    /// The value of a name, where it is younger than `seconds`.
    pub(crate) fn get(&self, name: &str, now: Instant, seconds: i64) -> Option<Arc<T>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (fetched_at, value) = entries.get(name)?;
        let age = (now.microseconds() - fetched_at.microseconds()) / 1_000_000;
        (0..seconds).contains(&age).then(|| Arc::clone(value))
    }

    /// Keeps a value.
    pub(crate) fn put(&self, name: &str, now: Instant, value: T) -> Arc<T> {
        let value = Arc::new(value);
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= COUNT_MAX {
            entries.clear();
        }
        entries.insert(name.to_owned(), (now, Arc::clone(&value)));
        value
    }

    /// Forgets a value that did not serve.
    pub(crate) fn forget(&self, name: &str) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(name);
    }
}
