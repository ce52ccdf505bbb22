//! The live read models: folded up to the end of the log, then with every commit, and published
//! whole.

use crate::Snapshot;
use crate::checkpoint::Checkpoints;
use crate::history::{AsOf, History};
use crate::routing::Publisher;
use domain::Environment;
use futures::FutureExt as _;
use registrar::{EventBatch, Log, ReadError, Subscription};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
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

/// How many events lie between two checkpoints while the process runs; it keeps one at its end too.
const CHECKPOINT_EVERY: u64 = 16_384;

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

/// What a rebuild came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rebuilt {
    /// The fold from the beginning gives what was served.
    Same,
    /// It gives something else, which is served from now on.
    Another,
}

struct Shared {
    log: Log,
    current: watch::Sender<Arc<Snapshot>>,
    standing: watch::Sender<Standing>,
    history: History,
    past: Arc<Semaphore>,
    routing: Publisher,
    checkpoints: Option<Checkpoints>,
    /// Whether the first state came from a checkpoint and was not yet compared with the log.
    unproved: AtomicBool,
    /// The position of the newest checkpoint.
    kept_at: AtomicU64,
    /// Held while a commit is taken in, or a rebuilt state takes the place of what is served.
    folding: tokio::sync::Mutex<()>,
}

/// The read models. Cheap to clone.
#[derive(Clone)]
pub struct Views(Arc<Shared>);

impl Views {
    /// Folds the log from its beginning. Blocks while it does; call [`Views::follow`] then.
    pub fn fold(log: Log) -> Result<Self, StartError> {
        Self::open(log, None, &|_| {})
    }

    /// The same, from the checkpoint in `directory` where one is there that fits the log. `watch`
    /// is told the position that the fold has reached, again and again.
    ///
    /// What a checkpoint says is served at once and proved in the background: [`Views::follow`]
    /// folds the log from its beginning beside it.
    pub fn open(
        log: Log,
        directory: Option<&Path>,
        watch: &dyn Fn(u64),
    ) -> Result<Self, StartError> {
        let checkpoints = directory.map(Checkpoints::in_directory);
        let found = checkpoints.as_ref().and_then(|kept| kept.read(&log));
        let history = History::default();
        let unproved = AtomicBool::new(found.is_some());
        let mut snapshot = found.unwrap_or_default();
        let kept_at = AtomicU64::new(snapshot.position);
        history.offer(&snapshot);
        for batch in log.replay(snapshot.position)? {
            fold_batch(&mut snapshot, &batch?, &history)?;
            watch(snapshot.position);
        }
        let routing = Publisher::new(&snapshot);
        Ok(Self(Arc::new(Shared {
            log,
            current: watch::Sender::new(Arc::new(snapshot)),
            standing: watch::Sender::new(Standing::Following),
            history,
            past: Arc::new(Semaphore::new(PAST_QUESTIONS_AT_ONCE)),
            routing,
            checkpoints,
            unproved,
            kept_at,
            folding: tokio::sync::Mutex::default(),
        })))
    }

    /// Takes in every commit that comes, until the log ends or cannot be read. Spawn it once.
    pub async fn follow(self) {
        let following = AssertUnwindSafe(async {
            tokio::select! {
                error = self.follow_log() => error,
                error = self.prove() => error,
            }
        });
        let why = match following.catch_unwind().await {
            Ok(error) => registrar::chain(&error),
            Err(_) => "the fold panicked; the log says where".to_owned(),
        };
        tracing::error!(reason = %why, "The read models have stopped: {why}");
        self.0.standing.send_replace(Standing::Stopped(why.into()));
    }

    async fn follow_log(&self) -> ReadError {
        match self.0.log.subscribe(self.current().position) {
            Ok(subscription) => self.take_in(subscription).await,
            Err(error) => error,
        }
    }

    async fn take_in(&self, mut subscription: Subscription) -> ReadError {
        loop {
            let batch = match subscription.next().await {
                Ok(batch) => batch,
                Err(error) => return error,
            };
            let _folding = self.0.folding.lock().await;
            let mut snapshot = self.current().as_ref().clone();
            if let Err(error) = fold_batch(&mut snapshot, &batch, &self.0.history) {
                return error;
            }
            let snapshot = Arc::new(snapshot);
            self.0.routing.publish(&batch, &snapshot);
            self.0.current.send_replace(Arc::clone(&snapshot));
            if snapshot.position >= self.0.kept_at.load(Relaxed) + CHECKPOINT_EVERY {
                let views = self.clone();
                self.0.kept_at.store(snapshot.position, Relaxed);
                tokio::task::spawn_blocking(move || views.keep(&snapshot));
            }
        }
    }

    /// Proves what a checkpoint said, where the first state came from one. Ends only by an error.
    async fn prove(&self) -> ReadError {
        if self.0.unproved.load(Relaxed) {
            match self.rebuild().await {
                Ok(Rebuilt::Same) => {}
                Ok(Rebuilt::Another) => {
                    tracing::error!(
                        "The checkpoint was not what the log gives; what the log gives is served now"
                    );
                }
                Err(error) => return error,
            }
        }
        std::future::pending().await
    }

    /// Folds the log from its beginning, beside what is served, and has the outcome take its
    /// place. Commits are taken in meanwhile.
    pub async fn rebuild(&self) -> Result<Rebuilt, ReadError> {
        let views = self.clone();
        let (mut shadow, history) = in_background(move || {
            let (mut shadow, history) = (Snapshot::default(), History::default());
            let to = views.current().position;
            views.fold_to(to, &mut shadow, &history)?;
            Ok::<_, ReadError>((shadow, history))
        })
        .await?;
        let _folding = self.0.folding.lock().await;
        let served = self.current();
        // What was committed meanwhile is little, and nothing new is taken in while it is folded.
        self.fold_to(served.position, &mut shadow, &history)?;
        self.0.history.replace(history);
        self.0.unproved.store(false, Relaxed);
        if shadow == *served {
            return Ok(Rebuilt::Same);
        }
        self.0.routing.replace(&shadow);
        self.0.current.send_replace(Arc::new(shadow));
        Ok(Rebuilt::Another)
    }

    /// Folds on to the commit that ends at `to`.
    fn fold_to(
        &self,
        to: u64,
        snapshot: &mut Snapshot,
        history: &History,
    ) -> Result<(), ReadError> {
        for batch in self.0.log.replay(snapshot.position)? {
            if snapshot.position >= to {
                break;
            }
            fold_batch(snapshot, &batch?, history)?;
        }
        Ok(())
    }

    /// Keeps the newest state for the next start. Blocks while it writes.
    pub fn checkpoint(&self) {
        self.keep(&self.current());
    }

    fn keep(&self, snapshot: &Snapshot) {
        let Some(checkpoints) = &self.0.checkpoints else {
            return;
        };
        // Only what the log itself has given, not what an earlier checkpoint said of it.
        if self.0.unproved.load(Relaxed) {
            return;
        }
        if let Err(error) = checkpoints.write(snapshot, &self.0.log) {
            let why = registrar::chain(&error);
            tracing::warn!(reason = %why, "No checkpoint was kept: {why}");
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

    /// Tells when the newest state stops following the log.
    pub(crate) fn standings(&self) -> watch::Receiver<Standing> {
        self.0.standing.subscribe()
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
        in_background(move || {
            // Whoever asked may be gone: the turn lasts as long as the work.
            let _turn = turn;
            views.0.history.at(&views.0.log, moment)
        })
        .await
        .map(Arc::new)
        .map_err(PastError::from)
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

/// Runs what blocks on a thread for it; a panic goes on here.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
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
