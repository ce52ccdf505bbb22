//! What this node holds for a short time and gives out once: bounded in time and in number.

use domain::time::Instant;
use ledger::Hash;
use std::collections::{HashMap, VecDeque};

/// Values that expire, all after the same time. The keys are hashes of secrets, so that neither a
/// memory dump's index nor the time of a look-up tells a secret.
pub(crate) struct Expiring<V> {
    values: HashMap<Hash, (Instant, V)>,
    order: VecDeque<(Instant, Hash)>,
    lifetime_seconds: i64,
    count_max: usize,
}

impl<V> Expiring<V> {
    pub(crate) fn new(lifetime_seconds: i64, count_max: usize) -> Self {
        Self {
            values: HashMap::new(),
            order: VecDeque::new(),
            lifetime_seconds,
            count_max,
        }
    }

    /// Keeps a value. Where there are too many, the oldest goes: its user tries again.
    /// Returns whether the key was not there yet.
    pub(crate) fn insert(&mut self, key: Hash, value: V, now: Instant) -> bool {
        self.sweep(now);
        while self.values.len() >= self.count_max {
            let Some((_, oldest)) = self.order.pop_front() else {
                break;
            };
            self.values.remove(&oldest);
        }
        let until = crate::clock::after(now, self.lifetime_seconds);
        self.order.push_back((until, key));
        self.values.insert(key, (until, value)).is_none()
    }

    pub(crate) fn get(&self, key: &Hash, now: Instant) -> Option<&V> {
        self.values
            .get(key)
            .filter(|(until, _)| now < *until)
            .map(|(_, value)| value)
    }

    /// Takes a value out: the second taker finds nothing.
    pub(crate) fn take(&mut self, key: &Hash, now: Instant) -> Option<V> {
        self.values
            .remove(key)
            .filter(|(until, _)| now < *until)
            .map(|(_, value)| value)
    }

    fn sweep(&mut self, now: Instant) {
        while self.order.front().is_some_and(|(until, _)| *until <= now) {
            if let Some((until, key)) = self.order.pop_front()
                && self
                    .values
                    .get(&key)
                    .is_some_and(|(kept, _)| *kept == until)
            {
                self.values.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_microseconds(seconds * 1_000_000)
    }

    fn key(number: u8) -> Hash {
        Hash::of(&[number])
    }

    #[test]
    fn a_value_is_taken_once_and_not_after_its_time() {
        let mut values = Expiring::new(60, 10);
        assert!(values.insert(key(1), 'a', at(0)));
        assert!(!values.insert(key(1), 'a', at(0)));
        assert_eq!(values.take(&key(1), at(59)), Some('a'));
        assert_eq!(values.take(&key(1), at(59)), None);
        values.insert(key(2), 'b', at(0));
        assert_eq!(values.get(&key(2), at(60)), None);
        assert_eq!(values.take(&key(2), at(60)), None);
    }

    #[test]
    fn it_never_holds_more_than_its_bound() {
        let mut values = Expiring::new(60, 3);
        for number in 0..100 {
            values.insert(key(number), number, at(i64::from(number) / 10));
        }
        assert_eq!(values.values.len(), 3);
        assert!(values.order.len() <= 4);
        assert_eq!(values.get(&key(99), at(10)), Some(&99));
    }
}
