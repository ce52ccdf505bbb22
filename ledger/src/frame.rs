//! Frames: the events of one group commit, chained to the frame before.
//!
//! A frame is a header (magic, version, commit number, first position, event count, body length, hash of the
//! previous frame, journal), a body (each leaf behind a two-byte length, as C2SP entry bundles hold them), and
//! its own hash: SHA-256 over the header and the RFC 6962 leaf hashes, so that one pass over the leaves serves
//! the chain and the Merkle tree. It knows nothing of where frames are kept.

use bytes::{BufMut, Bytes, BytesMut};

use crate::envelope::LEAF_BYTES_MAX;
use crate::hash::{Hash, Hasher};
use crate::name::JournalName;
use crate::wire::Reader;

/// The longest frame the embedded and the memory engine take: 16 MiB. A larger request is refused whole.
pub const FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;

const MAGIC: [u8; 4] = *b"TNFR";
const VERSION: u8 = 1;

/// Why bytes are not a frame, or not the frame they claim to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The bytes do not begin as a frame does.
    #[error("bytes do not begin with a frame's mark")]
    NoFrame,
    /// The version is not known to this program.
    #[error("frame version {0} is not known")]
    UnknownVersion(u8),
    /// The bytes end inside this part.
    #[error("frame ends inside its {0}")]
    Truncated(&'static str),
    /// The journal's name is not a valid one.
    #[error("frame names no valid journal")]
    Journal,
    /// Header and body disagree on lengths or counts.
    #[error("frame header and body disagree")]
    Inconsistent,
    /// The hash over the content is not the one at its end.
    #[error("frame content does not give the frame's hash")]
    HashMismatch,
    /// A frame holds at least one event and at most 2^32 - 1.
    #[error("frame holds no event, or too many")]
    Count,
    /// One leaf is longer than a leaf may be.
    #[error("leaf of {0} bytes is longer than 65535")]
    LeafTooLong(usize),
    /// The frame would be longer than [`FRAME_BYTES_MAX`].
    #[error("frame of {0} bytes is longer than 16 MiB")]
    TooLong(usize),
}

/// One frame: its exact bytes and what its header says. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    bytes: Bytes,
    commit: u64,
    first_position: u64,
    count: u32,
    previous: Hash,
    hash: Hash,
    journal: (usize, usize),
    body: (usize, usize),
}

