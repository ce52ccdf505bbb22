//! Changing an integration. Where it was reviewed, a change is a proposal, and the accepted version
//! routes until the operator accepts the next (our decision, domain facts J.11).

use super::checks::Strictness;
use super::register::peer_name_free;
use super::{
    ClientConfiguration, HomeConfiguration, Integration, IntegrationState, Side, not_a_client,
    not_a_home, nothing_to_change, wrong_state,
};
use crate::time::Instant;
use crate::value::{SecretText, ShortText};
use crate::{
    Context, CredentialRotated, Decide, Decision, Event, Evolve, IntegrationId, Network, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Changes how a home organisation is reached, or what it delivers. Its organisation, environment,
/// identifier and flow name never change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeHomeIntegration {
    /// The home integration.
    pub integration: IntegrationId,
    /// The whole configuration from now on. Metadata that were read stay where their source stays.
    pub configuration: HomeConfiguration,
    /// A new secret; one that holds `***`, or none, leaves the recorded one. A new secret holds at
    /// once, whatever becomes of the rest.
    #[serde(default)]
    pub secret: Option<SecretText>,
}

/// Changes how a client of a service is reached. Its service, organisation and environment never
/// change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeServiceIntegration {
    /// The client.
    pub integration: IntegrationId,
    /// The whole configuration from now on.
    pub configuration: ClientConfiguration,
    /// The salted hash of a new secret; none leaves the recorded one.
    #[serde(default)]
    pub secret_hash: Option<ShortText>,
}

/// An integration changed, or a change was proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationChanged {
    /// The integration.
    pub integration: IntegrationId,
    /// The whole configuration.
    pub change: ChangedSide,
    /// Whether it holds at once; otherwise it awaits the operator's review.
    pub in_force: bool,
    /// Fields of the import that nothing here has a place for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_fields: Vec<ShortText>,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangedSide {
    /// A home organisation's side.
    Home(Box<HomeConfiguration>),
    /// A client of a service.
    Service(Box<ClientConfiguration>),
}

/// Whether a change of the integration holds at once; refused where it cannot change at all.
pub(super) fn holds_at_once(row: &Integration) -> Result<bool, Rejection> {
    match row.state {
        IntegrationState::Inactive => Err(wrong_state(row.state, "reactivate it first")),
        IntegrationState::Draft | IntegrationState::Submitted => Ok(true),
        IntegrationState::Accepted | IntegrationState::Active | IntegrationState::Suspended => {
            Ok(!row.environment.needs_review())
        }
    }
}

impl HomeConfiguration {
    /// This configuration with the metadata that were read for `former`, where it names the same
    /// peer and source and brings none itself.
    pub(super) fn keeping_metadata(&self, former: &Self) -> Self {
        let mut kept = self.clone();
        if let (Some(saml), Some(before)) = (kept.upstream.saml_mut(), former.upstream.saml()) {
            let same_peer = saml.entity_id == before.entity_id
                && saml.metadata_url == before.metadata_url
                && saml.metadata_document == before.metadata_document;
            if saml.metadata.is_none() && same_peer {
                saml.metadata.clone_from(&before.metadata);
            }
        }
        kept
    }
}

impl Decide for ChangeHomeIntegration {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        let home = row.home().ok_or_else(not_a_home)?;
        let in_force = holds_at_once(row)?;
        self.configuration
            .check(row.environment, Strictness::Given, "configuration")?;
        if self.configuration.upstream.kind() != home.configuration.upstream.kind() {
            return Err(Rejection::new(
                "KIND_DIFFERS",
                "the kind of a source does not change: its users would become others",
            )
            .field("configuration.upstream")
            .remedy("register a new integration for the new source"));
        }
        let configuration = self.configuration.keeping_metadata(&home.configuration);
        let standing = home.proposed.as_ref().unwrap_or(&home.configuration);
        let mut events: Vec<Event> = Vec::new();
        if *standing != configuration {
            events.push(
                IntegrationChanged {
                    integration: self.integration,
                    change: ChangedSide::Home(Box::new(configuration)),
                    in_force,
                    unknown_fields: row.unknown_fields.clone(),
                }
                .into(),
            );
        }
        if let Some(secret) = self.secret.as_ref().filter(|secret| !secret.is_masked()) {
            events.push(CredentialRotated::secret(self.integration, secret, None).into());
        }
        if events.is_empty() {
            return Err(nothing_to_change("configuration"));
        }
        Ok(events)
    }
}

impl Decide for ChangeServiceIntegration {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        let client = row.client().ok_or_else(not_a_client)?;
        let in_force = holds_at_once(row)?;
        self.configuration
            .check(row.environment, Strictness::Given, "configuration")?;
        let configuration = self.configuration.settled_for(row.environment);
        peer_name_free(
            network,
            row.environment,
            &configuration.protocol.peer_name(),
            Some(self.integration),
            "configuration",
        )?;
        let standing = client.proposed.as_ref().unwrap_or(&client.configuration);
        let mut events: Vec<Event> = Vec::new();
        if *standing != configuration {
            events.push(
                IntegrationChanged {
                    integration: self.integration,
                    change: ChangedSide::Service(Box::new(configuration)),
                    in_force,
                    unknown_fields: row.unknown_fields.clone(),
                }
                .into(),
            );
        }
        let hash = self.secret_hash.as_ref();
        if let Some(hash) = hash.filter(|hash| client.secret_hash.as_ref() != Some(*hash)) {
            events.push(CredentialRotated::hash(self.integration, hash.clone()).into());
        }
        if events.is_empty() {
            return Err(nothing_to_change("configuration"));
        }
        Ok(events)
    }
}

impl Evolve for IntegrationChanged {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            row.unknown_fields.clone_from(&self.unknown_fields);
            if row.state == IntegrationState::Submitted {
                // What was handed in for review is not what stands there now.
                row.state = IntegrationState::Draft;
            }
            match (&mut row.side, &self.change) {
                (Side::Home(home), ChangedSide::Home(configuration)) => {
                    if self.in_force {
                        home.configuration = (**configuration).clone();
                        home.proposed = None;
                    } else {
                        home.proposed = Some((**configuration).clone());
                    }
                }
                (Side::Service(client), ChangedSide::Service(configuration)) => {
                    if self.in_force {
                        client.configuration = (**configuration).clone();
                        client.proposed = None;
                    } else {
                        client.proposed = Some((**configuration).clone());
                    }
                }
                (Side::Home(_), ChangedSide::Service(_))
                | (Side::Service(_), ChangedSide::Home(_)) => {}
            }
        });
    }
}
