//! The ledger handle: which journals there are, and the one open handle of each.

mod directory;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

pub use directory::DirectoryOptions;

use crate::blobs::{Blobs, MemoryBlobs};
use crate::engine::embedded::RecoverError;
use crate::engine::memory::MemoryEngine;
use crate::engine::{Engine, ReadError, Repair};
use crate::journal::Journal;
use crate::name::JournalName;
use crate::random::Random;
use crate::sealing::Sealer;
use crate::vault::{MemoryVault, Vault, VaultError};

/// Why a ledger or a journal could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The ledger has no journal of this name.
    #[error("the ledger has no journal {0}")]
    NoSuchJournal(JournalName),
    /// The ledger had this journal and has lost it.
    #[error(
        "journal {journal} is missing: there is no {}; restore the whole data directory from a backup",
        path.display()
    )]
    JournalMissing {
        /// The journal.
        journal: JournalName,
        /// Where it should be.
        path: PathBuf,
    },
    /// The journal's end could not be read.
    #[error("reading the end of journal {journal} failed")]
    Head {
        /// The journal.
        journal: JournalName,
        /// Why.
        #[source]
        source: ReadError,
    },
    /// The journal's directory was refused.
    #[error("journal {journal} cannot be served")]
    Journal {
        /// The journal.
        journal: JournalName,
        /// Why.
        #[source]
        source: RecoverError,
    },
    /// Another process has the ledger open.
    #[error("the ledger in {} is open in another process; stop that one first", .0.display())]
    Locked(PathBuf),
    /// There is no ledger in the directory.
    #[error("there is no ledger in {}; `init` makes one", .0.display())]
    NoLedger(PathBuf),
    /// A new ledger needs an empty directory.
    #[error("{} is not empty; a new ledger needs an empty directory", .0.display())]
    NotEmpty(PathBuf),
    /// The ledger was written by a later version.
    #[error("the ledger has format {0}, which this version does not know")]
    UnknownFormat(u32),
    /// The file that says which ledger this is cannot be read.
    #[error("{} is damaged", path.display())]
    Identity {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The vault cannot be opened.
    #[error("opening the vault failed")]
    Vault(#[from] VaultError),
    /// A file could not be read or written.
    #[error("{operation} {} failed", path.display())]
    Store {
        /// What was tried.
        operation: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The ledger was closed.
    #[error("the ledger is closed")]
    Closed,
}

/// Where the journals of one ledger are kept.
pub trait Store: Send + Sync {
    /// The names of all journals, in order.
    fn list(&self) -> Result<Vec<JournalName>, OpenError>;

    /// The engine of a journal; made where there is none and `create` is set.
    fn engine(&self, name: &JournalName, create: bool) -> Result<Arc<dyn Engine>, OpenError>;

    /// Opens no engine any more and gives up what the store holds on to.
    fn close(&self) {}
}

/// Journals in memory. The value is the storage: a ledger opened on it again finds the same journals. As every new
/// ledger it has one journal, governance, which is empty.
pub struct MemoryStore(Mutex<BTreeMap<JournalName, Arc<MemoryEngine>>>);

impl Default for MemoryStore {
    fn default() -> Self {
        let governance = (JournalName::governance(), Arc::default());
        Self(Mutex::new(BTreeMap::from([governance])))
    }
}

impl Store for MemoryStore {
    fn list(&self) -> Result<Vec<JournalName>, OpenError> {
        Ok(self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .cloned()
            .collect())
    }

    fn engine(&self, name: &JournalName, create: bool) -> Result<Arc<dyn Engine>, OpenError> {
        let mut engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get(name) {
            return Ok(Arc::clone(engine) as Arc<dyn Engine>);
        }
        if !create {
            return Err(OpenError::NoSuchJournal(name.clone()));
        }
        let engine = Arc::new(MemoryEngine::new());
        engines.insert(name.clone(), Arc::clone(&engine));
        Ok(engine)
    }
}

/// One open ledger: its journals, its vault and its documents. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
}

struct Shared {
    id: Uuid,
    store: Box<dyn Store>,
    vault: Arc<dyn Vault>,
    blobs: Arc<dyn Blobs>,
    random: Arc<dyn Random>,
    journals: Mutex<BTreeMap<JournalName, Journal>>,
}

impl Ledger {
    /// A ledger over the given parts.
    pub fn new(
        id: Uuid,
        store: Box<dyn Store>,
        vault: Arc<dyn Vault>,
        blobs: Arc<dyn Blobs>,
        random: Arc<dyn Random>,
    ) -> Self {
        let journals = Mutex::default();
        Self {
            shared: Arc::new(Shared {
                id,
                store,
                vault,
                blobs,
                random,
                journals,
            }),
        }
    }

    /// A new ledger in memory.
    pub fn in_memory(id: Uuid, random: Arc<dyn Random>) -> Self {
        let vault = Arc::new(MemoryVault::new(Arc::clone(&random)));
        Self::new(
            id,
            Box::new(MemoryStore::default()),
            vault,
            Arc::new(MemoryBlobs::default()),
            random,
        )
    }

    /// The ledger's id.
    pub fn id(&self) -> Uuid {
        self.shared.id
    }

    /// The vault.
    pub fn vault(&self) -> &Arc<dyn Vault> {
        &self.shared.vault
    }

    /// The store of sealed documents.
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.shared.blobs
    }

    /// Seals and opens with this ledger's vault.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(
            Arc::clone(&self.shared.vault),
            Arc::clone(&self.shared.random),
        )
    }

    /// The names of all journals, in order.
    pub fn journals(&self) -> Result<Vec<JournalName>, OpenError> {
        self.shared.store.list()
    }

    /// The journal of this name; [`OpenError::NoSuchJournal`] where there is none.
    pub fn journal(&self, name: &JournalName) -> Result<Journal, OpenError> {
        self.open(name, false)
    }

    /// The journal of this name, made where there is none.
    pub fn journal_or_create(&self, name: &JournalName) -> Result<Journal, OpenError> {
        self.open(name, true)
    }

    /// What was healed in the open journals since they were opened, for the event that records it.
    pub fn repairs(&self) -> Vec<(JournalName, Repair)> {
        let journals = self.lock();
        let of = |(name, journal): (&JournalName, &Journal)| {
            let repairs = journal.engine().repairs().into_iter();
            repairs
                .map(|repair| (name.clone(), repair))
                .collect::<Vec<_>>()
        };
        journals.iter().flat_map(of).collect()
    }

    /// What does not work in the open journals although they are served: alarms for the operator.
    pub fn troubles(&self) -> Vec<String> {
        self.lock()
            .values()
            .flat_map(|journal| journal.engine().troubles())
            .collect()
    }

    /// Ends all writers and followers and brings the background to rest. Journals that are still held elsewhere
    /// answer reads no more.
    pub fn close(&self) {
        for journal in std::mem::take(&mut *self.lock()).into_values() {
            journal.engine().close();
        }
        self.shared.store.close();
    }

    fn open(&self, name: &JournalName, create: bool) -> Result<Journal, OpenError> {
        let mut journals = self.lock();
        if let Some(journal) = journals.get(name) {
            return Ok(journal.clone());
        }
        let shared = &*self.shared;
        let engine = shared.store.engine(name, create)?;
        let (vault, blobs) = (Arc::clone(&shared.vault), Arc::clone(&shared.blobs));
        let journal =
            Journal::open(shared.id, name.clone(), engine, vault, blobs).map_err(|source| {
                OpenError::Head {
                    journal: name.clone(),
                    source,
                }
            })?;
        journals.insert(name.clone(), journal.clone());
        Ok(journal)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<JournalName, Journal>> {
        self.shared
            .journals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
