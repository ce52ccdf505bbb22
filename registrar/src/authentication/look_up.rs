//! Looking up whose authentications were whose: the one place where the sealed users of the
//! journals are opened. What is sought and what is found stay in memory; nothing of it is logged.

use super::journals::{AuthenticationJournals, JournalsError, RecordedAuthentication};
use super::writer::USER;
use super::{Authentication, journal_name};
use domain::time::Instant;
use domain::value::OrganisationOid;
use domain::{Environment, IntegrationId};
use ledger::{Binding, EnvelopeView, JournalName, Sealer};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// What is sought.
#[derive(Clone)]
pub enum Sought {
    /// Every authentication of a user, by the identifier in the source system.
    User(Zeroizing<String>),
    /// The authentication that issued this assertion or token.
    Message(String),
}

/// Which authentications are looked up.
#[derive(Clone)]
pub struct LookUp {
    /// The environment.
    pub environment: Environment,
    /// The home organisation whose users alone are looked at.
    pub home_organisation: OrganisationOid,
    /// Its integration; none for any.
    pub home_integration: Option<IntegrationId>,
    /// The first instant of the logins.
    pub from: Instant,
    /// The first instant after them.
    pub until: Instant,
    /// Only what was recorded up to then.
    pub recorded_until: Instant,
    /// What is sought.
    pub sought: Sought,
}

/// A place in an environment's journals: a month and a position in it. Written as `YYYY-MM.7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JournalPlace {
    /// The month, as `YYYY-MM`.
    pub month: String,
    /// The position.
    pub position: u64,
}

impl fmt::Display for JournalPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.month, self.position)
    }
}

/// A text is no place in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a month and a position, such as 2025-01.7")]
pub struct NotAPlace;

impl FromStr for JournalPlace {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let (month, position) = text.split_once('.').ok_or(NotAPlace)?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_month = month.len() == 7
            && month
                .split_once('-')
                .is_some_and(|(year, month)| digits(year) && digits(month));
        if !is_month {
            return Err(NotAPlace);
        }
        Ok(Self {
            month: month.to_owned(),
            position: position.parse().map_err(|_| NotAPlace)?,
        })
    }
}

/// An authentication that was found, with its user.
pub struct FoundAuthentication {
    /// Where it stands.
    pub place: JournalPlace,
    /// What was recorded in the clear.
    pub recorded: RecordedAuthentication,
    /// The user's identifier in the source system; none where none was recorded, or it was erased.
    pub user: Option<Zeroizing<String>>,
}

/// What a look-up found.
pub struct Found {
    /// The authentications, the oldest first.
    pub authentications: Vec<FoundAuthentication>,
    /// The last place looked at, where there is more to look at.
    pub more_after: Option<JournalPlace>,
}

impl AuthenticationJournals {
    /// Looks for authentications, the oldest first, beyond the place `after`: until `count` are
    /// found or `looked_at_max` records were looked at.
    ///
    /// Only for answering somebody to whom a recorded request with its legal basis gives the right.
    pub fn look_up(
        &self,
        asked: &LookUp,
        after: Option<&JournalPlace>,
        count: usize,
        looked_at_max: usize,
    ) -> Result<Found, JournalsError> {
        let sealer = self.ledger.sealer();
        let mut found = Vec::new();
        let mut looked_at = 0;
        // A node that was away records later what happened earlier.
        let first = journal_name(asked.environment, asked.from);
        let first = first.rsplit('/').next().unwrap_or_default().to_owned();
        let begin = after.map_or(&first, |after| &after.month);
        for month in self.months(asked.environment)? {
            if month < *begin {
                continue;
            }
            let Ok(name) = JournalName::new(format!("{}/{month}", asked.environment)) else {
                continue;
            };
            let start = after
                .filter(|after| after.month == month)
                .map_or(0, |after| after.position.saturating_add(1));
            let journal = self.ledger.journal(&name)?;
            for batch in journal.replay(start)? {
                for view in batch?.events() {
                    let view = view?;
                    looked_at += 1;
                    let place = || JournalPlace {
                        month: month.clone(),
                        position: view.position,
                    };
                    let authentication =
                        Authentication::decode(&view).map_err(|source| JournalsError::Record {
                            journal: name.clone(),
                            source,
                        })?;
                    let recorded_at = Instant::from_microseconds(view.recorded_at.0);
                    if asked.concerns(&authentication) && recorded_at <= asked.recorded_until {
                        let user = user_of(&sealer, &view);
                        if asked.is_sought(&authentication, user.as_ref()) {
                            found.push(FoundAuthentication {
                                place: place(),
                                recorded: RecordedAuthentication {
                                    position: view.position,
                                    recorded_at,
                                    authentication,
                                },
                                user,
                            });
                        }
                    }
                    if found.len() >= count || looked_at >= looked_at_max {
                        return Ok(Found {
                            authentications: found,
                            more_after: Some(place()),
                        });
                    }
                }
            }
        }
        Ok(Found {
            authentications: found,
            more_after: None,
        })
    }
}

impl LookUp {
    fn concerns(&self, record: &Authentication) -> bool {
        record.home_organisation.as_ref() == Some(&self.home_organisation)
            && (self.home_integration.is_none() || record.home_integration == self.home_integration)
            && self.from <= record.occurred_at
            && record.occurred_at < self.until
    }

    fn is_sought(&self, record: &Authentication, user: Option<&Zeroizing<String>>) -> bool {
        match &self.sought {
            Sought::User(sought) => user == Some(sought),
            Sought::Message(sought) => record.message_id.as_ref() == Some(sought),
        }
    }
}

/// The user of a record; none where it has none, or the key was destroyed.
fn user_of(sealer: &Sealer, view: &EnvelopeView<'_>) -> Option<Zeroizing<String>> {
    let sealed = view.sealed_field(USER)?.to_sealed_field();
    let binding = Binding {
        ledger_id: view.ledger_id,
        stream: view.stream,
        event_id: view.event_id,
        event_type: view.event_type,
        field: USER,
    };
    let value = sealer.open(&binding, &sealed).ok()?;
    let text = std::str::from_utf8(&value).ok()?;
    Some(Zeroizing::new(text.to_owned()))
}
