//! The clock of what is recorded: it never goes back, and it stops where the wall clock leaps, for
//! what stands under a wrong date in the log cannot be repaired.

use crate::environment::Clock;
use domain::time::Instant;
use std::sync::Arc;
use std::time::Duration;

/// How far the wall clock may run ahead of the running clock, or behind the last record.
const LEAP_MAX: Duration = Duration::from_mins(5);

/// The wall clock did what no clock does. Whoever records ends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClockFault {
    #[error("the clock leapt forward, from {from} to {to}")]
    Forward { from: Instant, to: Instant },
    #[error("the clock says {wall}, but the last record is of {last}")]
    BehindTheLog { wall: Instant, last: Instant },
}

/// Tells a wall clock that leaps from one that merely went on while nothing was recorded.
pub(crate) struct RecordingClock {
    clock: Arc<dyn Clock>,
    wall: Instant,
    running: Duration,
}

impl RecordingClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let (wall, running) = (clock.now(), clock.running());
        Self {
            clock,
            wall,
            running,
        }
    }

    /// The instant under which to record: the wall clock, held at the `last` record where it has
    /// stepped back a little, refused where it leaps either way.
    pub(crate) fn now(&mut self, last: Instant) -> Result<Instant, ClockFault> {
        let (wall, running) = (self.clock.now(), self.clock.running());
        let passed = running.saturating_sub(self.running);
        let expected = i128::from(self.wall.microseconds())
            + i128::try_from(passed.as_micros()).unwrap_or(i128::MAX);
        let ahead = i128::from(wall.microseconds()) - expected;
        if ahead > i128::try_from(LEAP_MAX.as_micros()).unwrap_or(i128::MAX) {
            let from = self.wall;
            return Err(ClockFault::Forward { from, to: wall });
        }
        if last.utc() - wall.utc() > LEAP_MAX {
            return Err(ClockFault::BehindTheLog { wall, last });
        }
        (self.wall, self.running) = (wall, running);
        Ok(wall.max(last))
    }
}
