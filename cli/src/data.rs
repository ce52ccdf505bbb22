//! The data directory and the master key of its vault.

use crate::exit::{Kind, Marked as _, trouble};
use crate::machine::SystemRandom;
use anyhow::Context as _;
use ledger::store::DirectoryOptions;
use ledger::vault::MasterKey;
use ledger::{Ledger, Random};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    let writing = || format!("writing the master key `{}` failed", file.display());
    let mut out = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(writing)?;
    writeln!(out, "{}", hex::encode(*key.to_bytes())).with_context(writing)?;
    out.sync_all().with_context(writing)?;
    Ok(key)
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
