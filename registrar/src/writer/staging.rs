//! Deciding a batch of commands on a copy of the state, before anything is written.

use super::state::State;
use crate::codec::{Beside, encode};
use crate::documents::Documents;
use crate::environment::EventIds;
use crate::fault::chain;
use crate::log::{CONTENT, Log, REASON};
use crate::submission::{
    Receipt, Submission, SubmitError, command_id_reused, forbidden, version_conflict,
};
use domain::time::Instant;
use domain::{Actor, Category, Context, Means, Personal, Rejection};
use ledger::{Envelope, Hash, Sealer, Timestamp};
use zeroize::Zeroizing;

/// What one command comes to.
pub(super) type Step = Result<Receipt, SubmitError>;

/// What a batch comes to.
pub(super) struct Staged {
    pub(super) state: State,
    pub(super) envelopes: Vec<Envelope>,
}

/// A batch being decided.
pub(super) struct Staging<'a> {
    state: State,
    envelopes: Vec<Envelope>,
    /// What each command of this batch contained, for one that comes twice in it.
    contents: Vec<(domain::CommandId, Hash)>,
    log: &'a Log,
    sealer: &'a Sealer,
    documents: &'a Documents,
    event_ids: &'a EventIds,
    now: Instant,
}

impl<'a> Staging<'a> {
    pub(super) fn new(
        state: &State,
        log: &'a Log,
        (sealer, documents): (&'a Sealer, &'a Documents),
        event_ids: &'a EventIds,
        now: Instant,
    ) -> Self {
        let (envelopes, contents) = (Vec::new(), Vec::new());
        Self {
            state: state.clone(),
            envelopes,
            contents,
            log,
            sealer,
            documents,
            event_ids,
            now,
        }
    }

    pub(super) fn finish(self) -> Staged {
        Staged {
            state: self.state,
            envelopes: self.envelopes,
        }
    }

    /// Decides one command after the others of the batch. An error is a fault of the machinery and
    /// ends the writer.
    pub(super) fn take(&mut self, submission: &Submission) -> Result<Step, String> {
        if let Some(refused) = derived_id(submission) {
            return Ok(Err(refused.into()));
        }
        let content = content(submission)?;
        if let Some(repeated) = self.repeated(submission, content) {
            return Ok(repeated);
        }
        match self.decide(submission) {
            Ok(events) => self.stage(submission, content, &events).map(Ok),
            Err(rejection) => Ok(Err(rejection.into())),
        }
    }

    /// The answer to a command whose id was recorded before.
    fn repeated(&self, submission: &Submission, content: Hash) -> Option<Step> {
        let positions = self.state.commands.get(&submission.command_id).cloned()?;
        let staged = self
            .contents
            .iter()
            .find(|(id, _)| *id == submission.command_id);
        let (same, recorded_at) = if let Some((_, staged)) = staged {
            (*staged == content, self.now)
        } else {
            match self.log.recorded_content(positions.start) {
                Ok((recorded, at)) => (recorded.as_slice() == content.as_bytes(), at),
                // One command whose key is missing must not end the writer for everybody.
                Err(error) => {
                    let why = chain(&error);
                    let position = positions.start;
                    tracing::error!(position, reason = %why, "The command recorded at {position} cannot be compared: {why}");
                    return Some(Err(SubmitError::Unavailable));
                }
            }
        };
        if !same {
            return Some(Err(command_id_reused().into()));
        }
        Some(Ok(Receipt {
            positions,
            recorded_at,
            repeated: true,
        }))
    }

