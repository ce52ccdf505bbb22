//! SHA-256 values: leaf hashes (RFC 6962 §2.1), frame hashes, blob names, and a keyed digest.
//!
//! Owns hashing of bytes that are already encoded; it never serialises anything again.

use std::fmt;

use aws_lc_rs::{digest, hmac};

/// A SHA-256 value. Shown and read as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first frame of a journal names as its predecessor: 32 zero bytes.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_digest(&digest::digest(&digest::SHA256, bytes))
    }

    /// The hash of one Merkle leaf: SHA-256 of a zero byte and the leaf (RFC 6962 §2.1).
    pub fn of_leaf(leaf: &[u8]) -> Self {
        Self::of_leaf_in(leaf, &mut Vec::with_capacity(leaf.len() + 1))
    }

    /// The same, with a buffer to use again: one call to the library is quicker than three.
    pub(crate) fn of_leaf_in(leaf: &[u8], buffer: &mut Vec<u8>) -> Self {
        buffer.clear();
        buffer.push(0);
        buffer.extend_from_slice(leaf);
        Self::of(buffer)
    }

    /// Reads 64 hexadecimal digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut out = [0; 32];
        hex::decode_to_slice(text, &mut out).ok()?;
        Some(Self(out))
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from_digest(value: &digest::Digest) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(value.as_ref());
        Self(out)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl serde::Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl<'de> serde::Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected 64 hexadecimal digits"))
    }
}

/// SHA-256 over pieces.
pub(crate) struct Hasher(digest::Context);

impl Hasher {
    pub(crate) fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Hash {
        Hash::from_digest(&self.0.finish())
    }
}

/// HMAC-SHA-256 of `data` under `key`, kept apart from other uses of the key by `purpose`.
///
/// For values that must be comparable but not guessable: the content of a command, the identifier of
/// a suspended user. The purpose's length is part of the input, so no two purposes can collide.
pub fn keyed_digest(key: &[u8], purpose: &str, data: &[u8]) -> Hash {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    context.update(&(purpose.len() as u64).to_be_bytes());
    context.update(purpose.as_bytes());
    context.update(data);
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    Hash(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_leaf_has_the_hash_of_rfc_6962() {
        assert_eq!(
            Hash::of_leaf(b"").to_string(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }

    #[test]
    fn a_keyed_digest_depends_on_key_purpose_and_data() {
        let base = keyed_digest(b"key", "purpose", b"data");
        assert_eq!(base, keyed_digest(b"key", "purpose", b"data"));
        assert_ne!(base, keyed_digest(b"kez", "purpose", b"data"));
        assert_ne!(base, keyed_digest(b"key", "purposed", b"ata"));
        assert_ne!(base, keyed_digest(b"key", "purpose", b"datb"));
    }

    #[test]
    fn a_hash_reads_what_it_shows() {
        let hash = Hash::of(b"abc");
        assert_eq!(Hash::parse(&hash.to_string()), Some(hash));
        assert_eq!(Hash::parse("abc"), None);
    }
}
