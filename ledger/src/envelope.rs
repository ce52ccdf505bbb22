//! The envelope: everything the ledger knows of one event, and the payload it does not look into.
//!
//! Its encoding is the Merkle leaf, so it is at most [`LEAF_BYTES_MAX`] long, has exactly one encoding for
//! each value, and depends neither on the batch it was written in nor on the engine.
//! [`EnvelopeView`] borrows from the stored bytes and is what replays read; [`Envelope`] owns its parts.

mod codec;
mod view;

use std::fmt;

use uuid::Uuid;

pub use codec::{DecodeError, EncodeError, FORMAT, LEAF_BYTES_MAX};
pub use view::{ActorView, BlobReferences, EnvelopeView, SealedFieldView, SealedFields};

use crate::hash::Hash;
use crate::name::JournalName;

/// A UTC instant: microseconds since 1970-01-01T00:00:00Z, negative before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant of `value`, cut down to the microsecond.
    pub fn from_datetime(value: time::OffsetDateTime) -> Self {
        let micros = value.unix_timestamp_nanos().div_euclid(1_000);
        Self(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// This instant as a date and time in UTC; `None` beyond the years that `time` can express.
    pub fn to_datetime(self) -> Option<time::OffsetDateTime> {
        time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000).ok()
    }
}

/// The opaque name of one key in the vault: 16 random bytes that tell nothing of the subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    /// Reads 32 hexadecimal digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut out = [0; 16];
        hex::decode_to_slice(text, &mut out).ok()?;
        Some(Self(out))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl serde::Serialize for KeyId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl<'de> serde::Deserialize<'de> for KeyId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected 32 hexadecimal digits"))
    }
}

/// Who acted. All three are pseudonyms or technical names, never a person's name.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Actor {
    /// The pseudonymous id of the actor, at most 255 bytes.
    pub id: String,
    /// How the actor was authenticated, at most 255 bytes.
    pub authentication: String,
    /// For whom the actor acted, where that is another; at most 255 bytes.
    pub on_behalf_of: Option<String>,
}

/// One personal or secret value, readable only with its key from the vault.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SealedField {
    /// Which value it is, in the payload's words; at most 255 bytes.
    pub field: String,
    /// The vault key that opens it.
    pub key_id: KeyId,
    /// The nonce of the encryption.
    pub nonce: [u8; 12],
    /// The encrypted salt and value, with the authentication tag.
    pub ciphertext: Vec<u8>,
    /// SHA-256 over the salt (which lies inside the ciphertext) and the value.
    pub commitment: Hash,
}

impl fmt::Debug for SealedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedField")
            .field("field", &self.field)
            .field("key_id", &self.key_id)
            .field("ciphertext_bytes", &self.ciphertext.len())
            .finish_non_exhaustive()
    }
}

/// A sealed document kept outside the log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BlobReference {
    /// SHA-256 of the stored, encrypted bytes: the blob's name.
    pub hash: Hash,
    /// How many bytes are stored.
    pub length: u64,
}

/// One event as it is recorded. The ledger checks ledger id, journal and position, and reads nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The ledger the event belongs to.
    pub ledger_id: Uuid,
    /// The journal it is recorded in.
    pub journal: JournalName,
    /// Its place in that journal, counted from 0 without gaps.
    pub position: u64,
    /// The stream whose history it is part of, at most 255 bytes; never a person's name.
    pub stream: String,
    /// Its place in that stream, as the registrar counts it.
    pub stream_version: u64,
    /// The event's own id (UUID version 7).
    pub event_id: Uuid,
    /// The event's type, at most 255 bytes.
    pub event_type: String,
    /// The version of the payload's schema.
    pub schema_version: u16,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the ledger recorded it; never decreases within a ledger.
    pub recorded_at: Timestamp,
    /// From when it has effect, where that is another instant.
    pub effective_from: Option<Timestamp>,
    /// Who did it.
    pub actor: Actor,
    /// The command that asked for it.
    pub command_id: Uuid,
    /// What larger undertaking it belongs to.
    pub correlation_id: Option<Uuid>,
    /// The event that caused it.
    pub causation_id: Option<Uuid>,
    /// The clear payload; the ledger never looks inside.
    pub payload: Vec<u8>,
    /// Values that only the vault's keys open.
    pub sealed: Vec<SealedField>,
    /// Documents kept outside the log.
    pub blobs: Vec<BlobReference>,
}

impl Envelope {
    /// The stored bytes: the Merkle leaf.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        codec::encode(self)
    }

    /// Reads stored bytes, all of them.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Ok(EnvelopeView::decode(bytes)?.to_envelope())
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("journal", &self.journal.as_str())
            .field("position", &self.position)
            .field("stream", &self.stream)
            .field("stream_version", &self.stream_version)
            .field("event_id", &self.event_id)
            .field("event_type", &self.event_type)
            .field("schema_version", &self.schema_version)
            .field("payload_bytes", &self.payload.len())
            .field("sealed", &self.sealed)
            .field("blobs", &self.blobs)
            .finish_non_exhaustive()
    }
}
