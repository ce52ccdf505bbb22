//! Vetoes: attributes that a home organisation withholds from a service (our decision, domain facts
//! J.8).

use super::release_set::wire_name;
use crate::time::Instant;
use crate::value::{AttributeName, OrganisationOid};
use crate::{Context, Decide, Decision, Evolve, Network, Rejection, ServiceId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// No data model has nearly as many attributes; the bound keeps the event small.
const ATTRIBUTES_MAX: usize = 100;

/// What a home organisation withholds from one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Veto {
    /// The wire names of the attributes.
    pub attributes: BTreeSet<AttributeName>,
    /// Since when.
    pub since: Instant,
}

/// Withholds attributes from a service, for all of a home organisation's users. What is named
/// stands in place of what was withheld before; naming nothing lifts the veto.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VetoRelease {
    /// The home organisation.
    pub organisation: OrganisationOid,
    /// The service.
    pub service: ServiceId,
    /// The wire names of the attributes. The user identifier, the learner id and the issuer cannot
    /// be withheld: without them the protocol fails, and forbidding the service is the way.
    pub attributes: Vec<AttributeName>,
}

/// A home organisation withholds attributes from a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseVetoed {
    /// The home organisation.
    pub organisation: OrganisationOid,
    /// The service.
    pub service: ServiceId,
    /// The wire names of all attributes withheld from now on; none means that nothing is.
    pub attributes: BTreeSet<AttributeName>,
}

impl Decide for VetoRelease {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        if network.services.get(self.service).is_none() {
            return Err(Rejection::unknown("service", "service"));
        }
        if self.attributes.len() > ATTRIBUTES_MAX {
            return Err(too_many());
        }
        let mut attributes = BTreeSet::new();
        for name in &self.attributes {
            let (attribute, name) = wire_name(name, "attributes")?;
            if attribute.is_essential() {
                return Err(Rejection::new(
                    "CANNOT_BE_WITHHELD",
                    format!("no login works without {attribute}"),
                )
                .field("attributes")
                .remedy("forbid the service instead")
                .rule("our decision"));
            }
            attributes.insert(name);
        }
        let standing = network.services.vetoes.get(&self.organisation);
        let standing = standing.and_then(|vetoes| vetoes.get(&self.service));
        let same = standing.map_or(attributes.is_empty(), |veto| veto.attributes == attributes);
        if same {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this is withheld already")
                    .field("attributes")
                    .remedy("nothing needs to be recorded"),
            );
        }
        Ok(vec![
            ReleaseVetoed {
                organisation: self.organisation.clone(),
                service: self.service,
                attributes,
            }
            .into(),
        ])
    }
}

fn too_many() -> Rejection {
    Rejection::new("TOO_MANY", "no data model has so many attributes")
        .field("attributes")
        .remedy("name at most a hundred attributes")
}

impl Evolve for ReleaseVetoed {
    fn evolve(&self, network: &mut Network, at: Instant) {
        let vetoes = &mut network.services.vetoes;
        vetoes.change_or_insert(self.organisation.clone(), Default::default, |vetoes| {
            if self.attributes.is_empty() {
                vetoes.remove(&self.service);
            } else {
                let attributes = self.attributes.clone();
                let since = at;
                vetoes.insert(self.service, Veto { attributes, since });
            }
        });
    }
}
