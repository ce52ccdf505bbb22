//! Integrations: how a home organisation's people identify themselves, and how a service receives
//! them, each in one environment.
//!
//! This module owns the rows and their look-ups; its parts own one family of commands each. When
//! an integration routes is a pure function of what stands here and of the membership
//! ([`routable_windows`]).

use crate::time::{Instant, Window};
use crate::value::{ClientId, EntityId, FlowName, IdpId, OrganisationOid, ShortText};
use crate::{
    BelongsTo, Environment, IntegrationId, Network, PersonId, Private, Rejection, Right, ServiceId,
    Table,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod change;
mod checks;
mod client;
mod credential;
mod discovery;
mod gate;
mod home;
mod import;
mod lifecycle;
mod metadata;
mod permission;
mod register;

#[cfg(test)]
pub(crate) mod tests;
mod warning;

pub use change::*;
pub use client::*;
pub use credential::*;
pub use discovery::*;
pub use gate::*;
pub use home::*;
pub use import::*;
pub use lifecycle::*;
pub use metadata::*;
pub use permission::*;
pub use register::*;

pub use warning::*;

/// Where an integration stands in its life (our decision, domain facts J.11).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IntegrationState {
    /// Being written.
    Draft,
    /// Awaits the operator's review.
    Submitted,
    /// Accepted at review, not yet in use.
    Accepted,
    /// In use.
    Active,
    /// Held back by the operator.
    Suspended,
    /// Out of use. Its identifiers stay taken for ever.
    Inactive,
}

/// One of the two sides of the proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// A home organisation's.
    Home(Box<Home>),
    /// A service's client.
    Service(Box<Client>),
}

/// An integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// Whose it is; never changes.
    pub organisation: OrganisationOid,
    /// Where it lives; never changes.
    pub environment: Environment,
    /// What it is.
    pub side: Side,
    /// Where it stands.
    pub state: IntegrationState,
    /// When it was in use: inside any of these.
    pub windows: Vec<Window>,
    /// Whether it was ever accepted, or needs no review.
    pub accepted: bool,
    /// On what ground it is suspended, while it is.
    pub suspension: Option<SuspensionGround>,
    /// Its identifier in the system it was imported from.
    pub legacy_id: Option<ShortText>,
    /// Fields of its last import that nothing here has a place for.
    pub unknown_fields: Vec<ShortText>,
    /// When it was registered.
    pub registered_at: Instant,
}

/// The home organisation's side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Home {
    /// What every user identifier is derived from. Never changes, and is never given again.
    pub idp_id: IdpId,
    /// The name of its authentication flow. Never changes, and is never given again.
    pub flow_name: FlowName,
    /// How it is reached and what it delivers: the version that routes.
    pub configuration: HomeConfiguration,
    /// A version that awaits review.
    pub proposed: Option<HomeConfiguration>,
    /// The secret that the proxy uses towards it.
    pub secret: Option<Private>,
    /// By which whoever brings the secret in again sees that it is the same.
    pub secret_mark: Option<ShortText>,
    /// What the choice page shows of it.
    pub discovery: Discovery,
    /// Which services it permits.
    pub permissions: Permissions,
}

/// The service's side: one client of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// The service it belongs to; never changes.
    pub service: ServiceId,
    /// How it is reached: the version that routes.
    pub configuration: ClientConfiguration,
    /// A version that awaits review.
    pub proposed: Option<ClientConfiguration>,
    /// The salted hash of its secret.
    pub secret_hash: Option<ShortText>,
}

impl Integration {
    /// The home organisation's side, where it is one.
    pub fn home(&self) -> Option<&Home> {
        match &self.side {
            Side::Home(home) => Some(home),
            Side::Service(_) => None,
        }
    }

    /// The service's side, where it is one.
    pub fn client(&self) -> Option<&Client> {
        match &self.side {
            Side::Home(_) => None,
            Side::Service(client) => Some(client),
        }
    }

    /// Whether a changed version awaits the operator's review.
    pub fn has_proposal(&self) -> bool {
        match &self.side {
            Side::Home(home) => home.proposed.is_some(),
            Side::Service(client) => client.proposed.is_some(),
        }
    }

    /// Whether it is in use at `now`, membership aside.
    pub fn is_in_use_at(&self, now: Instant) -> bool {
        self.windows.iter().any(|window| window.holds_at(now))
    }

