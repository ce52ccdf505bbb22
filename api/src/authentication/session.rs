//! The session of a person who signed in.

use super::claims;
use crate::Caller;
use domain::PersonId;
use domain::time::Instant;
use serde::{Deserialize, Serialize};

/// The cookie's name; the prefix binds it to this host, to HTTPS and to every path.
pub(crate) const SESSION_COOKIE: &str = "__Host-trustnet-session";

/// What the session cookie holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The person.
    pub(crate) person: PersonId,
    /// The issuer's claims that give organisation rights, as they came.
    pub(crate) claims: Vec<String>,
    /// When it ends.
    pub(crate) until: Instant,
}

impl Session {
    /// Who calls under this session; none once it has ended.
    pub(crate) fn caller(&self, now: Instant) -> Option<Caller> {
        (now < self.until).then(|| Caller::Person {
            person: self.person,
            claims: self
                .claims
                .iter()
                .filter_map(|claim| claims::right(claim))
                .collect(),
        })
    }
}
