//! The embedded engine: a tail of pre-zeroed segment files, and sled filled from it in the background.
//!
//! The tail is the commit point: one write and one `fdatasync` for each frame, then the acknowledgement. sled is
//! the second copy. It heals the tail and the tail heals it (`recover`); it answers reads where a segment has
//! gone or a record no longer reads. Segments are kept until tiles exist, because until then the two are the
//! only copies; [`EmbeddedOptions::delete_copied_segments`] trades that for space.
//! Tiles, and healing from them, come with the tamper-evidence work and have no place here yet.

mod copy;
mod filler;
mod record;
mod recover;
mod scan;
mod segment;
mod tail;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

pub use recover::RecoverError;

use super::memory::check_follows;
use super::{AppendError, Engine, ReadError, Repair, Tail as End};
use crate::frame::{FRAME_BYTES_MAX, Frame, FrameError};
use crate::name::JournalName;
use copy::CopyHead;
use filler::Filler;
use recover::Second;
use tail::{Tail, TailRead, WriteError};

/// How an embedded journal is kept.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// The size of a segment file, in bytes; a larger frame gets a segment of its own. At least 4,096.
    pub segment_bytes: u64,
    /// How long frames may wait for the second copy to be synced.
    pub copy_sync_interval: Duration,
    /// Whether segments are deleted once the second copy durably holds them. Off by default: until tiles
    /// exist, what is deleted here has no copy that could heal it.
    pub delete_copied_segments: bool,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            segment_bytes: 16 * 1024 * 1024,
            copy_sync_interval: Duration::from_secs(1),
            delete_copied_segments: false,
        }
    }
}

/// One journal on disk.
pub struct EmbeddedEngine {
    directory: PathBuf,
    parts: Arc<Parts>,
    filler: Filler,
    writer: Mutex<Writer>,
    sender: Mutex<Option<watch::Sender<End>>>,
    /// Keeps the ledger's directory locked for as long as this journal is open.
    guard: Mutex<Option<Arc<dyn Send + Sync>>>,
}

/// What the writer, the readers and the filler share.
struct Parts {
    tail: Tail,
    copy: Mutex<Option<Arc<copy::Copy>>>,
    journal: JournalName,
    repairs: Mutex<Vec<Repair>>,
    troubles: Mutex<Vec<String>>,
}

/// More alarms than this say nothing new.
const TROUBLES_MAX: usize = 16;

struct Writer {
    buffer: Vec<u8>,
    ended: bool,
    /// Whether a write failed, so that nobody knows what is on the disk.
    failed: bool,
}

impl EmbeddedEngine {
    /// Makes the files of an empty journal in `directory`, which the caller then gives its durable name.
    pub fn create(directory: &Path, options: &EmbeddedOptions) -> Result<(), RecoverError> {
        recover::create(directory, &sane(options))
    }

    /// Opens the journal `name` in `directory`: every byte of the tail is read and compared with the chain and
    /// the second copy; what can be healed is healed, anything else is refused. `guard` is held until close.
    pub fn open(
        directory: &Path,
        name: &JournalName,
        options: &EmbeddedOptions,
        guard: Arc<dyn Send + Sync>,
    ) -> Result<Self, RecoverError> {
        let options = sane(options);
        let recovered = recover::recover(directory, name, &options)?;
        let end = recovered.tail.end();
        let (copy, head) = match recovered.copy {
            Second::Open(copy, head) => (Some(Arc::new(copy)), Ok(head)),
            Second::Missing => (None, Ok(CopyHead::default())),
            Second::Unreachable(error) => (None, Err(error)),
        };
        let parts = Arc::new(Parts {
            tail: recovered.tail,
            copy: Mutex::new(copy),
            journal: name.clone(),
            repairs: Mutex::default(),
            troubles: Mutex::default(),
        });
        for what in recovered.repairs {
            parts.note_repair(what);
        }
        let sled = recover::Paths::new(directory).sled;
        let filler = Filler::start(Arc::clone(&parts), sled, head, options);
        Ok(Self {
            directory: directory.to_owned(),
            parts,
            filler,
            writer: Mutex::new(Writer {
                buffer: Vec::new(),
                ended: false,
                failed: false,
            }),
            sender: Mutex::new(Some(watch::Sender::new(end))),
            guard: Mutex::new(Some(guard)),
        })
    }

    fn is_closed(&self) -> bool {
        self.sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_none()
    }
}

/// A segment must hold its header, its footer and something between.
fn sane(options: &EmbeddedOptions) -> EmbeddedOptions {
    let segment_bytes = options
        .segment_bytes
        .clamp(4_096, 1 << 30)
        .next_multiple_of(4_096);
    EmbeddedOptions {
        segment_bytes,
        ..options.clone()
    }
}

impl Engine for EmbeddedEngine {
    fn tail(&self) -> Result<End, ReadError> {
        if self.is_closed() {
            Err(ReadError::Closed)
        } else {
            Ok(self.parts.tail.end())
        }
    }

