//! A ledger in a directory: its identity, its lock, and one directory for each journal.
//!
//! ```text
//! ledger.json        format, id and the journals; written last, so a directory without it is no ledger
//! lock               locked by the one process that has the ledger open
//! journals/NAME/     tail/, sled/ and the mark of a clean close; `/` in a name is `+` here
//! vault/             the keys; may be placed elsewhere, and belongs in no backup of the rest
//! blobs/             sealed documents
//! ```

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::{Ledger, OpenError, Store};
use crate::blobs::DirectoryBlobs;
use crate::durable::{create_directory, read_if_there, remove, replace_file, sync_directory};
use crate::engine::Engine;
use crate::engine::embedded::{EmbeddedEngine, EmbeddedOptions};
use crate::name::JournalName;
use crate::random::Random;
use crate::vault::{FileVault, MasterKey};

/// How a ledger in a directory is opened.
#[derive(Clone)]
pub struct DirectoryOptions {
    /// How its journals are kept.
    pub journals: EmbeddedOptions,
    /// The key that wraps the vault's keys.
    pub master_key: MasterKey,
    /// Where the vault lies, where that is not inside the ledger's directory.
    pub vault_directory: Option<PathBuf>,
    /// The source of keys, nonces and salts.
    pub random: Arc<dyn Random>,
}

impl DirectoryOptions {
    /// The usual options.
    pub fn new(master_key: MasterKey, random: Arc<dyn Random>) -> Self {
        Self {
            journals: EmbeddedOptions::default(),
            master_key,
            vault_directory: None,
            random,
        }
    }

    fn vault_in(&self, directory: &Path) -> PathBuf {
        self.vault_directory
            .clone()
            .unwrap_or_else(|| directory.join("vault"))
    }
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    format: u32,
    ledger_id: Uuid,
    /// Every journal that may hold events: named here before its first append, so that one that is lost is
    /// missed and not made anew.
    journals: BTreeSet<JournalName>,
}

#[derive(serde::Deserialize)]
struct Format {
    format: u32,
}

impl Identity {
    fn read(directory: &Path) -> Result<Self, OpenError> {
        let path = directory.join(IDENTITY);
        let bytes = read_if_there(&path).map_err(store("reading", &path))?;
        let bytes = bytes.ok_or_else(|| OpenError::NoLedger(directory.to_owned()))?;
        let damaged = |source| OpenError::Identity {
            path: path.clone(),
            source,
        };
        // The format alone first: what else a later one says is not known here.
        let Format { format } = serde_json::from_slice(&bytes).map_err(damaged)?;
        if format != FORMAT {
            return Err(OpenError::UnknownFormat(format));
        }
        serde_json::from_slice(&bytes).map_err(damaged)
    }

    fn write(&self, directory: &Path) -> Result<(), OpenError> {
        let path = directory.join(IDENTITY);
        let mut text = serde_json::to_vec(self).map_err(|source| OpenError::Identity {
            path: path.clone(),
            source,
        })?;
        text.push(b'\n');
        replace_file(&path, &text).map_err(store("writing", &path))
    }
}

const FORMAT: u32 = 1;
const IDENTITY: &str = "ledger.json";

fn store(operation: &'static str, path: &Path) -> impl Fn(io::Error) -> OpenError {
    let path = path.to_owned();
    move |source| OpenError::Store {
        operation,
        path: path.clone(),
        source,
    }
}

impl Ledger {
    /// Whether `directory` holds a ledger.
    pub fn exists_in(directory: &Path) -> bool {
        directory.join(IDENTITY).is_file()
    }

    /// Makes a ledger in `directory`, which must be missing or empty, and opens it. It has one journal, governance,
    /// which is empty.
    pub fn create_in(
        directory: &Path,
        id: Uuid,
        options: &DirectoryOptions,
    ) -> Result<Self, OpenError> {
        create_directory(directory).map_err(store("making the directory", directory))?;
        let mut entries = fs::read_dir(directory).map_err(store("listing", directory))?;
        if entries.next().is_some() {
            return Err(OpenError::NotEmpty(directory.to_owned()));
        }
        let lock = Arc::new(lock(directory)?);
        let journals = directory.join("journals");
        create_directory(&journals).map_err(store("making the directory", &journals))?;
        FileVault::create(
            &options.vault_in(directory),
            &options.master_key,
            &*options.random,
        )?;
        let governance = JournalName::governance();
        make_journal(&journals, &governance, &options.journals)?;
        let identity = Identity {
            format: FORMAT,
            ledger_id: id,
            journals: BTreeSet::from([governance]),
        };
        identity.write(directory)?;
        Self::open_locked(directory, identity, options, lock)
    }

