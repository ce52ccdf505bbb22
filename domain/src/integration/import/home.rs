//! Home organisations' integrations of the other system.

use super::ImportedHome;
use super::entry::{fixed, unknown_fields, unmoved};
use super::plan::{Draft, Outcome};
use crate::integration::checks::{Strictness, too_many};
use crate::integration::register::{new_names, no_names};
use crate::integration::{
    Home, HomeConfiguration, HomeUpstream, NonDisclosurePolicy, PeerName, gate,
};
use crate::value::{FlowName, SecretText, ShortText};
use crate::{
    ChangedSide, CredentialRotated, DiscoveryChanged, Integration, IntegrationChanged,
    IntegrationId, IntegrationRegistered, IntegrationState, PermissionMode, PermissionModeSet,
    RegisteredHome, RegisteredSide, Rejection, ServiceForbidden, ServiceId, ServicePermitted,
};
use std::collections::BTreeSet;

/// More clients than a list ever names; the bound keeps the event small.
const PERMITTED_MAX: usize = 1_000;
/// How many unknown clients are named; a list of them is for a person to read.
const UNKNOWN_MAX: usize = 100;

impl Draft<'_> {
    pub(super) fn home(&mut self, entry: &ImportedHome) -> Result<Outcome, Rejection> {
        let (environment, organisation) = (entry.environment, &entry.organisation);
        let known = self
            .network
            .integrations
            .home_by_legacy_id(&entry.legacy_id);
        gate::no_test_organisation(&self.network, environment, organisation)?;
        self.names_free(entry, known)?;
        entry
            .configuration
            .check(environment, Strictness::Imported, "configuration")?;
        entry.discovery.check(Strictness::Imported)?;
        if entry
            .permitted
            .as_ref()
            .is_some_and(|list| list.len() > PERMITTED_MAX)
        {
            return Err(too_many("permitted".to_owned(), PERMITTED_MAX));
        }
        let row = known.and_then(|id| Some((id, self.network.integrations.shared(id)?)));
        let Some((id, row)) = row else {
            return self.new_home(entry);
        };
        unmoved(&row, organisation, environment)?;
        let home = row
            .home()
            .ok_or_else(|| Rejection::unknown("home integration", "legacyId"))?;
        if home.idp_id != entry.idp_id {
            let message = format!("the integration's identifier is {}", home.idp_id);
            return Err(fixed("IDP_ID_FIXED", "idpId", message));
        }
        let flow_name = entry.flow_name.as_ref();
        if flow_name
            .is_some_and(|name| !name.as_str().eq_ignore_ascii_case(home.flow_name.as_str()))
        {
            let message = format!("the integration's flow name is {}", home.flow_name);
            return Err(fixed("FLOW_NAME_FIXED", "flowName", message));
        }
        if home.configuration.upstream.kind() != entry.configuration.upstream.kind() {
            let kind = home.configuration.upstream.kind();
            let message = format!("the integration is of the kind {kind}");
            return Err(fixed("KIND_DIFFERS", "configuration.upstream", message));
        }
        Ok(self.known_home(entry, id, &row, home))
    }

    /// Identifiers and flow names are never given twice, also not after their end.
    fn names_free(
        &self,
        entry: &ImportedHome,
        known: Option<IntegrationId>,
    ) -> Result<(), Rejection> {
        let integrations = &self.network.integrations;
        let other = |holder: Option<IntegrationId>| holder.is_some() && holder != known;
        if other(integrations.by_idp_id(&entry.idp_id)) {
            return Err(fixed(
                "IDP_ID_TAKEN",
                "idpId",
                format!(
                    "another integration has, or had, the identifier {}",
                    entry.idp_id
                ),
            ));
        }
        let flow_name = entry.flow_name.as_ref();
        if flow_name.is_some_and(|name| other(integrations.by_flow_name(name))) {
            return Err(fixed(
                "FLOW_NAME_TAKEN",
                "flowName",
                "another integration has, or had, this flow name".to_owned(),
            ));
        }
        Ok(())
    }

    fn new_home(&mut self, entry: &ImportedHome) -> Result<Outcome, Rejection> {
        let flow_name: FlowName = if let Some(name) = &entry.flow_name {
            name.clone()
        } else {
            let kind = entry.configuration.upstream.kind();
            new_names(&self.network, kind).ok_or_else(no_names)?.1
        };
        let label = format!("home {}", entry.legacy_id);
        let integration = IntegrationId(self.context.new_id(&label));
        self.record(IntegrationRegistered {
            integration,
            organisation: entry.organisation.clone(),
            environment: entry.environment,
            side: RegisteredSide::Home(Box::new(RegisteredHome {
                idp_id: entry.idp_id.clone(),
                flow_name,
                configuration: entry.configuration.clone(),
                discovery: entry.discovery.settled(),
            })),
            legacy_id: Some(entry.legacy_id.clone()),
            unknown_fields: unknown_fields(&entry.unknown_fields),
        });
        if let Some(secret) = real(entry.secret.as_ref()) {
            let mark = entry.secret_mark.clone();
            self.record(CredentialRotated::secret(integration, secret, mark));
        }
        self.permissions(entry, integration);
        self.bring_in(integration);
        Ok(Outcome::Added)
    }

    fn known_home(
        &mut self,
        entry: &ImportedHome,
        integration: IntegrationId,
        row: &Integration,
        home: &Home,
    ) -> Outcome {
        let before = self.plan.events.len();
        let configuration = entry.configuration.keeping_what_others_do_not_know(home);
        let unknown_fields = unknown_fields(&entry.unknown_fields);
        let differs = home.configuration != configuration
            || home.proposed.is_some()
            || row.unknown_fields != unknown_fields;
        if differs {
            self.record(IntegrationChanged {
                integration,
                change: ChangedSide::Home(Box::new(configuration)),
                in_force: true,
                unknown_fields,
            });
        }
        if let Some(secret) = real(entry.secret.as_ref()) {
            let mark = entry.secret_mark.as_ref();
            let another = mark.is_some() && home.secret_mark.as_ref() != mark;
            if home.secret.is_none() || another {
                self.record(CredentialRotated::secret(
                    integration,
                    secret,
                    mark.cloned(),
                ));
            }
        }
        let discovery = entry.discovery.settled();
        if home.discovery != discovery {
            self.record(DiscoveryChanged {
                integration,
                discovery,
            });
        }
        self.permissions(entry, integration);
        if row.state == IntegrationState::Inactive {
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

    /// Makes the permissions those of the entry: the services of the clients it names, or all.
    fn permissions(&mut self, entry: &ImportedHome, integration: IntegrationId) {
        let by = self.context.actor.person;
        let (mode, services, unknown) = match &entry.permitted {
            None => (PermissionMode::All, BTreeSet::new(), Vec::new()),
            Some(clients) => {
                let (services, unknown) = self.services_of(entry, clients);
                (PermissionMode::List, services, unknown)
            }
        };
        let row = self.network.integrations.get(integration);
        let Some(standing) = row.and_then(|row| Some(&row.home()?.permissions)) else {
            return;
        };
        if standing.mode != mode || standing.unknown != unknown {
            self.record(PermissionModeSet {
                integration,
                mode,
                services,
                unknown,
                by,
            });
            return;
        }
        let named: BTreeSet<ServiceId> = standing.services.keys().copied().collect();
        for service in services.difference(&named).copied() {
            self.record(ServicePermitted {
                integration,
                service,
                by,
            });
        }
        for service in named.difference(&services).copied() {
            self.record(ServiceForbidden {
                integration,
                service,
                by,
            });
        }
    }

    /// The services of the named clients of the entry's own environment, and the names that nobody
    /// there has.
    fn services_of(
        &self,
        entry: &ImportedHome,
        clients: &[PeerName],
    ) -> (BTreeSet<ServiceId>, Vec<ShortText>) {
        let integrations = &self.network.integrations;
        let mut services = BTreeSet::new();
        let mut unknown = BTreeSet::new();
        for name in clients {
            let client = integrations
                .by_peer_name(entry.environment, name)
                .and_then(|id| integrations.get(id)?.client());
            match client {
                Some(client) => {
                    services.insert(client.service);
                }
                None => unknown.extend(shortened(name)),
            }
        }
        (services, unknown.into_iter().take(UNKNOWN_MAX).collect())
    }
}

/// The name of an unknown client, cut where it is longer than a short text.
fn shortened(name: &PeerName) -> Option<ShortText> {
    let text = match name {
        PeerName::ClientId(id) => id.as_str(),
        PeerName::EntityId(id) => id.as_str(),
    };
    let cut: String = text.chars().take(ShortText::LENGTH_MAX).collect();
    ShortText::parse(&cut).ok()
}

/// The secret, where it is one and not its mask.
fn real(secret: Option<&SecretText>) -> Option<&SecretText> {
    secret.filter(|secret| !secret.is_masked())
}

impl HomeConfiguration {
    /// This configuration with what stands recorded of fields that the other system does not have,
    /// or masks.
    fn keeping_what_others_do_not_know(&self, recorded: &Home) -> Self {
        let before = &recorded.configuration;
        let mut kept = self.keeping_metadata(before);
        kept.single_sign_on = before.single_sign_on;
        kept.municipality = kept.municipality.or_else(|| before.municipality.clone());
        if kept.tags.is_empty() {
            kept.tags.clone_from(&before.tags);
        }
        if kept.non_disclosure == NonDisclosurePolicy::default() {
            kept.non_disclosure = before.non_disclosure.clone();
        }
        match (&mut kept.upstream, &before.upstream) {
            (HomeUpstream::EntraId(entra), HomeUpstream::EntraId(before)) => {
                let client_id = entra.client_id.take();
                entra.client_id = client_id.or_else(|| before.client_id.clone());
                entra.client_key_valid_until = entra
                    .client_key_valid_until
                    .or(before.client_key_valid_until);
            }
            (HomeUpstream::Opinsys(opinsys), HomeUpstream::Opinsys(before)) => {
                let client_id = opinsys.client_id.take();
                opinsys.client_id = client_id.or_else(|| before.client_id.clone());
            }
            _ => {}
        }
        kept
    }
}
