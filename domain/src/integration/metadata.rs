//! What is read from an identity provider's metadata. A key that was not known before is a change
//! like any other: whoever can make us believe a key can log in as anybody.

use super::change::holds_at_once;
use super::checks::another_entity;
use super::{PeerMetadata, Side, not_a_home, nothing_to_change};
use crate::time::Instant;
use crate::{Context, Decide, Decision, Evolve, IntegrationId, Network, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Records what an identity provider's metadata say now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefreshMetadata {
    /// The home integration.
    pub integration: IntegrationId,
    /// What its metadata say.
    pub metadata: PeerMetadata,
}

/// An identity provider's metadata were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetadataRefreshed {
    /// The home integration.
    pub integration: IntegrationId,
    /// What they say.
    pub metadata: PeerMetadata,
    /// Whether it holds at once; a new key or address of a reviewed integration awaits the
    /// operator's review.
    pub in_force: bool,
}

impl PeerMetadata {
    /// Whether they bring in a key, an address or a name that `former` did not have. Fewer of
    /// them, or another date, is no such change.
    fn brings_trust_beyond(&self, former: &Self) -> bool {
        self.entity_id != former.entity_id
            || self
                .signing_certificates
                .iter()
                .any(|key| !former.signing_certificates.contains(key))
            || self
                .single_sign_on
                .iter()
                .any(|endpoint| !former.single_sign_on.contains(endpoint))
    }
}

impl Decide for RefreshMetadata {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        let home = row.home().ok_or_else(not_a_home)?;
        let Some(saml) = home.configuration.upstream.saml() else {
            return Err(
                Rejection::new("NO_METADATA", "this kind of source has no metadata")
                    .field("integration")
                    .remedy("refresh the metadata of SAML identity providers only"),
            );
        };
        let at_once = holds_at_once(row)?;
        self.metadata.check(row.environment, "metadata")?;
        let pinned = saml.entity_id.as_ref();
        if pinned.is_some_and(|pinned| *pinned != self.metadata.entity_id) {
            return Err(another_entity("metadata.entityId".to_owned()));
        }
        let proposed = home.proposed.as_ref().and_then(|next| next.upstream.saml());
        let is_known = |known: &Option<PeerMetadata>| known.as_ref() == Some(&self.metadata);
        if is_known(&saml.metadata) || proposed.is_some_and(|next| is_known(&next.metadata)) {
            return Err(nothing_to_change("metadata"));
        }
        // The first metadata come from the source that the review accepted.
        let more_trust = saml
            .metadata
            .as_ref()
            .is_some_and(|former| self.metadata.brings_trust_beyond(former));
        Ok(vec![
            MetadataRefreshed {
                integration: self.integration,
                metadata: self.metadata.clone(),
                in_force: at_once || !more_trust,
            }
            .into(),
        ])
    }
}

impl Evolve for MetadataRefreshed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            let Side::Home(home) = &mut row.side else {
                return;
            };
            if !self.in_force && home.proposed.is_none() {
                home.proposed = Some(home.configuration.clone());
            }
            let versions = if self.in_force {
                vec![Some(&mut home.configuration), home.proposed.as_mut()]
            } else {
                vec![home.proposed.as_mut()]
            };
            for saml in versions
                .into_iter()
                .flatten()
                .filter_map(|version| version.upstream.saml_mut())
            {
                saml.metadata = Some(self.metadata.clone());
            }
        });
    }
}
