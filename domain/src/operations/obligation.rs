//! What is owed while the network runs: by the operator to the controllers whose data it
//! processes, and by members in cases of misuse.

use crate::obligation::{last_day, without_delay};
use crate::time::Instant;
use crate::{Network, Obligation, ObligationKind as Kind, ObligedParty};

/// What is owed of operations at `now`.
pub(crate) fn operations_obligations(network: &Network, _: Instant) -> Vec<Obligation> {
    let mut owed = Vec::new();
    processor(network, &mut owed);
    service(network, &mut owed);
    owed
}

/// The duties of a processor (membership contract §6 ¶7, ¶9).
fn processor(network: &Network, owed: &mut Vec<Obligation>) {
    let operations = &network.operations;
    let by = ObligedParty::Operator;
    for (id, breach) in operations.breaches.iter() {
        let source = "membership contract §6 ¶9, eighth duty: without undue delay";
        for controller in breach.untold() {
            let one = Obligation::new(Kind::NotifyDataBreach(*id), Some(controller), by, source);
            owed.push(one.until(Some(without_delay(network, breach.detected_at, source))));
        }
    }
    for (id, request) in operations.subject_requests.iter() {
        if request.answered_on.is_none() {
            let kind = Kind::AnswerSubjectRequest(*id);
            let source = "membership contract §6 ¶9, fifth duty";
            owed.push(Obligation::new(kind, Some(&request.member), by, source));
        }
    }
    for (id, audit) in operations.audits.iter() {
        if audit.held.is_none() {
            let source = "membership contract §6 ¶9, sixth duty";
            owed.push(Obligation::new(
                Kind::HoldAudit(*id),
                Some(&audit.member),
                by,
                source,
            ));
        }
    }
    for (id, disclosure) in operations.disclosures.iter() {
        if disclosure.is_open() {
            let kind = Kind::AnswerLogDisclosure(*id);
            let source = "membership contract §6 ¶7";
            owed.push(Obligation::new(kind, Some(&disclosure.member), by, source));
        }
    }
}

/// Suspensions, misuse, and maintenance that outlasts its announcement.
fn service(network: &Network, owed: &mut Vec<Obligation>) {
    let operations = &network.operations;
    let by = ObligedParty::Operator;
    for (id, suspension) in operations.suspensions.iter() {
        if suspension.informed.is_none() {
            let kind = Kind::InformTechnicalContact(*id);
            let source = "membership contract §6 ¶8: without delay";
            let one = Obligation::new(kind, Some(&suspension.member), by, source);
            owed.push(one.until(Some(without_delay(network, suspension.window.from, source))));
        }
    }
    for (id, case) in operations.misuse_cases.iter() {
        if case.closed_on.is_none() {
            for member in case.silent_members() {
                let kind = Kind::TakePartInMisuseCase(*id);
                let source = "membership contract §5 ¶5";
                let by = ObligedParty::Member;
                owed.push(Obligation::new(kind, Some(member), by, source));
            }
        }
    }
    for (id, interruption) in operations.interruptions.iter() {
        let planned = interruption.maintenance.as_ref().map(|one| one.planned);
        if let Some(end) = planned.and_then(|planned| planned.until)
            && interruption.is_running()
        {
            let source = "membership contract §6 ¶4: announced in advance";
            let mut due = last_day(network, network.date(end), "ANNOUNCED_END", source);
            due.at = end;
            let one = Obligation::new(Kind::EndInterruption(*id), None, by, source);
            owed.push(one.until(Some(due)));
        }
    }
}
