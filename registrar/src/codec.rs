//! From events to stored payloads and back: JSON in the clear, confidential values sealed beside
//! it, and older schema versions raised to today's on the way out.
//!
//! What is applied to the network right after a decision is the event as it is read back from its
//! stored form, so that a replay cannot differ.

use crate::documents::Documents;
use domain::{Event, EventDescription, SealedSlot, take_given};
use ledger::{Binding, BlobReference, EnvelopeView, SealedField, Sealer};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::LazyLock;
use uuid::Uuid;

/// What raises a payload to the next schema version.
type Raise = fn(Value) -> Value;

/// Raises a payload of one schema version to the next. Leaves sealed slots alone.
#[derive(Clone, Copy)]
pub struct Upcaster {
    /// The event's name.
    pub event: &'static str,
    /// The version it raises from.
    pub from: u16,
    /// What it does to the payload.
    pub raise: Raise,
}

/// Every upcaster there is. An event's first version needs none.
const UPCASTERS: &[Upcaster] = &[];

static VERSIONS: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    Event::ALL
        .iter()
        .map(|event| (event.name, event.version))
        .collect()
});

/// The upcasters in use, checked to reach today's version from every older one.
#[derive(Clone, Debug)]
pub struct Upcasters(HashMap<(&'static str, u16), Raise>);

impl Upcasters {
    /// The product's own.
    pub fn standard() -> Result<Self, String> {
        Self::checked(Event::ALL, UPCASTERS)
    }

    /// `upcasters`, where every version of every event below its newest has exactly one, and no
    /// other event has any. The error names the first gap.
    pub fn checked(events: &[EventDescription], upcasters: &[Upcaster]) -> Result<Self, String> {
        let mut table = HashMap::new();
        for upcaster in upcasters {
            let event = events.iter().find(|event| event.name == upcaster.event);
            if event.is_none_or(|event| !(1..event.version).contains(&upcaster.from)) {
                return Err(format!("{} v{} has no use", upcaster.event, upcaster.from));
            }
            if table
                .insert((upcaster.event, upcaster.from), upcaster.raise)
                .is_some()
            {
                return Err(format!(
                    "{} v{} is raised twice",
                    upcaster.event, upcaster.from
                ));
            }
        }
        for event in events {
            if let Some(gap) = (1..event.version).find(|v| !table.contains_key(&(event.name, *v))) {
                return Err(format!("nothing raises {} v{gap}", event.name));
            }
        }
        Ok(Self(table))
    }

    /// Reads the event in a stored envelope.
    pub(crate) fn decode(&self, view: &EnvelopeView<'_>) -> Result<Event, DecodeError> {
        let fault = |source| DecodeError::Payload {
            event: view.event_type.to_owned(),
            position: view.position,
            source,
        };
        let unknown = || DecodeError::UnknownEvent {
            event: view.event_type.to_owned(),
            version: view.schema_version,
            position: view.position,
        };
        let (name, newest) = VERSIONS
            .get_key_value(view.event_type)
            .ok_or_else(unknown)?;
        if view.schema_version == *newest {
            let mut json = serde_json::Deserializer::from_slice(view.payload);
            let event = Event::deserialize_named(name, &mut json).ok_or_else(unknown)?;
            return event.map_err(fault);
        }
        let mut payload: Value = serde_json::from_slice(view.payload).map_err(fault)?;
        for version in view.schema_version..*newest {
            let raise = self.0.get(&(*name, version)).ok_or_else(unknown)?;
            payload = raise(payload);
        }
        if view.schema_version > *newest {
            return Err(unknown());
        }
        Event::deserialize_named(name, payload)
            .ok_or_else(unknown)?
            .map_err(fault)
    }
}

/// Why a stored event could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No event of this name and version is known: a newer program wrote it.
    #[error("event `{event}` v{version} at position {position} is not known to this program")]
    UnknownEvent {
        /// Its name.
        event: String,
        /// Its schema version.
        version: u16,
        /// Where it stands.
        position: u64,
    },
    /// The payload is not what the event's schema says.
    #[error("event `{event}` at position {position} does not follow its schema")]
    Payload {
        /// Its name.
        event: String,
        /// Where it stands.
        position: u64,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

/// Why an event could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    #[error("writing `{0}` as JSON failed")]
    Json(&'static str, #[source] serde_json::Error),
    #[error("sealing a value of `{0}` failed")]
    Seal(&'static str, #[source] ledger::SealError),
    #[error("naming the key of a value of `{0}` failed")]
    Key(&'static str, #[source] ledger::VaultError),
    #[error("looking up a document that `{0}` names failed")]
    Document(&'static str, #[source] ledger::blobs::BlobError),
}

/// An event in its stored form, and as every replay reads it.
pub(crate) struct Encoded {
    pub(crate) payload: Vec<u8>,
    pub(crate) sealed: Vec<SealedField>,
    pub(crate) blobs: Vec<BlobReference>,
    pub(crate) event: Event,
}

/// A value that is sealed beside an event without being part of its payload.
pub(crate) struct Beside<'a> {
    pub(crate) field: &'static str,
    pub(crate) subject: &'a str,
    pub(crate) category: &'static str,
    pub(crate) value: &'a [u8],
}

/// Writes an event that will stand at `position`, sealing its confidential values and those that
/// go `beside` it.
pub(crate) fn encode(
    event: &Event,
    beside: &[Beside<'_>],
    (ledger_id, event_id, position): (Uuid, Uuid, u64),
    stream: &str,
    sealer: &Sealer,
    documents: &Documents,
) -> Result<Encoded, EncodeError> {
    let name = event.name();
    let json = |source| EncodeError::Json(name, source);
    let mut payload = event.payload().to_json().map_err(json)?;
    let mut given = Vec::new();
    take_given(&mut payload, &mut |path, key, text| {
        let field = u16::try_from(given.len()).unwrap_or(u16::MAX);
        given.push((path.to_owned(), key, zeroize::Zeroizing::new(text)));
        SealedSlot(position, field)
    });
    let seal = |field: &str, subject: &str, category: &str, value: &[u8]| {
        let key = sealer
            .vault()
            .key_for(subject, category)
            .map_err(|source| EncodeError::Key(name, source))?;
        let binding = Binding {
            ledger_id,
            stream,
            event_id,
            event_type: name,
            field,
        };
        sealer
            .seal(key, &binding, value)
            .map_err(|source| EncodeError::Seal(name, source))
    };
    let mut fields = Vec::with_capacity(given.len() + beside.len());
    for (path, key, text) in &given {
        fields.push(seal(
            path,
            &key.subject,
            key.category.name(),
            text.as_bytes(),
        )?);
    }
    for value in beside {
        fields.push(seal(
            value.field,
            value.subject,
            value.category,
            value.value,
        )?);
    }
    let blobs = documents
        .named_in(&payload)
        .map_err(|source| EncodeError::Document(name, source))?;
    let bytes = serde_json::to_vec(&payload).map_err(json)?;
    let event = Event::deserialize_named(name, &mut serde_json::Deserializer::from_slice(&bytes))
        .expect("an event's own name is in the table it came from")
        .map_err(json)?;
    Ok(Encoded {
        payload: bytes,
        sealed: fields,
        blobs,
        event,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: EventDescription = EventDescription {
        name: "RuleSet",
        version: 3,
        stream: "network",
    };

    fn raise(payload: Value) -> Value {
        payload
    }

    fn upcaster(from: u16) -> Upcaster {
        Upcaster {
            event: "RuleSet",
            from,
            raise,
        }
    }

    #[test]
    fn a_missing_version_is_found_at_the_start() {
        let error = Upcasters::checked(&[EVENT], &[upcaster(1)]).unwrap_err();
        assert_eq!(error, "nothing raises RuleSet v2");
        assert!(Upcasters::checked(&[EVENT], &[upcaster(1), upcaster(2)]).is_ok());
    }

    #[test]
    fn an_upcaster_without_use_is_found_at_the_start() {
        for useless in [upcaster(0), upcaster(3)] {
            let all = [upcaster(1), upcaster(2), useless];
            assert!(Upcasters::checked(&[EVENT], &all).is_err());
        }
        let twice = [upcaster(1), upcaster(2), upcaster(2)];
        assert_eq!(
            Upcasters::checked(&[EVENT], &twice).unwrap_err(),
            "RuleSet v2 is raised twice"
        );
    }

    #[test]
    fn the_products_own_upcasters_are_complete() {
        assert!(Upcasters::standard().is_ok());
    }
}
