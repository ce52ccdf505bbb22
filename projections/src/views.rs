//! The live read models: folded up to the end of the log, then with every commit, and published
//! whole.

use crate::Snapshot;
use crate::history::{AsOf, History};
use crate::routing::Publisher;
use domain::Environment;
use registrar::{EventBatch, Log, ReadError, Subscription};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// How many questions about the past are answered at once; each replays a part of the log.
const PAST_QUESTIONS_AT_ONCE: usize = 2;

/// How long such a question waits for its turn.
const PAST_QUESTION_WAITS: Duration = Duration::from_secs(5);

/// Why there is no answer about the past.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// Too many ask at once.
    #[error("too many questions about the past are being answered")]
    Busy,
    /// The log could not be read.
    #[error("replaying the governance journal failed")]
    Read(#[from] ReadError),
}

/// Whether the fold follows the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Following,
    /// It has stopped, and this is why, in words for the operator. What it last published stays.
    Stopped(Arc<str>),
}

/// Why the read models could not be started.
#[derive(Debug, thiserror::Error)]
#[error("folding the governance journal failed")]
pub struct StartError(#[from] ReadError);

struct Shared {
    log: Log,
    current: watch::Sender<Arc<Snapshot>>,
    standing: watch::Sender<Standing>,
    history: History,
    past: Arc<Semaphore>,
    routing: Publisher,
}

/// The read models. Cheap to clone.
#[derive(Clone)]
pub struct Views(Arc<Shared>);

impl Views {
    /// Folds the log from its beginning. Blocks while it does; call [`Views::follow`] then.
    pub fn fold(log: Log) -> Result<Self, StartError> {
        let history = History::default();
        let mut snapshot = Snapshot::default();
        for batch in log.replay(0)? {
            fold_batch(&mut snapshot, &batch?, &history)?;
        }
        let routing = Publisher::new(&snapshot);
        Ok(Self(Arc::new(Shared {
            log,
            current: watch::Sender::new(Arc::new(snapshot)),
            standing: watch::Sender::new(Standing::Following),
            history,
            past: Arc::new(Semaphore::new(PAST_QUESTIONS_AT_ONCE)),
            routing,
        })))
    }

    /// Takes in every commit that comes, until the log ends or cannot be read. Spawn it once.
    pub async fn follow(self) {
        let why = match self.0.log.subscribe(self.current().position) {
            Ok(subscription) => self.take_in(subscription).await,
            Err(error) => error,
        };
        let why = registrar::chain(&why);
        tracing::error!(reason = %why, "The read models have stopped: {why}");
        self.0.standing.send_replace(Standing::Stopped(why.into()));
    }

    async fn take_in(&self, mut subscription: Subscription) -> ReadError {
        loop {
            let batch = match subscription.next().await {
                Ok(batch) => batch,
                Err(error) => return error,
            };
            let mut snapshot = self.current().as_ref().clone();
            if let Err(error) = fold_batch(&mut snapshot, &batch, &self.0.history) {
                return error;
            }
            let snapshot = Arc::new(snapshot);
            self.0.routing.publish(&batch, &snapshot);
            self.0.current.send_replace(snapshot);
        }
    }

    /// The newest state.
    pub fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.current.borrow())
    }

    /// Whether the newest state follows the log.
    pub fn standing(&self) -> Standing {
        self.0.standing.borrow().clone()
    }

    /// The newest state, once it has taken in at least `position` events. None where the fold has
    /// stopped before.
    pub async fn at_least(&self, position: u64) -> Option<Arc<Snapshot>> {
        let mut current = self.0.current.subscribe();
        let mut standing = self.0.standing.subscribe();
        tokio::select! {
            reached = current.wait_for(|snapshot| snapshot.position >= position) => {
                reached.ok().map(|snapshot| Arc::clone(&snapshot))
            }
            _ = standing.wait_for(|standing| *standing != Standing::Following) => None,
        }
    }

    /// The state at a past moment. Reads the log; few are answered at once, and who has waited for
    /// some seconds is told to come again.
    pub async fn as_of(&self, moment: AsOf) -> Result<Arc<Snapshot>, PastError> {
        let current = self.current();
        let is_now = match moment {
            AsOf::Position(position) => position >= current.position,
            AsOf::Instant(instant) => instant >= current.recorded_at,
        };
        if is_now {
            return Ok(current);
        }
        let turn = Arc::clone(&self.0.past).acquire_owned();
        let turn = tokio::time::timeout(PAST_QUESTION_WAITS, turn).await;
        let turn = turn.map_err(|_| PastError::Busy)?;
        let views = self.clone();
        let replayed = tokio::task::spawn_blocking(move || {
            // Whoever asked may be gone: the turn lasts as long as the work.
            let _turn = turn;
            views.0.history.at(&views.0.log, moment)
        });
        match replayed.await {
            Ok(snapshot) => Ok(Arc::new(snapshot?)),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }

    /// The log that is folded.
    pub fn log(&self) -> &Log {
        &self.0.log
    }

    /// Tells of every new state; the value is the newest.
    pub fn changes(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.0.current.subscribe()
    }

    /// The routing tables as they are published.
    pub fn routing(&self) -> &Publisher {
        &self.0.routing
    }

    /// The routing table of an environment, with confidential values by reference.
    pub fn routing_table(&self, environment: Environment) -> Arc<crate::routing::RoutingTable> {
        self.0.routing.table(environment)
    }
}

fn fold_batch(
    snapshot: &mut Snapshot,
    batch: &EventBatch,
    history: &History,
) -> Result<(), ReadError> {
    for event in batch.events() {
        let (view, event) = event?;
        snapshot.apply(&view, &event);
    }
    history.offer(snapshot);
    Ok(())
}
