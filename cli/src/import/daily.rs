//! The daily fetch of the organisation register: at 07:00 of the network's zone, as the management
//! service does it (domain facts F.8).
//!
//! An answer that is refused (domain facts J.13) or cannot be read changes nothing and raises an
//! alarm, in the log, in readiness and in the metrics; the next day asks again. A service that cannot be reached is asked again
//! within the hour.

use super::Finding;
use super::organisations::{self, FetchError, Scope};
use crate::machine::fresh_id;
use domain::time::{Instant, Zone};
use domain::{CommandId, RecordOrganisations, Rejection, Right, Rights};
use registrar::{Alarms, Clock, Registrar, Submission, SubmitError, clerk};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// From 07:00 to midnight.
const BEFORE_MIDNIGHT: time::Duration = time::Duration::hours(17);
/// How soon a service that could not be reached is asked again.
const AGAIN_AFTER: time::Duration = time::Duration::hours(1);
/// How often the clock is looked at: it may be set while nobody looks.
const LOOKS_EVERY: Duration = Duration::from_secs(30);

/// The name of the alarm that is raised where the register is not up to date.
const ALARM: &str = "organisation-register";

/// What a fetch led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fetched {
    /// So many events were recorded.
    Recorded(u64),
    /// The answer says what is recorded already.
    Nothing,
}

/// Why a fetch changed nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DailyError {
    /// The service gave no answer.
    #[error("fetching the organisation register failed")]
    Fetch(#[source] FetchError),
    /// The answer cannot be read.
    #[error("the organisation service's answer has {0} errors, the first: {1}")]
    Answer(usize, Box<Finding>),
    /// The rules refuse what the answer would change.
    #[error("the organisation service's answer was refused")]
    Refused(#[source] Rejection),
    /// The ledger takes no commands now.
    #[error("recording the organisation service's answer failed")]
    Recording(#[source] SubmitError),
}

/// The first 07:00 of the zone after `now`. Clocks are set at night, so it is counted back from
/// the midnight that follows.
pub(crate) fn next_fetch(zone: &Zone, now: Instant) -> Instant {
    let today = zone.date(now);
    let seven = |day| zone.end_of(day).plus(-BEFORE_MIDNIGHT);
    let due = seven(today);
    if now < due {
        due
    } else {
        seven(today.plus_days(1))
    }
}

/// When the next fetch is due after one at `now` that ended so.
fn after(zone: &Zone, now: Instant, ended: &Result<Fetched, DailyError>) -> Instant {
    let next = next_fetch(zone, now);
    match ended {
        Err(DailyError::Fetch(_) | DailyError::Recording(_)) => next.min(now.plus(AGAIN_AFTER)),
        _ => next,
    }
}

/// Fetches and records at the start, for a process that was down at 07:00 has missed the day, and
/// then every day, until it is dropped.
pub(crate) async fn run(registrar: Registrar, clock: Arc<dyn Clock>, url: Url, alarms: Alarms) {
    let zone = || registrar.network().1.zone().clone();
    let mut due = clock.now();
    let mut ticks = tokio::time::interval(LOOKS_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if clock.now() < due {
            continue;
        }
        let ended = fetch_and_record(&registrar, &url).await;
        match &ended {
            Ok(Fetched::Recorded(events)) => tracing::info!(
                events,
                "Recorded {events} changes of the organisation register"
            ),
            Ok(Fetched::Nothing) => tracing::info!("The organisation register is unchanged"),
            Err(error) => alarms.raise(ALARM, registrar::chain(error)),
        }
        if ended.is_ok() {
            alarms.clear(ALARM);
        }
        due = after(&zone(), clock.now(), &ended);
    }
}

/// Fetches once, and records what differs.
pub(crate) async fn fetch_and_record(
    registrar: &Registrar,
    url: &Url,
) -> Result<Fetched, DailyError> {
    let bytes = organisations::fetch(url).await.map_err(DailyError::Fetch)?;
    let mut answer = organisations::read(&"the organisation service".into(), &bytes);
    let errors = answer.errors.len();
    if errors > 0 {
        return Err(DailyError::Answer(
            errors,
            Box::new(answer.errors.swap_remove(0)),
        ));
    }
    let Scope { complete, under } = organisations::scope_of(url, &answer);
    let command = RecordOrganisations {
        organisations: answer.organisations,
        complete,
        under,
    };
    let submission = Submission {
        command_id: CommandId(fresh_id()),
        expected_version: None,
        actor: clerk::actor(),
        rights: Rights::from_iter([(Right::Clerk, None)]),
        reason: None,
        command: command.into(),
    };
    match registrar.submit(submission).await {
        Ok(receipt) => Ok(Fetched::Recorded(
            receipt.positions.end - receipt.positions.start,
        )),
        Err(SubmitError::Rejected(rejection)) if rejection.code == super::target::NOTHING => {
            Ok(Fetched::Nothing)
        }
        Err(SubmitError::Rejected(rejection)) => Err(DailyError::Refused(rejection)),
        Err(error) => Err(DailyError::Recording(error)),
    }
}
