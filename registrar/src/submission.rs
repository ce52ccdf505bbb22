//! What enters the registrar, and what comes back.

use domain::time::Instant;
use domain::value::Reason;
use domain::{Actor, Command, CommandId, Rejection, Rights};
use std::ops::Range;

/// A command with who asks for it.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Names the command: sent again under the same id it is recorded once, and answered the same.
    pub command_id: CommandId,
    /// The version of the command's stream that the caller saw. Refused where it has moved on.
    pub expected_version: Option<u64>,
    /// Who asks.
    pub actor: Actor,
    /// What they may do, as it stands when they ask.
    pub rights: Rights,
    /// Why, in their words; kept sealed beside what follows.
    pub reason: Option<Reason>,
    /// The command.
    pub command: Command,
}

/// What was recorded for a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The positions of its events in the governance journal.
    pub positions: Range<u64>,
    /// When they were recorded.
    pub recorded_at: Instant,
    /// Whether this answers a command that had been recorded before.
    pub repeated: bool,
}

/// Why nothing was recorded.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SubmitError {
    /// The rules refuse the command, or the caller may not give it, or it meets another state than
    /// the caller saw. Show it to the caller.
    #[error("the command was refused")]
    Rejected(#[source] Rejection),
    /// Too many commands are waiting. Try again shortly, under the same command id.
    #[error("too many commands are waiting")]
    Busy,
    /// The ledger takes no commands now; its log says why. Try again later, under the same id.
    #[error("the ledger takes no commands now")]
    Unavailable,
}

impl From<Rejection> for SubmitError {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// The caller holds none of the rights that the command needs.
pub(crate) fn forbidden(command: &'static str) -> Rejection {
    Rejection::new(
        "FORBIDDEN",
        format!("your rights do not cover `{command}` here"),
    )
    .remedy("ask an administrator for the right, or act for an organisation that you manage")
}

/// The stream has moved on since the caller looked.
pub(crate) fn version_conflict(expected: u64, actual: u64) -> Rejection {
    Rejection::new(
        "VERSION_CONFLICT",
        format!("somebody changed this meanwhile: version {actual}, not {expected}"),
    )
    .field("expectedVersion")
    .remedy("look at it as it is now and send the command again with its new version")
}

/// Another command was recorded under this id.
pub(crate) fn command_id_reused() -> Rejection {
    Rejection::new(
        "COMMAND_ID_REUSED",
        "another command was recorded under this command id",
    )
    .field("commandId")
    .remedy("give every new command a fresh id")
}
