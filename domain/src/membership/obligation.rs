//! What a member or the operator owes the other at a moment, read from the member's row. Nothing
//! here is recorded: an obligation arises from what is, and is gone when that has changed.

use super::{Assurance, BasisGround, ContractParty, Member, MemberRole, SelfAuditState};
use crate::time::{Date, Instant};
use crate::value::OrganisationOid;
use crate::{
    ComplaintId, ContactRole, DisputeId, Network, NoticeId, OutageId, RemarkId, SelfAuditId,
};
use serde::{Deserialize, Serialize};

/// What is owed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MemberObligationKind {
    /// The operator answers an application.
    AnswerApplication,
    /// The operator signs a contract that every signatory of the member has signed.
    SignContract,
    /// The operator confirms a joining notification.
    ConfirmJoiningNotification,
    /// The operator delivers the signed copy of the contract.
    DeliverSignedCopy,
    /// The operator records what makes an accepted home organisation an education provider.
    RecordEligibility,
    /// The member names a contact.
    NameContact(ContactRole),
    /// The member gives an assurance of its role.
    GiveAssurance(Assurance),
    /// The operator asks a home organisation for its first self-audit.
    RequestSelfAudit,
    /// The member submits a self-audit report.
    SubmitSelfAudit(SelfAuditId),
    /// The operator reviews a self-audit report.
    ReviewSelfAudit(SelfAuditId),
    /// The operator publishes an accepted report to the members.
    PublishSelfAudit(SelfAuditId),
    /// The operator asks for the next self-audit.
    RenewSelfAudit(SelfAuditId),
    /// A human looks at a notice on which the text is silent.
    ReviewNotice(NoticeId),
    /// The receipt of a remark is to be recorded: no time for cure runs before.
    RecordRemarkReceipt(RemarkId),
    /// The time for cure is over: whoever made the remark accepts the cure or may give notice.
    DecideOnBreach(RemarkId),
    /// The operator corrects an outage; from the due day on the member may leave because of it.
    CorrectOutage(OutageId),
    /// The operator says until when it mends what a complaint names.
    SetComplaintDeadline(ComplaintId),
    /// The operator mends what a complaint names.
    SettleComplaint(ComplaintId),
    /// The time for negotiation is over: the parties decide how to go on.
    DecideDispute(DisputeId),
    /// A home organisation that leaves chooses what becomes of its data.
    ChooseDataDisposition,
    /// The operator returns or erases the data, as was chosen.
    ReturnOrEraseData,
}

/// Something owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberObligation {
    /// The member whose row it is read from.
    pub member: OrganisationOid,
    /// What is owed.
    pub kind: MemberObligationKind,
    /// Who owes it.
    pub by: ContractParty,
    /// The last day for it, where the text, a rule or a party named one.
    pub due: Option<Date>,
    /// Where it comes from.
    pub source: &'static str,
}

impl MemberObligation {
    /// Whether the last day for it is over on `today`.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.due.is_some_and(|due| due < today)
    }
}

/// What all members and the operator owe each other at `now`, member by member.
pub fn member_obligations(network: &Network, now: Instant) -> Vec<MemberObligation> {
    let members = network.members.values();
    members
        .flat_map(|row| row.obligations(network, now))
        .collect()
}

/// What is gathered of one member.
struct Gathering<'a> {
    row: &'a Member,
    owed: Vec<MemberObligation>,
}

impl Gathering<'_> {
    fn operator(&mut self, kind: MemberObligationKind, due: Option<Date>, source: &'static str) {
        self.add(kind, ContractParty::Operator, due, source);
    }

    fn member(&mut self, kind: MemberObligationKind, due: Option<Date>, source: &'static str) {
        self.add(kind, ContractParty::Member, due, source);
    }

    fn add(
        &mut self,
        kind: MemberObligationKind,
        by: ContractParty,
        due: Option<Date>,
        source: &'static str,
    ) {
        self.owed.push(MemberObligation {
            member: self.row.organisation.clone(),
            kind,
            by,
            due,
            source,
        });
    }
}

