//! What is owed in the network at a moment, by whom, until when and why: by members and the
//! operator towards each other, by the owner, and by the steering group.
//!
//! An obligation arises from what is, and is gone when that has changed; each area reads its own
//! from its rows. Recorded is only that one was still open when its last day was over.

use crate::membership::{Assurance, member_obligations};
use crate::time::{Date, Instant};
use crate::value::{OrganisationOid, ShortText};
use crate::{
    AmendmentId, AuditId, Boundary, BreachId, ComplaintId, ComputedDate, ContactRole, Context,
    Decide, Decision, DisclosureId, DisputeId, DueCommand, Evolve, InterruptionId, MisuseId,
    Network, NoticeId, OutageId, Rejection, RemarkId, SelfAuditId, SubjectRequestId, SuspensionId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who owes something.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ObligedParty {
    /// The member, or applicant, that the obligation names.
    Member,
    /// The operator.
    Operator,
    /// The owner.
    Owner,
    /// The steering group.
    SteeringGroup,
}

/// What is owed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ObligationKind {
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
    /// The operator corrects an outage; from the day after the last the member may leave.
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
    /// The operator settles what becomes of a member that the organisation service has closed:
    /// its routes stay until its membership ends (domain facts J.13).
    SettleClosedOrganisation,

    /// The operator names its contact.
    NameOperatorContact(ContactRole),
    /// The owner names its contact.
    NameOwnerContact(ContactRole),

    /// The steering group decides on an amendment in time for its notice.
    DecideAmendment(AmendmentId),
    /// The operator confirms an urgent amendment.
    ConfirmUrgentAmendment(AmendmentId),
    /// The operator announces an amendment on its web site.
    AnnounceAmendment(AmendmentId),
    /// The operator tells the member of an amendment in writing.
    NotifyAmendment(AmendmentId),
    /// The member's receipt of the notice is to be recorded: its time to leave does not run before.
    RecordAmendmentReceipt(AmendmentId),
    /// The member was told late: people decide from when the amendment holds for it.
    DecideLateAmendment(AmendmentId),
    /// The steering group reviews the fees of a year.
    ReviewFees(u16),

    /// The operator tells a controller of a breach.
    NotifyDataBreach(BreachId),
    /// The operator tells the member's technical contact of a suspension.
    InformTechnicalContact(SuspensionId),
    /// A member takes part in clearing a case of misuse up.
    TakePartInMisuseCase(MisuseId),
    /// The operator answers a data subject's request.
    AnswerSubjectRequest(SubjectRequestId),
    /// The operator lets an audit be held that was asked for.
    HoldAudit(AuditId),
    /// The operator hands log data over, or refuses to.
    AnswerLogDisclosure(DisclosureId),
    /// The operator ends maintenance by the time it announced.
    EndInterruption(InterruptionId),
}

impl ObligationKind {
    /// The kind's stable name in upper case, such as `SUBMIT_SELF_AUDIT`.
    pub fn code(&self) -> String {
        let written = format!("{self:?}");
        let name = written.split('(').next().unwrap_or_default();
        let mut code = String::new();
        for character in name.chars() {
            if character.is_ascii_uppercase() && !code.is_empty() {
                code.push('_');
            }
            code.push(character.to_ascii_uppercase());
        }
        code
    }

    /// The thing that it is about, by its typed identifier, where it is about one.
    fn thing(&self) -> Option<String> {
        Some(match self {
            Self::SubmitSelfAudit(id)
            | Self::ReviewSelfAudit(id)
            | Self::PublishSelfAudit(id)
            | Self::RenewSelfAudit(id) => format!("{id:?}"),
            Self::ReviewNotice(id) => format!("{id:?}"),
            Self::RecordRemarkReceipt(id) | Self::DecideOnBreach(id) => format!("{id:?}"),
            Self::CorrectOutage(id) => format!("{id:?}"),
            Self::SetComplaintDeadline(id) | Self::SettleComplaint(id) => format!("{id:?}"),
            Self::DecideDispute(id) => format!("{id:?}"),
            Self::DecideAmendment(id)
            | Self::ConfirmUrgentAmendment(id)
            | Self::AnnounceAmendment(id)
            | Self::NotifyAmendment(id)
            | Self::RecordAmendmentReceipt(id)
            | Self::DecideLateAmendment(id) => format!("{id:?}"),
            Self::NotifyDataBreach(id) => format!("{id:?}"),
            Self::InformTechnicalContact(id) => format!("{id:?}"),
            Self::TakePartInMisuseCase(id) => format!("{id:?}"),
            Self::AnswerSubjectRequest(id) => format!("{id:?}"),
            Self::HoldAudit(id) => format!("{id:?}"),
            Self::AnswerLogDisclosure(id) => format!("{id:?}"),
            Self::EndInterruption(id) => format!("{id:?}"),
            Self::ReviewFees(year) => format!("year:{year}"),
            _ => return None,
        })
    }
}

