//! What happens while the proxy runs: interruptions, suspensions of end users, misuse.

use crate::graphql::input::Word;
use crate::graphql::organisation::OrganisationView;
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::{Window, id};
use async_graphql::{ID, SimpleObject};
use domain::{
    EndUserSuspensionGround, Environment, IntegrationId, Interruption, InterruptionGround,
    InterruptionId, MisuseCase, MisuseId, MisuseOutcome, NoticeChannel, ServiceId, Suspension,
    SuspensionId,
};

/// Maintenance or an interruption of the proxy (membership contract §6 ¶4).
#[derive(Clone, SimpleObject)]
#[graphql(name = "Interruption")]
pub(crate) struct InterruptionView {
    /// The interruption.
    pub(crate) id: ID,
    /// Where logins are concerned.
    environments: Vec<Word<Environment>>,
    /// When it was announced; none where it was not.
    announced_at: Option<scalar::Instant>,
    /// When it was planned to last, where it was announced.
    planned: Option<Window>,
    /// What was announced.
    announcement: Option<String>,
    /// Where more is said of it.
    address: Option<String>,
    /// When it was called off.
    cancelled_at: Option<scalar::Instant>,
    /// When it began.
    started_at: Option<scalar::Instant>,
    /// Why it was not announced, where it was not.
    ground: Option<Word<InterruptionGround>>,
    /// What happened.
    description: Option<String>,
    /// When it ended.
    ended_at: Option<scalar::Instant>,
    /// While nobody was let through, where the service was suspended.
    suspends: Option<Window>,
}

/// Whether an interruption runs, or is announced and neither over nor called off.
pub(super) fn is_open(scope: &Scope, row: &Interruption) -> bool {
    let to_come = row.start.is_none()
        && row.maintenance.as_ref().is_some_and(|maintenance| {
            let over = maintenance.planned.until;
            maintenance.cancelled_at.is_none() && over.is_none_or(|over| scope.now() < over)
        });
    row.is_running() || to_come
}

impl InterruptionView {
    /// Interruptions concern everybody.
    pub(crate) fn is_shown(scope: &Scope) -> bool {
        scope.seer().participates()
    }

    pub(crate) fn new(scope: &Scope, key: InterruptionId, row: &Interruption) -> Self {
        let (maintenance, start) = (row.maintenance.as_ref(), row.start.as_ref());
        Self {
            id: id(InterruptionId::KIND, key),
            environments: row.environments.iter().copied().map(Word).collect(),
            announced_at: maintenance.map(|of| scalar::Instant(of.announced_at)),
            planned: maintenance.map(|of| of.planned.into()),
            announcement: maintenance.map(|of| of.description.clone()),
            address: maintenance.and_then(|of| of.address.as_ref().map(ToString::to_string)),
            cancelled_at: maintenance.and_then(|of| of.cancelled_at.map(scalar::Instant)),
            started_at: start.map(|start| scalar::Instant(start.started_at)),
            ground: start.and_then(|start| start.ground.map(Word)),
            description: start.and_then(|start| scope.open(&start.description)),
            ended_at: row.ended_at.map(scalar::Instant),
            suspends: row.suspends.map(Into::into),
        }
    }
}

/// The suspension of an end user, who is not named (membership contract §6 ¶8).
#[derive(Clone, SimpleObject)]
#[graphql(name = "Suspension")]
pub(crate) struct SuspensionView {
    /// The suspension.
    pub(crate) id: ID,
    /// The user's home organisation.
    organisation: OrganisationView,
    /// The integration in whose source system the user is known.
    integration: ID,
    /// The services that it keeps the user from; none means all of them.
    services: Option<Vec<ID>>,
    /// On what ground.
    ground: Word<EndUserSuspensionGround>,
    /// Why, in words.
    reason: Option<String>,
    /// When it holds.
    window: Window,
    /// When the technical contact was told.
    informed_at: Option<scalar::Instant>,
    /// How the technical contact was told.
    informed_by: Option<Word<NoticeChannel>>,
    /// After how many minutes the technical contact was told.
    informed_after_minutes: Option<u64>,
    /// Why it was lifted, in words.
    reinstated_because: Option<String>,
}

