//! Which person of the network somebody is who signed in.
//!
//! The log names people by reference and keeps the issuer's subject sealed. The index from subject
//! to reference lives in memory alone, keyed with a key of this run.

use domain::value::{FreeText, PersonName};
use domain::{Actor, Command, CommandId, Means, PersonId, RecordAdministrator, Right, Rights};
use ledger::{Hash, Random, keyed_digest};
use registrar::{Clock, EventIds, Registrar, Submission, SubmitError};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Why a person could not be found or recorded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PersonError {
    /// The issuer names the person in a way that cannot be recorded.
    #[error("the sign-in issuer's subject or name cannot be recorded")]
    Unusable,
    /// The ledger did not take the record.
    #[error("recording the person failed")]
    Recording(#[source] SubmitError),
    /// The record was taken and cannot be found.
    #[error("the recorded person cannot be found")]
    Lost,
}

/// The people who ever signed in.
pub(crate) struct People {
    registrar: Registrar,
    ids: EventIds,
    clock: Arc<dyn Clock>,
    key: [u8; 32],
    index: Mutex<Index>,
}

#[derive(Default)]
struct Index {
    seen: HashSet<PersonId>,
    by_subject: HashMap<Hash, PersonId>,
}

impl People {
    pub(crate) fn new(
        registrar: Registrar,
        clock: Arc<dyn Clock>,
        random: &Arc<dyn Random>,
    ) -> Self {
        let mut key = [0; 32];
        random.fill(&mut key);
        Self {
            registrar,
            ids: EventIds::new(Arc::clone(random)),
            clock,
            key,
            index: Mutex::default(),
        }
    }

    /// The person whom the issuer calls `subject`; recorded with `name` where they are new.
    pub(crate) async fn person(&self, subject: &str, name: &str) -> Result<PersonId, PersonError> {
        let mut index = self.index.lock().await;
        let wanted = self.digest(subject);
        self.look(&mut index);
        if let Some(person) = index.by_subject.get(&wanted) {
            return Ok(*person);
        }
        let record = RecordAdministrator {
            subject: FreeText::parse(subject).map_err(|_| PersonError::Unusable)?,
            name: PersonName::parse(name).map_err(|_| PersonError::Unusable)?,
        };
        let submission = Submission {
            command_id: CommandId(self.ids.next(self.clock.now())),
            expected_version: None,
            // Nobody gives this command: signing in does.
            actor: Actor {
                person: PersonId(uuid::Uuid::nil()),
                means: Means::Clerk,
                on_behalf_of: None,
            },
            rights: Rights::from_iter([(Right::Clerk, None)]),
            reason: None,
            command: Command::RecordAdministrator(record),
        };
        self.registrar
            .submit(submission)
            .await
            .map_err(PersonError::Recording)?;
        self.look(&mut index);
        index
            .by_subject
            .get(&wanted)
            .copied()
            .ok_or(PersonError::Lost)
    }

    fn digest(&self, subject: &str) -> Hash {
        keyed_digest(&self.key, "sign-in subject", subject.as_bytes())
    }

    /// Takes in whoever was recorded since the last look.
    fn look(&self, index: &mut Index) {
        let network = self.registrar.network();
        for (person, row) in network.1.access.administrators.iter() {
            if !index.seen.insert(*person) {
                continue;
            }
            // A person who was erased does not open, and is nobody any more.
            let slot = row.subject.slot();
            if let Some(subject) = slot.and_then(|slot| self.registrar.log().open(slot).ok()) {
                index
                    .by_subject
                    .entry(self.digest(&subject))
                    .or_insert(*person);
            }
        }
    }
}
