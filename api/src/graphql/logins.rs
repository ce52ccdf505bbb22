//! Logins: how many there were, and what was recorded of each. Nothing here says who logged in:
//! that is shown only under a recorded request with its legal basis.

use crate::app::Backends;
use crate::graphql::fault;
use crate::graphql::input::Word;
use crate::graphql::page::{FoundPage, PAGE_DEFAULT, PAGE_MAX, Page, Window, listed, place};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::id;
use async_graphql::{Context, Enum, ID, Result, SimpleObject};
use domain::time::{Date, Instant};
use domain::{Environment, IntegrationId, ServiceId};
use projections::usage;
use registrar::authentication::{JournalPlace, JournalsError, RecordedAuthentication};
use registrar::{AuthenticationJournals, AuthenticationOutcome};
use std::sync::Arc;

/// How many records are read at once.
const CHUNK: usize = 1_000;

/// How many records are looked at for one answer at most.
const LOOKED_AT_MAX: usize = 20_000;

/// How a login ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum LoginOutcome {
    /// A login at the home organisation, with a release.
    Succeeded,
    /// A release that an earlier login carried.
    Continued,
    /// Nothing was released.
    Refused,
    /// A log-out.
    LoggedOut,
}

/// How many logins of one kind there were on a day.
#[derive(Clone, SimpleObject)]
pub(crate) struct UsageCount {
    /// The day, in the network's zone.
    day: scalar::Date,
    /// The home integration; none where the login ended before one was chosen.
    home_integration: Option<ID>,
    /// The service; none where the request named none that is known.
    service: Option<ID>,
    /// How the logins ended.
    outcome: LoginOutcome,
    /// How many there were.
    count: u64,
}

/// What was recorded of a login.
#[derive(Clone, SimpleObject)]
#[graphql(name = "Authentication")]
pub(crate) struct AuthenticationView {
    /// Its position in the journal of its environment and month.
    position: u64,
    /// When it was recorded.
    recorded_at: scalar::Instant,
    /// When it happened, by the node's clock.
    occurred_at: scalar::Instant,
    /// How it ended.
    outcome: LoginOutcome,
    /// The stable code of the reason, where it was refused.
    reason: Option<String>,
    /// The means of identification: the home organisation's integration.
    home_integration: Option<ID>,
    /// The service.
    service: Option<ID>,
    /// The service's integration.
    service_integration: Option<ID>,
    /// The protocol towards the service.
    protocol: String,
    /// The identifier of the request.
    request_id: String,
    /// The identifier of the assertion or token that was issued.
    message_id: Option<String>,
    /// The version of the data model in which data was released.
    data_model_version: Option<String>,
    /// The names, never the values, of what was released.
    released: Vec<String>,
    /// The governance position under which it was decided.
    governance_position: u64,
}

impl From<RecordedAuthentication> for AuthenticationView {
    fn from(recorded: RecordedAuthentication) -> Self {
        let record = recorded.authentication;
        let (outcome, reason, data_model_version, released) = match record.outcome {
            AuthenticationOutcome::Succeeded {
                data_model_version,
                released,
                single_sign_on,
            } => {
                let outcome = if single_sign_on {
                    LoginOutcome::Continued
                } else {
                    LoginOutcome::Succeeded
                };
                (outcome, None, Some(data_model_version), released)
            }
            AuthenticationOutcome::Refused { reason } => {
                (LoginOutcome::Refused, Some(reason), None, Vec::new())
            }
            AuthenticationOutcome::LoggedOut => (LoginOutcome::LoggedOut, None, None, Vec::new()),
        };
        Self {
            position: recorded.position,
            recorded_at: scalar::Instant(recorded.recorded_at),
            occurred_at: scalar::Instant(record.occurred_at),
            outcome,
            reason,
            home_integration: record.home_integration.map(integration_id),
            service: record.service.map(service_id),
            service_integration: record.service_integration.map(integration_id),
            protocol: record.protocol,
            request_id: record.request_id,
            message_id: record.message_id,
            data_model_version,
            released,
            governance_position: record.governance_position,
        }
    }
}

fn integration_id(integration: IntegrationId) -> ID {
    id(IntegrationId::KIND, integration)
}

fn service_id(service: ServiceId) -> ID {
    id(ServiceId::KIND, service)
}

/// Whether the caller may see what concerns this home integration or this service: the whole
/// network's people everything, an organisation's people its own side.
fn is_shown(scope: &Scope, home: Option<IntegrationId>, service: Option<ServiceId>) -> bool {
    let seer = scope.seer();
    if seer.sees_network() {
        return true;
    }
    let network = scope.network();
    let of_home = home.and_then(|home| network.integrations.get(home));
    let of_service =
        service.and_then(|service| network.services.get(service)?.organisation.clone());
    of_home.is_some_and(|row| seer.sees_membership(&row.organisation))
        || of_service.is_some_and(|organisation| seer.sees(&organisation))
}

