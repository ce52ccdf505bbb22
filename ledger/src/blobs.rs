//! Sealed documents beside the log, each named by the hash of its encrypted bytes.

mod directory;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

pub use directory::DirectoryBlobs;

use crate::envelope::BlobReference;
use crate::hash::Hash;

/// The largest stored document, in bytes.
pub const BLOB_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Why a document was not stored or not read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The document is larger than [`BLOB_BYTES_MAX`].
    #[error("document of {0} bytes is larger than 64 MiB")]
    TooLarge(usize),
    /// The store could not be read or written.
    #[error("{operation} a document failed")]
    Store {
        /// What was tried.
        operation: &'static str,
        /// What the store said.
        #[source]
        source: std::io::Error,
    },
    /// The stored bytes are not those the name was made from.
    #[error("document {0} is damaged")]
    Damaged(Hash),
}

/// The store of sealed documents. It sees ciphertext only.
pub trait Blobs: Send + Sync {
    /// Stores encrypted bytes; durable only after [`Blobs::sync`], which every append to a journal calls first.
    fn put(&self, bytes: &[u8]) -> Result<BlobReference, BlobError>;

    /// The bytes of this name, checked against it; `None` where there are none.
    fn get(&self, hash: Hash) -> Result<Option<Bytes>, BlobError>;

    /// Makes every document stored so far durable. Cheap where nothing is new.
    fn sync(&self) -> Result<(), BlobError>;
}

pub(crate) fn reference(bytes: &[u8]) -> Result<BlobReference, BlobError> {
    if bytes.len() > BLOB_BYTES_MAX {
        return Err(BlobError::TooLarge(bytes.len()));
    }
    Ok(BlobReference {
        hash: Hash::of(bytes),
        length: bytes.len() as u64,
    })
}

/// Documents in memory, for tests and for a demo that leaves nothing behind.
#[derive(Default)]
pub struct MemoryBlobs(Mutex<BTreeMap<Hash, Bytes>>);

impl Blobs for MemoryBlobs {
    fn put(&self, bytes: &[u8]) -> Result<BlobReference, BlobError> {
        let reference = reference(bytes)?;
        let mut blobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.insert(reference.hash, Bytes::copy_from_slice(bytes));
        Ok(reference)
    }

    fn get(&self, hash: Hash) -> Result<Option<Bytes>, BlobError> {
        let blobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(blobs.get(&hash).cloned())
    }

    fn sync(&self) -> Result<(), BlobError> {
        Ok(())
    }
}
