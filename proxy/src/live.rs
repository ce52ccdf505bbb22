//! The routing table as it is now, with the keys opened, and its last good copy on disk.
//!
//! Readers take the present view without waiting. One task per environment follows the source,
//! and goes on from the last good table while the source is away.

mod copy;

pub use copy::CopyError;

use crate::keyring::KeyRing;
use crate::node::NodeIdentity;
use arc_swap::ArcSwapOption;
use copy::Copy;
use domain::Environment;
use domain::time::Instant;
use futures::StreamExt as _;
use projections::routing::{
    ApplyError, RoutingFeedError, RoutingSource, RoutingTable, RoutingUpdate,
};
use registrar::Clock;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// First and longest pause before the source is asked again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(15));
/// How old the time of last contact on disk may become while nothing else changes, in seconds.
const COPY_AGE_SECONDS: i64 = 60;

/// A table with its keys opened.
pub(crate) struct View {
    pub(crate) table: RoutingTable,
    pub(crate) keys: Arc<KeyRing>,
    /// When the source was last heard to be at this table's position.
    pub(crate) confirmed_at: Instant,
}

/// How an environment's table stands, for health and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableStatus {
    /// The environment.
    pub environment: Environment,
    /// The governance position of the table; none where there is no table yet.
    pub position: Option<u64>,
    /// Seconds since the source was last heard; none where there is no table yet.
    pub age_seconds: Option<i64>,
    /// Whether logins can be carried: there is a table, it is not too old, and a key for each use
    /// could be opened.
    pub ready: bool,
}

/// The routing table of one environment at this node.
pub struct LiveRouting {
    environment: Environment,
    node: NodeIdentity,
    clock: Arc<dyn Clock>,
    age_seconds_max: Option<u32>,
    copy: Option<Copy>,
    view: ArcSwapOption<View>,
    changed: watch::Sender<u64>,
}

impl LiveRouting {
    /// The routing of `environment`, from the last good copy in `directory` where there is one.
    /// A copy that cannot be read is an error: whoever starts the node decides to go without it.
    pub fn open(
        environment: Environment,
        node: NodeIdentity,
        clock: Arc<dyn Clock>,
        age_seconds_max: Option<u32>,
        directory: Option<PathBuf>,
    ) -> Result<Self, CopyError> {
        let copy = directory.map(|directory| Copy::new(&directory, environment));
        let live = Self {
            environment,
            node,
            clock,
            age_seconds_max,
            copy,
            view: ArcSwapOption::empty(),
            changed: watch::Sender::new(0),
        };
        if let Some(kept) = live.copy.as_ref().map(Copy::read).transpose()?.flatten() {
            if kept.table.environment() != environment {
                return Err(CopyError::Environment {
                    found: kept.table.environment(),
                });
            }
            live.publish(kept.table, kept.confirmed_at);
        }
        Ok(live)
    }

    pub(crate) fn environment(&self) -> Environment {
        self.environment
    }

    /// The present view, if there is a table and it is not too old.
    pub(crate) fn view(&self) -> Option<Arc<View>> {
        self.view.load_full().filter(|view| !self.is_too_old(view))
    }

    fn is_too_old(&self, view: &View) -> bool {
        self.age_seconds_max
            .is_some_and(|most| self.age_seconds(view) > i64::from(most))
    }

    fn age_seconds(&self, view: &View) -> i64 {
        let age = self.clock.now().microseconds() - view.confirmed_at.microseconds();
        age.max(0) / 1_000_000
    }

    /// How the table stands.
    pub fn status(&self) -> TableStatus {
        let view = self.view.load();
        let view = view.as_ref();
        TableStatus {
            environment: self.environment,
            position: view.map(|view| view.table.position()),
            age_seconds: view.map(|view| self.age_seconds(view)),
            ready: view.is_some_and(|view| !self.is_too_old(view) && view.keys.is_complete()),
        }
    }

