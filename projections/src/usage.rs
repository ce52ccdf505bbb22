//! Usage: how many logins there were, by day, home integration and service.
//!
//! Fed by the authentication journals, which grow fast and are never folded into memory: the
//! counts lie in an index on disk, each step of it written together with how far it has come. The
//! index holds no user and can be thrown away: it is built again from the journals.

mod key;

pub use key::{Outcome, UsageRow};

use domain::Environment;
use domain::time::{Date, Instant, Zone};
use key::Counter;
use ledger::{JournalError, JournalName, Ledger};
use registrar::{Authentication, AuthenticationOutcome};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The version of the fold: an index of another version is built anew.
const VERSION: u64 = 1;

/// How many events are counted in one step.
const EVENTS_PER_STEP: usize = 8192;

/// How often the journals are looked at for new events.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// Memory for the index's pages. What is asked for is recent, so little is enough.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// Why usage could not be counted or read.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// The index could not be opened, read or written. It can be deleted: it is built again.
    #[error("the index of usage failed")]
    Index(#[from] sled::Error),
    /// The journals could not be listed or opened.
    #[error("opening an authentication journal failed")]
    Journals(#[from] ledger::OpenError),
    /// A journal could not be read.
    #[error("reading an authentication journal failed")]
    Read(#[from] JournalError),
    /// A record is not what this program writes.
    #[error("the authentication at position {position} of `{journal}` cannot be read")]
    Record {
        /// The journal.
        journal: JournalName,
        /// The position.
        position: u64,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

/// The counts. Cheap to clone.
#[derive(Clone)]
pub struct Usage {
    ledger: Ledger,
    index: sled::Db,
    zone: Zone,
}

impl Usage {
    /// Opens the index in `directory`, or keeps it in a temporary place where that is none. Days
    /// are those of `zone`.
    pub fn open(ledger: Ledger, directory: Option<&Path>, zone: Zone) -> Result<Self, UsageError> {
        let config = sled::Config::new().cache_capacity(CACHE_BYTES);
        let config = match directory {
            Some(directory) => config.path(directory),
            None => config.temporary(true),
        };
        let index = config.open()?;
        let version = VERSION.to_be_bytes();
        if index
            .get(key::VERSION)?
            .is_some_and(|found| *found != version)
        {
            index.clear()?;
        }
        index.insert(key::VERSION, &version)?;
        Ok(Self {
            ledger,
            index,
            zone,
        })
    }

    /// Counts everything recorded since the last time. Returns how many events that was.
    pub fn catch_up(&self) -> Result<u64, UsageError> {
        let mut counted = 0;
        for name in self.ledger.journals()? {
            let environment = name
                .as_str()
                .split('/')
                .next()
                .and_then(|text| text.parse().ok());
            let Some(environment) = environment else {
                continue;
            };
            counted += self.catch_up_journal(environment, &name)?;
        }
        Ok(counted)
    }

    fn catch_up_journal(
        &self,
        environment: Environment,
        name: &JournalName,
    ) -> Result<u64, UsageError> {
        let checkpoint = key::checkpoint(name);
        let from = match self.index.get(&checkpoint)? {
            Some(bytes) => key::number(&bytes),
            None => 0,
        };
        let journal = self.ledger.journal(name)?;
        if journal.head().map_err(JournalError::from)?.next_position <= from {
            return Ok(0);
        }
        let mut step = Step::default();
        let mut next = from;
        for batch in journal.replay(from)? {
            let batch = batch?;
            for view in batch.events() {
                let view = view?;
                let record = serde_json::from_slice::<Authentication>(view.payload);
                let record = record.map_err(|source| UsageError::Record {
                    journal: name.clone(),
                    position: view.position,
                    source,
                })?;
                let at = Instant::from_microseconds(view.recorded_at.0);
                step.count(environment, self.zone.date(at), &record);
            }
            next = batch.next_position();
            if step.events >= EVENTS_PER_STEP {
                self.write(std::mem::take(&mut step), &checkpoint, next)?;
            }
        }
        self.write(step, &checkpoint, next)?;
        Ok(next - from)
    }

    /// Adds the counts of a step and moves the checkpoint, both or neither.
    fn write(&self, step: Step, checkpoint: &[u8], next: u64) -> Result<(), UsageError> {
        let mut batch = sled::Batch::default();
        for (counter, count) in step.counts {
            let key = counter.to_bytes();
            let before = self.index.get(key)?.map_or(0, |bytes| key::number(&bytes));
            batch.insert(&key[..], &(before + count).to_be_bytes());
        }
        batch.insert(checkpoint, &next.to_be_bytes());
        Ok(self.index.apply_batch(batch)?)
    }

    /// Follows the journals until the returned future is dropped. A failure is logged, and the
    /// next look tries again.
    pub async fn follow(self) {
        let mut ticks = tokio::time::interval(LOOKS_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let usage = self.clone();
            let counted = tokio::task::spawn_blocking(move || usage.catch_up()).await;
            if let Ok(Err(error)) = counted {
                let why = registrar::chain(&error);
                tracing::error!(reason = %why, "Counting usage failed: {why}");
            }
        }
    }

    /// The counts of an environment from `first` to `last`, both days included, by day.
    pub fn rows(
        &self,
        environment: Environment,
        first: Date,
        last: Date,
    ) -> Result<Vec<UsageRow>, UsageError> {
        let from = Counter::first_of(environment, first);
        let to = Counter::first_of(environment, last.plus_days(1));
        let mut rows = Vec::new();
        for entry in self.index.range(from..to) {
            let (key, count) = entry?;
            if let Some(counter) = Counter::from_bytes(&key) {
                rows.push(counter.row(key::number(&count)));
            }
        }
        Ok(rows)
    }
}

/// The counts of some events, before they are added to the index.
#[derive(Default)]
struct Step {
    counts: BTreeMap<Counter, u64>,
    events: usize,
}

impl Step {
    fn count(&mut self, environment: Environment, day: Date, record: &Authentication) {
        let outcome = match record.outcome {
            AuthenticationOutcome::Succeeded {
                single_sign_on: false,
                ..
            } => Outcome::Succeeded,
            AuthenticationOutcome::Succeeded {
                single_sign_on: true,
                ..
            } => Outcome::Continued,
            AuthenticationOutcome::Refused { .. } => Outcome::Refused,
            AuthenticationOutcome::LoggedOut => Outcome::LoggedOut,
        };
        let home = record.home_integration;
        let counter = Counter {
            environment,
            day,
            home,
            service: record.service,
            outcome,
        };
        *self.counts.entry(counter).or_default() += 1;
        self.events += 1;
    }
}
