//! How far each source of authentications has come: one mark a source, and the digests of its
//! last records, so that what a source sends again is told from what it has changed.

use super::{Authentication, RecordError};
use domain::Environment;
use ledger::Hash;
use std::collections::{HashMap, VecDeque};

/// How many of a source's last records can be recognised when they are sent again. A node asks for
/// its mark before it sends, so it repeats at most what was on its way when a connection broke.
const RECENT: usize = 1024;

/// How far one source has come.
#[derive(Clone, Debug, Default)]
struct Mark {
    sequence: u64,
    recent: VecDeque<Hash>,
}

impl Mark {
    fn last(&self) -> (u64, Hash) {
        (
            self.sequence,
            self.recent.back().copied().unwrap_or(Hash::ZERO),
        )
    }

    /// The digest of the record with this number, where it is recent enough to be known.
    fn digest(&self, sequence: u64) -> Option<Hash> {
        let back = usize::try_from(self.sequence.checked_sub(sequence)?).ok()?;
        let index = self.recent.len().checked_sub(back + 1)?;
        self.recent.get(index).copied()
    }

    fn advance(&mut self, digest: Hash) {
        self.sequence += 1;
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(digest);
    }
}

/// The marks of every source of every environment.
#[derive(Debug, Default)]
pub(super) struct Marks(HashMap<(Environment, String), Mark>);

impl Marks {
    /// The number and the digest of a source's last record; 0 and zeros before its first.
    pub(super) fn last(&self, environment: Environment, source: &str) -> (u64, Hash) {
        let mark = self.0.get(&(environment, source.to_owned()));
        mark.map_or((0, Hash::ZERO), Mark::last)
    }

    /// Takes in a record that stands in the log. Months are read in any order: what does not
    /// continue the highest number that is known starts the mark anew, or is older and changes
    /// nothing.
    pub(super) fn read(
        &mut self,
        environment: Environment,
        source: String,
        sequence: u64,
        digest: Hash,
    ) {
        let mark = self.0.entry((environment, source)).or_default();
        if sequence <= mark.sequence {
            return;
        }
        if sequence != mark.sequence + 1 {
            mark.recent.clear();
        }
        mark.sequence = sequence - 1;
        mark.advance(digest);
    }
}

/// What a batch of one environment adds to the marks, before it is recorded.
pub(super) struct Staged<'a> {
    marks: &'a Marks,
    environment: Environment,
    fresh: HashMap<String, Vec<Hash>>,
}

impl<'a> Staged<'a> {
    pub(super) fn new(marks: &'a Marks, environment: Environment) -> Self {
        Self {
            marks,
            environment,
            fresh: HashMap::new(),
        }
    }

    /// The number and the digest of the source's last record, those of this batch included.
    pub(super) fn last(&self, source: &str) -> (u64, Hash) {
        let (sequence, digest) = self.marks.last(self.environment, source);
        match self.fresh.get(source) {
            Some(fresh) => (
                sequence + fresh.len() as u64,
                fresh.last().copied().unwrap_or(digest),
            ),
            None => (sequence, digest),
        }
    }

    /// Whether a record continues its source (true) or was taken before just as it is (false).
    pub(super) fn take(&mut self, record: &Authentication) -> Result<bool, RecordError> {
        let digest = record.digest().map_err(|_| RecordError::Unavailable)?;
        let mark = &record.mark;
        let (last, previous) = self.last(&mark.source);
        if mark.sequence == last + 1 && mark.previous == previous.to_string() {
            self.fresh
                .entry(mark.source.clone())
                .or_default()
                .push(digest);
            return Ok(true);
        }
        if self.digest(&mark.source, mark.sequence) == Some(digest) {
            return Ok(false);
        }
        Err(RecordError::Gap { expected: last + 1 })
    }

    fn digest(&self, source: &str, sequence: u64) -> Option<Hash> {
        let (recorded, _) = self.marks.last(self.environment, source);
        if let Some(index) = sequence.checked_sub(recorded + 1) {
            return self
                .fresh
                .get(source)?
                .get(usize::try_from(index).ok()?)
                .copied();
        }
        let mark = self.marks.0.get(&(self.environment, source.to_owned()))?;
        mark.digest(sequence)
    }

    /// What was added, once it is recorded.
    pub(super) fn finish(self) -> Recorded {
        Recorded {
            environment: self.environment,
            fresh: self.fresh,
        }
    }
}

/// What a recorded batch adds to the marks.
pub(super) struct Recorded {
    environment: Environment,
    fresh: HashMap<String, Vec<Hash>>,
}

impl Recorded {
    pub(super) fn apply(self, marks: &mut Marks) {
        for (source, digests) in self.fresh {
            let mark = marks.0.entry((self.environment, source)).or_default();
            for digest in digests {
                mark.advance(digest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: u64) -> Hash {
        Hash::of(&number.to_be_bytes())
    }

    #[test]
    fn only_recent_records_are_recognised() {
        let mut mark = Mark::default();
        for number in 1..=RECENT as u64 + 10 {
            mark.advance(digest(number));
        }
        let last = mark.sequence;
        assert_eq!(mark.last(), (last, digest(last)));
        assert_eq!(mark.digest(last), Some(digest(last)));
        assert_eq!(mark.digest(11), Some(digest(11)));
        assert_eq!(mark.digest(10), None);
        assert_eq!(mark.digest(last + 1), None);
        assert_eq!(mark.recent.len(), RECENT);
    }

    #[test]
    fn the_highest_number_counts_in_whatever_order_months_are_read() {
        let mut marks = Marks::default();
        let mut read = |numbers: std::ops::RangeInclusive<u64>| {
            for number in numbers {
                marks.read(
                    Environment::Test,
                    "node-a".to_owned(),
                    number,
                    digest(number),
                );
            }
        };
        read(5..=9);
        read(1..=4);
        read(12..=13);
        assert_eq!(marks.last(Environment::Test, "node-a"), (13, digest(13)));
        assert_eq!(marks.last(Environment::Demo, "node-a"), (0, Hash::ZERO));
    }
}
