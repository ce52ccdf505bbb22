//! How an envelope becomes bytes, and the limits and refusals of the format.
//!
//! All numbers are big-endian. One byte of format, one byte of flags (bit 0 effective from, bit 1 on behalf of,
//! bit 2 correlation, bit 3 causation), then the parts in the order of `encode`. A later format gets a new
//! first byte; bytes of an old one are read as they are and never rewritten.

use super::Envelope;
use crate::wire::{put_long, put_short};

/// The first byte of every envelope of this format.
pub const FORMAT: u8 = 1;

/// The longest envelope: what one entry of a C2SP tlog-tiles bundle can hold behind its two-byte length.
pub const LEAF_BYTES_MAX: usize = 65_535;

pub(super) const HAS_EFFECTIVE_FROM: u8 = 1;
pub(super) const HAS_ON_BEHALF_OF: u8 = 2;
pub(super) const HAS_CORRELATION: u8 = 4;
pub(super) const HAS_CAUSATION: u8 = 8;
pub(super) const KNOWN_FLAGS: u8 = 15;

/// Why an envelope cannot be encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// One part is longer than its length prefix can say.
    #[error("{part} of the event is longer than {bytes_max} bytes")]
    PartTooLong {
        /// Which part.
        part: &'static str,
        /// Its limit in bytes.
        bytes_max: usize,
    },
    /// The whole is longer than [`LEAF_BYTES_MAX`]; put large documents into blobs.
    #[error("event takes {bytes} bytes, more than the 65535 that one leaf holds")]
    TooLong {
        /// How long it would be.
        bytes: usize,
    },
}

/// Why bytes are not an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The first byte names a format that this version does not know.
    #[error("envelope format {0} is not known")]
    UnknownFormat(u8),
    /// A flag is set that this format does not define.
    #[error("envelope flags {0:#010b} are not known")]
    UnknownFlags(u8),
    /// The bytes end inside this part.
    #[error("envelope ends inside its {0}")]
    Truncated(&'static str),
    /// This part is not UTF-8 or not a valid name.
    #[error("{0} of the envelope is not valid text")]
    Text(&'static str),
    /// Bytes follow the last part.
    #[error("{0} bytes follow the envelope")]
    Trailing(usize),
    /// The bytes are longer than a leaf can be.
    #[error("{0} bytes are more than an envelope can have")]
    TooLong(usize),
}

pub(super) fn encode(envelope: &Envelope) -> Result<Vec<u8>, EncodeError> {
    let short = |part| {
        move || EncodeError::PartTooLong {
            part,
            bytes_max: 255,
        }
    };
    let long = |part| {
        move || EncodeError::PartTooLong {
            part,
            bytes_max: LEAF_BYTES_MAX,
        }
    };
    let mut out = Vec::with_capacity(256 + envelope.payload.len());
    let flag = |present: bool, bit: u8| if present { bit } else { 0 };
    out.push(FORMAT);
    out.push(
        flag(envelope.effective_from.is_some(), HAS_EFFECTIVE_FROM)
            | flag(envelope.actor.on_behalf_of.is_some(), HAS_ON_BEHALF_OF)
            | flag(envelope.correlation_id.is_some(), HAS_CORRELATION)
            | flag(envelope.causation_id.is_some(), HAS_CAUSATION),
    );
    out.extend_from_slice(&envelope.schema_version.to_be_bytes());
    out.extend_from_slice(envelope.ledger_id.as_bytes());
    out.extend_from_slice(&envelope.position.to_be_bytes());
    out.extend_from_slice(&envelope.stream_version.to_be_bytes());
    out.extend_from_slice(envelope.event_id.as_bytes());
    out.extend_from_slice(&envelope.occurred_at.0.to_be_bytes());
    out.extend_from_slice(&envelope.recorded_at.0.to_be_bytes());
    if let Some(instant) = envelope.effective_from {
        out.extend_from_slice(&instant.0.to_be_bytes());
    }
    out.extend_from_slice(envelope.command_id.as_bytes());
    for id in [envelope.correlation_id, envelope.causation_id]
        .into_iter()
        .flatten()
    {
        out.extend_from_slice(id.as_bytes());
    }
    put_short(&mut out, envelope.journal.as_str().as_bytes()).ok_or_else(short("journal"))?;
    put_short(&mut out, envelope.stream.as_bytes()).ok_or_else(short("stream"))?;
    put_short(&mut out, envelope.event_type.as_bytes()).ok_or_else(short("type"))?;
    put_short(&mut out, envelope.actor.id.as_bytes()).ok_or_else(short("actor"))?;
    put_short(&mut out, envelope.actor.authentication.as_bytes())
        .ok_or_else(short("authentication"))?;
    if let Some(other) = &envelope.actor.on_behalf_of {
        put_short(&mut out, other.as_bytes()).ok_or_else(short("on behalf of"))?;
    }
    put_long(&mut out, &envelope.payload).ok_or_else(long("payload"))?;
    let count = |count: usize, part| u16::try_from(count).map_err(|_| long(part)());
    out.extend_from_slice(&count(envelope.sealed.len(), "sealed fields")?.to_be_bytes());
    for sealed in &envelope.sealed {
        put_short(&mut out, sealed.field.as_bytes()).ok_or_else(short("sealed field name"))?;
        out.extend_from_slice(&sealed.key_id.0);
        out.extend_from_slice(&sealed.nonce);
        out.extend_from_slice(&sealed.commitment.0);
        put_long(&mut out, &sealed.ciphertext).ok_or_else(long("sealed field"))?;
    }
    out.extend_from_slice(&count(envelope.blobs.len(), "blob references")?.to_be_bytes());
    for blob in &envelope.blobs {
        out.extend_from_slice(&blob.hash.0);
        out.extend_from_slice(&blob.length.to_be_bytes());
    }
    if out.len() > LEAF_BYTES_MAX {
        return Err(EncodeError::TooLong { bytes: out.len() });
    }
    Ok(out)
}
