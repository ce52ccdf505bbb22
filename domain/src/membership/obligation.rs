//! What a member or the operator owes the other at a moment, read from the member's row.

use super::{
    Assurance, BasisGround, ContractParty, ContractProcess, LegalBasis, Member, MemberRole,
    SelfAuditState,
};
use crate::obligation::last_day;
use crate::time::{Date, Instant};
use crate::{ComputedDate, ContactRole, Network, Obligation, ObligationKind, ObligedParty};

/// What all members and the operator owe each other at `now`, member by member.
pub(crate) fn member_obligations(network: &Network, now: Instant) -> Vec<Obligation> {
    let members = network.members.values();
    members
        .flat_map(|row| row.obligations(network, now))
        .collect()
}

/// What is gathered of one member.
struct Gathering<'a> {
    network: &'a Network,
    row: &'a Member,
    owed: Vec<Obligation>,
}

impl Gathering<'_> {
    fn operator(&mut self, kind: ObligationKind, due: Option<ComputedDate>, source: &'static str) {
        self.add(kind, ObligedParty::Operator, due, source);
    }

    fn member(&mut self, kind: ObligationKind, due: Option<ComputedDate>, source: &'static str) {
        self.add(kind, ObligedParty::Member, due, source);
    }

    fn add(
        &mut self,
        kind: ObligationKind,
        by: ObligedParty,
        due: Option<ComputedDate>,
        source: &'static str,
    ) {
        let organisation = Some(&self.row.organisation);
        let owed = Obligation::new(kind, organisation, by, source);
        self.owed.push(owed.until(due));
    }

    /// The last day as a party named it.
    fn named(&self, day: Option<Date>, source: &str) -> Option<ComputedDate> {
        day.map(|day| last_day(self.network, day, "NAMED_DAY", source))
    }
}

impl Member {
    /// What the member and the operator owe each other at `now`.
    pub fn obligations(&self, network: &Network, now: Instant) -> Vec<Obligation> {
        let mut gathering = Gathering {
            network,
            row: self,
            owed: Vec::new(),
        };
        let today = network.date(now);
        joining(&mut gathering);
        if self.in_force(now) {
            standing(&mut gathering, now);
            self_audit(&mut gathering, now, today);
            breaches(&mut gathering, now);
        }
        open_matters(&mut gathering, now);
        departure(&mut gathering, network, now);
        gathering.owed
    }
}

fn joining(to: &mut Gathering<'_>) {
    use ObligationKind as Kind;
    let row = to.row;
    let signed = |contract: &ContractProcess| contract.is_open() && contract.is_signed_by_member();
    if row.terms.is_some() {
        to.operator(
            Kind::ConfirmJoiningNotification,
            None,
            "service card of 2023",
        );
    } else if row.contract.as_ref().is_some_and(signed) {
        to.operator(Kind::SignContract, None, "membership contract §4 ¶6");
    } else if row.open_application().is_some() && row.contract.is_none() {
        to.operator(
            Kind::AnswerApplication,
            None,
            "joining page of the agreement",
        );
    }
    let undelivered = |basis: &LegalBasis| {
        matches!(basis.ground, BasisGround::SignedContract { .. })
            && basis.copy_delivered_on.is_none()
    };
    if row.legal_bases.last().is_some_and(undelivered) {
        to.operator(Kind::DeliverSignedCopy, None, "membership contract §11");
    }
}

fn standing(to: &mut Gathering<'_>, now: Instant) {
    use ObligationKind as Kind;
    let row = to.row;
    let roles = row.roles_at(now);
    let unknown = row.education_provider.as_ref();
    if roles.contains(&MemberRole::HomeOrganisation)
        && unknown.is_some_and(|education| education.basis.is_empty())
    {
        to.operator(Kind::RecordEligibility, None, "membership contract §3");
    }
    let contacts = [
        (ContactRole::Contract, "membership contract §2"),
        (ContactRole::Administrative, "membership contract §5 ¶3"),
        (ContactRole::Technical, "membership contract §5 ¶3"),
        (ContactRole::NoticeAddress, "membership contract §5 ¶3"),
    ];
    for (role, source) in contacts {
        if row.contact(role).is_none() {
            to.member(Kind::NameContact(role), None, source);
        }
    }
    let assurances = [
        Assurance::FirstIdentification,
        Assurance::RulesOfUse,
        Assurance::InformingSubjects,
        Assurance::ServicesMeetAnnex1,
    ];
    for assurance in assurances {
        if roles.contains(&assurance.role()) && row.assurance(assurance).is_none() {
            to.member(
                Kind::GiveAssurance(assurance),
                None,
                "membership contract §5",
            );
        }
    }
    for notice in row.notices_to_review() {
        let source = "our decision, domain facts C.3";
        let due = Some(notice.end.clone());
        to.operator(Kind::ReviewNotice(notice.id), due, source);
    }
    let register = &to.network.organisations;
    if register
        .get(&row.organisation)
        .is_some_and(|known| !known.is_active())
    {
        let source = "our decision, domain facts J.13";
        to.operator(Kind::SettleClosedOrganisation, None, source);
    }
}

