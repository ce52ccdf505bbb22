//! Quality complaints of a member, for which the operator has a reasonable time
//! (membership contract §5 ¶4), and disputes, negotiated for three months (§9).

use super::{change, in_force, known, nothing_to_change, text_key};
use crate::computation::past_day;
use crate::time::{Date, Instant};
use crate::value::{FreeText, OrganisationOid};
use crate::{
    ComplaintId, ComputedDate, Context, Decide, Decision, DisputeId, Evolve, Network, Period,
    Private, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Months for which a dispute is negotiated (membership contract §9).
const NEGOTIATION_MONTHS: u16 = 3;

/// A quality complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QualityComplaint {
    /// Its identifier.
    pub id: ComplaintId,
    /// The day on which it was made.
    pub made_on: Date,
    /// What is wrong, sealed.
    pub description: Private,
    /// The last day of the time that is reasonable for mending it, once it was set.
    pub due_on: Option<Date>,
    /// The day on which it was settled.
    pub settled_on: Option<Date>,
}

/// Complains in writing of the quality of the service, or that its use is prevented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MakeQualityComplaint {
    /// The member.
    pub member: OrganisationOid,
    /// What is wrong.
    pub description: FreeText,
    /// The day on which it was made; today where left out.
    #[serde(default)]
    pub made_on: Option<Date>,
}

/// A quality complaint was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QualityComplaintMade {
    /// The member.
    pub member: OrganisationOid,
    /// The complaint.
    pub complaint: ComplaintId,
    /// The day on which it was made.
    pub made_on: Date,
    /// What is wrong, sealed.
    pub description: Private,
}

impl Decide for MakeQualityComplaint {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        in_force(network, &self.member, context.now)?;
        Ok(vec![
            QualityComplaintMade {
                member: self.member.clone(),
                complaint: ComplaintId(context.new_id("complaint")),
                made_on: past_day(network, context, self.made_on, "madeOn")?,
                description: Private::given(text_key(&self.member), &self.description),
            }
            .into(),
        ])
    }
}

impl Evolve for QualityComplaintMade {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            row.complaints.push(QualityComplaint {
                id: self.complaint,
                made_on: self.made_on,
                description: self.description.clone(),
                due_on: None,
                settled_on: None,
            });
        });
    }
}

fn open_complaint<'a>(
    network: &'a Network,
    member: &OrganisationOid,
    id: ComplaintId,
) -> Result<&'a QualityComplaint, Rejection> {
    let complaints = &known(network, member, "member")?.complaints;
    let complaint = complaints
        .iter()
        .find(|complaint| complaint.id == id)
        .ok_or_else(|| Rejection::unknown("complaint of this member", "complaint"))?;
    if complaint.settled_on.is_some() {
        return Err(nothing_to_change("the complaint is settled", "complaint"));
    }
    Ok(complaint)
}

fn change_complaint(
    network: &mut Network,
    member: &OrganisationOid,
    id: ComplaintId,
    then: impl FnOnce(&mut QualityComplaint),
) {
    change(network, member, |row| {
        if let Some(complaint) = row.complaints.iter_mut().find(|one| one.id == id) {
            then(complaint);
        }
    });
}

/// Sets until when a complaint is to be mended; the agreement says a reasonable time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetComplaintDeadline {
    /// The member.
    pub member: OrganisationOid,
    /// The complaint.
    pub complaint: ComplaintId,
    /// The last day; not before the complaint, and within two years of it.
    pub due_on: Date,
}

/// Until when a complaint is to be mended was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComplaintDeadlineSet {
    /// The member.
    pub member: OrganisationOid,
    /// The complaint.
    pub complaint: ComplaintId,
    /// The last day.
    pub due_on: Date,
}

impl Decide for SetComplaintDeadline {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let complaint = open_complaint(network, &self.member, self.complaint)?;
        let reasonable = complaint.made_on..=complaint.made_on.plus_months(24);
        if !reasonable.contains(&self.due_on) {
            return Err(Rejection::new(
                "OUT_OF_RANGE",
                "the day lies outside what can be a reasonable time",
            )
            .field("dueOn")
            .remedy(format!(
                "give a day from {} to {}",
                reasonable.start(),
                reasonable.end()
            ))
            .rule("membership contract §5 ¶4; the bound is our decision"));
        }
        if complaint.due_on == Some(self.due_on) {
            return Err(nothing_to_change("this day is set already", "dueOn"));
        }
        Ok(vec![
            ComplaintDeadlineSet {
                member: self.member.clone(),
                complaint: self.complaint,
                due_on: self.due_on,
            }
            .into(),
        ])
    }
}

impl Evolve for ComplaintDeadlineSet {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change_complaint(network, &self.member, self.complaint, |complaint| {
            complaint.due_on = Some(self.due_on);
        });
    }
}

/// Records that a complaint was settled, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettleQualityComplaint {
    /// The member.
    pub member: OrganisationOid,
    /// The complaint.
    pub complaint: ComplaintId,
    /// How it was settled.
    pub outcome: FreeText,
    /// The day; today where left out.
    #[serde(default)]
    pub settled_on: Option<Date>,
}

/// A complaint was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QualityComplaintSettled {
    /// The member.
    pub member: OrganisationOid,
    /// The complaint.
    pub complaint: ComplaintId,
    /// The day.
    pub settled_on: Date,
    /// How it was settled, sealed.
    pub outcome: Private,
}

