//! Who somebody is: what a home organisation said in one login, and the session that lets the
//! same login open further services.
//!
//! The session lives in one sealed cookie of the user's browser. The proxy keeps no list of
//! sessions and no record of where a user is logged in.

use crate::mapping::Mapped;
use domain::IntegrationId;
use domain::data_model::SourceAttribute;
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The session's cookie.
pub(crate) const SESSION_COOKIE: &str = "__Host-session";

/// One user, as one login at a home organisation described them. Personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The home organisation's integration.
    #[serde(rename = "h")]
    pub(crate) home: IntegrationId,
    /// The user's identifier in the source system.
    #[serde(rename = "u")]
    pub(crate) source_user: String,
    /// What the source said, under the network's names.
    #[serde(rename = "a")]
    pub(crate) attributes: Mapped,
    /// When the user last proved who they are.
    #[serde(rename = "t")]
    pub(crate) authenticated_at: Instant,
}

impl Identity {
    /// Seconds since the user proved who they are.
    pub(crate) fn age_seconds(&self, now: Instant) -> i64 {
        (now.microseconds() - self.authenticated_at.microseconds()).max(0) / 1_000_000
    }

    /// Puts the identifier where the data model looks for it, if no rule did.
    pub(crate) fn complete(mut self) -> Self {
        let names = self
            .attributes
            .entry(SourceAttribute::Username)
            .or_default();
        if names.iter().all(|name| name.trim().is_empty()) {
            *names = vec![self.source_user.clone()];
        }
        self
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("home", &self.home)
            .field("attributes", &self.attributes.keys())
            .finish_non_exhaustive()
    }
}
