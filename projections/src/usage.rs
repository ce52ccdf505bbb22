//! Usage: how many logins there were, by day, home integration and service.
//!
//! Fed by the authentication journals, which grow fast and are never folded into memory: the
//! counts lie in an index on disk, each step of it written together with how far it has come. The
//! index holds no user and can be thrown away. Where it does not fit — another version of the fold,
//! another ledger, a journal whose frames are not those that were counted, damage — a new one is
//! built beside it and takes its place whole.

mod generations;
mod index;
mod key;
#[cfg(test)]
mod tests;

pub use key::{Outcome, UsageRow};

use arc_swap::ArcSwap;
use domain::Environment;
use domain::time::{Date, Instant, Zone};
use generations::Generations;
use index::{Checkpoint, Header, Index};
use key::Counter;
use ledger::{Hash, Journal, JournalError, JournalName, Ledger};
use registrar::authentication::DecodeAuthenticationError;
use registrar::{Alarms, Authentication, AuthenticationOutcome};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The version of the fold: the same journals counted by another version may give other counts.
const VERSION: u32 = 1;

/// How many events are counted in one step.
const EVENTS_PER_STEP: usize = 8192;

/// How often the journals are looked at for new events.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// The name of the alarm that is raised where counting does not go on.
const ALARM: &str = "usage";

