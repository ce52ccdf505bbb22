//! Notices that end, or would end, a membership: by the member or by the operator, ordinary or for
//! a cause. They are delivered in writing to the other party's contact for the contract (§7 ¶3).
//! Of several the earliest end counts, and all are kept (our decision, domain facts C.3).

mod ending;
mod period;
mod withdrawal;

pub use period::{operator_notice_end, semester_rule};
pub use withdrawal::*;

use super::{ContractParty, Member, MemberRole, change, in_force};
use crate::agreement::contract_contact;
use crate::computation::past_day;
use crate::founding::operator_contact;
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, InstrumentVersion, OrganisationOid};
use crate::{
    AmendmentId, ComputedDate, ContactRole, Context, Decide, Decision, Evolve, Network,
    NoticeChannel, NoticeId, OutageId, PersonId, Rejection, RemarkId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a notice ends the membership otherwise than by its ordinary period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NoticeCause {
    /// A breach that a written remark named and nobody cured in time (contract §7 ¶2).
    Breach(RemarkId),
    /// An outage that outlasted 60 days from its report; the member's cause alone
    /// (contract §7 ¶2).
    Outage(OutageId),
    /// An amendment that the member does not accept; the member's cause alone (contract §7 ¶5).
    Amendment(AmendmentId),
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoticeState {
    /// It stands, and its end is yet to come or to be recorded.
    Running,
    /// Both parties agreed to withdraw it.
    Withdrawn {
        /// The day of the agreement.
        on: Date,
    },
    /// What it was to end has been replaced by another legal basis.
    Superseded {
        /// When.
        at: Instant,
    },
    /// The membership ended by it.
    TookEffect,
    /// The membership ended earlier by another notice.
    Overtaken,
}

/// Why a human should look at a notice: the text is silent, and the system decided by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewGround {
    /// The member's roles changed while the notice ran; those at the notice decided.
    RoleChanged,
    /// The member was told late of the amendment for which it leaves.
    ToldLate,
    /// The amendment for which the member leaves was withdrawn.
    AmendmentWithdrawn,
}

/// How a notice came to the other party in writing (membership contract §7 ¶3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoticeDelivery {
    /// How; none where the member gave it itself in this system.
    pub channel: Option<NoticeChannel>,
    /// The notice itself; none where the member gave it itself in this system, for then the
    /// record is the writing.
    pub document: Option<DocumentReference>,
    /// The other party's contact for the contract, by reference; none where none was named.
    pub contact: Option<PersonId>,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MembershipNotice {
    /// Its identifier.
    pub id: NoticeId,
    /// Who gave it.
    pub by: ContractParty,
    /// Its cause; none for an ordinary notice.
    pub cause: Option<NoticeCause>,
    /// The day on which it was sent.
    pub sent_on: Date,
    /// The day on which the other party's contact received it.
    pub received_on: Date,
    /// How it came in writing, and to whom.
    pub delivery: NoticeDelivery,
    /// The member's roles then.
    pub roles: Vec<MemberRole>,
    /// The instrument that it ends.
    pub instrument: InstrumentVersion,
    /// The end it gives, and what gave that end.
    pub end: ComputedDate,
    /// Where it stands.
    pub state: NoticeState,
    /// Why a human should look at it.
    pub review: Vec<ReviewGround>,
    /// The day on which a human has.
    pub reviewed_on: Option<Date>,
}

/// Gives notice of one's own membership, here and now: the operator has received it today. Only
/// the member itself does so; what reached the operator otherwise is recorded with the writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GiveNotice {
    /// The member that leaves.
    pub member: OrganisationOid,
    /// Why it ends otherwise than after one month; left out for an ordinary notice.
    #[serde(default)]
    pub cause: Option<NoticeCause>,
}

/// Records a member's notice that reached the operator's contact in writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordMemberNotice {
    /// The member that leaves.
    pub member: OrganisationOid,
    /// Why it ends otherwise than after one month; left out for an ordinary notice.
    #[serde(default)]
    pub cause: Option<NoticeCause>,
    /// The day on which it was sent.
    pub sent_on: Date,
    /// The day on which the operator's contact received it.
    pub received_on: Date,
    /// How it came.
    pub channel: NoticeChannel,
    /// The notice as the member wrote it.
    pub document: DocumentReference,
}

