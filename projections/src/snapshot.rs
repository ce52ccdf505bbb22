//! The network after some prefix of the log.

use crate::Timeline;
use domain::time::Instant;
use domain::{Event, Network};
use ledger::{EnvelopeView, Hash};
use serde::{Deserialize, Serialize};

/// The code version of the fold. It changes whenever the same events would give another state, so
/// that hashes of states are compared only where they can agree.
pub const FOLD_VERSION: u32 = 1;

/// The network after the first [`position`](Self::position) events. A copy costs a few pointers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// How many events were taken in.
    pub position: u64,
    /// When the last of them was recorded; the distant past before the first.
    pub recorded_at: Instant,
    /// What they add up to.
    pub network: Network,
    /// Where the events of each stream stand.
    pub timeline: Timeline,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            position: 0,
            recorded_at: Instant::from_microseconds(i64::MIN),
            network: Network::default(),
            timeline: Timeline::default(),
        }
    }
}

impl Snapshot {
    /// Takes the next event in.
    pub(crate) fn apply(&mut self, view: &EnvelopeView<'_>, event: &Event) {
        self.recorded_at = Instant::from_microseconds(view.recorded_at.0);
        self.network.apply(event, self.recorded_at);
        self.timeline.note(view.stream, view.position);
        self.position = view.position + 1;
    }

    /// A digest of the network's state, the same after every replay of the same events. It covers
    /// no plaintext, so erasing a person does not change it.
    pub fn state_hash(&self) -> serde_json::Result<Hash> {
        Ok(Hash::of(&serde_json::to_vec(&self.network)?))
    }
}
