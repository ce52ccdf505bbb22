//! The tail: the commit point. One write and one `fdatasync` for each frame, into pre-zeroed segments.
//!
//! Owns writing, and reading by commit number through a sparse index; whether what it holds is whole is
//! decided by `scan` and `recover` before it is built.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;

use super::record::{self, BLOCK_BYTES};
use super::segment::{self, CreateError, FOOTER_BYTES, HEADER_BYTES, SegmentHeader};
use crate::durable::{remove, sync_directory};
use crate::engine::Tail as End;
use crate::frame::{Frame, FrameError};

/// Bytes between two entries of the index: what a random read has to walk through at most.
pub(super) const ANCHOR_BYTES: u64 = 64 * 1024;
/// How much of the newest frames stays in memory for followers.
const RECENT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A known place of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchor {
    pub(super) commit: u64,
    pub(super) position: u64,
    pub(super) offset: u64,
}

/// One segment as the readers see it.
#[derive(Clone)]
pub(super) struct SegmentIndex {
    pub(super) file: Arc<File>,
    pub(super) path: PathBuf,
    pub(super) header: SegmentHeader,
    /// Where the last durable record ends.
    pub(super) end: u64,
    pub(super) anchors: Vec<Anchor>,
}

impl SegmentIndex {
    pub(super) fn open(path: PathBuf, header: SegmentHeader) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        Ok(Self {
            file: Arc::new(file),
            path,
            header,
            end: HEADER_BYTES as u64,
            anchors: Vec::new(),
        })
    }

    /// Counts the record of `frame` at the end of this segment in.
    pub(super) fn push(&mut self, commit: u64, position: u64, record_bytes: usize) {
        if self
            .anchors
            .last()
            .is_none_or(|last| self.end - last.offset >= ANCHOR_BYTES)
        {
            self.anchors.push(Anchor {
                commit,
                position,
                offset: self.end,
            });
        }
        self.end += record_bytes as u64;
    }

    fn room(&self) -> u64 {
        (self.header.length - FOOTER_BYTES as u64).saturating_sub(self.end)
    }
}

struct Index {
    segments: Vec<SegmentIndex>,
    recent: VecDeque<Frame>,
    recent_bytes: usize,
    end: End,
    next_position: u64,
}

/// Why a frame was not written.
pub(super) enum WriteError {
    /// The disk has no room for the next segment: nothing of the frame was written.
    NoRoom(io::Error),
    /// A write or a sync failed: the frame may be there or not.
    Failed(io::Error),
}

/// The segments of one journal.
pub(super) struct Tail {
    directory: PathBuf,
    segment_bytes: u64,
    /// One preparation at a time: the writer may need the very segment that the background is preparing.
    preparing: Mutex<()>,
    index: RwLock<Index>,
}

/// What a read of the tail gave.
pub(super) enum TailRead {
    /// Frames, at least one.
    Frames(Vec<Frame>),
    /// The log has nothing from there on.
    End,
    /// The segment that held it is gone; the second copy has it.
    Gone,
    /// The bytes are not what was written.
    Damaged { position: u64, cause: FrameError },
    /// The file could not be read.
    Failed(io::Error),
}

impl Tail {
    pub(super) fn new(
        directory: &Path,
        segment_bytes: u64,
        segments: Vec<SegmentIndex>,
        end: End,
        next_position: u64,
    ) -> Self {
        let index = Index {
            segments,
            recent: VecDeque::new(),
            recent_bytes: 0,
            end,
            next_position,
        };
        Self {
            directory: directory.to_owned(),
            segment_bytes,
            preparing: Mutex::default(),
            index: RwLock::new(index),
        }
    }

    pub(super) fn end(&self) -> End {
        self.read_index(|index| index.end)
    }

    pub(super) fn first_commit(&self) -> u64 {
        self.read_index(|index| {
            index
                .segments
                .first()
                .map_or(1, |segment| segment.header.first_commit)
        })
    }

    pub(super) fn next_position(&self) -> u64 {
        self.read_index(|index| index.next_position)
    }

    /// Whether a spare segment should be prepared: the current one is half full and none is ready.
    pub(super) fn wants_spare(&self) -> bool {
        let half_full = self.read_index(|index| {
            index
                .segments
                .last()
                .is_some_and(|last| last.room() < last.header.length / 2)
        });
        half_full && !segment::spare_path(&self.directory).exists()
    }

    pub(super) fn prepare_spare(&self) -> io::Result<()> {
        let _preparing = self
            .preparing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if segment::spare_path(&self.directory).exists() {
            return Ok(());
        }
        segment::prepare_spare(&self.directory, self.segment_bytes)
    }

