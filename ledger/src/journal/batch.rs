//! The events of one frame, as consumers receive them.

use crate::envelope::{DecodeError, Envelope, EnvelopeView};
use crate::frame::{Frame, Leaves};

use super::JournalError;

/// The events of one frame from a wanted position on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct EventBatch {
    frame: Frame,
    from: u64,
}

impl EventBatch {
    /// The events of `frame` from position `from` on (all, where the frame begins later).
    pub fn new(frame: Frame, from: u64) -> Self {
        let from = from.clamp(frame.first_position(), frame.next_position());
        Self { frame, from }
    }

    /// The frame the events came in: its commit number, hash and journal.
    pub const fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The position of the first event here.
    pub const fn first_position(&self) -> u64 {
        self.from
    }

    /// The position that follows the last event.
    pub const fn next_position(&self) -> u64 {
        self.frame.next_position()
    }

    /// The events in order, borrowed from the frame.
    pub fn events(&self) -> Events<'_> {
        let mut leaves = self.frame.leaves();
        let skip = usize::try_from(self.from - self.frame.first_position()).unwrap_or(usize::MAX);
        if skip > 0 {
            let _ = leaves.nth(skip - 1);
        }
        Events {
            leaves,
            position: self.from,
        }
    }

    /// The events in order, owned.
    pub fn to_envelopes(&self) -> Result<Vec<Envelope>, JournalError> {
        self.events()
            .map(|event| event.map(|view| view.to_envelope()))
            .collect()
    }
}

/// The events of one batch.
#[derive(Clone)]
pub struct Events<'a> {
    leaves: Leaves<'a>,
    position: u64,
}

impl<'a> Iterator for Events<'a> {
    type Item = Result<EnvelopeView<'a>, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let leaf = self.leaves.next()?;
        let position = self.position;
        self.position += 1;
        Some(match EnvelopeView::decode(leaf) {
            Ok(view) if view.position == position => Ok(view),
            Ok(_) => Err(JournalError::Envelope {
                position,
                source: DecodeError::Text("position"),
            }),
            Err(source) => Err(JournalError::Envelope { position, source }),
        })
    }
}