fn self_audit(to: &mut Gathering<'_>, now: Instant, today: Date) {
    use ObligationKind as Kind;
    const SOURCE: &str = "membership contract §5, home organisation, fourth point";
    let row = to.row;
    if !row.has_role(MemberRole::HomeOrganisation, now) {
        return;
    }
    for audit in &row.self_audits {
        match audit.state {
            SelfAuditState::Draft | SelfAuditState::CorrectionsAsked => {
                let due = to.named(audit.due_on, SOURCE);
                to.member(Kind::SubmitSelfAudit(audit.id), due, SOURCE);
            }
            SelfAuditState::Submitted => {
                to.operator(Kind::ReviewSelfAudit(audit.id), None, SOURCE);
            }
            SelfAuditState::Accepted => {
                to.operator(Kind::PublishSelfAudit(audit.id), None, SOURCE);
            }
            SelfAuditState::Published => {}
        }
    }
    let accepted = row.accepted_self_audit();
    if row.open_self_audit().is_none() {
        match accepted.map(|audit| (audit.id, audit.renewal.as_ref())) {
            None => to.operator(Kind::RequestSelfAudit, None, "take-into-use page, item 5"),
            Some((id, Some(renewal))) if renewal.day <= today.plus_days(30) => {
                let source = "the rule selfAuditRenewal";
                to.operator(Kind::RenewSelfAudit(id), Some(renewal.clone()), source);
            }
            Some(_) => {}
        }
    }
}

fn breaches(to: &mut Gathering<'_>, now: Instant) {
    use ObligationKind as Kind;
    const SOURCE: &str = "membership contract §7 ¶2";
    let row = to.row;
    for remark in row.remarks.iter().filter(|one| one.cured_on.is_none()) {
        match &remark.deadline {
            None => to.operator(Kind::RecordRemarkReceipt(remark.id), None, SOURCE),
            Some(deadline) if deadline.at <= now => {
                let by = match remark.by {
                    ContractParty::Member => ObligedParty::Member,
                    ContractParty::Operator => ObligedParty::Operator,
                };
                let kind = Kind::DecideOnBreach(remark.id);
                to.add(kind, by, Some(deadline.clone()), SOURCE);
            }
            Some(_) => {}
        }
    }
    for outage in row.outages.iter().filter(|one| one.corrected_on.is_none()) {
        // The last moment before the member may leave is that of the day before.
        let last = outage.exit_right.clone().map(|right| ComputedDate {
            day: right.day.plus_days(-1),
            boundary: crate::Boundary::EndOfDay,
            ..right
        });
        to.operator(Kind::CorrectOutage(outage.id), last, SOURCE);
    }
}

fn open_matters(to: &mut Gathering<'_>, now: Instant) {
    use ObligationKind as Kind;
    let row = to.row;
    for complaint in row.complaints.iter().filter(|one| one.settled_on.is_none()) {
        let source = "membership contract §5 ¶4";
        let due = to.named(complaint.due_on, source);
        let kind = match due {
            None => Kind::SetComplaintDeadline(complaint.id),
            Some(_) => Kind::SettleComplaint(complaint.id),
        };
        to.operator(kind, due, source);
    }
    for dispute in row.disputes.iter().filter(|one| one.closed.is_none()) {
        if dispute.negotiation_ends.at <= now {
            let due = Some(dispute.negotiation_ends.clone());
            to.operator(
                Kind::DecideDispute(dispute.id),
                due,
                "membership contract §9",
            );
        }
    }
}

fn departure(to: &mut Gathering<'_>, network: &Network, now: Instant) {
    use ObligationKind as Kind;
    const SOURCE: &str = "membership contract §7 ¶8";
    let row = to.row;
    let Some(end) = row.ends_at().filter(|_| row.was_home_organisation()) else {
        return;
    };
    match &row.disposition {
        None => {
            let due = last_day(network, network.date(end), "END_OF_MEMBERSHIP", SOURCE);
            to.member(Kind::ChooseDataDisposition, Some(due), SOURCE);
        }
        Some(chosen) if chosen.done_on.is_none() && end <= now => {
            to.operator(Kind::ReturnOrEraseData, None, SOURCE);
        }
        Some(_) => {}
    }
}
