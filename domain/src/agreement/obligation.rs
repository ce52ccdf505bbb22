//! What is owed for amendments: the steering group's decision, the operator's announcement and
//! notices, each member's receipt, and what people decide for members told late.

use super::{Amendment, AmendmentState, members_to_tell};
use crate::obligation::last_day;
use crate::time::Instant;
use crate::{AmendmentId, Network, Obligation, ObligationKind as Kind, ObligedParty};

const SOURCE: &str = "membership contract §7 ¶5";
const URGENT: &str = "membership contract §7 ¶6";

/// What is owed for amendments at `now`.
pub(crate) fn agreement_obligations(network: &Network, now: Instant) -> Vec<Obligation> {
    let mut owed = Vec::new();
    for (id, amendment) in network.agreement.amendments.iter() {
        owed.extend(own(network, *id, amendment, now));
        if amendment.is_approved() {
            to_members(network, *id, amendment, now, &mut owed);
        }
    }
    owed
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

/// What is owed to each member that was one when the amendment was announced.
fn to_members(
    network: &Network,
    id: AmendmentId,
    amendment: &Amendment,
    now: Instant,
    owed: &mut Vec<Obligation>,
) {
    let today = network.date(now);
    let announced = amendment.announcement.as_ref().map(|one| one.recorded_at);
    for (member, periods) in members_to_tell(network, now) {
        let row = network.members.get(member);
        let since = row
            .and_then(|row| row.window(now))
            .map(|window| window.from);
        if announced.is_some_and(|announced| since.is_some_and(|since| announced < since)) {
            continue;
        }
        let notice = amendment.notices.get(member);
        let decided = amendment.late_decisions.contains(member);
        let last = amendment.notify_by_months(periods.notice_months);
        let due = || Some(last_day(network, last, "AMENDMENT_NOTICE", &periods.source));
        let mut add = |kind, due| {
            let one = Obligation::new(kind, Some(member), ObligedParty::Operator, SOURCE);
            owed.push(one.until(due));
        };
        match notice {
            None => add(Kind::NotifyAmendment(id), due()),
            Some(notice) if notice.receipt.is_none() => {
                add(Kind::RecordAmendmentReceipt(id), due());
            }
            Some(_) => {}
        }
        if notice.is_some() && !decided && amendment.is_late_for(member, today) {
            let day = last_day(network, amendment.enters_on, "ENTRY_INTO_FORCE", SOURCE);
            add(Kind::DecideLateAmendment(id), Some(day));
        }
    }
}
