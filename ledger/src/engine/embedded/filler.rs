//! The background of one journal: fills and syncs the second copy, checks it once, and prepares segments.
//!
//! Nothing here is on the way of a commit. When it fails, it raises an alarm and stops; the tail keeps every
//! frame, and no segment is deleted that the copy does not durably hold.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::copy::{Copy, CopyHead, is_of_the_machine};
use super::tail::TailRead;
use super::{EmbeddedOptions, Parts};
use crate::durable::remove;
use crate::hash::Hash;

/// How much goes into one batch of the copy.
const BATCH_BYTES: usize = 1024 * 1024;
/// Frames that arrive within this time go into one batch.
const GATHER: Duration = Duration::from_millis(50);

#[derive(Default)]
struct State {
    tail_commit: u64,
    stop: bool,
}

#[derive(Default)]
struct Signal {
    state: Mutex<State>,
    /// Rung for new frames and for the stop.
    work: Condvar,
    /// Rung for the stop alone.
    stop: Condvar,
}

impl Signal {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handle of the background thread.
pub(super) struct Filler {
    signal: Arc<Signal>,
    thread: Mutex<Option<JoinHandle<bool>>>,
}

impl Filler {
    pub(super) fn start(
        parts: Arc<Parts>,
        sled: PathBuf,
        head: io::Result<CopyHead>,
        options: EmbeddedOptions,
    ) -> Self {
        let signal = Arc::new(Signal::default());
        signal.state().tail_commit = parts.tail.end().commit;
        let work = Work {
            parts,
            sled,
            options,
            filled: 0,
            durable: 0,
            synced_at: Instant::now(),
        };
        let thread = std::thread::spawn({
            let signal = Arc::clone(&signal);
            move || work.run(&signal, head)
        });
        Self {
            signal,
            thread: Mutex::new(Some(thread)),
        }
    }

    /// Tells of frames up to `commit`.
    pub(super) fn notify(&self, commit: u64) {
        self.signal.state().tail_commit = commit;
        self.signal.work.notify_one();
    }

    /// Fills and syncs the rest, then ends. Says whether the copy holds everything.
    pub(super) fn stop(&self) -> bool {
        self.signal.state().stop = true;
        self.signal.work.notify_all();
        self.signal.stop.notify_all();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        thread
            .and_then(|thread| thread.join().ok())
            .unwrap_or(false)
    }
}

struct Work {
    parts: Arc<Parts>,
    sled: PathBuf,
    options: EmbeddedOptions,
    filled: u64,
    durable: u64,
    synced_at: Instant,
}

impl Work {
    fn run(mut self, signal: &Signal, head: io::Result<CopyHead>) -> bool {
        let copied = head
            .and_then(|head| self.prepare(head))
            .and_then(|copy| self.work(signal, &copy));
        if let Err(error) = &copied {
            self.parts
                .raise(&format!("the second copy is not kept up: {error}"));
        }
        copied.is_ok()
    }

    /// Opens the copy where there is none, and checks once that what it has is whole.
    fn prepare(&mut self, head: CopyHead) -> io::Result<Arc<Copy>> {
        let existing = self.copy().clone();
        if let Some(copy) = existing {
            if holds_chain(&copy, head)? {
                (self.filled, self.durable) = (head.commit, head.commit);
                return Ok(copy);
            }
            if self.parts.tail.first_commit() > 1 {
                return Err(io::Error::other(
                    "a part that only the second copy holds is damaged",
                ));
            }
            self.parts
                .note_repair("the second copy was damaged and is built anew".to_owned());
            drop(copy);
            self.copy().take();
            remove(&self.sled)?;
        }
        let copy = Arc::new(open_new(&self.sled)?);
        *self.copy() = Some(Arc::clone(&copy));
        Ok(copy)
    }

    fn copy(&self) -> MutexGuard<'_, Option<Arc<Copy>>> {
        self.parts
            .copy
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&mut self, signal: &Signal, copy: &Copy) -> io::Result<()> {
        loop {
            let (tail_commit, stop) = self.wait(signal);
            while self.filled < tail_commit {
                match self.parts.tail.read(self.filled + 1, BATCH_BYTES) {
                    TailRead::Frames(frames) => {
                        copy.put(&frames)?;
                        self.filled = frames
                            .last()
                            .map_or(self.filled, crate::frame::Frame::commit);
                    }
                    TailRead::Failed(error) => return Err(error),
                    TailRead::Damaged { .. } | TailRead::Gone | TailRead::End => {
                        return Err(io::Error::other(format!(
                            "the tail does not give frame {}",
                            self.filled + 1
                        )));
                    }
                }
            }
            let is_due = stop || self.synced_at.elapsed() >= self.options.copy_sync_interval;
            if self.filled > self.durable && is_due {
                copy.sync()?;
                self.durable = self.filled;
                self.synced_at = Instant::now();
                if self.options.delete_copied_segments {
                    self.parts.tail.remove_through(self.durable)?;
                }
            }
            if stop {
                return Ok(());
            }
            if self.parts.tail.wants_spare()
                && let Err(error) = self.parts.tail.prepare_spare()
            {
                // The commit that needs the segment will try again and answer its caller.
                tracing::warn!(%error, "preparing the next segment failed");
            }
        }
    }

    /// Waits for frames, for the time to sync, or for the stop; gathers what arrives together.
    fn wait(&self, signal: &Signal) -> (u64, bool) {
        let mut state = signal.state();
        while !state.stop && state.tail_commit <= self.filled {
            if self.filled == self.durable {
                state = signal
                    .work
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let due = self
                .options
                .copy_sync_interval
                .saturating_sub(self.synced_at.elapsed());
            if due.is_zero() {
                break;
            }
            state = signal
                .work
                .wait_timeout(state, due)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        if !state.stop {
            let not_stopped = |state: &mut State| !state.stop;
            let gathered = signal.stop.wait_timeout_while(state, GATHER, not_stopped);
            state = gathered.unwrap_or_else(PoisonError::into_inner).0;
        }
        (state.tail_commit, state.stop)
    }
}

fn open_new(directory: &Path) -> io::Result<Copy> {
    let copy = Copy::open(directory)?;
    if copy.head()?.commit > 0 {
        return Err(io::Error::other("a new second copy is not empty"));
    }
    Ok(copy)
}

/// Reads the whole copy once: sled can lose history without an error. An error is the machine's; the copy may
/// be good.
fn holds_chain(copy: &Copy, head: CopyHead) -> io::Result<bool> {
    let (mut next, mut hash) = (1, Hash::ZERO);
    while next <= head.commit {
        let frames = match copy.read(next, head.commit, BATCH_BYTES) {
            Err(error) if is_of_the_machine(&error) => return Err(error),
            read => read.unwrap_or_default(),
        };
        if frames.is_empty() {
            return Ok(false);
        }
        for frame in frames {
            if frame.commit() != next || frame.previous() != hash {
                return Ok(false);
            }
            (next, hash) = (next + 1, frame.hash());
        }
    }
    Ok(hash == head.hash)
}