    fn decide(&self, submission: &Submission) -> domain::Decision {
        let Submission {
            command,
            rights,
            actor,
            command_id,
            ..
        } = submission;
        let network = &self.state.network;
        if !rights.satisfy(&command.authorities(network)) {
            return Err(forbidden(command.name()));
        }
        if let Some(expected) = submission.expected_version {
            let actual = self.state.version(&command.stream().to_string());
            if actual != expected {
                return Err(version_conflict(expected, actual));
            }
        }
        let events = network.decide(
            command,
            &Context {
                now: self.now,
                command: *command_id,
                actor,
            },
        )?;
        if events.is_empty() {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "the network already says so")
                    .remedy("nothing needs to be recorded"),
            );
        }
        Ok(events)
    }

    fn stage(
        &mut self,
        submission: &Submission,
        content: Hash,
        events: &[domain::Event],
    ) -> Result<Receipt, String> {
        let first = self.state.next_position;
        for (index, event) in events.iter().enumerate() {
            let stream = event.stream().to_string();
            let position = self.state.next_position;
            let event_id = self.event_ids.next(self.now);
            let stream_key = format!("stream:{stream}");
            let mut beside = Vec::new();
            if index == 0 {
                beside.push(Beside {
                    field: CONTENT,
                    subject: "registrar",
                    category: "command",
                    value: content.as_bytes(),
                });
                if let Some(reason) = &submission.reason {
                    beside.push(Beside {
                        field: REASON,
                        subject: &stream_key,
                        category: Category::Text.name(),
                        value: reason.expose().as_bytes(),
                    });
                }
            }
            let ledger_id = self.log.ledger_id();
            let place = (ledger_id, event_id, position);
            let encoded = encode(event, &beside, place, &stream, self.sealer, self.documents)
                .map_err(|error| chain(&error))?;
            self.envelopes.push(Envelope {
                ledger_id,
                journal: ledger::JournalName::governance(),
                position,
                stream_version: self.state.version(&stream),
                event_id,
                event_type: event.name().to_owned(),
                schema_version: event.version(),
                occurred_at: Timestamp(self.now.microseconds()),
                recorded_at: Timestamp(self.now.microseconds()),
                effective_from: None,
                actor: actor(&submission.actor),
                command_id: submission.command_id.0,
                correlation_id: None,
                causation_id: None,
                payload: encoded.payload,
                sealed: encoded.sealed,
                blobs: encoded.blobs,
                stream: stream.clone(),
            });
            self.state.network.apply(&encoded.event, self.now);
            self.state.note(&stream, submission.command_id, self.now);
        }
        self.contents.push((submission.command_id, content));
        let positions = first..self.state.next_position;
        Ok(Receipt {
            positions,
            recorded_at: self.now,
            repeated: false,
        })
    }
}

/// A digest of everything that makes the command what it is: what it says, who gives it and why.
/// It leaves this process only sealed.
fn content(submission: &Submission) -> Result<Hash, String> {
    let command = submission.command.content();
    let command = Zeroizing::new(command.map_err(|error| chain(&error))?);
    let Actor {
        person,
        on_behalf_of,
        ..
    } = &submission.actor;
    let reason = submission.reason.as_ref().map(Personal::expose);
    let parts = [
        submission.command.name().as_bytes(),
        &command,
        person.0.as_bytes(),
        on_behalf_of
            .as_ref()
            .map_or("", |of| of.as_str())
            .as_bytes(),
        reason.unwrap_or_default().as_bytes(),
    ];
    // Each part behind its length, so that no two commands give the same bytes.
    let mut all = Zeroizing::new(Vec::new());
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
    }
    Ok(Hash::of(&all))
}

/// Ids that are derived from names are the clerk's: they can be foretold, and whoever took one
/// first would keep the clerk from ever recording what fell due.
fn derived_id(submission: &Submission) -> Option<Rejection> {
    let derived = submission.command_id.0.get_version_num() == 5;
    (derived && submission.actor.means != Means::Clerk).then(|| {
        Rejection::new(
            "COMMAND_ID_DERIVED",
            "a command id that is derived from a name is not taken",
        )
        .field("commandId")
        .remedy("give a random id: a UUID of version 4 or 7")
    })
}

fn actor(actor: &domain::Actor) -> ledger::Actor {
    let authentication = match actor.means {
        Means::SignIn => "sign-in",
        Means::MachineCredential => "machine-credential",
        Means::Console => "console",
        Means::Clerk => "clerk",
    };
    ledger::Actor {
        id: actor.person.to_string(),
        authentication: authentication.to_owned(),
        on_behalf_of: actor.on_behalf_of.as_ref().map(ToString::to_string),
    }
}

/// One command's events do not fit into a frame, or one of them not into an event.
pub(super) fn too_large() -> Rejection {
    Rejection::new(
        "TOO_LARGE",
        "the command leads to more than one commit can hold",
    )
    .remedy("split it into smaller commands")
}
