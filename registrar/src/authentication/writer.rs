//! The one writer of all authentication journals: group commit, in the order in which records came.

use super::marks::{Marks, Staged};
use super::{Authentication, RecordError, SourceMark, journal_name};
use crate::environment::EventIds;
use crate::fault::{chain, is_out_of_space};
use crate::recording_clock::RecordingClock;
use crate::writer::Health;
use arc_swap::ArcSwap;
use domain::Environment;
use domain::time::Instant;
use ledger::{
    AppendError, Binding, Envelope, Hash, Journal, JournalName, Ledger, Sealer, Timestamp,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;
use zeroize::Zeroizing;

/// How many records share one commit at most.
const RECORDS_PER_COMMIT: usize = 512;

/// The sealed field that holds the user's identifier in the source system.
pub(super) const USER: &str = "user";

/// A record on its way to the log.
pub(super) struct Request {
    pub(super) environment: Environment,
    pub(super) authentication: Authentication,
    /// Whether the writer numbers it: so for sources of this process, whose records have no order
    /// before they are written.
    pub(super) local: bool,
    pub(super) user: Option<Zeroizing<String>>,
    pub(super) answer: oneshot::Sender<Result<(), RecordError>>,
}

/// Why a batch was not recorded.
enum CommitFault {
    /// There was no room. Whoever waits is told, and the writer goes on.
    NoRoom(String),
    /// It is not known what the log holds, or the log refuses: the writer ends.
    End(String),
}

impl CommitFault {
    fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        if is_out_of_space(error) {
            Self::NoRoom(chain(error))
        } else {
            Self::End(chain(error))
        }
    }
}

pub(super) struct Writer {
    pub(super) ledger: Ledger,
    pub(super) sealer: Sealer,
    pub(super) clock: RecordingClock,
    pub(super) event_ids: EventIds,
    pub(super) marks: Arc<Mutex<Marks>>,
    pub(super) health: Arc<ArcSwap<Health>>,
    /// When the newest record of any journal was recorded.
    pub(super) last: Instant,
}