    /// Makes durable what was found in the files, before anything of it is served.
    ///
    /// After a crash the newest record, and the footer that names the newest segment, may stand in the kernel's
    /// memory alone. They are written again before they are synced, because after a sync that failed the kernel
    /// takes the pages for written and would sync nothing. The same bytes in the same place tear nothing.
    pub(super) fn make_durable(&self) -> io::Result<()> {
        // A full segment is synced before the first record of the next: only the newest two can lag.
        let newest = self.read_index(|index| {
            let first = index.segments.len().saturating_sub(2);
            index.segments[first..].to_vec()
        });
        for segment in &newest {
            let last = segment.anchors.last().map(|anchor| anchor.offset);
            rewrite(&segment.file, last.unwrap_or(segment.end), segment.end)?;
            let length = segment.header.length;
            rewrite(&segment.file, length - FOOTER_BYTES as u64, length)?;
            segment.file.sync_data()?;
        }
        sync_directory(&self.directory)
    }

    /// Writes `frame`, which the caller has checked to follow the end. Only one thread may call this at a time.
    /// `buffer` is scratch space.
    pub(super) fn write(&self, frame: &Frame, buffer: &mut Vec<u8>) -> Result<(), WriteError> {
        record::encode(frame.bytes(), buffer);
        let room = self.read_index(|index| index.segments.last().map_or(0, SegmentIndex::room));
        if room < buffer.len() as u64 {
            self.roll(frame, buffer.len())?;
        }
        let place = self.read_index(|index| {
            index
                .segments
                .last()
                .map(|last| (Arc::clone(&last.file), last.end))
        });
        let (file, offset) =
            place.ok_or_else(|| WriteError::Failed(io::ErrorKind::NotFound.into()))?;
        // One write and one fdatasync; neither is ever tried again, because after a failed sync the kernel may
        // have dropped the pages and would report success.
        file.write_all_at(buffer, offset)
            .and_then(|()| file.sync_data())
            .map_err(WriteError::Failed)?;
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = index.segments.last_mut() {
            last.push(frame.commit(), frame.first_position(), buffer.len());
        }
        index.end = End {
            commit: frame.commit(),
            hash: frame.hash(),
        };
        index.next_position = frame.next_position();
        index.recent_bytes += frame.bytes().len();
        index.recent.push_back(frame.clone());
        while index.recent_bytes > RECENT_BYTES_MAX && index.recent.len() > 1 {
            let dropped = index
                .recent
                .pop_front()
                .map_or(0, |frame| frame.bytes().len());
            index.recent_bytes -= dropped;
        }
        Ok(())
    }

    fn roll(&self, frame: &Frame, record_bytes: usize) -> Result<(), WriteError> {
        let needed = (HEADER_BYTES + record_bytes + FOOTER_BYTES) as u64;
        let header = SegmentHeader {
            length: self.segment_bytes.max(needed.next_multiple_of(4_096)),
            first_commit: frame.commit(),
            first_position: frame.first_position(),
            previous: frame.previous(),
        };
        let file = {
            let _preparing = self
                .preparing
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            segment::create(&self.directory, &header).map_err(|error| match error {
                CreateError::NoRoom(source) => WriteError::NoRoom(source),
                CreateError::Failed(source) => WriteError::Failed(source),
            })?
        };
        let full = self.read_index(|index| index.segments.last().cloned());
        if let Some(full) = full.filter(|full| full.header.first_commit != header.first_commit) {
            segment::write_footer(
                &full.file,
                full.header.length,
                header.first_commit,
                header.previous,
            )
            .map_err(WriteError::Failed)?;
        }
        let segment = SegmentIndex {
            file: Arc::new(file),
            path: self.directory.join(segment::file_name(header.first_commit)),
            header,
            end: HEADER_BYTES as u64,
            anchors: Vec::new(),
        };
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        // A first segment too small for its first frame is replaced under its own name.
        index
            .segments
            .retain(|other| other.header.first_commit != header.first_commit);
        index.segments.push(segment);
        Ok(())
    }

    /// Frames from commit number `from` on, each verified, up to `bytes_max` but at least one.
    pub(super) fn read(&self, from: u64, bytes_max: usize) -> TailRead {
        self.read_with(from, bytes_max, Frame::decode)
    }

    /// The same without verifying the frames' hashes.
    pub(super) fn read_unverified(&self, from: u64, bytes_max: usize) -> TailRead {
        self.read_with(from, bytes_max, Frame::parse)
    }

