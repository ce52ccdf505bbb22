//! Opening a journal: compare the tail, the second copy and the chain; heal the one from the other where one
//! is good; otherwise refuse, naming the first position that cannot be trusted. Never silently.
//!
//! The end of the log is proved by one of three: the mark of a clean close; a tail that ends in zeros (or in a
//! write that never finished, which nobody was told of); or a last record that was written whole, is damaged,
//! and is the very one the second copy ends with. Where none holds, how much was acknowledged is not known,
//! and the journal is refused even where a copy has something to offer.
//!
//! What is found was not always synced: a writer killed between its write and its sync leaves a whole record in
//! the kernel's memory. It is made durable before it is served.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::EmbeddedOptions;
use super::copy::{Copy, CopyHead, is_of_the_machine};
use super::record::record_bytes;
use super::scan::{Ending, Run, Scan, scan};
use super::segment::{self, SegmentHeader};
use super::tail::{SegmentIndex, Tail, WriteError};
use crate::durable::{create_directory, remove, replace_file, sync_directory};
use crate::engine::Tail as End;
use crate::frame::Frame;
use crate::hash::Hash;
use crate::name::JournalName;
use crate::wire::Reader;

/// Why a journal's directory was refused.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// A file could not be read or written.
    #[error("{operation} failed")]
    Store {
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The journal is damaged and its two copies cannot settle it.
    #[error("damaged from position {position} (commit {commit}) on: {what}")]
    Damaged {
        /// The first position that cannot be trusted.
        position: u64,
        /// The commit number of its frame.
        commit: u64,
        /// What is wrong, and why it could not be healed.
        what: String,
    },
}

fn store(operation: &'static str) -> impl Fn(io::Error) -> RecoverError {
    move |source| RecoverError::Store { operation, source }
}

/// A journal that may be served.
pub(super) struct Recovered {
    pub(super) tail: Tail,
    pub(super) copy: Second,
    /// What was healed, in words.
    pub(super) repairs: Vec<String>,
}

/// The second copy, as it was found.
pub(super) enum Second {
    /// It agrees with the chain, and ends here.
    Open(Copy, CopyHead),
    /// There is none any more: it is built anew.
    Missing,
    /// The machine stood in the way of opening it. What it holds is not known, and it is left as it is.
    Unreachable(io::Error),
}

/// The paths of one journal.
pub(super) struct Paths {
    pub(super) tail: PathBuf,
    pub(super) sled: PathBuf,
    closed: PathBuf,
    rebuilt: PathBuf,
    writing: PathBuf,
    damaged: PathBuf,
}

impl Paths {
    pub(super) fn new(directory: &Path) -> Self {
        Self {
            tail: directory.join("tail"),
            sled: directory.join("sled"),
            closed: directory.join("closed"),
            rebuilt: directory.join("tail.rebuilt"),
            writing: directory.join("tail.writing"),
            damaged: directory.join("tail.damaged"),
        }
    }
}

/// Makes the directory of an empty journal under `directory`; the caller gives it its durable name.
pub(super) fn create(directory: &Path, options: &EmbeddedOptions) -> Result<(), RecoverError> {
    let paths = Paths::new(directory);
    create_directory(&paths.tail).map_err(store("making the journal's directory"))?;
    let header = SegmentHeader {
        length: options.segment_bytes,
        first_commit: 1,
        first_position: 0,
        previous: Hash::ZERO,
    };
    segment::create(&paths.tail, &header)
        .map_err(|error| store("making the first segment")(error.into()))?;
    Ok(())
}

/// Records that the log ends at `end`, so that the next opening can prove it.
pub(super) fn mark_closed(directory: &Path, end: End) -> io::Result<()> {
    let mut bytes = Vec::from(b"TNCLOSE1");
    bytes.extend_from_slice(&end.commit.to_be_bytes());
    bytes.extend_from_slice(&end.hash.0);
    let digest = Hash::of(&bytes);
    bytes.extend_from_slice(&digest.0);
    replace_file(&Paths::new(directory).closed, &bytes)
}

fn decode_closed(bytes: &[u8]) -> Option<End> {
    let (content, digest) = bytes.split_last_chunk::<32>()?;
    let mut reader = Reader::new(content);
    let magic = reader.array::<8>()?;
    let end = End {
        commit: reader.u64()?,
        hash: Hash(reader.array()?),
    };
    let valid = magic == *b"TNCLOSE1" && reader.remaining() == 0 && Hash::of(content).0 == *digest;
    valid.then_some(end)
}

