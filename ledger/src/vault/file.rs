//! The vault on disk: one file of rows, each wrapped by a key derived from the master key.
//!
//! A row says whose key it is, for what, and in which state; today the one state is "active". Rows are added
//! and synced in groups before the event that needs them is acknowledged. The file lies outside the journals'
//! directory and belongs in no backup of the log. A last row that a crash cut short was never used by an
//! acknowledged event and is cut; any other row that does not open stops the ledger. What is found at opening
//! is made durable before it is used.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Keys, MasterKey, SubjectKey, Vault, VaultError};
use crate::durable::{create_directory, read_if_there, replace_file, sync_parent};
use crate::envelope::KeyId;
use crate::hash::keyed_digest;
use crate::random::Random;
use crate::wire::{Reader, put_short};

const MAGIC: [u8; 8] = *b"TNVAULT\x01";
const HEADER_BYTES: usize = 8 + 16 + 32;
const ACTIVE: u8 = 1;

/// A vault in a directory of its own.
pub struct FileVault {
    random: Arc<dyn Random>,
    wrapping: Wrapping,
    keys: RwLock<Keys>,
    writer: Mutex<Writer>,
}

struct Writer {
    file: File,
    /// Where the synced rows end.
    end: u64,
    rows: u64,
    pending: Vec<u8>,
    ended: bool,
}

/// The key that wraps rows, and the vault it belongs to.
struct Wrapping {
    key: LessSafeKey,
    vault_id: [u8; 16],
}

fn store(operation: &'static str) -> impl Fn(io::Error) -> VaultError {
    move |source| VaultError::Store { operation, source }
}

impl FileVault {
    /// Makes an empty vault in `directory`, which must hold none.
    pub fn create(
        directory: &Path,
        master: &MasterKey,
        random: &dyn Random,
    ) -> Result<(), VaultError> {
        let path = directory.join("keys");
        create_directory(directory).map_err(store("making the directory of"))?;
        if path.exists() {
            return Err(store("making")(io::ErrorKind::AlreadyExists.into()));
        }
        let vault_id = random.sixteen();
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(&MAGIC);
        header.extend_from_slice(&vault_id);
        header.extend_from_slice(&keyed_digest(master.bytes(), "vault check", &vault_id).0);
        replace_file(&path, &header).map_err(store("making"))
    }