impl SuspensionView {
    pub(crate) fn is_shown(scope: &Scope, row: &Suspension) -> bool {
        scope.seer().sees_membership(&row.member)
    }

    pub(crate) fn new(scope: &Scope, key: SuspensionId, row: &Suspension) -> Self {
        let informed = row.informed.as_ref();
        let services = row.services.as_ref();
        Self {
            id: id(SuspensionId::KIND, key),
            organisation: OrganisationView::new(scope.clone(), row.member.clone()),
            integration: id(IntegrationId::KIND, row.integration),
            services: services.map(|services| {
                let ids = services.iter();
                ids.map(|service| id(ServiceId::KIND, service)).collect()
            }),
            ground: Word(row.ground),
            reason: scope.open(&row.reason),
            window: row.window.into(),
            informed_at: informed.map(|informed| scalar::Instant(informed.informed_at)),
            informed_by: informed.map(|informed| Word(informed.channel)),
            informed_after_minutes: informed.map(|informed| informed.delay_minutes),
            reinstated_because: row
                .reinstated_because
                .as_ref()
                .and_then(|reason| scope.open(reason)),
        }
    }
}

/// A case of suspected misuse, as those see it whom it concerns (membership contract §5 ¶5).
#[derive(Clone, SimpleObject)]
#[graphql(name = "MisuseCase")]
pub(crate) struct MisuseView {
    /// The case.
    pub(crate) id: ID,
    /// Who reported it; none where the operator noticed it, or it was another organisation.
    reported_by: Option<OrganisationView>,
    /// The day on which it was noticed.
    noticed_on: scalar::Date,
    /// What is suspected.
    description: Option<String>,
    /// The members concerned that the caller may see.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    members: Vec<OrganisationView>,
    /// What those members did to clear it up.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    participations: Vec<ParticipationView>,
    /// Those members that have done nothing so far.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    silent_members: Vec<OrganisationView>,
    /// The day on which it was closed.
    closed_on: Option<scalar::Date>,
    /// How it ended.
    outcome: Option<Word<MisuseOutcome>>,
    /// What was found.
    finding: Option<String>,
}

/// What a member did to clear a case up.
#[derive(Clone, SimpleObject)]
#[graphql(name = "MisuseParticipation")]
pub(crate) struct ParticipationView {
    /// The member.
    member: OrganisationView,
    /// The day.
    took_part_on: scalar::Date,
    /// What it did.
    contribution: Option<String>,
}

impl MisuseView {
    pub(crate) fn is_shown(scope: &Scope, row: &MisuseCase) -> bool {
        let concerned = row.members.iter().chain(&row.reported_by);
        scope.seer().sees_network() || concerned.into_iter().any(|oid| sees(scope, oid))
    }

    pub(crate) fn new(scope: &Scope, key: MisuseId, row: &MisuseCase) -> Self {
        let view = |oid: &domain::value::OrganisationOid| {
            OrganisationView::new(scope.clone(), oid.clone())
        };
        let own = |oid: &&domain::value::OrganisationOid| sees(scope, oid);
        let participations = row.participations.iter();
        Self {
            id: id(MisuseId::KIND, key),
            reported_by: row.reported_by.as_ref().filter(own).map(view),
            noticed_on: scalar::Date(row.noticed_on),
            description: scope.open(&row.description),
            members: row.members.iter().filter(own).map(view).collect(),
            participations: participations
                .filter(|part| sees(scope, &part.member))
                .map(|part| ParticipationView {
                    member: view(&part.member),
                    took_part_on: scalar::Date(part.took_part_on),
                    contribution: scope.open(&part.contribution),
                })
                .collect(),
            silent_members: row.silent_members().filter(own).map(view).collect(),
            closed_on: row.closed_on.map(scalar::Date),
            outcome: row.outcome.map(Word),
            finding: row.finding.as_ref().and_then(|text| scope.open(text)),
        }
    }
}

fn sees(scope: &Scope, organisation: &domain::value::OrganisationOid) -> bool {
    scope.seer().sees_membership(organisation)
}
