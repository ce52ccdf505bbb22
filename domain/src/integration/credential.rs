//! Secrets: those that the proxy uses towards a home organisation's system are sealed under a key
//! of their integration; of a service's own only a salted hash is kept.

use super::home::client_key_day;
use super::{HomeUpstream, IntegrationState, Side, nothing_to_change, wrong_state};
use crate::time::{Date, Instant};
use crate::value::{SecretText, ShortText};
use crate::{
    Category, Context, Decide, Decision, Event, Evolve, IntegrationId, KeySubject, Network,
    Private, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sets or replaces an integration's secret. It holds at once; no review is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RotateCredential {
    /// The integration.
    pub integration: IntegrationId,
    /// The secret that the proxy uses; for home integrations.
    #[serde(default)]
    pub secret: Option<SecretText>,
    /// The last day on which it is valid, where its issuer says so; for Entra ID.
    #[serde(default)]
    pub valid_until: Option<Date>,
    /// The salted hash of the client's secret; for services.
    #[serde(default)]
    pub secret_hash: Option<ShortText>,
}

/// An integration's secret was set or replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialRotated {
    /// The integration.
    pub integration: IntegrationId,
    /// The secret that the proxy uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Private>,
    /// By which whoever brings the secret in again sees that it is the same; never a plain hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_mark: Option<ShortText>,
    /// The last day on which it is valid, where its issuer says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// The salted hash of the client's secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_hash: Option<ShortText>,
}

impl CredentialRotated {
    /// A secret of a home integration.
    pub(super) fn secret(
        integration: IntegrationId,
        secret: &SecretText,
        secret_mark: Option<ShortText>,
    ) -> Self {
        let key = KeySubject::new(integration, Category::Secret);
        Self {
            integration,
            secret: Some(Private::given(key, secret)),
            secret_mark,
            valid_until: None,
            secret_hash: None,
        }
    }

    /// The hash of a client's secret.
    pub(super) fn hash(integration: IntegrationId, secret_hash: ShortText) -> Self {
        Self {
            integration,
            secret: None,
            secret_mark: None,
            valid_until: None,
            secret_hash: Some(secret_hash),
        }
    }
}

impl Decide for RotateCredential {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        if row.state == IntegrationState::Inactive {
            return Err(wrong_state(row.state, "reactivate it first"));
        }
        let misplaced = |field: &'static str, remedy: &'static str| {
            Rejection::new(
                "CREDENTIAL_MISPLACED",
                "this integration has no such credential",
            )
            .field(field)
            .remedy(remedy)
        };
        let event: Event = match &row.side {
            Side::Home(home) => {
                if self.secret_hash.is_some() {
                    return Err(misplaced("secretHash", "give the secret itself"));
                }
                let secret = self.secret.as_ref().filter(|secret| !secret.is_masked());
                let Some(secret) = secret else {
                    return Err(nothing_to_change("secret"));
                };
                let entra = matches!(home.configuration.upstream, HomeUpstream::EntraId(_));
                if self.valid_until.is_some() && !entra {
                    return Err(misplaced(
                        "validUntil",
                        "leave the day out: only Entra ID's client keys have one",
                    ));
                }
                if let Some(day) = self.valid_until {
                    client_key_day(day, "validUntil".to_owned())?;
                }
                CredentialRotated {
                    valid_until: self.valid_until,
                    ..CredentialRotated::secret(self.integration, secret, None)
                }
                .into()
            }
            Side::Service(client) => {
                if self.secret.is_some() || self.valid_until.is_some() {
                    return Err(misplaced(
                        "secret",
                        "give the salted hash: a client's secret is never recorded",
                    ));
                }
                let Some(hash) = &self.secret_hash else {
                    return Err(nothing_to_change("secretHash"));
                };
                if client.secret_hash.as_ref() == Some(hash) {
                    return Err(nothing_to_change("secretHash"));
                }
                if !client.configuration.protocol.needs_secret() {
                    return Err(misplaced(
                        "secretHash",
                        "this client proves itself by a key",
                    ));
                }
                CredentialRotated::hash(self.integration, hash.clone()).into()
            }
        };
        Ok(vec![event])
    }
}

impl Evolve for CredentialRotated {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .integrations
            .change(self.integration, |row| match &mut row.side {
                Side::Home(home) => {
                    if self.secret.is_some() {
                        home.secret.clone_from(&self.secret);
                        home.secret_mark.clone_from(&self.secret_mark);
                    }
                    if let (Some(day), HomeUpstream::EntraId(entra)) =
                        (self.valid_until, &mut home.configuration.upstream)
                    {
                        entra.client_key_valid_until = Some(day);
                    }
                }
                Side::Service(client) => {
                    if self.secret_hash.is_some() {
                        client.secret_hash.clone_from(&self.secret_hash);
                    }
                }
            });
    }
}
