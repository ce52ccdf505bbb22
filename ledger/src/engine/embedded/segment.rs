//! Segment files: pre-zeroed files of records, and how they begin and end.
//!
//! A segment begins with a 512-byte header (its length, the first commit and position it holds, the hash it
//! continues) and ends with a 64-byte footer that stays zero until the next segment is durable, and then names
//! it: a last segment that names another tells of a missing file. Between them lie records of one frame each
//! (`record`), in whole blocks.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::durable::{is_no_room, remove, sync_directory};
use crate::hash::Hash;
use crate::wire::Reader;

pub(super) const HEADER_BYTES: usize = 512;
pub(super) const FOOTER_BYTES: usize = 64;
const SEGMENT_MAGIC: [u8; 8] = *b"TNSEG\x00\x00\x01";
const FOOTER_MAGIC: [u8; 8] = *b"TNSEGEND";

/// What the header of a segment says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SegmentHeader {
    pub(super) length: u64,
    pub(super) first_commit: u64,
    pub(super) first_position: u64,
    pub(super) previous: Hash,
}

impl SegmentHeader {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_BYTES);
        out.extend_from_slice(&SEGMENT_MAGIC);
        out.extend_from_slice(&self.length.to_be_bytes());
        out.extend_from_slice(&self.first_commit.to_be_bytes());
        out.extend_from_slice(&self.first_position.to_be_bytes());
        out.extend_from_slice(&self.previous.0);
        let digest = Hash::of(&out);
        out.extend_from_slice(&digest.0);
        out.resize(HEADER_BYTES, 0);
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes.get(..HEADER_BYTES)?);
        let magic = reader.array::<8>()?;
        let header = Self {
            length: reader.u64()?,
            first_commit: reader.u64()?,
            first_position: reader.u64()?,
            previous: Hash(reader.array()?),
        };
        // Encoding again also checks that the rest of the header is zero.
        (magic == SEGMENT_MAGIC && header.encode() == bytes[..HEADER_BYTES]).then_some(header)
    }
}

/// What the end of a segment says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Footer {
    /// Zeros: no segment follows.
    Open,
    /// The segment with this first commit follows.
    Continues(u64),
    /// Neither.
    Damaged,
}

impl Footer {
    fn encode(next_commit: u64, previous: Hash) -> [u8; FOOTER_BYTES] {
        let mut out = [0; FOOTER_BYTES];
        out[..8].copy_from_slice(&FOOTER_MAGIC);
        out[8..16].copy_from_slice(&next_commit.to_be_bytes());
        out[16..48].copy_from_slice(&previous.0);
        let digest = Hash::of(&out[..48]);
        out[48..].copy_from_slice(&digest.0[..16]);
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Self {
        if is_zero(bytes) {
            return Self::Open;
        }
        let mut reader = Reader::new(bytes);
        let parts = (reader.array::<8>(), reader.u64(), reader.array());
        match parts {
            (Some(_), Some(next), Some(previous))
                if Self::encode(next, Hash(previous)) == bytes =>
            {
                Self::Continues(next)
            }
            _ => Self::Damaged,
        }
    }
}

/// Whether all bytes are zero.
pub(super) fn is_zero(bytes: &[u8]) -> bool {
    const ZEROS: [u8; 4_096] = [0; 4_096];
    bytes
        .chunks(ZEROS.len())
        .all(|chunk| chunk == &ZEROS[..chunk.len()])
}

/// The file name of the segment that begins with this commit.
pub(super) fn file_name(first_commit: u64) -> String {
    format!("{first_commit:020}.segment")
}

/// The segment files of a tail directory with the commit their names give, in order.
pub(super) fn list(directory: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let commit = name
            .strip_suffix(".segment")
            .and_then(|number| number.parse().ok());
        if let Some(commit) = commit.filter(|commit| file_name(*commit) == name) {
            found.push((commit, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Prepares a zeroed file for the next segment, so that a commit never waits for it. Leaves nothing on failure.
pub(super) fn prepare_spare(directory: &Path, length: u64) -> io::Result<()> {
    let writing = directory.join("spare.writing");
    let prepared = (|| {
        let file = File::create(&writing)?;
        let zeros = vec![0; 1024 * 1024];
        let mut at = 0;
        while at < length {
            let step = usize::try_from(length - at)
                .unwrap_or(usize::MAX)
                .min(zeros.len());
            file.write_all_at(&zeros[..step], at)?;
            at += step as u64;
        }
        file.sync_all()?;
        fs::rename(&writing, spare_path(directory))?;
        sync_directory(directory)
    })();
    if prepared.is_err() {
        let _ = remove(&writing);
    }
    prepared
}

pub(super) fn spare_path(directory: &Path) -> PathBuf {
    directory.join("spare")
}

/// Why the next segment was not made.
#[derive(Debug)]
pub(super) enum CreateError {
    /// The disk is full. Nothing of the journal has changed, and a later attempt may succeed.
    NoRoom(io::Error),
    /// A write, a sync or a rename failed: what the disk holds is not known.
    Failed(io::Error),
}

impl From<CreateError> for io::Error {
    fn from(error: CreateError) -> Self {
        let (CreateError::NoRoom(source) | CreateError::Failed(source)) = error;
        source
    }
}

/// Makes the next segment out of the spare file (preparing one where there is none that fits) and gives it
/// its durable name.
pub(super) fn create(directory: &Path, header: &SegmentHeader) -> Result<File, CreateError> {
    let spare = spare_path(directory);
    let fits = fs::metadata(&spare).is_ok_and(|spare| spare.len() == header.length);
    if !fits {
        // A spare that does not come about is thrown away whole, so that a full disk leaves nothing behind. Any
        // other failure may be the disk's, and is not tried again.
        prepare_spare(directory, header.length).map_err(|error| {
            if is_no_room(&error) {
                CreateError::NoRoom(error)
            } else {
                CreateError::Failed(error)
            }
        })?;
    }
    name_spare(directory, header).map_err(CreateError::Failed)
}

/// Makes the spare file the segment of this header.
fn name_spare(directory: &Path, header: &SegmentHeader) -> io::Result<File> {
    let spare = spare_path(directory);
    let file = OpenOptions::new().read(true).write(true).open(&spare)?;
    file.write_all_at(&header.encode(), 0)?;
    file.sync_data()?;
    fs::rename(&spare, directory.join(file_name(header.first_commit)))?;
    sync_directory(directory)?;
    Ok(file)
}

/// Writes into the footer of a full segment which one follows.
pub(super) fn write_footer(
    file: &File,
    length: u64,
    next_commit: u64,
    previous: Hash,
) -> io::Result<()> {
    file.write_all_at(
        &Footer::encode(next_commit, previous),
        length - FOOTER_BYTES as u64,
    )?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
            let _ = SegmentHeader::decode(&bytes);
            let _ = Footer::decode(&bytes);
        }

        #[test]
        fn a_changed_bit_in_header_or_footer_shows(bit in 0_usize..HEADER_BYTES * 8) {
            let header = SegmentHeader { length: 65_536, first_commit: 7, first_position: 9, previous: Hash::of(b"") };
            let mut bytes = header.encode();
            prop_assert_eq!(SegmentHeader::decode(&bytes), Some(header));
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(SegmentHeader::decode(&bytes), None);
            let mut footer = Footer::encode(7, Hash::of(b""));
            prop_assert_eq!(Footer::decode(&footer), Footer::Continues(7));
            footer[bit / 8 % FOOTER_BYTES] ^= 1 << (bit % 8);
            prop_assert_eq!(Footer::decode(&footer), Footer::Damaged);
        }
    }
}
