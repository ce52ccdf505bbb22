//! Disputes and quality complaints.

use super::ending::*;
use super::*;
use crate::ObligationKind;
use crate::testing::{day, instant};

#[test]
fn a_dispute_is_negotiated_for_three_months() {
    let scenario = home().at("2025-11-30").given(OpenDispute {
        member: municipality(),
        matter: free_text(),
        opened_on: None,
    });
    let dispute = row(scenario.network(), &municipality()).disputes[0].clone();
    assert_eq!(dispute.negotiation_ends.at, instant("2026-02-28T22:00:00Z"));
    let owed = |scenario: &Scenario, at: &str| {
        let row = row(scenario.network(), &municipality());
        let owed = row.obligations(scenario.network(), instant(at));
        owed.iter()
            .any(|one| one.kind == ObligationKind::DecideDispute(dispute.id))
    };
    assert!(!owed(&scenario, "2026-02-28T21:59:59Z"));
    assert!(owed(&scenario, "2026-02-28T22:00:00Z"));
    let close = CloseDispute {
        member: municipality(),
        dispute: dispute.id,
        outcome: DisputeOutcome::Agreed,
        closed_on: None,
        settlement: Some(free_text()),
    };
    let scenario = scenario.at("2026-03-02").given(close.clone());
    assert!(!owed(&scenario, "2026-03-02T12:00:00Z"));
    scenario.when(close).then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn a_complaint_gets_a_reasonable_time() {
    let scenario = home().at("2025-02-03").given(MakeQualityComplaint {
        member: municipality(),
        description: free_text(),
        made_on: None,
    });
    let complaint = row(scenario.network(), &municipality()).complaints[0].id;
    let until = |due_on: &str| SetComplaintDeadline {
        member: municipality(),
        complaint,
        due_on: day(due_on),
    };
    let settle = SettleQualityComplaint {
        member: municipality(),
        complaint,
        outcome: free_text(),
        settled_on: None,
    };
    scenario
        .when(until("2025-02-02"))
        .then_refused("OUT_OF_RANGE")
        .given(until("2025-03-03"))
        .then_state(|network| {
            let owed =
                row(network, &municipality()).obligations(network, instant("2025-03-04T12:00:00Z"));
            let kind = ObligationKind::SettleComplaint(complaint);
            let owed = owed.into_iter().find(|one| one.kind == kind).unwrap();
            assert!(owed.is_overdue(instant("2025-03-03T22:00:00Z")));
            assert!(!owed.is_overdue(instant("2025-03-03T21:59:59Z")));
        })
        .given(settle.clone())
        .when(settle)
        .then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn data_are_returned_as_the_home_organisation_chose() {
    let member = municipality();
    let choose = ChooseDataDisposition {
        member: member.clone(),
        choice: DispositionChoice::Return,
    };
    let returned = RecordDataReturn {
        member: member.clone(),
        returned_on: None,
        evidence: document("1"),
        retained: Vec::new(),
    };
    let owed = |network: &Network| {
        let now = instant("2025-03-10T12:00:00Z");
        let owed = row(network, &municipality()).obligations(network, now);
        owed.iter()
            .any(|one| one.kind == ObligationKind::ReturnOrEraseData)
    };
    home()
        .at("2025-02-03")
        .given(leave(member.clone()))
        .given(choose)
        .when(returned.clone())
        .then_refused("WRONG_STATE")
        .at("2025-03-10")
        .then_state(|network| assert!(owed(network)))
        .when(RecordDataReturn {
            returned_on: Some(day("2025-03-02")),
            ..returned.clone()
        })
        .then_refused("TOO_EARLY")
        .when(RecordDataErasure {
            member,
            erased_on: None,
            evidence: document("1"),
            retained: Vec::new(),
        })
        .then_refused("WRONG_STATE")
        .given(returned.clone())
        .then_state(|network| {
            let disposition = row(network, &municipality()).disposition.clone().unwrap();
            assert_eq!(disposition.done_on, Some(day("2025-03-10")));
            assert_eq!(disposition.evidence, Some(document("1")));
            assert!(!owed(network));
        })
        .when(returned)
        .then_refused("NOTHING_TO_CHANGE");
}
