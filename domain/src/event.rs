//! What an event is: a name in the past tense, a schema version, the stream it belongs to, and
//! what it does to the network.

use crate::Network;
use crate::time::Instant;
use std::fmt;

/// The name of the sequence of events to which an event belongs: one member, one amendment, one
/// integration. It never holds anything personal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream {
    /// What kind of thing it is, such as `member`.
    pub kind: &'static str,
    /// Which one; empty where there is only one of the kind.
    pub key: String,
}

impl Stream {
    /// The stream of the `kind` thing named `key`.
    pub fn new(kind: &'static str, key: impl fmt::Display) -> Self {
        Self {
            kind,
            key: key.to_string(),
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)?;
        if !self.key.is_empty() {
            write!(f, "/{}", self.key)?;
        }
        Ok(())
    }
}

/// What a recorded event does to the network. No rule lives here, and nothing here can fail:
/// what was recorded has happened.
pub trait Evolve {
    /// Takes the event in, which was recorded at `at`.
    fn evolve(&self, network: &mut Network, at: Instant);
}

/// One row of the table of events.
#[derive(Clone, Copy, Debug)]
pub struct EventDescription {
    /// Its name in the log.
    pub name: &'static str,
    /// The schema version written today.
    pub version: u16,
    /// The kind of its stream.
    pub stream: &'static str,
}

/// Declares the events of the network, one a line: name, schema version, stream.
macro_rules! events {
    ($($name:ident $version:literal $kind:ident($($key:ident)?);)+) => {
        /// Something that happened in the network. Immutable once recorded.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant carries the type that documents it")]
        pub enum Event { $($name($name),)+ }

        impl Event {
            /// Every event there is.
            pub const ALL: &[EventDescription] = &[
                $(EventDescription {
                    name: stringify!($name),
                    version: $version,
                    stream: stringify!($kind),
                },)+
            ];

            /// Its name in the log.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name),)+ }
            }

            /// The schema version it is written in.
            pub fn version(&self) -> u16 {
                match self { $(Self::$name(_) => $version,)+ }
            }

            /// The stream it belongs to.
            pub fn stream(&self) -> Stream {
                match self {
                    $(Self::$name(_event) => Stream {
                        kind: stringify!($kind),
                        key: String::new() $(+ &_event.$key.to_string())?,
                    },)+
                }
            }

            /// Reads the payload of the event named `name`, in its newest schema version.
            /// None where no event has that name.
            pub fn deserialize_named<'de, D: serde::Deserializer<'de>>(
                name: &str,
                payload: D,
            ) -> Option<Result<Self, D::Error>> {
                match name {
                    $(stringify!($name) => {
                        Some(<$name as serde::Deserialize>::deserialize(payload).map(Self::$name))
                    })+
                    _ => None,
                }
            }

            /// The payload, to be written.
            pub fn payload(&self) -> &dyn ErasedPayload {
                match self { $(Self::$name(event) => event,)+ }
            }

            pub(crate) fn evolve(&self, network: &mut Network, at: Instant) {
                match self { $(Self::$name(event) => event.evolve(network, at),)+ }
            }
        }

        $(impl From<$name> for Event {
            fn from(event: $name) -> Self { Self::$name(event) }
        })+
    };
}
pub(crate) use events;

/// A payload that can be written as JSON, whatever its type.
pub trait ErasedPayload {
    /// The payload as a JSON value.
    fn to_json(&self) -> serde_json::Result<serde_json::Value>;
}

impl<T: serde::Serialize> ErasedPayload for T {
    fn to_json(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(self)
    }
}
