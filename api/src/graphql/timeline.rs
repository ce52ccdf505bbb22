//! What happened, with who and when: events of the log as a caller may see them.

use crate::graphql::fault;
use crate::graphql::page::{PAGE_DEFAULT, PAGE_MAX};
use crate::graphql::record::replace;
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::id;
use crate::seer::Seer;
use async_graphql::{ID, Json, Object, Result};
use domain::value::OrganisationOid;
use domain::{Network, PersonId};
use registrar::EventDetails;
use serde_json::Value;

/// How many events are looked at for one answer at most, so that one who may see little does not
/// make the whole log be read.
const LOOKED_AT_MAX: u64 = 20_000;

/// What of the timeline is asked for.
pub(crate) struct TimelineArguments {
    pub(crate) stream: Option<String>,
    pub(crate) before: Option<u64>,
    pub(crate) first: Option<usize>,
}

/// An event of the log.
#[derive(Clone)]
pub(crate) struct TimelineEvent {
    scope: Scope,
    details: EventDetails,
}

impl TimelineEvent {
    pub(crate) fn new(scope: Scope, details: EventDetails) -> Self {
        Self { scope, details }
    }

    /// Whether what people said or who they are is shown: to those whose matter it is.
    fn opens(&self) -> bool {
        match subject(self.scope.network(), &self.details) {
            Subject::Organisation(organisation) => self.scope.seer().sees_membership(&organisation),
            Subject::Everyone | Subject::Network => self.scope.seer().sees_network(),
        }
    }
}

/// Whose matter an event is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Everybody's who takes part: the agreement, the rules, the steering group.
    Everyone,
    /// One organisation's.
    Organisation(OrganisationOid),
    /// The operator's, the owner's and the network's auditors' alone.
    Network,
}

/// Whose matter an event is. What is not known to be somebody's is the network's own.
pub(crate) fn subject(network: &Network, details: &EventDetails) -> Subject {
    let (kind, key) = details
        .stream
        .split_once('/')
        .unwrap_or((&details.stream, ""));
    match kind {
        "member" => key.parse().map_or(Subject::Network, Subject::Organisation),
        "network" | "agreement" | "amendment" | "steering" | "meeting" | "obligation" => {
            // A notice to one member is that member's, although the amendment is everybody's.
            let payload = details.event.payload().to_json().unwrap_or_default();
            match payload.get("member").and_then(Value::as_str) {
                Some(member) => member
                    .parse()
                    .map_or(Subject::Network, Subject::Organisation),
                None if details.event.name().starts_with("SigningKey") => Subject::Network,
                None => Subject::Everyone,
            }
        }
        "organisation" => Subject::Everyone,
        _ => owner(network, kind, key).map_or(Subject::Network, Subject::Organisation),
    }
}

/// The organisation that a stream belongs to.
fn owner(network: &Network, kind: &str, key: &str) -> Option<OrganisationOid> {
    match kind {
        "integration" => {
            let row = network.integrations.get(key.parse().ok()?)?;
            Some(row.organisation.clone())
        }
        "service" => network
            .services
            .get(key.parse().ok()?)?
            .organisation
            .clone(),
        "access" => network
            .access
            .grants
            .get(&key.parse().ok()?)?
            .organisation
            .clone(),
        "credential" => network
            .access
            .credentials
            .get(&key.parse().ok()?)?
            .organisation
            .clone(),
        _ => None,
    }
}

/// Whether an event is shown at all.
pub(crate) fn is_shown(seer: &Seer, network: &Network, details: &EventDetails) -> bool {
    match subject(network, details) {
        Subject::Everyone => seer.participates(),
        Subject::Organisation(organisation) => seer.sees_membership(&organisation),
        Subject::Network => seer.sees_network(),
    }
}

/// The asked events, newest first.
pub(crate) fn timeline(scope: &Scope, arguments: &TimelineArguments) -> Result<Vec<TimelineEvent>> {
    let end = scope
        .snapshot()
        .position
        .min(arguments.before.unwrap_or(u64::MAX));
    let count = arguments.first.unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
    let mut events = Vec::new();
    let mut take = |position: u64| -> Result<bool> {
        let details = scope
            .views()
            .log()
            .details(position)
            .map_err(|_| fault::unavailable())?;
        if let Some(details) = details
            && is_shown(scope.seer(), scope.network(), &details)
        {
            events.push(TimelineEvent::new(scope.clone(), details));
        }
        Ok(events.len() < count)
    };
    match &arguments.stream {
        Some(stream) => {
            let positions = scope.snapshot().timeline.positions(stream);
            for position in positions.rev().filter(|position| *position < end) {
                if !take(position)? {
                    break;
                }
            }
        }
        None => {
            for position in (end.saturating_sub(LOOKED_AT_MAX)..end).rev() {
                if !take(position)? {
                    break;
                }
            }
        }
    }
    Ok(events)
}

/// An event of the log.
#[Object(name = "Event")]
impl TimelineEvent {
    /// The identifier of this event.
    async fn id(&self) -> ID {
        id("event", self.details.event_id)
    }

    /// Where it stands in the log.
    async fn position(&self) -> u64 {
        self.details.position
    }

    /// What happened, such as `MembershipStarted`.
    async fn name(&self) -> &str {
        self.details.event.name()
    }

    /// The stream it belongs to.
    async fn stream(&self) -> &str {
        &self.details.stream
    }

    /// Its number in that stream, from 0.
    async fn stream_version(&self) -> u64 {
        self.details.stream_version
    }

    /// The schema version in which it was written.
    async fn schema_version(&self) -> u16 {
        self.details.schema_version
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> scalar::Instant {
        scalar::Instant(self.details.recorded_at)
    }

    /// Who caused it, by reference.
    async fn actor(&self) -> &str {
        &self.details.actor.id
    }

    /// The name of who caused it, where it is a person's and may be shown.
    async fn actor_name(&self) -> Option<String> {
        let person: PersonId = self.details.actor.id.parse().ok()?;
        let row = self.scope.network().access.administrators.get(&person)?;
        self.opens().then(|| self.scope.open(&row.name)).flatten()
    }

    /// How whoever caused it was identified.
    async fn means(&self) -> &str {
        &self.details.actor.authentication
    }

    /// The command it follows from.
    async fn command_id(&self) -> ID {
        self.details.command_id.to_string().into()
    }

    /// Why, in the words given with the command; none where none were given, they were erased, or
    /// are not shown to this caller.
    async fn reason(&self) -> Option<String> {
        let slot = self.details.reason.filter(|_| self.opens())?;
        self.scope.open_slot(slot)
    }

    /// What the event says. Confidential values are left out.
    async fn payload(&self) -> Json<Value> {
        let mut payload = self.details.event.payload().to_json().unwrap_or_default();
        replace(&mut payload, &mut |_| None);
        Json(payload)
    }
}
