//! The data directory and the master key of its vault.

use crate::exit::{Kind, Marked as _, trouble};
use crate::machine::SystemRandom;
use anyhow::Context as _;
use ledger::store::DirectoryOptions;
use ledger::vault::MasterKey;
use ledger::{JournalName, Ledger, Random};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Where a master key lies that no setting names: beside the data directory, not in it.
pub(crate) fn default_master_key(data: &Path) -> PathBuf {
    let mut name = data.file_name().unwrap_or_default().to_owned();
    name.push(".master-key");
    data.with_file_name(name)
}

/// Reads the master key: 64 hexadecimal digits.
pub(crate) fn read_master_key(file: &Path) -> anyhow::Result<MasterKey> {
    let text = fs::read_to_string(file)
        .with_context(|| format!("reading the master key `{}` failed", file.display()))?;
    let mut bytes = [0; 32];
    if hex::decode_to_slice(text.trim(), &mut bytes).is_err() {
        let file = file.display();
        return Err(trouble(
            Kind::Input,
            format!("`{file}` is no master key: 64 hex digits"),
        ));
    }
    Ok(MasterKey::new(bytes))
}

/// Makes a master key in a file that only its owner reads, or reads the one that is there.
pub(crate) fn master_key_or_new(file: &Path) -> anyhow::Result<MasterKey> {
    if file.exists() {
        return read_master_key(file);
    }
    let key = MasterKey::generate(&SystemRandom);
    let text = Zeroizing::new(format!("{}\n", hex::encode(*key.to_bytes())));
    write_secret(file, text.as_bytes())
        .with_context(|| format!("writing the master key `{}` failed", file.display()))?;
    Ok(key)
}

/// Writes a file that must not be there, for its owner only. It is there whole or not at all, and
/// so is its name, also after a power loss: a ledger whose key is gone opens nothing any more.
fn write_secret(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut writing = file.as_os_str().to_owned();
    writing.push(".writing");
    let mut out = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&writing)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    rustix::fs::renameat_with(
        rustix::fs::CWD,
        &writing,
        rustix::fs::CWD,
        file,
        rustix::fs::RenameFlags::NOREPLACE,
    )?;
    let parent = file.parent().filter(|parent| *parent != Path::new(""));
    fs::File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// How a data directory is opened.
pub(crate) fn options(master_key: MasterKey, vault: Option<PathBuf>) -> DirectoryOptions {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let mut options = DirectoryOptions::new(master_key, random);
    options.vault_directory = vault;
    options
}

/// Opens the ledger in a data directory.
pub(crate) fn open(directory: &Path, options: &DirectoryOptions) -> anyhow::Result<Ledger> {
    Ledger::open_in(directory, options)
        .with_context(|| format!("opening the ledger in `{}` failed", directory.display()))
        .kind(Kind::Machine)
}

/// Opens the ledger in a data directory, which must have been founded.
pub(crate) fn open_founded(directory: &Path, options: &DirectoryOptions) -> anyhow::Result<Ledger> {
    let ledger = open(directory, options)?;
    match is_founded(&ledger) {
        Ok(true) => Ok(ledger),
        founded => {
            ledger.close();
            founded?;
            Err(trouble(Kind::Input, not_founded(directory)))
        }
    }
}

/// Whether a ledger was founded: that is its first event, and a crash can come before it.
pub(crate) fn is_founded(ledger: &Ledger) -> anyhow::Result<bool> {
    let head = ledger
        .journal(&JournalName::governance())
        .map_err(anyhow::Error::from)
        .and_then(|governance| Ok(governance.head()?))
        .context("reading the governance journal failed")
        .kind(Kind::Machine)?;
    Ok(head.next_position > 0)
}

/// What to say of a ledger that was not founded.
pub(crate) fn not_founded(directory: &Path) -> String {
    format!(
        "the ledger in `{}` was made but not founded: run `trustnet init` again, which goes on with it",
        directory.display()
    )
}
