//! The governance log as readers see it: decoded events with their positions, first the past and
//! then live, and sealed values for those who may open them.

use crate::codec::{DecodeError, Upcasters};
use domain::time::Instant;
use domain::{Event, SealedSlot};
use ledger::{Binding, EnvelopeView, Frame, Hash, Journal, JournalError, SealError, Sealer};
use std::sync::Arc;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Reads the governance journal. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    journal: Journal,
    sealer: Sealer,
    upcasters: Arc<Upcasters>,
}

/// Why events could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The journal could not give them.
    #[error("reading the governance journal failed")]
    Journal(#[from] JournalError),
    /// One of them could not be decoded.
    #[error("decoding a recorded event failed")]
    Decode(#[from] DecodeError),
}

/// Why a sealed value was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenValueError {
    /// The event with the value could not be read.
    #[error("reading the event with the value failed")]
    Read(#[from] JournalError),
    /// There is no such value.
    #[error("no value lies sealed there")]
    Missing,
    /// It does not open: no key, another place, or damage.
    #[error("the value does not open")]
    Seal(#[from] SealError),
    /// It is no text.
    #[error("the value is no text")]
    NotText,
}

/// An event with everything its envelope says.
#[derive(Clone, Debug)]
pub struct EventDetails {
    /// Where it stands in the governance journal.
    pub position: u64,
    /// Its own identifier.
    pub event_id: Uuid,
    /// The stream it belongs to.
    pub stream: String,
    /// Its number in that stream, from 0.
    pub stream_version: u64,
    /// The schema version it was written in.
    pub schema_version: u16,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// Who caused it, by reference.
    pub actor: ledger::Actor,
    /// The command it follows from.
    pub command_id: Uuid,
    /// Where the reason that was given lies sealed.
    pub reason: Option<SealedSlot>,
    /// The event.
    pub event: Event,
}

/// Some events in a row, all recorded in one commit.
#[derive(Clone, Debug)]
pub struct EventBatch(ledger::EventBatch, Arc<Upcasters>);

impl EventBatch {
    /// The position after the last event.
    pub fn next_position(&self) -> u64 {
        self.0.next_position()
    }

    /// Each event with its envelope, in order.
    pub fn events(&self) -> impl Iterator<Item = Result<(EnvelopeView<'_>, Event), ReadError>> {
        self.0.events().map(|view| {
            let view = view?;
            let event = self.1.decode(&view)?;
            Ok((view, event))
        })
    }

    /// The hash of the frame that carries them.
    pub fn frame_hash(&self) -> ledger::Hash {
        self.0.frame().hash()
    }
}

/// When a stored envelope says its event was recorded.
pub(crate) fn recorded_at(view: &EnvelopeView<'_>) -> Instant {
    Instant::from_microseconds(view.recorded_at.0)
}

/// Every event up to the end at the time of the call, in commits.
pub struct Replay(ledger::Replay, Arc<Upcasters>);

impl Iterator for Replay {
    type Item = Result<EventBatch, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.0.next()?.map_err(ReadError::from);
        Some(batch.map(|batch| EventBatch(batch, Arc::clone(&self.1))))
    }
}

/// Events in commits: first what is there, then what comes, without gaps.
pub struct Subscription(ledger::Subscription, Arc<Upcasters>);

impl Subscription {
    /// The next commit; waits where there is none. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<EventBatch, ReadError> {
        Ok(EventBatch(self.0.next().await?, Arc::clone(&self.1)))
    }

    /// The next commit where there is one now.
    pub fn try_next(&mut self) -> Result<Option<EventBatch>, ReadError> {
        let batch = self.0.try_next()?;
        Ok(batch.map(|batch| EventBatch(batch, Arc::clone(&self.1))))
    }
}

impl Log {
    pub(crate) fn new(journal: Journal, sealer: Sealer, upcasters: Arc<Upcasters>) -> Self {
        Self {
            journal,
            sealer,
            upcasters,
        }
    }

    /// How many events there are: the position that the next one gets.
    pub fn end(&self) -> Result<u64, ReadError> {
        Ok(self
            .journal
            .head()
            .map_err(JournalError::from)?
            .next_position)
    }

