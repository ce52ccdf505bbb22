//! What one answer is made from: one state of the network, one instant at which windows are read,
//! one pair of eyes.

use crate::seer::Seer;
use domain::time::{Date, Instant};
use domain::{Network, Private, SealedSlot};
use projections::{Snapshot, Views};
use std::sync::Arc;

/// The scope of one answer. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scope(Arc<Content>);

struct Content {
    seer: Seer,
    views: Views,
    snapshot: Arc<Snapshot>,
    now: Instant,
}

impl Scope {
    pub(crate) fn new(seer: Seer, views: Views, snapshot: Arc<Snapshot>, now: Instant) -> Self {
        Self(Arc::new(Content {
            seer,
            views,
            snapshot,
            now,
        }))
    }

    /// Whose eyes.
    pub(crate) fn seer(&self) -> &Seer {
        &self.0.seer
    }

    /// The network in this answer.
    pub(crate) fn network(&self) -> &Network {
        &self.0.snapshot.network
    }

    /// The state the answer is made from.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.0.snapshot
    }

    /// The read models.
    pub(crate) fn views(&self) -> &Views {
        &self.0.views
    }

    /// The instant at which windows are read.
    pub(crate) fn now(&self) -> Instant {
        self.0.now
    }

    /// The day of [`Scope::now`] in the network's zone.
    pub(crate) fn day(&self) -> Date {
        self.network().date(self.0.now)
    }

    /// A sealed value, opened; none where it was erased. Only for whoever may see it.
    pub(crate) fn open(&self, value: &Private) -> Option<String> {
        self.open_slot(value.slot()?)
    }

    /// As [`Scope::open`], by the value's place.
    pub(crate) fn open_slot(&self, slot: SealedSlot) -> Option<String> {
        let opened = self.0.views.log().open(slot).ok()?;
        Some(opened.as_str().to_owned())
    }
}
