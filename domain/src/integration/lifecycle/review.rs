//! Review: an integration, or a change of one, is handed in and accepted or refused.

use super::*;

/// Hands an integration in for the operator's review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubmitIntegration {
    /// The integration.
    pub integration: IntegrationId,
}

/// An integration was handed in for review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationSubmitted {
    /// The integration.
    pub integration: IntegrationId,
}

impl Decide for SubmitIntegration {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        if !row.environment.needs_review() {
            return Err(Rejection::new(
                "REVIEW_NOT_NEEDED",
                "the test environment needs no review",
            )
            .field("integration")
            .remedy("activate the integration")
            .rule("our decision"));
        }
        if row.state != IntegrationState::Draft {
            return Err(wrong_state(
                row.state,
                "only a draft is handed in for review",
            ));
        }
        may_come_into_use(network, self.integration, row, context.now)?;
        let integration = self.integration;
        Ok(vec![IntegrationSubmitted { integration }.into()])
    }
}

impl Evolve for IntegrationSubmitted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            row.state = IntegrationState::Submitted;
        });
    }
}

/// Accepts an integration that was handed in, or the change that awaits review. The release set
/// that its service proposed is accepted with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptIntegration {
    /// The integration.
    pub integration: IntegrationId,
}

/// The operator accepted an integration, or the change that awaited review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationAccepted {
    /// The integration.
    pub integration: IntegrationId,
}

fn under_review(row: &Integration) -> Result<(), Rejection> {
    if row.state == IntegrationState::Submitted || row.has_proposal() {
        Ok(())
    } else {
        Err(wrong_state(row.state, "nothing of it awaits review"))
    }
}

impl Decide for AcceptIntegration {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        under_review(row)?;
        let integration = self.integration;
        let mut events: Vec<Event> = vec![IntegrationAccepted { integration }.into()];
        let service = row.client().map(|client| client.service);
        let proposes = |service| {
            let row = network.services.get(service);
            row.is_some_and(|row| row.proposed_release_set.is_some())
        };
        events.extend(
            service
                .filter(|service| proposes(*service))
                .map(|service| ReleaseSetAccepted { service }.into()),
        );
        Ok(events)
    }
}

impl Evolve for IntegrationAccepted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            row.accepted = true;
            // A draft where an import brings in what another system had accepted.
            if matches!(
                row.state,
                IntegrationState::Submitted | IntegrationState::Draft
            ) {
                row.state = IntegrationState::Accepted;
            }
            match &mut row.side {
                Side::Home(home) => {
                    if let Some(next) = home.proposed.take() {
                        home.configuration = next;
                    }
                }
                Side::Service(client) => {
                    if let Some(next) = client.proposed.take() {
                        client.configuration = next;
                    }
                }
            }
        });
    }
}

/// Refuses an integration that was handed in, which becomes a draft again, or the change that
/// awaits review, which is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefuseIntegration {
    /// The integration.
    pub integration: IntegrationId,
    /// Why, and what would have to change.
    pub reason: Reason,
}

/// The operator refused an integration, or the change that awaited review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationRefused {
    /// The integration.
    pub integration: IntegrationId,
    /// Why.
    pub reason: Private,
}

impl Decide for RefuseIntegration {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        under_review(row)?;
        Ok(vec![
            IntegrationRefused {
                integration: self.integration,
                reason: sealed(self.integration, &self.reason),
            }
            .into(),
        ])
    }
}

impl Evolve for IntegrationRefused {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            if row.state == IntegrationState::Submitted {
                row.state = IntegrationState::Draft;
            }
            drop_proposal(row);
        });
    }
}

pub(super) fn drop_proposal(row: &mut Integration) {
    match &mut row.side {
        Side::Home(home) => home.proposed = None,
        Side::Service(client) => client.proposed = None,
    }
}
