//! The steering group, given, when, then.

use super::*;
use crate::testing::{Scenario, day, found_ledger};
use crate::value::OrganisationOid;

/// An organisation that may be represented in every network under test: its owner.
pub(crate) fn owner() -> OrganisationOid {
    found_ledger().owner.organisation
}

pub(crate) fn convene(first_day: &str, last_day: &str) -> ConveneSteeringGroup {
    ConveneSteeringGroup {
        first_day: day(first_day),
        last_day: day(last_day),
        decision: "decision 1".parse().unwrap(),
    }
}

pub(crate) fn appoint(name: &str, first_day: &str) -> AppointSteeringMember {
    AppointSteeringMember {
        organisation: owner(),
        person: PersonReference::Named(NamedPerson {
            name: name.parse().unwrap(),
            email: Some("seat@owner.example".parse().unwrap()),
        }),
        first_day: day(first_day),
    }
}

/// A network whose steering group of `size` is in office for 2025 and 2026.
pub(crate) fn with_group(size: usize) -> (Scenario, Vec<SeatId>) {
    let mut scenario = Scenario::founded().given(convene("2025-01-01", "2026-12-31"));
    let mut seats = Vec::new();
    for number in 0..size {
        let command = appoint(&format!("Kuvitteellinen Jäsen {number}"), "2025-01-01");
        scenario = scenario.given(command);
        let seat = |seat: &&SeatId| !seats.contains(*seat);
        let mut known = scenario.network().steering.seats.iter().map(|(id, _)| id);
        let new = *known.find(seat).unwrap();
        seats.push(new);
    }
    (scenario, seats)
}

pub(crate) fn call(begins_at: &str) -> CallMeeting {
    CallMeeting {
        begins_at: begins_at.parse().unwrap(),
        place: "https://meeting.example.org/1".parse().unwrap(),
        agenda: "The fees of the year.".parse().unwrap(),
    }
}

pub(crate) fn only_meeting(scenario: &Scenario) -> MeetingId {
    *scenario
        .network()
        .steering
        .meetings
        .iter()
        .next()
        .unwrap()
        .0
}

fn hold(meeting: MeetingId, held_on: &str, present: Vec<SeatId>) -> HoldMeeting {
    HoldMeeting {
        meeting,
        held_on: day(held_on),
        minutes: None,
        summary: Some("Everybody agreed.".parse().unwrap()),
        present,
    }
}

/// A meeting called and held on 3 March 2025.
fn after_a_meeting() -> (Scenario, MeetingId) {
    let (scenario, seats) = with_group(2);
    let scenario = scenario.given(call("2025-03-03T08:00:00Z"));
    let meeting = only_meeting(&scenario);
    let scenario = scenario
        .at("2025-03-04")
        .given(hold(meeting, "2025-03-03", seats));
    (scenario, meeting)
}

fn free() -> Vec<FeeDecision> {
    let decision = |form| FeeDecision {
        form,
        yearly_fee_cents: None,
    };
    MembershipForm::ALL
        .into_iter()
        .rev()
        .map(decision)
        .collect()
}

#[test]
fn terms_do_not_overlap() {
    Scenario::founded()
        .given(convene("2025-01-01", "2026-12-31"))
        .when(convene("2026-12-31", "2028-12-31"))
        .then_refused("TERMS_OVERLAP")
        .when(convene("2027-01-01", "2028-12-31"))
        .then(&["SteeringGroupConvened"])
        .when(convene("2030-02-01", "2030-01-01"))
        .then_refused("TOO_EARLY");
}

#[test]
fn nobody_sits_before_the_owner_convenes() {
    Scenario::founded()
        .when(appoint("Aino Aikainen", "2025-01-01"))
        .then_refused("NOT_CONVENED");
}

#[test]
fn a_seat_lasts_for_the_term_or_until_a_dismissal() {
    let (scenario, seats) = with_group(2);
    let seat = seats[0];
    let dismiss = |last_day: &str| DismissSteeringMember {
        seat,
        last_day: day(last_day),
        reason: "Moved to another job.".parse().unwrap(),
    };
    scenario
        .when(dismiss("2026-12-31"))
        .then_refused("NOTHING_TO_CHANGE")
        .when(dismiss("2024-12-31"))
        .then_refused("TOO_EARLY")
        .given(dismiss("2025-06-30"))
        .then_state(|network| {
            let row = network.steering.seats.get(&seat).unwrap();
            assert!(row.is_in_office_on(day("2025-06-30")));
            assert!(!row.is_in_office_on(day("2025-07-01")));
            assert_eq!(
                row.in_office.until,
                Some(network.zone().start_of(day("2025-07-01")))
            );
            assert_eq!(network.steering.in_office_on(day("2026-12-31")).count(), 1);
            assert_eq!(network.steering.in_office_on(day("2027-01-01")).count(), 0);
            assert!(row.name.as_ref().unwrap().slot().is_some(), "sealed");
        });
}