/// Why usage could not be counted or read.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// The index could not be opened, read or written.
    #[error("the index of usage failed")]
    Index(#[from] sled::Error),
    /// The index holds what this program does not write. It is built anew.
    #[error("the index of usage is damaged")]
    Damaged,
    /// The directory of the index could not be read or written.
    #[error("the directory `{}` of the index of usage failed", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The journals could not be listed or opened.
    #[error("opening an authentication journal failed")]
    Journals(#[from] ledger::OpenError),
    /// A journal could not be read.
    #[error("reading an authentication journal failed")]
    Read(#[from] JournalError),
    /// A record is not what this program writes.
    #[error("a record of `{journal}` cannot be read")]
    Record {
        /// The journal.
        journal: JournalName,
        /// What is wrong.
        #[source]
        source: DecodeAuthenticationError,
    },
}

struct Shared {
    ledger: Ledger,
    zone: Zone,
    /// What is asked.
    served: ArcSwap<Index>,
    counting: Mutex<Counting>,
}

/// What only who counts needs.
struct Counting {
    generations: Generations,
    /// What is built to take the place of the index that is served.
    shadow: Option<Arc<Index>>,
    /// The journals whose checkpoint was compared with their frames since the start.
    compared: HashSet<JournalName>,
}

/// The counts. Cheap to clone.
#[derive(Clone)]
pub struct Usage(Arc<Shared>);

impl Usage {
    /// Opens the index below `directory`, or keeps it in a temporary place where that is none.
    /// Days are those of `zone`. An index that does not fit is built anew at the next
    /// [`Usage::catch_up`]; until then what it counted is still served, where it can be read and is
    /// of this ledger.
    pub fn open(ledger: Ledger, directory: Option<&Path>, zone: Zone) -> Result<Self, UsageError> {
        let header = Header::new(VERSION, ledger.id(), &zone);
        let (mut generations, found) = Generations::open(directory, &header)?;
        let found = found.filter(|index| index.header.ledger == header.ledger);
        let (served, shadow) = match found {
            Some(index) if index.header == header => (Arc::new(index), None),
            Some(index) => (Arc::new(index), Some(Arc::new(generations.begin(&header)?))),
            None => {
                let fresh = Arc::new(generations.begin(&header)?);
                generations.serve_newest()?;
                (fresh, None)
            }
        };
        Ok(Self(Arc::new(Shared {
            ledger,
            zone,
            served: ArcSwap::new(served),
            counting: Mutex::new(Counting {
                generations,
                shadow,
                compared: HashSet::new(),
            }),
        })))
    }

    /// Counts everything recorded since the last time, and has a new index served once it has
    /// caught up. Returns how many events were counted.
    pub fn catch_up(&self) -> Result<u64, UsageError> {
        let shared = &*self.0;
        let mut counting = shared
            .counting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut counted = 0;
        loop {
            let shadow = counting.shadow.clone();
            let index = shadow.clone().unwrap_or_else(|| shared.served.load_full());
            match shared.count(&index, &mut counting.compared) {
                Ok(new) => counted += new,
                Err(Count::Failed(error)) => return Err(error),
                Err(Count::DoesNotFit(why)) => {
                    tracing::error!(reason = %why, "The index of usage is built anew: {why}");
                    let header = Header::new(VERSION, shared.ledger.id(), &shared.zone);
                    counting.shadow = Some(Arc::new(counting.generations.begin(&header)?));
                    counting.compared.clear();
                    continue;
                }
            }
            if let Some(shadow) = shadow {
                shadow.flush()?;
                counting.generations.serve_newest()?;
                shared.served.store(shadow);
                counting.shadow = None;
            }
            return Ok(counted);
        }
    }

    /// Follows the journals until the returned future is dropped. A failure raises an alarm while it
    /// lasts, and the next look tries again.
    pub async fn follow(self, alarms: Alarms) {
        let mut ticks = tokio::time::interval(LOOKS_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let usage = self.clone();
            match tokio::task::spawn_blocking(move || usage.catch_up()).await {
                Ok(Ok(_)) => alarms.clear(ALARM),
                Ok(Err(error)) => alarms.raise(ALARM, registrar::chain(&error)),
                Err(_) => alarms.raise(ALARM, "counting panicked".to_owned()),
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
        let counters = self.0.served.load().counters(from..to)?;
        let rows = counters.into_iter();
        Ok(rows.map(|(counter, count)| counter.row(count)).collect())
    }
}

/// Why a count came to no end.
enum Count {
    /// The index was not made of these journals, or is damaged.
    DoesNotFit(String),
    Failed(UsageError),
}

impl<E: Into<UsageError>> From<E> for Count {
    fn from(error: E) -> Self {
        match error.into() {
            UsageError::Damaged => Self::DoesNotFit("it is damaged".to_owned()),
            error => Self::Failed(error),
        }
    }
}

impl Shared {
    /// Counts what every journal holds beyond its checkpoint.
    fn count(&self, index: &Index, compared: &mut HashSet<JournalName>) -> Result<u64, Count> {
        let names = self.ledger.journals()?;
        let journals: Vec<_> = names.iter().filter_map(month_of).collect();
        let newest = journals.iter().map(|(_, _, month)| *month).max();
        let mut counted = 0;
        for (environment, name, month) in &journals {
            let checkpoint = index.checkpoint(name)?;
            if checkpoint.complete {
                continue;
            }
            let journal = self.ledger.journal(name)?;
            if compared.insert((*name).clone()) && !continues(&journal, checkpoint)? {
                return Err(Count::DoesNotFit(format!(
                    "`{name}` is not what was counted up to position {}",
                    checkpoint.position
                )));
            }
            // There is one recorder, and its clock never goes back: once any journal of a later
            // month is there, this one grows no more.
            let complete = newest.is_some_and(|newest| newest > *month);
            counted += self.count_journal(index, *environment, &journal, checkpoint, complete)?;
        }
        Ok(counted)
    }

    fn count_journal(
        &self,
        index: &Index,
        environment: Environment,
        journal: &Journal,
        from: Checkpoint,
        complete: bool,
    ) -> Result<u64, Count> {
        let name = journal.name();
        let mut checkpoint = from;
        if journal.head().map_err(JournalError::from)?.next_position > from.position {
            let (mut counts, mut events) = (BTreeMap::new(), 0);
            for batch in journal.replay(from.position)? {
                let batch = batch?;
                for view in batch.events() {
                    let view = view?;
                    let record =
                        Authentication::decode(&view).map_err(|source| UsageError::Record {
                            journal: name.clone(),
                            source,
                        })?;
                    let day = self
                        .zone
                        .date(Instant::from_microseconds(view.recorded_at.0));
                    *counts
                        .entry(counter(environment, day, &record))
                        .or_default() += 1;
                    events += 1;
                }
                checkpoint.position = batch.next_position();
                checkpoint.frame = batch.frame().hash();
                if events >= EVENTS_PER_STEP {
                    index.write(std::mem::take(&mut counts), name, checkpoint)?;
                    events = 0;
                }
            }
            index.write(counts, name, checkpoint)?;
        }
        if complete {
            checkpoint.complete = true;
            index.write(BTreeMap::new(), name, checkpoint)?;
        }
        Ok(checkpoint.position - from.position)
    }
}

/// Whether the journal has, up to the checkpoint, what was counted.
fn continues(journal: &Journal, checkpoint: Checkpoint) -> Result<bool, JournalError> {
    let Some(last) = checkpoint.position.checked_sub(1) else {
        return Ok(checkpoint.frame == Hash::ZERO);
    };
    let frame = journal.frame_of(last)?;
    Ok(frame.is_some_and(|frame| frame.hash() == checkpoint.frame))
}

/// The environment and month of a journal of authentications; none for any other.
fn month_of(name: &JournalName) -> Option<(Environment, &JournalName, &str)> {
    let (environment, month) = name.as_str().split_once('/')?;
    Some((environment.parse().ok()?, name, month))
}

fn counter(environment: Environment, day: Date, record: &Authentication) -> Counter {
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
    Counter {
        environment,
        day,
        home: record.home_integration,
        service: record.service,
        outcome,
    }
}
