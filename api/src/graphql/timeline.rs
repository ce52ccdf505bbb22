//! What happened, with who and when: events of the log as a caller may see them.

use crate::graphql::fault;
use crate::graphql::page::{FoundPage, PAGE_DEFAULT, PAGE_MAX, place};
use crate::graphql::record::{SECRETS, leave_out, replace_named};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::id;
use crate::seer::Seer;
use async_graphql::{ID, Json, Object, Result};
use domain::value::OrganisationOid;
use domain::{Event, Network, PermittedProcessor, PersonId, Side};
use registrar::EventDetails;
use serde_json::Value;
use std::collections::BinaryHeap;

/// How many events are looked at for one answer at most, so that one who may see little does not
/// make the whole log be read.
const LOOKED_AT_MAX: u64 = 20_000;

/// What of the timeline is asked for.
pub(crate) struct TimelineArguments {
    pub(crate) stream: Option<String>,
    pub(crate) before: Option<u64>,
    pub(crate) first: Option<usize>,
    pub(crate) after: Option<String>,
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
        let seer = self.scope.seer();
        match self.subject() {
            own @ (Subject::Organisations(_) | Subject::Services(_)) => own.is_for(seer),
            Subject::Everyone | Subject::Members | Subject::Network => seer.sees_network(),
        }
    }

    fn subject(&self) -> Subject {
        subject(
            self.scope.network(),
            &self.details.stream,
            &self.details.event,
        )
    }

    /// Whether the sealed value of this name is opened: texts that are everybody's to everybody,
    /// what else is somebody's to those whose matter it is. Secrets and end users are nobody's.
    fn opens_field(&self, name: &str) -> bool {
        if NEVER_OPENED.contains(&name) {
            return false;
        }
        let subject = self.subject();
        let shared = matches!(subject, Subject::Everyone | Subject::Members);
        self.opens()
            || (shared && PUBLIC_TEXTS.contains(&name) && subject.is_for(self.scope.seer()))
    }

    /// Leaves other organisations out of the lists of those whom the event concerns.
    fn without_others(&self, payload: &mut Value) {
        let seer = self.scope.seer();
        for name in ["members", "controllers"] {
            if let Some(Value::Array(items)) = payload.get_mut(name) {
                items.retain(|item| {
                    let oid = item.as_str().and_then(|oid| oid.parse().ok());
                    oid.is_none_or(|oid| seer.sees_membership(&oid))
                });
            }
        }
        let reported_by = payload.get("reportedBy").and_then(Value::as_str);
        let reported_by: Option<OrganisationOid> = reported_by.and_then(|oid| oid.parse().ok());
        if reported_by.is_some_and(|oid| !seer.sees_membership(&oid)) {
            payload["reportedBy"] = Value::Null;
        }
    }
}

/// Sealed values that no view opens: end users' identifiers are shown under a recorded request
/// alone, and secrets to nobody.
const NEVER_OPENED: [&str; 3] = ["user", "secret", "privateKey"];

/// Sealed texts of events that are everybody's: why a meeting was called off or an amendment
/// withdrawn, minutes, what interrupts the proxy.
const PUBLIC_TEXTS: [&str; 3] = ["reason", "summary", "description"];

/// Whose matter an event is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Subject {
    /// Everybody's who takes part: the agreement, the rules, the organisation register.
    Everyone,
    /// The members': the steering group and its votes.
    Members,
    /// These organisations', in most events one.
    Organisations(Vec<OrganisationOid>),
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
            Self::Organisations(organisations) => {
                let mut organisations = organisations.iter();
                seer.sees_network() || organisations.any(|oid| seer.sees_membership(oid))
            }
            Self::Services(organisation) => seer.sees(organisation),
            Self::Network => seer.sees_network(),
        }
    }
}

/// Whose matter an event is. What is not known to be somebody's is the network's own.
fn subject(network: &Network, stream: &str, event: &Event) -> Subject {
    match event {
        Event::VoteCast(_) => return Subject::Members,
        Event::SigningKeyPublished(_)
        | Event::SigningKeyActivated(_)
        | Event::SigningKeyRetired(_) => return Subject::Network,
        _ => {}
    }
    let kind = stream.split_once('/').map_or(stream, |(kind, _)| kind);
    // A notice to one member is that member's, although the amendment is everybody's; and what one
    // of those concerned did, or was told, is not the others'.
    let speaks_of_one = match kind {
        "network" | "agreement" | "amendment" | "steering" | "meeting" | "obligation"
        | "misuse" | "breach" => one_of(event),
        _ => None,
    };
    match speaks_of_one {
        Some(one) => own(one.parse().ok()),
        None => subject_of_stream(network, stream),
    }
}

/// Whose matter the events of a stream are, those excepted that speak of one member.
fn subject_of_stream(network: &Network, stream: &str) -> Subject {
    let (kind, key) = stream.split_once('/').unwrap_or((stream, ""));
    match kind {
        "member" => own(key.parse().ok()),
        "network" | "agreement" | "amendment" | "obligation" | "organisation" | "interruption" => {
            Subject::Everyone
        }
        "steering" | "meeting" => Subject::Members,
        "misuse" | "breach" | "permit" => concerned(network, kind, key),
        _ => match owner(network, kind, key) {
            Some(organisation) if is_of_services(network, kind, key) => {
                Subject::Services(organisation)
            }
            organisation => own(organisation),
        },
    }
}

