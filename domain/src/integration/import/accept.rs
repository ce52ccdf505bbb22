//! Memberships that a call accepts together with the integrations it brings in: those that the
//! other system already runs for members. The entries of such members come into use with them.

use super::plan::Draft;
use super::{AcceptImportedMembers, ImportIntegrations, ImportKind};
use crate::integration::gate;
use crate::value::{OrganisationOid, ShortText};
use crate::{
    AcceptMember, Decide, Environment, IntegrationActivated, IntegrationId, IntegrationState,
    MemberRole, Rejection,
};
use std::collections::{BTreeMap, BTreeSet};

impl Draft<'_> {
    /// Accepts every organisation of the call's entries that needs a membership and has none.
    /// Entries that were left out speak for nobody.
    pub(super) fn accept_members(
        &mut self,
        call: &ImportIntegrations,
        accept: &AcceptImportedMembers,
    ) -> Result<(), Rejection> {
        let left: BTreeSet<(ImportKind, ShortText)> = self
            .plan
            .left
            .iter()
            .map(|left| (left.kind, left.legacy_id.clone()))
            .collect();
        let homes = call.homes.iter().map(|home| {
            let role = MemberRole::HomeOrganisation;
            let entry = (ImportKind::Home, &home.legacy_id);
            (entry, home.environment, &home.organisation, role)
        });
        let clients = call.clients.iter().map(|client| {
            let role = MemberRole::ServiceProvider;
            let entry = (ImportKind::Client, &client.legacy_id);
            (entry, client.environment, &client.organisation, role)
        });
        let mut needed: BTreeMap<&OrganisationOid, BTreeSet<MemberRole>> = BTreeMap::new();
        for ((kind, id), environment, organisation, role) in homes.chain(clients) {
            if Environment::needs_membership(environment) && !left.contains(&(kind, id.clone())) {
                needed.entry(organisation).or_default().insert(role);
            }
        }
        for (organisation, roles) in needed {
            let row = self.network.members.get(organisation);
            if row.is_some_and(|row| row.in_force(self.context.now)) {
                continue;
            }
            let known = self.network.organisations.get(organisation);
            let known = known.map(|row| &row.description);
            let command = AcceptMember {
                organisation: organisation.clone(),
                name: known.map(|known| known.name.clone()),
                business_id: known.and_then(|known| known.business_id.clone()),
                instrument: accept.instrument.clone(),
                since: accept.since,
                evidence: accept.evidence.clone(),
                roles: roles.into_iter().collect(),
            };
            let events = command
                .decide(&self.network, self.context)
                .map_err(|rejection| within(organisation, rejection))?;
            for event in events {
                self.record(event);
            }
        }
        Ok(())
    }

    /// Takes into use what the call lists, what waits, and whose organisation's membership was
    /// accepted, by this call or before.
    pub(super) fn take_into_use(&mut self, call: &ImportIntegrations) {
        let integrations = &self.network.integrations;
        let clients = call.clients.iter();
        let clients = clients.map(|entry| integrations.client_by_legacy_id(&entry.legacy_id));
        let homes = call.homes.iter();
        let homes = homes.map(|entry| integrations.home_by_legacy_id(&entry.legacy_id));
        let waits = |id: &IntegrationId| {
            integrations.get(*id).is_some_and(|row| {
                row.state == IntegrationState::Accepted
                    && gate::is_taken_over(&self.network, row, self.context.now)
            }) && self.may_be_used(*id)
        };
        let waiting: BTreeSet<IntegrationId> =
            clients.chain(homes).flatten().filter(waits).collect();
        for integration in waiting {
            let from = self.context.now;
            self.record(IntegrationActivated { integration, from });
            if self.unchanged.remove(&integration) {
                self.plan.changed += 1;
            }
        }
    }
}

/// The refusal of a membership, in the names of the call.
fn within(organisation: &OrganisationOid, mut rejection: Rejection) -> Rejection {
    rejection.message = format!("{organisation}: {}", rejection.message).into();
    let field = rejection.field.take().unwrap_or_default();
    rejection.field(format!("acceptMembers.{field}"))
}
