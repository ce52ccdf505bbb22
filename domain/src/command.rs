//! What a command is: a request that the network either turns into events or refuses.

use crate::time::Instant;
use crate::{Actor, CommandId, Event, Network, Rejection, Right};
use schemars::{Schema, SchemaGenerator};
use uuid::Uuid;

/// What a command leads to: the events that follow, or the reason why none does.
pub type Decision = Result<Vec<Event>, Rejection>;

/// What decides a command besides the network: passed in, so that deciding is repeatable.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// When the command is decided.
    pub now: Instant,
    /// The command's own id.
    pub command: CommandId,
    /// Who asks.
    pub actor: &'a Actor,
}

impl Context<'_> {
    /// A new identifier for what this command creates. The same command gives the same
    /// identifier; `label` tells several new things of one command apart.
    pub fn new_id(&self, label: &str) -> Uuid {
        Uuid::new_v5(&self.command.0, label.as_bytes())
    }
}

/// The rule of one command.
pub trait Decide {
    /// Which events follow from the command in this network, or why none does.
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision;
}

/// One row of the table of commands: what the interfaces, the authorisation table and the
/// documentation are made from.
#[derive(Clone, Copy)]
pub struct CommandDescription {
    /// The command's name, such as `GiveNotice`.
    pub name: &'static str,
    /// Who may: any one of these rights; with the input field that names the organisation (or
    /// something that belongs to it) for which an organisation right must be held.
    pub rights: &'static [(Right, Option<&'static str>)],
    /// The kind of stream whose version a caller may expect.
    pub stream: &'static str,
    /// The shape of its input, with documentation.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Declares the commands of the network, one a line: name, who may, stream.
macro_rules! commands {
    ($($name:ident [$($right:ident $(($of:ident))?),+] $kind:ident($($key:ident)?);)+) => {
        /// A request to change the network.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "each variant carries the type that documents it")]
        #[expect(
            clippy::large_enum_variant,
            reason = "commands are few and short-lived; half a kilobyte of them is no burden"
        )]
        pub enum Command { $($name($name),)+ }

        impl Command {
            /// Every command there is.
            pub const ALL: &[CommandDescription] = &[
                $(CommandDescription {
                    name: stringify!($name),
                    rights: &[$((Right::$right, commands!(@of $($of)?)),)+],
                    stream: stringify!($kind),
                    schema: <$name as schemars::JsonSchema>::json_schema,
                },)+
            ];

            /// Its name.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name),)+ }
            }

            /// The stream whose version the caller may expect; its key is empty where the command
            /// creates what it names.
            pub fn stream(&self) -> Stream {
                match self {
                    $(Self::$name(_command) => Stream {
                        kind: stringify!($kind),
                        key: String::new() $(+ &_command.$key.to_string())?,
                    },)+
                }
            }

            /// The ways to be allowed to give this command; any one suffices.
            pub fn authorities(&self, _network: &Network) -> Vec<Authority> {
                match self {
                    $(Self::$name(_command) => vec![$(Authority {
                        right: Right::$right,
                        organisation: None
                            $(.or(BelongsTo::organisation_under(
                                &_command.$of, Right::$right, _network,
                            )))?,
                    },)+],)+
                }
            }

            /// Reads the input of the command named `name`; none where no command has that name.
            pub fn deserialize_named<'de, D: serde::Deserializer<'de>>(
                name: &str,
                input: D,
            ) -> Option<Result<Self, D::Error>> {
                match name {
                    $(stringify!($name) => {
                        Some(<$name as serde::Deserialize>::deserialize(input).map(Self::$name))
                    })+
                    _ => None,
                }
            }

            /// The command's content, the same for the same content: what tells a command that is
            /// sent again from another one under the same id. Holds values in clear: hash it.
            pub fn content(&self) -> serde_json::Result<Vec<u8>> {
                match self { $(Self::$name(command) => serde_json::to_vec(command),)+ }
            }

            pub(crate) fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
                match self { $(Self::$name(command) => command.decide(network, context),)+ }
            }
        }

        $(impl From<$name> for Command {
            fn from(command: $name) -> Self { Self::$name(command) }
        })+
    };
    (@of) => { None };
    (@of $of:ident) => { Some(stringify!($of)) };
}
pub(crate) use commands;