/// Opens the journal `name` in `directory`, healing what can be healed.
pub(super) fn recover(
    directory: &Path,
    name: &JournalName,
    options: &EmbeddedOptions,
) -> Result<Recovered, RecoverError> {
    let paths = Paths::new(directory);
    finish_interrupted_rebuild(&paths).map_err(store("finishing an interrupted repair"))?;
    let mut repairs = Vec::new();
    let closed = crate::durable::read_if_there(&paths.closed)
        .map_err(store("reading the mark of closing"))?;
    let closed = closed.and_then(|bytes| decode_closed(&bytes));
    let (copy, copy_flaw) = match Copy::open(&paths.sled).and_then(|copy| Ok((copy.head()?, copy)))
    {
        Ok((head, copy)) => (Some((copy, head)), None),
        Err(error) => (None, Some(error)),
    };
    let mut scanned = scan(&paths.tail, name).map_err(store("reading the tail"))?;
    let plan = judge(&scanned, copy.as_ref(), closed, options)?;
    if plan.rebuild {
        let copy = copy.as_ref().map(|(copy, _)| copy);
        rebuild(&paths, name, options, &scanned, copy, &plan)?;
        repairs.push(format!("the tail was rebuilt: {}", plan.why()));
        scanned = scan(&paths.tail, name).map_err(store("reading the rebuilt tail"))?;
        let end = scanned.last().map_or(0, |run| run.last_commit);
        if !scanned.flaws.is_empty() || scanned.runs.len() > 1 || end != plan.end {
            return Err(damaged(
                &scanned,
                "the rebuilt tail is damaged too".to_owned(),
            ));
        }
    } else if let Ending::Torn { offset, end } = scanned.ending {
        cut_torn(&scanned, offset, end).map_err(store("cutting an unfinished write"))?;
        repairs.push("an unfinished, unacknowledged write was cut".to_owned());
    }
    let tail = build_tail(&paths, options, scanned);
    // Before anything of it is served or copied: a retry of its command is answered from what stands here.
    tail.make_durable()
        .map_err(store("making the newest frames durable"))?;
    let copy = settle_copy(&paths, &tail, (copy, copy_flaw), &mut repairs)?;
    // From here on the log may grow, so the mark must not survive a crash.
    remove(&paths.closed).map_err(store("removing the mark of closing"))?;
    sync_directory(directory).map_err(store("syncing the journal's directory"))?;
    Ok(Recovered {
        tail,
        copy,
        repairs,
    })
}

/// Judges the second copy by the tail, which is good; removes it where it is not.
fn settle_copy(
    paths: &Paths,
    tail: &Tail,
    (copy, flaw): (Option<(Copy, CopyHead)>, Option<io::Error>),
    repairs: &mut Vec<String>,
) -> Result<Second, RecoverError> {
    let was_empty = match copy {
        Some((copy, head)) if agrees(tail, &copy, head) => return Ok(Second::Open(copy, head)),
        // Closed here: its files cannot be removed while it is open.
        Some((_, head)) => head.commit == 0,
        None => false,
    };
    let what = flaw.as_ref().map_or_else(
        || "it did not agree with the chain".to_owned(),
        io::Error::to_string,
    );
    if tail.first_commit() > 1 {
        return Err(RecoverError::Damaged {
            position: 0,
            commit: 1,
            what: format!("the tail begins later and the second copy cannot be used: {what}"),
        });
    }
    if let Some(error) = flaw.filter(is_of_the_machine) {
        return Ok(Second::Unreachable(error));
    }
    if !was_empty || tail.end().commit > 0 {
        repairs.push(format!("the second copy is built anew: {what}"));
    }
    remove(&paths.sled).map_err(store("removing the bad second copy"))?;
    Ok(Second::Missing)
}

/// What must be done before the journal may be served.
struct Plan {
    rebuild: bool,
    /// The commit number that the log ends with.
    end: u64,
    flaws: Vec<String>,
}

impl Plan {
    fn why(&self) -> String {
        if self.flaws.is_empty() {
            "its end was missing".to_owned()
        } else {
            self.flaws.join("; ")
        }
    }
}

fn damaged(scan: &Scan, what: String) -> RecoverError {
    // The first run that begins at the journal's start is good; the first bad position follows it.
    let first = scan.runs.first().filter(|run| run.first_commit == 1);
    let (position, commit) = first.map_or((0, 1), |run| (run.next_position, run.last_commit + 1));
    RecoverError::Damaged {
        position,
        commit,
        what,
    }
}