    /// The client id and entity ID that it keeps others from using in its environment, in the
    /// version that routes and in the proposed one.
    fn reserved(&self) -> BTreeSet<PeerName> {
        let Some(client) = self
            .client()
            .filter(|_| self.state != IntegrationState::Inactive)
        else {
            return BTreeSet::new();
        };
        std::iter::once(&client.configuration)
            .chain(&client.proposed)
            .map(|configuration| configuration.protocol.peer_name())
            .collect()
    }
}

/// The name by which requests know a service's client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PeerName {
    /// Of an OpenID Connect client.
    ClientId(ClientId),
    /// Of a SAML service.
    EntityId(EntityId),
}

/// Which kind of thing an import's identifier names: the kinds count on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum LegacyKind {
    Home,
    Client,
}

/// The integrations, with their look-ups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Integrations {
    /// Every integration that was ever registered.
    rows: Table<IntegrationId, Integration>,
    idp_ids: Table<IdpId, IntegrationId>,
    /// In lower case: consumers write flow names with a capital first letter.
    flow_names: Table<String, IntegrationId>,
    peer_names: Table<(Environment, PeerName), IntegrationId>,
    legacy_ids: Table<(LegacyKind, ShortText), IntegrationId>,
    by_organisation: Table<OrganisationOid, BTreeSet<IntegrationId>>,
    by_service: Table<ServiceId, BTreeSet<IntegrationId>>,
}

impl Integrations {
    /// The integration, also an inactive one.
    pub fn get(&self, integration: IntegrationId) -> Option<&Integration> {
        self.rows.get(&integration)
    }

    /// The integration, shared.
    pub fn shared(&self, integration: IntegrationId) -> Option<Arc<Integration>> {
        self.rows.shared(&integration)
    }

    /// Every integration that was ever registered, in the order of the identifiers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (IntegrationId, &Integration)> {
        self.rows.iter().map(|(id, row)| (*id, row))
    }

    /// How many were ever registered.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none was ever registered.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Every integration of an organisation, also the inactive.
    pub fn of_organisation(
        &self,
        organisation: &OrganisationOid,
    ) -> impl DoubleEndedIterator<Item = (IntegrationId, &Integration)> {
        self.named(self.by_organisation.get(organisation))
    }

    /// Every client of a service, also the inactive.
    pub fn clients_of(
        &self,
        service: ServiceId,
    ) -> impl DoubleEndedIterator<Item = (IntegrationId, &Integration)> {
        self.named(self.by_service.get(&service))
    }

    fn named<'a>(
        &'a self,
        ids: Option<&'a BTreeSet<IntegrationId>>,
    ) -> impl DoubleEndedIterator<Item = (IntegrationId, &'a Integration)> {
        ids.into_iter()
            .flatten()
            .filter_map(|id| Some((*id, self.get(*id)?)))
    }

    /// The integration that has, or had, this identifier.
    pub fn by_idp_id(&self, idp_id: &IdpId) -> Option<IntegrationId> {
        self.idp_ids.get(idp_id).copied()
    }

    /// The integration that has, or had, this flow name; case does not count.
    pub fn by_flow_name(&self, flow_name: &FlowName) -> Option<IntegrationId> {
        let name = flow_name.as_str().to_ascii_lowercase();
        self.flow_names.get(&name).copied()
    }

    /// The client that holds this client id or entity ID in `environment`.
    pub fn by_peer_name(&self, environment: Environment, name: &PeerName) -> Option<IntegrationId> {
        self.peer_names.get(&(environment, name.clone())).copied()
    }

    /// The home integration that an import knows under this identifier.
    pub fn home_by_legacy_id(&self, legacy_id: &ShortText) -> Option<IntegrationId> {
        let key = (LegacyKind::Home, legacy_id.clone());
        self.legacy_ids.get(&key).copied()
    }

    /// The client that an import knows under this identifier.
    pub fn client_by_legacy_id(&self, legacy_id: &ShortText) -> Option<IntegrationId> {
        let key = (LegacyKind::Client, legacy_id.clone());
        self.legacy_ids.get(&key).copied()
    }

    /// Whether the service has a client that is not inactive.
    pub(crate) fn has_clients_in_use(&self, service: ServiceId) -> bool {
        self.clients_of(service)
            .any(|(_, client)| client.state != IntegrationState::Inactive)
    }

    /// The integration, or the refusal that says there is none.
    pub(crate) fn known(
        &self,
        integration: IntegrationId,
        field: &'static str,
    ) -> Result<&Integration, Rejection> {
        self.get(integration)
            .ok_or_else(|| Rejection::unknown("integration", field))
    }

    /// Puts a new integration in and enters it in every look-up.
    fn enter(&mut self, id: IntegrationId, row: Integration) {
        self.by_organisation
            .change_or_insert(row.organisation.clone(), BTreeSet::new, |ids| {
                ids.insert(id);
            });
        let kind = match &row.side {
            Side::Home(home) => {
                let flow_name = home.flow_name.as_str().to_ascii_lowercase();
                self.idp_ids.insert(home.idp_id.clone(), id);
                self.flow_names.insert(flow_name, id);
                LegacyKind::Home
            }
            Side::Service(client) => {
                self.by_service
                    .change_or_insert(client.service, BTreeSet::new, |ids| {
                        ids.insert(id);
                    });
                LegacyKind::Client
            }
        };
        if let Some(legacy_id) = &row.legacy_id {
            self.legacy_ids.insert((kind, legacy_id.clone()), id);
        }
        for name in row.reserved() {
            self.peer_names.insert((row.environment, name), id);
        }
        self.rows.insert(id, row);
    }

    /// Moves a client to another service.
    fn move_client(&mut self, id: IntegrationId, service: ServiceId) {
        let Some(former) = self.get(id).and_then(|row| Some(row.client()?.service)) else {
            return;
        };
        self.by_service.change(&former, |ids| {
            ids.remove(&id);
        });
        self.by_service
            .change_or_insert(service, BTreeSet::new, |ids| {
                ids.insert(id);
            });
        self.rows.change(&id, |row| {
            if let Side::Service(client) = &mut row.side {
                client.service = service;
            }
        });
    }

    /// Changes an integration and keeps the names it reserves in step.
    fn change(&mut self, id: IntegrationId, change: impl FnOnce(&mut Integration)) {
        let Some(environment) = self.get(id).map(|row| row.environment) else {
            return;
        };
        let before = self.get(id).map(Integration::reserved).unwrap_or_default();
        self.rows.change(&id, change);
        let after = self.get(id).map(Integration::reserved).unwrap_or_default();
        for name in before.difference(&after) {
            self.peer_names.remove(&(environment, name.clone()));
        }
        for name in after.difference(&before) {
            self.peer_names.insert((environment, name.clone()), id);
        }
    }
}

