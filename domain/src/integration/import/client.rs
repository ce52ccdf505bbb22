//! Clients of services of the other system.

use super::entry::{unknown_fields, unmoved};
use super::plan::{Draft, Outcome};
use super::{ClientMoved, ImportedClient};
use crate::integration::checks::Strictness;
use crate::integration::register::peer_name_free;
use crate::integration::{ClientConfiguration, ClientProtocol, gate};
use crate::{
    ChangedSide, CredentialRotated, IntegrationChanged, IntegrationId, IntegrationRegistered,
    IntegrationState, RegisteredClient, RegisteredSide, Rejection, ServiceCreated,
    ServiceDescription, ServiceId, ServiceReactivated,
};

impl Draft<'_> {
    pub(super) fn client(&mut self, entry: &ImportedClient) -> Result<Outcome, Rejection> {
        let (environment, organisation) = (entry.environment, &entry.organisation);
        let known = self
            .network
            .integrations
            .client_by_legacy_id(&entry.legacy_id);
        gate::no_test_organisation(&self.network, environment, organisation)?;
        entry
            .configuration
            .check(environment, Strictness::Imported, "configuration")?;
        let mut configuration = entry.configuration.settled_for(environment);
        let row = known.and_then(|id| self.network.integrations.get(id));
        if let Some(row) = row {
            unmoved(row, organisation, environment)?;
            if let Some(client) = row.client() {
                configuration.keep_what_others_do_not_know(&client.configuration);
            }
        }
        let name = configuration.protocol.peer_name();
        peer_name_free(&self.network, environment, &name, known, "configuration")?;
        match known {
            None => {
                let service = self.service_of(entry, None);
                self.new_client(entry, service, configuration);
                Ok(Outcome::Added)
            }
            Some(id) => Ok(self.known_client(entry, id, configuration)),
        }
    }

    /// The service that the entry's first set is, made where nobody described it; none named, the
    /// recorded one or a new one of the client's own.
    fn service_of(&mut self, entry: &ImportedClient, recorded: Option<ServiceId>) -> ServiceId {
        let set = entry.sets.first();
        let described = set.and_then(|set| self.network.services.by_legacy_id(set));
        let service = match (described, set, recorded) {
            (Some(service), _, _) | (None, None, Some(service)) => service,
            (None, _, _) => {
                let label = match set {
                    Some(set) => format!("set {set}"),
                    None => format!("service of client {}", entry.legacy_id),
                };
                let service = ServiceId(self.context.new_id(&label));
                self.record(ServiceCreated {
                    service,
                    organisation: Some(entry.organisation.clone()),
                    description: ServiceDescription::named(entry.name.clone()),
                    environment: None,
                    legacy_id: set.cloned(),
                    unknown_fields: Vec::new(),
                });
                service
            }
        };
        let withdrawn = self.network.services.get(service);
        if withdrawn.is_some_and(|service| !service.is_active()) {
            self.record(ServiceReactivated { service });
        }
        service
    }

    fn new_client(
        &mut self,
        entry: &ImportedClient,
        service: ServiceId,
        configuration: ClientConfiguration,
    ) {
        let label = format!("client {}", entry.legacy_id);
        let integration = IntegrationId(self.context.new_id(&label));
        let needs_secret = configuration.protocol.needs_secret();
        self.record(IntegrationRegistered {
            integration,
            organisation: entry.organisation.clone(),
            environment: entry.environment,
            side: RegisteredSide::Service(Box::new(RegisteredClient {
                service,
                configuration,
            })),
            legacy_id: Some(entry.legacy_id.clone()),
            unknown_fields: unknown_fields(&entry.unknown_fields),
        });
        if let Some(hash) = entry.secret_hash.as_ref().filter(|_| needs_secret) {
            self.record(CredentialRotated::hash(integration, hash.clone()));
        }
        self.bring_in(integration);
    }

    fn known_client(
        &mut self,
        entry: &ImportedClient,
        integration: IntegrationId,
        configuration: ClientConfiguration,
    ) -> Outcome {
        let before = self.plan.events.len();
        let recorded = self.network.integrations.get(integration);
        let recorded = recorded
            .and_then(|row| row.client())
            .map(|client| client.service);
        let service = self.service_of(entry, recorded);
        let Some(row) = self.network.integrations.get(integration) else {
            return Outcome::Same;
        };
        let Some(client) = row.client() else {
            return Outcome::Same;
        };
        let unknown_fields = unknown_fields(&entry.unknown_fields);
        let moved = client.service != service;
        let differs = client.configuration != configuration
            || client.proposed.is_some()
            || row.unknown_fields != unknown_fields;
        let hash = entry.secret_hash.as_ref().filter(|hash| {
            configuration.protocol.needs_secret() && client.secret_hash.as_ref() != Some(*hash)
        });
        let inactive = row.state == IntegrationState::Inactive;
        if moved {
            self.record(ClientMoved {
                integration,
                service,
            });
        }
        if differs {
            self.record(IntegrationChanged {
                integration,
                change: ChangedSide::Service(Box::new(configuration)),
                in_force: true,
                unknown_fields,
            });
        }
        if let Some(hash) = hash {
            self.record(CredentialRotated::hash(integration, hash.clone()));
        }
        if inactive {
            self.bring_back(integration);
            return Outcome::Reactivated;
        }
        if self.plan.events.len() > before {
            Outcome::Changed
        } else {
            self.unchanged.insert(integration);
            Outcome::Same
        }
    }
}

impl ClientConfiguration {
    /// Keeps what stands recorded of fields that the other system does not have.
    fn keep_what_others_do_not_know(&mut self, recorded: &Self) {
        self.single_sign_on = self.single_sign_on.or(recorded.single_sign_on);
        self.name = self.name.take().or_else(|| recorded.name.clone());
        if let (ClientProtocol::OpenIdConnect(client), ClientProtocol::OpenIdConnect(before)) =
            (&mut self.protocol, &recorded.protocol)
        {
            client.pkce_required = before.pkce_required;
            client.subject = before.subject;
            client.attributes_in_id_token = before.attributes_in_id_token;
            client.jwks_uri = client.jwks_uri.take().or_else(|| before.jwks_uri.clone());
        }
    }
}
