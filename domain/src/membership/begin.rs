//! How a legal basis begins: a new membership with the roles applied for, or another basis for the
//! membership in force, without a gap.

use super::application::{business_id_is_free, open_application};
use super::eligibility::{self, eligible_levels};
use super::legal_basis::{BasisGround, LegalBasisChanged, MembershipStarted};
use super::{Member, MemberRole, RoleGranted};
use crate::time::{Date, Instant};
use crate::value::InstrumentVersion;
use crate::{Context, Decision, Event, InstrumentKind, Network, Rejection};

/// Whether the organisation may hold `roles` under an instrument of this kind today.
pub(super) fn eligible_for(
    network: &Network,
    context: &Context<'_>,
    row: &Member,
    kind: InstrumentKind,
    roles: &[MemberRole],
) -> Result<(), Rejection> {
    eligibility::check(
        Some(&eligible_levels(network, kind, network.date(context.now))),
        roles,
        row.education_provider.as_ref(),
        row.service_purpose.as_ref(),
    )
}

/// A legal basis about to begin.
pub(crate) struct Beginning<'a> {
    pub(crate) instrument: &'a InstrumentVersion,
    pub(crate) kind: InstrumentKind,
    pub(crate) since: Date,
    pub(crate) ground: BasisGround,
}

/// The instant at which what begins on `day` begins: now where that is today, and else at 00:00.
pub(crate) fn start_instant(network: &Network, context: &Context<'_>, day: Date) -> Instant {
    if day == network.date(context.now) {
        context.now
    } else {
        network.zone().start_of(day)
    }
}

/// What follows when a legal basis begins: a new membership with the roles applied for, or
/// another basis for the membership in force.
pub(crate) fn begin(
    network: &Network,
    context: &Context<'_>,
    row: &Member,
    beginning: &Beginning<'_>,
) -> Decision {
    let member = row.organisation.clone();
    let Beginning {
        instrument,
        kind,
        since,
        ground,
    } = beginning;
    let from = start_instant(network, context, *since);
    if let Some(before) = row.legal_basis(context.now) {
        if before.kind != *kind {
            eligible_for(network, context, row, *kind, &row.roles_at(context.now))?;
        }
        // Without a gap also where the day lies before the old basis was recorded as begun.
        if from < before.window.from {
            return Err(Rejection::new(
                "TOO_EARLY",
                "the membership was not in force then under its present instrument",
            )
            .field("organisation")
            .remedy("give a day from the start of the present legal basis on"));
        }
        return Ok(vec![
            LegalBasisChanged {
                member,
                before: before.instrument.clone(),
                instrument: (*instrument).clone(),
                kind: *kind,
                since: *since,
                from,
                ground: ground.clone(),
                superseded: row.running_notices().map(|notice| notice.id).collect(),
            }
            .into(),
        ]);
    }
    if row.ends_at().is_some_and(|end| from < end) {
        return Err(Rejection::new(
            "TOO_EARLY",
            "an earlier membership of this organisation was still in force on that day",
        )
        .field("organisation")
        .remedy("give a day after the end of the earlier membership"));
    }
    // Nobody becomes a member but by an application, and by what holds on this day: since the
    // application somebody else may have joined under the same business ID.
    let (_, application) = open_application(network, &member)?;
    let roles = application.roles.clone();
    eligible_for(network, context, row, *kind, &roles)?;
    business_id_is_free(network, &member, row.business_id.as_ref(), context.now)?;
    let mut events: Vec<Event> = vec![
        MembershipStarted {
            member: member.clone(),
            instrument: (*instrument).clone(),
            kind: *kind,
            since: *since,
            from,
            ground: ground.clone(),
        }
        .into(),
    ];
    events.extend(roles.into_iter().map(|role| {
        Event::from(RoleGranted {
            member: member.clone(),
            role,
            since: *since,
            from,
            notices_to_review: Vec::new(),
        })
    }));
    Ok(events)
}