/// The counts of an environment by day, as far as the caller may see them.
pub(crate) async fn usage(
    context: &Context<'_>,
    scope: &Scope,
    environment: Environment,
    (first, last): (Date, Date),
    window: &Window,
) -> Result<Page<UsageCount>> {
    if first.days_until(last) > 366 {
        return Err(fault::bad_request(
            "`last` lies more than a year after `first`",
            "ask for one year at a time",
        ));
    }
    let backends = context.data::<Arc<Backends>>()?;
    let counts = backends.usage.clone();
    // The index counts whole days: of a past moment, those that were over by then.
    let last = if scope.now() < backends.clock.now() {
        last.min(scope.day().plus_days(-1))
    } else {
        last
    };
    let reading = move || counts.rows(environment, first, last);
    let rows = fault::blocking(reading).await?;
    let rows = rows.map_err(|error| {
        tracing::error!(%error, "Reading usage failed: {error}");
        fault::unavailable()
    })?;
    let shown = rows
        .into_iter()
        .filter(|row| is_shown(scope, row.home_integration, row.service));
    listed(shown.collect(), window, |row| UsageCount {
        day: scalar::Date(row.day),
        home_integration: row.home_integration.map(integration_id),
        service: row.service.map(service_id),
        outcome: match row.outcome {
            usage::Outcome::Succeeded => LoginOutcome::Succeeded,
            usage::Outcome::Continued => LoginOutcome::Continued,
            usage::Outcome::Refused => LoginOutcome::Refused,
            usage::Outcome::LoggedOut => LoginOutcome::LoggedOut,
        },
        count: row.count,
    })
}

/// Which records are asked for.
pub(crate) struct LoginFilter {
    pub(crate) environment: Word<Environment>,
    pub(crate) month: Option<String>,
    pub(crate) first: Option<usize>,
    pub(crate) after: Option<String>,
}

/// The records, the newest first, as far as the caller may see them.
pub(crate) async fn authentications(
    context: &Context<'_>,
    scope: &Scope,
    filter: LoginFilter,
) -> Result<FoundPage<AuthenticationView>> {
    let journals = context.data::<Arc<Backends>>()?.authentications.clone();
    let after: Option<JournalPlace> = place(filter.after.as_deref())?;
    let count = filter.first.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let begins_later = after.is_some();
    let scope = scope.clone();
    let looking = move || look(&journals, &scope, &filter, after.as_ref(), count);
    let found = fault::blocking(looking).await?;
    let (rows, more_after) = found.map_err(|error| {
        tracing::error!(%error, "Reading authentications failed: {error}");
        fault::unavailable()
    })?;
    let rows = rows
        .into_iter()
        .map(|(place, row)| (place.to_string(), row));
    let more_after = more_after.map(|place| place.to_string());
    Ok(FoundPage::new(rows, more_after, begins_later))
}

type Looked = (
    Vec<(JournalPlace, AuthenticationView)>,
    Option<JournalPlace>,
);

/// Looks through the months, the newest first, until `count` records were found that are shown.
fn look(
    journals: &AuthenticationJournals,
    scope: &Scope,
    filter: &LoginFilter,
    after: Option<&JournalPlace>,
    count: usize,
) -> Result<Looked, JournalsError> {
    let environment = filter.environment.0;
    let newest = month_of(scope.now());
    let months = journals.months(environment)?;
    let asked = months.into_iter().rev().filter(|month| {
        let wanted = filter.month.as_ref().is_none_or(|wanted| wanted == month);
        wanted && *month <= newest && after.is_none_or(|after| *month <= after.month)
    });
    let (mut rows, mut looked_at) = (Vec::new(), 0);
    for month in asked {
        let mut before = after
            .filter(|after| after.month == month)
            .map(|after| after.position);
        loop {
            let records = journals.page(environment, &month, before, CHUNK)?;
            let Some(oldest) = records.last().map(|record| record.position) else {
                break;
            };
            looked_at += records.len();
            before = Some(oldest);
            for record in records {
                let shown = is_shown(
                    scope,
                    record.authentication.home_integration,
                    record.authentication.service,
                );
                if record.recorded_at > scope.now() || !shown {
                    continue;
                }
                let place = JournalPlace {
                    month: month.clone(),
                    position: record.position,
                };
                rows.push((place.clone(), record.into()));
                if rows.len() == count {
                    return Ok((rows, Some(place)));
                }
            }
            if looked_at >= LOOKED_AT_MAX {
                let place = JournalPlace {
                    month,
                    position: oldest,
                };
                return Ok((rows, Some(place)));
            }
        }
    }
    Ok((rows, None))
}

/// The month of recording, as journals are named by it: in UTC.
fn month_of(at: Instant) -> String {
    let at = at.utc();
    format!("{:04}-{:02}", at.year(), u8::from(at.month()))
}
