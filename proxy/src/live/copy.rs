//! The last good copy of a routing table on disk. Its secrets stay encrypted to the node.

use domain::Environment;
use domain::time::Instant;
use projections::routing::{ROUTING_FEED_VERSION, RoutingTable};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Why the copy could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The file could not be read.
    #[error("routing table could not be read from {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// The file is damaged, or of another version. Removing it loses nothing: the table comes from
    /// the feed.
    #[error("{} does not hold a routing table of this version; remove it", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What went wrong, where there is more to say.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// The file belongs to another environment.
    #[error("the kept routing table is the one of {found}")]
    Environment {
        /// Whose it is.
        found: Environment,
    },
    /// The file could not be written.
    #[error("routing table could not be written to {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
}

/// Where one environment's copy lies.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    path: PathBuf,
}

/// What the file holds.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written<T> {
    version: u16,
    confirmed_at: Instant,
    table: T,
}

/// A copy as it was read.
pub(super) struct Kept {
    pub(super) table: RoutingTable,
    pub(super) confirmed_at: Instant,
}

impl Copy {
    pub(super) fn new(directory: &Path, environment: Environment) -> Self {
        Self {
            path: directory.join(format!("routing-{environment}.json")),
        }
    }

    pub(super) fn read(&self) -> Result<Option<Kept>, CopyError> {
        let form = |source| CopyError::Form {
            path: self.path.clone(),
            source,
        };
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(CopyError::Read {
                    path: self.path.clone(),
                    source,
                });
            }
        };
        let written: Written<RoutingTable> =
            serde_json::from_slice(&bytes).map_err(|source| form(Some(source)))?;
        if written.version != ROUTING_FEED_VERSION {
            return Err(form(None));
        }
        Ok(Some(Kept {
            table: written.table,
            confirmed_at: written.confirmed_at,
        }))
    }

    /// Replaces the copy as a whole: a reader finds the old one or the new one.
    pub(super) fn write(
        &self,
        table: &RoutingTable,
        confirmed_at: Instant,
    ) -> Result<(), CopyError> {
        let error = |source| CopyError::Write {
            path: self.path.clone(),
            source,
        };
        let written = Written {
            version: ROUTING_FEED_VERSION,
            confirmed_at,
            table,
        };
        let bytes = serde_json::to_vec(&written).map_err(|source| error(source.into()))?;
        let temporary = self.path.with_extension("json.new");
        let put = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&temporary)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, &self.path)?;
            // The rename is durable once the directory is.
            self.path
                .parent()
                .map_or(Ok(()), |directory| File::open(directory)?.sync_all())
        };
        put().map_err(error)
    }
}
