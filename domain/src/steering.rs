//! The steering group: convened by the owner for a term, its seats, its meetings and its yearly
//! reviews of the fees (membership contract §7 ¶4, ¶7). Its votes on amendments stand with the
//! amendments.

mod fee;
mod meeting;
mod seat;

pub use fee::*;
pub use meeting::*;
pub use seat::*;

use crate::time::{Date, Instant};
use crate::value::ShortText;
use crate::{Context, Decide, Decision, Evolve, MeetingId, Network, Rejection, SeatId, Table};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The steering group, its meetings and its fee reviews.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Steering {
    /// Every term for which the owner convened a group, in the order of time, never overlapping.
    pub terms: Vec<SteeringTerm>,
    /// Every seat, also of terms that are over.
    pub seats: Table<SeatId, Seat>,
    /// Every meeting called.
    pub meetings: Table<MeetingId, Meeting>,
    /// The fee reviews, in the order in which they were recorded.
    pub fee_reviews: Vec<FeeReview>,
}

/// A term for which the steering group is convened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SteeringTerm {
    /// Its first day.
    pub first_day: Date,
    /// Its last day.
    pub last_day: Date,
    /// The owner's decision, by its name or number.
    pub decision: ShortText,
}

impl SteeringTerm {
    /// Whether `day` lies in the term.
    pub fn contains(&self, day: Date) -> bool {
        (self.first_day..=self.last_day).contains(&day)
    }
}

impl Steering {
    /// The term that runs on `day`.
    pub fn term_on(&self, day: Date) -> Option<&SteeringTerm> {
        self.terms.iter().find(|term| term.contains(day))
    }

    /// The seats in office on `day`.
    pub fn in_office_on(&self, day: Date) -> impl Iterator<Item = (&SeatId, &Seat)> {
        self.seats
            .iter()
            .filter(move |(_, seat)| seat.is_in_office_on(day))
    }
}

/// Convenes the steering group for a term. When it is convened, and for how long, is the owner's
/// to decide (contract §7 ¶4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConveneSteeringGroup {
    /// The first day of the term.
    pub first_day: Date,
    /// Its last day; terms do not overlap.
    pub last_day: Date,
    /// The owner's decision, by its name or number.
    pub decision: ShortText,
}

/// The owner convened the steering group for a term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SteeringGroupConvened {
    /// The first day of the term.
    pub first_day: Date,
    /// Its last day.
    pub last_day: Date,
    /// The owner's decision, by its name or number.
    pub decision: ShortText,
}

impl Decide for ConveneSteeringGroup {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        crate::agreement::not_too_far(network, context, self.last_day, "lastDay")?;
        if self.last_day < self.first_day {
            return Err(
                Rejection::new("TOO_EARLY", "a term cannot end before it begins")
                    .field("lastDay")
                    .remedy(format!("give {} or a later day", self.first_day)),
            );
        }
        let overlaps = |term: &&SteeringTerm| {
            self.first_day <= term.last_day && term.first_day <= self.last_day
        };
        if let Some(other) = network.steering.terms.iter().find(overlaps) {
            return Err(Rejection::new(
                "TERMS_OVERLAP",
                format!(
                    "the group is convened from {} to {} already",
                    other.first_day, other.last_day
                ),
            )
            .field("firstDay")
            .remedy("let the new term begin after the running one ends")
            .rule("our decision"));
        }
        Ok(vec![
            SteeringGroupConvened {
                first_day: self.first_day,
                last_day: self.last_day,
                decision: self.decision.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for SteeringGroupConvened {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let terms = &mut network.steering.terms;
        let place = terms.partition_point(|term| term.first_day < self.first_day);
        terms.insert(
            place,
            SteeringTerm {
                first_day: self.first_day,
                last_day: self.last_day,
                decision: self.decision.clone(),
            },
        );
    }
}

#[cfg(test)]
pub(crate) mod tests;
