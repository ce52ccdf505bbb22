//! One generation of the index on disk: counters, and for each journal how far it was counted,
//! moved in one step with the counters.
//!
//! sled is opened under guard here, as everywhere: a damaged database has been seen to panic. An
//! index that does not open is no loss, for it is built again.

use super::UsageError;
use super::key::{self, Counter};
use domain::time::Zone;
use ledger::{Hash, JournalName};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use uuid::Uuid;

/// The layout of keys and values. An index of another layout cannot be read at all.
const LAYOUT: u32 = 2;

/// Memory for the index's pages. What is asked for is recent, so little is enough.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// What an index was built of, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The version of the fold.
    pub(super) version: u32,
    /// The ledger whose journals were counted.
    pub(super) ledger: Uuid,
    /// The zone whose days are counted.
    pub(super) zone: String,
}

impl Header {
    pub(super) fn new(version: u32, ledger: Uuid, zone: &Zone) -> Self {
        let zone = zone.name().to_owned();
        Self {
            version,
            ledger,
            zone,
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let Self {
            version,
            ledger,
            zone,
        } = self;
        format!("{LAYOUT} {version} {ledger} {zone}").into_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(bytes).ok()?.splitn(4, ' ');
        let layout: u32 = parts.next()?.parse().ok()?;
        let header = Self {
            version: parts.next()?.parse().ok()?,
            ledger: parts.next()?.parse().ok()?,
            zone: parts.next()?.to_owned(),
        };
        (layout == LAYOUT).then_some(header)
    }
}

/// How far a journal was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// The position of the first event that was not.
    pub(super) position: u64,
    /// The hash of the frame that ends there; zeros at the beginning.
    pub(super) frame: Hash,
    /// Whether its month is over and all of it counted: it is not opened any more.
    pub(super) complete: bool,
}

impl Checkpoint {
    const BYTES: usize = 8 + 32 + 1;

    fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.position.to_be_bytes());
        bytes[8..40].copy_from_slice(self.frame.as_bytes());
        bytes[40] = u8::from(self.complete);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::BYTES] = bytes.try_into().ok()?;
        Some(Self {
            position: u64::from_be_bytes(bytes[..8].try_into().ok()?),
            frame: Hash(bytes[8..40].try_into().ok()?),
            complete: bytes[40] == 1,
        })
    }
}

/// One generation of the index.
pub(super) struct Index {
    database: sled::Db,
    pub(super) header: Header,
}

impl Index {
    /// Opens the index in `directory`, or makes it with this header. An index whose header cannot
    /// be read, and one that does not open, is [`UsageError::Damaged`].
    pub(super) fn open(directory: Option<&Path>, header: &Header) -> Result<Self, UsageError> {
        let config = sled::Config::new().cache_capacity(CACHE_BYTES);
        let config = match directory {
            Some(directory) => config.path(directory),
            None => config.temporary(true),
        };
        let database =
            catch_unwind(AssertUnwindSafe(|| config.open())).map_err(|_| UsageError::Damaged)??;
        let found = database.get(key::HEADER)?;
        let header = match found {
            Some(bytes) => Header::from_bytes(&bytes).ok_or(UsageError::Damaged)?,
            // Every index begins with its header: one that has none and is not empty lost it.
            None if !database.is_empty() => return Err(UsageError::Damaged),
            None => {
                database.insert(key::HEADER, header.to_bytes())?;
                header.clone()
            }
        };
        Ok(Self { database, header })
    }

    /// How far a journal was counted.
    pub(super) fn checkpoint(&self, journal: &JournalName) -> Result<Checkpoint, UsageError> {
        match self.database.get(key::checkpoint(journal))? {
            Some(bytes) => Checkpoint::from_bytes(&bytes).ok_or(UsageError::Damaged),
            None => Ok(Checkpoint::default()),
        }
    }

    /// Adds the counts of a step and moves the checkpoint, both or neither.
    pub(super) fn write(
        &self,
        counts: BTreeMap<Counter, u64>,
        journal: &JournalName,
        checkpoint: Checkpoint,
    ) -> Result<(), UsageError> {
        let mut batch = sled::Batch::default();
        for (counter, count) in counts {
            let key = counter.to_bytes();
            let before = match self.database.get(key)? {
                Some(bytes) => number(&bytes)?,
                None => 0,
            };
            batch.insert(&key[..], &(before + count).to_be_bytes());
        }
        batch.insert(key::checkpoint(journal), checkpoint.to_bytes().to_vec());
        Ok(self.database.apply_batch(batch)?)
    }

    /// The counters between two keys, in their order.
    pub(super) fn counters(
        &self,
        range: std::ops::Range<[u8; key::BYTES]>,
    ) -> Result<Vec<(Counter, u64)>, UsageError> {
        let mut found = Vec::new();
        for entry in self.database.range(range) {
            let (key, count) = entry?;
            let counter = Counter::from_bytes(&key).ok_or(UsageError::Damaged)?;
            found.push((counter, number(&count)?));
        }
        Ok(found)
    }

    /// Makes everything so far durable, as well as sled can.
    pub(super) fn flush(&self) -> Result<(), UsageError> {
        self.database.flush()?;
        Ok(())
    }
}

fn number(bytes: &[u8]) -> Result<u64, UsageError> {
    let bytes = bytes.try_into().map_err(|_| UsageError::Damaged)?;
    Ok(u64::from_be_bytes(bytes))
}
