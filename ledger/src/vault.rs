//! The vault: the keys of personal data and secrets, one per (subject, category), by opaque ids.
//!
//! It is kept apart from the log and from the log's backups, for a destroyed key must be gone everywhere.
//! Destroying keys comes with erasure; what holds today is that an unknown key id is an error of its own and
//! never reads as "erased".

mod file;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

pub use file::FileVault;

use crate::envelope::KeyId;
use crate::hash::{Hash, keyed_digest};
use crate::random::Random;

/// Why the vault gave no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The vault has never seen this key id: a wrong or incomplete vault, not an erased subject.
    #[error(
        "key {0} is not in the vault; this vault does not belong to the ledger, or is incomplete"
    )]
    UnknownKey(KeyId),
    /// The vault's store could not be read or written.
    #[error("{operation} the vault failed")]
    Store {
        /// What was tried.
        operation: &'static str,
        /// What the store said.
        #[source]
        source: std::io::Error,
    },
    /// A stored row is damaged or was wrapped by another master key.
    #[error(
        "row {row} of the vault cannot be opened: it is damaged, or the master key is not this vault's"
    )]
    Row {
        /// Which row, from 0.
        row: usize,
    },
    /// The file is not a vault, or the master key is not this vault's.
    #[error("the vault does not open: it is damaged, or the master key is not this vault's")]
    Header,
    /// Subject and category have at most 255 bytes each.
    #[error("the name of a key's owner is longer than 255 bytes")]
    OwnerTooLong,
    /// An earlier write failed: this vault makes no keys any more until it is opened again.
    #[error("the vault's writer has ended; open the ledger again")]
    Ended,
}

/// The key that wraps all others. Never shown; wiped from memory when dropped.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A new key.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes);
        Self(bytes)
    }

    /// The key's bytes, for the protected place it is kept in.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// One subject's key for one category. Never shown; wiped from memory when dropped.
#[derive(Clone)]
pub struct SubjectKey(Zeroizing<[u8; 32]>);

impl SubjectKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 under this key: comparable by who holds the key, not guessable by anyone else.
    pub fn digest(&self, purpose: &str, data: &[u8]) -> Hash {
        keyed_digest(self.bytes(), purpose, data)
    }
}

impl std::fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubjectKey(..)")
    }
}

/// The store of keys.
pub trait Vault: Send + Sync {
    /// The key of this subject and category, made where there is none. It is durable only after
    /// [`Vault::sync`], which every append to a journal calls first.
    fn key_for(&self, subject: &str, category: &str) -> Result<KeyId, VaultError>;

    /// The key of this subject and category, where there is one.
    fn find(&self, subject: &str, category: &str) -> Result<Option<KeyId>, VaultError>;

    /// The key itself; [`VaultError::UnknownKey`] where the vault has never held it.
    fn key(&self, id: KeyId) -> Result<SubjectKey, VaultError>;

    /// Makes every key made so far durable. Cheap where nothing is new.
    fn sync(&self) -> Result<(), VaultError>;
}

/// Keys by id and by whose they are; the part that every vault shares.
#[derive(Default)]
pub(crate) struct Keys {
    by_id: BTreeMap<KeyId, SubjectKey>,
    by_owner: BTreeMap<(String, String), KeyId>,
}

impl Keys {
    pub(crate) fn insert(&mut self, subject: &str, category: &str, id: KeyId, key: SubjectKey) {
        self.by_id.insert(id, key);
        self.by_owner
            .insert((subject.to_owned(), category.to_owned()), id);
    }

    pub(crate) fn find(&self, subject: &str, category: &str) -> Option<KeyId> {
        self.by_owner
            .get(&(subject.to_owned(), category.to_owned()))
            .copied()
    }

    pub(crate) fn key(&self, id: KeyId) -> Result<SubjectKey, VaultError> {
        self.by_id
            .get(&id)
            .cloned()
            .ok_or(VaultError::UnknownKey(id))
    }

    /// A fresh id and key; an id that is taken is drawn again.
    pub(crate) fn generate(&self, random: &dyn Random) -> (KeyId, SubjectKey) {
        let mut id = KeyId(random.sixteen());
        while self.by_id.contains_key(&id) {
            id = KeyId(random.sixteen());
        }
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes);
        (id, SubjectKey(bytes))
    }
}

/// A vault in memory, for tests and for a demo that leaves nothing behind.
pub struct MemoryVault {
    random: Arc<dyn Random>,
    keys: Mutex<Keys>,
}

impl MemoryVault {
    /// An empty vault that draws its keys from `random`.
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self {
            random,
            keys: Mutex::default(),
        }
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Vault for MemoryVault {
    fn key_for(&self, subject: &str, category: &str) -> Result<KeyId, VaultError> {
        let mut keys = self.keys();
        if let Some(id) = keys.find(subject, category) {
            return Ok(id);
        }
        let (id, key) = keys.generate(&*self.random);
        keys.insert(subject, category, id, key);
        Ok(id)
    }

    fn find(&self, subject: &str, category: &str) -> Result<Option<KeyId>, VaultError> {
        Ok(self.keys().find(subject, category))
    }

    fn key(&self, id: KeyId) -> Result<SubjectKey, VaultError> {
        self.keys().key(id)
    }

    fn sync(&self) -> Result<(), VaultError> {
        Ok(())
    }
}
