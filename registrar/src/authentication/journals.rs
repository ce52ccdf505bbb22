//! The journals that take authentications: one writer for all of them, group commit, and one mark
//! per source. Memory does not grow with the number of logins.

use super::{Authentication, SourceMark, journal_name};
use crate::environment::{Clock, EventIds};
use domain::time::Instant;
use domain::{Environment, Means};
use ledger::{
    Binding, Envelope, Hash, Journal, JournalError, JournalName, Ledger, Random, Sealer, Timestamp,
};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};
use uuid::Uuid;
use zeroize::Zeroizing;

/// How many records may wait.
const QUEUE_LENGTH: usize = 4096;

/// How many records share one commit at most.
const RECORDS_PER_COMMIT: usize = 512;

/// The sealed field that holds the user's identifier in the source system.
const USER: &str = "user";

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
    #[error("the authentication at position {position} of `{journal}` cannot be read")]
    Record {
        /// The journal.
        journal: JournalName,
        /// The position.
        position: u64,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
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

/// How far each source has come: its last number and the digest of that record.
type Marks = HashMap<(Environment, String), (u64, Hash)>;

struct Request {
    environment: Environment,
    authentication: Authentication,
    user: Option<Zeroizing<String>>,
    answer: oneshot::Sender<Result<(), RecordError>>,
}

/// Records authentications, each durable before it is answered. Cheap to clone.
#[derive(Clone)]
pub struct AuthenticationJournals {
    ledger: Ledger,
    queue: mpsc::Sender<Request>,
    marks: Arc<std::sync::Mutex<Marks>>,
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
        let marks = Arc::new(std::sync::Mutex::new(read_marks(ledger)?));
        let (queue, requests) = mpsc::channel(QUEUE_LENGTH);
        let writer = Writer {
            ledger: ledger.clone(),
            sealer: ledger.sealer(),
            clock,
            event_ids: EventIds::new(random),
            marks: Arc::clone(&marks),
            last: Instant::from_microseconds(0),
        };
        std::thread::Builder::new()
            .name("authentications".to_owned())
            .spawn(move || writer.run(requests))
            .map_err(JournalsError::Thread)?;
        Ok(Self {
            ledger: ledger.clone(),
            queue,
            marks,
        })
    }

    /// Records an authentication, durably. `user` is the user's identifier in the source system;
    /// it is sealed under a key of the home organisation and month.
    ///
    /// A record that was taken before is answered the same and not recorded again.
    pub async fn record(
        &self,
        environment: Environment,
        authentication: Authentication,
        user: Option<Zeroizing<String>>,
    ) -> Result<(), RecordError> {
        let (answer, answered) = oneshot::channel();
        let request = Request {
            environment,
            authentication,
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
            for view in batch?.events() {
                let view = view?;
                if view.position >= end {
                    break;
                }
                let position = view.position;
                let read = serde_json::from_slice(view.payload);
                let authentication = read.map_err(|source| JournalsError::Record {
                    journal: name.clone(),
                    position,
                    source,
                })?;
                let recorded_at = Instant::from_microseconds(view.recorded_at.0);
                records.push(RecordedAuthentication {
                    position,
                    recorded_at,
                    authentication,
                });
            }
        }
        records.reverse();
        Ok(records)
    }

    /// The source `name` of this process, which numbers its records itself.
    pub fn local_source(&self, environment: Environment, name: &str) -> LocalSource {
        let (sequence, digest) = self.mark(environment, name);
        LocalSource {
            journals: self.clone(),
            environment,
            name: name.to_owned(),
            last: Mutex::new((sequence, digest)),
        }
    }

    /// How far a source has come: the number and the digest of its last record.
    pub fn mark(&self, environment: Environment, name: &str) -> (u64, Hash) {
        lock(&self.marks)
            .get(&(environment, name.to_owned()))
            .copied()
            .unwrap_or((0, Hash::ZERO))
    }
}

/// A source in this process.
pub struct LocalSource {
    journals: AuthenticationJournals,
    environment: Environment,
    name: String,
    last: Mutex<(u64, Hash)>,
}

impl LocalSource {
    /// Records an authentication; its mark is filled in here.
    pub async fn record(
        &self,
        mut authentication: Authentication,
        user: Option<Zeroizing<String>>,
    ) -> Result<(), RecordError> {
        let (answer, answered) = oneshot::channel();
        {
            // Numbered and queued under one lock, so that the queue has the order of the numbers;
            // waiting happens outside, so that logins share commits.
            let mut last = self.last.lock().await;
            authentication.mark = SourceMark {
                source: self.name.clone(),
                sequence: last.0 + 1,
                previous: last.1.to_string(),
            };
            let digest = authentication
                .digest()
                .map_err(|_| RecordError::Unavailable)?;
            let mark = (last.0 + 1, digest);
            let environment = self.environment;
            let request = Request {
                environment,
                authentication,
                user,
                answer,
            };
            self.journals
                .queue
                .try_send(request)
                .map_err(|error| match error {
                    mpsc::error::TrySendError::Full(_) => RecordError::Busy,
                    mpsc::error::TrySendError::Closed(_) => RecordError::Unavailable,
                })?;
            *last = mark;
        }
        let answer = answered.await.unwrap_or(Err(RecordError::Unavailable));
        if answer.is_err() {
            // What was not recorded leaves a gap; the numbers continue from what was.
            *self.last.lock().await = self.journals.mark(self.environment, &self.name);
        }
        answer
    }
}

