//! Wrong passwords: counted for each user and never for an address, because a school's thousands
//! share one.

use super::Whose;
use crate::single_use::Expiring;
use domain::IntegrationId;
use domain::time::Instant;
use ledger::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many wrong passwords one user may give in a row.
const ATTEMPTS_MAX: u32 = 10;
/// How long after the last of them the next is looked at, in seconds.
const WAIT_SECONDS: i64 = 900;
/// Most users whose attempts are counted at once.
const USERS_MAX: usize = 200_000;

/// The attempts under way and gone wrong, at this node.
pub(crate) struct Attempts(Expiring<u32>);

impl Attempts {
    pub(super) fn new() -> Self {
        Self(Expiring::new(WAIT_SECONDS, USERS_MAX))
    }

    pub(super) fn locked(attempts: &Mutex<Self>) -> MutexGuard<'_, Self> {
        attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an attempt under each name; whether all of them may still try. One that may not is
    /// not counted, so that nobody is kept out by others who go on.
    pub(super) fn begin(&mut self, home: IntegrationId, names: &[&str], now: Instant) -> bool {
        let keys: Vec<_> = names.iter().map(|name| key((home, name))).collect();
        let count = |attempts: &Self, key: &Hash| attempts.0.get(key, now).copied().unwrap_or(0);
        if keys.iter().any(|key| count(self, key) >= ATTEMPTS_MAX) {
            return false;
        }
        for key in keys {
            let more = count(self, &key) + 1;
            self.0.insert(key, more, now);
        }
        true
    }

    /// The password was right: nothing is held against these names any more.
    pub(super) fn succeeded(&mut self, home: IntegrationId, names: &[&str], now: Instant) {
        for name in names {
            self.0.take(&key((home, name)), now);
        }
    }
}

/// Directories take names without regard to case and to how many spaces stand between words.
fn key((home, name): Whose<'_>) -> Hash {
    let name: Vec<_> = name.split_whitespace().collect();
    Hash::of(format!("{home}\n{}", name.join(" ").to_lowercase()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HOME: IntegrationId = IntegrationId(Uuid::nil());

    fn at(seconds: i64) -> Instant {
        Instant::from_microseconds(seconds * 1_000_000)
    }

    #[test]
    fn twenty_wrong_passwords_for_one_user_are_stopped_at_ten() {
        let mut attempts = Attempts::new();
        let spellings = ["Ope", "ope ", " OPE", "ope"];
        let tried = (0..20).filter(|number| attempts.begin(HOME, &[spellings[number % 4]], at(0)));
        assert_eq!(tried.count(), 10);
        assert!(!attempts.begin(HOME, &["ope"], at(899)));
        assert!(
            attempts.begin(HOME, &["ope"], at(900)),
            "and may try again later"
        );
    }

    #[test]
    fn two_thousand_users_are_not_in_each_others_way() {
        let mut attempts = Attempts::new();
        for number in 0..2000 {
            let name = format!("user-{number}");
            for _ in 0..5 {
                assert!(attempts.begin(HOME, &[&name], at(number / 4)));
            }
            attempts.succeeded(HOME, &[&name], at(number / 4));
        }
        let other = IntegrationId(Uuid::from_u128(1));
        for _ in 0..10 {
            assert!(attempts.begin(HOME, &["ope"], at(500)));
        }
        assert!(
            attempts.begin(other, &["ope"], at(500)),
            "another organisation's"
        );
    }

    #[test]
    fn a_right_password_clears_what_was_counted() {
        let mut attempts = Attempts::new();
        for _ in 0..9 {
            assert!(attempts.begin(HOME, &["ope", "uid=ope,dc=x"], at(0)));
        }
        attempts.succeeded(HOME, &["ope", "uid=ope,dc=x"], at(0));
        for _ in 0..10 {
            assert!(attempts.begin(HOME, &["uid=ope,dc=x"], at(0)));
        }
        // Another name of the same entry is stopped with it.
        assert!(!attempts.begin(HOME, &["another", "UID=ope,dc=x"], at(0)));
        assert!(attempts.begin(HOME, &["another"], at(0)));
    }
}
