//! LDAP towards home organisations: the one protocol in which the proxy itself asks for a password
//! (RFC 4511, RFC 4513).
//!
//! The user is looked up by the integration's reading account and then proves who they are by a
//! simple bind, over TLS and nothing else. The password goes to the directory and nowhere besides:
//! it is in no log, no error, no cookie.

mod attempts;
mod directory;

pub(crate) use attempts::Attempts;
pub(crate) use directory::DirectoryError;

use super::{Answer, Ask, Leaving, Said, Target, Upstream, UpstreamError, fresh};
use crate::broker::PASSWORD_PATH;
use async_trait::async_trait;
use directory::{Directories, Found};
use domain::IntegrationId;
use ledger::Random;
use projections::routing::{
    AttributeValues, HomeIntegration, LdapUpstream, Secret, SecretOwner, Upstream as UpstreamKind,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Mutex;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Longest name and longest password that are looked at, in bytes.
const TYPED_LENGTH_MAX: usize = 256;

/// Every directory of the environment.
pub(crate) struct LdapClient {
    directories: Directories,
    attempts: Mutex<Attempts>,
}

/// What must be remembered until the form comes back.
#[derive(Serialize, Deserialize)]
struct Memory {
    /// What the form must carry, so that nobody can have it filled in from elsewhere.
    #[serde(rename = "t")]
    token: String,
}

impl LdapClient {
    pub(crate) fn new() -> Self {
        Self {
            directories: Directories::default(),
            attempts: Mutex::new(Attempts::new()),
        }
    }

    /// Counts an attempt before it is made, so that many at once count as many.
    fn begin(&self, keys: &[&str], target: &Target<'_>) -> Result<(), UpstreamError> {
        let mut attempts = Attempts::locked(&self.attempts);
        if attempts.begin(target.home.integration, keys, target.now) {
            Ok(())
        } else {
            Err(UpstreamError::TooManyAttempts)
        }
    }

    async fn prove(
        &self,
        target: &Target<'_>,
        username: &str,
        password: &str,
    ) -> Result<Found, UpstreamError> {
        let upstream = registration(target.home)?;
        self.begin(&[username], target)?;
        let reader = match &upstream.bind {
            None => None,
            Some(name) => {
                let owner = SecretOwner::Integration(target.home.integration);
                let secret = upstream
                    .password
                    .open(target.node_key, target.environment, owner)
                    .map_err(UpstreamError::Secret)?;
                let secret = String::from_utf8(secret.to_vec());
                let secret = secret.map_err(|_| UpstreamError::Answer("secret"))?;
                Some((name.as_str(), Zeroizing::new(secret)))
            }
        };
        let attributes = wanted(target.home);
        let directory = self.directories.of(target.home.integration, upstream);
        let found = directory
            .find(reader.as_ref(), username, &attributes)
            .await
            .map_err(UpstreamError::Directory)?;
        // What the directory takes for the same name is counted together, however it was typed.
        if let Some(found) = &found {
            self.begin(&[&found.name], target)?;
        }
        let name = found.as_ref().map(|found| found.name.as_str());
        // Somebody who is not there is asked for all the same: the time taken tells nothing.
        let name = name.unwrap_or("cn=nobody");
        let proven = directory.proves(name, password).await;
        match (proven.map_err(UpstreamError::Directory)?, found) {
            (true, Some(found)) => {
                let keys = [username, &found.name];
                let mut attempts = Attempts::locked(&self.attempts);
                attempts.succeeded(target.home.integration, &keys, target.now);
                Ok(found)
            }
            _ => Err(UpstreamError::WrongPassword),
        }
    }
}

fn registration(home: &HomeIntegration) -> Result<&LdapUpstream, UpstreamError> {
    match &home.upstream {
        UpstreamKind::Ldap(upstream) => Ok(upstream),
        _ => Err(UpstreamError::Unsupported),
    }
}

/// The attributes that the integration's rules name.
fn wanted(home: &HomeIntegration) -> Vec<&str> {
    let sources = home.attribute_rules.iter().filter_map(|rule| {
        let AttributeValues::Source { name } = &rule.values else {
            return None;
        };
        Some(name.as_str())
    });
    sources.collect()
}

#[async_trait]
impl Upstream for LdapClient {
    fn serves(&self, home: &HomeIntegration) -> bool {
        registration(home)
            .is_ok_and(|upstream| upstream.bind.is_none() || upstream.password != Secret::Missing)
    }

    async fn leave(
        &self,
        target: &Target<'_>,
        ask: &Ask<'_>,
        random: &dyn Random,
    ) -> Result<Leaving, UpstreamError> {
        registration(target.home)?;
        let memory = Memory {
            token: fresh(random),
        };
        let memory = serde_json::to_value(memory).map_err(|_| UpstreamError::Answer("memory"))?;
        // Asking is all that this protocol can do, so a login that must be new always is.
        Ok(Leaving {
            address: format!("{PASSWORD_PATH}?flow={}", ask.state),
            memory,
        })
    }

    async fn come_back(
        &self,
        target: &Target<'_>,
        memory: &Value,
        answer: &Answer<'_>,
    ) -> Result<Said, UpstreamError> {
        let memory: Memory =
            Memory::deserialize(memory).map_err(|_| UpstreamError::Answer("memory"))?;
        let typed = |name: &str| answer.parameters.get(name).unwrap_or_default();
        let ours = typed("token").as_bytes().ct_eq(memory.token.as_bytes());
        // A password in an address would lie in the browser's history and in logs.
        if !answer.posted || !bool::from(ours) {
            return Err(UpstreamError::Answer("the form is not ours"));
        }
        if answer.parameters.has("cancel") {
            return Err(UpstreamError::Ended);
        }
        let (username, password) = (typed("username").trim(), typed("password"));
        // A bind without a password proves nothing and yet succeeds (RFC 4513 §5.1.2).
        let usable = |text: &str| (1..=TYPED_LENGTH_MAX).contains(&text.len());
        if !usable(username) || !usable(password) {
            return Err(UpstreamError::WrongPassword);
        }
        let found = self.prove(target, username, password).await?;
        Ok(Said {
            subject: found.subject,
            delivered: found.delivered,
            authenticated_at: target.now,
        })
    }

    fn form_token(&self, memory: &Value) -> Option<String> {
        Memory::deserialize(memory).ok().map(|memory| memory.token)
    }
}

/// What the directory said of one entry, by the names that were asked for. Its own names may be
/// written in another case; options such as `;lang-fi` make another attribute of it.
fn delivered(wanted: &[&str], attributes: &[(String, Vec<String>)]) -> Map<String, Value> {
    let mut delivered = Map::new();
    for name in wanted {
        let found = attributes
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        if let Some((_, values)) = found {
            delivered.insert((*name).to_owned(), values.clone().into());
        }
    }
    delivered
}

/// Whose attempts are counted together.
type Whose<'a> = (IntegrationId, &'a str);
