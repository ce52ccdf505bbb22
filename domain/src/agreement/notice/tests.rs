//! Announcement, notices and receipts, given, when, then.

use super::*;
use crate::agreement::tests::{approved, document, member, only_amendment, proposal, publish};
use crate::testing::{Scenario, day, instant};
use crate::{NameContact, PostponeAmendment, ProposeAmendment, UrgentGround};
use rstest::rstest;

fn send(amendment: AmendmentId, sent_on: &str) -> SendAmendmentNotice {
    SendAmendmentNotice {
        amendment,
        member: member(1),
        channel: NoticeChannel::Email,
        sent_on: day(sent_on),
        document: proposal().document,
        describes_change: true,
        late_because: None,
    }
}

fn receive(amendment: AmendmentId, received_on: &str) -> ReceiveAmendmentNotice {
    ReceiveAmendmentNotice {
        amendment,
        member: member(1),
        received_on: day(received_on),
    }
}

fn confirm(amendment: AmendmentId, confirmed_on: &str) -> ConfirmUrgentAmendment {
    ConfirmUrgentAmendment {
        amendment,
        confirmed_on: day(confirmed_on),
    }
}

fn urgent() -> ProposeAmendment {
    ProposeAmendment {
        urgent: Some(UrgentGround::SecureProcessing),
        enters_on: day("2025-01-20"),
        ..proposal()
    }
}

#[test]
fn nothing_is_told_before_the_steering_group_approves() {
    let scenario = Scenario::founded().given(proposal());
    let amendment = only_amendment(&scenario);
    scenario
        .when(send(amendment, "2025-01-01"))
        .then_refused("WRONG_STATE")
        .when(publish(amendment, "2025-01-01"))
        .then_refused("WRONG_STATE");
}

#[test]
fn only_members_under_the_contract_are_told_by_its_rules() {
    let (scenario, amendment) = approved(proposal());
    let to = |number| SendAmendmentNotice {
        member: member(number),
        ..send(amendment, "2025-01-15")
    };
    scenario
        .when(to(2))
        .then_refused("NOT_A_MEMBER")
        .when(to(9))
        .then_refused("RULE_NOT_SET")
        .given(NameContact {
            member: member(1),
            role: crate::ContactRole::Contract,
            contact: crate::membership::tests::person("Yrjö Yhteyshenkilö"),
            notified_on: None,
        })
        .given(to(1))
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            assert!(row.notices.get(&member(1)).unwrap().contact.is_some());
        });
}

#[test]
fn a_notice_holds_the_description_and_the_whole_annex() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .when(SendAmendmentNotice {
            document: document('e'),
            ..send(amendment, "2025-01-15")
        })
        .then_refused("NOTICE_INCOMPLETE")
        .when(SendAmendmentNotice {
            describes_change: false,
            ..send(amendment, "2025-01-15")
        })
        .then_refused("NOTICE_INCOMPLETE")
        .given(send(amendment, "2025-01-15"))
        .when(send(amendment, "2025-01-15"))
        .then_refused("NOTHING_TO_CHANGE");
}

// The amendment of the networks under test enters into force on 1 June 2025.
#[rstest]
#[case("2025-03-01", true)]
#[case("2025-03-02", false)]
fn notices_and_announcement_leave_three_months(#[case] on: &str, #[case] in_time: bool) {
    let (scenario, amendment) = approved(proposal());
    let scenario = scenario.at("2025-03-05");
    let scenario = if in_time {
        scenario
            .when(send(amendment, on))
            .then(&["AmendmentNoticeSent"])
    } else {
        scenario.when(send(amendment, on)).then_refused("TOO_LATE")
    };
    if in_time {
        scenario
            .when(publish(amendment, on))
            .then(&["AmendmentPublished"])
    } else {
        scenario
            .when(publish(amendment, on))
            .then_refused("TOO_LATE")
    };
}

#[test]
fn a_notice_sent_late_says_why_and_flags_the_member() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .at("2025-03-10")
        .given(SendAmendmentNotice {
            late_because: Some("The address was wrong.".parse().unwrap()),
            ..send(amendment, "2025-03-10")
        })
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            assert!(row.is_late_for(&member(1), day("2025-03-10")));
            let reason = row.notices.get(&member(1)).unwrap().late_because.as_ref();
            assert!(reason.unwrap().slot().is_some(), "sealed");
        });
}

#[test]
fn a_member_not_told_in_time_is_flagged() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .given(send(amendment, "2025-01-15"))
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            // Told, but no receipt is known; not told at all.
            for unknowing in [member(1), member(2)] {
                assert!(!row.is_late_for(&unknowing, day("2025-03-01")));
                assert!(row.is_late_for(&unknowing, day("2025-03-02")));
            }
        });
}

