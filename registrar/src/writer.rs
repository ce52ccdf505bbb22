//! The one writer of the governance journal.
//!
//! A thread of its own drains a bounded queue, decides each command on a staged copy of the
//! network, and appends what was accepted as one frame: group commit. On a conflict or a fault the
//! staged copy is thrown away. A failed write ends the writer; it is never retried blindly.

mod staging;
mod state;

use crate::codec::Upcasters;
use crate::documents::Documents;
use crate::environment::{Clock, EventIds};
use crate::fault::{chain, is_out_of_space};
use crate::log::{Log, ReadError};
use crate::recording_clock::RecordingClock;
use crate::submission::{Receipt, Submission, SubmitError};
use arc_swap::ArcSwap;
use domain::Network;
use ledger::frame::FrameError;
use ledger::{AppendError, Journal, JournalName, Ledger, Random};
use staging::{Staging, Step};
use state::State;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many commands may wait. More are turned away, to be sent again.
const QUEUE_LENGTH: usize = 1024;

/// How many commands share one commit at most. Twice the racing writers of the largest test, and
/// few enough that a commit stays far below the frame cap.
const COMMANDS_PER_COMMIT: usize = 256;

/// Whether the writer takes commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Writing,
    /// It has ended, and this is why, in words for the operator.
    Ended(Arc<str>),
}

impl Health {
    /// What a writer last said of itself, unless its queue is closed: then it is gone, whatever it
    /// said.
    pub(crate) fn of(said: &ArcSwap<Self>, queue_is_closed: bool) -> Self {
        match Self::clone(&said.load()) {
            Self::Writing if queue_is_closed => {
                Self::Ended("the writer's thread is gone; the log says why".into())
            }
            said => said,
        }
    }
}