fn lock(marks: &std::sync::Mutex<Marks>) -> std::sync::MutexGuard<'_, Marks> {
    marks
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn read_marks(ledger: &Ledger) -> Result<Marks, JournalsError> {
    let mut marks = Marks::new();
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
                    let record: Authentication =
                        serde_json::from_slice(view.payload).map_err(|source| {
                            JournalsError::Record {
                                journal: (*name).clone(),
                                position: view.position,
                                source,
                            }
                        })?;
                    let mark = (record.mark.sequence, Hash::of(view.payload));
                    marks.insert((environment, record.mark.source), mark);
                }
            }
        }
    }
    Ok(marks)
}

struct Writer {
    ledger: Ledger,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    event_ids: EventIds,
    marks: Arc<std::sync::Mutex<Marks>>,
    last: Instant,
}

impl Writer {
    fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut batch = Vec::with_capacity(RECORDS_PER_COMMIT);
        while requests.blocking_recv_many(&mut batch, RECORDS_PER_COMMIT) > 0 {
            self.last = self.last.max(self.clock.now());
            for environment in Environment::ALL {
                let own = batch.extract_if(.., |request| request.environment == environment);
                let own: Vec<_> = own.collect();
                if own.is_empty() {
                    continue;
                }
                if let Err(error) = self.commit(environment, own) {
                    let journal = journal_name(environment, self.last);
                    tracing::error!(journal, %error, "Recording authentications has ended: {error}");
                    return;
                }
            }
        }
    }

    /// Records a batch of one environment and answers each. An error ends the writer; whoever was
    /// not answered releases nothing.
    fn commit(&mut self, environment: Environment, batch: Vec<Request>) -> Result<(), String> {
        let name = JournalName::new(journal_name(environment, self.last))
            .map_err(|error| error.to_string())?;
        let journal = self
            .ledger
            .journal_or_create(&name)
            .map_err(|error| error.to_string())?;
        let mut marks = lock(&self.marks).clone();
        let mut position = journal
            .head()
            .map_err(|error| error.to_string())?
            .next_position;
        let first = position;
        let (mut envelopes, mut answers) = (Vec::new(), Vec::new());
        for request in batch {
            let Request {
                authentication,
                user,
                answer,
                ..
            } = request;
            match take(environment, &authentication, &mut marks) {
                Ok(true) => {
                    let user = user.as_deref().map(String::as_str);
                    envelopes.push(self.envelope(&journal, position, &authentication, user)?);
                    position += 1;
                    answers.push(answer);
                }
                // Sent again: it stands in the log already, or stands in this very batch.
                Ok(false) => answers.push(answer),
                Err(error) => {
                    let _ = answer.send(Err(error));
                }
            }
        }
        if !envelopes.is_empty() {
            match journal.append(first, &envelopes) {
                Ok(_) => {}
                Err(ledger::AppendError::NoRoom(source)) => {
                    tracing::error!(error = %source, "There is no room for authentications");
                    for answer in answers {
                        let _ = answer.send(Err(RecordError::Unavailable));
                    }
                    return Ok(());
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        *lock(&self.marks) = marks;
        for answer in answers {
            let _ = answer.send(Ok(()));
        }
        Ok(())
    }

    fn envelope(
        &self,
        journal: &Journal,
        position: u64,
        record: &Authentication,
        user: Option<&str>,
    ) -> Result<Envelope, String> {
        let ledger_id = journal.ledger_id();
        let event_id = self.event_ids.next(self.last);
        let event_type = record.outcome.event_name();
        let stream = match record.home_integration {
            Some(integration) => format!("authentication/{integration}"),
            None => "authentication".to_owned(),
        };
        let mut sealed = Vec::new();
        if let Some(user) = user {
            let month = &journal.name().as_str();
            let owner = record
                .home_organisation
                .as_ref()
                .map_or("unknown", |oid| oid.as_str());
            let key = self
                .sealer
                .vault()
                .key_for(&format!("organisation:{owner}/{month}"), "end-user")
                .map_err(|error| error.to_string())?;
            let stream = &stream;
            let binding = Binding {
                ledger_id,
                stream,
                event_id,
                event_type,
                field: USER,
            };
            let field = self.sealer.seal(key, &binding, user.as_bytes());
            sealed.push(field.map_err(|error| error.to_string())?);
        }
        let source = format!("{}/{}", record.mark.source, record.mark.sequence);
        Ok(Envelope {
            ledger_id,
            journal: journal.name().clone(),
            position,
            stream,
            stream_version: position,
            event_id,
            event_type: event_type.to_owned(),
            schema_version: 1,
            occurred_at: Timestamp(record.occurred_at.microseconds()),
            recorded_at: Timestamp(self.last.microseconds()),
            effective_from: None,
            actor: ledger::Actor {
                id: record.mark.source.clone(),
                authentication: format!("{:?}", Means::MachineCredential),
                on_behalf_of: None,
            },
            command_id: Uuid::new_v5(&ledger_id, source.as_bytes()),
            correlation_id: None,
            causation_id: None,
            payload: record.payload().map_err(|error| error.to_string())?,
            sealed,
            blobs: Vec::new(),
        })
    }
}

/// Whether a record continues its source (true) or was taken before (false).
fn take(
    environment: Environment,
    authentication: &Authentication,
    marks: &mut Marks,
) -> Result<bool, RecordError> {
    let mark = &authentication.mark;
    let key = (environment, mark.source.clone());
    let (last, digest) = marks.get(&key).copied().unwrap_or((0, Hash::ZERO));
    if mark.sequence <= last && mark.sequence > 0 {
        return Ok(false);
    }
    if mark.sequence != last + 1 || mark.previous != digest.to_string() {
        return Err(RecordError::Gap { expected: last + 1 });
    }
    let digest = authentication
        .digest()
        .map_err(|_| RecordError::Unavailable)?;
    marks.insert(key, (mark.sequence, digest));
    Ok(true)
}
