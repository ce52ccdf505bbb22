//! The second copy: a sled database that holds every frame, filled and synced behind the tail.
//!
//! What is known of sled 0.34.7 and guarded against here. `flush()` does not fsync on Linux, so the `db` file is
//! synced by us after each flush, and its directory and parent at open. A torn `snap.*` or a leftover
//! `snap.*.generating` blocks opening and is disposable. Opening and reading can panic on damage, so both run
//! inside `catch_unwind`. Values over about 7,000 bytes may go to files that are never synced, so frames are
//! kept in smaller chunks. One tree, `Batch` only, no transactions, no generated ids. And it can lose history
//! without a word, so nothing it says is believed before it agrees with the hash chain.

use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::durable::{create_directory, remove, sync_directory, sync_parent};
use crate::frame::Frame;
use crate::hash::Hash;
use crate::wire::Reader;

/// Values up to this size stay in pages and never go to unsynced files.
const CHUNK_BYTES: usize = 7_000;
/// Sorts behind every chunk.
const HEAD_KEY: [u8; 10] = [0xff; 10];
/// A larger cache brings no speed.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;

/// Where the second copy ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct CopyHead {
    pub(super) commit: u64,
    pub(super) hash: Hash,
    pub(super) next_position: u64,
}

/// An open second copy.
pub(super) struct Copy {
    db: sled::Db,
    file: File,
}

impl Copy {
    /// Opens or creates the database in `directory`.
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        create_directory(directory)?;
        remove_useless_snapshots(directory)?;
        let db = match open_database(directory) {
            Ok(db) => db,
            Err(error) if is_of_the_machine(&error) => return Err(error),
            Err(_) => {
                // A torn snapshot is the one cause of failure that can be removed without loss.
                for path in snapshots(directory)? {
                    remove(&path)?;
                }
                open_database(directory)?
            }
        };
        let file = File::open(directory.join("db"))?;
        file.sync_all()?;
        sync_directory(directory)?;
        sync_parent(directory)?;
        Ok(Self { db, file })
    }

    /// Where the copy says it ends; not to be believed before it is compared with the chain.
    pub(super) fn head(&self) -> io::Result<CopyHead> {
        let value = guarded(|| self.db.get(HEAD_KEY))?;
        let Some(value) = value else {
            return Ok(CopyHead::default());
        };
        let mut reader = Reader::new(&value);
        let parts = (reader.u64(), reader.array(), reader.u64());
        match parts {
            (Some(commit), Some(hash), Some(next_position)) => Ok(CopyHead {
                commit,
                hash: Hash(hash),
                next_position,
            }),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the head of the second copy is damaged",
            )),
        }
    }

    /// Adds frames, which follow the head, as one batch. Not durable before [`Copy::sync`].
    pub(super) fn put(&self, frames: &[Frame]) -> io::Result<()> {
        let Some(last) = frames.last() else {
            return Ok(());
        };
        let mut batch = sled::Batch::default();
        for frame in frames {
            for (number, chunk) in frame.bytes().chunks(CHUNK_BYTES).enumerate() {
                batch.insert(&key(frame.commit(), number)[..], chunk);
            }
        }
        let mut head = Vec::with_capacity(48);
        head.extend_from_slice(&last.commit().to_be_bytes());
        head.extend_from_slice(&last.hash().0);
        head.extend_from_slice(&last.next_position().to_be_bytes());
        batch.insert(&HEAD_KEY[..], head);
        guarded(|| self.db.apply_batch(batch))
    }

    /// Makes everything added so far durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        guarded(|| self.db.flush().map(|_| ()))?;
        // sled's own flush ends in sync_file_range, which a power loss undoes.
        self.file.sync_data()
    }

    /// Frames from `from` to at most `to`, each verified, up to `bytes_max` but at least one where there is
    /// one. It ends early at a gap or damage; the caller knows what should have come.
    pub(super) fn read(&self, from: u64, to: u64, bytes_max: usize) -> io::Result<Vec<Frame>> {
        let mut out = Vec::new();
        let mut room = bytes_max;
        let mut building = Building {
            commit: from,
            next_chunk: 0,
            bytes: BytesMut::new(),
        };
        let mut chunks = self.db.range(key(from, 0).to_vec()..HEAD_KEY.to_vec());
        loop {
            let entry = guarded(|| chunks.next().transpose())?;
            let parts = entry.as_ref().and_then(|(key, value)| {
                let mut reader = Reader::new(key);
                Some((reader.u64()?, reader.u16()?, value))
            });
            let ends = parts.is_none_or(|(commit, _, _)| commit != building.commit);
            if ends {
                let bytes = std::mem::take(&mut building.bytes).freeze();
                let length = bytes.len();
                let Some(frame) = frame_of(bytes, building.commit) else {
                    return Ok(out);
                };
                out.push(frame);
                room = room.saturating_sub(length);
                building = Building {
                    commit: building.commit + 1,
                    next_chunk: 0,
                    bytes: BytesMut::new(),
                };
            }
            match parts {
                Some((commit, chunk, value))
                    if commit == building.commit && chunk == building.next_chunk =>
                {
                    if commit > to || (room < building.bytes.len() && !out.is_empty()) {
                        return Ok(out);
                    }
                    building.bytes.extend_from_slice(value);
                    building.next_chunk += 1;
                }
                _ => return Ok(out),
            }
            if room == 0 && !out.is_empty() {
                return Ok(out);
            }
        }
    }
}