/// Records the operator's notice to a member, once the member's contact for the contract has
/// received it in writing (membership contract §7 ¶3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GiveNoticeToMember {
    /// The member whose membership is to end.
    pub member: OrganisationOid,
    /// The remark whose breach was not cured in time; left out for an ordinary notice.
    #[serde(default)]
    pub breach: Option<RemarkId>,
    /// The day on which it was sent.
    pub sent_on: Date,
    /// The day on which the member's contact received it.
    pub received_on: Date,
    /// How it was sent.
    pub channel: NoticeChannel,
    /// The notice as it was sent.
    pub document: DocumentReference,
}

/// Notice was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoticeGiven {
    /// The member.
    pub member: OrganisationOid,
    /// The notice.
    pub notice: NoticeId,
    /// Who gave it.
    pub by: ContractParty,
    /// Its cause; none for an ordinary notice.
    pub cause: Option<NoticeCause>,
    /// The day on which it was sent.
    pub sent_on: Date,
    /// The day on which the other party's contact received it.
    pub received_on: Date,
    /// How it came in writing, and to whom.
    pub delivery: NoticeDelivery,
    /// The member's roles then, which decide.
    pub roles: Vec<MemberRole>,
    /// The instrument that it ends.
    pub instrument: InstrumentVersion,
    /// The end it gives, with the rule and the calendar that gave it.
    pub end: ComputedDate,
    /// When the membership ends by the earliest of all notices that stand.
    pub membership_ends_at: Instant,
    /// Why a human should look at it.
    pub review: Vec<ReviewGround>,
}

/// A notice about to be decided.
struct Notice<'a> {
    member: &'a OrganisationOid,
    by: ContractParty,
    cause: Option<NoticeCause>,
    sent_on: Date,
    received_on: Date,
    /// The channel and the writing; none where the member gives it here.
    writing: Option<(NoticeChannel, &'a DocumentReference)>,
}

impl Decide for GiveNotice {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let today = network.date(context.now);
        let notice = Notice {
            member: &self.member,
            by: ContractParty::Member,
            cause: self.cause,
            sent_on: today,
            received_on: today,
            writing: None,
        };
        notice.decide(network, context)
    }
}

impl Decide for RecordMemberNotice {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let notice = Notice {
            member: &self.member,
            by: ContractParty::Member,
            cause: self.cause,
            sent_on: self.sent_on,
            received_on: self.received_on,
            writing: Some((self.channel, &self.document)),
        };
        notice.decide(network, context)
    }
}

impl Decide for GiveNoticeToMember {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let notice = Notice {
            member: &self.member,
            by: ContractParty::Operator,
            cause: self.breach.map(NoticeCause::Breach),
            sent_on: self.sent_on,
            received_on: self.received_on,
            writing: Some((self.channel, &self.document)),
        };
        notice.decide(network, context)
    }
}

/// Refuses a receipt in the future, or before what was received was sent.
pub(super) fn sent_and_received(
    network: &Network,
    context: &Context<'_>,
    sent_on: Date,
    received_on: Date,
) -> Result<(), Rejection> {
    past_day(network, context, Some(sent_on), "sentOn")?;
    past_day(network, context, Some(received_on), "receivedOn")?;
    if received_on < sent_on {
        return Err(
            Rejection::new("TOO_EARLY", "nothing is received before it is sent")
                .field("receivedOn")
                .remedy("give the day of receipt, on or after that of sending"),
        );
    }
    Ok(())
}

