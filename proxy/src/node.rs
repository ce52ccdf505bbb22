//! Who this node is: its name and its own key, to which every secret it receives is encrypted.
//!
//! A node is enrolled by giving the ledger its name, its public key and the hash of its
//! credential. Where the key's file lies is the binary's affair.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::Random;
use ledger::sealed_box::{BoxPrivateKey, SealedBoxError};
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Longest name of a node, in characters. It stands in every code and token that the node issues.
const NAME_LENGTH_MAX: usize = 40;

/// A proxy node's name and key.
#[derive(Clone, Debug)]
pub struct NodeIdentity {
    name: String,
    key: BoxPrivateKey,
}

/// Why a node's identity could not be made, kept or read.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The name does not fit into tokens and file names.
    #[error("node name must be 1 to 40 lower-case letters, digits and hyphens")]
    Name,
    /// A file is there already; a node's key is never overwritten.
    #[error("{} exists already and is not overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error("node key could not be written to {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// The file could not be read.
    #[error("node key could not be read from {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// Others than the owner may read the file.
    #[error("{} can be read by others than its owner; set its mode to 600", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// The file holds something else.
    #[error("{} does not hold a node's key", path.display())]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// The key is not usable.
    #[error("node key is not usable")]
    Key(#[source] SealedBoxError),
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyFile {
    version: u16,
    name: String,
    private_key: String,
}

impl NodeIdentity {
    /// A new node.
    pub fn generate(name: &str, random: &dyn Random) -> Result<Self, NodeError> {
        Self::of(name, BoxPrivateKey::generate(random))
    }

    /// The node of this name and key.
    pub fn of(name: &str, key: BoxPrivateKey) -> Result<Self, NodeError> {
        let fits = (1..=NAME_LENGTH_MAX).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits {
            Ok(Self {
                name: name.to_owned(),
                key,
            })
        } else {
            Err(NodeError::Name)
        }
    }

    /// Keeps the identity in a new file that only its owner may read.
    pub fn save(&self, path: &Path) -> Result<(), NodeError> {
        let error = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => NodeError::Exists {
                path: path.to_owned(),
            },
            _ => NodeError::Write {
                path: path.to_owned(),
                source,
            },
        };
        let file = KeyFile {
            version: 1,
            name: self.name.clone(),
            private_key: STANDARD.encode(self.key.to_bytes().as_slice()),
        };
        let text = serde_json::to_vec(&file).map_err(|source| error(source.into()))?;
        let text = Zeroizing::new(text);
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(error)?;
        out.write_all(&text)
            .and_then(|()| out.sync_all())
            .map_err(error)
    }

    /// Reads the identity that [`save`](Self::save) kept.
    pub fn load(path: &Path) -> Result<Self, NodeError> {
        let error = |source| NodeError::Read {
            path: path.to_owned(),
            source,
        };
        let form = || NodeError::Form {
            path: path.to_owned(),
        };
        if fs::metadata(path).map_err(error)?.permissions().mode() & 0o077 != 0 {
            return Err(NodeError::Exposed {
                path: path.to_owned(),
            });
        }
        let text = Zeroizing::new(fs::read(path).map_err(error)?);
        let file: KeyFile = serde_json::from_slice(&text).map_err(|_| form())?;
        let bytes = STANDARD
            .decode(file.private_key.as_bytes())
            .map_err(|_| form())?;
        let bytes = Zeroizing::new(bytes);
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| form())?;
        if file.version != 1 {
            return Err(form());
        }
        Self::of(&file.name, BoxPrivateKey::from_bytes(bytes))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its public key in base64, as it is enrolled.
    pub fn public_key(&self) -> Result<String, NodeError> {
        self.key
            .public_key()
            .map(|key| STANDARD.encode(key.0))
            .map_err(NodeError::Key)
    }

    /// Its private key.
    pub(crate) fn key(&self) -> &BoxPrivateKey {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::SeededRandom;

    #[test]
    fn an_identity_survives_its_file_and_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("node.key");
        let node = NodeIdentity::generate("node-1", &SeededRandom::new(1)).unwrap();
        node.save(&path).unwrap();
        let loaded = NodeIdentity::load(&path).unwrap();
        assert_eq!(loaded.name(), "node-1");
        assert_eq!(loaded.public_key().unwrap(), node.public_key().unwrap());
        assert!(matches!(node.save(&path), Err(NodeError::Exists { .. })));

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            NodeIdentity::load(&path),
            Err(NodeError::Exposed { .. })
        ));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, b"{}").unwrap();
        assert!(matches!(
            NodeIdentity::load(&path),
            Err(NodeError::Form { .. })
        ));
    }

    #[test]
    fn a_name_that_would_not_fit_a_token_is_refused() {
        for name in ["", "Node", "a.b", "a/b", &"a".repeat(41)] {
            let made = NodeIdentity::generate(name, &SeededRandom::new(1));
            assert!(matches!(made, Err(NodeError::Name)), "{name}");
        }
    }
}
