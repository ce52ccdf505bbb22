//! What happened, with who and when: events of the log as a caller may see them.

use crate::graphql::fault;
use crate::graphql::page::{PAGE_DEFAULT, PAGE_MAX};
use crate::graphql::record::{SECRETS, leave_out, replace};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::id;
use crate::seer::Seer;
use async_graphql::{ID, Json, Object, Result};
use domain::value::OrganisationOid;
use domain::{Event, Network, PersonId, Side};
use registrar::EventDetails;
use serde_json::Value;
use std::collections::BinaryHeap;

/// How many events are looked at for one answer at most, so that one who may see little does not
/// make the whole log be read.
const LOOKED_AT_MAX: usize = 20_000;

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
        let (seer, details) = (self.scope.seer(), &self.details);
        match subject(self.scope.network(), &details.stream, &details.event) {
            own @ (Subject::Organisation(_) | Subject::Services(_)) => own.is_for(seer),
            Subject::Everyone | Subject::Members | Subject::Network => seer.sees_network(),
        }
    }
}

/// Whose matter an event is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Subject {
    /// Everybody's who takes part: the agreement, the rules, the organisation register.
    Everyone,
    /// The members': the steering group and its votes.
    Members,
    /// One organisation's.
    Organisation(OrganisationOid),
    /// One organisation's, and also of those who see its services alone.
    Services(OrganisationOid),
    /// The operator's, the owner's and the network's auditors' alone.
    Network,
}

impl Subject {
    fn is_for(&self, seer: &Seer) -> bool {
        match self {
            Self::Everyone => seer.participates(),
            Self::Members => seer.is_member(),
            Self::Organisation(organisation) => seer.sees_membership(organisation),
            Self::Services(organisation) => seer.sees(organisation),
            Self::Network => seer.sees_network(),
        }
    }
}

/// Whose matter the events of a stream are, some of them excepted. What is not known to be
/// somebody's is the network's own.
fn subject_of_stream(network: &Network, stream: &str) -> Subject {
    let (kind, key) = stream.split_once('/').unwrap_or((stream, ""));
    match kind {
        "network" | "agreement" | "amendment" | "organisation" => Subject::Everyone,
        "steering" | "meeting" => Subject::Members,
        _ => of_one(network, kind, key).unwrap_or(Subject::Network),
    }
}

/// The subject of a stream that belongs to one organisation.
fn of_one(network: &Network, kind: &str, key: &str) -> Option<Subject> {
    let access = &network.access;
    Some(match kind {
        "member" => Subject::Organisation(key.parse().ok()?),
        "integration" => {
            let row = network.integrations.get(key.parse().ok()?)?;
            let organisation = row.organisation.clone();
            match row.side {
                Side::Home(_) => Subject::Organisation(organisation),
                Side::Service(_) => Subject::Services(organisation),
            }
        }
        "service" => {
            let row = network.services.get(key.parse().ok()?)?;
            Subject::Services(row.organisation.clone()?)
        }
        "access" => {
            let row = access.grants.get(&key.parse().ok()?)?;
            Subject::Organisation(row.organisation.clone()?)
        }
        "credential" => {
            let row = access.credentials.get(&key.parse().ok()?)?;
            Subject::Organisation(row.organisation.clone()?)
        }
        _ => return None,
    })
}

/// Whose matter an event is.
fn subject(network: &Network, stream: &str, event: &Event) -> Subject {
    let shared = subject_of_stream(network, stream);
    if !matches!(shared, Subject::Everyone | Subject::Members) {
        return shared;
    }
    match event {
        Event::VoteCast(_) => return Subject::Members,
        Event::SigningKeyPublished(_)
        | Event::SigningKeyActivated(_)
        | Event::SigningKeyRetired(_) => return Subject::Network,
        _ => {}
    }
    // A notice to one member is that member's, although the amendment is everybody's.
    let payload = event.payload().to_json().unwrap_or_default();
    match payload.get("member").and_then(Value::as_str) {
        Some(member) => member
            .parse()
            .map_or(Subject::Network, Subject::Organisation),
        None => shared,
    }
}

/// Whether an event is shown at all.
pub(crate) fn is_shown(seer: &Seer, network: &Network, stream: &str, event: &Event) -> bool {
    subject(network, stream, event).is_for(seer)
}

/// The positions below `end` of the events that the caller may see, as far as their streams tell,
/// the newest first. Who sees everything walks the log; everybody else the own streams, however
/// far apart their events lie.
fn positions<'a>(scope: &'a Scope, end: u64) -> Box<dyn Iterator<Item = u64> + 'a> {
    let (seer, network) = (scope.seer(), scope.network());
    if seer.sees_network() {
        return Box::new((0..end).rev());
    }
    let timeline = &scope.snapshot().timeline;
    let mut streams: Vec<_> = timeline
        .streams()
        .filter(|stream| subject_of_stream(network, stream).is_for(seer))
        .map(|stream| {
            let positions = timeline.positions(stream).rev();
            positions.skip_while(move |position| *position >= end)
        })
        .collect();
    let mut newest: BinaryHeap<(u64, usize)> = streams
        .iter_mut()
        .enumerate()
        .filter_map(|(stream, positions)| Some((positions.next()?, stream)))
        .collect();
    Box::new(std::iter::from_fn(move || {
        let (position, stream) = newest.pop()?;
        newest.extend(streams[stream].next().map(|next| (next, stream)));
        Some(position)
    }))
}

/// The asked events, newest first.
pub(crate) async fn timeline(
    scope: &Scope,
    arguments: TimelineArguments,
) -> Result<Vec<TimelineEvent>> {
    let scope = scope.clone();
    fault::blocking(move || read(&scope, &arguments)).await?
}

fn read(scope: &Scope, arguments: &TimelineArguments) -> Result<Vec<TimelineEvent>> {
    let end = scope.snapshot().position;
    let end = end.min(arguments.before.unwrap_or(u64::MAX));
    let count = arguments.first.unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
    let positions: Box<dyn Iterator<Item = u64>> = match &arguments.stream {
        Some(stream) => {
            let positions = scope.snapshot().timeline.positions(stream).rev();
            Box::new(positions.filter(|position| *position < end))
        }
        None => positions(scope, end),
    };
    let log = scope.views().log();
    let mut events = Vec::new();
    for position in positions.take(LOOKED_AT_MAX) {
        if events.len() == count {
            break;
        }
        let details = log.details(position).map_err(|_| fault::unavailable())?;
        events.extend(
            details
                .filter(|details| {
                    is_shown(
                        scope.seer(),
                        scope.network(),
                        &details.stream,
                        &details.event,
                    )
                })
                .map(|details| TimelineEvent::new(scope.clone(), details)),
        );
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

    /// What the event says. Confidential values, and hashes of secrets, are left out.
    async fn payload(&self) -> Json<Value> {
        let mut payload = self.details.event.payload().to_json().unwrap_or_default();
        replace(&mut payload, &mut |_| None);
        leave_out(&mut payload, SECRETS);
        Json(payload)
    }
}
