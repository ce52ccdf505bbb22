//! Journals: named sequences of events above any engine.
//!
//! Owns positions, the hash chain and compare-and-append by position; durability is the engine's, stream
//! versions and command ids are the registrar's.

mod batch;
mod replay;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

pub use batch::EventBatch;
pub use replay::{Replay, Subscription};

use crate::blobs::{BlobError, Blobs};
use crate::durable::is_no_room;
use crate::engine::{self, Engine, ReadError, Tail};
use crate::envelope::{DecodeError, EncodeError, Envelope, EnvelopeView};
use crate::frame::{Frame, FrameError};
use crate::hash::Hash;
use crate::name::JournalName;
use crate::vault::{Vault, VaultError};

/// Where a journal ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Head {
    /// The last commit number; 0 where the journal is empty.
    pub commit: u64,
    /// The last frame's hash; zeros where the journal is empty.
    pub hash: Hash,
    /// The position that the next event gets; also the number of events.
    pub next_position: u64,
}

/// What an append that is durable gives.
#[derive(Clone, Debug)]
pub struct Appended {
    /// The frame as it is stored.
    pub frame: Frame,
    /// The journal's head after it.
    pub head: Head,
}

/// Why events were not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The journal has grown past the expected position: nothing was written. Fold the new events, decide again.
    #[error("the journal is at position {actual}")]
    Conflict {
        /// The position that the next event would get.
        actual: u64,
    },
    /// An event is not of this ledger or journal, or its position is not the one it would get: nothing was written.
    #[error("event {index} of the batch has another {what} than the place it is appended to")]
    Misplaced {
        /// Which event of the batch, from 0.
        index: usize,
        /// What differs.
        what: &'static str,
    },
    /// An event cannot be encoded: nothing was written.
    #[error("encoding event {index} of the batch failed")]
    Encode {
        /// Which event of the batch, from 0.
        index: usize,
        /// Why.
        #[source]
        source: EncodeError,
    },
    /// The batch is empty or larger than one frame: nothing was written.
    #[error("framing the batch failed")]
    Frame(#[source] FrameError),
    /// The keys of the sealed fields could not be made durable: nothing was written.
    #[error("making the vault durable failed")]
    Vault(#[source] VaultError),
    /// The sealed documents could not be made durable: nothing was written.
    #[error("making the documents durable failed")]
    Blobs(#[source] BlobError),
    /// Nothing was written, and a later attempt may succeed (a full disk).
    #[error("there is no room for the events")]
    NoRoom(#[source] std::io::Error),
    /// Whether the events were written is unknown; ask [`Journal::settle`] once the ledger has been opened again.
    #[error("whether the events were written is unknown")]
    Unknown {
        /// The commit number they would have.
        commit: u64,
        /// The hash of their frame.
        hash: Hash,
        /// What the store said.
        #[source]
        source: std::io::Error,
    },
    /// An earlier write failed, or the ledger was closed: this writer appends nothing any more.
    #[error("the writer has ended; open the ledger again")]
    Ended,
    /// The journal's head could not be read.
    #[error("reading the journal's head failed")]
    Head(#[source] ReadError),
}

impl AppendError {
    /// A vault that the disk has no room for is no fault of the writer: it goes on once there is room.
    fn of_vault(error: VaultError) -> Self {
        match error {
            VaultError::Store { source, .. } if is_no_room(&source) => Self::NoRoom(source),
            error => Self::Vault(error),
        }
    }

    fn of_blobs(error: BlobError) -> Self {
        match error {
            BlobError::Store { source, .. } if is_no_room(&source) => Self::NoRoom(source),
            error => Self::Blobs(error),
        }
    }
}

/// Why events could not be read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The engine could not give the frames.
    #[error("reading frames failed")]
    Read(#[from] ReadError),
    /// The frame does not continue the chain.
    #[error("frame {commit} at position {position} does not continue the journal: another {what}")]
    Chain {
        /// The commit number of the frame.
        commit: u64,
        /// The first position that cannot be trusted.
        position: u64,
        /// What differs.
        what: &'static str,
    },
    /// The stored event is not an envelope of this place.
    #[error("the event at position {position} cannot be read")]
    Envelope {
        /// Its position.
        position: u64,
        /// Why.
        #[source]
        source: DecodeError,
    },
}

/// One journal of one ledger. Cheap to clone; clones share one writer.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

struct Shared {
    ledger_id: Uuid,
    name: JournalName,
    engine: Arc<dyn Engine>,
    vault: Arc<dyn Vault>,
    blobs: Arc<dyn Blobs>,
    head: Mutex<Head>,
    /// Known (first position, commit) pairs, which shorten the search for a position.
    anchors: Mutex<BTreeMap<u64, u64>>,
}

/// Above this many anchors the map is emptied; it is a cache and refills where it is used.
const ANCHORS_MAX: usize = 4_096;

impl Journal {
    pub(crate) fn open(
        ledger_id: Uuid,
        name: JournalName,
        engine: Arc<dyn Engine>,
        vault: Arc<dyn Vault>,
        blobs: Arc<dyn Blobs>,
    ) -> Result<Self, ReadError> {
        let head = read_head(&*engine)?;
        check_ledger(&*engine, head, ledger_id)?;
        let (head, anchors) = (Mutex::new(head), Mutex::default());
        Ok(Self {
            shared: Arc::new(Shared {
                ledger_id,
                name,
                engine,
                vault,
                blobs,
                head,
                anchors,
            }),
        })
    }

    /// The ledger's id.
    pub fn ledger_id(&self) -> Uuid {
        self.shared.ledger_id
    }

    /// The journal's name.
    pub fn name(&self) -> &JournalName {
        &self.shared.name
    }

    /// The engine below, for conformance tests and followers of frames.
    pub fn engine(&self) -> &Arc<dyn Engine> {
        &self.shared.engine
    }

    /// Whether appends are still possible.
    pub fn is_writable(&self) -> bool {
        self.shared.engine.is_writable()
    }

    /// Where the journal ends now.
    pub fn head(&self) -> Result<Head, ReadError> {
        let mut head = self.lock_head();
        self.refresh(&mut head)?;
        Ok(*head)
    }

    /// Appends `events` as one frame if the journal is at `expected_position`.
    ///
    /// On `Ok` the events are durable, and so were, before them, the vault's keys and the documents. The events
    /// carry their ledger, journal and position already; those are checked, the rest is not looked at.
    pub fn append(
        &self,
        expected_position: u64,
        events: &[Envelope],
    ) -> Result<Appended, AppendError> {
        let mut leaves = Vec::with_capacity(events.len());
        for (index, event) in events.iter().enumerate() {
            let misplaced = |what| AppendError::Misplaced { index, what };
            if event.ledger_id != self.shared.ledger_id {
                return Err(misplaced("ledger id"));
            }
            if event.journal != self.shared.name {
                return Err(misplaced("journal"));
            }
            if expected_position.checked_add(index as u64) != Some(event.position) {
                return Err(misplaced("position"));
            }
            leaves.push(
                event
                    .encode()
                    .map_err(|source| AppendError::Encode { index, source })?,
            );
        }
        self.append_leaves(expected_position, &leaves)
    }

    fn append_leaves(&self, expected: u64, leaves: &[Vec<u8>]) -> Result<Appended, AppendError> {
        let shared = &*self.shared;
        shared.vault.sync().map_err(AppendError::of_vault)?;
        shared.blobs.sync().map_err(AppendError::of_blobs)?;
        let mut head = self.lock_head();
        if expected != head.next_position {
            self.refresh(&mut head).map_err(AppendError::Head)?;
        }
        if expected != head.next_position {
            return Err(AppendError::Conflict {
                actual: head.next_position,
            });
        }
        let commit = head.commit + 1;
        let leaves = leaves.iter().map(Vec::as_slice);
        let frame = Frame::build(&shared.name, head.hash, commit, head.next_position, leaves)
            .map_err(AppendError::Frame)?;
        if frame.bytes().len() > shared.engine.frame_bytes_max() {
            return Err(AppendError::Frame(FrameError::TooLong(frame.bytes().len())));
        }
        match shared.engine.append(head.commit, &frame) {
            Ok(tail) => {
                *head = Head {
                    commit: tail.commit,
                    hash: tail.hash,
                    next_position: frame.next_position(),
                };
                Ok(Appended { frame, head: *head })
            }
            Err(engine::AppendError::Conflict { .. }) => {
                self.refresh(&mut head).map_err(AppendError::Head)?;
                Err(AppendError::Conflict {
                    actual: head.next_position,
                })
            }
            Err(engine::AppendError::Refused(cause)) => Err(AppendError::Frame(cause)),
            Err(engine::AppendError::NoRoom(source)) => Err(AppendError::NoRoom(source)),
            Err(engine::AppendError::Unknown(source)) => Err(AppendError::Unknown {
                commit,
                hash: frame.hash(),
                source,
            }),
            Err(engine::AppendError::Ended) => Err(AppendError::Ended),
        }
    }

    /// Whether the frame of an [`AppendError::Unknown`] is in the journal after all.
    pub fn settle(&self, commit: u64, hash: Hash) -> Result<bool, ReadError> {
        let frames = self.shared.engine.read(commit, 0)?;
        Ok(frames
            .first()
            .is_some_and(|frame| frame.commit() == commit && frame.hash() == hash))
    }

    /// The event at `position`; `None` where the journal is shorter.
    pub fn get(&self, position: u64) -> Result<Option<Envelope>, JournalError> {
        let Some(frame) = self.frame_of(position)? else {
            return Ok(None);
        };
        let batch = EventBatch::new(frame, position);
        let first = batch.events().next().transpose()?;
        Ok(first.as_ref().map(EnvelopeView::to_envelope))
    }

    /// The frame that holds `position`; `None` where the journal is shorter.
    pub fn frame_of(&self, position: u64) -> Result<Option<Frame>, JournalError> {
        let head = self.head()?;
        if position >= head.next_position {
            return Ok(None);
        }
        let mut anchors = self
            .shared
            .anchors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut low = anchors
            .range(..=position)
            .next_back()
            .map_or(1, |(_, commit)| *commit);
        let mut high = anchors
            .range(position + 1..)
            .next()
            .map_or(head.commit, |(_, commit)| commit - 1);
        while low <= high {
            let middle = low + (high - low) / 2;
            let frames = self.shared.engine.read(middle, 0)?;
            let Some(frame) = frames.into_iter().next() else {
                return Err(self.missing(middle, position));
            };
            if anchors.len() >= ANCHORS_MAX {
                anchors.clear();
            }
            anchors.insert(frame.first_position(), frame.commit());
            if position < frame.first_position() {
                high = middle - 1;
            } else if position >= frame.next_position() {
                low = middle + 1;
            } else {
                return Ok(Some(frame));
            }
        }
        Err(self.missing(low, position))
    }

    /// All events from `from` on, in order, up to the end at the time of the call.
    ///
    /// Frames are read and hashed on threads of their own, ahead of the caller.
    pub fn replay(&self, from: u64) -> Result<Replay, JournalError> {
        let head = self.head()?;
        let first = self.first_commit(from, head)?;
        Ok(Replay::start(self, first, from, head))
    }

    /// All events from `from` on: first what is there, then what comes, without gaps.
    pub fn subscribe(&self, from: u64) -> Result<Subscription, JournalError> {
        let head = self.head()?;
        let first = self.first_commit(from, head)?;
        Ok(Subscription::new(self, first, from))
    }

    fn first_commit(&self, from: u64, head: Head) -> Result<u64, JournalError> {
        if from == 0 {
            return Ok(1);
        }
        Ok(self
            .frame_of(from)?
            .map_or(head.commit + 1, |frame| frame.commit()))
    }

    fn missing(&self, commit: u64, position: u64) -> JournalError {
        let what = format!("it is missing from journal {}", self.shared.name);
        JournalError::Read(ReadError::Damaged {
            commit,
            position,
            what,
        })
    }

    fn lock_head(&self) -> MutexGuard<'_, Head> {
        // The head is replaced whole, so a panic elsewhere cannot leave it half changed.
        self.shared
            .head
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn refresh(&self, head: &mut Head) -> Result<(), ReadError> {
        let tail = self.shared.engine.tail()?;
        if (Tail {
            commit: head.commit,
            hash: head.hash,
        }) != tail
        {
            *head = read_head(&*self.shared.engine)?;
        }
        Ok(())
    }
}

/// Refuses a journal that was put here from another ledger.
fn check_ledger(engine: &dyn Engine, head: Head, ledger_id: Uuid) -> Result<(), ReadError> {
    let frames = if head.commit == 0 {
        Vec::new()
    } else {
        engine.read(head.commit, 0)?
    };
    let leaf = frames.first().and_then(|frame| frame.leaves().next());
    let found = leaf
        .and_then(|leaf| EnvelopeView::decode(leaf).ok())
        .map(|view| view.ledger_id);
    if head.commit > 0 && found != Some(ledger_id) {
        let what = "its events are not of this ledger".to_owned();
        return Err(ReadError::Damaged {
            commit: head.commit,
            position: 0,
            what,
        });
    }
    Ok(())
}

fn read_head(engine: &dyn Engine) -> Result<Head, ReadError> {
    let tail = engine.tail()?;
    if tail.commit == 0 {
        return Ok(Head::default());
    }
    let frames = engine.read(tail.commit, usize::MAX)?;
    let last = frames.last().ok_or_else(|| ReadError::Damaged {
        commit: tail.commit,
        position: 0,
        what: "the last frame is missing".to_owned(),
    })?;
    Ok(Head {
        commit: last.commit(),
        hash: last.hash(),
        next_position: last.next_position(),
    })
}
