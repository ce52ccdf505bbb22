//! Past states: kept every so many events, so that a question about the past replays little.

use crate::Snapshot;
use domain::time::Instant;
use registrar::{Log, ReadError};
use std::sync::{Arc, Mutex, PoisonError};

/// How many events lie between two kept states. States share everything that did not change.
const KEPT_EVERY: u64 = 4096;

/// A past moment: what was known after so many events, or at an instant of recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// After this many events of the governance journal.
    Position(u64),
    /// After everything recorded up to and at this instant.
    Instant(Instant),
}

/// The kept states, oldest first.
#[derive(Default)]
pub(crate) struct History(Mutex<Vec<Arc<Snapshot>>>);

impl History {
    /// Keeps a state, where one is due.
    pub(crate) fn offer(&self, snapshot: &Snapshot) {
        let mut kept = self.kept();
        let last = kept.last().map_or(0, |snapshot| snapshot.position);
        if snapshot.position >= last + KEPT_EVERY {
            kept.push(Arc::new(snapshot.clone()));
        }
    }

    /// Takes the kept states of another history in place of its own.
    pub(crate) fn replace(&self, other: Self) {
        let other = other.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.kept() = other;
    }

    /// The state at a past moment, replayed from the nearest kept one.
    pub(crate) fn at(&self, log: &Log, moment: AsOf) -> Result<Snapshot, ReadError> {
        let before = |snapshot: &Snapshot| match moment {
            AsOf::Position(position) => snapshot.position <= position,
            AsOf::Instant(instant) => snapshot.recorded_at <= instant,
        };
        let nearest = {
            let kept = self.kept();
            let count = kept.partition_point(|snapshot| before(snapshot));
            count.checked_sub(1).map(|index| Arc::clone(&kept[index]))
        };
        let mut snapshot = nearest.map(Arc::unwrap_or_clone).unwrap_or_default();
        for batch in log.replay(snapshot.position)? {
            for event in batch?.events() {
                let (view, event) = event?;
                let later = match moment {
                    AsOf::Position(position) => view.position >= position,
                    AsOf::Instant(instant) => view.recorded_at.0 > instant.microseconds(),
                };
                if later {
                    return Ok(snapshot);
                }
                snapshot.apply(&view, &event);
            }
        }
        Ok(snapshot)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Snapshot>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
