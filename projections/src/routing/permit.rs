//! Whether a login may pass: one pure function of the table, the request and the instant.

use super::row::{Because, RouteState, Services, holds};
use super::secret::UserMark;
use super::table::RoutingTable;
use domain::time::Instant;
use domain::{Environment, IntegrationId};
use ledger::Hash;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a login asks for. Early on the home organisation and the user are not known yet; then only
/// what is known is judged.
#[derive(Clone, Copy, Debug)]
pub struct RouteRequest {
    /// The environment at whose host the request arrived.
    pub environment: Environment,
    /// The client of the service.
    pub service: Option<IntegrationId>,
    /// The home organisation's integration, once it is chosen.
    pub home: Option<IntegrationId>,
    /// The user's digest ([`UserMark::digest`]), once the user is known.
    pub user: Option<Hash>,
    /// Whether it is an administrator's attribute test, which drafts take part in. Whoever asks
    /// has checked the ticket, and releases nothing.
    pub attribute_test: bool,
}

/// Why a login may not pass. The codes are stable: pages, the log and metrics carry them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Refusal {
    /// The table is another environment's.
    EnvironmentMismatch,
    /// No such client of a service is known here.
    NoSuchService,
    /// The client of the service is a draft.
    ServiceNotActive,
    /// The client of the service routes at another time: it is suspended or inactive, or its
    /// provider's membership has not begun or has ended.
    ServiceOutsideWindow,
    /// No such home integration is known here.
    NoSuchHomeIntegration,
    /// The home integration is a draft.
    HomeIntegrationNotActive,
    /// The home integration routes at another time.
    HomeIntegrationOutsideWindow,
    /// The home organisation does not permit the service.
    NotPermitted,
    /// The user is suspended from this service or from all.
    UserSuspended,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Self; 9] = [
        Self::EnvironmentMismatch,
        Self::NoSuchService,
        Self::ServiceNotActive,
        Self::ServiceOutsideWindow,
        Self::NoSuchHomeIntegration,
        Self::HomeIntegrationNotActive,
        Self::HomeIntegrationOutsideWindow,
        Self::NotPermitted,
        Self::UserSuspended,
    ];

    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::EnvironmentMismatch => "ENVIRONMENT_MISMATCH",
            Self::NoSuchService => "NO_SUCH_SERVICE",
            Self::ServiceNotActive => "SERVICE_NOT_ACTIVE",
            Self::ServiceOutsideWindow => "SERVICE_OUTSIDE_WINDOW",
            Self::NoSuchHomeIntegration => "NO_SUCH_HOME_INTEGRATION",
            Self::HomeIntegrationNotActive => "HOME_INTEGRATION_NOT_ACTIVE",
            Self::HomeIntegrationOutsideWindow => "HOME_INTEGRATION_OUTSIDE_WINDOW",
            Self::NotPermitted => "NOT_PERMITTED",
            Self::UserSuspended => "USER_SUSPENDED",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Whether a login may pass, and what that stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Whether it may pass.
    pub allowed: bool,
    /// Why not; none where it may.
    pub refusal: Option<Refusal>,
    /// The position of the table that was asked.
    pub position: u64,
    /// The recorded facts that led to the answer, in the order in which they were looked at.
    pub because: Vec<Because>,
}

/// Whether the login that `request` describes may pass at `now`.
///
/// The order of the questions is fixed, so that one and the same refusal comes with one and the
/// same reason: environment, service, home integration, permission, user.
pub fn permit(table: &RoutingTable, request: &RouteRequest, now: Instant) -> Decision {
    let mut because = Vec::new();
    let refusal = refusal(table, request, now, &mut because);
    Decision {
        allowed: refusal.is_none(),
        refusal,
        position: table.position(),
        because,
    }
}

fn refusal(
    table: &RoutingTable,
    request: &RouteRequest,
    now: Instant,
    because: &mut Vec<Because>,
) -> Option<Refusal> {
    let mut note = |position, what: &str| {
        because.push(Because {
            position,
            what: what.to_owned(),
        });
    };
    if table.environment() != request.environment {
        return Some(Refusal::EnvironmentMismatch);
    }
    let service = request.service.and_then(|key| table.services().get(&key));
    let Some(service) = service else {
        return Some(Refusal::NoSuchService);
    };
    note(service.position, "service integration");
    service
        .because
        .iter()
        .for_each(|fact| note(fact.position, &fact.what));
    if !request.attribute_test {
        if service.state == RouteState::DraftForTesting {
            return Some(Refusal::ServiceNotActive);
        }
        if !holds(&service.windows, now) {
            return Some(Refusal::ServiceOutsideWindow);
        }
    }

    let key = request.home?;
    let Some(home) = table.homes().get(&key) else {
        return Some(Refusal::NoSuchHomeIntegration);
    };
    note(home.position, "home integration");
    home.because
        .iter()
        .for_each(|fact| note(fact.position, &fact.what));
    if !request.attribute_test {
        if home.state == RouteState::DraftForTesting {
            return Some(Refusal::HomeIntegrationNotActive);
        }
        if !holds(&home.windows, now) {
            return Some(Refusal::HomeIntegrationOutsideWindow);
        }
    }
    match &home.permissions.services {
        Services::All => note(home.permissions.position, "all services permitted"),
        Services::List(services) => {
            let Some(position) = services.get(&service.service) else {
                note(home.permissions.position, "service not among the permitted");
                return Some(Refusal::NotPermitted);
            };
            note(*position, "service permitted");
        }
    }

    let user = UserMark::Digest(request.user?);
    let suspension = table.suspensions().iter().find(|row| {
        row.user == user
            && row.organisation == home.organisation
            && row
                .integration
                .is_none_or(|integration| integration == home.integration)
            && row.window.holds_at(now)
            && match &row.services {
                Services::All => true,
                Services::List(services) => services.contains_key(&service.service),
            }
    })?;
    note(suspension.position, "user suspended");
    Some(Refusal::UserSuspended)
}
