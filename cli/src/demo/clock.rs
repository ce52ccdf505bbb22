//! The clock of a told story: it runs through the past as it is told, and is the machine's own
//! once the story has caught up with it.

use crate::machine::SystemClock;
use domain::time::Instant;
use registrar::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A clock that stands still in the past until it is moved on, and at last runs with the machine.
///
/// Its running clock moves with its wall clock, so that the ledger sees time pass and no leap.
#[derive(Debug)]
pub(crate) struct StoryClock {
    machine: SystemClock,
    begins: Instant,
    real_start: Instant,
    told: Mutex<Told>,
}

/// How far the story has been told.
#[derive(Clone, Copy, Debug)]
enum Told {
    /// It stands at this instant.
    UpTo(Instant),
    /// It has caught up: this much time ran in it, until the machine's clock had run this long.
    Whole {
        ran: Duration,
        machine_ran: Duration,
    },
}

impl StoryClock {
    /// A clock that stands so many days before the machine's time.
    pub(crate) fn days_ago(days: u16) -> Arc<Self> {
        let machine = SystemClock;
        let real_start = machine.now();
        let begins = real_start.plus(time::Duration::days(-i64::from(days)));
        let told = Mutex::new(Told::UpTo(begins));
        Arc::new(Self {
            machine,
            begins,
            real_start,
            told,
        })
    }

    /// The machine's time when the clock was made: what the story's days are counted from.
    pub(crate) fn real_start(&self) -> Instant {
        self.real_start
    }

    /// Moves on to `when`: never back, and never past the machine's time.
    pub(crate) fn move_to(&self, when: Instant) {
        let mut told = self.told();
        if let Told::UpTo(now) = *told {
            *told = Told::UpTo(when.min(self.real_start).max(now));
        }
    }

    /// Ends the story: from here on the clock is the machine's.
    pub(crate) fn catch_up(&self) {
        let ran = between(self.begins, self.machine.now());
        *self.told() = Told::Whole {
            ran,
            machine_ran: self.machine.running(),
        };
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn between(earlier: Instant, later: Instant) -> Duration {
    let microseconds = later.microseconds().saturating_sub(earlier.microseconds());
    Duration::from_micros(u64::try_from(microseconds).unwrap_or(0))
}

impl Clock for StoryClock {
    fn now(&self) -> Instant {
        match *self.told() {
            Told::UpTo(now) => now,
            Told::Whole { .. } => self.machine.now(),
        }
    }

    fn running(&self) -> Duration {
        match *self.told() {
            Told::UpTo(now) => between(self.begins, now),
            Told::Whole { ran, machine_ran } => {
                ran + self.machine.running().saturating_sub(machine_ran)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_move_together_and_end_at_the_machines() {
        let clock = StoryClock::days_ago(400);
        let begin = clock.now();
        assert_eq!(clock.running(), Duration::ZERO);
        clock.move_to(begin.plus(time::Duration::days(10)));
        assert_eq!(clock.running(), Duration::from_hours(240));
        clock.move_to(begin);
        assert_eq!(between(begin, clock.now()), clock.running(), "never back");
        clock.move_to(begin.plus(time::Duration::days(1000)));
        assert_eq!(
            clock.now(),
            clock.real_start(),
            "never past the machine's time"
        );
        let before = clock.running();
        clock.catch_up();
        assert!(clock.now() >= clock.real_start());
        assert!(clock.running() >= before);
        let apart = between(begin, clock.now()).abs_diff(clock.running());
        assert!(apart < Duration::from_mins(1), "{apart:?}");
    }
}