#[test]
fn one_person_has_one_seat() {
    let scenario = Scenario::founded().given(convene("2025-01-01", "2026-12-31"));
    let person = *scenario
        .network()
        .access
        .administrators
        .iter()
        .next()
        .unwrap()
        .0;
    let command = AppointSteeringMember {
        organisation: owner(),
        person: PersonReference::Administrator(person),
        first_day: day("2025-02-01"),
    };
    scenario
        .given(command.clone())
        .when(command)
        .then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn somebody_unknown_cannot_be_referred_to() {
    Scenario::founded()
        .given(convene("2025-01-01", "2026-12-31"))
        .when(AppointSteeringMember {
            organisation: owner(),
            person: PersonReference::Administrator(crate::PersonId(uuid::Uuid::from_u128(7))),
            first_day: day("2025-02-01"),
        })
        .then_refused("UNKNOWN");
}

#[test]
fn a_meeting_is_called_within_a_term_and_held_with_minutes() {
    let (scenario, seats) = with_group(1);
    let scenario = scenario
        .when(call("2027-03-03T08:00:00Z"))
        .then_refused("NOT_CONVENED")
        .given(call("2025-03-03T08:00:00Z"));
    let meeting = only_meeting(&scenario);
    let without_minutes = HoldMeeting {
        summary: None,
        ..hold(meeting, "2025-03-03", Vec::new())
    };
    scenario
        .when(hold(meeting, "2025-03-03", Vec::new()))
        .then_refused("IN_THE_FUTURE")
        .at("2025-03-03")
        .when(hold(meeting, "2025-03-02", Vec::new()))
        .then_refused("TOO_EARLY")
        .when(without_minutes)
        .then_refused("MINUTES_MISSING")
        .when(hold(meeting, "2025-03-03", vec![SeatId(uuid::Uuid::nil())]))
        .then_refused("NOT_IN_OFFICE")
        .given(hold(meeting, "2025-03-03", vec![seats[0], seats[0]]))
        .then_state(|network| {
            let row = network.steering.meetings.get(&meeting).unwrap();
            assert_eq!(row.held.as_ref().unwrap().present, seats);
        })
        .when(hold(meeting, "2025-03-03", Vec::new()))
        .then_refused("WRONG_STATE");
}

#[test]
fn a_meeting_called_off_is_not_held() {
    let (scenario, _) = with_group(1);
    let scenario = scenario.given(call("2025-03-03T08:00:00Z"));
    let meeting = only_meeting(&scenario);
    let cancel = CancelMeeting {
        meeting,
        reason: "Too few can come.".parse().unwrap(),
    };
    scenario
        .given(cancel.clone())
        .when(cancel)
        .then_refused("WRONG_STATE")
        .at("2025-03-03")
        .when(hold(meeting, "2025-03-03", Vec::new()))
        .then_refused("WRONG_STATE");
}

#[test]
fn fees_are_reviewed_every_year_for_every_form() {
    // Membership contract §7 ¶7.
    let (scenario, meeting) = after_a_meeting();
    let review = |year, decisions| ReviewFees {
        year,
        meeting,
        decisions,
    };
    let mut priced = free();
    priced[0].yearly_fee_cents = Some(0);
    scenario
        .then_state(|network| {
            assert_eq!(
                network.steering.unreviewed_years(day("2026-02-01")),
                [2025, 2026]
            );
        })
        .when(review(2025, free()[..2].to_vec()))
        .then_refused("FORM_MISSING")
        .when(review(2025, priced))
        .then_refused("FEE_INVALID")
        .when(review(2027, free()))
        .then_refused("YEAR_OUT_OF_RANGE")
        .given(review(2025, free()))
        .when(review(2025, free()))
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            assert_eq!(network.steering.unreviewed_years(day("2026-02-01")), [2026]);
            let fees = network.steering.fees_of(2025).unwrap();
            assert_eq!(fees.decisions[0].form, MembershipForm::HomeOrganisation);
        });
}

#[test]
fn fees_are_reviewed_at_a_meeting_that_was_held() {
    let (scenario, _) = with_group(1);
    let scenario = scenario.given(call("2025-03-03T08:00:00Z"));
    let meeting = only_meeting(&scenario);
    scenario
        .when(ReviewFees {
            year: 2025,
            meeting,
            decisions: free(),
        })
        .then_refused("WRONG_STATE");
}
