//! Reading a journal in order: the full replay and the subscription. Both check that the chain holds.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::{EventBatch, Head, Journal, JournalError};
use crate::engine::{Engine, Follow, ReadError};
use crate::frame::Frame;
use crate::hash::Hash;
use crate::name::JournalName;

/// Checks that each frame continues the one before.
struct Chain {
    journal: JournalName,
    commit: u64,
    /// Unknown before the first frame, unless that is the first of the journal.
    before: Option<(Hash, u64)>,
}

impl Chain {
    fn new(journal: &JournalName, first_commit: u64) -> Self {
        let before = (first_commit == 1).then_some((Hash::ZERO, 0));
        Self {
            journal: journal.clone(),
            commit: first_commit,
            before,
        }
    }

    fn check(&mut self, frame: &Frame) -> Result<(), JournalError> {
        let position = self
            .before
            .map_or_else(|| frame.first_position(), |(_, position)| position);
        let broken = |what| JournalError::Chain {
            commit: self.commit,
            position,
            what,
        };
        if frame.journal() != self.journal.as_str() {
            return Err(broken("journal"));
        }
        if frame.commit() != self.commit {
            return Err(broken("commit number"));
        }
        if self
            .before
            .is_some_and(|(hash, _)| hash != frame.previous())
        {
            return Err(broken("previous hash"));
        }
        if position != frame.first_position() {
            return Err(broken("position"));
        }
        self.commit += 1;
        self.before = Some((frame.hash(), frame.next_position()));
        Ok(())
    }
}

/// How much one thread of a replay takes at a time.
const PIECE_BYTES: usize = 1024 * 1024;
/// Threads that hash: with the caller's own they keep two cores busy.
const HASHERS: usize = 2;

type Piece = Result<Vec<Frame>, ReadError>;

/// Where the threads of one replay stand: what comes next, and the number of the piece it comes in.
struct Cursor {
    next: u64,
    last: u64,
    piece: u64,
}

/// An iterator over all events of a journal up to its head; see [`Journal::replay`].
pub struct Replay {
    pieces: Receiver<(u64, Piece)>,
    /// Pieces that arrived before their turn.
    early: BTreeMap<u64, Piece>,
    next_piece: u64,
    ready: std::vec::IntoIter<Frame>,
    chain: Chain,
    from: u64,
    head: Head,
    ended: bool,
}

impl Replay {
    pub(super) fn start(journal: &Journal, first: u64, from: u64, head: Head) -> Self {
        // A few pieces in flight keep all sides busy and bound the memory.
        let (sender, pieces) = sync_channel(2 * HASHERS);
        let cursor = Arc::new(Mutex::new(Cursor {
            next: first,
            last: head.commit,
            piece: 0,
        }));
        for _ in 0..HASHERS {
            let (engine, cursor, sender) = (
                Arc::clone(journal.engine()),
                Arc::clone(&cursor),
                sender.clone(),
            );
            std::thread::spawn(move || {
                while let Some(piece) = next_piece(&*engine, &cursor) {
                    if sender.send(piece).is_err() {
                        return;
                    }
                }
            });
        }
        Self {
            pieces,
            early: BTreeMap::new(),
            next_piece: 0,
            ready: Vec::new().into_iter(),
            chain: Chain::new(journal.name(), first),
            from,
            head,
            ended: false,
        }
    }

    fn advance(&mut self) -> Result<Option<EventBatch>, JournalError> {
        loop {
            if self.chain.commit > self.head.commit {
                return Ok(None);
            }
            if let Some(frame) = self.ready.next() {
                self.chain.check(&frame)?;
                return Ok(Some(EventBatch::new(frame, self.from)));
            }
            self.ready = self.receive()?.into_iter();
        }
    }

    /// The next piece in order.
    fn receive(&mut self) -> Piece {
        loop {
            if let Some(piece) = self.early.remove(&self.next_piece) {
                self.next_piece += 1;
                return piece;
            }
            let Ok((number, piece)) = self.pieces.recv() else {
                let position = self
                    .chain
                    .before
                    .map_or(self.from, |(_, position)| position);
                let what = "it is missing".to_owned();
                return Err(ReadError::Damaged {
                    commit: self.chain.commit,
                    position,
                    what,
                });
            };
            self.early.insert(number, piece);
        }
    }
}

/// Reads the next piece, in turn, and verifies its frames, beside the other threads.
fn next_piece(engine: &dyn Engine, cursor: &Mutex<Cursor>) -> Option<(u64, Piece)> {
    let (number, frames) = {
        let mut cursor = cursor.lock().unwrap_or_else(PoisonError::into_inner);
        if cursor.next > cursor.last {
            return None;
        }
        let read = engine.read_unverified(cursor.next, PIECE_BYTES);
        // Nothing, or an error, ends the replay: the caller is told and no thread reads on.
        let last = read
            .as_ref()
            .ok()
            .and_then(|frames| frames.last())
            .map(Frame::commit);
        cursor.next = last.map_or(u64::MAX, |last| last + 1);
        let number = cursor.piece;
        cursor.piece += 1;
        match read {
            Ok(frames) if frames.is_empty() => return None,
            Ok(frames) => (number, frames),
            Err(error) => return Some((number, Err(error))),
        }
    };
    let verified = frames.into_iter().map(|frame| match frame.verify() {
        Ok(()) => Ok(frame),
        // The engine verifies, and reads around damage where it has another copy.
        Err(cause) => {
            let again = engine.read(frame.commit(), 0)?;
            let position = frame.first_position();
            again
                .into_iter()
                .next()
                .ok_or_else(|| ReadError::damaged(frame.commit(), position, &cause))
        }
    });
    Some((number, verified.collect()))
}

impl Iterator for Replay {
    type Item = Result<EventBatch, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.advance().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// The events of a journal from a position on, first the past, then live; see [`Journal::subscribe`].
pub struct Subscription {
    follow: Follow,
    chain: Chain,
    from: u64,
}

impl Subscription {
    pub(super) fn new(journal: &Journal, first: u64, from: u64) -> Self {
        let follow = Follow::new(Arc::clone(journal.engine()), first);
        Self {
            follow,
            chain: Chain::new(journal.name(), first),
            from,
        }
    }

    /// The next events; waits where there are none. [`ReadError::Closed`] ends the subscription.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<EventBatch, JournalError> {
        loop {
            let frame = self.follow.next().await?;
            if let Some(batch) = self.accept(frame)? {
                return Ok(batch);
            }
        }
    }

    /// The next events where the journal has some now.
    pub fn try_next(&mut self) -> Result<Option<EventBatch>, JournalError> {
        while let Some(frame) = self.follow.try_next()? {
            if let Some(batch) = self.accept(frame)? {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    fn accept(&mut self, frame: Frame) -> Result<Option<EventBatch>, JournalError> {
        self.chain.check(&frame)?;
        // A subscription may begin at a position that is yet to come.
        Ok((frame.next_position() > self.from).then(|| EventBatch::new(frame, self.from)))
    }
}
