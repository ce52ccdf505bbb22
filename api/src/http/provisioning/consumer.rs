//! How far each consumer of the provisioning has come: what it was given, and what it said it took
//! into use.
//!
//! It is kept for each credential, in memory: after a restart everything counts as changed, and a
//! consumer fetches once too often rather than once too little.

use domain::time::Instant;
use domain::{CredentialId, IntegrationId, ServiceId, routable_windows};
use projections::Snapshot;
use projections::routing::{Publisher, RoutingUpdate};
use registrar::Log;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::entry::Entries;

/// The lists that a consumer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    IdentityProviders,
    ServiceProviders,
    Everything,
}

/// A state of the network as a consumer knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Known {
    /// How many events of the log are in it.
    pub(super) position: u64,
    /// The instant at which it was asked what routes.
    pub(super) at: Instant,
}

#[derive(Debug, Default)]
struct Consumer {
    /// What each list was made from when it was given last, since something was taken.
    given: BTreeMap<List, Known>,
    taken: Option<Known>,
}

/// How far each consumer has come.
#[derive(Debug, Default)]
pub(crate) struct Provisioned(Mutex<HashMap<CredentialId, Consumer>>);

impl Provisioned {
    fn consumers(&self) -> MutexGuard<'_, HashMap<CredentialId, Consumer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a list was given.
    pub(super) fn gave(&self, consumer: CredentialId, list: List, known: Known) {
        let mut consumers = self.consumers();
        let given = &mut consumers.entry(consumer).or_default().given;
        given.insert(list, known);
    }

    /// The oldest state that the lists given since the last take were made from: whoever takes
    /// them into use does not know of anything later.
    pub(super) fn given(&self, consumer: CredentialId) -> Option<Known> {
        let consumers = self.consumers();
        consumers.get(&consumer)?.given.values().min().copied()
    }

    /// What was taken into use last.
    pub(super) fn taken(&self, consumer: CredentialId) -> Option<Known> {
        self.consumers().get(&consumer)?.taken
    }

    /// Notes what was taken into use.
    pub(super) fn take(&self, consumer: CredentialId, known: Known) {
        let mut consumers = self.consumers();
        let consumer = consumers.entry(consumer).or_default();
        consumer.given.clear();
        consumer.taken = Some(known);
    }
}

/// Whether, and since when, an environment's lists are others than those that were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// They are the same.
    Nothing,
    /// They have changed, the first time then.
    Since(Instant),
    /// They may have changed: what was taken lies too far back to be compared.
    Unknown,
}

/// What has changed in an environment's lists since `taken`: by an event, or by the passing of time
/// where an integration began or ceased to route.
pub(super) fn change(
    entries: &Entries<'_>,
    publisher: &Publisher,
    log: &Log,
    snapshot: &Snapshot,
    taken: Known,
    now: Instant,
) -> Change {
    let mut first: Option<Instant> = None;
    let mut note = |at: Instant| first = Some(first.map_or(at, |first| first.min(at)));
    for update in publisher.updates(entries.environment, Some(taken.position)) {
        match update {
            RoutingUpdate::Delta(delta) => {
                if delta.homes.is_empty() && delta.services.is_empty() {
                    continue;
                }
                match log.details(delta.to.saturating_sub(1)) {
                    Ok(Some(event)) => note(event.recorded_at),
                    Ok(None) | Err(_) => return Change::Unknown,
                }
                // Later changes are no older.
                break;
            }
            RoutingUpdate::Snapshot(_) => return Change::Unknown,
            RoutingUpdate::Heartbeat { .. } => {}
        }
    }
    if let Some(position) = sets_changed(entries, snapshot, taken.position) {
        match log.details(position) {
            Ok(Some(event)) => note(event.recorded_at),
            Ok(None) | Err(_) => return Change::Unknown,
        }
    }
    if let Some(at) = time_changed(entries, taken.at, now) {
        note(at);
    }
    first.map_or(Change::Nothing, Change::Since)
}

/// The position of the first event since `from` of a set of this environment. A set that nobody
/// uses yet has no row in the routing table.
fn sets_changed(entries: &Entries<'_>, snapshot: &Snapshot, from: u64) -> Option<u64> {
    let sets = entries.network.services.services.iter();
    let of_environment = sets.filter(|(id, row)| entries.has(**id, row));
    let first_since = |id: &ServiceId| {
        let stream = format!("service/{id}");
        let positions = snapshot.timeline.positions(&stream).rev();
        positions.take_while(|position| *position >= from).last()
    };
    of_environment.filter_map(|(id, _)| first_since(id)).min()
}

/// The first instant after `from` and up to `now` at which an integration of this environment began
/// or ceased to route.
fn time_changed(entries: &Entries<'_>, from: Instant, now: Instant) -> Option<Instant> {
    let integrations = entries.network.integrations.iter();
    let own = integrations.filter(|(_, row)| row.environment == entries.environment);
    let edges = own.flat_map(|(id, _): (IntegrationId, _)| {
        let windows = routable_windows(entries.network, id);
        windows
            .into_iter()
            .flat_map(|window| [Some(window.from), window.until])
            .flatten()
    });
    edges.filter(|edge| from < *edge && *edge <= now).min()
}
