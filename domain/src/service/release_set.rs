//! Release sets: the attributes that a service receives at most, each with its purpose, declared by
//! the service and accepted by the operator (our decision, domain facts J.8).

use super::{ReleasedAttribute, is_under_review};
use crate::data_model::Attribute;
use crate::time::Instant;
use crate::value::{AttributeName, Reason};
use crate::{
    Category, Context, Decide, Decision, Evolve, KeySubject, Network, Private, Rejection, ServiceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// No data model has nearly as many attributes; the bound keeps the event small.
const ATTRIBUTES_MAX: usize = 100;

/// The wire names of the three attributes without which the protocol fails: identifier, learner id,
/// issuer. Every release set has them, and no home organisation can withhold them.
pub fn essential_attributes() -> impl Iterator<Item = AttributeName> {
    Attribute::ALL
        .into_iter()
        .filter(|attribute| attribute.is_essential())
        .filter_map(|attribute| AttributeName::parse(attribute.saml_name()).ok())
}

/// The attribute of the data model that a name means, under the one name by which it is recorded.
pub(super) fn wire_name(
    name: &AttributeName,
    field: &'static str,
) -> Result<(Attribute, AttributeName), Rejection> {
    Attribute::from_any_name(name.as_str())
        .and_then(|known| Some((known, AttributeName::parse(known.saml_name()).ok()?)))
        .ok_or_else(|| {
            Rejection::new(
                "ATTRIBUTE_UNKNOWN",
                format!("no version of the data model has the attribute {name}"),
            )
            .field(field)
            .remedy("use a name of the data model, such as urn:mpass.id:role")
            .rule("data model annex 3")
        })
}

/// Declares which attributes a service needs and what for. Where a client of the service is under
/// review or routes after one, the operator must accept the set first; until then the former set
/// holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeclareReleaseSet {
    /// The service.
    pub service: ServiceId,
    /// The attributes, each once.
    pub attributes: Vec<ReleasedAttribute>,
}

/// A service declared which attributes it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseSetDeclared {
    /// The service.
    pub service: ServiceId,
    /// The attributes with their purposes.
    pub attributes: Vec<ReleasedAttribute>,
    /// Whether the set holds at once; otherwise it awaits the operator's acceptance.
    pub in_force: bool,
}

impl Decide for DeclareReleaseSet {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let row = network.services.offered(self.service, "service")?;
        if self.attributes.len() > ATTRIBUTES_MAX {
            return Err(invalid_set());
        }
        let mut attributes = Vec::with_capacity(self.attributes.len());
        for released in &self.attributes {
            attributes.push(ReleasedAttribute {
                attribute: wire_name(&released.attribute, "attributes")?.1,
                purpose: released.purpose.clone(),
            });
        }
        attributes.sort_unstable();
        let names: BTreeSet<_> = attributes.iter().map(|named| &named.attribute).collect();
        if attributes.is_empty() {
            return Err(invalid_set());
        }
        if names.len() != attributes.len() {
            return Err(Rejection::new("REPEATED", "an attribute is named twice")
                .field("attributes")
                .remedy("name each attribute once, with all its purposes in one text"));
        }
        let in_force = !is_under_review(network, self.service);
        let standing = if in_force {
            &row.release_set
        } else {
            &row.proposed_release_set
        };
        let same = standing.as_ref() == Some(&attributes)
            || (row.proposed_release_set.is_none()
                && row.release_set.as_ref() == Some(&attributes));
        if same {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this set is declared already")
                    .field("attributes")
                    .remedy("nothing needs to be recorded"),
            );
        }
        Ok(vec![
            ReleaseSetDeclared {
                service: self.service,
                attributes,
                in_force,
            }
            .into(),
        ])
    }
}

fn invalid_set() -> Rejection {
    Rejection::new(
        "RELEASE_SET_INVALID",
        "a release set names between one attribute and a hundred",
    )
    .field("attributes")
    .remedy("name the attributes that the service needs")
}

impl Evolve for ReleaseSetDeclared {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.services.services.change(&self.service, |row| {
            let attributes = Some(self.attributes.clone());
            if self.in_force {
                row.release_set = attributes;
                row.proposed_release_set = None;
            } else {
                row.proposed_release_set = attributes;
            }
        });
    }
}

/// Accepts the release set that a service proposed. Accepting an integration of the service does
/// the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptReleaseSet {
    /// The service.
    pub service: ServiceId,
}

/// The operator accepted the release set that a service proposed; it holds from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseSetAccepted {
    /// The service.
    pub service: ServiceId,
}

impl Decide for AcceptReleaseSet {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        proposed(network, self.service)?;
        let service = self.service;
        Ok(vec![ReleaseSetAccepted { service }.into()])
    }
}

fn proposed(network: &Network, service: ServiceId) -> Result<(), Rejection> {
    let row = network.services.offered(service, "service")?;
    if row.proposed_release_set.is_some() {
        return Ok(());
    }
    Err(
        Rejection::new("NOTHING_TO_CHANGE", "no release set awaits acceptance")
            .field("service")
            .remedy("nothing needs to be recorded"),
    )
}

impl Evolve for ReleaseSetAccepted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.services.services.change(&self.service, |row| {
            if let Some(set) = row.proposed_release_set.take() {
                row.release_set = Some(set);
            }
        });
    }
}

/// Refuses the release set that a service proposed; the former one goes on to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefuseReleaseSet {
    /// The service.
    pub service: ServiceId,
    /// Why.
    pub reason: Reason,
}

/// The operator refused the release set that a service proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseSetRefused {
    /// The service.
    pub service: ServiceId,
    /// Why.
    pub reason: Private,
}

impl Decide for RefuseReleaseSet {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        proposed(network, self.service)?;
        let key = KeySubject::new(self.service, Category::Text);
        Ok(vec![
            ReleaseSetRefused {
                service: self.service,
                reason: Private::given(key, &self.reason),
            }
            .into(),
        ])
    }
}

impl Evolve for ReleaseSetRefused {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .services
            .services
            .change(&self.service, |row| row.proposed_release_set = None);
    }
}