impl Member {
    /// What the member and the operator owe each other at `now`.
    pub fn obligations(&self, network: &Network, now: Instant) -> Vec<MemberObligation> {
        let mut gathering = Gathering {
            row: self,
            owed: Vec::new(),
        };
        let today = network.date(now);
        joining(&mut gathering);
        if self.in_force(now) {
            standing(&mut gathering, now);
            self_audit(&mut gathering, now, today);
            breaches(&mut gathering, today);
        }
        open_matters(&mut gathering, now);
        departure(&mut gathering, network, now);
        gathering.owed
    }
}

fn joining(to: &mut Gathering<'_>) {
    use MemberObligationKind as Kind;
    let row = to.row;
    let signed =
        |contract: &super::ContractProcess| contract.is_open() && contract.is_signed_by_member();
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
    let undelivered = |basis: &super::LegalBasis| {
        matches!(basis.ground, BasisGround::SignedContract { .. })
            && basis.copy_delivered_on.is_none()
    };
    if row.legal_bases.last().is_some_and(undelivered) {
        to.operator(Kind::DeliverSignedCopy, None, "membership contract §11");
    }
}

fn standing(to: &mut Gathering<'_>, now: Instant) {
    use MemberObligationKind as Kind;
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
        to.operator(Kind::ReviewNotice(notice.id), Some(notice.end.day), source);
    }
}

fn self_audit(to: &mut Gathering<'_>, now: Instant, today: Date) {
    use MemberObligationKind as Kind;
    const SOURCE: &str = "membership contract §5, home organisation, fourth point";
    let row = to.row;
    if !row.has_role(MemberRole::HomeOrganisation, now) {
        return;
    }
    for audit in &row.self_audits {
        match audit.state {
            SelfAuditState::Draft | SelfAuditState::CorrectionsAsked => {
                to.member(Kind::SubmitSelfAudit(audit.id), audit.due_on, SOURCE);
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
                to.operator(Kind::RenewSelfAudit(id), Some(renewal.day), source);
            }
            Some(_) => {}
        }
    }
}

fn breaches(to: &mut Gathering<'_>, today: Date) {
    use MemberObligationKind as Kind;
    const SOURCE: &str = "membership contract §7 ¶2";
    let row = to.row;
    for remark in row.remarks.iter().filter(|one| one.cured_on.is_none()) {
        match &remark.deadline {
            None => to.operator(Kind::RecordRemarkReceipt(remark.id), None, SOURCE),
            Some(deadline) if deadline.day < today => {
                let kind = Kind::DecideOnBreach(remark.id);
                to.add(kind, remark.by, Some(deadline.day), SOURCE);
            }
            Some(_) => {}
        }
    }
    for outage in row.outages.iter().filter(|one| one.corrected_on.is_none()) {
        let last = outage
            .exit_right
            .as_ref()
            .map(|right| right.day.plus_days(-1));
        to.operator(Kind::CorrectOutage(outage.id), last, SOURCE);
    }
}

fn open_matters(to: &mut Gathering<'_>, now: Instant) {
    use MemberObligationKind as Kind;
    let row = to.row;
    for complaint in row.complaints.iter().filter(|one| one.settled_on.is_none()) {
        let source = "membership contract §5 ¶4";
        match complaint.due_on {
            None => to.operator(Kind::SetComplaintDeadline(complaint.id), None, source),
            due => to.operator(Kind::SettleComplaint(complaint.id), due, source),
        }
    }
    for dispute in row.disputes.iter().filter(|one| one.closed.is_none()) {
        if dispute.negotiation_ends.at <= now {
            let due = Some(dispute.negotiation_ends.day);
            to.operator(
                Kind::DecideDispute(dispute.id),
                due,
                "membership contract §9",
            );
        }
    }
}

fn departure(to: &mut Gathering<'_>, network: &Network, now: Instant) {
    use MemberObligationKind as Kind;
    const SOURCE: &str = "membership contract §7 ¶8";
    let row = to.row;
    let Some(end) = row.ends_at().filter(|_| row.was_home_organisation()) else {
        return;
    };
    match &row.disposition {
        None => to.member(Kind::ChooseDataDisposition, Some(network.date(end)), SOURCE),
        Some(chosen) if chosen.done_on.is_none() && end <= now => {
            to.operator(Kind::ReturnOrEraseData, None, SOURCE);
        }
        Some(_) => {}
    }
}
