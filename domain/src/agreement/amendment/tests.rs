//! Proposal, postponement and withdrawal of amendments, given, when, then.

use super::*;
use crate::agreement::tests::{approved, proposal, publish};
use crate::agreement::{ReceiveAmendmentNotice, SendAmendmentNotice};
use crate::data_model::Version;
use crate::testing::{Scenario, day, instant};
use rstest::rstest;

fn withdraw(amendment: AmendmentId) -> WithdrawAmendment {
    WithdrawAmendment {
        amendment,
        reason: "The annex had a mistake.".parse().unwrap(),
    }
}

fn postpone(amendment: AmendmentId, enters_on: &str) -> PostponeAmendment {
    PostponeAmendment {
        amendment,
        enters_on: day(enters_on),
        transition_last_day: None,
    }
}

// Membership contract §7 ¶5: at least three months before; the months as in domain facts C.3.
#[rstest]
#[case("2025-03-01", "2025-06-01", true)]
#[case("2025-03-02", "2025-06-01", false)]
#[case::month_ends("2025-11-30", "2026-02-28", true)]
#[case::month_ends_leap_year("2023-11-30", "2024-02-29", true)]
#[case::month_ends_too_late("2025-12-01", "2026-02-28", false)]
fn three_months_before(#[case] told: &str, #[case] enters: &str, #[case] in_time: bool) {
    assert_eq!(is_three_months_before(day(told), day(enters)), in_time);
}

#[test]
fn the_last_day_to_notify_is_the_last_that_leaves_three_months() {
    let (scenario, amendment) = approved(proposal());
    let row = scenario.network().agreement.amendments.get(&amendment);
    let mut row = row.unwrap().clone();
    let mut enters_on = day("2023-01-01");
    while enters_on < day("2029-01-01") {
        row.enters_on = enters_on;
        let last = row.notify_by().unwrap();
        assert!(row.leaves_time(last), "{last} for {enters_on}");
        assert!(
            !row.leaves_time(last.plus_days(1)),
            "{last} for {enters_on}"
        );
        enters_on = enters_on.plus_days(1);
    }
    row.urgent = Some(UrgentGround::NetworkOperation);
    assert_eq!(row.notify_by(), None);
}

#[test]
fn an_ordinary_amendment_leaves_three_months_and_an_urgent_one_need_not() {
    let entering = |enters_on: &str, urgent| ProposeAmendment {
        enters_on: day(enters_on),
        urgent,
        ..proposal()
    };
    let urgent = Some(UrgentGround::SecureProcessing);
    Scenario::founded()
        .when(entering("2025-03-31", None))
        .then_refused("TOO_EARLY")
        .when(entering("2024-12-31", urgent))
        .then_refused("TOO_EARLY")
        .when(entering("2199-01-01", None))
        .then_refused("TOO_FAR_AHEAD")
        .when(entering("2025-04-01", None))
        .then(&["AmendmentProposed"])
        .when(entering("2025-07-01", None))
        .then_refused("NAME_TAKEN")
        .when(ProposeAmendment {
            version: "3.0".parse().unwrap(),
            ..entering("2025-01-01", urgent)
        })
        .then(&["AmendmentProposed"]);
}

#[test]
fn a_data_model_amendment_states_its_version_and_transition() {
    let amendment = |selects, transition_last_day: Option<&str>| ProposeAmendment {
        annex: AnnexNumber::DataModel,
        selects,
        transition_last_day: transition_last_day.map(day),
        ..proposal()
    };
    let model = || Some(AnnexSelection::DataModel(Version::V1_4));
    Scenario::founded()
        .when(amendment(None, None))
        .then_refused("SELECTION_INVALID")
        .when(amendment(model(), Some("2025-05-31")))
        .then_refused("TRANSITION_INVALID")
        .when(ProposeAmendment {
            transition_last_day: Some(day("2025-12-31")),
            ..proposal()
        })
        .then_refused("TRANSITION_INVALID")
        .when(amendment(model(), Some("2025-12-31")))
        .then(&["AmendmentProposed"]);
}

#[test]
fn an_annex_enters_into_force_by_its_window_and_not_by_the_clerk() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .given(publish(amendment, "2025-01-15"))
        .then_state(|network| {
            let in_force = |at: &str| {
                let annex = network
                    .agreement
                    .annex(AnnexNumber::RulesOfUse, instant(at));
                annex.map(|edition| edition.version.to_string())
            };
            // 00:00 in Helsinki, where summer time holds (domain facts J.1).
            assert_eq!(in_force("2025-05-31T20:59:59Z"), None);
            assert_eq!(in_force("2025-05-31T21:00:00Z").as_deref(), Some("2.0"));
            let row = network.agreement.amendments.get(&amendment).unwrap();
            let state = |at: &str| row.state(instant(at));
            assert_eq!(state("2025-05-31T20:59:59Z"), AmendmentState::Announced);
            assert_eq!(state("2025-05-31T21:00:00Z"), AmendmentState::InForce);
        });
}