    /// The hash of the frame whose last event stands before `position`; none where no frame ends
    /// there. What was folded up to there is known by it.
    pub fn frame_before(&self, position: u64) -> Result<Option<Hash>, ReadError> {
        let Some(last) = position.checked_sub(1) else {
            return Ok(None);
        };
        let frame = self.journal.frame_of(last)?;
        let ends_there =
            |frame: &Frame| frame.first_position() + u64::from(frame.count()) == position;
        Ok(frame.filter(ends_there).map(|frame| frame.hash()))
    }

    /// Every event from position `from` on, up to the end as it is now.
    pub fn replay(&self, from: u64) -> Result<Replay, ReadError> {
        Ok(Replay(
            self.journal.replay(from)?,
            Arc::clone(&self.upcasters),
        ))
    }

    /// Every event from position `from` on, then every one that follows.
    pub fn subscribe(&self, from: u64) -> Result<Subscription, ReadError> {
        Ok(Subscription(
            self.journal.subscribe(from)?,
            Arc::clone(&self.upcasters),
        ))
    }

    /// The event at `position` with everything its envelope says; none where the log is shorter.
    pub fn details(&self, position: u64) -> Result<Option<EventDetails>, ReadError> {
        let Some(frame) = self.journal.frame_of(position)? else {
            return Ok(None);
        };
        let batch = ledger::EventBatch::new(frame, position);
        let Some(view) = batch.events().next().transpose()? else {
            return Ok(None);
        };
        let mut sealed = view.sealed;
        let reason = sealed.position(|field| field.field == REASON);
        Ok(Some(EventDetails {
            position,
            event_id: view.event_id,
            stream: view.stream.to_owned(),
            stream_version: view.stream_version,
            schema_version: view.schema_version,
            recorded_at: recorded_at(&view),
            actor: ledger::Actor {
                id: view.actor.id.to_owned(),
                authentication: view.actor.authentication.to_owned(),
                on_behalf_of: view.actor.on_behalf_of.map(str::to_owned),
            },
            command_id: view.command_id,
            reason: reason.and_then(|index| Some(SealedSlot(position, index.try_into().ok()?))),
            event: self.upcasters.decode(&view)?,
        }))
    }

    /// The digest of the content of the command whose first event stands at `position`, and when it
    /// was recorded.
    pub(crate) fn recorded_content(
        &self,
        position: u64,
    ) -> Result<(Zeroizing<Vec<u8>>, Instant), OpenValueError> {
        let envelope = self.journal.get(position)?.ok_or(OpenValueError::Missing)?;
        let sealed = envelope
            .sealed
            .iter()
            .find(|sealed| sealed.field == CONTENT)
            .ok_or(OpenValueError::Missing)?;
        let content = self
            .sealer
            .open(&binding(&envelope, &sealed.field), sealed)?;
        Ok((content, Instant::from_microseconds(envelope.recorded_at.0)))
    }

    /// The ledger's own identifier.
    pub fn ledger_id(&self) -> Uuid {
        self.journal.ledger_id()
    }

    /// Opens a sealed text. Only for answering a caller who may see it.
    pub fn open(&self, slot: SealedSlot) -> Result<Zeroizing<String>, OpenValueError> {
        let envelope = self.journal.get(slot.0)?.ok_or(OpenValueError::Missing)?;
        let sealed = envelope
            .sealed
            .get(usize::from(slot.1))
            .ok_or(OpenValueError::Missing)?;
        let value = self
            .sealer
            .open(&binding(&envelope, &sealed.field), sealed)?;
        let text = std::str::from_utf8(&value).map_err(|_| OpenValueError::NotText)?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

fn binding<'a>(envelope: &'a ledger::Envelope, field: &'a str) -> Binding<'a> {
    Binding {
        ledger_id: envelope.ledger_id,
        stream: &envelope.stream,
        event_id: envelope.event_id,
        event_type: &envelope.event_type,
        field,
    }
}

/// The sealed field that holds the reason that was given with a command.
pub(crate) const REASON: &str = "@reason";

/// The sealed field that holds the digest of the command's content.
pub(crate) const CONTENT: &str = "@content";