impl BelongsTo for IntegrationId {
    fn organisation(&self, network: &Network) -> Option<OrganisationOid> {
        Some(network.integrations.get(*self)?.organisation.clone())
    }

    /// Who manages services only never manages how people identify themselves; who is not yet a
    /// member has test integrations only.
    fn organisation_under(&self, right: Right, network: &Network) -> Option<OrganisationOid> {
        let row = network.integrations.get(*self)?;
        let covered = match right {
            Right::ServiceManager | Right::ServiceViewer => row.client().is_some(),
            Right::Applicant => row.environment == Environment::Test,
            _ => true,
        };
        covered.then(|| row.organisation.clone())
    }
}

/// Refuses a command that the integration's state does not allow.
fn wrong_state(state: IntegrationState, remedy: &'static str) -> Rejection {
    let state = match state {
        IntegrationState::Draft => "a draft",
        IntegrationState::Submitted => "under review",
        IntegrationState::Accepted => "accepted and not yet in use",
        IntegrationState::Active => "in use",
        IntegrationState::Suspended => "suspended",
        IntegrationState::Inactive => "inactive",
    };
    Rejection::new("WRONG_STATE", format!("the integration is {state}"))
        .field("integration")
        .remedy(remedy)
        .rule("our decision")
}

fn not_a_home() -> Rejection {
    Rejection::new("WRONG_KIND", "this is no home organisation's integration")
        .field("integration")
        .remedy("name a home organisation's integration")
}

fn not_a_client() -> Rejection {
    Rejection::new("WRONG_KIND", "this is no client of a service")
        .field("integration")
        .remedy("name a client of a service")
}

fn nothing_to_change(field: &'static str) -> Rejection {
    Rejection::new("NOTHING_TO_CHANGE", "this is recorded already")
        .field(field)
        .remedy("nothing needs to be recorded")
}

/// A permission of one service, and who gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permission {
    /// When it was given.
    pub at: Instant,
    /// Who gave it.
    pub by: PersonId,
}

/// The services that a home integration permits by name.
pub type PermittedServices = BTreeMap<ServiceId, Permission>;
