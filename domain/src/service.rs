//! Services: what a home organisation permits. A service is a set of clients, which are
//! integrations of their own, and has one release set.
//!
//! It does not own the clients (see the integrations) nor the data model itself.

use crate::data_model::Version;
use crate::time::Instant;
use crate::value::{AttributeName, LanguageText, OrganisationOid, ShortText};
use crate::{BelongsTo, Environment, IntegrationState, Network, Rejection, ServiceId, Table};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod create;
mod release_set;
#[cfg(test)]
mod tests;
mod veto;

pub use create::*;
pub use release_set::*;
pub use veto::*;

/// What a service costs those who use it. The environment demo is for free and freemium services
/// (our decision, domain facts J.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ServiceFee {
    /// Nothing.
    Free,
    /// Nothing for a part of it.
    Freemium,
    /// It is paid for.
    Paid,
}

/// Which version of the national data model a service receives (our decision, domain facts J.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DataModelChoice {
    /// The version in force.
    #[default]
    Current,
    /// The version before it, while the amendment's transition period lasts; then the one in force.
    Previous,
}

/// What is said of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceDescription {
    /// Its name, as pages and lists show it.
    pub name: LanguageText,
    /// What it is, for those who choose among services.
    #[serde(default)]
    pub description: Option<LanguageText>,
    /// What it costs; left out where that is not known.
    #[serde(default)]
    pub fee: Option<ServiceFee>,
    /// Whether accounts with a test learner id may log in to it.
    #[serde(default)]
    pub allow_test_learner_id: bool,
    /// Which version of the data model it receives.
    #[serde(default)]
    pub data_model: DataModelChoice,
    /// Whether a session from an earlier login is enough.
    #[serde(default = "yes")]
    pub single_sign_on: bool,
}

fn yes() -> bool {
    true
}

impl ServiceDescription {
    /// A service of which only the name is known.
    pub fn named(name: LanguageText) -> Self {
        Self {
            name,
            description: None,
            fee: None,
            allow_test_learner_id: false,
            data_model: DataModelChoice::Current,
            single_sign_on: true,
        }
    }
}

/// One attribute that a service needs, and what for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReleasedAttribute {
    /// The attribute's name on the wire, such as `urn:mpass.id:role`.
    pub attribute: AttributeName,
    /// What the service does with it.
    pub purpose: ShortText,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// What is said of it.
    pub description: ServiceDescription,
    /// Who provides it; none where an import did not say.
    pub organisation: Option<OrganisationOid>,
    /// The one environment in which it has clients; none where it may have them in several.
    pub environment: Option<Environment>,
    /// Its identifier in the system it was imported from.
    pub legacy_id: Option<ShortText>,
    /// The attributes it receives at most; none means the whole profile of its data-model version.
    pub release_set: Option<Vec<ReleasedAttribute>>,
    /// A release set that awaits the operator's acceptance.
    pub proposed_release_set: Option<Vec<ReleasedAttribute>>,
    /// Fields of its last import that nothing here has a place for.
    pub unknown_fields: Vec<ShortText>,
    /// When it was withdrawn; none while it is offered.
    pub inactivated_at: Option<Instant>,
}

impl Service {
    /// Whether it is offered.
    pub fn is_active(&self) -> bool {
        self.inactivated_at.is_none()
    }

    /// Whether the environment demo takes it.
    pub fn is_for_demo(&self) -> bool {
        matches!(
            self.description.fee,
            Some(ServiceFee::Free | ServiceFee::Freemium)
        )
    }

    /// The version of the data model it receives at `now`; none where no annex selects one yet. The
    /// choice of the previous version lasts as long as the amendment's transition period.
    pub fn data_model_version(&self, network: &Network, now: Instant) -> Option<Version> {
        let current = network.agreement.data_model(now)?;
        let mut before = network.agreement.data_models(now).into_iter();
        match self.description.data_model {
            DataModelChoice::Current => Some(current),
            DataModelChoice::Previous => {
                before.find(|version| *version != current).or(Some(current))
            }
        }
    }

    /// The wire names of the attributes it receives at most, the three without which the protocol
    /// fails always among them; none means the whole profile of its data-model version.
    pub fn released_attributes(&self) -> Option<BTreeSet<AttributeName>> {
        let set = self.release_set.as_ref()?;
        let declared = set.iter().map(|released| released.attribute.clone());
        Some(declared.chain(essential_attributes()).collect())
    }
}

/// The services, and what home organisations withhold from them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Services {
    /// Every service, also the withdrawn.
    pub services: Table<ServiceId, Service>,
    /// What each home organisation withholds, by service.
    vetoes: Table<OrganisationOid, BTreeMap<ServiceId, Veto>>,
    /// The services on which users see their own data; every home organisation permits them
    /// (domain facts E.4).
    pub attribute_test: BTreeSet<ServiceId>,
    by_legacy_id: Table<ShortText, ServiceId>,
}

impl Services {
    /// The service, also a withdrawn one.
    pub fn get(&self, service: ServiceId) -> Option<&Service> {
        self.services.get(&service)
    }

    /// The service that an import knows under this identifier.
    pub fn by_legacy_id(&self, legacy_id: &ShortText) -> Option<ServiceId> {
        self.by_legacy_id.get(legacy_id).copied()
    }

    /// What `organisation` withholds, by service.
    pub fn vetoes_of(
        &self,
        organisation: &OrganisationOid,
    ) -> impl Iterator<Item = (ServiceId, &Veto)> {
        let vetoes = self.vetoes.get(organisation).into_iter().flatten();
        vetoes.map(|(service, veto)| (*service, veto))
    }

    /// The service that is offered, or the refusal that says there is none.
    pub(crate) fn offered(
        &self,
        service: ServiceId,
        field: &'static str,
    ) -> Result<&Service, Rejection> {
        let row = self
            .get(service)
            .ok_or_else(|| Rejection::unknown("service", field))?;
        if row.is_active() {
            Ok(row)
        } else {
            Err(Rejection::new("WRONG_STATE", "the service was withdrawn")
                .field(field)
                .remedy("reactivate the service first"))
        }
    }
}

impl BelongsTo for ServiceId {
    fn organisation(&self, network: &Network) -> Option<OrganisationOid> {
        network.services.get(*self)?.organisation.clone()
    }
}

/// Whether any client of the service is where changes are reviewed, and past its draft.
fn is_under_review(network: &Network, service: ServiceId) -> bool {
    network
        .integrations
        .clients_of(service)
        .any(|(_, integration)| {
            integration.environment.needs_review()
                && !matches!(
                    integration.state,
                    IntegrationState::Draft | IntegrationState::Inactive
                )
        })
}
