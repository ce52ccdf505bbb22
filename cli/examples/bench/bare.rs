//! The peers: a file that is appended to and synced, by one writer or by many with group commit.

use anyhow::Context as _;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use tokio::sync::{mpsc, oneshot};

/// As long as one of the ledger's own files is.
const LENGTH: u64 = 64 * 1024 * 1024;

/// As many as the registrar takes at once.
const WRITES_PER_COMMIT: usize = 256;

/// A file, zeroed beforehand, written from the beginning again when it is full.
pub(crate) struct BareFile {
    file: File,
    at: u64,
}

impl BareFile {
    /// A new one.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::options()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(path)
            .context("making a bare file failed")?;
        let zeros = vec![0; 1024 * 1024];
        for block in 0..LENGTH / 1024 / 1024 {
            file.write_all_at(&zeros, block * 1024 * 1024)?;
        }
        file.sync_all()?;
        Ok(Self { file, at: 0 })
    }

    /// Writes and syncs.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let length = bytes.len() as u64;
        if self.at + length > LENGTH {
            self.at = 0;
        }
        self.file.write_all_at(bytes, self.at)?;
        self.file.sync_data()?;
        self.at += length;
        Ok(())
    }
}

type Write = (Vec<u8>, oneshot::Sender<()>);

/// A bare file with a thread that gathers what waits into one write and one sync, and answers then.
#[derive(Clone)]
pub(crate) struct BareQueue(mpsc::Sender<Write>);

impl BareQueue {
    /// Starts the thread; it ends with the last clone.
    pub(crate) fn start(path: &Path) -> anyhow::Result<Self> {
        let mut file = BareFile::create(path)?;
        let (queue, mut writes) = mpsc::channel::<Write>(4096);
        std::thread::Builder::new()
            .name("bare".to_owned())
            .spawn(move || {
                let mut batch = Vec::with_capacity(WRITES_PER_COMMIT);
                while writes.blocking_recv_many(&mut batch, WRITES_PER_COMMIT) > 0 {
                    let bytes: Vec<u8> =
                        batch.iter().flat_map(|(bytes, _)| bytes).copied().collect();
                    if file.append(&bytes).is_err() {
                        return;
                    }
                    for (_, answer) in batch.drain(..) {
                        let _ = answer.send(());
                    }
                }
            })
            .context("starting a thread failed")?;
        Ok(Self(queue))
    }

    /// Writes durably.
    pub(crate) async fn write(&self, bytes: Vec<u8>) -> anyhow::Result<()> {
        let (answer, answered) = oneshot::channel();
        let queued = self.0.send((bytes, answer)).await;
        queued.ok().context("the bare file's thread has ended")?;
        answered.await.context("the bare file could not be written")
    }
}
