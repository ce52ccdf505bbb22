//! Sealing: how one personal or secret value becomes bytes that only a vault key opens.
//!
//! AES-256-GCM-SIV with a random nonce, which stays safe should a nonce ever repeat. The value is bound to
//! ledger, stream, event, type, field and key, so that it cannot be moved to another place unnoticed. The
//! encryption alone does not commit to its key, so a commitment stands beside it, whose salt lies inside the
//! ciphertext: with the value shown anyone can check it, and without the key nobody can guess it.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::envelope::{KeyId, SealedField};
use crate::hash::{Hash, Hasher};
use crate::random::Random;
use crate::vault::{SubjectKey, Vault, VaultError};

const SALT_BYTES: usize = 32;

/// Why a value was not sealed or not opened. Says nothing of the value.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The vault gave no key.
    #[error("the vault gave no key")]
    Vault(#[from] VaultError),
    /// Ciphertext, nonce or binding are not those it was sealed with.
    #[error("sealed field {field} does not open: it is damaged or belongs to another place")]
    Opening {
        /// Which field.
        field: String,
    },
    /// The value does not give the commitment that was recorded with it.
    #[error("sealed field {field} does not match its commitment")]
    Commitment {
        /// Which field.
        field: String,
    },
    /// The cryptographic library refused.
    #[error("sealing field {field} failed")]
    Sealing {
        /// Which field.
        field: String,
    },
    /// The stored document is not in a form this version knows.
    #[error("sealed document is not in a known form")]
    Form,
}

/// The place a sealed value belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// The ledger's id.
    pub ledger_id: Uuid,
    /// The event's stream.
    pub stream: &'a str,
    /// The event's id.
    pub event_id: Uuid,
    /// The event's type.
    pub event_type: &'a str,
    /// Which value it is.
    pub field: &'a str,
}

impl Binding<'_> {
    /// Every part behind its length, so that no two bindings give the same bytes.
    fn associated_data(&self, key_id: KeyId) -> Vec<u8> {
        let parts: [&[u8]; 7] = [
            b"trustnet sealed field 1",
            self.ledger_id.as_bytes(),
            self.stream.as_bytes(),
            self.event_id.as_bytes(),
            self.event_type.as_bytes(),
            self.field.as_bytes(),
            &key_id.0,
        ];
        let mut out = Vec::with_capacity(128);
        for part in parts {
            out.extend_from_slice(&(part.len() as u64).to_be_bytes());
            out.extend_from_slice(part);
        }
        out
    }
}

/// Seals and opens values with the keys of one vault. Cheap to clone.
#[derive(Clone)]
pub struct Sealer {
    vault: Arc<dyn Vault>,
    random: Arc<dyn Random>,
}

impl Sealer {
    /// Seals with the keys of `vault`; nonces and salts come from `random`.
    pub fn new(vault: Arc<dyn Vault>, random: Arc<dyn Random>) -> Self {
        Self { vault, random }
    }

    /// The vault.
    pub fn vault(&self) -> &Arc<dyn Vault> {
        &self.vault
    }

    /// Seals `value` under the vault key `key_id`, for the place that `binding` names.
    pub fn seal(
        &self,
        key_id: KeyId,
        binding: &Binding<'_>,
        value: &[u8],
    ) -> Result<SealedField, SealError> {
        let field = || binding.field.to_owned();
        let mut salted = Zeroizing::new(vec![0; SALT_BYTES + value.len()]);
        self.random.fill(&mut salted[..SALT_BYTES]);
        salted[SALT_BYTES..].copy_from_slice(value);
        let commitment = commitment(&salted);
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce);
        let key = cipher(&self.vault.key(key_id)?)
            .ok_or_else(|| SealError::Sealing { field: field() })?;
        // Encrypted in place: the buffer that held the clear value is the one that leaves.
        let mut ciphertext = std::mem::take(&mut *salted);
        ciphertext.reserve_exact(16);
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(binding.associated_data(key_id)),
            &mut ciphertext,
        )
        .map_err(|_| SealError::Sealing { field: field() })?;
        Ok(SealedField {
            field: field(),
            key_id,
            nonce,
            ciphertext,
            commitment,
        })
    }

    /// Opens what [`Sealer::seal`] gave, in the same place.
    pub fn open(
        &self,
        binding: &Binding<'_>,
        sealed: &SealedField,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let field = || sealed.field.clone();
        let key = cipher(&self.vault.key(sealed.key_id)?)
            .ok_or_else(|| SealError::Opening { field: field() })?;
        let mut buffer = Zeroizing::new(sealed.ciphertext.clone());
        let salted = key
            .open_in_place(
                Nonce::assume_unique_for_key(sealed.nonce),
                Aad::from(binding.associated_data(sealed.key_id)),
                &mut buffer,
            )
            .map_err(|_| SealError::Opening { field: field() })?;
        let value = salted
            .get(SALT_BYTES..)
            .ok_or_else(|| SealError::Opening { field: field() })?;
        if !bool::from(commitment(salted).0.ct_eq(&sealed.commitment.0)) {
            return Err(SealError::Commitment { field: field() });
        }
        Ok(Zeroizing::new(value.to_vec()))
    }

    /// Seals a document into the bytes that a blob store keeps; their hash is the blob's name.
    pub fn seal_document(
        &self,
        key_id: KeyId,
        binding: &Binding<'_>,
        document: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let sealed = self.seal(key_id, binding, document)?;
        let mut out = Vec::with_capacity(DOCUMENT_MARK.len() + 60 + sealed.ciphertext.len());
        out.extend_from_slice(DOCUMENT_MARK);
        out.extend_from_slice(&sealed.key_id.0);
        out.extend_from_slice(&sealed.nonce);
        out.extend_from_slice(&sealed.commitment.0);
        out.extend_from_slice(&sealed.ciphertext);
        Ok(out)
    }

    /// Opens what [`Sealer::seal_document`] gave, in the same place.
    pub fn open_document(
        &self,
        binding: &Binding<'_>,
        stored: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut reader = crate::wire::Reader::new(stored);
        if reader.take(DOCUMENT_MARK.len()) != Some(DOCUMENT_MARK) {
            return Err(SealError::Form);
        }
        let sealed = SealedField {
            field: binding.field.to_owned(),
            key_id: KeyId(reader.array().ok_or(SealError::Form)?),
            nonce: reader.array().ok_or(SealError::Form)?,
            commitment: Hash(reader.array().ok_or(SealError::Form)?),
            ciphertext: reader
                .take(reader.remaining())
                .ok_or(SealError::Form)?
                .to_vec(),
        };
        self.open(binding, &sealed)
    }
}

const DOCUMENT_MARK: &[u8] = b"TNDOC\x01";

fn cipher(key: &SubjectKey) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM_SIV, key.bytes())
        .ok()
        .map(LessSafeKey::new)
}

fn commitment(salted: &[u8]) -> Hash {
    let mut hasher = Hasher::new();
    hasher.update(b"trustnet commitment 1");
    hasher.update(salted);
    hasher.finish()
}