struct Building {
    commit: u64,
    next_chunk: u16,
    bytes: BytesMut,
}

fn frame_of(bytes: Bytes, commit: u64) -> Option<Frame> {
    Frame::decode(bytes)
        .ok()
        .filter(|frame| frame.commit() == commit)
}

fn key(commit: u64, chunk: usize) -> [u8; 10] {
    let mut out = [0; 10];
    out[..8].copy_from_slice(&commit.to_be_bytes());
    let chunk = u16::try_from(chunk).expect("a frame of 16 MiB has fewer than 65,536 chunks");
    out[8..].copy_from_slice(&chunk.to_be_bytes());
    out
}

fn open_database(directory: &Path) -> io::Result<sled::Db> {
    let config = sled::Config::new()
        .path(directory)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(Some(1_000));
    let mut patience = LOCK_PATIENCE;
    loop {
        match guarded(|| config.open()) {
            // The threads of a database that this process has just closed may hold its lock a little longer.
            // Nobody else can: the ledger's directory is locked.
            Err(error) if is_locked(&error) && !patience.is_zero() => {
                std::thread::sleep(LOCK_STEP);
                patience = patience.saturating_sub(LOCK_STEP);
            }
            result => return result,
        }
    }
}

const LOCK_PATIENCE: Duration = Duration::from_secs(10);
const LOCK_STEP: Duration = Duration::from_millis(10);

fn is_locked(error: &io::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

/// Whether the machine stood in the way, which says nothing about the bytes: too many open files, a full disk,
/// a lock that is held, no permission. A copy that fails so must not be thrown away.
pub(super) fn is_of_the_machine(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    let by_kind = matches!(
        error.kind(),
        Kind::PermissionDenied
            | Kind::StorageFull
            | Kind::QuotaExceeded
            | Kind::ReadOnlyFilesystem
            | Kind::OutOfMemory
            | Kind::ResourceBusy
            | Kind::WouldBlock
    );
    let by_code = matches!(
        rustix::io::Errno::from_io_error(error),
        Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE | rustix::io::Errno::IO)
    );
    by_kind || by_code || is_locked(error)
}

/// Runs what may panic on damaged bytes, and gives the panic as an error.
fn guarded<T>(action: impl FnOnce() -> sled::Result<T>) -> io::Result<T> {
    match catch_unwind(AssertUnwindSafe(action)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(error))) => Err(error),
        Ok(Err(error)) => Err(io::Error::other(error)),
        Err(_) => Err(io::Error::other(
            "the second copy's database gave up on damaged bytes",
        )),
    }
}

fn snapshots(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if name.starts_with("snap.") {
            out.push(path);
        }
    }
    Ok(out)
}

fn remove_useless_snapshots(directory: &Path) -> io::Result<()> {
    for path in snapshots(directory)? {
        let is_unfinished = path
            .extension()
            .is_some_and(|extension| extension == "generating");
        if is_unfinished || fs::metadata(&path)?.len() == 0 {
            remove(&path)?;
        }
    }
    Ok(())
}