#[test]
fn the_clerk_records_the_effect_once_and_not_before() {
    use crate::{DueCommand, RecordAmendmentEffect, due, next_due_after};
    // The notices that nobody sent are due too; here only the entry into force is looked at.
    let effects = |network: &crate::Network, now| -> Vec<DueCommand> {
        let due = due(network, now).into_iter();
        due.filter(|one| one.kind == "amendment-effect").collect()
    };
    let (scenario, amendment) = approved(proposal());
    let entry = instant("2025-05-31T21:00:00Z");
    let scenario = scenario
        .given(publish(amendment, "2025-01-15"))
        .when(RecordAmendmentEffect { amendment })
        .then_refused("WRONG_STATE")
        .then_state(|network| {
            let before = instant("2025-05-31T20:59:59Z");
            assert!(effects(network, before).is_empty());
            assert_eq!(next_due_after(network, before), Some(entry));
        })
        .at("2025-06-08");
    let fallen_due = effects(scenario.network(), scenario.now());
    assert_eq!(fallen_due.len(), 1);
    assert_eq!(fallen_due[0].due, entry);
    scenario
        .when(fallen_due[0].command.clone())
        .then(&["AmendmentTookEffect"])
        .when(RecordAmendmentEffect { amendment })
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            assert!(effects(network, instant("2025-07-01T00:00:00Z")).is_empty());
        });
}

#[test]
fn what_is_withdrawn_does_not_enter_into_force() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .given(publish(amendment, "2025-01-15"))
        .given(withdraw(amendment))
        .when(withdraw(amendment))
        .then_refused("WRONG_STATE")
        .when(publish(amendment, "2025-01-15"))
        .then_refused("WRONG_STATE")
        .then_state(|network| {
            let later = instant("2025-07-01T00:00:00Z");
            assert!(network.agreement.annex(AnnexNumber::RulesOfUse, later).is_none());
            assert!(crate::due(network, later).is_empty());
        })
        // Its version is free again.
        .when(proposal())
        .then(&["AmendmentProposed"]);
}

#[test]
fn what_is_in_force_is_amended_and_not_withdrawn() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .given(publish(amendment, "2025-01-15"))
        .at("2025-06-01")
        .when(withdraw(amendment))
        .then_refused("WRONG_STATE");
}

#[test]
fn a_postponement_voids_the_notices_until_one_is_received() {
    let (scenario, amendment) = approved(proposal());
    let member = crate::agreement::tests::member(1);
    let send = |sent_on: &str| SendAmendmentNotice {
        amendment,
        member: member.clone(),
        channel: crate::NoticeChannel::Email,
        sent_on: day(sent_on),
        document: proposal().document,
        describes_change: true,
        late_because: None,
    };
    scenario
        .given(send("2025-01-15"))
        .when(postpone(amendment, "2025-06-01"))
        .then_refused("TOO_EARLY")
        .given(postpone(amendment, "2025-08-01"))
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            assert!(row.notices.is_empty(), "they named another day");
            assert_eq!(row.enters_at, instant("2025-07-31T21:00:00Z"));
        })
        .given(send("2025-01-15"))
        .given(ReceiveAmendmentNotice {
            amendment,
            member: member.clone(),
            received_on: day("2025-01-15"),
        })
        .when(postpone(amendment, "2025-09-01"))
        .then_refused("WRONG_STATE");
}

#[test]
fn what_is_announced_is_not_postponed() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .given(publish(amendment, "2025-01-15"))
        .when(postpone(amendment, "2025-08-01"))
        .then_refused("WRONG_STATE");
}

#[test]
fn an_unknown_amendment_is_refused_everywhere() {
    let amendment = AmendmentId(uuid::Uuid::nil());
    let scenario = Scenario::founded();
    assert!(scenario.network().agreement.amendments.is_empty());
    scenario
        .when(withdraw(amendment))
        .then_refused("UNKNOWN")
        .when(postpone(amendment, "2025-08-01"))
        .then_refused("UNKNOWN")
        .when(publish(amendment, "2025-01-01"))
        .then_refused("UNKNOWN")
        .when(crate::RecordAmendmentEffect { amendment })
        .then_refused("UNKNOWN")
        .given(proposal())
        .then_state(|network| assert_eq!(network.agreement.amendments.len(), 1));
}
