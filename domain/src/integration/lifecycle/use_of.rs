//! Use: an integration is activated, taken out of use, and brought back.

use super::review::drop_proposal;
use super::suspension::close;
use super::*;

/// Takes an integration into use: a draft in the test environment, elsewhere an accepted one. In
/// production one that came into use outside the membership in force, or before its gate, is
/// activated anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActivateIntegration {
    /// The integration.
    pub integration: IntegrationId,
}

/// An integration was taken into use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationActivated {
    /// The integration.
    pub integration: IntegrationId,
    /// From when on.
    pub from: Instant,
}

impl Decide for ActivateIntegration {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        match row.state {
            IntegrationState::Accepted => {}
            IntegrationState::Draft if !row.environment.needs_review() => {}
            IntegrationState::Draft => {
                return Err(wrong_state(row.state, "hand it in for review first"));
            }
            IntegrationState::Submitted => {
                return Err(wrong_state(row.state, "the operator reviews it first"));
            }
            IntegrationState::Inactive => {
                return Err(wrong_state(row.state, "reactivate it instead"));
            }
            IntegrationState::Suspended => {
                return Err(wrong_state(row.state, "the operator reinstates it"));
            }
            IntegrationState::Active => {
                let to_come =
                    |window: &Window| window.until.is_none_or(|until| context.now < until);
                if row.environment != Environment::Production
                    || gate::admitted_windows(network, row).iter().any(to_come)
                {
                    return Err(nothing_to_change("integration"));
                }
            }
        }
        may_come_into_use(network, self.integration, row, context.now)?;
        gate::production(network, row, context.now)?;
        Ok(vec![
            IntegrationActivated {
                integration: self.integration,
                from: context.now,
            }
            .into(),
        ])
    }
}

impl Evolve for IntegrationActivated {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            row.state = IntegrationState::Active;
            row.accepted = true;
            close(row, self.from);
            row.windows.push(Window::open_from(self.from));
        });
    }
}

/// Takes an integration out of use. Its identifiers stay its own for ever; a change that awaits
/// review is dropped, and with a service's last client the service is withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InactivateIntegration {
    /// The integration.
    pub integration: IntegrationId,
    /// Why, in words.
    #[serde(default)]
    pub reason: Option<Reason>,
}

/// An integration was taken out of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationInactivated {
    /// The integration.
    pub integration: IntegrationId,
    /// From when on nobody logs in through it.
    pub from: Instant,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Private>,
}

impl Decide for InactivateIntegration {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        if row.state == IntegrationState::Inactive {
            return Err(nothing_to_change("integration"));
        }
        let reason = self.reason.as_ref();
        let mut events: Vec<Event> = vec![
            IntegrationInactivated {
                integration: self.integration,
                from: context.now,
                reason: reason.map(|reason| sealed(self.integration, reason)),
            }
            .into(),
        ];
        if let Some(client) = row.client() {
            let service = client.service;
            let mut others = network.integrations.clients_of(service);
            let last = others.all(|(id, other)| {
                id == self.integration || other.state == IntegrationState::Inactive
            });
            let offered = network.services.get(service);
            if last && offered.is_some_and(crate::Service::is_active) {
                events.push(ServiceInactivated { service }.into());
            }
        }
        Ok(events)
    }
}

impl Evolve for IntegrationInactivated {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            row.state = IntegrationState::Inactive;
            row.suspension = None;
            drop_proposal(row);
            close(row, self.from);
        });
    }
}

/// Brings an integration back, with the identifiers that it had: into use where it was accepted
/// before, as a draft where it never was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReactivateIntegration {
    /// The integration.
    pub integration: IntegrationId,
}

/// An integration was brought back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationReactivated {
    /// The integration.
    pub integration: IntegrationId,
    /// From when on it is in use; none where it came back without being in use: as a draft, or as
    /// accepted where it was that before.
    pub from: Option<Instant>,
}

impl Decide for ReactivateIntegration {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        if row.state != IntegrationState::Inactive {
            return Err(wrong_state(
                row.state,
                "only an inactive one is reactivated",
            ));
        }
        may_come_into_use(network, self.integration, row, context.now)?;
        if row.accepted {
            gate::production(network, row, context.now)?;
        }
        let mut events: Vec<Event> = vec![
            IntegrationReactivated {
                integration: self.integration,
                from: row.accepted.then_some(context.now),
            }
            .into(),
        ];
        if let Some(client) = row.client() {
            let service = client.service;
            let withdrawn = network.services.get(service);
            if withdrawn.is_some_and(|service| !service.is_active()) {
                events.push(ServiceReactivated { service }.into());
            }
        }
        Ok(events)
    }
}

impl Evolve for IntegrationReactivated {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .integrations
            .change(self.integration, |row| match self.from {
                Some(from) => {
                    row.state = IntegrationState::Active;
                    row.windows.push(Window::open_from(from));
                }
                None if row.accepted => row.state = IntegrationState::Accepted,
                None => row.state = IntegrationState::Draft,
            });
    }
}
