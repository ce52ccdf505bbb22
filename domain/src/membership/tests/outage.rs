//! Outages: the member's right to leave, from the 61st day after its own report.

use super::ending::*;
use super::*;
use crate::OutageId;
use crate::testing::{day, instant};
use rstest::rstest;

pub(super) fn outage(network: &Network) -> OutageId {
    row(network, &municipality()).outages.last().unwrap().id
}

pub(super) fn report(essential: bool) -> ReportOutage {
    ReportOutage {
        member: municipality(),
        description: free_text(),
        essential,
    }
}

pub(super) fn leave_for(outage: OutageId) -> GiveNotice {
    GiveNotice {
        member: municipality(),
        cause: Some(NoticeCause::Outage(outage)),
    }
}

// Membership contract §7 ¶2; J.1: from the 61st day after the member's own report.
#[rstest]
#[case("2025-04-04T20:59:59Z", Some("TOO_EARLY"))]
#[case::the_sixty_first_day("2025-04-04T21:00:00Z", None)]
fn an_outage_lets_the_member_leave_after_sixty_days(
    #[case] at: &str,
    #[case] refused: Option<&str>,
) {
    let scenario = home().at("2025-02-03").given(report(true));
    let outage = outage(scenario.network());
    let scenario = scenario.at(at).when(leave_for(outage));
    match refused {
        Some(code) => scenario.then_refused(code),
        None => scenario.then(&["NoticeGiven"]).then_state(|network| {
            assert_eq!(row(network, &municipality()).ends_at(), Some(instant(at)));
        }),
    };
}

#[test]
fn a_corrected_outage_gives_no_right() {
    let scenario = home().at("2025-02-03").given(report(true));
    let id = outage(scenario.network());
    scenario
        .at("2025-05-05")
        .then_state(|network| {
            assert!(row(network, &municipality()).outages[0].lets_leave_on(day("2025-04-05")));
            assert!(!row(network, &municipality()).outages[0].lets_leave_on(day("2025-04-04")));
        })
        .given(RecordOutageCorrection {
            member: municipality(),
            outage: id,
            corrected_on: None,
            measures: free_text(),
        })
        .when(leave_for(id))
        .then_refused("NO_EXIT_RIGHT");
}

#[test]
fn an_outage_that_is_not_essential_gives_no_right() {
    let scenario = home().at("2025-02-03").given(report(false));
    let id = outage(scenario.network());
    scenario
        .at("2025-05-05")
        .when(leave_for(id))
        .then_refused("NO_EXIT_RIGHT")
        .when(RecordOutageReport {
            member: municipality(),
            description: free_text(),
            essential: true,
            reported_on: day("2025-05-06"),
        })
        .then_refused("IN_THE_FUTURE");
}

fn letter(outage: OutageId, received_on: &str) -> RecordMemberNotice {
    RecordMemberNotice {
        member: municipality(),
        cause: Some(NoticeCause::Outage(outage)),
        sent_on: day("2025-04-01"),
        received_on: day(received_on),
        channel: crate::NoticeChannel::Letter,
        document: document("7"),
    }
}

// Membership contract §7 ¶2: what counts is the day on which the notice was received, not the one
// on which it was recorded.
#[rstest]
#[case::before_the_correction("2025-04-14", None)]
#[case::on_its_day("2025-04-15", Some("NO_EXIT_RIGHT"))]
#[case::too_early("2025-04-03", Some("TOO_EARLY"))]
fn a_right_that_was_used_in_time_does_not_lapse(
    #[case] received_on: &str,
    #[case] refused: Option<&str>,
) {
    // The report reached the operator on 2 February and was recorded a week later.
    let scenario = home().at("2025-02-09").given(RecordOutageReport {
        member: municipality(),
        description: free_text(),
        essential: true,
        reported_on: day("2025-02-02"),
    });
    let id = outage(scenario.network());
    let scenario = scenario.at("2025-04-16").given(RecordOutageCorrection {
        member: municipality(),
        outage: id,
        corrected_on: Some(day("2025-04-15")),
        measures: free_text(),
    });
    let scenario = scenario.when(letter(id, received_on));
    match refused {
        Some(code) => scenario.then_refused(code),
        None => scenario.then(&["NoticeGiven"]).then_state(|network| {
            let row = row(network, &municipality());
            let right = row.outages[0].exit_right.as_ref().unwrap();
            assert_eq!(right.day, day("2025-04-04"), "61 days after the report");
            assert!(row.outages[0].lets_leave_on(day("2025-04-14")));
            assert!(!row.outages[0].lets_leave_on(day("2025-04-15")));
            // The end of the day of receipt, whose hour is not known.
            assert_eq!(row.ends_at(), Some(instant("2025-04-14T21:00:00Z")));
        }),
    };
}

#[test]
fn a_report_is_recorded_within_the_membership() {
    home()
        .at("2025-02-09")
        .when(RecordOutageReport {
            member: municipality(),
            description: free_text(),
            essential: true,
            reported_on: day("2024-12-31"),
        })
        .then_refused("TOO_EARLY");
}
