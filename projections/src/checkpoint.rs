//! A folded state kept on disk, so that a start need not fold the whole log before it serves.
//!
//! A checkpoint is what the fold gave after some commit: its position, the hash of the frame that
//! ends there, the version of the fold and the ledger it is of. Where any of them does not fit, or
//! the file is damaged, there is no checkpoint; nothing depends on it, and it can be thrown away.
//! It holds no plaintext: confidential values stand in the state by reference.

use crate::snapshot::{FOLD_VERSION, Snapshot};
use ledger::Hash;
use registrar::Log;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The version of the file's form.
const FORMAT: u32 = 1;

/// The first line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    format: u32,
    fold: u32,
    ledger: Uuid,
    position: u64,
    /// The hash of the frame that ends at the position.
    frame: String,
    /// SHA-256 of everything after this line.
    digest: String,
}

/// Why a checkpoint was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckpointError {
    #[error("the log gave no frame for the checkpoint")]
    Log(#[from] registrar::ReadError),
    #[error("the state could not be written as JSON")]
    Json(#[from] serde_json::Error),
    #[error("the checkpoint `{}` could not be written", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// Where the checkpoint of one ledger's read models lies.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoints {
    path: PathBuf,
}

impl Checkpoints {
    /// The checkpoint in `directory`, which need not exist yet.
    pub(crate) fn in_directory(directory: &Path) -> Self {
        Self {
            path: directory.join("network.checkpoint"),
        }
    }

    /// The state to go on from, where there is one that fits the log.
    pub(crate) fn read(&self, log: &Log) -> Option<Snapshot> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return self.left(&error.to_string()),
        };
        match fitting(&bytes, log) {
            Ok(snapshot) => Some(snapshot),
            Err(why) => self.left(&why),
        }
    }

    fn left(&self, why: &str) -> Option<Snapshot> {
        let path = self.path.display();
        tracing::warn!(reason = why, "The checkpoint `{path}` is left: {why}");
        None
    }

    /// Keeps a state, in place of the one before.
    pub(crate) fn write(&self, snapshot: &Snapshot, log: &Log) -> Result<(), CheckpointError> {
        let body = serde_json::to_vec(snapshot)?;
        let frame = log.frame_before(snapshot.position)?;
        let header = Header {
            format: FORMAT,
            fold: FOLD_VERSION,
            ledger: log.ledger_id(),
            position: snapshot.position,
            frame: frame.unwrap_or(Hash::ZERO).to_string(),
            digest: Hash::of(&body).to_string(),
        };
        let header = serde_json::to_vec(&header)?;
        let write = || -> io::Result<()> {
            if let Some(directory) = self.path.parent() {
                fs::create_dir_all(directory)?;
            }
            let next = self.path.with_extension("next");
            let mut file = File::create(&next)?;
            file.write_all(&header)?;
            file.write_all(b"\n")?;
            file.write_all(&body)?;
            // Whole under its name or not there: a torn one would be left at the next start.
            file.sync_data()?;
            fs::rename(&next, &self.path)
        };
        write().map_err(|source| CheckpointError::Write {
            path: self.path.clone(),
            source,
        })
    }
}

fn fitting(bytes: &[u8], log: &Log) -> Result<Snapshot, String> {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let end = end.ok_or("it has no header")?;
    let (header, body) = (&bytes[..end], &bytes[end + 1..]);
    let header: Header = serde_json::from_slice(header).map_err(|error| error.to_string())?;
    if (header.format, header.fold) != (FORMAT, FOLD_VERSION) {
        return Err("another version of this program wrote it".to_owned());
    }
    if header.ledger != log.ledger_id() {
        return Err("it is of another ledger".to_owned());
    }
    if Hash::of(body).to_string() != header.digest {
        return Err("it is damaged".to_owned());
    }
    let frame = log
        .frame_before(header.position)
        .map_err(|error| registrar::chain(&error))?;
    if frame.unwrap_or(Hash::ZERO).to_string() != header.frame {
        return Err(format!(
            "the log is not what was folded up to position {}",
            header.position
        ));
    }
    let snapshot: Snapshot = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if snapshot.position == header.position {
        Ok(snapshot)
    } else {
        Err("its header and its state disagree".to_owned())
    }
}
