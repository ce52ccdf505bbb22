//! The steering group's vote on an amendment: one vote a seat, counted by the majority and the
//! quorum that the network has set (membership contract §7 ¶5; domain facts J.3).

use super::amendment::{find, wrong_state};
use super::{AmendmentState, not_in_future};
use crate::time::{Date, Instant};
use crate::{
    AmendmentId, Context, Decide, Decision, Event, Evolve, MajorityOf, Means, MeetingId, Network,
    Rejection, Right, Rule, RuleKind, SeatId, Share,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Ballot {
    /// For the amendment.
    For,
    /// Against it.
    Against,
    /// Neither; it counts for the quorum.
    Abstain,
}

/// A vote as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vote {
    /// The vote.
    pub ballot: Ballot,
    /// When it was recorded.
    pub cast_at: Instant,
}

/// The majority and quorum that counted a vote, and where they come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VotingRule {
    /// The share that approves.
    pub majority: Share,
    /// Of what it is counted.
    pub majority_of: MajorityOf,
    /// The day from which the majority holds.
    pub majority_valid_from: Date,
    /// Where it comes from.
    pub majority_source: String,
    /// The share of the seats in office that must vote.
    pub quorum: Share,
    /// The day from which the quorum holds.
    pub quorum_valid_from: Date,
    /// Where it comes from.
    pub quorum_source: String,
}

/// How a vote went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Votes for.
    pub votes_for: u32,
    /// Votes against.
    pub votes_against: u32,
    /// Abstentions.
    pub abstentions: u32,
    /// Seats in office, voting or not.
    pub in_office: u32,
}

impl Tally {
    /// Counts the ballots of seats in office.
    pub fn count(ballots: impl IntoIterator<Item = Ballot>, in_office: u32) -> Self {
        let mut tally = Self {
            in_office,
            ..Self::default()
        };
        for ballot in ballots {
            let votes = match ballot {
                Ballot::For => &mut tally.votes_for,
                Ballot::Against => &mut tally.votes_against,
                Ballot::Abstain => &mut tally.abstentions,
            };
            *votes = votes.saturating_add(1);
        }
        tally
    }

    /// How many took part.
    pub fn took_part(&self) -> u32 {
        self.votes_for
            .saturating_add(self.votes_against)
            .saturating_add(self.abstentions)
    }

    /// Whether enough took part to decide.
    pub fn has_quorum(&self, quorum: Share) -> bool {
        quorum.is_reached_by(self.took_part(), self.in_office)
    }

    /// Whether the votes for are the qualified majority.
    pub fn has_majority(&self, majority: Share, of: MajorityOf) -> bool {
        let whole = match of {
            MajorityOf::VotesCast => self.votes_for.saturating_add(self.votes_against),
            MajorityOf::MembersInOffice => self.in_office,
        };
        majority.is_reached_by(self.votes_for, whole)
    }
}

/// What the steering group decided on an amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentDecision {
    /// Whether it was approved.
    pub approved: bool,
    /// The day of the decision.
    pub decided_on: Date,
    /// The meeting that took it, where one did.
    pub meeting: Option<MeetingId>,
    /// The votes that were counted.
    pub tally: Tally,
    /// The majority and quorum that counted them.
    pub rule: VotingRule,
}

/// Casts the vote of a seat in the steering group on a proposed amendment. A vote may be changed
/// until the decision; the last one counts, and every one stays in the log (our decision).
/// A steering-group member casts that of the own seat; the operator records those of a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CastVote {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The seat, in office today.
    pub seat: SeatId,
    /// The vote.
    pub ballot: Ballot,
}

/// The vote of a seat was cast, in place of its earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VoteCast {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The seat.
    pub seat: SeatId,
    /// The vote.
    pub ballot: Ballot,
}

impl Decide for CastVote {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let amendment = find(network, self.amendment)?;
        if amendment.state(context.now) != AmendmentState::Proposed {
            return Err(wrong_state(
                "the vote on this amendment is over",
                "propose another amendment, where the annex shall change again",
            ));
        }
        let seat = network
            .steering
            .seats
            .get(&self.seat)
            .ok_or_else(|| Rejection::unknown("seat", "seat"))?;
        if !seat.is_in_office_on(network.date(context.now)) {
            return Err(
                Rejection::new("NOT_IN_OFFICE", "this seat is not in office today")
                    .field("seat")
                    .remedy("name a seat of the term that runs")
                    .rule("membership contract §7 ¶4"),
            );
        }
        let actor = context.actor;
        let may_record_others = actor.means != Means::SignIn
            || network
                .access
                .rights_of(actor.person)
                .any(|(right, _)| right == Right::Operator);
        if seat.person != actor.person && !may_record_others {
            return Err(
                Rejection::new("NOT_YOUR_SEAT", "this is the seat of somebody else")
                    .field("seat")
                    .remedy("cast the vote of your own seat; the operator records the others")
                    .rule("our decision"),
            );
        }
        if amendment
            .votes
            .get(&self.seat)
            .is_some_and(|vote| vote.ballot == self.ballot)
        {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this seat has voted so already")
                    .field("ballot")
                    .remedy("nothing needs to be recorded"),
            );
        }
        Ok(vec![
            VoteCast {
                amendment: self.amendment,
                seat: self.seat,
                ballot: self.ballot,
            }
            .into(),
        ])
    }
}

impl Evolve for VoteCast {
    fn evolve(&self, network: &mut Network, at: Instant) {
        let vote = Vote {
            ballot: self.ballot,
            cast_at: at,
        };
        network
            .agreement
            .amendments
            .change(&self.amendment, |amendment| {
                amendment.votes.insert(self.seat, vote);
            });
    }
}