#[test]
fn the_receipt_is_each_members_own_and_the_first_one_counts() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .when(receive(amendment, "2025-01-15"))
        .then_refused("UNKNOWN")
        .given(send(amendment, "2025-01-15"))
        .when(receive(amendment, "2025-01-14"))
        .then_refused("TOO_EARLY")
        .when(receive(amendment, "2025-01-16"))
        .then_refused("IN_THE_FUTURE")
        .at("2025-01-20")
        .given(receive(amendment, "2025-01-17"))
        .when(receive(amendment, "2025-01-20"))
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            let window = row.exit_window(&member(1)).unwrap();
            assert_eq!(window.last_day, day("2025-02-16"));
            assert!(row.exit_window(&member(2)).is_none());
        });
}

#[rstest]
#[case("2025-03-01", false)]
#[case("2025-03-02", true)]
fn a_late_receipt_is_flagged(#[case] received_on: &str, #[case] late: bool) {
    let (scenario, amendment) = approved(proposal());
    scenario
        .given(send(amendment, "2025-01-15"))
        .at("2025-04-01")
        .given(receive(amendment, received_on))
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            let receipt = row.notices.get(&member(1)).unwrap().receipt.as_ref();
            assert_eq!(receipt.unwrap().late, late);
        });
}

#[test]
fn an_announcement_is_made_once_and_after_the_decision() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .when(publish(amendment, "2025-01-14"))
        .then_refused("TOO_EARLY")
        .when(send(amendment, "2025-01-14"))
        .then_refused("TOO_EARLY")
        .given(publish(amendment, "2025-01-15"))
        .when(publish(amendment, "2025-01-15"))
        .then_refused("WRONG_STATE");
}

#[test]
fn an_urgent_amendment_is_confirmed_then_announced_then_in_force() {
    // Membership contract §7 ¶6.
    let (scenario, amendment) = approved(urgent());
    scenario
        .when(publish(amendment, "2025-01-15"))
        .then_refused("WRONG_STATE")
        .when(confirm(amendment, "2025-01-14"))
        .then_refused("TOO_EARLY")
        .given(confirm(amendment, "2025-01-15"))
        .when(confirm(amendment, "2025-01-15"))
        .then_refused("NOTHING_TO_CHANGE")
        .when(publish(amendment, "2025-01-15"))
        .then_refused("NOT_ALL_NOTIFIED")
        .given(send(amendment, "2025-01-15"))
        .given(publish(amendment, "2025-01-15"))
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            assert_eq!(row.enters_at, instant("2025-01-19T22:00:00Z"));
            assert!(!row.is_late_for(&member(1), day("2025-01-19")));
        });
}

#[test]
fn an_urgent_amendment_announced_on_its_day_is_in_force_from_then() {
    let (scenario, amendment) = approved(urgent());
    scenario
        .at("2025-01-20")
        .given(confirm(amendment, "2025-01-20"))
        .given(send(amendment, "2025-01-15"))
        .given(publish(amendment, "2025-01-20"))
        .then_state(|network| {
            let row = network.agreement.amendments.get(&amendment).unwrap();
            assert_eq!(row.enters_at, instant("2025-01-20T12:00:00Z"));
            let annex = crate::AnnexNumber::RulesOfUse;
            let before = instant("2025-01-20T11:59:59Z");
            assert!(network.agreement.annex(annex, before).is_none());
        });
}

#[test]
fn an_urgent_amendment_whose_day_has_passed_gets_another_day() {
    let (scenario, amendment) = approved(urgent());
    scenario
        .at("2025-01-21")
        .given(confirm(amendment, "2025-01-20"))
        .given(send(amendment, "2025-01-15"))
        .when(publish(amendment, "2025-01-21"))
        .then_refused("TOO_LATE")
        .given(PostponeAmendment {
            amendment,
            enters_on: day("2025-01-25"),
            transition_last_day: None,
        })
        .when(publish(amendment, "2025-01-21"))
        .then_refused("NOT_ALL_NOTIFIED")
        .given(send(amendment, "2025-01-21"))
        .when(publish(amendment, "2025-01-21"))
        .then(&["AmendmentPublished"]);
}

#[test]
fn an_ordinary_amendment_is_not_confirmed() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .when(confirm(amendment, "2025-01-15"))
        .then_refused("WRONG_STATE");
}

// The day that members were told is not moved by a record that comes late.
#[test]
fn an_announcement_recorded_after_its_day_brings_nothing_into_force() {
    let (scenario, amendment) = approved(proposal());
    scenario
        .at("2025-05-31T20:59:59Z")
        .when(publish(amendment, "2025-02-01"))
        .then(&["AmendmentPublished"]);
    let (scenario, amendment) = approved(proposal());
    scenario
        .at("2025-05-31T21:00:00Z")
        .when(publish(amendment, "2025-02-01"))
        .then_refused("TOO_LATE");
}
