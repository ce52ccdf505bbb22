//! Publishing the routing tables: one table an environment, each commit a change.

use super::fold::{Touched, refold, table_of};
use super::{RoutingDelta, RoutingTable, RoutingUpdate};
use crate::Snapshot;
use domain::Environment;
use registrar::EventBatch;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many past changes are kept for nodes that come back. Who was away longer gets the table.
const CHANGES_KEPT: usize = 1024;

/// One environment's table and its last changes.
struct Channel {
    table: watch::Sender<Arc<RoutingTable>>,
    changes: Mutex<VecDeque<Arc<RoutingDelta>>>,
    /// How often the table was replaced as a whole: a follower of an earlier one starts anew, even
    /// where the position is the same.
    generation: AtomicU64,
}

/// The routing tables of all environments, as they are published.
pub struct Publisher([Channel; Environment::ALL.len()]);

impl Publisher {
    /// The tables of a folded network.
    pub(crate) fn new(snapshot: &Snapshot) -> Self {
        Self(Environment::ALL.map(|environment| Channel {
            table: watch::Sender::new(Arc::new(table_of(environment, snapshot))),
            changes: Mutex::default(),
            generation: AtomicU64::new(0),
        }))
    }

    /// Publishes what a commit changed in each environment's table.
    pub(crate) fn publish(&self, batch: &EventBatch, snapshot: &Snapshot) {
        let touched = Touched::by(batch);
        for channel in &self.0 {
            let before = Arc::clone(&channel.table.borrow());
            let mut after = before.as_ref().clone();
            refold(&mut after, &touched, snapshot);
            after.set_position(snapshot.position);
            let delta = Arc::new(RoutingDelta::between(&before, &after));
            {
                let mut changes = channel.changes();
                if changes.len() == CHANGES_KEPT {
                    changes.pop_front();
                }
                changes.push_back(delta);
            }
            channel.table.send_replace(Arc::new(after));
        }
    }

    /// Publishes the tables of a network that was folded anew, whatever was published before.
    pub(crate) fn replace(&self, snapshot: &Snapshot) {
        for (channel, environment) in self.0.iter().zip(Environment::ALL) {
            let mut changes = channel.changes();
            changes.clear();
            channel.generation.fetch_add(1, Ordering::SeqCst);
            let table = Arc::new(table_of(environment, snapshot));
            channel.table.send_replace(table);
        }
    }

    /// How often an environment's table was replaced as a whole.
    pub(crate) fn generation(&self, environment: Environment) -> u64 {
        self.channel(environment).generation.load(Ordering::SeqCst)
    }

    /// An environment's newest table, with confidential values by reference.
    pub fn table(&self, environment: Environment) -> Arc<RoutingTable> {
        Arc::clone(&self.channel(environment).table.borrow())
    }

    /// Tells of an environment's every new table.
    pub fn tables(&self, environment: Environment) -> watch::Receiver<Arc<RoutingTable>> {
        self.channel(environment).table.subscribe()
    }

    /// What a follower whose table stands at `after` needs to reach the newest: the changes since,
    /// or the whole table where it has none, or one too old or unknown. Empty where it is there.
    pub fn updates(&self, environment: Environment, after: Option<u64>) -> Vec<RoutingUpdate> {
        let channel = self.channel(environment);
        let changes = channel.changes();
        let table = Arc::clone(&channel.table.borrow());
        let Some(after) = after else {
            return vec![RoutingUpdate::Snapshot(table)];
        };
        if after == table.position() {
            return Vec::new();
        }
        let first = changes.iter().position(|change| change.from == after);
        match first {
            Some(first) => changes
                .iter()
                .skip(first)
                .cloned()
                .map(RoutingUpdate::Delta)
                .collect(),
            None => vec![RoutingUpdate::Snapshot(table)],
        }
    }

    fn channel(&self, environment: Environment) -> &Channel {
        &self.0[environment as usize]
    }
}

impl Channel {
    fn changes(&self) -> MutexGuard<'_, VecDeque<Arc<RoutingDelta>>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
