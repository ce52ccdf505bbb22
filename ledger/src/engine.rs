//! What an engine must offer: an ordered, durable log of frames with compare-and-append, and nothing more.
//!
//! The trait is synchronous. The only writer is the registrar's own thread, for which a call is two context
//! switches cheaper than a future, and folds and replays compute more than they wait. An engine over the
//! network blocks on its runtime inside the call. Followers are asynchronous through [`Follow`]: they wait for
//! [`Engine::watch`] and then read, so that catching up and following live are one path that cannot skip.

pub mod embedded;
pub mod memory;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use tokio::sync::watch;

use crate::frame::{Frame, FrameError};
use crate::hash::Hash;

/// The end of a log: the number and hash of its last frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tail {
    /// The last commit number; 0 where the log is empty.
    pub commit: u64,
    /// The last frame's hash; zeros where the log is empty.
    pub hash: Hash,
}

/// Why a read gave no frames.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store could not be read.
    #[error("reading frame {commit} failed")]
    Store {
        /// The commit number that was to be read.
        commit: u64,
        /// What the store said.
        #[source]
        source: io::Error,
    },
    /// The stored bytes are not the frame that belongs there, and no good copy is at hand.
    #[error("frame {commit}, which begins at or after position {position}, is damaged: {what}")]
    Damaged {
        /// The commit number of the bad frame.
        commit: u64,
        /// The first position that cannot be trusted.
        position: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The engine was closed.
    #[error("the journal is closed")]
    Closed,
}

impl ReadError {
    pub(crate) fn damaged(commit: u64, position: u64, cause: &FrameError) -> Self {
        Self::Damaged {
            commit,
            position,
            what: cause.to_string(),
        }
    }
}

/// Why a frame was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The log has grown past the expected commit: nothing was written.
    #[error("the log is at commit {}", actual.commit)]
    Conflict {
        /// Where the log is.
        actual: Tail,
    },
    /// The frame does not follow the tail, or is longer than the engine takes: nothing was written.
    #[error("frame cannot be appended")]
    Refused(#[source] FrameError),
    /// Nothing was written, and a later attempt may succeed (a full disk).
    #[error("there is no room for the frame")]
    NoRoom(#[source] io::Error),
    /// The write or the sync failed: the frame may or may not be in the log. The writer has ended; the
    /// log must be opened again and its tail asked for the frame's hash. Never retry blindly.
    #[error("whether the frame was written is unknown")]
    Unknown(#[source] io::Error),
    /// An earlier write or sync failed, or the engine was closed: this writer appends nothing any more.
    #[error("the writer has ended; open the ledger again")]
    Ended,
}

/// Something an engine healed, in words for the operator and for the event that records it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repair {
    /// What was wrong and what was done.
    pub what: String,
}

/// An ordered, durable log of frames with compare-and-append.
pub trait Engine: Send + Sync {
    /// The end of the log.
    fn tail(&self) -> Result<Tail, ReadError>;

    /// Appends `frame` if the log is at `expected_commit`. On `Ok` the frame is durable.
    fn append(&self, expected_commit: u64, frame: &Frame) -> Result<Tail, AppendError>;

    /// Frames from commit number `from` on, in order and without gaps: at least one where there is one, then
    /// as many as fit in `bytes_max`. Each frame's own hash has been verified; the chain is the caller's.
    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, ReadError>;

    /// The same, but the frames' hashes may be left unverified: for a caller that verifies them on several
    /// threads, and calls [`Engine::read`] for a frame that fails.
    fn read_unverified(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, ReadError> {
        self.read(from, bytes_max)
    }

    /// Changes whenever the log has durably grown. Its sender goes away when the engine is closed.
    fn watch(&self) -> watch::Receiver<Tail>;

    /// The longest frame this engine takes, in bytes.
    fn frame_bytes_max(&self) -> usize;

    /// Whether appends are still possible (no write has failed, not closed).
    fn is_writable(&self) -> bool;

    /// What was healed since the engine was opened.
    fn repairs(&self) -> Vec<Repair> {
        Vec::new()
    }

    /// What does not work although the log is served: alarms for the operator.
    fn troubles(&self) -> Vec<String> {
        Vec::new()
    }

    /// Ends the writer and all followers, and brings everything in the background to rest.
    fn close(&self);
}

/// How much a catch-up read takes at a time.
pub(crate) const READ_BYTES: usize = 4 * 1024 * 1024;

/// Frames from a commit number on: first what is there, then what comes, without gaps.
pub struct Follow {
    engine: Arc<dyn Engine>,
    tail: watch::Receiver<Tail>,
    next_commit: u64,
    ready: VecDeque<Frame>,
}

impl Follow {
    /// Follows `engine` from commit number `from` (1 is the first).
    pub fn new(engine: Arc<dyn Engine>, from: u64) -> Self {
        let tail = engine.watch();
        Self {
            engine,
            tail,
            next_commit: from.max(1),
            ready: VecDeque::new(),
        }
    }

    /// The next frame; waits for it where the log has no more. [`ReadError::Closed`] ends the sequence.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Frame, ReadError> {
        loop {
            if let Some(frame) = self.pop() {
                return Ok(frame);
            }
            if self.behind() {
                let (engine, from) = (Arc::clone(&self.engine), self.next_commit);
                let read = move || engine.read(from, READ_BYTES);
                let frames = match tokio::runtime::Handle::try_current() {
                    Ok(runtime) => runtime
                        .spawn_blocking(read)
                        .await
                        .map_err(|_| ReadError::Closed)??,
                    Err(_) => read()?,
                };
                self.ready = frames.into();
            } else {
                self.tail.changed().await.map_err(|_| ReadError::Closed)?;
            }
        }
    }

    /// The next frame where the log has one now.
    pub fn try_next(&mut self) -> Result<Option<Frame>, ReadError> {
        if self.ready.is_empty() && self.behind() {
            self.ready = self.engine.read(self.next_commit, READ_BYTES)?.into();
        }
        Ok(self.pop())
    }

    fn behind(&mut self) -> bool {
        self.tail.borrow_and_update().commit >= self.next_commit
    }

    fn pop(&mut self) -> Option<Frame> {
        let frame = self.ready.pop_front()?;
        self.next_commit = frame.commit() + 1;
        Some(frame)
    }
}
