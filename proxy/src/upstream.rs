//! Towards home organisations: one trait, one implementation for each protocol.
//!
//! An upstream protocol sends the browser to the home organisation and reads its answer. It knows
//! nothing of services, of the data model or of what is permitted.
//! An integration of a kind that none of them speaks routes nothing.

mod graph;
mod ldap;
mod openid;
mod opinsys;
mod wilma;

pub(crate) use graph::Graph;
pub(crate) use ldap::{DirectoryError, LdapClient};
pub(crate) use openid::OpenIdRelyingParty;
pub(crate) use opinsys::Opinsys;
pub(crate) use wilma::Wilma;

use crate::http::BackChannelError;
use crate::jose::JoseError;
use crate::parameters::Parameters;
use crate::problem::Problem;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Environment;
use domain::time::Instant;
use domain::value::Language;
use ledger::Random;
use ledger::sealed_box::BoxPrivateKey;
use projections::routing::{HomeIntegration, SecretError};
use serde_json::{Map, Value};

/// Where a login goes: the home integration, and what this node has for it.
pub(crate) struct Target<'a> {
    pub(crate) environment: Environment,
    pub(crate) home: &'a HomeIntegration,
    /// Where the home organisation sends the browser back: another address for each integration,
    /// so that no answer can be passed off as another's.
    pub(crate) return_address: String,
    pub(crate) node_key: &'a BoxPrivateKey,
    pub(crate) now: Instant,
}

/// What the login asks of the home organisation.
pub(crate) struct Ask<'a> {
    /// The flow's public name, which must come back.
    pub(crate) state: &'a str,
    /// The user must prove who they are now.
    pub(crate) force: bool,
    /// The user's proof must not be older, in seconds.
    pub(crate) age_seconds_max: Option<u32>,
    pub(crate) login_hint: Option<&'a str>,
    pub(crate) language: Language,
}

/// A login that leaves for the home organisation.
pub(crate) struct Leaving {
    /// Where the browser goes.
    pub(crate) address: String,
    /// What the protocol must remember until the answer; kept sealed in the flow.
    pub(crate) memory: Value,
}

/// What the browser brought back.
pub(crate) struct Answer<'a> {
    /// Its parameters, each named once.
    pub(crate) parameters: &'a Parameters,
    /// The address that was asked for, with the query in the octets in which it came: a signature
    /// over an address is over those, and not over what a parser makes of them.
    pub(crate) address: &'a str,
    /// Whether they came in a form.
    pub(crate) posted: bool,
}

/// What the home organisation said about one user. Personal data; no `Debug`.
pub(crate) struct Said {
    /// The source's own name of the user.
    pub(crate) subject: String,
    /// Everything it delivered, under its own names.
    pub(crate) delivered: Map<String, Value>,
    /// When the user proved who they are.
    pub(crate) authenticated_at: Instant,
}

/// Why a home organisation could not be used, or its answer not be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    #[error("the integration is of a kind that this node does not speak")]
    Unsupported,
    #[error("the integration's secret cannot be used")]
    Secret(#[source] SecretError),
    #[error("the provider's description could not be fetched")]
    Discovery(#[source] BackChannelError),
    #[error("the provider's description is not usable: {0}")]
    Description(&'static str),
    #[error("the provider's keys could not be fetched")]
    Keys(#[source] BackChannelError),
    #[error("the provider ended the login")]
    Ended,
    #[error("the provider's answer is not usable: {0}")]
    Answer(&'static str),
    #[error("the code could not be exchanged")]
    Exchange(#[source] BackChannelError),
    #[error("the ID token is not accepted")]
    Token(#[source] JoseError),
    #[error("the ID token says the wrong thing: {0}")]
    Claim(&'static str),
    #[error("the user's attributes could not be fetched")]
    Attributes(#[source] BackChannelError),
    #[error("Graph did not give the user's attributes")]
    Graph(#[source] BackChannelError),
    #[error("the directory could not be asked")]
    Directory(#[source] DirectoryError),
    #[error("name and password do not belong together")]
    WrongPassword,
    #[error("this user gave too many wrong passwords")]
    TooManyAttempts,
    #[error("the source cannot be made to have the user log in anew")]
    CannotForce,
}

impl UpstreamError {
    /// What the user is told.
    pub(crate) fn problem(&self) -> Problem {
        match self {
            Self::Discovery(_) | Self::Keys(_) | Self::Attributes(_) => {
                Problem::UpstreamUnavailable
            }
            Self::Directory(error) if error.is_outage() => Problem::UpstreamUnavailable,
            // Graph refuses a key, a grant or a property that is not there: who set it up must look.
            Self::Unsupported
            | Self::Secret(_)
            | Self::Directory(_)
            | Self::Graph(BackChannelError::Status { status: 400..=499 }) => {
                Problem::UpstreamNotConfigured
            }
            Self::Graph(_) => Problem::UpstreamUnavailable,
            // The broker shows the form again instead.
            Self::WrongPassword | Self::Ended => Problem::UpstreamRefused,
            Self::TooManyAttempts => Problem::TooManyAttempts,
            Self::CannotForce => Problem::NoHomeIntegration,
            // A refused code is an answer; anything else that fails there is an outage.
            Self::Exchange(error)
                if !matches!(error, BackChannelError::Status { status: 400..=499 }) =>
            {
                Problem::UpstreamUnavailable
            }
            Self::Exchange(_)
            | Self::Description(_)
            | Self::Answer(_)
            | Self::Token(_)
            | Self::Claim(_) => Problem::UpstreamInvalid,
        }
    }
}

/// A protocol spoken to home organisations.
#[async_trait]
pub(crate) trait Upstream: Send + Sync {
    /// Whether it speaks to this integration, and the integration has what it takes.
    fn serves(&self, home: &HomeIntegration) -> bool;

    /// Sends a login to the home organisation.
    async fn leave(
        &self,
        target: &Target<'_>,
        ask: &Ask<'_>,
        random: &dyn Random,
    ) -> Result<Leaving, UpstreamError>;

    /// Reads the home organisation's answer.
    async fn come_back(
        &self,
        target: &Target<'_>,
        memory: &Value,
        answer: &Answer<'_>,
    ) -> Result<Said, UpstreamError>;

    /// The token of the form in which the proxy itself asks for name and password, where the
    /// protocol has it ask; `leave` then sent the browser to that form.
    fn form_token(&self, _memory: &Value) -> Option<String> {
        None
    }
}

/// 32 fresh bytes as text.
fn fresh(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