impl Decide for SettleQualityComplaint {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let complaint = open_complaint(network, &self.member, self.complaint)?;
        let settled_on = past_day(network, context, self.settled_on, "settledOn")?;
        if settled_on < complaint.made_on {
            return Err(Rejection::new("TOO_EARLY", "the complaint was made later")
                .field("settledOn")
                .remedy("give the day on which it was settled"));
        }
        Ok(vec![
            QualityComplaintSettled {
                member: self.member.clone(),
                complaint: self.complaint,
                settled_on,
                outcome: Private::given(text_key(&self.member), &self.outcome),
            }
            .into(),
        ])
    }
}

impl Evolve for QualityComplaintSettled {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change_complaint(network, &self.member, self.complaint, |complaint| {
            complaint.settled_on = Some(self.settled_on);
        });
    }
}

/// How a dispute ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisputeOutcome {
    /// The parties agreed.
    Agreed,
    /// Whoever raised it gave it up.
    GivenUp,
    /// The Helsinki District Court decided it (membership contract §9).
    DecidedByCourt,
}

/// A dispute about the agreement between a member and the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
    /// Its identifier.
    pub id: DisputeId,
    /// The day on which it was opened.
    pub opened_on: Date,
    /// What it is about, sealed.
    pub matter: Private,
    /// When the time for negotiation is over; then the parties must decide how to go on.
    pub negotiation_ends: ComputedDate,
    /// The day on which it was closed, and how.
    pub closed: Option<(Date, DisputeOutcome)>,
}

/// Opens a dispute about the agreement between a member and the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenDispute {
    /// The member, in force or not: disputes outlive memberships.
    pub member: OrganisationOid,
    /// What it is about.
    pub matter: FreeText,
    /// The day on which it was opened; today where left out.
    #[serde(default)]
    pub opened_on: Option<Date>,
}

/// A dispute was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisputeOpened {
    /// The member.
    pub member: OrganisationOid,
    /// The dispute.
    pub dispute: DisputeId,
    /// The day on which it was opened.
    pub opened_on: Date,
    /// What it is about, sealed.
    pub matter: Private,
    /// When the time for negotiation is over.
    pub negotiation_ends: ComputedDate,
}

impl Decide for OpenDispute {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.member, "member")?;
        if row.legal_bases.is_empty() {
            return Err(Rejection::new(
                "NOT_A_MEMBER",
                "without an agreement there is no dispute about it",
            )
            .field("member")
            .remedy("check the identifier")
            .rule("membership contract §9"));
        }
        let opened_on = past_day(network, context, self.opened_on, "openedOn")?;
        Ok(vec![
            DisputeOpened {
                member: self.member.clone(),
                dispute: DisputeId(context.new_id("dispute")),
                opened_on,
                matter: Private::given(text_key(&self.member), &self.matter),
                negotiation_ends: ComputedDate::end_of_period(
                    network.zone(),
                    opened_on,
                    Period::Months(NEGOTIATION_MONTHS),
                    "NEGOTIATION",
                    "membership contract §9: three months of negotiation",
                ),
            }
            .into(),
        ])
    }
}

impl Evolve for DisputeOpened {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            row.disputes.push(Dispute {
                id: self.dispute,
                opened_on: self.opened_on,
                matter: self.matter.clone(),
                negotiation_ends: self.negotiation_ends.clone(),
                closed: None,
            });
        });
    }
}

/// Closes a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloseDispute {
    /// The member.
    pub member: OrganisationOid,
    /// The dispute.
    pub dispute: DisputeId,
    /// How it ended.
    pub outcome: DisputeOutcome,
    /// The day; today where left out.
    #[serde(default)]
    pub closed_on: Option<Date>,
    /// What was agreed or decided.
    #[serde(default)]
    pub settlement: Option<FreeText>,
}

/// A dispute was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisputeClosed {
    /// The member.
    pub member: OrganisationOid,
    /// The dispute.
    pub dispute: DisputeId,
    /// How it ended.
    pub outcome: DisputeOutcome,
    /// The day.
    pub closed_on: Date,
    /// What was agreed or decided, sealed.
    pub settlement: Option<Private>,
}

impl Decide for CloseDispute {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let disputes = &known(network, &self.member, "member")?.disputes;
        let dispute = disputes
            .iter()
            .find(|dispute| dispute.id == self.dispute)
            .ok_or_else(|| Rejection::unknown("dispute of this member", "dispute"))?;
        if dispute.closed.is_some() {
            return Err(nothing_to_change("the dispute is closed", "dispute"));
        }
        let closed_on = past_day(network, context, self.closed_on, "closedOn")?;
        if closed_on < dispute.opened_on {
            return Err(Rejection::new("TOO_EARLY", "the dispute was opened later")
                .field("closedOn")
                .remedy("give the day on which it was closed"));
        }
        let settlement = self.settlement.as_ref();
        Ok(vec![
            DisputeClosed {
                member: self.member.clone(),
                dispute: self.dispute,
                outcome: self.outcome,
                closed_on,
                settlement: settlement.map(|text| Private::given(text_key(&self.member), text)),
            }
            .into(),
        ])
    }
}

impl Evolve for DisputeClosed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            if let Some(dispute) = row.disputes.iter_mut().find(|one| one.id == self.dispute) {
                dispute.closed = Some((self.closed_on, self.outcome));
            }
        });
    }
}