fn judge(
    scan: &Scan,
    copy: Option<&(Copy, CopyHead)>,
    closed: Option<End>,
    options: &EmbeddedOptions,
) -> Result<Plan, RecoverError> {
    let tail_end = scan.last().map_or(0, |run| run.last_commit);
    let copy_end = copy.map_or(0, |(_, head)| head.commit);
    let refuse = |what: &str| {
        let mut reasons = scan.flaws.clone();
        reasons.push(what.to_owned());
        Err(damaged(scan, reasons.join("; ")))
    };
    let end = if let Some(closed) = closed {
        if let Some(run) = scan.last().filter(|run| run.last_commit == closed.commit)
            && run.last_hash != closed.hash
        {
            return refuse("the last frame is not the one the journal was closed with");
        }
        closed.commit.max(tail_end)
    } else {
        match &scan.ending {
            Ending::Clean | Ending::Torn { .. } if copy_end <= tail_end => tail_end,
            Ending::Damaged { .. } | Ending::Torn { .. }
                if copy_end == tail_end + 1 && is_last_record(copy, &scan.ending) =>
            {
                copy_end
            }
            Ending::Clean | Ending::Torn { .. } => {
                return refuse(
                    "the second copy holds later frames, and how many were acknowledged is not known",
                );
            }
            Ending::Damaged { .. } => {
                return refuse("the last record is damaged and no copy has it");
            }
            Ending::Unknown(what) => return refuse(what),
        }
    };
    if copy_end > end {
        return refuse(
            "the second copy holds later frames, and how many were acknowledged is not known",
        );
    }
    if end > tail_end && copy_end < end {
        return refuse("the end of the log is missing and no copy has it");
    }
    let starts_late = scan.runs.first().is_some_and(|run| run.first_commit > 1);
    let is_whole = scan.runs.len() <= 1 && scan.flaws.is_empty() && end == tail_end;
    let ends_well = matches!(scan.ending, Ending::Clean | Ending::Torn { .. });
    if starts_late && copy_end == 0 {
        return Err(RecoverError::Damaged {
            position: 0,
            commit: 1,
            what: "the tail does not begin at the first event and there is no second copy"
                .to_owned(),
        });
    }
    let mut flaws = scan.flaws.clone();
    // Segments that the policy did not delete are missing.
    let is_short = starts_late && !options.delete_copied_segments;
    if is_short {
        flaws.push("the first segment is missing".to_owned());
    }
    Ok(Plan {
        rebuild: is_short || !(is_whole && ends_well),
        end,
        flaws,
    })
}

/// Whether the copy's last frame, as a record, would take exactly the bytes that are bad.
fn is_last_record(copy: Option<&(Copy, CopyHead)>, ending: &Ending) -> bool {
    let extent = match ending {
        Ending::Torn { offset, end } => usize::try_from(end - offset).unwrap_or(usize::MAX),
        Ending::Damaged { extent } => *extent,
        _ => return false,
    };
    let Some((copy, head)) = copy else {
        return false;
    };
    let frames = copy.read(head.commit, head.commit, 0).unwrap_or_default();
    frames
        .first()
        .is_some_and(|frame| record_bytes(frame.bytes().len()) == extent)
}

fn finish_interrupted_rebuild(paths: &Paths) -> io::Result<()> {
    remove(&paths.writing)?;
    if paths.rebuilt.exists() {
        if paths.tail.exists() {
            remove(&paths.damaged)?;
            fs::rename(&paths.tail, &paths.damaged)?;
        }
        fs::rename(&paths.rebuilt, &paths.tail)?;
        crate::durable::sync_parent(&paths.tail)?;
    }
    Ok(())
}

/// Writes the whole tail anew from its good frames and, for the rest, from the second copy. The damaged files
/// are kept beside it.
fn rebuild(
    paths: &Paths,
    name: &JournalName,
    options: &EmbeddedOptions,
    scan: &Scan,
    copy: Option<&Copy>,
    plan: &Plan,
) -> Result<(), RecoverError> {
    let failed = store("rebuilding the tail");
    remove(&paths.writing).map_err(&failed)?;
    create_directory(&paths.writing).map_err(&failed)?;
    let mut good = scan
        .runs
        .iter()
        .copied()
        .filter(|run| run.first_commit <= plan.end)
        .peekable();
    let mut end = End::default();
    let mut next_position = 0;
    let writer = Tail::new(&paths.writing, options.segment_bytes, Vec::new(), end, 0);
    let mut buffer = Vec::new();
    if plan.end == 0 {
        let header = SegmentHeader {
            length: options.segment_bytes,
            first_commit: 1,
            first_position: 0,
            previous: Hash::ZERO,
        };
        segment::create(&paths.writing, &header).map_err(|error| failed(error.into()))?;
    }
    while end.commit < plan.end {
        let next = end.commit + 1;
        while good.peek().is_some_and(|run: &Run| run.last_commit < next) {
            good.next();
        }
        let in_tail = good.peek().is_some_and(|run| run.first_commit <= next);
        let frames = if in_tail {
            frames_of_scan(scan, name, next).map_err(&failed)?
        } else {
            let to = good.peek().map_or(plan.end, |run| run.first_commit - 1);
            copy.map(|copy| copy.read(next, to, 1024 * 1024))
                .transpose()
                .map_err(&failed)?
                .unwrap_or_default()
        };
        let mut progressed = false;
        for frame in frames {
            let follows = frame.commit() == end.commit + 1
                && frame.previous() == end.hash
                && frame.first_position() == next_position
                && frame.journal() == name.as_str();
            if !follows || frame.commit() > plan.end {
                break;
            }
            writer
                .write(&frame, &mut buffer)
                .map_err(|error| match error {
                    WriteError::NoRoom(error) | WriteError::Failed(error) => failed(error),
                })?;
            end = End {
                commit: frame.commit(),
                hash: frame.hash(),
            };
            next_position = frame.next_position();
            progressed = true;
        }
        if !progressed {
            let what = format!("{}; no good copy of this frame is at hand", plan.why());
            return Err(RecoverError::Damaged {
                position: next_position,
                commit: next,
                what,
            });
        }
    }
    sync_directory(&paths.writing).map_err(&failed)?;
    fs::rename(&paths.writing, &paths.rebuilt).map_err(&failed)?;
    crate::durable::sync_parent(&paths.rebuilt).map_err(&failed)?;
    finish_interrupted_rebuild(paths).map_err(&failed)
}