impl Writer {
    pub(super) fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut batch = Vec::with_capacity(RECORDS_PER_COMMIT);
        while requests.blocking_recv_many(&mut batch, RECORDS_PER_COMMIT) > 0 {
            if let Err(why) = self.record(&mut batch) {
                tracing::error!(reason = %why, "Recording authentications has ended: {why}");
                self.health.store(Arc::new(Health::Ended(why.into())));
                // Whoever waits, or is still queued, learns it from the closed channel.
                return;
            }
        }
    }

    fn record(&mut self, batch: &mut Vec<Request>) -> Result<(), String> {
        self.last = self.clock.now(self.last).map_err(|fault| chain(&fault))?;
        for environment in Environment::ALL {
            let own = batch.extract_if(.., |request| request.environment == environment);
            let mut own: Vec<_> = own.collect();
            if own.is_empty() {
                continue;
            }
            match self.commit(environment, &mut own) {
                Ok(()) => {}
                Err(CommitFault::NoRoom(why)) => {
                    tracing::error!(reason = %why, "There is no room for authentications: {why}");
                    answer_all(&mut own, &Err(RecordError::Unavailable));
                }
                Err(CommitFault::End(why)) => {
                    return Err(format!("{}: {why}", journal_name(environment, self.last)));
                }
            }
        }
        Ok(())
    }

    /// Records a batch of one environment and answers each. After an error nobody was answered but
    /// those whose records do not continue their source.
    fn commit(
        &mut self,
        environment: Environment,
        batch: &mut Vec<Request>,
    ) -> Result<(), CommitFault> {
        let name = JournalName::new(journal_name(environment, self.last))
            .map_err(|error| CommitFault::of(&error))?;
        let journal = self
            .ledger
            .journal_or_create(&name)
            .map_err(|error| CommitFault::of(&error))?;
        let head = journal.head().map_err(|error| CommitFault::of(&error))?;
        let first = head.next_position;
        let mut envelopes = Vec::with_capacity(batch.len());
        let known = lock(&self.marks);
        let mut staged = Staged::new(&known, environment);
        let mut waiting = Vec::with_capacity(batch.len());
        for mut request in batch.drain(..) {
            if request.local {
                number(&mut request.authentication, &staged);
            }
            match staged.take(&request.authentication) {
                Ok(true) => {
                    let position = first + envelopes.len() as u64;
                    envelopes.push(self.envelope(&journal, position, &request)?);
                    waiting.push(request);
                }
                // Sent again: it stands in the log already, or stands in this very batch.
                Ok(false) => waiting.push(request),
                Err(error) => drop(request.answer.send(Err(error))),
            }
        }
        *batch = waiting;
        let recorded = staged.finish();
        drop(known);
        if !envelopes.is_empty() {
            append(&journal, first, &envelopes)?;
            recorded.apply(&mut lock(&self.marks));
        }
        answer_all(batch, &Ok(()));
        Ok(())
    }

    fn envelope(
        &self,
        journal: &Journal,
        position: u64,
        request: &Request,
    ) -> Result<Envelope, CommitFault> {
        let record = &request.authentication;
        let ledger_id = journal.ledger_id();
        let event_id = self.event_ids.next(self.last);
        let event_type = record.outcome.event_name();
        let stream = match record.home_integration {
            Some(integration) => format!("authentication/{integration}"),
            None => "authentication".to_owned(),
        };
        let mut sealed = Vec::new();
        if let Some(user) = &request.user {
            let owner = record.home_organisation.as_ref();
            let owner = owner.map_or("unknown", |oid| oid.as_str());
            let subject = format!("organisation:{owner}/{}", journal.name());
            let key = self.sealer.vault().key_for(&subject, "end-user");
            let key = key.map_err(|error| CommitFault::of(&error))?;
            let binding = Binding {
                ledger_id,
                stream: &stream,
                event_id,
                event_type,
                field: USER,
            };
            let field = self.sealer.seal(key, &binding, user.as_bytes());
            sealed.push(field.map_err(|error| CommitFault::of(&error))?);
        }
        let source = format!("{}/{}", record.mark.source, record.mark.sequence);
        let means = if request.local {
            "in-process"
        } else {
            "machine-credential"
        };
        Ok(Envelope {
            ledger_id,
            journal: journal.name().clone(),
            position,
            stream,
            stream_version: position,
            event_id,
            event_type: event_type.to_owned(),
            schema_version: Authentication::SCHEMA_VERSION,
            occurred_at: Timestamp(record.occurred_at.microseconds()),
            recorded_at: Timestamp(self.last.microseconds()),
            effective_from: None,
            actor: ledger::Actor {
                id: record.mark.source.clone(),
                authentication: means.to_owned(),
                on_behalf_of: None,
            },
            command_id: Uuid::new_v5(&ledger_id, source.as_bytes()),
            correlation_id: None,
            causation_id: None,
            payload: record.payload().map_err(|error| CommitFault::of(&error))?,
            sealed,
            blobs: Vec::new(),
        })
    }
}

fn append(journal: &Journal, first: u64, envelopes: &[Envelope]) -> Result<(), CommitFault> {
    match journal.append(first, envelopes) {
        Ok(_) => Ok(()),
        Err(AppendError::NoRoom(source)) => Err(CommitFault::NoRoom(chain(&source))),
        Err(AppendError::Unknown {
            commit,
            hash,
            source,
        }) => match journal.settle(commit, hash) {
            Ok(true) => Ok(()),
            Ok(false) => Err(CommitFault::End(format!(
                "a write failed: {}",
                chain(&source)
            ))),
            Err(error) => Err(CommitFault::End(chain(&error))),
        },
        Err(error) => Err(CommitFault::of(&error)),
    }
}

/// Gives a record of this process its place in its source.
fn number(record: &mut Authentication, staged: &Staged<'_>) {
    let source = std::mem::take(&mut record.mark.source);
    let (last, digest): (u64, Hash) = staged.last(&source);
    record.mark = SourceMark {
        source,
        sequence: last + 1,
        previous: digest.to_string(),
    };
}

fn answer_all(waiting: &mut Vec<Request>, outcome: &Result<(), RecordError>) {
    for request in waiting.drain(..) {
        // Whoever no longer waits has given the login up.
        let _ = request.answer.send(outcome.clone());
    }
}

pub(super) fn lock(marks: &Mutex<Marks>) -> MutexGuard<'_, Marks> {
    marks.lock().unwrap_or_else(PoisonError::into_inner)
}