impl Notice<'_> {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = in_force(network, self.member, context.now)?;
        let basis = row
            .legal_basis(context.now)
            .ok_or_else(|| Rejection::unknown("membership in force", "member"))?;
        sent_and_received(network, context, self.sent_on, self.received_on)?;
        if self.received_on < basis.since {
            return Err(Rejection::new(
                "TOO_EARLY",
                "the membership did not rest on its present instrument then",
            )
            .field("receivedOn")
            .remedy(format!("give {} or a later day", basis.since)));
        }
        let roles = self.roles(network, context, row);
        let mut review = Vec::new();
        let end = match self.cause {
            None => self.ordinary_end(network, basis, &roles)?,
            Some(NoticeCause::Breach(remark)) => self.breach_end(network, context, row, remark)?,
            Some(NoticeCause::Outage(outage)) => {
                self.outage_end(network, context, (row, basis), outage)?
            }
            Some(NoticeCause::Amendment(amendment)) => {
                let (end, late) = self.amendment_end(network, context, amendment)?;
                if late {
                    review.push(ReviewGround::ToldLate);
                }
                end
            }
        };
        // The member's month does not depend on its roles; the operator's period does.
        let by_role = self.cause.is_none() && self.by == ContractParty::Operator;
        if by_role && roles != row.roles_at(context.now) {
            review.push(ReviewGround::RoleChanged);
        }
        let same = |notice: &&MembershipNotice| {
            (notice.by, notice.cause, &notice.end) == (self.by, self.cause, &end)
        };
        if row.running_notices().any(|notice| same(&notice)) {
            return Err(super::nothing_to_change(
                "the same notice stands already",
                "member",
            ));
        }
        let earliest = row.ends_at().map_or(end.at, |other| other.min(end.at));
        Ok(vec![
            NoticeGiven {
                member: self.member.clone(),
                notice: NoticeId(context.new_id("notice")),
                by: self.by,
                cause: self.cause,
                sent_on: self.sent_on,
                received_on: self.received_on,
                delivery: self.delivery(network),
                roles,
                instrument: basis.instrument.clone(),
                end,
                membership_ends_at: earliest,
                review,
            }
            .into(),
        ])
    }

    /// How it came in writing: to the contact for the contract whom the other party has named.
    fn delivery(&self, network: &Network) -> NoticeDelivery {
        let contact = match self.by {
            ContractParty::Member => operator_contact(network, ContactRole::Contract),
            ContractParty::Operator => contract_contact(network, self.member),
        };
        NoticeDelivery {
            channel: self.writing.map(|(channel, _)| channel),
            document: self.writing.map(|(_, document)| document.clone()),
            contact,
        }
    }

    /// The roles at the moment of the notice: those of now, or of the end of a past day.
    fn roles(&self, network: &Network, context: &Context<'_>, row: &Member) -> Vec<MemberRole> {
        let last = network
            .zone()
            .end_of(self.received_on)
            .plus(::time::Duration::microseconds(-1));
        row.roles_at(last.min(context.now))
    }
}

impl Evolve for NoticeGiven {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            if let Some(basis) = row.legal_bases.last_mut() {
                basis.window.until = Some(self.membership_ends_at);
            }
            row.notices.push(MembershipNotice {
                id: self.notice,
                by: self.by,
                cause: self.cause,
                sent_on: self.sent_on,
                received_on: self.received_on,
                delivery: self.delivery.clone(),
                roles: self.roles.clone(),
                instrument: self.instrument.clone(),
                end: self.end.clone(),
                state: NoticeState::Running,
                review: self.review.clone(),
                reviewed_on: None,
            });
        });
    }
}

impl Member {
    /// The notices that stand.
    pub fn running_notices(&self) -> impl Iterator<Item = &MembershipNotice> {
        self.notices
            .iter()
            .filter(|notice| notice.state == NoticeState::Running)
    }

    /// The notices at which a human should look and has not.
    pub fn notices_to_review(&self) -> impl Iterator<Item = &MembershipNotice> {
        self.notices
            .iter()
            .filter(|notice| !notice.review.is_empty() && notice.reviewed_on.is_none())
    }

    /// The running notices whose period depends on the member's roles.
    pub(crate) fn notices_by_role(&self) -> Vec<NoticeId> {
        self.running_notices()
            .filter(|notice| notice.by == ContractParty::Operator && notice.cause.is_none())
            .map(|notice| notice.id)
            .collect()
    }

    /// Marks notices for a human, because of what happened while they ran.
    pub(crate) fn mark_notices(&mut self, notices: &[NoticeId], ground: ReviewGround) {
        for notice in &mut self.notices {
            if notices.contains(&notice.id) && !notice.review.contains(&ground) {
                notice.review.push(ground);
                notice.reviewed_on = None;
            }
        }
    }

    /// Settles the notices that stood when the membership ended at `end`.
    pub(crate) fn settle_notices(&mut self, end: Instant) {
        for notice in &mut self.notices {
            if notice.state == NoticeState::Running {
                notice.state = if notice.end.at == end {
                    NoticeState::TookEffect
                } else {
                    NoticeState::Overtaken
                };
            }
        }
    }
}

/// Marks notices of any member for a human.
pub(crate) fn mark_notices(network: &mut Network, notices: &[NoticeId], ground: ReviewGround) {
    let of = |row: &Member| {
        row.notices
            .iter()
            .any(|notice| notices.contains(&notice.id))
    };
    let members: Vec<OrganisationOid> = network
        .members
        .values()
        .filter(|row| of(row))
        .map(|row| row.organisation.clone())
        .collect();
    for member in members {
        change(network, &member, |row| row.mark_notices(notices, ground));
    }
}
