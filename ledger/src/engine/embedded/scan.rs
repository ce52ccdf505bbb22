//! Reading every byte of the tail at open: which frames are good, where the chain breaks, how it ends.
//!
//! It judges; it changes nothing. What to do about a flaw is decided in `recover`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::record::{self, BLOCK_BYTES, SECTOR_BYTES};
use super::segment::{self, FOOTER_BYTES, Footer, HEADER_BYTES, SegmentHeader};
use super::tail::SegmentIndex;
use crate::frame::Frame;
use crate::hash::Hash;
use crate::name::JournalName;

/// A stretch of frames that continue each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) first_commit: u64,
    pub(super) last_commit: u64,
    pub(super) last_hash: Hash,
    pub(super) next_position: u64,
}

/// How the tail ends behind its last good frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With zeros.
    Clean,
    /// With a write that never finished: a part of it is still zero. It was never acknowledged.
    Torn { offset: u64, end: u64 },
    /// With this many bytes that were written whole and are damaged: one record, or more.
    Damaged { extent: usize },
    /// Nobody can tell from the tail how far the log went.
    Unknown(&'static str),
}

/// What the tail holds.
pub(super) struct Scan {
    pub(super) segments: Vec<SegmentIndex>,
    pub(super) runs: Vec<Run>,
    /// Flaws other than the ending, in words.
    pub(super) flaws: Vec<String>,
    pub(super) ending: Ending,
}

impl Scan {
    pub(super) fn last(&self) -> Option<&Run> {
        self.runs.last()
    }

    fn accept(&mut self, frame: &Found) {
        if let Some(run) = self.runs.last_mut() {
            if frame.commit <= run.last_commit {
                self.flaws
                    .push(format!("frame {} stands twice", frame.commit));
                return;
            }
            let continues = frame.commit == run.last_commit + 1
                && frame.previous == run.last_hash
                && frame.first_position == run.next_position;
            if continues {
                run.last_commit = frame.commit;
                run.last_hash = frame.hash;
                run.next_position = frame.next_position;
                return;
            }
            self.flaws.push(format!(
                "frame {} does not continue frame {}",
                frame.commit, run.last_commit
            ));
        }
        let begins_well = frame.previous == Hash::ZERO && frame.first_position == 0;
        if frame.commit == 1 && !begins_well {
            self.flaws
                .push("the first frame continues another journal".to_owned());
            return;
        }
        self.runs.push(Run {
            first_commit: frame.commit,
            last_commit: frame.commit,
            last_hash: frame.hash,
            next_position: frame.next_position,
        });
    }
}

/// Segments that are read and hashed at the same time.
const AT_ONCE: usize = 2;

/// Reads the whole tail of `journal`.
pub(super) fn scan(directory: &Path, journal: &JournalName) -> io::Result<Scan> {
    let files = segment::list(directory)?;
    let ending = Ending::Unknown("the tail has no segment");
    let mut scan = Scan {
        segments: Vec::new(),
        runs: Vec::new(),
        flaws: Vec::new(),
        ending,
    };
    let mut left = files.len();
    for group in files.chunks(AT_ONCE) {
        let read: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = group
                .iter()
                .map(|(commit, path)| scope.spawn(|| Contents::read(path, *commit, journal)))
                .collect();
            threads
                .into_iter()
                .map(|thread| {
                    thread
                        .join()
                        .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
                })
                .collect()
        });
        for contents in read {
            left -= 1;
            take_in(&mut scan, contents?, left == 0)?;
        }
    }
    Ok(scan)
}

/// What one record says of its frame.
struct Found {
    commit: u64,
    first_position: u64,
    next_position: u64,
    previous: Hash,
    hash: Hash,
    bytes: usize,
}

/// What one segment holds, read without looking at the others.
struct Contents {
    path: PathBuf,
    header: Option<SegmentHeader>,
    named_commit: u64,
    length: u64,
    is_cut: bool,
    footer: Footer,
    found: Vec<Found>,
    /// Where bytes are bad although good frames follow.
    gaps: Vec<usize>,
    ending: Ending,
    /// Whether zeros follow the last record.
    zeros_follow: bool,
}