/// Something owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Obligation {
    /// What is owed.
    pub kind: ObligationKind,
    /// What it is about, by its typed identifier: the thing, or else the member; `network` where
    /// it is the network's own.
    pub subject: String,
    /// The member, applicant or former member that it concerns; none where it is the network's own.
    pub organisation: Option<OrganisationOid>,
    /// Who owes it.
    pub by: ObligedParty,
    /// The last day for it, with what gave that day; none where neither text, rule nor party
    /// named one.
    pub due: Option<ComputedDate>,
    /// Where the obligation comes from.
    pub source: &'static str,
}

impl Obligation {
    /// What is owed, without a last day.
    pub(crate) fn new(
        kind: ObligationKind,
        organisation: Option<&OrganisationOid>,
        by: ObligedParty,
        source: &'static str,
    ) -> Self {
        let whose =
            || organisation.map_or_else(|| "network".to_owned(), |oid| format!("member:{oid}"));
        Self {
            subject: kind.thing().unwrap_or_else(whose),
            kind,
            organisation: organisation.cloned(),
            by,
            due: None,
            source,
        }
    }

    /// With the last day that a rule computed.
    pub(crate) fn until(mut self, due: Option<ComputedDate>) -> Self {
        self.due = due;
        self
    }

    /// With the last day that a party or a text named.
    pub(crate) fn until_day(self, network: &Network, day: Option<Date>) -> Self {
        let due = day.map(|day| last_day(network, day, "NAMED_DAY", self.source));
        self.until(due)
    }

    /// Whether the last day for it is over at `now`.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.due.as_ref().is_some_and(|due| due.at <= now)
    }

    /// Its occurrence, where it has a last day.
    fn fallen_due(&self) -> Option<FallenDue> {
        Some(FallenDue {
            kind: self.kind.code(),
            subject: self.subject.clone(),
            member: self.organisation.clone(),
            due: self.due.as_ref()?.day,
        })
    }
}

/// A day as the last for something, had in full.
pub(crate) fn last_day(network: &Network, day: Date, rule: &str, source: &str) -> ComputedDate {
    let mut due = ComputedDate::start_of(network.zone(), day, day, rule, source);
    due.at = network.zone().end_of(day);
    due.boundary = Boundary::EndOfDay;
    due
}

/// The day on which something arose that is owed without delay, for which the text gives no number:
/// what is still owed on the next day is late (our decision).
pub(crate) fn without_delay(network: &Network, arose: Instant, source: &str) -> ComputedDate {
    last_day(network, network.date(arose), "WITHOUT_DELAY", source)
}

/// Everything that is owed in the network at `now`: the offices' contacts first, then member by
/// member, then the agreement's, the steering group's and the operations'.
pub fn network_obligations(network: &Network, now: Instant) -> Vec<Obligation> {
    let areas: &[fn(&Network, Instant) -> Vec<Obligation>] = &[
        crate::founding::office_obligations,
        member_obligations,
        crate::agreement::agreement_obligations,
        crate::steering::steering_obligations,
        crate::operations::operations_obligations,
    ];
    areas.iter().flat_map(|area| area(network, now)).collect()
}

/// Of everything that is owed, what concerns `member`, or the network's own where that is none:
/// a record of one that fell due does not look at all the members.
fn obligations_of(
    network: &Network,
    member: Option<&OrganisationOid>,
    now: Instant,
) -> Vec<Obligation> {
    let Some(member) = member else {
        let whole = network_obligations(network, now).into_iter();
        return whole.filter(|one| one.organisation.is_none()).collect();
    };
    let mut owed = crate::operations::operations_obligations(network, now);
    owed.retain(|one| one.organisation.as_ref() == Some(member));
    let row = network.members.get(member);
    owed.extend(
        row.into_iter()
            .flat_map(|row| row.obligations(network, now)),
    );
    owed.extend(crate::agreement::amendment_obligations_to(
        network, member, now,
    ));
    owed
}