    /// Waits until the table stands at `position` or beyond.
    pub async fn reached(&self, position: u64) {
        let mut changed = self.changed.subscribe();
        let stands = || self.view.load().as_ref().map(|view| view.table.position());
        while stands().is_none_or(|at| at < position) {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    fn publish(&self, table: RoutingTable, confirmed_at: Instant) {
        let before = self.view.load_full();
        let keys = match before {
            Some(view) if view.table.keys() == table.keys() => Arc::clone(&view.keys),
            _ => Arc::new(KeyRing::open(&table, self.node.key())),
        };
        self.view.store(Some(Arc::new(View {
            table,
            keys,
            confirmed_at,
        })));
        self.changed.send_modify(|count| *count += 1);
    }

    /// Takes one update in. An update that does not fit changes nothing.
    pub(crate) fn take(&self, update: RoutingUpdate) -> Result<(), RoutingFeedError> {
        let now = self.clock.now();
        let view = self.view.load_full();
        match update {
            RoutingUpdate::Snapshot(table) => {
                if table.environment() != self.environment {
                    let (table, change) = (self.environment, table.environment());
                    return Err(ApplyError::Environment { table, change }.into());
                }
                self.publish(Arc::unwrap_or_clone(table), now);
            }
            RoutingUpdate::Delta(delta) => {
                let gap = || ApplyError::Gap {
                    position: 0,
                    from: delta.from,
                };
                let mut table = view.ok_or_else(gap)?.table.clone();
                table.apply(&delta)?;
                self.publish(table, now);
            }
            RoutingUpdate::Heartbeat { position } => {
                let view = view.ok_or(ApplyError::Gap {
                    position: 0,
                    from: position,
                })?;
                if view.table.position() != position {
                    let at = view.table.position();
                    return Err(ApplyError::Gap {
                        position: at,
                        from: position,
                    }
                    .into());
                }
                self.publish(view.table.clone(), now);
            }
        }
        Ok(())
    }

    /// Follows the source for ever, and keeps the copy on disk. Never ends; drop it to stop.
    pub async fn follow(&self, source: &dyn RoutingSource) {
        tokio::join!(self.follow_source(source), self.keep_copy());
    }

    async fn follow_source(&self, source: &dyn RoutingSource) {
        let mut pause = PAUSES.0;
        // After a gap the table is asked for anew; it serves on until the new one is here.
        let mut whole = false;
        loop {
            let position = self.view.load().as_ref().map(|view| view.table.position());
            let mut updates = source.subscribe(self.environment, position.filter(|_| !whole));
            while let Some(update) = updates.next().await {
                match update.and_then(|update| self.take(update)) {
                    Ok(()) => (pause, whole) = (PAUSES.0, false),
                    Err(error) => {
                        whole = matches!(error, RoutingFeedError::Gap(_));
                        let cause = std::error::Error::source(&error).map(ToString::to_string);
                        tracing::warn!(
                            environment = %self.environment, %error, cause,
                            "the routing feed was interrupted; the last good table serves on"
                        );
                        break;
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    async fn keep_copy(&self) {
        let Some(copy) = &self.copy else {
            return std::future::pending().await;
        };
        let mut changed = self.changed.subscribe();
        let mut kept: Option<(u64, Instant)> = None;
        loop {
            if let Some(view) = self.view.load_full() {
                let (position, confirmed) = (view.table.position(), view.confirmed_at);
                let fresh = kept.is_some_and(|(at, when)| {
                    let age = confirmed.microseconds() - when.microseconds();
                    at == position && age < COPY_AGE_SECONDS * 1_000_000
                });
                if !fresh {
                    let (copy, table) = (copy.clone(), view.table.clone());
                    let written =
                        tokio::task::spawn_blocking(move || copy.write(&table, confirmed)).await;
                    match written {
                        Ok(Ok(())) => kept = Some((position, confirmed)),
                        Ok(Err(error)) => tracing::error!(
                            environment = %self.environment, %error,
                            "the routing table could not be kept on disk"
                        ),
                        Err(_) => {}
                    }
                }
            }
            if changed.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
