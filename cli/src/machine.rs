//! The machine's clock and randomness. The only place that reads them.

use domain::time::Instant;
use ledger::Random;
use registrar::Clock;
use std::time::Duration;

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that is passed in"
    )]
    fn now(&self) -> Instant {
        time::OffsetDateTime::now_utc().into()
    }

    fn running(&self) -> Duration {
        // The clock that also counts while the machine is suspended: a machine that slept, or was paused by its
        // host, has no clock that leapt.
        let since_boot = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Duration::try_from(since_boot).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_clock_counts_from_the_machines_start_sleep_included() {
        let uptime = std::fs::read_to_string("/proc/uptime").expect("Linux");
        let uptime: f64 = uptime
            .split(' ')
            .next()
            .and_then(|seconds| seconds.parse().ok())
            .expect("seconds");
        let running = SystemClock.running().as_secs_f64();
        assert!((running - uptime).abs() < 60.0, "{running} and {uptime}");
    }
}