/// An obligation whose last day was over while it was open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FallenDue {
    /// The code of its kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// The member concerned.
    pub member: Option<OrganisationOid>,
    /// Its last day.
    pub due: Date,
}

/// Records that the last day of an obligation is over while it is still open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordObligationDue {
    /// The code of its kind, such as `SUBMIT_SELF_AUDIT`.
    pub kind: ShortText,
    /// What it is about, by its typed identifier.
    pub subject: ShortText,
    /// The member concerned; left out where it is the network's own.
    #[serde(default)]
    pub member: Option<OrganisationOid>,
    /// Its last day.
    pub due: Date,
}

/// The last day of an obligation was over, and it was still open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObligationFellDue {
    /// The code of its kind.
    pub kind: String,
    /// What it is about, by its typed identifier.
    pub subject: String,
    /// The member concerned; none where it is the network's own.
    pub member: Option<OrganisationOid>,
    /// Who owes it.
    pub by: ObligedParty,
    /// Its last day, with what gave it.
    pub due: ComputedDate,
}

impl Decide for RecordObligationDue {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let occurrence = FallenDue {
            kind: self.kind.as_str().to_owned(),
            subject: self.subject.as_str().to_owned(),
            member: self.member.clone(),
            due: self.due,
        };
        if network.fallen_due.contains(&occurrence) {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this has been recorded")
                    .field("kind")
                    .remedy("nothing needs to be recorded"),
            );
        }
        let owed = obligations_of(network, self.member.as_ref(), context.now)
            .into_iter()
            .find(|one| {
                one.is_overdue(context.now) && one.fallen_due().as_ref() == Some(&occurrence)
            });
        let Some((one, due)) = owed.and_then(|one| Some((one.clone(), one.due?))) else {
            return Err(Rejection::new(
                "WRONG_STATE",
                "nothing of this kind is open whose last day is over",
            )
            .field("kind")
            .remedy("see the obligations that are open; what was done is no longer owed"));
        };
        Ok(vec![
            ObligationFellDue {
                kind: occurrence.kind,
                subject: occurrence.subject,
                member: occurrence.member,
                by: one.by,
                due,
            }
            .into(),
        ])
    }
}

impl Evolve for ObligationFellDue {
    fn evolve(&self, network: &mut Network, at: Instant) {
        let occurrence = FallenDue {
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            member: self.member.clone(),
            due: self.due.day,
        };
        network.fallen_due.insert(occurrence, at);
    }
}

/// The obligations whose last day is over at `now` without a record of it.
pub(crate) fn obligations_due(network: &Network, now: Instant) -> Vec<DueCommand> {
    let unrecorded = |one: Obligation| {
        let occurrence = one.fallen_due()?;
        if !one.is_overdue(now) || network.fallen_due.contains(&occurrence) {
            return None;
        }
        let member = occurrence.member.as_ref();
        Some(DueCommand {
            kind: "obligation",
            subject: format!(
                "{} {} {}",
                occurrence.kind,
                occurrence.subject,
                member.map(ToString::to_string).unwrap_or_default()
            ),
            due: one.due.as_ref()?.at,
            command: RecordObligationDue {
                kind: ShortText::parse(&occurrence.kind).ok()?,
                subject: ShortText::parse(&occurrence.subject).ok()?,
                member: occurrence.member,
                due: occurrence.due,
            }
            .into(),
        })
    };
    network_obligations(network, now)
        .into_iter()
        .filter_map(unrecorded)
        .collect()
}

/// When the next last day is over after `now`, of what is owed now.
pub(crate) fn obligations_next_due(network: &Network, now: Instant) -> Option<Instant> {
    network_obligations(network, now)
        .iter()
        .filter_map(|one| one.due.as_ref().map(|due| due.at))
        .filter(|due| *due > now)
        .min()
}

#[cfg(test)]
mod tests;
