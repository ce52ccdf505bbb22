//! The right to leave because of an amendment, given, when, then.

use super::*;
use crate::agreement::tests::{approved, member, proposal, publish};
use crate::testing::{Scenario, day, instant};
use crate::{
    ConfirmUrgentAmendment, NoticeChannel, ProposeAmendment, ReceiveAmendmentNotice,
    SendAmendmentNotice, SetRule, UrgentGround, WithdrawAmendment,
};
use proptest::prelude::*;
use rstest::rstest;

fn send(amendment: AmendmentId) -> SendAmendmentNotice {
    SendAmendmentNotice {
        amendment,
        member: member(1),
        channel: NoticeChannel::Letter,
        sent_on: day("2025-01-15"),
        document: proposal().document,
        describes_change: true,
        late_because: None,
    }
}

/// Told on 15 January, and aware of it on this day.
fn told(scenario: Scenario, amendment: AmendmentId, received_on: &str) -> Scenario {
    received(scenario.given(send(amendment)), amendment, received_on)
}

fn received(scenario: Scenario, amendment: AmendmentId, received_on: &str) -> Scenario {
    scenario.at("2025-07-01").given(ReceiveAmendmentNotice {
        amendment,
        member: member(1),
        received_on: day(received_on),
    })
}

fn exit(scenario: &Scenario, amendment: AmendmentId, on: &str) -> Result<AmendmentExit, Rejection> {
    let network = scenario.network();
    network.amendment_exit(amendment, &member(1), day(on), scenario.now())
}

fn refusal(scenario: &Scenario, amendment: AmendmentId, on: &str) -> &'static str {
    let rejection = exit(scenario, amendment, on).unwrap_err();
    assert!(!rejection.remedy.is_empty());
    rejection.code
}

// Membership contract §7 ¶5; day 0 is the receipt (domain facts C.4.5).
#[rstest]
#[case("2025-01-31", "2025-03-02")]
#[case::leap_year("2024-01-31", "2024-03-01")]
#[case("2025-12-31", "2026-01-30")]
fn thirty_days_from_the_receipt(#[case] received_on: &str, #[case] last_day: &str) {
    let zone = Zone::named("Europe/Helsinki").unwrap();
    let window = ExitWindow::of_receipt(day(received_on), EXIT_DAYS, EXIT_SOURCE, &zone);
    assert_eq!(window.last_day, day(last_day));
    assert!(window.contains(day(received_on)));
    assert!(window.contains(day(last_day)));
    assert!(!window.contains(day(last_day).plus_days(1)));
}

#[test]
fn whoever_leaves_in_time_leaves_exactly_at_the_entry_into_force() {
    let (scenario, amendment) = approved(proposal());
    let scenario = scenario.given(publish(amendment, "2025-01-15"));
    let scenario = told(scenario, amendment, "2025-01-20");
    for on in ["2025-01-20", "2025-02-19"] {
        let exit = exit(&scenario, amendment, on).unwrap();
        assert_eq!(exit.ends_on, day("2025-06-01"));
        assert_eq!(exit.ends_at, instant("2025-05-31T21:00:00Z"));
        assert!(!exit.late);
    }
    assert_eq!(refusal(&scenario, amendment, "2025-01-19"), "TOO_EARLY");
    assert_eq!(refusal(&scenario, amendment, "2025-02-20"), "TOO_LATE");
}

#[test]
fn the_terms_of_use_give_no_such_right() {
    let (scenario, amendment) = approved(proposal());
    let network = scenario.network();
    let code = |number| {
        let exit = network.amendment_exit(
            amendment,
            &member(number),
            day("2025-01-15"),
            scenario.now(),
        );
        exit.unwrap_err().code
    };
    assert_eq!(code(9), "RULE_NOT_SET");
    assert_eq!(code(2), "NOT_A_MEMBER");
}

#[test]
fn the_end_is_that_of_the_annex_in_force() {
    let (scenario, amendment) = approved(proposal());
    let scenario = scenario.given(publish(amendment, "2025-01-15"));
    let scenario = told(scenario, amendment, "2025-01-20");
    let end = exit(&scenario, amendment, "2025-01-20").unwrap().ends_at;
    let annex = crate::AnnexNumber::RulesOfUse;
    let edition = scenario.network().agreement.annex(annex, end).unwrap();
    assert_eq!(edition.enters_at, end);
}

#[test]
fn the_time_runs_from_the_receipt_and_not_before() {
    let (scenario, amendment) = approved(proposal());
    assert_eq!(refusal(&scenario, amendment, "2025-01-15"), "TOO_EARLY");
}

#[test]
fn nobody_leaves_because_of_what_will_not_be() {
    let (scenario, amendment) = approved(proposal());
    let scenario = told(scenario, amendment, "2025-01-20").given(WithdrawAmendment {
        amendment,
        reason: "The annex had a mistake.".parse().unwrap(),
    });
    assert_eq!(refusal(&scenario, amendment, "2025-01-21"), "WRONG_STATE");
}