    /// Opens the ledger in `directory`. One process at a time: a second one gets [`OpenError::Locked`]. A journal
    /// that the ledger once had and that is not there is [`OpenError::JournalMissing`].
    pub fn open_in(directory: &Path, options: &DirectoryOptions) -> Result<Self, OpenError> {
        if !Self::exists_in(directory) {
            return Err(OpenError::NoLedger(directory.to_owned()));
        }
        let lock = Arc::new(lock(directory)?);
        let identity = Identity::read(directory)?;
        // The names that a crash left may stand in the kernel's memory alone.
        for names in [directory, &directory.join("journals")] {
            sync_directory(names).map_err(store("syncing", names))?;
        }
        for name in &identity.journals {
            let path = directory.join("journals").join(name.to_directory());
            if !path.is_dir() {
                return Err(OpenError::JournalMissing {
                    journal: name.clone(),
                    path,
                });
            }
        }
        Self::open_locked(directory, identity, options, lock)
    }

    fn open_locked(
        directory: &Path,
        identity: Identity,
        options: &DirectoryOptions,
        lock: Arc<File>,
    ) -> Result<Self, OpenError> {
        let random = Arc::clone(&options.random);
        let vault = FileVault::open(
            &options.vault_in(directory),
            &options.master_key,
            Arc::clone(&random),
        )?;
        let blobs = DirectoryBlobs::new(&directory.join("blobs"));
        let id = identity.ledger_id;
        let store = DirectoryStore {
            directory: directory.to_owned(),
            journals: directory.join("journals"),
            options: options.journals.clone(),
            identity: Mutex::new(identity),
            lock: Mutex::new(Some(lock)),
        };
        Ok(Self::new(
            id,
            Box::new(store),
            Arc::new(vault),
            Arc::new(blobs),
            random,
        ))
    }
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    let path = directory.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(store("opening", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(store("locking", &path)(error)),
    }
}

/// Makes the directory of an empty journal. It is made under another name first: it is whole or not there.
fn make_journal(
    journals: &Path,
    name: &JournalName,
    options: &EmbeddedOptions,
) -> Result<(), OpenError> {
    let path = journals.join(name.to_directory());
    let making = journals.join(format!("{}.making", name.to_directory()));
    remove(&making).map_err(store("clearing", &making))?;
    EmbeddedEngine::create(&making, options).map_err(|source| OpenError::Journal {
        journal: name.clone(),
        source,
    })?;
    sync_directory(&making).map_err(store("syncing", &making))?;
    fs::rename(&making, &path).map_err(store("naming", &path))?;
    sync_directory(journals).map_err(store("syncing", journals))
}

/// The journals of one directory.
struct DirectoryStore {
    directory: PathBuf,
    journals: PathBuf,
    options: EmbeddedOptions,
    identity: Mutex<Identity>,
    lock: Mutex<Option<Arc<File>>>,
}

impl DirectoryStore {
    /// Sees to it that the journal is there and that the ledger knows of it: in this order, so that a crash
    /// between the two leaves an empty journal that nobody misses, and no name without a journal.
    fn provide(&self, name: &JournalName, path: &Path, create: bool) -> Result<(), OpenError> {
        let mut identity = self.identity.lock().unwrap_or_else(PoisonError::into_inner);
        let known = identity.journals.contains(name);
        match (path.is_dir(), known) {
            (true, true) => return Ok(()),
            (true, false) => {}
            (false, true) => {
                return Err(OpenError::JournalMissing {
                    journal: name.clone(),
                    path: path.to_owned(),
                });
            }
            (false, false) if create => make_journal(&self.journals, name, &self.options)?,
            (false, false) => return Err(OpenError::NoSuchJournal(name.clone())),
        }
        let mut more = identity.clone();
        more.journals.insert(name.clone());
        more.write(&self.directory)?;
        *identity = more;
        Ok(())
    }
}

impl Store for DirectoryStore {
    fn list(&self) -> Result<Vec<JournalName>, OpenError> {
        let listing = store("listing", &self.journals);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.journals).map_err(&listing)? {
            let name = entry.map_err(&listing)?.file_name();
            names.extend(name.to_str().and_then(JournalName::from_directory));
        }
        names.sort();
        Ok(names)
    }

    fn engine(&self, name: &JournalName, create: bool) -> Result<Arc<dyn Engine>, OpenError> {
        let lock = self
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let lock = lock.ok_or(OpenError::Closed)?;
        let path = self.journals.join(name.to_directory());
        self.provide(name, &path, create)?;
        let engine = EmbeddedEngine::open(&path, name, &self.options, lock).map_err(|source| {
            OpenError::Journal {
                journal: name.clone(),
                source,
            }
        })?;
        Ok(Arc::new(engine))
    }

    fn close(&self) {
        self.lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}
