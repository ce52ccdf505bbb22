//! The journals that take authentications: one writer for all of them, group commit, and one mark
//! per source. Memory does not grow with the number of logins.

use super::marks::Marks;
use super::writer::{Request, Writer, lock};
use super::{Authentication, DecodeAuthenticationError};
use crate::environment::{Clock, EventIds};
use crate::recording_clock::RecordingClock;
use crate::writer::Health;
use arc_swap::ArcSwap;
use domain::Environment;
use domain::time::Instant;
use ledger::{Hash, JournalError, JournalName, Ledger, Random};
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

/// How many records may wait.
const QUEUE_LENGTH: usize = 4096;

/// Why an authentication was not recorded. Nothing may be released then.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RecordError {
    /// The source has skipped or changed a record: it continues from this mark.
    #[error("the source's records do not continue: expected number {expected}")]
    Gap {
        /// The number that the source's next record must have.
        expected: u64,
    },
    /// Too many records are waiting. Try again shortly.
    #[error("too many records are waiting")]
    Busy,
    /// The journals take nothing now.
    #[error("the authentication journals take no records now")]
    Unavailable,
}

/// Why the journals could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum JournalsError {
    /// A journal could not be opened.
    #[error("opening the authentication journals failed")]
    Open(#[from] ledger::OpenError),
    /// A journal could not be read.
    #[error("reading an authentication journal failed")]
    Read(#[from] JournalError),
    /// A record is not what this program writes.
    #[error("a record of `{journal}` cannot be read")]
    Record {
        /// The journal.
        journal: JournalName,
        /// What is wrong.
        #[source]
        source: DecodeAuthenticationError,
    },
    /// The writer's thread could not be started.
    #[error("starting the writer failed")]
    Thread(#[source] std::io::Error),
}

/// A recorded authentication, without the user.
#[derive(Clone, Debug)]
pub struct RecordedAuthentication {
    /// Its position in the month's journal.
    pub position: u64,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// What is recorded in the clear.
    pub authentication: Authentication,
}

/// Records authentications, each durable before it is answered. Cheap to clone.
#[derive(Clone)]
pub struct AuthenticationJournals {
    pub(super) ledger: Ledger,
    queue: mpsc::Sender<Request>,
    marks: Arc<Mutex<Marks>>,
    health: Arc<ArcSwap<Health>>,
}

impl AuthenticationJournals {
    /// Opens the journals of `ledger` and starts their writer.
    ///
    /// The marks are read from the two newest journals of each environment: a node that has been
    /// away for longer is enrolled anew, under a new name.
    pub fn open(
        ledger: &Ledger,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, JournalsError> {
        let (marks, last) = read_marks(ledger)?;
        let marks = Arc::new(Mutex::new(marks));
        let health = Arc::new(ArcSwap::from_pointee(Health::Writing));
        let (queue, requests) = mpsc::channel(QUEUE_LENGTH);
        let writer = Writer {
            ledger: ledger.clone(),
            sealer: ledger.sealer(),
            clock: RecordingClock::new(clock),
            event_ids: EventIds::new(random),
            marks: Arc::clone(&marks),
            health: Arc::clone(&health),
            last,
        };
        std::thread::Builder::new()
            .name("authentications".to_owned())
            .spawn(move || writer.run(requests))
            .map_err(JournalsError::Thread)?;
        Ok(Self {
            ledger: ledger.clone(),
            queue,
            marks,
            health,
        })
    }

    /// Whether records are taken.
    pub fn health(&self) -> Health {
        Health::of(&self.health, self.queue.is_closed())
    }

    /// Records an authentication, durably. `user` is the user's identifier in the source system;
    /// it is sealed under a key of the home organisation and month.
    ///
    /// A record that was taken before, just as it is, is answered the same and not recorded again.
    pub async fn record(
        &self,
        environment: Environment,
        authentication: Authentication,
        user: Option<Zeroizing<String>>,
    ) -> Result<(), RecordError> {
        self.queue(environment, authentication, false, user).await
    }

    async fn queue(
        &self,
        environment: Environment,
        authentication: Authentication,
        local: bool,
        user: Option<Zeroizing<String>>,
    ) -> Result<(), RecordError> {
        let (answer, answered) = oneshot::channel();
        let request = Request {
            environment,
            authentication,
            local,
            user,
            answer,
        };
        self.queue.try_send(request).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => RecordError::Busy,
            mpsc::error::TrySendError::Closed(_) => RecordError::Unavailable,
        })?;
        answered.await.unwrap_or(Err(RecordError::Unavailable))
    }

    /// The months of which the environment has records, as `YYYY-MM`, the oldest first.
    pub fn months(&self, environment: Environment) -> Result<Vec<String>, JournalsError> {
        let prefix = format!("{environment}/");
        let names = self.ledger.journals()?;
        let months = names
            .iter()
            .filter_map(|name| name.as_str().strip_prefix(&prefix));
        Ok(months.map(str::to_owned).collect())
    }

    /// Up to `count` records of a month, the newest first, below position `before` where that is
    /// given. The user's identifier stays sealed. Empty where the month has no journal.
    pub fn page(
        &self,
        environment: Environment,
        month: &str,
        before: Option<u64>,
        count: usize,
    ) -> Result<Vec<RecordedAuthentication>, JournalsError> {
        let Ok(name) = JournalName::new(format!("{environment}/{month}")) else {
            return Ok(Vec::new());
        };
        if !self.ledger.journals()?.contains(&name) {
            return Ok(Vec::new());
        }
        let journal = self.ledger.journal(&name)?;
        let end = journal.head().map_err(JournalError::from)?.next_position;
        let end = before.map_or(end, |before| before.min(end));
        let first = end.saturating_sub(count as u64);
        let mut records = Vec::new();
        for batch in journal.replay(first)? {
            let batch = batch?;
            for view in batch.events() {
                let view = view?;
                if view.position >= end {
                    break;
                }
                let authentication =
                    Authentication::decode(&view).map_err(|source| JournalsError::Record {
                        journal: name.clone(),
                        source,
                    })?;
                records.push(RecordedAuthentication {
                    position: view.position,
                    recorded_at: Instant::from_microseconds(view.recorded_at.0),
                    authentication,
                });
            }
            if batch.next_position() >= end {
                break;
            }
        }
        records.reverse();
        Ok(records)
    }

    /// The source `name` of this process, whose records are numbered as they are written.
    pub fn local_source(&self, environment: Environment, name: &str) -> LocalSource {
        LocalSource {
            journals: self.clone(),
            environment,
            name: name.to_owned(),
        }
    }

    /// How far a source has come: the number and the digest of its last record.
    pub fn mark(&self, environment: Environment, name: &str) -> (u64, Hash) {
        lock(&self.marks).last(environment, name)
    }
}

/// A source in this process.
#[derive(Clone)]
pub struct LocalSource {
    journals: AuthenticationJournals,
    environment: Environment,
    name: String,
}

impl LocalSource {
    /// Records an authentication, durably; its mark is filled in when it is written.
    pub async fn record(
        &self,
        mut authentication: Authentication,
        user: Option<Zeroizing<String>>,
    ) -> Result<(), RecordError> {
        authentication.mark.source.clone_from(&self.name);
        let journals = &self.journals;
        journals
            .queue(self.environment, authentication, true, user)
            .await
    }
}

/// The marks as the log has them, and when its newest record was recorded.
fn read_marks(ledger: &Ledger) -> Result<(Marks, Instant), JournalsError> {
    let (mut marks, mut newest) = (Marks::default(), Instant::from_microseconds(0));
    let names = ledger.journals()?;
    for environment in Environment::ALL {
        let prefix = format!("{environment}/");
        let own = names
            .iter()
            .filter(|name| name.as_str().starts_with(&prefix));
        let mut own: Vec<_> = own.collect();
        own.sort();
        for name in own.iter().skip(own.len().saturating_sub(2)) {
            for batch in ledger.journal(name)?.replay(0)? {
                for view in batch?.events() {
                    let view = view?;
                    let record =
                        Authentication::decode(&view).map_err(|source| JournalsError::Record {
                            journal: (*name).clone(),
                            source,
                        })?;
                    newest = newest.max(Instant::from_microseconds(view.recorded_at.0));
                    let digest = Hash::of(view.payload);
                    let mark = record.mark;
                    marks.read(environment, mark.source, mark.sequence, digest);
                }
            }
        }
    }
    Ok((marks, newest))
}