/// Why a registrar could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The upcasters do not reach today's events.
    #[error("the upcasters are incomplete: {0}")]
    Upcasters(String),
    /// The ledger gave no governance journal.
    #[error("opening the governance journal failed")]
    Journal(#[source] ledger::OpenError),
    /// What is recorded could not be read.
    #[error("replaying the governance journal failed")]
    Replay(#[source] ReadError),
    /// The writer's thread could not be started.
    #[error("starting the writer failed")]
    Thread(#[source] std::io::Error),
}

struct Request {
    submission: Submission,
    answer: oneshot::Sender<Result<Receipt, SubmitError>>,
}

/// Takes commands and answers with receipts. Cheap to clone; the writer ends with the last clone.
#[derive(Clone)]
pub struct Registrar {
    queue: mpsc::Sender<Request>,
    ledger: Ledger,
    log: Log,
    documents: Documents,
    health: Arc<ArcSwap<Health>>,
    committed: Arc<ArcSwap<(u64, Network)>>,
}

impl Registrar {
    /// Opens the governance journal of `ledger`, replays it and starts the writer.
    ///
    /// Blocks while it replays.
    pub fn open(
        ledger: &Ledger,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, OpenError> {
        Self::open_watched(ledger, clock, random, &|_| {})
    }

    /// The same; `watch` is told the position that the replay has reached, again and again.
    pub fn open_watched(
        ledger: &Ledger,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        watch: &dyn Fn(u64),
    ) -> Result<Self, OpenError> {
        let upcasters = Arc::new(Upcasters::standard().map_err(OpenError::Upcasters)?);
        let journal = ledger
            .journal(&JournalName::governance())
            .map_err(OpenError::Journal)?;
        let log = Log::new(journal.clone(), ledger.sealer(), upcasters);
        let state = State::replayed(&log, watch).map_err(OpenError::Replay)?;
        let committed = Arc::new(ArcSwap::from_pointee((
            state.next_position,
            state.network.clone(),
        )));
        let health = Arc::new(ArcSwap::from_pointee(Health::Writing));
        let (queue, requests) = mpsc::channel(QUEUE_LENGTH);
        let documents = Documents::new(ledger, Arc::clone(&random));
        let writer = Writer {
            journal,
            log: log.clone(),
            sealer: ledger.sealer(),
            documents: documents.clone(),
            clock: RecordingClock::new(clock),
            event_ids: EventIds::new(random),
            state,
            health: Arc::clone(&health),
            committed: Arc::clone(&committed),
        };
        std::thread::Builder::new()
            .name("registrar".to_owned())
            .spawn(move || writer.run(requests))
            .map_err(OpenError::Thread)?;
        Ok(Self {
            queue,
            ledger: ledger.clone(),
            log,
            documents,
            health,
            committed,
        })
    }

    /// Records what follows from a command, durably, or says why nothing was recorded.
    pub async fn submit(&self, submission: Submission) -> Result<Receipt, SubmitError> {
        let (answer, answered) = oneshot::channel();
        self.queue
            .try_send(Request { submission, answer })
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
                mpsc::error::TrySendError::Closed(_) => SubmitError::Unavailable,
            })?;
        answered.await.unwrap_or(Err(SubmitError::Unavailable))
    }

    /// The governance log, for readers.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The documents that events name.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The network as the last commit left it, with the position that follows.
    pub fn network(&self) -> Arc<(u64, Network)> {
        self.committed.load_full()
    }

    /// What does not work in the ledger below although it is served, in words for its operator.
    pub fn troubles(&self) -> Vec<String> {
        self.ledger.troubles()
    }

    /// How many faults of the ledger's files were mended since it was opened.
    pub fn repairs(&self) -> usize {
        self.ledger.repairs().len()
    }

    /// Whether commands are taken.
    pub fn health(&self) -> Health {
        Health::of(&self.health, self.queue.is_closed())
    }
}

struct Writer {
    journal: Journal,
    log: Log,
    sealer: ledger::Sealer,
    documents: Documents,
    clock: RecordingClock,
    event_ids: EventIds,
    state: State,
    health: Arc<ArcSwap<Health>>,
    committed: Arc<ArcSwap<(u64, Network)>>,
}

impl Writer {
    fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut batch = Vec::with_capacity(COMMANDS_PER_COMMIT);
        while requests.blocking_recv_many(&mut batch, COMMANDS_PER_COMMIT) > 0 {
            if let Err(why) = self.commit(&mut batch) {
                tracing::error!(reason = %why, "The registrar's writer has ended: {why}");
                self.health.store(Arc::new(Health::Ended(why.into())));
                // Whoever waits, or is still queued, learns it from the closed channel.
                return;
            }
        }
    }

    /// Decides and records a batch of commands and answers each. An error ends the writer and leaves
    /// in the batch what was not answered: that was not recorded, or it is not known whether it was.
    fn commit(&mut self, waiting: &mut Vec<Request>) -> Result<(), String> {
        while !waiting.is_empty() {
            let now = self.clock.now(self.state.last_recorded_at);
            let now = now.map_err(|fault| chain(&fault))?;
            let sealing = (&self.sealer, &self.documents);
            let mut staging = Staging::new(&self.state, &self.log, sealing, &self.event_ids, now);
            let mut steps = Vec::with_capacity(waiting.len());
            for request in waiting.iter() {
                steps.push(staging.take(&request.submission)?);
            }
            let staged = staging.finish();
            if staged.envelopes.is_empty() {
                answer(waiting, steps);
                return Ok(());
            }
            match self
                .journal
                .append(self.state.next_position, &staged.envelopes)
            {
                Ok(_) => {
                    self.accept(staged.state);
                    answer(waiting, steps);
                    return Ok(());
                }
                Err(AppendError::Conflict { actual }) => {
                    tracing::warn!(actual, "Another writer appended up to position {actual}");
                    self.catch_up()?;
                }
                Err(AppendError::Unknown {
                    commit,
                    hash,
                    source,
                }) => {
                    let written = self.journal.settle(commit, hash).map_err(|e| chain(&e))?;
                    if !written {
                        return Err(format!("a write failed: {}", chain(&source)));
                    }
                    self.accept(staged.state);
                    answer(waiting, steps);
                    return Ok(());
                }
                // Too much for one frame, or one event too large: the commands are told apart by
                // being recorded one at a time.
                Err(error) if is_too_large(&error) && waiting.len() > 1 => {
                    for request in std::mem::take(waiting) {
                        self.commit(&mut vec![request])?;
                    }
                    return Ok(());
                }
                Err(error) if is_too_large(&error) => {
                    refuse_all(waiting, &SubmitError::Rejected(staging::too_large()));
                    return Ok(());
                }
                Err(error) if is_no_room(&error) => {
                    let why = chain(&error);
                    tracing::error!(reason = %why, "There is no room for new events: {why}");
                    refuse_all(waiting, &SubmitError::Unavailable);
                    return Ok(());
                }
                Err(error) => return Err(chain(&error)),
            }
        }
        Ok(())
    }

    fn accept(&mut self, state: State) {
        self.committed
            .store(Arc::new((state.next_position, state.network.clone())));
        self.state = state;
    }

    /// Takes in what another writer recorded.
    fn catch_up(&mut self) -> Result<(), String> {
        let mut state = self.state.clone();
        state
            .extend(&self.log, &|_| {})
            .map_err(|error| chain(&error))?;
        self.accept(state);
        Ok(())
    }
}

/// Whether nothing was written because the disk is full, be it the log's, the vault's or that of
/// the documents: the writer goes on, and the next command may find room.
fn is_no_room(error: &AppendError) -> bool {
    matches!(error, AppendError::NoRoom(_)) || is_out_of_space(error)
}

/// Whether the commands themselves are too much for one frame. Any other fault of framing says that
/// the log is not what the writer took it for.
fn is_too_large(error: &AppendError) -> bool {
    matches!(
        error,
        AppendError::Encode { .. }
            | AppendError::Frame(
                FrameError::TooLong(_) | FrameError::LeafTooLong(_) | FrameError::Count
            )
    )
}

fn answer(waiting: &mut Vec<Request>, steps: Vec<Step>) {
    for (request, step) in waiting.drain(..).zip(steps) {
        // Whoever no longer waits for the answer asks again under the same command id.
        let _ = request.answer.send(step);
    }
}

fn refuse_all(waiting: &mut Vec<Request>, error: &SubmitError) {
    for request in waiting.drain(..) {
        let _ = request.answer.send(Err(error.clone()));
    }
}
