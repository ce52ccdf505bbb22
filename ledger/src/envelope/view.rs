//! The borrowing reader of envelopes: every check of the format, no allocation.

use uuid::Uuid;

use super::codec::{
    DecodeError, FORMAT, HAS_CAUSATION, HAS_CORRELATION, HAS_EFFECTIVE_FROM, HAS_ON_BEHALF_OF,
    KNOWN_FLAGS, LEAF_BYTES_MAX,
};
use super::{Actor, BlobReference, Envelope, KeyId, SealedField, Timestamp};
use crate::hash::Hash;
use crate::name::JournalName;
use crate::wire::Reader;

/// [`Actor`], borrowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ActorView<'a> {
    /// The pseudonymous id of the actor.
    pub id: &'a str,
    /// How the actor was authenticated.
    pub authentication: &'a str,
    /// For whom the actor acted, where that is another.
    pub on_behalf_of: Option<&'a str>,
}

/// [`SealedField`], borrowed.
#[derive(Clone, Copy)]
pub struct SealedFieldView<'a> {
    /// Which value it is.
    pub field: &'a str,
    /// The vault key that opens it.
    pub key_id: KeyId,
    /// The nonce of the encryption.
    pub nonce: [u8; 12],
    /// The encrypted salt and value, with the authentication tag.
    pub ciphertext: &'a [u8],
    /// SHA-256 over salt and value.
    pub commitment: Hash,
}

impl SealedFieldView<'_> {
    /// An owned copy.
    pub fn to_sealed_field(&self) -> SealedField {
        SealedField {
            field: self.field.to_owned(),
            key_id: self.key_id,
            nonce: self.nonce,
            ciphertext: self.ciphertext.to_vec(),
            commitment: self.commitment,
        }
    }
}

/// The sealed fields of one envelope, in their order. They were checked when the envelope was decoded.
#[derive(Clone, Copy)]
pub struct SealedFields<'a> {
    count: u16,
    rest: Reader<'a>,
}

#[expect(
    clippy::copy_iterator,
    reason = "it is copied with its envelope, and each copy begins where the original stands"
)]
impl<'a> Iterator for SealedFields<'a> {
    type Item = SealedFieldView<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.count = self.count.checked_sub(1)?;
        read_sealed(&mut self.rest).ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.count.into(), Some(self.count.into()))
    }
}

/// The blob references of one envelope, in their order.
#[derive(Clone, Copy)]
pub struct BlobReferences<'a> {
    rest: Reader<'a>,
}

#[expect(
    clippy::copy_iterator,
    reason = "it is copied with its envelope, and each copy begins where the original stands"
)]
impl Iterator for BlobReferences<'_> {
    type Item = BlobReference;

    fn next(&mut self) -> Option<Self::Item> {
        Some(BlobReference {
            hash: Hash(self.rest.array()?),
            length: self.rest.u64()?,
        })
    }
}

/// One envelope, borrowed from its stored bytes. The fields are those of [`Envelope`].
#[derive(Clone, Copy)]
#[expect(
    missing_docs,
    reason = "each field is documented at the field of Envelope with its name"
)]
pub struct EnvelopeView<'a> {
    pub ledger_id: Uuid,
    pub journal: &'a str,
    pub position: u64,
    pub stream: &'a str,
    pub stream_version: u64,
    pub event_id: Uuid,
    pub event_type: &'a str,
    pub schema_version: u16,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
    pub effective_from: Option<Timestamp>,
    pub actor: ActorView<'a>,
    pub command_id: Uuid,
    pub correlation_id: Option<Uuid>,
    pub causation_id: Option<Uuid>,
    pub payload: &'a [u8],
    pub sealed: SealedFields<'a>,
    pub blobs: BlobReferences<'a>,
}

fn text<'a>(bytes: Option<&'a [u8]>, part: &'static str) -> Result<&'a str, DecodeError> {
    std::str::from_utf8(bytes.ok_or(DecodeError::Truncated(part))?)
        .map_err(|_| DecodeError::Text(part))
}

fn read_sealed<'a>(reader: &mut Reader<'a>) -> Result<SealedFieldView<'a>, DecodeError> {
    const PART: &str = "sealed fields";
    let cut = DecodeError::Truncated(PART);
    Ok(SealedFieldView {
        field: text(reader.short(), PART)?,
        key_id: KeyId(reader.array().ok_or(cut)?),
        nonce: reader.array().ok_or(cut)?,
        commitment: Hash(reader.array().ok_or(cut)?),
        ciphertext: reader.long().ok_or(cut)?,
    })
}