/// The good frames of the segment that holds `from`, from there on.
fn frames_of_scan(scan: &Scan, name: &JournalName, from: u64) -> io::Result<Vec<Frame>> {
    for index in &scan.segments {
        let holds = index
            .anchors
            .first()
            .is_some_and(|first| first.commit <= from);
        let later = scan.segments.iter().any(|other| {
            other.header.first_commit > index.header.first_commit
                && other
                    .anchors
                    .first()
                    .is_some_and(|first| first.commit <= from)
        });
        if holds && !later {
            let frames = super::scan::good_frames(&index.path, name)?;
            return Ok(frames
                .into_iter()
                .filter(|frame| frame.commit() >= from)
                .collect());
        }
    }
    Ok(Vec::new())
}

fn cut_torn(scan: &Scan, offset: u64, end: u64) -> io::Result<()> {
    let Some(last) = scan.segments.last() else {
        return Ok(());
    };
    let zeros = vec![0; usize::try_from(end - offset).unwrap_or(0)];
    last.file.write_all_at(&zeros, offset)?;
    last.file.sync_data()
}

fn build_tail(paths: &Paths, options: &EmbeddedOptions, scan: Scan) -> Tail {
    let last = scan.last().copied();
    let first_header = scan
        .segments
        .first()
        .map(|segment: &SegmentIndex| segment.header);
    let (end, next_position) = last.map_or_else(
        || {
            // No frame: either a new journal, or a first segment that continues what was deleted.
            let header = first_header.filter(|header| header.first_commit > 1);
            header.map_or((End::default(), 0), |header| {
                (
                    End {
                        commit: header.first_commit - 1,
                        hash: header.previous,
                    },
                    header.first_position,
                )
            })
        },
        |run| {
            (
                End {
                    commit: run.last_commit,
                    hash: run.last_hash,
                },
                run.next_position,
            )
        },
    );
    Tail::new(
        &paths.tail,
        options.segment_bytes,
        scan.segments,
        end,
        next_position,
    )
}

/// Whether the second copy ends on the chain, and holds what the tail has not.
fn agrees(tail: &Tail, copy: &Copy, head: CopyHead) -> bool {
    let first = tail.first_commit();
    if head.commit > tail.end().commit || head.commit + 1 < first {
        return false;
    }
    if head.commit == 0 {
        // Empty is right only for an empty journal; otherwise it is filled anew, and said so.
        return tail.end().commit == 0;
    }
    let on_chain = if head.commit >= first {
        match tail.read(head.commit, 0) {
            super::tail::TailRead::Frames(frames) => {
                frames.first().map(Frame::hash) == Some(head.hash)
            }
            _ => false,
        }
    } else {
        true
    };
    on_chain && (first == 1 || copy_reaches(tail, copy, first))
}

/// Whether the copy holds an unbroken chain from the first commit up to where the tail begins.
fn copy_reaches(tail: &Tail, copy: &Copy, first: u64) -> bool {
    let (mut next, mut hash, mut position) = (1, Hash::ZERO, 0);
    while next < first {
        let frames = copy.read(next, first - 1, 1024 * 1024).unwrap_or_default();
        if frames.is_empty() {
            return false;
        }
        for frame in frames {
            if frame.commit() != next
                || frame.previous() != hash
                || frame.first_position() != position
            {
                return false;
            }
            (next, hash, position) = (next + 1, frame.hash(), frame.next_position());
        }
    }
    match tail.read(first, 0) {
        super::tail::TailRead::Frames(frames) => {
            frames.first().is_some_and(|frame| frame.previous() == hash)
        }
        super::tail::TailRead::End => tail.end().hash == hash,
        _ => false,
    }
}
