//! What the outside world gives: the time and fresh identifiers.

use domain::time::Instant;
use ledger::Random;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The clocks of the machine.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Instant;

    /// A clock that only runs forward, from any start: what tells a long silence from a wall
    /// clock that was moved.
    fn running(&self) -> Duration;
}

/// Makes event identifiers: UUIDs of version 7, from the recording time and fresh randomness.
#[derive(Clone)]
pub struct EventIds(Arc<dyn Random>);

impl EventIds {
    /// Identifiers drawn from `random`.
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self(random)
    }

    /// The identifier of an event recorded at `at`.
    pub fn next(&self, at: Instant) -> Uuid {
        let mut random = [0; 10];
        self.0.fill(&mut random);
        let milliseconds = u64::try_from(at.microseconds() / 1000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
    }
}
