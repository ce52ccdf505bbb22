//! The machine's clock and randomness. The only place that reads them.

use domain::time::Instant;
use ledger::Random;
use registrar::Clock;
use std::time::Duration;

/// The machine's clocks.
#[derive(Debug)]
pub(crate) struct SystemClock {
    started: std::time::Instant,
}

impl SystemClock {
    /// The clocks, the running one from now on.
    pub(crate) fn new() -> Self {
        Self {
            started: std::time::Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that is passed in"
    )]
    fn now(&self) -> Instant {
        time::OffsetDateTime::now_utc().into()
    }

    fn running(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) {
        getrandom::fill(out).expect("a machine without randomness cannot make keys");
    }
}

/// A fresh random identifier, for commands given at the console.
pub(crate) fn fresh_id() -> uuid::Uuid {
    uuid::Builder::from_random_bytes(SystemRandom.sixteen()).into_uuid()
}