/// Whether a stream that one organisation owns is of its services, and not of its membership.
fn is_of_services(network: &Network, kind: &str, key: &str) -> bool {
    let client = |integration| {
        let row = network.integrations.get(integration);
        row.is_some_and(|row| matches!(row.side, Side::Service(_)))
    };
    kind == "service" || kind == "integration" && key.parse().is_ok_and(client)
}

fn own(organisation: Option<OrganisationOid>) -> Subject {
    organisation.map_or(Subject::Network, |oid| Subject::Organisations(vec![oid]))
}

/// The one organisation that an event of a matter of many speaks of.
fn one_of(event: &Event) -> Option<String> {
    let payload = event.payload().to_json().unwrap_or_default();
    let named = ["member", "controller"].into_iter();
    let mut named = named.filter_map(|name| payload.get(name)?.as_str().map(str::to_owned));
    named.next()
}

/// The organisations that a matter of several concerns.
fn concerned(network: &Network, kind: &str, key: &str) -> Subject {
    let operations = &network.operations;
    let organisations = (|| {
        Some(match kind {
            "misuse" => {
                let row = operations.misuse_cases.get(&key.parse().ok()?)?;
                row.members
                    .iter()
                    .chain(&row.reported_by)
                    .cloned()
                    .collect()
            }
            "breach" => {
                let row = operations.breaches.get(&key.parse().ok()?)?;
                row.controllers.iter().map(|(oid, _)| oid.clone()).collect()
            }
            "permit" => {
                let row = operations.permits.get(&key.parse().ok()?)?;
                let provider = match &row.processor {
                    PermittedProcessor::Provider(of) => Some(of.provider.clone()),
                    PermittedProcessor::Operator(_) => None,
                };
                [row.member.clone()].into_iter().chain(provider).collect()
            }
            _ => return None,
        })
    })();
    organisations.map_or(Subject::Network, Subject::Organisations)
}

/// The organisation that a stream belongs to.
fn owner(network: &Network, kind: &str, key: &str) -> Option<OrganisationOid> {
    let operations = &network.operations;
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
        "suspension" => {
            let row = operations.suspensions.get(&key.parse().ok()?)?;
            Some(row.member.clone())
        }
        "subject_request" => {
            let row = operations.subject_requests.get(&key.parse().ok()?)?;
            Some(row.member.clone())
        }
        "audit" => {
            let row = operations.audits.get(&key.parse().ok()?)?;
            Some(row.member.clone())
        }
        "disclosure" => {
            let row = operations.disclosures.get(&key.parse().ok()?)?;
            Some(row.member.clone())
        }
        _ => None,
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
) -> Result<FoundPage<TimelineEvent>> {
    let scope = scope.clone();
    fault::blocking(move || read(&scope, &arguments)).await?
}

fn read(scope: &Scope, arguments: &TimelineArguments) -> Result<FoundPage<TimelineEvent>> {
    let after: Option<u64> = place(arguments.after.as_deref())?;
    let limits = [arguments.before, after].into_iter().flatten();
    let end = limits.fold(scope.snapshot().position, u64::min);
    let count = arguments.first.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
    let positions: Box<dyn Iterator<Item = u64>> = match &arguments.stream {
        Some(stream) => {
            let positions = scope.snapshot().timeline.positions(stream).rev();
            Box::new(positions.skip_while(move |position| *position >= end))
        }
        None => positions(scope, end),
    };
    let mut positions = positions.peekable();
    let (mut events, mut looked_at) = (Vec::new(), 0);
    let mut last = None;
    while let Some(position) = positions.next_if(|_| events.len() < count) {
        if looked_at == LOOKED_AT_MAX {
            last = Some(position + 1);
            break;
        }
        looked_at += 1;
        last = Some(position);
        let details = scope
            .views()
            .log()
            .details(position)
            .map_err(|_| fault::unavailable())?;
        if let Some(details) = details
            && is_shown(
                scope.seer(),
                scope.network(),
                &details.stream,
                &details.event,
            )
        {
            let event = TimelineEvent::new(scope.clone(), details);
            events.push((position.to_string(), event));
        }
    }
    let ended = events.len() < count || positions.peek().is_none();
    let more = !ended || looked_at == LOOKED_AT_MAX;
    let more_after = last.filter(|_| more).map(|position| position.to_string());
    Ok(FoundPage::new(events, more_after, after.is_some()))
}

/// The event at a position, where it is there and shown to the caller.
pub(crate) fn find_event(scope: &Scope, position: u64) -> Option<TimelineEvent> {
    if position >= scope.snapshot().position {
        return None;
    }
    let details = scope.views().log().details(position).ok()??;
    is_shown(
        scope.seer(),
        scope.network(),
        &details.stream,
        &details.event,
    )
    .then(|| TimelineEvent::new(scope.clone(), details))
}

/// An event of the log.
#[Object(name = "Event")]
impl TimelineEvent {
    /// The identifier of this event as a node: its place in the log, which never changes.
    pub(crate) async fn id(&self) -> ID {
        id("event", self.details.position)
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

    /// What the event says. Texts and personal values are opened for those whose matter it is, the
    /// network's auditors among them; end users' identifiers, secrets and hashes of them never.
    async fn payload(&self) -> Json<Value> {
        let mut payload = self.details.event.payload().to_json().unwrap_or_default();
        self.without_others(&mut payload);
        replace_named(&mut payload, "", &mut |name, slot| {
            self.opens_field(name).then(|| self.scope.open_slot(slot))?
        });
        leave_out(&mut payload, SECRETS);
        Json(payload)
    }
}
