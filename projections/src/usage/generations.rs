//! Where the generations of the index lie: numbered directories, and a file that says which of
//! them is served. A new one is built beside the one that is served, and takes its place whole.

use super::UsageError;
use super::index::{Header, Index};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file that names the generation that is served.
const CURRENT: &str = "current";

/// The directory of all generations; none keeps each in a temporary place.
pub(super) struct Generations {
    directory: Option<PathBuf>,
    last: u64,
}

impl Generations {
    /// The generations in `directory`, with the one that is served where it can be opened.
    ///
    /// What an interrupted build or an earlier swap left behind is removed, and so is what does
    /// not open.
    pub(super) fn open(
        directory: Option<&Path>,
        header: &Header,
    ) -> Result<(Self, Option<Index>), UsageError> {
        let Some(directory) = directory else {
            let directory = None;
            return Ok((Self { directory, last: 0 }, None));
        };
        let fault = |source| UsageError::Directory {
            path: directory.to_owned(),
            source,
        };
        fs::create_dir_all(directory).map_err(fault)?;
        let named = fs::read_to_string(directory.join(CURRENT)).ok();
        let current: Option<u64> = named.and_then(|text| text.trim().parse().ok());
        let served = current.and_then(|number| {
            let path = directory.join(number.to_string());
            let opened = path.is_dir().then(|| Index::open(Some(&path), header))?;
            if let Err(error) = &opened {
                let why = registrar::chain(error);
                tracing::error!(reason = %why, "The index of usage is built anew: {why}");
            }
            opened.ok()
        });
        let keep = served.as_ref().and(current);
        remove_all_but(directory, keep).map_err(fault)?;
        let generations = Self {
            directory: Some(directory.to_owned()),
            last: current.unwrap_or(0),
        };
        Ok((generations, served))
    }

    /// Begins a new generation.
    pub(super) fn begin(&mut self, header: &Header) -> Result<Index, UsageError> {
        self.last += 1;
        let path = self
            .directory
            .as_ref()
            .map(|directory| directory.join(self.last.to_string()));
        Index::open(path.as_deref(), header)
    }

    /// Has the newest generation served from now on, also after a restart. The one before is
    /// removed at the next start, for it may be read still.
    pub(super) fn serve_newest(&self) -> Result<(), UsageError> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        let write = || -> io::Result<()> {
            let next = directory.join("current.next");
            fs::write(&next, self.last.to_string())?;
            fs::rename(&next, directory.join(CURRENT))
        };
        write().map_err(|source| UsageError::Directory {
            path: directory.clone(),
            source,
        })
    }
}

fn remove_all_but(directory: &Path, keep: Option<u64>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let number: Option<u64> = name.to_str().and_then(|name| name.parse().ok());
        // Anything that is no generation is not ours to remove, but for an index of the first
        // layout, which lay in this directory itself.
        let first_layout = ["db", "conf", "blobs"].iter().any(|own| name == *own)
            || name.to_str().is_some_and(|name| name.starts_with("snap."));
        if number.is_some() && number != keep || first_layout {
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}