/// Closes the vote on an amendment and counts it: the amendment is approved with the qualified
/// majority, else rejected. Without the quorum nothing is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DecideAmendment {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The day of the decision. The rules of this day count the votes of the seats in office on
    /// it.
    pub decided_on: Date,
    /// The meeting that decided; left out for a decision between meetings.
    #[serde(default)]
    pub meeting: Option<MeetingId>,
}

/// The steering group approved an amendment by qualified majority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentApproved {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The day of the decision.
    pub decided_on: Date,
    /// The meeting that decided, where one did.
    pub meeting: Option<MeetingId>,
    /// The votes that were counted.
    pub tally: Tally,
    /// The majority and quorum that counted them.
    pub rule: VotingRule,
}

/// The steering group rejected an amendment: the qualified majority was not reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentRejected {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The day of the decision.
    pub decided_on: Date,
    /// The meeting that decided, where one did.
    pub meeting: Option<MeetingId>,
    /// The votes that were counted.
    pub tally: Tally,
    /// The majority and quorum that counted them.
    pub rule: VotingRule,
}

/// The majority and quorum of `day`, or the refusal that names the one that is not set.
fn voting_rule(network: &Network, day: Date) -> Result<VotingRule, Rejection> {
    let majority = network.rules.require(RuleKind::QualifiedMajority, day)?;
    let quorum = network.rules.require(RuleKind::Quorum, day)?;
    let (
        Rule::QualifiedMajority { share, of },
        Rule::Quorum {
            share: quorum_share,
        },
    ) = (&majority.rule, &quorum.rule)
    else {
        return Err(Rejection::rule_not_set("QualifiedMajority"));
    };
    Ok(VotingRule {
        majority: *share,
        majority_of: *of,
        majority_valid_from: majority.valid_from,
        majority_source: majority.source.clone(),
        quorum: *quorum_share,
        quorum_valid_from: quorum.valid_from,
        quorum_source: quorum.source.clone(),
    })
}

impl Decide for DecideAmendment {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let amendment = find(network, self.amendment)?;
        if amendment.state(context.now) != AmendmentState::Proposed {
            return Err(wrong_state(
                "this amendment has been decided or withdrawn",
                "propose another amendment, where the annex shall change again",
            ));
        }
        not_in_future(network, context, self.decided_on, "decidedOn")?;
        let proposed_on = network.date(amendment.proposed_at);
        if self.decided_on < proposed_on {
            return Err(
                Rejection::new("TOO_EARLY", "the amendment had not been proposed then")
                    .field("decidedOn")
                    .remedy(format!("give {proposed_on} or a later day")),
            );
        }
        if let Some(meeting) = self.meeting {
            let held_on = network
                .steering
                .meetings
                .get(&meeting)
                .and_then(|meeting| meeting.held.as_ref())
                .map(|held| held.held_on);
            if held_on != Some(self.decided_on) {
                return Err(Rejection::new(
                    "WRONG_STATE",
                    "this meeting was not held on the day of the decision",
                )
                .field("meeting")
                .remedy("record the meeting with `holdMeeting` first, or leave it out"));
            }
        }
        let rule = voting_rule(network, self.decided_on)?;
        let seats = &network.steering.seats;
        let in_office = seats
            .values()
            .filter(|seat| seat.is_in_office_on(self.decided_on))
            .count();
        let ballots = amendment
            .votes
            .iter()
            .filter(|(seat, _)| {
                seats
                    .get(seat)
                    .is_some_and(|seat| seat.is_in_office_on(self.decided_on))
            })
            .map(|(_, vote)| vote.ballot);
        let tally = Tally::count(ballots, u32::try_from(in_office).unwrap_or(u32::MAX));
        if !tally.has_quorum(rule.quorum) {
            return Err(Rejection::new(
                "NO_QUORUM",
                format!(
                    "{} of {} steering-group members took part; the quorum is {}/{}",
                    tally.took_part(),
                    tally.in_office,
                    rule.quorum.numerator,
                    rule.quorum.denominator
                ),
            )
            .field("amendment")
            .remedy("record the votes that are missing, or decide when more take part")
            .rule(rule.quorum_source));
        }
        let (amendment, decided_on, meeting) = (self.amendment, self.decided_on, self.meeting);
        let event: Event = if tally.has_majority(rule.majority, rule.majority_of) {
            AmendmentApproved {
                amendment,
                decided_on,
                meeting,
                tally,
                rule,
            }
            .into()
        } else {
            AmendmentRejected {
                amendment,
                decided_on,
                meeting,
                tally,
                rule,
            }
            .into()
        };
        Ok(vec![event])
    }
}

fn decided(network: &mut Network, amendment: AmendmentId, decision: AmendmentDecision) {
    network
        .agreement
        .amendments
        .change(&amendment, |amendment| amendment.decision = Some(decision));
}

impl Evolve for AmendmentApproved {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let decision = AmendmentDecision {
            approved: true,
            decided_on: self.decided_on,
            meeting: self.meeting,
            tally: self.tally,
            rule: self.rule.clone(),
        };
        decided(network, self.amendment, decision);
    }
}

impl Evolve for AmendmentRejected {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let decision = AmendmentDecision {
            approved: false,
            decided_on: self.decided_on,
            meeting: self.meeting,
            tally: self.tally,
            rule: self.rule.clone(),
        };
        decided(network, self.amendment, decision);
    }
}

#[cfg(test)]
mod tests;