    fn read_with(&self, from: u64, bytes_max: usize, decode: Decode) -> TailRead {
        let place = {
            let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
            if from > index.end.commit {
                return TailRead::End;
            }
            if let Some(first) = index
                .recent
                .front()
                .map(Frame::commit)
                .filter(|first| *first <= from)
            {
                let skip = usize::try_from(from - first).unwrap_or(usize::MAX);
                return TailRead::Frames(take(index.recent.iter().skip(skip), bytes_max));
            }
            let segment = index
                .segments
                .partition_point(|segment| segment.header.first_commit <= from);
            let Some(segment) = segment.checked_sub(1).map(|at| &index.segments[at]) else {
                return TailRead::Gone;
            };
            let anchor = segment
                .anchors
                .partition_point(|anchor| anchor.commit <= from);
            let Some(anchor) = anchor.checked_sub(1).map(|at| segment.anchors[at]) else {
                return TailRead::Gone;
            };
            (Arc::clone(&segment.file), anchor, segment.end)
        };
        let (file, anchor, end) = place;
        read_records(&file, (anchor, end), from, bytes_max, decode)
    }

    /// Removes the segments whose frames all lie at or below `commit`, except the last one.
    pub(super) fn remove_through(&self, commit: u64) -> io::Result<()> {
        let mut removed = Vec::new();
        {
            let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
            while index
                .segments
                .get(1)
                .is_some_and(|next| next.header.first_commit <= commit + 1)
            {
                removed.push(index.segments.remove(0).path);
            }
        }
        for path in &removed {
            remove(path)?;
        }
        if removed.is_empty() {
            Ok(())
        } else {
            sync_directory(&self.directory)
        }
    }

    fn read_index<T>(&self, read: impl FnOnce(&Index) -> T) -> T {
        // The index is changed only by code that cannot panic half way.
        read(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes the bytes of a file again as they are.
fn rewrite(file: &File, from: u64, to: u64) -> io::Result<()> {
    let mut bytes = vec![0; usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX)];
    file.read_exact_at(&mut bytes, from)?;
    file.write_all_at(&bytes, from)
}

type Decode = fn(Bytes) -> Result<Frame, FrameError>;

fn take<'a>(frames: impl Iterator<Item = &'a Frame>, bytes_max: usize) -> Vec<Frame> {
    let mut room = bytes_max;
    let mut out = Vec::new();
    for frame in frames {
        if !out.is_empty() && frame.bytes().len() > room {
            break;
        }
        room = room.saturating_sub(frame.bytes().len());
        out.push(frame.clone());
    }
    out
}

/// Walks from the anchor to `from` and takes frames from there. All frames of one call share one buffer.
fn read_records(
    file: &File,
    (anchor, end): (Anchor, u64),
    from: u64,
    bytes_max: usize,
    decode: Decode,
) -> TailRead {
    let position = anchor.position;
    let damaged = |cause| TailRead::Damaged { position, cause };
    let (mut offset, mut commit) = (anchor.offset, anchor.commit);
    let mut out = Vec::new();
    let mut room = bytes_max;
    // The window starts as small as the wish allows and grows to whole records where they are larger.
    let mut window = (bytes_max as u64)
        .saturating_add(ANCHOR_BYTES)
        .min(end - offset);
    loop {
        let mut buffer = vec![0; usize::try_from(window).unwrap_or(usize::MAX)];
        if let Err(error) = file.read_exact_at(&mut buffer, offset) {
            return TailRead::Failed(error);
        }
        let chunk = Bytes::from(buffer);
        let mut at = 0;
        while let Some((bytes, total)) = record::frame_at(&chunk, at, chunk.len()) {
            if commit >= from {
                let frame = match decode(bytes) {
                    Ok(frame) if frame.commit() == commit => frame,
                    Ok(_) => return damaged(FrameError::Inconsistent),
                    Err(cause) => return damaged(cause),
                };
                if !out.is_empty() && frame.bytes().len() > room {
                    return TailRead::Frames(out);
                }
                room = room.saturating_sub(frame.bytes().len());
                out.push(frame);
            }
            commit += 1;
            at += total;
            if offset + at as u64 >= end {
                break;
            }
        }
        offset += at as u64;
        if !out.is_empty() {
            return TailRead::Frames(out);
        }
        if offset >= end {
            return damaged(FrameError::NoFrame);
        }
        // Nothing wanted was whole in this window: take the next one, large enough for its first record.
        let rest = if at == 0 { &chunk[..] } else { &chunk[at..] };
        let wanted = match record::declared_bytes(rest) {
            Some(record) => record as u64,
            None if rest.len() >= BLOCK_BYTES => return damaged(FrameError::NoFrame),
            None => ANCHOR_BYTES,
        };
        if at == 0 && wanted <= window {
            return damaged(FrameError::NoFrame);
        }
        window = wanted.max(ANCHOR_BYTES).min(end - offset);
    }
}
