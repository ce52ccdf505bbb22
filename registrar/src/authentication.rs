//! Authentications: what is recorded of each login, and the journals that take them.
//!
//! What is recorded is what the agreement names (contract §6 ¶7: the means of identification, the
//! service, the user's identifier in the source system; §6 ¶9 b7: an identifier of the message)
//! and what proves it. Attribute values are never recorded, only the names of what was released.

mod journals;
mod look_up;
mod marks;
mod writer;

pub use journals::{
    AuthenticationJournals, JournalsError, LocalSource, RecordError, RecordedAuthentication,
};
pub use look_up::{Found, FoundAuthentication, JournalPlace, LookUp, NotAPlace, Sought};

use domain::time::Instant;
use domain::value::OrganisationOid;
use domain::{Environment, IntegrationId, ServiceId};
use ledger::{EnvelopeView, Hash};
use serde::{Deserialize, Serialize};

/// How far a source of authentications has come. A source is a proxy node; it numbers what it
/// records from 1 without gaps, so that a repetition is recognised by one mark per source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceMark {
    /// The source's name.
    pub source: String,
    /// This record's number, from 1.
    pub sequence: u64,
    /// The digest of the source's record before this one; zeros for the first.
    pub previous: String,
}

/// How a login, or the request to log out, ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AuthenticationOutcome {
    /// The user was identified and data was released.
    Succeeded {
        /// The data-model version in which data was released.
        data_model_version: String,
        /// The names, never the values, of what was released.
        released: Vec<String>,
        /// Whether an earlier login carried the user here, without a new one at the source.
        single_sign_on: bool,
    },
    /// Nothing was released.
    Refused {
        /// The stable code of the reason.
        reason: String,
    },
    /// The user asked to be logged out.
    LoggedOut,
}

impl AuthenticationOutcome {
    /// The event's name in the log.
    pub fn event_name(&self) -> &'static str {
        match self {
            Self::Succeeded { .. } => "AuthenticationSucceeded",
            Self::Refused { .. } => "AuthenticationRefused",
            Self::LoggedOut => "LogoutRequested",
        }
    }
}

/// What is recorded of one login, in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Authentication {
    /// When it happened, by the node's clock.
    pub occurred_at: Instant,
    /// The home organisation; none where the login ended before one was chosen.
    pub home_organisation: Option<OrganisationOid>,
    /// The home organisation's integration: the means of identification.
    pub home_integration: Option<IntegrationId>,
    /// The service; none where the request named none that is known.
    pub service: Option<ServiceId>,
    /// The service's integration.
    pub service_integration: Option<IntegrationId>,
    /// The protocol towards the service, such as `openid-connect`.
    pub protocol: String,
    /// The identifier of the service's request, or of the flow where it has none.
    pub request_id: String,
    /// The identifier of the assertion or token that was issued.
    pub message_id: Option<String>,
    /// The position of the routing table under which it was decided.
    pub governance_position: u64,
    /// How it ended.
    pub outcome: AuthenticationOutcome,
    /// Where it comes from.
    pub mark: SourceMark,
}

/// Why a recorded authentication could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeAuthenticationError {
    /// A newer program wrote it.
    #[error("`{event}` v{version} at position {position} is not known to this program")]
    Unknown {
        /// The event's name.
        event: String,
        /// Its schema version.
        version: u16,
        /// Where it stands in its journal.
        position: u64,
    },
    /// The payload is not what its schema says.
    #[error("the authentication at position {position} does not follow its schema")]
    Payload {
        /// Where it stands in its journal.
        position: u64,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

impl Authentication {
    /// The schema version in which authentications are written.
    pub const SCHEMA_VERSION: u16 = 1;

    /// Reads a recorded authentication.
    pub fn decode(view: &EnvelopeView<'_>) -> Result<Self, DecodeAuthenticationError> {
        let unknown = || DecodeAuthenticationError::Unknown {
            event: view.event_type.to_owned(),
            version: view.schema_version,
            position: view.position,
        };
        if view.schema_version != Self::SCHEMA_VERSION {
            return Err(unknown());
        }
        let record: Self = serde_json::from_slice(view.payload).map_err(|source| {
            DecodeAuthenticationError::Payload {
                position: view.position,
                source,
            }
        })?;
        if record.outcome.event_name() == view.event_type {
            Ok(record)
        } else {
            Err(unknown())
        }
    }

    /// What is stored in the clear.
    pub fn payload(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    /// The digest by which the source's next record refers to this one. It covers nothing sealed.
    pub fn digest(&self) -> serde_json::Result<Hash> {
        Ok(Hash::of(&self.payload()?))
    }
}

/// The journal of an environment's authentications recorded at `at`: one a calendar month, in UTC.
pub fn journal_name(environment: Environment, at: Instant) -> String {
    let at = at.utc();
    format!("{environment}/{:04}-{:02}", at.year(), u8::from(at.month()))
}