    /// Opens the vault in `directory`; every row must open.
    pub fn open(
        directory: &Path,
        master: &MasterKey,
        random: Arc<dyn Random>,
    ) -> Result<Self, VaultError> {
        let path = directory.join("keys");
        let bytes = read_if_there(&path).map_err(store("reading"))?;
        let bytes = bytes.ok_or_else(|| store("opening")(io::ErrorKind::NotFound.into()))?;
        let mut reader = Reader::new(&bytes);
        let header = (
            reader.array::<8>(),
            reader.array::<16>(),
            reader.array::<32>(),
        );
        let (Some(MAGIC), Some(vault_id), Some(check)) = header else {
            return Err(VaultError::Header);
        };
        let expected = keyed_digest(master.bytes(), "vault check", &vault_id);
        if !bool::from(expected.0.ct_eq(&check)) {
            return Err(VaultError::Header);
        }
        let wrapping = Wrapping::new(master, vault_id)?;
        let mut keys = Keys::default();
        let (mut rows, mut end) = (0_u64, HEADER_BYTES);
        while reader.remaining() > 0 {
            let rest = &bytes[bytes.len() - reader.remaining()..];
            let row = read_row(&mut reader);
            match row.and_then(|row| wrapping.open(rows, row)) {
                Some((id, key, subject, category)) => {
                    keys.insert(&subject, &category, id, key);
                    rows += 1;
                    end = bytes.len() - reader.remaining();
                }
                None if is_unfinished(rest) => break,
                None => {
                    return Err(VaultError::Row {
                        row: usize::try_from(rows).unwrap_or(usize::MAX),
                    });
                }
            }
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(store("opening"))?;
        if end < bytes.len() {
            tracing::warn!(
                bytes = bytes.len() - end,
                "an unfinished row was cut from the vault"
            );
            file.set_len(end as u64)
                .map_err(store("cutting an unfinished row of"))?;
        }
        // What a crash left may stand in the kernel's memory alone, and an event that needs a row must not be
        // durable before it. Written again first: after a sync that failed a second one would sync nothing.
        file.write_all_at(&bytes[..end], 0)
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_parent(&path))
            .map_err(store("making durable"))?;
        let writer = Writer {
            file,
            end: end as u64,
            rows,
            pending: Vec::new(),
            ended: false,
        };
        Ok(Self {
            random,
            wrapping,
            keys: RwLock::new(keys),
            writer: Mutex::new(writer),
        })
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A row behind its length and the length's complement, so that a damaged length shows.
fn read_row<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let (length, complement) = (reader.u16()?, reader.u16()?);
    if length != !complement {
        return None;
    }
    reader.take(usize::from(length))
}

/// Whether the rest of the file is a write that a crash cut short: it ends inside a row whose length is sound,
/// or the file had grown and its new bytes were still zero.
fn is_unfinished(rest: &[u8]) -> bool {
    let is_zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    let mut reader = Reader::new(rest);
    let (Some(length), Some(complement)) = (reader.u16(), reader.u16()) else {
        return true;
    };
    if length != !complement {
        return is_zero(&rest[2..]);
    }
    match reader.take(usize::from(length)) {
        None => true,
        Some(row) => {
            row.last_chunk::<16>().is_some_and(|tag| is_zero(tag))
                && is_zero(&rest[4 + row.len()..])
        }
    }
}

impl Wrapping {
    fn new(master: &MasterKey, vault_id: [u8; 16]) -> Result<Self, VaultError> {
        let key = Zeroizing::new(keyed_digest(master.bytes(), "vault wrapping", &vault_id).0);
        let key = UnboundKey::new(&AES_256_GCM_SIV, &*key).map_err(|_| VaultError::Header)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            vault_id,
        })
    }

    fn associated_data(&self, row: u64) -> [u8; 24] {
        let mut out = [0; 24];
        out[..16].copy_from_slice(&self.vault_id);
        out[16..].copy_from_slice(&row.to_be_bytes());
        out
    }

    fn seal(&self, random: &dyn Random, row: u64, clear: Vec<u8>) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut bytes = clear;
        let aad = Aad::from(self.associated_data(row));
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut bytes)
            .ok()?;
        let mut out = Vec::with_capacity(4 + NONCE_LEN + bytes.len());
        let length = u16::try_from(NONCE_LEN + bytes.len()).ok()?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&(!length).to_be_bytes());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&bytes);
        Some(out)
    }

    fn open(&self, row: u64, sealed: &[u8]) -> Option<(KeyId, SubjectKey, String, String)> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let aad = Aad::from(self.associated_data(row));
        let clear = self
            .key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut buffer)
            .ok()?;
        let mut reader = Reader::new(clear);
        if reader.u8()? != ACTIVE {
            return None;
        }
        let (id, key) = (KeyId(reader.array()?), SubjectKey::new(reader.array()?));
        let subject = std::str::from_utf8(reader.short()?).ok()?.to_owned();
        let category = std::str::from_utf8(reader.short()?).ok()?.to_owned();
        (reader.remaining() == 0).then_some((id, key, subject, category))
    }
}

impl Vault for FileVault {
    fn key_for(&self, subject: &str, category: &str) -> Result<KeyId, VaultError> {
        if let Some(id) = self.find(subject, category)? {
            return Ok(id);
        }
        let mut writer = self.writer();
        if writer.ended {
            return Err(VaultError::Ended);
        }
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = keys.find(subject, category) {
            return Ok(id);
        }
        let (id, key) = keys.generate(&*self.random);
        // Room for the tag too, so that no copy of the clear row is left behind by a growing buffer.
        let mut clear = Vec::with_capacity(51 + subject.len() + category.len() + 16);
        clear.push(ACTIVE);
        clear.extend_from_slice(&id.0);
        clear.extend_from_slice(key.bytes());
        put_short(&mut clear, subject.as_bytes()).ok_or(VaultError::OwnerTooLong)?;
        put_short(&mut clear, category.as_bytes()).ok_or(VaultError::OwnerTooLong)?;
        let row = self
            .wrapping
            .seal(&*self.random, writer.rows, clear)
            .ok_or(VaultError::OwnerTooLong)?;
        writer.pending.extend_from_slice(&row);
        writer.rows += 1;
        keys.insert(subject, category, id, key);
        Ok(id)
    }

    fn find(&self, subject: &str, category: &str) -> Result<Option<KeyId>, VaultError> {
        Ok(self
            .keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .find(subject, category))
    }

    fn key(&self, id: KeyId) -> Result<SubjectKey, VaultError> {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .key(id)
    }

    fn sync(&self) -> Result<(), VaultError> {
        let mut guard = self.writer();
        let writer = &mut *guard;
        if writer.ended {
            return Err(VaultError::Ended);
        }
        if writer.pending.is_empty() {
            return Ok(());
        }
        if let Err(error) = writer.file.write_all_at(&writer.pending, writer.end) {
            // A full disk: take back what was written of the rows; they stay pending for a later attempt.
            if writer.file.set_len(writer.end).is_err() {
                writer.ended = true;
            }
            return Err(store("writing to")(error));
        }
        if let Err(error) = writer.file.sync_data() {
            writer.ended = true;
            return Err(store("syncing")(error));
        }
        writer.end += writer.pending.len() as u64;
        writer.pending.clear();
        Ok(())
    }
}
