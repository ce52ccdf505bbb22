//! The clerk: records what time brings about, once, also after a long absence.
//!
//! Rules and routing read validity windows and never wait for the clerk; what it records is the
//! memory of what happened. Each of its commands has an id derived from (kind, subject, due), so
//! that two clerks, or one that starts again, record it once.

use crate::submission::{Submission, SubmitError};
use crate::{Alarms, Clock, Registrar, chain};
use domain::time::Instant;
use domain::{Actor, CommandId, DueCommand, Means, Network, PersonId, Right, Rights};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How often the clerk looks at least. What it records carries the instant at which it fell due.
const LOOKS_EVERY: Duration = Duration::from_secs(30);

/// The namespace of the clerk's command ids.
const NAMESPACE: Uuid = Uuid::from_u128(0x7472_7573_746e_6574_0000_0000_0000_0001);

/// The actor under whom the clerk's records stand.
pub fn actor() -> Actor {
    Actor {
        person: PersonId(NAMESPACE),
        means: Means::Clerk,
        on_behalf_of: None,
    }
}

/// The command id of something that fell due.
pub fn command_id(due: &DueCommand) -> CommandId {
    let name = format!("{}\n{}\n{}", due.kind, due.subject, due.due);
    CommandId(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
}

/// Records everything that is due at `now`, and says how much was.
///
/// What is refused is logged and left: the next look asks anew. An error means that the registrar
/// takes no commands.
pub async fn record_due(registrar: &Registrar, now: Instant) -> Result<usize, SubmitError> {
    let mut recorded = 0;
    // One record may make the next thing due, so it looks until nothing new comes.
    loop {
        let due = domain::due(&registrar.network().1, now);
        let mut progress = false;
        for item in due {
            let submission = Submission {
                command_id: command_id(&item),
                expected_version: None,
                actor: actor(),
                rights: Rights::from_iter([(Right::Clerk, None)]),
                reason: None,
                command: item.command,
            };
            match registrar.submit(submission).await {
                Ok(receipt) if receipt.repeated => {}
                Ok(_) => {
                    progress = true;
                    recorded += 1;
                }
                Err(SubmitError::Rejected(rejection)) => {
                    tracing::warn!(
                        due.kind = item.kind,
                        due.subject = %item.subject,
                        %rejection,
                        "What fell due was refused: `{}` of {}",
                        item.kind,
                        item.subject
                    );
                }
                Err(SubmitError::Busy) => return Ok(recorded),
                Err(SubmitError::Unavailable) => return Err(SubmitError::Unavailable),
            }
        }
        if !progress {
            return Ok(recorded);
        }
    }
}

/// Looks again and again, until the registrar takes no more commands, which raises an alarm.
pub async fn run(registrar: Registrar, clock: Arc<dyn Clock>, alarms: Alarms) {
    loop {
        match record_due(&registrar, clock.now()).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "Recorded {count} things that time brought about"),
            Err(error) => return alarms.raise("clerk", chain(&error)),
        }
        tokio::time::sleep(until_next(&registrar.network().1, clock.now())).await;
    }
}

/// How long nothing is known to fall due. Never long: what is committed meanwhile may fall due
/// sooner, and the wall clock may be set.
fn until_next(network: &Network, now: Instant) -> Duration {
    let next = domain::next_due_after(network, now);
    let microseconds = next.map(|next| next.microseconds() - now.microseconds());
    let wait = microseconds.map(|wait| Duration::from_micros(wait.unsigned_abs()));
    wait.map_or(LOOKS_EVERY, |wait| wait.min(LOOKS_EVERY))
}
