//! The keys of the index: fixed-width, so that a range of days is a range of keys.

use domain::time::Date;
use domain::{Environment, IntegrationId, ServiceId};
use ledger::JournalName;
use serde::Serialize;
use uuid::Uuid;

/// Where it says what the index was built of.
pub(super) const HEADER: &[u8] = b"header";

/// The first byte of every counter's key.
const COUNTER: u8 = b'c';

/// How a login ended, as far as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// A login at the home organisation, with a release.
    Succeeded,
    /// A release that an earlier login carried.
    Continued,
    /// Nothing was released.
    Refused,
    /// A log-out.
    LoggedOut,
}

impl Outcome {
    const ALL: [Self; 4] = [
        Self::Succeeded,
        Self::Continued,
        Self::Refused,
        Self::LoggedOut,
    ];
}

/// One count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageRow {
    /// The day, in the network's zone.
    pub day: Date,
    /// The home integration; none where the login ended before one was chosen.
    pub home_integration: Option<IntegrationId>,
    /// The service; none where the request named none that is known.
    pub service: Option<ServiceId>,
    /// How the logins ended.
    pub outcome: Outcome,
    /// How many there were.
    pub count: u64,
}

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counter {
    pub(super) environment: Environment,
    pub(super) day: Date,
    pub(super) home: Option<IntegrationId>,
    pub(super) service: Option<ServiceId>,
    pub(super) outcome: Outcome,
}

/// The length of a counter's key: mark, environment, day, home, service, outcome.
pub(super) const BYTES: usize = 1 + 1 + 4 + 16 + 16 + 1;

impl Counter {
    /// The first key of a day.
    pub(super) fn first_of(environment: Environment, day: Date) -> [u8; BYTES] {
        Self {
            environment,
            day,
            home: None,
            service: None,
            outcome: Outcome::Succeeded,
        }
        .to_bytes()
    }

    pub(super) fn to_bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[0] = COUNTER;
        bytes[1] = self.environment as u8;
        let day = self.day.year().unsigned_abs() * 10_000
            + u32::from(self.day.month()) * 100
            + u32::from(self.day.day());
        bytes[2..6].copy_from_slice(&day.to_be_bytes());
        // Identifiers are never nil, so nil says that there is none.
        let home = self.home.map_or(Uuid::nil(), |home| home.0);
        let service = self.service.map_or(Uuid::nil(), |service| service.0);
        bytes[6..22].copy_from_slice(home.as_bytes());
        bytes[22..38].copy_from_slice(service.as_bytes());
        bytes[38] = self.outcome as u8;
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; BYTES] = bytes
            .try_into()
            .ok()
            .filter(|b: &&[u8; BYTES]| b[0] == COUNTER)?;
        let day = u32::from_be_bytes(bytes[2..6].try_into().ok()?);
        let part = |number: u32| u8::try_from(number % 100).ok();
        let some = |id: &[u8]| Uuid::from_slice(id).ok().filter(|id| !id.is_nil());
        Some(Self {
            environment: *Environment::ALL.get(usize::from(bytes[1]))?,
            day: Date::new(
                i32::try_from(day / 10_000).ok()?,
                part(day / 100)?,
                part(day)?,
            )?,
            home: some(&bytes[6..22]).map(IntegrationId),
            service: some(&bytes[22..38]).map(ServiceId),
            outcome: *Outcome::ALL.get(usize::from(bytes[38]))?,
        })
    }

    pub(super) fn row(self, count: u64) -> UsageRow {
        let Self {
            day,
            home: home_integration,
            service,
            outcome,
            ..
        } = self;
        UsageRow {
            day,
            home_integration,
            service,
            outcome,
            count,
        }
    }
}

/// Where a journal's checkpoint lies.
pub(super) fn checkpoint(journal: &JournalName) -> Vec<u8> {
    format!("journal {journal}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_says_what_it_was_made_of(
            environment in 0..4usize,
            (year, month, day) in (1900..2200i32, 1..=12u8, 1..=28u8),
            home in proptest::option::of(1..u128::MAX),
            service in proptest::option::of(1..u128::MAX),
            outcome in 0..4usize,
        ) {
            let counter = Counter {
                environment: Environment::ALL[environment],
                day: Date::new(year, month, day).unwrap(),
                home: home.map(|id| IntegrationId(Uuid::from_u128(id))),
                service: service.map(|id| ServiceId(Uuid::from_u128(id))),
                outcome: Outcome::ALL[outcome],
            };
            prop_assert_eq!(Counter::from_bytes(&counter.to_bytes()), Some(counter));
        }
    }
}
