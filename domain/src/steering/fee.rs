//! The yearly review of the fees: whether each form of membership is free of charge, or what it
//! costs (membership contract §7 ¶7). The service is free for end users (§4 ¶2).

use crate::time::{Date, Instant};
use crate::{
    Context, Decide, Decision, Evolve, MeetingId, Network, Obligation, ObligationKind,
    ObligedParty, Rejection, Steering,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A form of membership (contract §5 ¶1, §7 ¶7).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MembershipForm {
    /// As a home organisation only.
    HomeOrganisation,
    /// As a service provider only.
    ServiceProvider,
    /// In both roles.
    Both,
}

impl MembershipForm {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::HomeOrganisation, Self::ServiceProvider, Self::Both];
}

/// What a form of membership costs from a review on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeeDecision {
    /// The form of membership.
    pub form: MembershipForm,
    /// The yearly fee in euro cents, at least 1; left out where the membership is free of charge.
    #[serde(default)]
    pub yearly_fee_cents: Option<u32>,
}

/// A review of the fees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeeReview {
    /// The calendar year it is for.
    pub year: u16,
    /// The meeting that made it.
    pub meeting: MeetingId,
    /// The day of that meeting.
    pub reviewed_on: Date,
    /// What each form of membership costs.
    pub decisions: Vec<FeeDecision>,
}

impl Steering {
    /// The newest review of a year's fees.
    pub fn fees_of(&self, year: u16) -> Option<&FeeReview> {
        self.fee_reviews
            .iter()
            .rev()
            .find(|review| review.year == year)
    }

    /// The calendar years from the first term up to the year of `day` whose fees nobody has
    /// reviewed. The year of `day` itself is overdue only once it is over.
    pub fn unreviewed_years(&self, day: Date) -> Vec<u16> {
        let Some(first) = self.terms.first() else {
            return Vec::new();
        };
        (first.first_day.year()..=day.year())
            .filter_map(|year| u16::try_from(year).ok())
            .filter(|year| self.fees_of(*year).is_none())
            .collect()
    }
}

/// The reviews of the fees that the steering group owes at `now`: each year's until the year is
/// over.
pub(crate) fn steering_obligations(network: &Network, now: Instant) -> Vec<Obligation> {
    const SOURCE: &str = "membership contract §7 ¶7";
    let years = network.steering.unreviewed_years(network.date(now));
    let owed = |year: u16| {
        let by = ObligedParty::SteeringGroup;
        let owed = Obligation::new(ObligationKind::ReviewFees(year), None, by, SOURCE);
        owed.until_day(network, Date::new(i32::from(year), 12, 31))
    };
    years.into_iter().map(owed).collect()
}

/// Records the yearly review of the fees at a meeting of the steering group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReviewFees {
    /// The calendar year it is for: that of the meeting, the one before or the one after.
    pub year: u16,
    /// The meeting that made it, held.
    pub meeting: MeetingId,
    /// What each form of membership costs; every form once.
    pub decisions: Vec<FeeDecision>,
}

/// The steering group reviewed the fees of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeesReviewed {
    /// The calendar year it is for.
    pub year: u16,
    /// The meeting that made it.
    pub meeting: MeetingId,
    /// The day of that meeting.
    pub reviewed_on: Date,
    /// What each form of membership costs, in the order of the forms.
    pub decisions: Vec<FeeDecision>,
}

impl Decide for ReviewFees {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let meeting = network
            .steering
            .meetings
            .get(&self.meeting)
            .ok_or_else(|| Rejection::unknown("meeting", "meeting"))?;
        let held_on = meeting.held.as_ref().map(|held| held.held_on);
        let reviewed_on = held_on.ok_or_else(|| {
            Rejection::new("WRONG_STATE", "the meeting has not been held")
                .field("meeting")
                .remedy("record the meeting with `holdMeeting` first")
                .rule("membership contract §7 ¶7")
        })?;
        if (i32::from(self.year) - reviewed_on.year()).abs() > 1 {
            return Err(Rejection::new(
                "YEAR_OUT_OF_RANGE",
                "a meeting reviews the fees of its year, the one before or the one after",
            )
            .field("year")
            .remedy(format!(
                "give {}, or name another meeting",
                reviewed_on.year()
            ))
            .rule("our decision"));
        }
        let mut decisions = self.decisions.clone();
        decisions.sort_unstable_by_key(|decision| decision.form);
        let forms: Vec<_> = decisions.iter().map(|decision| decision.form).collect();
        if forms != MembershipForm::ALL {
            return Err(Rejection::new(
                "FORM_MISSING",
                "the review covers every form of membership, each once",
            )
            .field("decisions")
            .remedy("give HOME_ORGANISATION, SERVICE_PROVIDER and BOTH, each once")
            .rule("membership contract §7 ¶7"));
        }
        if decisions.iter().any(|d| d.yearly_fee_cents == Some(0)) {
            return Err(Rejection::new("FEE_INVALID", "a fee of nothing is no fee")
                .field("decisions.yearlyFeeCents")
                .remedy("leave the fee out where the membership is free of charge"));
        }
        let same =
            |review: &FeeReview| review.meeting == self.meeting && review.decisions == decisions;
        if network.steering.fees_of(self.year).is_some_and(same) {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this review has been recorded")
                    .field("year")
                    .remedy("nothing needs to be recorded"),
            );
        }
        Ok(vec![
            FeesReviewed {
                year: self.year,
                meeting: self.meeting,
                reviewed_on,
                decisions,
            }
            .into(),
        ])
    }
}

impl Evolve for FeesReviewed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.steering.fee_reviews.push(FeeReview {
            year: self.year,
            meeting: self.meeting,
            reviewed_on: self.reviewed_on,
            decisions: self.decisions.clone(),
        });
    }
}
