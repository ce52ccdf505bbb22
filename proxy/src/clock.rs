//! Arithmetic with the instants that the clock gives.

use domain::time::Instant;

/// Whole seconds since 1970, as tokens write an instant.
pub(crate) fn seconds(instant: Instant) -> i64 {
    instant.microseconds().div_euclid(1_000_000)
}

/// `instant` moved by a number of seconds.
pub(crate) fn after(instant: Instant, seconds: i64) -> Instant {
    instant.plus(time::Duration::seconds(seconds))
}