impl Frame {
    /// Builds the frame of `leaves`, which follow `previous` as commit number `commit`.
    pub fn build<'a>(
        journal: &JournalName,
        previous: Hash,
        commit: u64,
        first_position: u64,
        leaves: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
    ) -> Result<Self, FrameError> {
        let count = u32::try_from(leaves.len()).map_err(|_| FrameError::Count)?;
        if count == 0 || first_position.checked_add(u64::from(count)).is_none() {
            return Err(FrameError::Count);
        }
        let mut body_length = 0_usize;
        for leaf in leaves.clone() {
            if leaf.len() > LEAF_BYTES_MAX {
                return Err(FrameError::LeafTooLong(leaf.len()));
            }
            body_length += leaf.len() + 2;
        }
        let name = journal.as_str().as_bytes();
        let header_length = MAGIC.len() + 1 + 8 + 8 + 4 + 4 + 32 + 1 + name.len();
        let total = header_length + body_length + 32;
        if total > FRAME_BYTES_MAX {
            return Err(FrameError::TooLong(total));
        }
        let mut bytes = BytesMut::with_capacity(total);
        bytes.put_slice(&MAGIC);
        bytes.put_u8(VERSION);
        bytes.put_u64(commit);
        bytes.put_u64(first_position);
        bytes.put_u32(count);
        bytes.put_u32(u32::try_from(body_length).expect("the frame cap is far below 4 GiB"));
        bytes.put_slice(&previous.0);
        bytes.put_u8(u8::try_from(name.len()).expect("a journal name has at most 64 bytes"));
        bytes.put_slice(name);
        let mut hasher = Hasher::new();
        hasher.update(&bytes);
        let mut buffer = Vec::new();
        for leaf in leaves {
            hasher.update(&Hash::of_leaf_in(leaf, &mut buffer).0);
            bytes.put_u16(u16::try_from(leaf.len()).expect("leaf lengths were checked above"));
            bytes.put_slice(leaf);
        }
        let hash = hasher.finish();
        bytes.put_slice(&hash.0);
        Ok(Self {
            bytes: bytes.freeze(),
            commit,
            first_position,
            count,
            previous,
            hash,
            journal: (header_length - name.len(), header_length),
            body: (header_length, header_length + body_length),
        })
    }

    /// Reads a frame and checks all of it, its hash included.
    pub fn decode(bytes: Bytes) -> Result<Self, FrameError> {
        let frame = Self::parse(bytes)?;
        frame.verify()?;
        Ok(frame)
    }

    /// Reads a frame and checks its shape but not its hash; [`Frame::verify`] must follow.
    pub fn parse(bytes: Bytes) -> Result<Self, FrameError> {
        let cut = FrameError::Truncated;
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(FrameError::TooLong(bytes.len()));
        }
        let mut reader = Reader::new(&bytes);
        if reader.array::<4>() != Some(MAGIC) {
            return Err(FrameError::NoFrame);
        }
        let version = reader.u8().ok_or(cut("header"))?;
        if version != VERSION {
            return Err(FrameError::UnknownVersion(version));
        }
        let commit = reader.u64().ok_or(cut("header"))?;
        let first_position = reader.u64().ok_or(cut("header"))?;
        let count = reader.u32().ok_or(cut("header"))?;
        let body_length = reader.u32().ok_or(cut("header"))? as usize;
        let previous = Hash(reader.array().ok_or(cut("header"))?);
        let name = reader.short().ok_or(cut("journal"))?;
        if !JournalName::is_valid(name) {
            return Err(FrameError::Journal);
        }
        let header_length = bytes.len() - reader.remaining();
        let journal = (header_length - name.len(), header_length);
        let mut body = Reader::new(reader.take(body_length).ok_or(cut("body"))?);
        let hash = Hash(reader.array().ok_or(cut("hash"))?);
        if reader.remaining() > 0
            || count == 0
            || first_position.checked_add(u64::from(count)).is_none()
        {
            return Err(FrameError::Inconsistent);
        }
        for _ in 0..count {
            body.long().ok_or(FrameError::Inconsistent)?;
        }
        if body.remaining() > 0 {
            return Err(FrameError::Inconsistent);
        }
        let body = (header_length, header_length + body_length);
        Ok(Self {
            bytes,
            commit,
            first_position,
            count,
            previous,
            hash,
            journal,
            body,
        })
    }

    /// Computes the hash over the content and compares it with the stored one.
    pub fn verify(&self) -> Result<(), FrameError> {
        let mut hasher = Hasher::new();
        hasher.update(&self.bytes[..self.body.0]);
        let mut buffer = Vec::new();
        for leaf in self.leaves() {
            hasher.update(&Hash::of_leaf_in(leaf, &mut buffer).0);
        }
        if hasher.finish() == self.hash {
            Ok(())
        } else {
            Err(FrameError::HashMismatch)
        }
    }

    /// The exact stored bytes.
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The commit number: 1 for the first frame of a journal, then without gaps.
    pub const fn commit(&self) -> u64 {
        self.commit
    }

    /// The position of the first event.
    pub const fn first_position(&self) -> u64 {
        self.first_position
    }

    /// The position that follows the last event.
    pub const fn next_position(&self) -> u64 {
        // Construction refused sums that overflow.
        self.first_position + self.count as u64
    }

    /// How many events the frame holds; at least one.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The hash of the frame before; zeros for the first.
    pub const fn previous(&self) -> Hash {
        self.previous
    }

    /// This frame's hash.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The journal the frame belongs to.
    pub fn journal(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.journal.0..self.journal.1]).unwrap_or_default()
    }

    /// The leaves (encoded envelopes), in order.
    pub fn leaves(&self) -> Leaves<'_> {
        Leaves(Reader::new(&self.bytes[self.body.0..self.body.1]))
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame")
            .field("journal", &self.journal())
            .field("commit", &self.commit)
            .field("first_position", &self.first_position)
            .field("count", &self.count)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// The leaves of one frame.
#[derive(Clone, Copy)]
pub struct Leaves<'a>(Reader<'a>);

#[expect(
    clippy::copy_iterator,
    reason = "it is copied with its user, and each copy begins where the original stands"
)]
impl<'a> Iterator for Leaves<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        self.0.long()
    }
}
