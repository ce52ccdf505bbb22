//! Sealed documents as files, two levels deep, written whole and synced before they get their name.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use super::{BlobError, Blobs, reference};
use crate::durable::{create_directory, read_if_there, replace_file};
use crate::envelope::BlobReference;
use crate::hash::Hash;

/// Documents below one directory.
pub struct DirectoryBlobs {
    directory: PathBuf,
    /// One writer at a time: two that store the same bytes would use the same temporary file.
    writing: Mutex<()>,
}

impl DirectoryBlobs {
    /// The documents below `directory`, which need not exist yet.
    pub fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            writing: Mutex::new(()),
        }
    }

    fn path(&self, hash: Hash) -> PathBuf {
        let name = hash.to_string();
        self.directory.join(&name[..2]).join(&name)
    }
}

impl Blobs for DirectoryBlobs {
    fn put(&self, bytes: &[u8]) -> Result<BlobReference, BlobError> {
        let reference = reference(bytes)?;
        let store = |operation| move |source| BlobError::Store { operation, source };
        let path = self.path(reference.hash);
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parent) = path.parent() {
            create_directory(parent).map_err(store("making the directory of"))?;
        }
        replace_file(&path, bytes).map_err(store("writing"))?;
        Ok(reference)
    }

    fn get(&self, hash: Hash) -> Result<Option<Bytes>, BlobError> {
        let bytes = read_if_there(&self.path(hash)).map_err(|source| BlobError::Store {
            operation: "reading",
            source,
        })?;
        match bytes {
            Some(bytes) if Hash::of(&bytes) != hash => Err(BlobError::Damaged(hash)),
            bytes => Ok(bytes.map(Bytes::from)),
        }
    }

    fn sync(&self) -> Result<(), BlobError> {
        // Each document was synced before it got its name.
        Ok(())
    }
}
