//! What is owed for amendments: the steering group's decision, the operator's announcement and
//! notices, each member's receipt, and what people decide for members told late.

use super::{Amendment, AmendmentPeriods, AmendmentState, amendment_periods, members_to_tell};
use crate::obligation::last_day;
use crate::time::Instant;
use crate::value::OrganisationOid;
use crate::{AmendmentId, Network, Obligation, ObligationKind as Kind, ObligedParty};

const SOURCE: &str = "membership contract §7 ¶5";
const URGENT: &str = "membership contract §7 ¶6";

/// What is owed for amendments at `now`.
pub(crate) fn agreement_obligations(network: &Network, now: Instant) -> Vec<Obligation> {
    let mut owed = Vec::new();
    for (id, amendment) in network.agreement.amendments.iter() {
        owed.extend(own(network, *id, amendment, now));
    }
    for (member, periods) in members_to_tell(network, now) {
        owed.extend(to_member(network, member, &periods, now));
    }
    owed
}

/// What is owed to one member for amendments at `now`, without a look at the others.
pub(crate) fn amendment_obligations_to(
    network: &Network,
    member: &OrganisationOid,
    now: Instant,
) -> Vec<Obligation> {
    let periods = amendment_periods(network, member, now, "member").ok();
    let owed = periods.map(|periods| to_member(network, member, &periods, now));
    owed.unwrap_or_default()
}

/// What is owed for the amendment as a whole.
fn own(network: &Network, id: AmendmentId, amendment: &Amendment, now: Instant) -> Vec<Obligation> {
    let source = match amendment.urgent {
        None => SOURCE,
        Some(_) => URGENT,
    };
    // An urgent one has until its own day, an ordinary one until three months before.
    let last = amendment.notify_by().unwrap_or(amendment.enters_on);
    let due = || Some(last_day(network, last, "AMENDMENT_NOTICE", source));
    let kinds = match amendment.state(now) {
        AmendmentState::Proposed => vec![(Kind::DecideAmendment(id), ObligedParty::SteeringGroup)],
        AmendmentState::Approved => {
            let unconfirmed = amendment.urgent.is_some() && amendment.confirmed_on.is_none();
            let confirm = (Kind::ConfirmUrgentAmendment(id), ObligedParty::Operator);
            let announce = (Kind::AnnounceAmendment(id), ObligedParty::Operator);
            unconfirmed
                .then_some(confirm)
                .into_iter()
                .chain([announce])
                .collect()
        }
        _ => Vec::new(),
    };
    let owed = |(kind, by)| Obligation::new(kind, None, by, source).until(due());
    kinds.into_iter().map(owed).collect()
}

/// What is owed to a member for each approved amendment, but for those that were announced before
/// it became one.
fn to_member(
    network: &Network,
    member: &OrganisationOid,
    periods: &AmendmentPeriods,
    now: Instant,
) -> Vec<Obligation> {
    let today = network.date(now);
    let row = network.members.get(member);
    let since = row
        .and_then(|row| row.window(now))
        .map(|window| window.from);
    let knew_it = |amendment: &Amendment| {
        let announced = amendment.announcement.as_ref().map(|one| one.recorded_at);
        announced.is_some_and(|announced| since.is_some_and(|since| announced < since))
    };
    let mut owed = Vec::new();
    let approved = network.agreement.amendments.iter();
    for (id, amendment) in approved.filter(|(_, one)| one.is_approved() && !knew_it(one)) {
        let last = amendment.notify_by_months(periods.notice_months);
        let due = || last_day(network, last, "AMENDMENT_NOTICE", &periods.source);
        let mut add = |kind, due| {
            let one = Obligation::new(kind, Some(member), ObligedParty::Operator, SOURCE);
            owed.push(one.until(Some(due)));
        };
        let notice = amendment.notices.get(member);
        match notice {
            None => add(Kind::NotifyAmendment(*id), due()),
            Some(notice) if notice.receipt.is_none() => {
                add(Kind::RecordAmendmentReceipt(*id), due());
            }
            Some(_) => {}
        }
        let decided = amendment.late_decisions.contains(member);
        if notice.is_some() && !decided && amendment.is_late_for(member, today) {
            let day = last_day(network, amendment.enters_on, "ENTRY_INTO_FORCE", SOURCE);
            add(Kind::DecideLateAmendment(*id), day);
        }
    }
    owed
}
