//! What an earlier import brought and this call lacks, per kind and environment that it lists.
//! What was registered here by itself is never touched.

use super::plan::Draft;
use super::{ImportIntegrations, ImportKind};
use crate::value::ShortText;
use crate::{
    Environment, Integration, IntegrationId, IntegrationInactivated, IntegrationState, ServiceId,
    ServiceInactivated,
};
use std::collections::BTreeSet;

/// The entries of one kind: their identifiers, and the environments they are in. Invalid and
/// unreadable ones count: what is listed is not lacking.
struct Listed<'a> {
    ids: BTreeSet<&'a ShortText>,
    environments: BTreeSet<Environment>,
}

impl<'a> Listed<'a> {
    fn of(
        call: &'a ImportIntegrations,
        kind: ImportKind,
        entries: impl Iterator<Item = (&'a ShortText, Environment)>,
    ) -> Self {
        let (mut ids, environments): (BTreeSet<_>, _) = entries.unzip();
        let unreadable = call.unreadable.iter().filter(|left| left.kind == kind);
        ids.extend(unreadable.map(|left| &left.legacy_id));
        Self { ids, environments }
    }

    fn lacks(&self, legacy_id: Option<&ShortText>, environment: Environment) -> bool {
        let listed = |id: &ShortText| self.ids.contains(id);
        self.environments.contains(&environment) && legacy_id.is_some_and(|id| !listed(id))
    }

    fn lacks_integration(&self, row: &Integration) -> bool {
        row.state != IntegrationState::Inactive
            && self.lacks(row.legacy_id.as_ref(), row.environment)
    }
}

impl Draft<'_> {
    fn inactivate(&mut self, integrations: Vec<IntegrationId>) {
        let from = self.context.now;
        for integration in integrations {
            self.plan.inactivated += 1;
            self.record(IntegrationInactivated {
                integration,
                from,
                reason: None,
            });
        }
    }

    pub(super) fn remove_clients(&mut self, call: &ImportIntegrations) {
        let entries = call.clients.iter();
        let listed = Listed::of(
            call,
            ImportKind::Client,
            entries.map(|client| (&client.legacy_id, client.environment)),
        );
        let lacking = self
            .network
            .integrations
            .iter()
            .filter(|(_, row)| row.client().is_some() && listed.lacks_integration(row));
        let lacking: Vec<IntegrationId> = lacking.map(|(id, _)| id).collect();
        let services: BTreeSet<ServiceId> = lacking
            .iter()
            .filter_map(|id| Some(self.network.integrations.get(*id)?.client()?.service))
            .collect();
        self.inactivate(lacking);
        // With its last client a service is withdrawn, unless the call lists it.
        let sets = call.sets.iter().map(|set| &set.legacy_id);
        let unreadable = call
            .unreadable
            .iter()
            .filter(|left| left.kind == ImportKind::Set);
        let sets: BTreeSet<&ShortText> =
            sets.chain(unreadable.map(|left| &left.legacy_id)).collect();
        for service in services {
            let row = self.network.services.get(service);
            let withdrawn = row.is_some_and(|row| {
                row.is_active() && row.legacy_id.as_ref().is_none_or(|id| !sets.contains(id))
            });
            if withdrawn && !self.network.integrations.has_clients_in_use(service) {
                self.record(ServiceInactivated { service });
            }
        }
    }

    pub(super) fn remove_homes(&mut self, call: &ImportIntegrations) {
        let entries = call.homes.iter();
        let listed = Listed::of(
            call,
            ImportKind::Home,
            entries.map(|home| (&home.legacy_id, home.environment)),
        );
        let lacking = self
            .network
            .integrations
            .iter()
            .filter(|(_, row)| row.home().is_some() && listed.lacks_integration(row));
        let lacking = lacking.map(|(id, _)| id).collect();
        self.inactivate(lacking);
    }

    pub(super) fn remove_sets(&mut self, call: &ImportIntegrations) {
        let entries = call.sets.iter();
        let listed = Listed::of(
            call,
            ImportKind::Set,
            entries.map(|set| (&set.legacy_id, set.environment)),
        );
        // A set that only clients of this call name is not lacking either.
        let named: BTreeSet<&ShortText> = call
            .clients
            .iter()
            .flat_map(|client| &client.sets)
            .collect();
        let lacking: Vec<ServiceId> = self
            .network
            .services
            .services
            .iter()
            .filter(|(_, row)| {
                let id = row.legacy_id.as_ref();
                row.is_active()
                    && id.is_none_or(|id| !named.contains(id))
                    && row
                        .environment
                        .is_some_and(|environment| listed.lacks(id, environment))
            })
            .map(|(id, _)| *id)
            .collect();
        for service in lacking {
            self.plan.inactivated += 1;
            self.record(ServiceInactivated { service });
        }
    }
}
