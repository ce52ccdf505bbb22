//! Breaches: the remark, the time for cure, and the end where there is none.

use super::ending::*;
use super::*;
use crate::testing::{day, instant};
use crate::{Boundary, RemarkId};
use rstest::rstest;

pub(super) fn send_remark(cure_days: Option<u16>) -> SendRemark {
    SendRemark {
        member: municipality(),
        clause: "§5 b4".parse().unwrap(),
        text: free_text(),
        cure_days,
        sent_on: None,
    }
}

pub(super) fn remark(network: &Network) -> RemarkId {
    row(network, &municipality()).remarks.last().unwrap().id
}

fn received(scenario: &Scenario, received_on: &str) -> RecordRemarkReceipt {
    RecordRemarkReceipt {
        member: municipality(),
        remark: remark(scenario.network()),
        received_on: Some(day(received_on)),
        evidence: None,
    }
}

fn terminate(remark: RemarkId, on: &str) -> GiveNoticeToMember {
    GiveNoticeToMember {
        breach: Some(remark),
        ..operators(municipality(), on)
    }
}

// Membership contract §7 ¶2; J.1: the last day for cure is receipt + 30, notice from the next.
#[test]
fn a_breach_ends_the_membership_when_the_time_for_cure_is_over() {
    let scenario = home().at("2025-02-03").given(send_remark(None));
    let id = remark(scenario.network());
    let scenario = scenario
        .when(terminate(id, "2025-02-03"))
        .then_refused("TOO_EARLY")
        .at("2025-02-07");
    let receipt = received(&scenario, "2025-02-06");
    scenario
        .given(receipt.clone())
        .when(receipt)
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let deadline = row(network, &municipality()).remarks[0].deadline.clone();
            assert_eq!(deadline.unwrap().at, instant("2025-03-08T22:00:00Z"));
        })
        .at("2025-03-08T21:59:59Z")
        .when(terminate(id, "2025-03-08"))
        .then_refused("TOO_EARLY")
        .at("2025-03-08T22:00:00Z")
        .given(terminate(id, "2025-03-09"))
        .then_state(|network| {
            let row = row(network, &municipality());
            assert!(!row.in_force(instant("2025-03-08T22:00:00Z")));
            assert!(row.in_force(instant("2025-03-08T21:59:59Z")));
        });
}

#[rstest]
#[case(Some(29), Err("TOO_SHORT"))]
#[case(Some(30), Ok("2025-03-05"))]
#[case(None, Ok("2025-03-05"))]
#[case(Some(45), Ok("2025-03-20"))]
#[case(Some(10_000), Err("TOO_LONG"))]
fn the_time_for_cure_is_reasonable_and_thirty_days_at_least(
    #[case] days: Option<u16>,
    #[case] expected: Result<&str, &str>,
) {
    let scenario = home().at("2025-02-03");
    match expected {
        Err(code) => {
            scenario.when(send_remark(days)).then_refused(code);
        }
        Ok(last) => {
            let scenario = scenario.given(send_remark(days));
            let receipt = received(&scenario, "2025-02-03");
            scenario.given(receipt).then_state(|network| {
                let deadline = row(network, &municipality()).remarks[0].deadline.clone();
                assert_eq!(deadline.unwrap().day, day(last));
            });
        }
    }
}

#[test]
fn a_cured_breach_ends_nothing() {
    let scenario = home().at("2025-02-03").given(send_remark(None));
    let id = remark(scenario.network());
    let receipt = received(&scenario, "2025-02-03");
    let cure = AcceptCure {
        member: municipality(),
        remark: id,
        cured_on: None,
    };
    scenario
        .given(receipt)
        .at("2025-03-03")
        .when(AcceptOperatorsCure {
            member: municipality(),
            remark: id,
            cured_on: None,
        })
        .then_refused("UNKNOWN")
        .given(cure.clone())
        .when(cure)
        .then_refused("NOTHING_TO_CHANGE")
        .at("2025-04-03")
        .when(terminate(id, "2025-04-03"))
        .then_refused("WRONG_STATE");
}

#[test]
fn the_operators_breach_is_the_members_cause() {
    let scenario = home().at("2025-02-03").given(MakeRemark {
        member: municipality(),
        clause: "§6 ¶3".parse().unwrap(),
        text: free_text(),
        cure_days: None,
    });
    let id = remark(scenario.network());
    scenario
        .at("2025-03-06")
        .when(terminate(id, "2025-03-06"))
        .then_refused("UNKNOWN")
        .given(GiveNotice {
            member: municipality(),
            cause: Some(NoticeCause::Breach(id)),
        })
        .then_state(|network| {
            let row = row(network, &municipality());
            assert_eq!(row.ends_at(), Some(instant("2025-03-06T12:00:00Z")));
            assert_eq!(row.notices[0].end.boundary, Boundary::AtOnce);
        });
}

#[test]
fn a_member_accepts_that_the_operator_cured_its_breach() {
    let scenario = home().at("2025-02-03").given(MakeRemark {
        member: municipality(),
        clause: "§6 ¶3".parse().unwrap(),
        text: free_text(),
        cure_days: None,
    });
    let id = remark(scenario.network());
    let accept = |cured_on: &str| AcceptOperatorsCure {
        member: municipality(),
        remark: id,
        cured_on: Some(day(cured_on)),
    };
    scenario
        .at("2025-03-06")
        .when(accept("2025-02-02"))
        .then_refused("TOO_EARLY")
        .when(accept("2025-03-07"))
        .then_refused("IN_THE_FUTURE")
        .given(accept("2025-03-01"))
        .when(accept("2025-03-01"))
        .then_refused("NOTHING_TO_CHANGE")
        .when(GiveNotice {
            member: municipality(),
            cause: Some(NoticeCause::Breach(id)),
        })
        .then_refused("WRONG_STATE");
}
