//! The life of an integration: review by the operator, use, suspension, end and return (our
//! decision, domain facts J.11).

use super::{
    Integration, IntegrationState, Side, discovery, gate, nothing_to_change, register, wrong_state,
};
use crate::time::{Instant, Window};
use crate::value::Reason;
use crate::{
    Category, Context, Decide, Decision, Environment, Event, Evolve, IntegrationId, KeySubject,
    Network, Private, Rejection, ReleaseSetAccepted, ServiceInactivated, ServiceReactivated,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod review;
mod suspension;
mod use_of;

pub use review::*;
pub use suspension::*;
pub use use_of::*;

/// A reason in words, sealed under the integration's own key for texts.
fn sealed(integration: IntegrationId, reason: &Reason) -> Private {
    Private::given(KeySubject::new(integration, Category::Text), reason)
}

/// What must hold whenever an integration comes into use: the membership, the school lists, the
/// names by which requests know it, and for demo a free service.
fn may_come_into_use(
    network: &Network,
    id: IntegrationId,
    row: &Integration,
    now: Instant,
) -> Result<(), Rejection> {
    let is_home = row.home().is_some();
    gate::admit(network, row.environment, &row.organisation, is_home, now)?;
    match &row.side {
        Side::Home(home) => discovery::disjoint(
            network,
            row.environment,
            &row.organisation,
            &home.discovery,
            Some(id),
        ),
        Side::Service(client) => {
            let service = network
                .services
                .get(client.service)
                .ok_or_else(|| Rejection::unknown("service", "integration"))?;
            gate::for_demo(row.environment, service)?;
            let name = client.configuration.protocol.peer_name();
            register::peer_name_free(network, row.environment, &name, Some(id), "configuration")
        }
    }
}
