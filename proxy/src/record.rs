//! To whom authentications are given, to be made durable before anything leaves.
//!
//! What is recorded is the registrar's [`Authentication`]; here it is filled in but for its mark,
//! which belongs to whoever numbers this node's records.

use async_trait::async_trait;
use domain::Environment;
use registrar::Authentication;
use registrar::authentication::LocalSource;
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// One authentication to be recorded.
#[derive(Clone, Debug)]
pub struct AuthenticationRecord {
    /// The environment, and with it the journal.
    pub environment: Environment,
    /// What is recorded in the clear. Its mark is the recorder's to fill in.
    pub authentication: Authentication,
    /// The user's identifier in the source system; none where the user was not known yet.
    pub user: Option<SourceUser>,
}

/// The user's identifier in the source system. Personal: `Debug` does not show it, and it is
/// sealed before it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceUser(Zeroizing<String>);

impl SourceUser {
    /// The user of this identifier.
    pub fn new(identifier: &str) -> Self {
        Self(Zeroizing::new(identifier.to_owned()))
    }

    /// The identifier, to be sealed.
    pub fn into_inner(self) -> Zeroizing<String> {
        self.0
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SourceUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SourceUser(..)")
    }
}

/// The authentication could not be made durable: nothing may be released.
#[derive(Debug, thiserror::Error)]
#[error("the authentication could not be recorded")]
pub struct NotRecorded(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Makes authentications durable: the ledger's journals in process, or the intake over the
/// network.
#[async_trait]
pub trait AuthenticationRecorder: Send + Sync {
    /// Returns once the authentication is durable. Records given at the same time may become
    /// durable together; each is recorded once.
    async fn record(&self, record: AuthenticationRecord) -> Result<(), NotRecorded>;
}

/// Records into the ledger of this process.
pub struct LocalRecorder(BTreeMap<Environment, LocalSource>);

impl LocalRecorder {
    /// A recorder with one source for each environment that this node serves.
    pub fn new(sources: impl IntoIterator<Item = (Environment, LocalSource)>) -> Self {
        Self(sources.into_iter().collect())
    }
}

/// No journal takes the authentications of an environment.
#[derive(Debug, thiserror::Error)]
#[error("no journal takes the authentications of {0}")]
struct NoSource(Environment);

#[async_trait]
impl AuthenticationRecorder for LocalRecorder {
    async fn record(&self, record: AuthenticationRecord) -> Result<(), NotRecorded> {
        let AuthenticationRecord {
            environment,
            authentication,
            user,
        } = record;
        let source = self.0.get(&environment);
        let source = source.ok_or_else(|| NotRecorded(NoSource(environment).into()))?;
        let user = user.map(SourceUser::into_inner);
        source
            .record(authentication, user)
            .await
            .map_err(|error| NotRecorded(error.into()))
    }
}
