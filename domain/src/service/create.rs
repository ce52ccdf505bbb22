//! Creating a service, changing what is said of it, withdrawing it.

use super::{Service, ServiceDescription};
use crate::time::Instant;
use crate::value::{OrganisationOid, ShortText};
use crate::{
    Context, Decide, Decision, Environment, Evolve, IntegrationState, Network, Rejection, ServiceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Creates a service. It has no client yet and nobody can log in to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateService {
    /// Who provides it.
    pub organisation: OrganisationOid,
    /// What is said of it.
    pub description: ServiceDescription,
    /// The one environment in which it has clients; left out, it may have them in all.
    #[serde(default)]
    pub environment: Option<Environment>,
}

/// A service was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceCreated {
    /// The service.
    pub service: ServiceId,
    /// Who provides it; none where an import did not say.
    pub organisation: Option<OrganisationOid>,
    /// What is said of it.
    pub description: ServiceDescription,
    /// The one environment in which it has clients.
    pub environment: Option<Environment>,
    /// Its identifier in the system it was imported from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legacy_id: Option<ShortText>,
    /// Fields of the import that nothing here has a place for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_fields: Vec<ShortText>,
}

impl Decide for CreateService {
    fn decide(&self, _: &Network, context: &Context<'_>) -> Decision {
        if self.environment == Some(Environment::Demo) && !for_demo(&self.description) {
            return Err(not_for_demo("description.fee"));
        }
        Ok(vec![
            ServiceCreated {
                service: ServiceId(context.new_id("service")),
                organisation: Some(self.organisation.clone()),
                description: self.description.clone(),
                environment: self.environment,
                legacy_id: None,
                unknown_fields: Vec::new(),
            }
            .into(),
        ])
    }
}

fn for_demo(description: &ServiceDescription) -> bool {
    use super::ServiceFee;
    matches!(
        description.fee,
        Some(ServiceFee::Free | ServiceFee::Freemium)
    )
}

/// The environment demo takes free and freemium services only.
pub(crate) fn not_for_demo(field: &'static str) -> Rejection {
    Rejection::new(
        "NOT_FOR_DEMO",
        "only free and freemium services go to the environment demo",
    )
    .field(field)
    .remedy("say that the service is FREE or FREEMIUM, or choose another environment")
    .rule("our decision")
}

impl Evolve for ServiceCreated {
    fn evolve(&self, network: &mut Network, _: Instant) {
        if let Some(legacy_id) = &self.legacy_id {
            network
                .services
                .by_legacy_id
                .insert(legacy_id.clone(), self.service);
        }
        network.services.services.insert(
            self.service,
            Service {
                description: self.description.clone(),
                organisation: self.organisation.clone(),
                environment: self.environment,
                legacy_id: self.legacy_id.clone(),
                release_set: None,
                proposed_release_set: None,
                unknown_fields: self.unknown_fields.clone(),
                inactivated_at: None,
            },
        );
    }
}

/// Changes what is said of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeService {
    /// The service.
    pub service: ServiceId,
    /// What is said of it from now on.
    pub description: ServiceDescription,
    /// Who provides it; only where nobody was recorded. A service changes hands by a new service.
    #[serde(default)]
    pub organisation: Option<OrganisationOid>,
}

/// What is said of a service changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceChanged {
    /// The service.
    pub service: ServiceId,
    /// Who provides it.
    pub organisation: Option<OrganisationOid>,
    /// The one environment in which it has clients.
    pub environment: Option<Environment>,
    /// What is said of it.
    pub description: ServiceDescription,
    /// Fields of the import that nothing here has a place for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_fields: Vec<ShortText>,
}

impl Decide for ChangeService {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let row = network.services.offered(self.service, "service")?;
        let organisation = match (&row.organisation, &self.organisation) {
            (Some(recorded), Some(given)) if recorded != given => {
                return Err(Rejection::new(
                    "ORGANISATION_FIXED",
                    "the organisation of a service does not change",
                )
                .field("organisation")
                .remedy("the other organisation creates a service of its own"));
            }
            (recorded, given) => recorded.as_ref().or(given.as_ref()).cloned(),
        };
        if row.description == self.description && row.organisation == organisation {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this is recorded already")
                    .field("description")
                    .remedy("nothing needs to be recorded"),
            );
        }
        let mut clients = network.integrations.clients_of(self.service);
        let shown = row.environment == Some(Environment::Demo)
            || clients.any(|(_, client)| {
                client.environment == Environment::Demo
                    && client.state != IntegrationState::Inactive
            });
        if shown && !for_demo(&self.description) {
            return Err(not_for_demo("description.fee"));
        }
        Ok(vec![
            ServiceChanged {
                service: self.service,
                organisation,
                environment: row.environment,
                description: self.description.clone(),
                unknown_fields: row.unknown_fields.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for ServiceChanged {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.services.services.change(&self.service, |row| {
            row.description = self.description.clone();
            row.organisation.clone_from(&self.organisation);
            row.environment = self.environment;
            row.unknown_fields.clone_from(&self.unknown_fields);
        });
    }
}

/// Withdraws a service that has no client in use any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InactivateService {
    /// The service.
    pub service: ServiceId,
}

/// A service was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceInactivated {
    /// The service.
    pub service: ServiceId,
}

impl Decide for InactivateService {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        network.services.offered(self.service, "service")?;
        if network.integrations.has_clients_in_use(self.service) {
            return Err(
                Rejection::new("IN_USE", "the service has clients that are not inactive")
                    .field("service")
                    .remedy("inactivate its integrations first"),
            );
        }
        let service = self.service;
        Ok(vec![ServiceInactivated { service }.into()])
    }
}

impl Evolve for ServiceInactivated {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network
            .services
            .services
            .change(&self.service, |row| row.inactivated_at = Some(at));
    }
}

/// Offers a withdrawn service again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReactivateService {
    /// The service.
    pub service: ServiceId,
}

/// A withdrawn service is offered again. Its clients stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceReactivated {
    /// The service.
    pub service: ServiceId,
}

impl Decide for ReactivateService {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let row = network
            .services
            .get(self.service)
            .ok_or_else(|| Rejection::unknown("service", "service"))?;
        if row.is_active() {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "the service is offered already")
                    .field("service")
                    .remedy("nothing needs to be recorded"),
            );
        }
        let service = self.service;
        Ok(vec![ServiceReactivated { service }.into()])
    }
}

impl Evolve for ServiceReactivated {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .services
            .services
            .change(&self.service, |row| row.inactivated_at = None);
    }
}

/// Names a service on which users see their own data as the network delivers it. Every home
/// organisation permits it (domain facts E.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NameAttributeTestService {
    /// The service.
    pub service: ServiceId,
}

/// A service was named on which users see their own data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeTestServiceNamed {
    /// The service.
    pub service: ServiceId,
}

impl Decide for NameAttributeTestService {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        network.services.offered(self.service, "service")?;
        if network.services.attribute_test.contains(&self.service) {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "the service is named already")
                    .field("service")
                    .remedy("nothing needs to be recorded"),
            );
        }
        let service = self.service;
        Ok(vec![AttributeTestServiceNamed { service }.into()])
    }
}

impl Evolve for AttributeTestServiceNamed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.services.attribute_test.insert(self.service);
    }
}
