//! Members that were told late of an amendment, or learned of it late: the text does not say from
//! when it holds for them. They are flagged, and what people decide is recorded; the system
//! decides nothing (domain facts C.4).

use super::amendment::{find, wrong_state};
use super::{not_a_member, not_too_far};
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, OrganisationOid};
use crate::{AmendmentId, Context, Decide, Decision, Evolve, Network, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// From when an amendment holds for a member that was told late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LateAmendmentDecision {
    /// The day from which it holds for the member.
    pub holds_on: Date,
    /// 00:00 of that day, or the entry into force itself.
    pub holds_from: Instant,
    /// What shows that the member and the operator agreed on it.
    pub document: DocumentReference,
    /// The day on which it was recorded.
    pub decided_on: Date,
}

/// Records from when an amendment holds for a member that was told late, as the operator and the
/// member agreed. A member that leaves because of it then leaves on that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DecideLateAmendment {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The member, told late or not at all.
    pub member: OrganisationOid,
    /// The day from which it holds for this member: that of the entry into force, or a later one.
    pub holds_on: Date,
    /// What shows that the member agreed.
    pub document: DocumentReference,
}

/// It was decided from when an amendment holds for a member that was told late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LateAmendmentDecided {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The member.
    pub member: OrganisationOid,
    /// The day from which it holds for the member.
    pub holds_on: Date,
    /// The instant from which it does.
    pub holds_from: Instant,
    /// What shows that the member agreed.
    pub document: DocumentReference,
    /// The day on which it was recorded.
    pub decided_on: Date,
}

impl Decide for DecideLateAmendment {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let amendment = find(network, self.amendment)?;
        let today = network.date(context.now);
        let row = network.members.get(&self.member);
        if !row.is_some_and(|row| row.in_force(context.now)) {
            return Err(not_a_member("member"));
        }
        if !amendment.is_late_for(&self.member, today) {
            return Err(wrong_state(
                "the member was told of this amendment in time, or need not be",
                "nothing needs to be decided",
            )
            .field("member"));
        }
        not_too_far(network, context, self.holds_on, "holdsOn")?;
        if self.holds_on < amendment.enters_on {
            return Err(Rejection::new(
                "TOO_EARLY",
                "an amendment holds for nobody before its entry into force",
            )
            .field("holdsOn")
            .remedy(format!("give {} or a later day", amendment.enters_on))
            .rule("membership contract §7 ¶5"));
        }
        let before = amendment.late_decisions.get(&self.member);
        if before.is_some_and(|before| before.holds_on == self.holds_on) {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this was decided already")
                    .field("holdsOn")
                    .remedy("nothing needs to be recorded"),
            );
        }
        let start = network.zone().start_of(self.holds_on);
        Ok(vec![
            LateAmendmentDecided {
                amendment: self.amendment,
                member: self.member.clone(),
                holds_on: self.holds_on,
                holds_from: start.max(amendment.enters_at),
                document: self.document.clone(),
                decided_on: today,
            }
            .into(),
        ])
    }
}

impl Evolve for LateAmendmentDecided {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let decision = LateAmendmentDecision {
            holds_on: self.holds_on,
            holds_from: self.holds_from,
            document: self.document.clone(),
            decided_on: self.decided_on,
        };
        network
            .agreement
            .amendments
            .change(&self.amendment, |amendment| {
                amendment
                    .late_decisions
                    .insert(self.member.clone(), decision);
            });
    }
}

#[cfg(test)]
mod tests;
