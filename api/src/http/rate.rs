//! How often one caller may ask. Never by address alone: a whole school stands behind one.

use crate::app::Limits;
use crate::caller::Caller;
use crate::problem::Problem;
use axum::http::StatusCode;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// The rates of all callers, over HTTP and over open connections.
pub(crate) struct RateLimits {
    known: DefaultKeyedRateLimiter<Uuid>,
    anonymous: DefaultDirectRateLimiter,
    refused: AtomicU64,
}

impl RateLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota =
            |rate, burst| Quota::per_second(at_least_one(rate)).allow_burst(at_least_one(burst));
        let burst = limits.anonymous_per_second.max(limits.burst);
        Self {
            known: RateLimiter::keyed(quota(limits.requests_per_second, limits.burst)),
            anonymous: RateLimiter::direct(quota(limits.anonymous_per_second, burst)),
            refused: AtomicU64::new(0),
        }
    }

    /// Counts a request; the time to wait where it is one too many. Whoever sends an invalid token
    /// is counted among those who are not known.
    pub(crate) fn check(&self, caller: Option<&Caller>) -> Result<(), Duration> {
        let clock = DefaultClock::default();
        let checked = if let Some(actor) = caller.and_then(Caller::actor) {
            // Callers who have been silent long enough are forgotten now and then.
            if self.known.len() > 10_000 {
                self.known.retain_recent();
            }
            self.known.check_key(&actor.person.0)
        } else {
            self.anonymous.check()
        };
        checked.map_err(|wait| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            wait.wait_time_from(clock.now())
        })
    }

    /// How many requests were one too many.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// The code of a request that is one too many.
pub(crate) const RATE_LIMITED: &str = "RATE_LIMITED";

/// What to do after a request that was one too many.
pub(crate) fn remedy(wait: Duration) -> String {
    let seconds = wait.as_secs() + 1;
    format!("wait {seconds} s before the next request")
}

pub(crate) fn problem(wait: Duration) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        RATE_LIMITED,
        "too many requests at once",
        remedy(wait),
    )
}