impl Contents {
    fn read(path: &Path, named_commit: u64, journal: &JournalName) -> io::Result<Self> {
        let bytes = Bytes::from(fs::read(path)?);
        let header =
            SegmentHeader::decode(&bytes).filter(|header| header.first_commit == named_commit);
        let is_cut = header.is_none_or(|header| header.length > bytes.len() as u64);
        let body_end = if is_cut {
            bytes.len()
        } else {
            bytes.len().saturating_sub(FOOTER_BYTES)
        };
        let footer = if is_cut {
            Footer::Open
        } else {
            Footer::decode(&bytes[body_end..])
        };
        let mut contents = Self {
            path: path.to_owned(),
            header,
            named_commit,
            length: bytes.len() as u64,
            is_cut,
            footer,
            found: Vec::new(),
            gaps: Vec::new(),
            ending: Ending::Clean,
            zeros_follow: false,
        };
        let mut at = HEADER_BYTES;
        while at + BLOCK_BYTES <= body_end {
            if let Some((frame, total)) = record_at(&bytes, at, body_end, journal) {
                contents.found.push(Found {
                    commit: frame.commit(),
                    first_position: frame.first_position(),
                    next_position: frame.next_position(),
                    previous: frame.previous(),
                    hash: frame.hash(),
                    bytes: total,
                });
                at += total;
                continue;
            }
            let rest = &bytes[at..body_end];
            if segment::is_zero(rest) {
                contents.zeros_follow = true;
                break;
            }
            let next = (at + BLOCK_BYTES..body_end)
                .step_by(BLOCK_BYTES)
                .find(|next| record_at(&bytes, *next, body_end, journal).is_some());
            let Some(next) = next else {
                contents.ending = judge_ending(rest, at);
                break;
            };
            // The readers' index must not skip the gap; recovery writes this segment anew in any case.
            contents.gaps.push(at);
            at = next;
        }
        Ok(contents)
    }
}

/// Puts one segment behind those before it.
fn take_in(scan: &mut Scan, contents: Contents, is_last: bool) -> io::Result<()> {
    let name = segment::file_name(contents.named_commit);
    let mut flaw = |is_there: bool, what: String| {
        if is_there {
            scan.flaws.push(what);
        }
    };
    flaw(
        contents.header.is_none(),
        format!("the header of {name} is damaged"),
    );
    flaw(contents.is_cut, format!("{name} is cut short"));
    let is_longer = contents
        .header
        .is_some_and(|header| header.length < contents.length);
    flaw(is_longer, format!("{name} is longer than it was made"));
    flaw(
        contents.footer == Footer::Damaged,
        format!("the end of {name} is damaged"),
    );
    for gap in &contents.gaps {
        flaw(true, format!("{name} is damaged at byte {gap}"));
    }
    flaw(
        !is_last && contents.ending != Ending::Clean,
        format!("the last part of {name} is damaged"),
    );
    let header = contents.header.unwrap_or(SegmentHeader {
        length: contents.length,
        first_commit: contents.named_commit,
        first_position: 0,
        previous: Hash::ZERO,
    });
    let mut index = SegmentIndex::open(contents.path, header)?;
    for found in &contents.found {
        scan.accept(found);
        index.push(found.commit, found.first_position, found.bytes);
    }
    scan.segments.push(index);
    scan.ending = match contents.footer {
        Footer::Continues(_) if is_last => Ending::Unknown("the segment that followed is missing"),
        Footer::Damaged if is_last => {
            Ending::Unknown("whether another segment followed cannot be told")
        }
        _ if is_last && contents.is_cut && !contents.zeros_follow => {
            Ending::Unknown("the last segment is cut short")
        }
        _ => contents.ending,
    };
    Ok(())
}

/// The frames of one segment that are good by themselves, in the order of the file.
pub(super) fn good_frames(path: &Path, journal: &JournalName) -> io::Result<Vec<Frame>> {
    let bytes = Bytes::from(fs::read(path)?);
    let mut out = Vec::new();
    let mut at = HEADER_BYTES;
    while at + BLOCK_BYTES <= bytes.len() {
        match record_at(&bytes, at, bytes.len(), journal) {
            Some((frame, total)) => {
                out.push(frame);
                at += total;
            }
            None => at += BLOCK_BYTES,
        }
    }
    Ok(out)
}

fn record_at(
    bytes: &Bytes,
    at: usize,
    body_end: usize,
    journal: &JournalName,
) -> Option<(Frame, usize)> {
    let (frame, total) = record::frame_at(bytes, at, body_end)?;
    let frame = Frame::decode(frame).ok()?;
    (frame.journal() == journal.as_str()).then_some((frame, total))
}

/// Judges bytes behind the last good frame that are not all zero and hold no good frame.
fn judge_ending(rest: &[u8], at: usize) -> Ending {
    let written = rest.len() - rest.iter().rev().take_while(|byte| **byte == 0).count();
    let extent = record::declared_bytes(rest).unwrap_or(written.next_multiple_of(BLOCK_BYTES));
    if extent > rest.len() || written > extent {
        return Ending::Unknown("the bytes behind the last good frame are damaged");
    }
    // Sectors are counted from the file's start: the first and the last piece may be parts of one.
    let mut piece_start = 0;
    while piece_start < extent {
        let piece_end = ((at + piece_start + 1).next_multiple_of(SECTOR_BYTES) - at).min(extent);
        if segment::is_zero(&rest[piece_start..piece_end]) {
            return Ending::Torn {
                offset: at as u64,
                end: (at + extent) as u64,
            };
        }
        piece_start = piece_end;
    }
    Ending::Damaged { extent }
}
