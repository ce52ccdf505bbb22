//! Suspension: the operator holds an integration back, on the grounds that the agreement knows and
//! on no other (our decision, domain facts J.12).

use super::*;

/// Why an integration may be suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SuspensionGround {
    /// Repairs make it necessary (membership contract §6 ¶4).
    Repair,
    /// A serious disturbance makes it necessary (membership contract §6 ¶4).
    SeriousDisturbance,
    /// Information security makes it necessary (membership contract §6 ¶4).
    Security,
    /// Technical problems (membership contract §6 ¶8).
    TechnicalProblem,
    /// Suspected fraud or illegal use (membership contract §6 ¶8).
    SuspectedMisuse,
}

/// Suspends an integration: nobody logs in through it until it is reinstated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuspendIntegration {
    /// The integration.
    pub integration: IntegrationId,
    /// On what ground.
    pub ground: SuspensionGround,
    /// What happened.
    pub reason: Reason,
}

/// An integration was suspended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationSuspended {
    /// The integration.
    pub integration: IntegrationId,
    /// On what ground.
    pub ground: SuspensionGround,
    /// What happened.
    pub reason: Private,
    /// From when on nobody logs in through it.
    pub from: Instant,
}

impl Decide for SuspendIntegration {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        if row.state != IntegrationState::Active {
            return Err(wrong_state(row.state, "only one in use can be suspended"));
        }
        Ok(vec![
            IntegrationSuspended {
                integration: self.integration,
                ground: self.ground,
                reason: sealed(self.integration, &self.reason),
                from: context.now,
            }
            .into(),
        ])
    }
}

impl Evolve for IntegrationSuspended {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            row.state = IntegrationState::Suspended;
            row.suspension = Some(self.ground);
            close(row, self.from);
        });
    }
}

/// Ends every window that is still open at `until`.
pub(super) fn close(row: &mut Integration, until: Instant) {
    for window in &mut row.windows {
        if window.until.is_none() {
            window.close_at(until);
        }
    }
    // What never held is no window.
    row.windows
        .retain(|window| window.until.is_none_or(|until| window.from < until));
}

/// Lets a suspended integration be used again, under the conditions under which it would come into
/// use: a membership that ended meanwhile, or its successor, is asked anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReinstateIntegration {
    /// The integration.
    pub integration: IntegrationId,
}

/// A suspended integration is in use again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationReinstated {
    /// The integration.
    pub integration: IntegrationId,
    /// From when on.
    pub from: Instant,
}

impl Decide for ReinstateIntegration {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        if row.state != IntegrationState::Suspended {
            return Err(wrong_state(row.state, "only a suspended one is reinstated"));
        }
        may_come_into_use(network, self.integration, row, context.now)?;
        gate::production(network, row, context.now)?;
        Ok(vec![
            IntegrationReinstated {
                integration: self.integration,
                from: context.now,
            }
            .into(),
        ])
    }
}

impl Evolve for IntegrationReinstated {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            row.state = IntegrationState::Active;
            row.suspension = None;
            row.windows.push(Window::open_from(self.from));
        });
    }
}
