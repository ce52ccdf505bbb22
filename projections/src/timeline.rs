//! Where the events of each stream stand: positions, not texts.

use imbl::{HashMap, Vector};
use serde::{Deserialize, Serialize};

/// The positions of every stream's events, in order. A copy costs a few pointers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline(HashMap<String, Vector<u64>>);

impl Timeline {
    /// Notes that the event at `position` belongs to `stream`.
    pub(crate) fn note(&mut self, stream: &str, position: u64) {
        match self.0.get_mut(stream) {
            Some(positions) => positions.push_back(position),
            None => {
                self.0.insert(stream.to_owned(), Vector::unit(position));
            }
        }
    }

    /// The name of every stream, in no order.
    pub fn streams(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The positions of the stream's events, in order. Empty where there is no such stream.
    pub fn positions(&self, stream: &str) -> impl DoubleEndedIterator<Item = u64> {
        self.0
            .get(stream)
            .into_iter()
            .flat_map(|positions| positions.iter().copied())
    }

    /// How many events the stream has: its version.
    pub fn version(&self, stream: &str) -> u64 {
        self.0
            .get(stream)
            .map_or(0, |positions| positions.len() as u64)
    }

    /// The position of the stream's last event.
    pub fn last(&self, stream: &str) -> Option<u64> {
        self.0.get(stream)?.last().copied()
    }
}
