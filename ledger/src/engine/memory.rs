//! The engine that keeps frames in memory: for tests, and for the demo where nothing need survive.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::{AppendError, Engine, ReadError, Tail};
use crate::frame::{FRAME_BYTES_MAX, Frame, FrameError};

/// A log in memory. "Durable" means: as long as this value lives.
#[derive(Default)]
pub struct MemoryEngine {
    state: Mutex<State>,
}

struct State {
    frames: Vec<Frame>,
    sender: Option<watch::Sender<Tail>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            frames: Vec::new(),
            sender: Some(watch::Sender::new(Tail::default())),
        }
    }
}

impl State {
    fn tail(&self) -> Tail {
        self.frames.last().map_or_else(Tail::default, |last| Tail {
            commit: last.commit(),
            hash: last.hash(),
        })
    }
}

impl MemoryEngine {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while holding the lock cannot leave a half-pushed frame.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for MemoryEngine {
    fn tail(&self) -> Result<Tail, ReadError> {
        Ok(self.state().tail())
    }

    fn append(&self, expected_commit: u64, frame: &Frame) -> Result<Tail, AppendError> {
        let mut state = self.state();
        let actual = state.tail();
        if state.sender.is_none() {
            return Err(AppendError::Ended);
        }
        if actual.commit != expected_commit {
            return Err(AppendError::Conflict { actual });
        }
        check_follows(actual, frame)?;
        state.frames.push(frame.clone());
        let tail = state.tail();
        if let Some(sender) = &state.sender {
            sender.send_replace(tail);
        }
        Ok(tail)
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<Frame>, ReadError> {
        let state = self.state();
        let start = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
        let mut room = bytes_max;
        let mut out = Vec::new();
        for frame in state.frames.iter().skip(start) {
            if !out.is_empty() && frame.bytes().len() > room {
                break;
            }
            room = room.saturating_sub(frame.bytes().len());
            out.push(frame.clone());
        }
        Ok(out)
    }

    fn watch(&self) -> watch::Receiver<Tail> {
        let state = self.state();
        match &state.sender {
            Some(sender) => sender.subscribe(),
            // The sender is gone at once, so a follower reads what is there and then learns of the end.
            None => watch::channel(state.tail()).1,
        }
    }

    fn frame_bytes_max(&self) -> usize {
        FRAME_BYTES_MAX
    }

    fn is_writable(&self) -> bool {
        self.state().sender.is_some()
    }

    fn close(&self) {
        self.state().sender = None;
    }
}

/// Refuses a frame that does not continue the chain at `tail`: the caller built it on something else.
pub(crate) fn check_follows(tail: Tail, frame: &Frame) -> Result<(), AppendError> {
    if frame.commit() != tail.commit + 1 || frame.previous() != tail.hash {
        return Err(AppendError::Refused(FrameError::Inconsistent));
    }
    Ok(())
}