impl<'a> EnvelopeView<'a> {
    /// Reads stored bytes, all of them. Any bytes give a value or an error, never a panic.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let cut = DecodeError::Truncated;
        if bytes.len() > LEAF_BYTES_MAX {
            return Err(DecodeError::TooLong(bytes.len()));
        }
        let mut reader = Reader::new(bytes);
        let format = reader.u8().ok_or(cut("format"))?;
        if format != FORMAT {
            return Err(DecodeError::UnknownFormat(format));
        }
        let flags = reader.u8().ok_or(cut("flags"))?;
        if flags & !KNOWN_FLAGS != 0 {
            return Err(DecodeError::UnknownFlags(flags));
        }
        let has = |bit| flags & bit != 0;
        let schema_version = reader.u16().ok_or(cut("schema version"))?;
        let ledger_id = uuid(&mut reader, "ledger id")?;
        let position = reader.u64().ok_or(cut("position"))?;
        let stream_version = reader.u64().ok_or(cut("stream version"))?;
        let event_id = uuid(&mut reader, "event id")?;
        let occurred_at = Timestamp(reader.i64().ok_or(cut("occurred at"))?);
        let recorded_at = Timestamp(reader.i64().ok_or(cut("recorded at"))?);
        let effective_from = if has(HAS_EFFECTIVE_FROM) {
            Some(Timestamp(reader.i64().ok_or(cut("effective from"))?))
        } else {
            None
        };
        let command_id = uuid(&mut reader, "command id")?;
        let correlation_id = has(HAS_CORRELATION)
            .then(|| uuid(&mut reader, "correlation"))
            .transpose()?;
        let causation_id = has(HAS_CAUSATION)
            .then(|| uuid(&mut reader, "causation"))
            .transpose()?;
        let journal = text(reader.short(), "journal")?;
        if !JournalName::is_valid(journal.as_bytes()) {
            return Err(DecodeError::Text("journal"));
        }
        let stream = text(reader.short(), "stream")?;
        let event_type = text(reader.short(), "type")?;
        let actor = ActorView {
            id: text(reader.short(), "actor")?,
            authentication: text(reader.short(), "authentication")?,
            on_behalf_of: if has(HAS_ON_BEHALF_OF) {
                Some(text(reader.short(), "on behalf of")?)
            } else {
                None
            },
        };
        let payload = reader.long().ok_or(cut("payload"))?;
        let count = reader.u16().ok_or(cut("sealed fields"))?;
        let sealed = SealedFields {
            count,
            rest: reader,
        };
        for _ in 0..count {
            read_sealed(&mut reader)?;
        }
        let count = reader.u16().ok_or(cut("blob references"))?;
        let rest = reader
            .take(usize::from(count) * 40)
            .ok_or(cut("blob references"))?;
        if reader.remaining() > 0 {
            return Err(DecodeError::Trailing(reader.remaining()));
        }
        Ok(Self {
            ledger_id,
            journal,
            position,
            stream,
            stream_version,
            event_id,
            event_type,
            schema_version,
            occurred_at,
            recorded_at,
            effective_from,
            actor,
            command_id,
            correlation_id,
            causation_id,
            payload,
            sealed,
            blobs: BlobReferences {
                rest: Reader::new(rest),
            },
        })
    }

    /// The sealed field of this name, where there is one.
    pub fn sealed_field(&self, field: &str) -> Option<SealedFieldView<'a>> {
        let mut fields = self.sealed;
        fields.find(|sealed| sealed.field == field)
    }

    /// An owned copy.
    pub fn to_envelope(&self) -> Envelope {
        Envelope {
            ledger_id: self.ledger_id,
            journal: JournalName::new(self.journal).expect("decode checked the journal's name"),
            position: self.position,
            stream: self.stream.to_owned(),
            stream_version: self.stream_version,
            event_id: self.event_id,
            event_type: self.event_type.to_owned(),
            schema_version: self.schema_version,
            occurred_at: self.occurred_at,
            recorded_at: self.recorded_at,
            effective_from: self.effective_from,
            actor: Actor {
                id: self.actor.id.to_owned(),
                authentication: self.actor.authentication.to_owned(),
                on_behalf_of: self.actor.on_behalf_of.map(str::to_owned),
            },
            command_id: self.command_id,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            payload: self.payload.to_vec(),
            sealed: self.sealed.map(|sealed| sealed.to_sealed_field()).collect(),
            blobs: self.blobs.collect(),
        }
    }
}

impl std::fmt::Debug for EnvelopeView<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnvelopeView")
            .field("journal", &self.journal)
            .field("position", &self.position)
            .field("stream", &self.stream)
            .field("event_id", &self.event_id)
            .field("event_type", &self.event_type)
            .field("payload_bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

fn uuid(reader: &mut Reader<'_>, part: &'static str) -> Result<Uuid, DecodeError> {
    Ok(Uuid::from_bytes(
        reader.array().ok_or(DecodeError::Truncated(part))?,
    ))
}
