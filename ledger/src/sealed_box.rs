//! Sealed boxes: bytes that only the holder of one private key can read.
//!
//! Secrets travel to a proxy node only in this form, for that node's enrolled public key. X25519 with an
//! ephemeral key, HKDF-SHA-256 over both public keys, AES-256-GCM; the key is fresh for every box, so the
//! fixed nonce is used once. A box proves nothing of its sender: the channel it arrives on must.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

use crate::random::Random;

const VERSION: u8 = 1;

/// Why a box was not made or not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealedBoxError {
    /// The public key is not a usable X25519 key.
    #[error("public key is not a usable X25519 key")]
    PublicKey,
    /// The private key is not a usable X25519 key.
    #[error("private key is not a usable X25519 key")]
    PrivateKey,
    /// The box has an unknown version or is too short.
    #[error("sealed box is not in a known form")]
    Form,
    /// The box is damaged, for another key, or for another context.
    #[error("sealed box does not open with this key in this context")]
    Opening,
}

/// The public half of a node's key, 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BoxPublicKey(pub [u8; 32]);

/// The private half of a node's key. Never shown; wiped from memory when dropped.
#[derive(Clone)]
pub struct BoxPrivateKey(Zeroizing<[u8; 32]>);

impl BoxPrivateKey {
    /// A new key.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes);
        Self(bytes)
    }

    /// The key of these bytes, as [`BoxPrivateKey::to_bytes`] gave them.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key's bytes, for the node's own protected file.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// The public half.
    pub fn public_key(&self) -> Result<BoxPublicKey, SealedBoxError> {
        let public = self
            .private()?
            .compute_public_key()
            .map_err(|_| SealedBoxError::PrivateKey)?;
        public
            .as_ref()
            .try_into()
            .map(BoxPublicKey)
            .map_err(|_| SealedBoxError::PrivateKey)
    }

    fn private(&self) -> Result<PrivateKey, SealedBoxError> {
        PrivateKey::from_private_key(&X25519, &*self.0).map_err(|_| SealedBoxError::PrivateKey)
    }
}

impl std::fmt::Debug for BoxPrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BoxPrivateKey(..)")
    }
}

/// Seals `message` to `recipient`. The same `context` is needed to open it, so that a box made for one use
/// cannot be passed off in another.
pub fn seal(
    random: &dyn Random,
    recipient: &BoxPublicKey,
    context: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, SealedBoxError> {
    let ephemeral = BoxPrivateKey::generate(random);
    let ephemeral_public = ephemeral.public_key()?;
    let key = shared_key(&ephemeral, recipient, &ephemeral_public, recipient)
        .map_err(|_| SealedBoxError::PublicKey)?;
    let mut ciphertext = message.to_vec();
    key.seal_in_place_append_tag(nonce(), Aad::from(context), &mut ciphertext)
        .map_err(|_| SealedBoxError::Form)?;
    let mut out = Vec::with_capacity(33 + ciphertext.len());
    out.push(VERSION);
    out.extend_from_slice(&ephemeral_public.0);
    out.extend_from_slice(&ciphertext);
    Ok(out)
}

/// Opens a box that was sealed to the public half of `key` for `context`.
pub fn open(
    key: &BoxPrivateKey,
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealedBoxError> {
    let (version, rest) = sealed.split_first().ok_or(SealedBoxError::Form)?;
    let (ephemeral, ciphertext) = rest.split_first_chunk::<32>().ok_or(SealedBoxError::Form)?;
    if *version != VERSION {
        return Err(SealedBoxError::Form);
    }
    let ephemeral = BoxPublicKey(*ephemeral);
    let own = key.public_key()?;
    let cipher = shared_key(key, &ephemeral, &ephemeral, &own)?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let length = cipher
        .open_in_place(nonce(), Aad::from(context), &mut buffer)
        .map_err(|_| SealedBoxError::Opening)?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}

struct KeyLength;

impl KeyType for KeyLength {
    fn len(&self) -> usize {
        32
    }
}

fn shared_key(
    own: &BoxPrivateKey,
    peer: &BoxPublicKey,
    ephemeral: &BoxPublicKey,
    recipient: &BoxPublicKey,
) -> Result<LessSafeKey, SealedBoxError> {
    let salt = [ephemeral.0, recipient.0].concat();
    let private = own.private()?;
    let peer = UnparsedPublicKey::new(&X25519, peer.0);
    // Agreement refuses points that give the all-zero secret.
    agree(&private, peer, SealedBoxError::Opening, |secret| {
        let mut bytes = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, &salt)
            .extract(secret)
            .expand(&[b"trustnet sealed box 1"], KeyLength)
            .and_then(|okm| okm.fill(&mut *bytes))
            .map_err(|_| SealedBoxError::Opening)?;
        let key = UnboundKey::new(&AES_256_GCM, &*bytes).map_err(|_| SealedBoxError::Opening)?;
        Ok(LessSafeKey::new(key))
    })
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn a_box_opens_for_its_key_and_context_alone() {
        let random = SeededRandom::new(1);
        let key = BoxPrivateKey::generate(&random);
        let sealed = seal(&random, &key.public_key().unwrap(), b"node 1", b"secret").unwrap();
        assert_eq!(
            open(&key, b"node 1", &sealed).unwrap().as_slice(),
            b"secret"
        );
        assert_eq!(
            open(&key, b"node 2", &sealed).unwrap_err(),
            SealedBoxError::Opening
        );
        let other = BoxPrivateKey::generate(&random);
        assert_eq!(
            open(&other, b"node 1", &sealed).unwrap_err(),
            SealedBoxError::Opening
        );
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn a_changed_byte_anywhere_is_refused() {
        let random = SeededRandom::new(2);
        let key = BoxPrivateKey::generate(&random);
        let sealed = seal(&random, &key.public_key().unwrap(), b"", b"secret").unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(open(&key, b"", &changed).is_err(), "byte {index}");
            assert!(open(&key, b"", &sealed[..index]).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn a_low_order_public_key_is_refused() {
        let random = SeededRandom::new(3);
        assert_eq!(
            seal(&random, &BoxPublicKey([0; 32]), b"", b""),
            Err(SealedBoxError::PublicKey)
        );
    }
}