#[test]
fn a_window_that_outlasts_the_entry_into_force_is_left_to_people() {
    let (scenario, amendment) = approved(proposal());
    let scenario = told(scenario, amendment, "2025-05-20");
    let exit_before = exit(&scenario, amendment, "2025-05-31").unwrap();
    assert!(exit_before.late, "flagged");
    assert_eq!(exit_before.ends_on, day("2025-06-01"));
    assert_eq!(
        refusal(&scenario, amendment, "2025-06-01"),
        "NEEDS_DECISION"
    );
}

/// An urgent amendment of which member 1 was told on 15 January and knew on the 16th.
fn urgent() -> (Scenario, AmendmentId) {
    let urgent = ProposeAmendment {
        urgent: Some(UrgentGround::NetworkOperation),
        enters_on: day("2025-01-20"),
        ..proposal()
    };
    let (scenario, amendment) = approved(urgent);
    assert_eq!(refusal(&scenario, amendment, "2025-01-16"), "WRONG_STATE");
    let scenario = scenario
        .given(ConfirmUrgentAmendment {
            amendment,
            confirmed_on: day("2025-01-15"),
        })
        .given(send(amendment))
        .given(publish(amendment, "2025-01-15"));
    (received(scenario, amendment, "2025-01-16"), amendment)
}

#[test]
fn an_urgent_amendment_gives_the_right_that_the_rule_gives() {
    let set = |allowed| SetRule {
        rule: Rule::ExitOnUrgentAmendment { allowed },
        valid_from: day("2025-01-01"),
        source: "decision 3".parse().unwrap(),
    };
    let (scenario, amendment) = urgent();
    assert_eq!(refusal(&scenario, amendment, "2025-01-16"), "RULE_NOT_SET");
    let scenario = scenario.given(set(false));
    assert_eq!(refusal(&scenario, amendment, "2025-01-16"), "NO_EXIT_RIGHT");
    let (scenario, amendment) = urgent();
    let scenario = scenario.given(set(true));
    let exit = exit(&scenario, amendment, "2025-01-16").unwrap();
    assert_eq!(exit.ends_at, instant("2025-01-19T22:00:00Z"));
}

// Domain facts J.4: under terms of use a rule says how members are told and leave.
#[test]
fn a_rule_gives_members_under_terms_the_right() {
    let (scenario, amendment) = approved(proposal());
    let scenario = scenario
        .when(SendAmendmentNotice {
            member: member(9),
            ..send(amendment)
        })
        .then_refused("RULE_NOT_SET")
        .given(SetRule {
            rule: Rule::TermsAmendment {
                notice_months: 1,
                exit_days: 14,
            },
            valid_from: day("2025-01-15"),
            source: "terms 7 §, invented".parse().unwrap(),
        })
        .given(publish(amendment, "2025-01-15"))
        .at("2025-05-10")
        .when(SendAmendmentNotice {
            member: member(9),
            sent_on: day("2025-05-02"),
            ..send(amendment)
        })
        .then_refused("TOO_LATE")
        .given(SendAmendmentNotice {
            member: member(9),
            sent_on: day("2025-05-01"),
            ..send(amendment)
        })
        .given(ReceiveAmendmentNotice {
            amendment,
            member: member(9),
            received_on: day("2025-05-01"),
        });
    let leave = |on: &str| {
        let network = scenario.network();
        network.amendment_exit(amendment, &member(9), day(on), scenario.now())
    };
    let exit = leave("2025-05-15").unwrap();
    assert_eq!(exit.ends_on, day("2025-06-01"));
    assert!(!exit.late);
    assert!(
        exit.rule.starts_with("terms 7 §, invented"),
        "{}",
        exit.rule
    );
    let refusal = leave("2025-05-16").unwrap_err();
    assert_eq!(refusal.code, "TOO_LATE");
    assert_eq!(refusal.rule.as_deref(), Some("terms 7 §, invented"));
}

proptest! {
    #[test]
    fn a_window_is_thirty_one_days_and_holds_from_its_first_to_its_last(
        days in 0..80_000_i64,
        later in -40..40_i64,
    ) {
        let zone = Zone::named("Europe/Helsinki").unwrap();
        let received_on = day("1970-01-01").plus_days(days);
        let window = ExitWindow::of_receipt(received_on, EXIT_DAYS, EXIT_SOURCE, &zone);
        let asked = received_on.plus_days(later);
        prop_assert_eq!(window.contains(asked), (0..=30).contains(&later));
        prop_assert_eq!(window.open.holds_at(zone.start_of(asked)), window.contains(asked));
        let last_moment = Instant::from_microseconds(zone.end_of(asked).microseconds() - 1);
        prop_assert_eq!(window.open.holds_at(last_moment), window.contains(asked));
    }
}