    fn append(&self, expected_commit: u64, frame: &Frame) -> Result<End, AppendError> {
        // A writer that panicked may have left half a change: it has ended.
        let mut writer = self.writer.lock().map_err(|_| AppendError::Ended)?;
        if writer.ended {
            return Err(AppendError::Ended);
        }
        let actual = self.parts.tail.end();
        if actual.commit != expected_commit {
            return Err(AppendError::Conflict { actual });
        }
        check_follows(actual, frame)?;
        if frame.first_position() != self.parts.tail.next_position() {
            return Err(AppendError::Refused(FrameError::Inconsistent));
        }
        match self.parts.tail.write(frame, &mut writer.buffer) {
            Ok(()) => {}
            Err(WriteError::NoRoom(error)) => return Err(AppendError::NoRoom(error)),
            Err(WriteError::Failed(error)) => {
                writer.ended = true;
                writer.failed = true;
                tracing::error!(commit = frame.commit(), %error, "writing to the journal failed; the writer ends");
                return Err(AppendError::Unknown(error));
            }
        }
        let end = self.parts.tail.end();
        if let Some(sender) = &*self.sender.lock().unwrap_or_else(PoisonError::into_inner) {
            sender.send_replace(end);
        }
        self.filler.notify(end.commit);
        Ok(end)
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, ReadError> {
        if self.is_closed() {
            return Err(ReadError::Closed);
        }
        self.parts.read(from.max(1), bytes_max)
    }

    fn read_unverified(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, ReadError> {
        if self.is_closed() {
            return Err(ReadError::Closed);
        }
        match self.parts.tail.read_unverified(from.max(1), bytes_max) {
            TailRead::Frames(frames) => Ok(frames),
            TailRead::End => Ok(Vec::new()),
            _ => self.parts.read(from.max(1), bytes_max),
        }
    }

    fn watch(&self) -> watch::Receiver<End> {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        match &*sender {
            Some(sender) => sender.subscribe(),
            None => watch::channel(self.parts.tail.end()).1,
        }
    }

    fn frame_bytes_max(&self) -> usize {
        FRAME_BYTES_MAX
    }

    fn is_writable(&self) -> bool {
        self.writer.lock().is_ok_and(|writer| !writer.ended)
    }

    fn repairs(&self) -> Vec<Repair> {
        self.parts
            .repairs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn troubles(&self) -> Vec<String> {
        self.parts
            .troubles
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn close(&self) {
        let failed = {
            let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            writer.ended = true;
            writer.failed
        };
        let was_open = self
            .sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .is_some();
        if !was_open {
            return;
        }
        let copied = self.filler.stop();
        // Dropping the database ends its threads and its lock before ours goes.
        self.parts
            .copy
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let end = self.parts.tail.end();
        // Without the copy at rest the mark would claim an end that only the tail knows, which is still true;
        // after a failed write nobody knows the end, and no mark is made.
        if !failed && let Err(error) = recover::mark_closed(&self.directory, end) {
            tracing::warn!(%error, copied, "marking the journal as closed failed");
        }
        self.guard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

impl Drop for EmbeddedEngine {
    fn drop(&mut self) {
        self.close();
    }
}

impl Parts {
    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, ReadError> {
        let tail = self.tail.read(from, bytes_max);
        let is_gone = matches!(tail, TailRead::Gone);
        let failure = match tail {
            TailRead::Frames(frames) => return Ok(frames),
            TailRead::End => return Ok(Vec::new()),
            TailRead::Gone => {
                let what = "the second copy does not have it".to_owned();
                ReadError::Damaged {
                    commit: from,
                    position: 0,
                    what,
                }
            }
            TailRead::Damaged { position, cause } => ReadError::damaged(from, position, &cause),
            TailRead::Failed(source) => ReadError::Store {
                commit: from,
                source,
            },
        };
        let to = self.tail.first_commit().saturating_sub(1).max(from);
        let copy = self
            .copy
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let frames = copy
            .and_then(|copy| copy.read(from, to, bytes_max).ok())
            .unwrap_or_default();
        if frames.is_empty() {
            self.raise(&format!("{failure}; no copy has it"));
            return Err(failure);
        }
        if !is_gone {
            // Opening the journal again mends it; until then whoever runs it must know that one copy is left.
            self.raise(&format!("{failure}; it is read from the second copy"));
        }
        Ok(frames)
    }

    /// Keeps what was healed, and logs it.
    fn note_repair(&self, what: String) {
        tracing::warn!(journal = %self.journal, repair = what, "the journal was repaired");
        self.repairs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Repair { what });
    }

    /// Raises an alarm and logs it, once for each thing that is wrong.
    fn raise(&self, what: &str) {
        let what = format!("journal {}: {what}", self.journal);
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        if troubles.len() < TROUBLES_MAX && !troubles.contains(&what) {
            tracing::error!(trouble = what, "the journal is served with a fault");
            troubles.push(what);
        }
    }
}
