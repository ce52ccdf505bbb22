//! Votes and how they are counted: rule by rule, and for any votes there may be.

use super::*;
use crate::agreement::tests::{cast, decide_on, only_amendment, proposal};
use crate::steering::tests::with_group;
use crate::testing::{Scenario, day};
use crate::{
    Actor, Command, CommandId, DismissSteeringMember, PersonId, SetRule, WithdrawAmendment,
};
use proptest::prelude::*;
use rstest::rstest;

fn proposed(size: usize) -> (Scenario, AmendmentId, Vec<SeatId>) {
    let (scenario, seats) = with_group(size);
    let scenario = scenario.given(proposal());
    let amendment = only_amendment(&scenario);
    (scenario, amendment, seats)
}

// Two thirds of the votes for and against, half of the seats taking part: the rule of the
// networks under test (domain facts J.3).
#[rstest]
#[case::two_thirds_exactly("FFA", 3, "AmendmentApproved")]
#[case::below_two_thirds("FFFAA", 5, "AmendmentRejected")]
#[case::abstentions_do_not_count_against("FF-", 3, "AmendmentApproved")]
#[case::abstentions_count_for_the_quorum("F--", 6, "AmendmentApproved")]
#[case::nobody_but_abstainers("---", 3, "AmendmentRejected")]
#[case::half_is_a_quorum("FF", 4, "AmendmentApproved")]
fn the_votes_decide(#[case] votes: &str, #[case] in_office: usize, #[case] event: &str) {
    let (mut scenario, amendment, seats) = proposed(in_office);
    for (seat, vote) in seats.iter().zip(votes.chars()) {
        let ballot = match vote {
            'F' => Ballot::For,
            'A' => Ballot::Against,
            _ => Ballot::Abstain,
        };
        scenario = scenario.given(cast(amendment, *seat, ballot));
    }
    scenario
        .when(decide_on(amendment, "2025-01-01"))
        .then(&[event])
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            let decision = row.decision.as_ref().unwrap();
            assert_eq!(decision.tally.took_part() as usize, votes.len());
            assert_eq!(decision.tally.in_office as usize, in_office);
            assert_eq!(decision.rule.majority_source, "invented for tests");
        })
        .when(decide_on(amendment, "2025-01-01"))
        .then_refused("WRONG_STATE")
        .when(cast(amendment, seats[0], Ballot::Abstain))
        .then_refused("WRONG_STATE");
}

#[test]
fn without_a_quorum_nothing_is_decided() {
    let (scenario, amendment, seats) = proposed(5);
    scenario
        .given(cast(amendment, seats[0], Ballot::For))
        .given(cast(amendment, seats[1], Ballot::For))
        .when(decide_on(amendment, "2025-01-01"))
        .then_refused("NO_QUORUM")
        .given(cast(amendment, seats[2], Ballot::For))
        .when(decide_on(amendment, "2025-01-01"))
        .then(&["AmendmentApproved"]);
}

#[test]
fn a_network_without_a_group_decides_nothing() {
    let scenario = Scenario::founded().given(proposal());
    let amendment = only_amendment(&scenario);
    scenario
        .when(decide_on(amendment, "2025-01-01"))
        .then_refused("NO_QUORUM");
}

#[test]
fn a_vote_may_be_changed_until_the_decision_and_counts_once() {
    let (scenario, amendment, seats) = proposed(1);
    scenario
        .given(cast(amendment, seats[0], Ballot::Against))
        .when(cast(amendment, seats[0], Ballot::Against))
        .then_refused("NOTHING_TO_CHANGE")
        .given(cast(amendment, seats[0], Ballot::For))
        .when(decide_on(amendment, "2025-01-01"))
        .then(&["AmendmentApproved"])
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            assert_eq!(row.decision.as_ref().unwrap().tally.took_part(), 1);
        });
}

#[test]
fn who_is_not_in_office_neither_votes_nor_counts() {
    let (scenario, amendment, seats) = proposed(3);
    let scenario = scenario
        .given(cast(amendment, seats[0], Ballot::Against))
        .given(cast(amendment, seats[1], Ballot::For))
        .given(DismissSteeringMember {
            seat: seats[0],
            last_day: day("2025-01-01"),
            reason: "Moved to another job.".parse().unwrap(),
        })
        .at("2025-01-02")
        .when(cast(amendment, seats[0], Ballot::For))
        .then_refused("NOT_IN_OFFICE")
        .when(cast(amendment, SeatId(uuid::Uuid::nil()), Ballot::For))
        .then_refused("UNKNOWN");
    scenario
        .when(decide_on(amendment, "2025-01-02"))
        .then(&["AmendmentApproved"])
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            let tally = row.decision.as_ref().unwrap().tally;
            assert_eq!((tally.votes_for, tally.votes_against), (1, 0));
            assert_eq!(tally.in_office, 2);
        });
}

#[test]
fn a_steering_member_casts_the_own_vote_and_the_operator_any() {
    let (scenario, amendment, seats) = proposed(2);
    let network = scenario.network();
    let command: Command = cast(amendment, seats[0], Ballot::For).into();
    let by = |person, means| {
        let actor = Actor {
            person,
            means,
            on_behalf_of: None,
        };
        let context = Context {
            now: scenario.now(),
            command: CommandId(uuid::Uuid::from_u128(99)),
            actor: &actor,
        };
        network.decide(&command, &context).map_err(|r| r.code)
    };
    let own = network.steering.seats.get(&seats[0]).unwrap().person;
    let other = network.steering.seats.get(&seats[1]).unwrap().person;
    let operator = *network.access.administrators.iter().next().unwrap().0;
    assert!(by(own, Means::SignIn).is_ok());
    assert_eq!(by(other, Means::SignIn), Err("NOT_YOUR_SEAT"));
    assert!(by(operator, Means::SignIn).is_ok());
    assert!(by(PersonId(uuid::Uuid::nil()), Means::Console).is_ok());
}

