//! Permissions: which services a home integration's users may log in to. Explicitly all, or a
//! list; an empty list means none (our decision, domain facts J.7).

use super::{Integration, Permission, PermittedServices, Side, not_a_home, nothing_to_change};
use crate::time::Instant;
use crate::value::ShortText;
use crate::{
    Context, Decide, Decision, Event, Evolve, IntegrationId, Network, PersonId, Rejection,
    ServiceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// More services than a list ever names; the bound keeps the event small.
const SERVICES_MAX: usize = 1_000;

/// Whether all services are permitted, or those named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PermissionMode {
    /// Every service, also one that is new tomorrow.
    All,
    /// Those named, and no other; none named, none permitted.
    List,
}

/// What a home integration permits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// All, or those named.
    pub mode: PermissionMode,
    /// Those named, with who permitted each and when; empty where all are.
    pub services: PermittedServices,
    /// Clients that an import permitted and nobody here knows.
    pub unknown: Vec<ShortText>,
    /// Since when the mode holds.
    pub since: Instant,
}

impl Permissions {
    /// What a new home integration permits: services are usable at once (joining instructions of
    /// the network).
    pub(super) fn all(since: Instant) -> Self {
        Self {
            mode: PermissionMode::All,
            services: PermittedServices::new(),
            unknown: Vec::new(),
            since,
        }
    }

    /// The services named, together with those that every home organisation permits; none means
    /// all.
    pub fn permitted(&self, network: &Network) -> Option<BTreeSet<ServiceId>> {
        match self.mode {
            PermissionMode::All => None,
            PermissionMode::List => {
                let named = self.services.keys().copied();
                Some(
                    named
                        .chain(network.services.attribute_test.iter().copied())
                        .collect(),
                )
            }
        }
    }

    /// Whether the service is permitted.
    pub fn permits(&self, network: &Network, service: ServiceId) -> bool {
        self.mode == PermissionMode::All
            || self.services.contains_key(&service)
            || network.services.attribute_test.contains(&service)
    }
}

/// Permits all services, or those named and no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetPermissionMode {
    /// The home integration.
    pub integration: IntegrationId,
    /// All, or those named.
    pub mode: PermissionMode,
    /// Those named, where the mode is LIST; what was named before and is not here is forbidden.
    #[serde(default)]
    pub services: Vec<ServiceId>,
}

/// A home integration permits all services, or those named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionModeSet {
    /// The home integration.
    pub integration: IntegrationId,
    /// All, or those named.
    pub mode: PermissionMode,
    /// Those named.
    pub services: BTreeSet<ServiceId>,
    /// Clients that an import permitted and nobody here knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<ShortText>,
    /// Who decided.
    pub by: PersonId,
}

fn permissions(row: &Integration) -> Result<&Permissions, Rejection> {
    Ok(&row.home().ok_or_else(not_a_home)?.permissions)
}

fn too_many() -> Rejection {
    Rejection::new(
        "TOO_MANY",
        format!("a list names at most {SERVICES_MAX} services"),
    )
    .field("services")
    .remedy("permit all services instead")
}

impl Decide for SetPermissionMode {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        let standing = permissions(row)?;
        if self.mode == PermissionMode::All && !self.services.is_empty() {
            return Err(
                Rejection::new("LIST_NOT_WANTED", "the mode ALL takes no list")
                    .field("services")
                    .remedy("leave the list out, or set the mode LIST"),
            );
        }
        let services: BTreeSet<ServiceId> = self.services.iter().copied().collect();
        if services.len() > SERVICES_MAX {
            return Err(too_many());
        }
        for service in &services {
            network.services.offered(*service, "services")?;
        }
        let same_list = services.iter().eq(standing.services.keys());
        if standing.mode == self.mode && same_list {
            return Err(nothing_to_change("mode"));
        }
        Ok(vec![
            PermissionModeSet {
                integration: self.integration,
                mode: self.mode,
                services,
                unknown: Vec::new(),
                by: context.actor.person,
            }
            .into(),
        ])
    }
}

impl Evolve for PermissionModeSet {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network.integrations.change(self.integration, |row| {
            let Side::Home(home) = &mut row.side else {
                return;
            };
            let by = self.by;
            // What was permitted before keeps its own day.
            let before = &home.permissions.services;
            let services = self
                .services
                .iter()
                .map(|service| {
                    let given = before.get(service).copied();
                    (*service, given.unwrap_or(Permission { at, by }))
                })
                .collect();
            home.permissions = Permissions {
                mode: self.mode,
                services,
                unknown: self.unknown.clone(),
                since: at,
            };
        });
    }
}

/// Permits services, in addition to those permitted. The mode must be LIST.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PermitServices {
    /// The home integration.
    pub integration: IntegrationId,
    /// The services; at least one that is not permitted yet.
    pub services: Vec<ServiceId>,
}

/// A home integration permits a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePermitted {
    /// The home integration.
    pub integration: IntegrationId,
    /// The service.
    pub service: ServiceId,
    /// Who decided.
    pub by: PersonId,
}

fn list_mode(standing: &Permissions) -> Result<(), Rejection> {
    if standing.mode == PermissionMode::List {
        return Ok(());
    }
    Err(Rejection::new("WRONG_STATE", "all services are permitted")
        .field("integration")
        .remedy("set the mode LIST with the services that shall be permitted")
        .rule("our decision"))
}

impl Decide for PermitServices {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        let standing = permissions(row)?;
        list_mode(standing)?;
        let services: BTreeSet<ServiceId> = self.services.iter().copied().collect();
        for service in &services {
            network.services.offered(*service, "services")?;
        }
        let new = |service: &ServiceId| !standing.services.contains_key(service);
        let events: Vec<Event> = services
            .into_iter()
            .filter(new)
            .map(|service| {
                ServicePermitted {
                    integration: self.integration,
                    service,
                    by: context.actor.person,
                }
                .into()
            })
            .collect();
        if events.is_empty() {
            return Err(nothing_to_change("services"));
        }
        if standing.services.len() + events.len() > SERVICES_MAX {
            return Err(too_many());
        }
        Ok(events)
    }
}

impl Evolve for ServicePermitted {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network.integrations.change(self.integration, |row| {
            if let Side::Home(home) = &mut row.side {
                let permission = Permission { at, by: self.by };
                home.permissions.services.insert(self.service, permission);
            }
        });
    }
}

/// Takes permissions back. The mode must be LIST.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ForbidServices {
    /// The home integration.
    pub integration: IntegrationId,
    /// The services; at least one that is permitted.
    pub services: Vec<ServiceId>,
}

/// A home integration no longer permits a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceForbidden {
    /// The home integration.
    pub integration: IntegrationId,
    /// The service.
    pub service: ServiceId,
    /// Who decided.
    pub by: PersonId,
}

impl Decide for ForbidServices {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        let standing = permissions(row)?;
        list_mode(standing)?;
        let services: BTreeSet<ServiceId> = self.services.iter().copied().collect();
        let events: Vec<Event> = services
            .into_iter()
            .filter(|service| standing.services.contains_key(service))
            .map(|service| {
                ServiceForbidden {
                    integration: self.integration,
                    service,
                    by: context.actor.person,
                }
                .into()
            })
            .collect();
        if events.is_empty() {
            return Err(nothing_to_change("services"));
        }
        Ok(events)
    }
}

impl Evolve for ServiceForbidden {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            if let Side::Home(home) = &mut row.side {
                home.permissions.services.remove(&self.service);
            }
        });
    }
}