#[test]
fn the_majority_of_the_day_of_the_decision_counts() {
    let (scenario, amendment, seats) = proposed(3);
    let all = Rule::QualifiedMajority {
        share: Share {
            numerator: 1,
            denominator: 1,
        },
        of: MajorityOf::MembersInOffice,
    };
    scenario
        .given(SetRule {
            rule: all,
            valid_from: day("2025-02-01"),
            source: "decision 7".parse().unwrap(),
        })
        .given(cast(amendment, seats[0], Ballot::For))
        .given(cast(amendment, seats[1], Ballot::For))
        .at("2025-02-01")
        .when(decide_on(amendment, "2025-02-01"))
        .then(&["AmendmentRejected"]);
}

#[test]
fn a_decision_names_the_rule_that_is_missing() {
    // A founding that leaves the quorum open.
    let founding = crate::FoundLedger {
        rules: crate::testing::found_ledger().rules[..1].to_vec(),
        ..crate::testing::found_ledger()
    };
    let scenario = Scenario::empty().given(founding).given(proposal());
    let amendment = only_amendment(&scenario);
    scenario
        .then_state(|network| {
            assert!(
                network
                    .rules
                    .on(RuleKind::Quorum, day("2025-01-01"))
                    .is_none()
            );
        })
        .when(decide_on(amendment, "2025-01-01"))
        .then_refused("RULE_NOT_SET");
}

#[test]
fn a_decision_has_its_day() {
    let (scenario, amendment, _) = proposed(1);
    scenario
        .when(decide_on(amendment, "2025-01-02"))
        .then_refused("IN_THE_FUTURE")
        .when(decide_on(amendment, "2024-12-31"))
        .then_refused("TOO_EARLY")
        .when(DecideAmendment {
            meeting: Some(MeetingId(uuid::Uuid::nil())),
            ..decide_on(amendment, "2025-01-01")
        })
        .then_refused("WRONG_STATE")
        .given(WithdrawAmendment {
            amendment,
            reason: "The annex had a mistake.".parse().unwrap(),
        })
        .when(decide_on(amendment, "2025-01-01"))
        .then_refused("WRONG_STATE");
}

fn ballot() -> impl Strategy<Value = Ballot> {
    prop_oneof![
        Just(Ballot::For),
        Just(Ballot::Against),
        Just(Ballot::Abstain)
    ]
}

fn share() -> impl Strategy<Value = Share> {
    (1..=1000_u32, 1..=1000_u32).prop_map(|(a, b)| Share {
        numerator: a.min(b),
        denominator: a.max(b),
    })
}

fn majority_of() -> impl Strategy<Value = MajorityOf> {
    prop_oneof![
        Just(MajorityOf::VotesCast),
        Just(MajorityOf::MembersInOffice)
    ]
}

proptest! {
    #[test]
    fn every_ballot_is_counted_once(ballots in prop::collection::vec(ballot(), 0..60)) {
        let in_office = u32::try_from(ballots.len()).unwrap();
        let tally = Tally::count(ballots.clone(), in_office);
        prop_assert_eq!(tally.took_part(), in_office);
        let votes_for = ballots.iter().filter(|b| **b == Ballot::For).count();
        prop_assert_eq!(tally.votes_for as usize, votes_for);
    }

    #[test]
    fn a_vote_for_never_costs_the_majority(
        ballots in prop::collection::vec(ballot(), 1..60),
        changed in 0..60_usize,
        share in share(),
        of in majority_of(),
    ) {
        let in_office = u32::try_from(ballots.len()).unwrap();
        let before = Tally::count(ballots.clone(), in_office);
        let mut better = ballots;
        let changed = changed % better.len();
        better[changed] = Ballot::For;
        let after = Tally::count(better, in_office);
        if before.has_majority(share, of) {
            prop_assert!(after.has_majority(share, of));
        }
        prop_assert_eq!(before.has_quorum(share), after.has_quorum(share));
    }

    #[test]
    fn more_than_half_cannot_be_reached_by_both_sides(
        ballots in prop::collection::vec(ballot(), 0..60),
        share in share(),
        of in majority_of(),
    ) {
        prop_assume!(share.numerator * 2 > share.denominator);
        let in_office = u32::try_from(ballots.len()).unwrap();
        let tally = Tally::count(ballots.clone(), in_office);
        let swapped = ballots.into_iter().map(|ballot| match ballot {
            Ballot::For => Ballot::Against,
            Ballot::Against => Ballot::For,
            Ballot::Abstain => Ballot::Abstain,
        });
        let swapped = Tally::count(swapped, in_office);
        prop_assert!(!(tally.has_majority(share, of) && swapped.has_majority(share, of)));
    }

    #[test]
    fn the_order_of_the_votes_changes_nothing(
        (ballots, shuffled) in prop::collection::vec(ballot(), 0..30)
            .prop_flat_map(|ballots| (Just(ballots.clone()), Just(ballots).prop_shuffle())),
    ) {
        prop_assert_eq!(Tally::count(ballots, 30), Tally::count(shuffled, 30));
    }
}
