//! What people decide for members told late, given, when, then.

use super::*;
use crate::agreement::tests::{approved, document, member, proposal, publish};
use crate::membership::tests::row;
use crate::testing::{Scenario, day, instant};
use crate::{
    GiveNotice, NoticeCause, NoticeChannel, ReceiveAmendmentNotice, ReviewGround,
    SendAmendmentNotice, WithdrawAmendment,
};

/// Member 1 was told of the amendment of 1 June in January, and learned of it on this day.
fn learned(received_on: &str) -> (Scenario, AmendmentId) {
    let (scenario, amendment) = approved(proposal());
    let scenario = scenario
        .given(publish(amendment, "2025-01-15"))
        .given(SendAmendmentNotice {
            amendment,
            member: member(1),
            channel: NoticeChannel::Letter,
            sent_on: day("2025-01-15"),
            document: proposal().document,
            describes_change: true,
            late_because: None,
        })
        .at(received_on)
        .given(ReceiveAmendmentNotice {
            amendment,
            member: member(1),
            received_on: day(received_on),
        });
    (scenario, amendment)
}

fn decide(amendment: AmendmentId, number: u32, holds_on: &str) -> DecideLateAmendment {
    DecideLateAmendment {
        amendment,
        member: member(number),
        holds_on: day(holds_on),
        document: document('9'),
    }
}

fn leave(amendment: AmendmentId) -> GiveNotice {
    GiveNotice {
        member: member(1),
        cause: Some(NoticeCause::Amendment(amendment)),
    }
}

#[test]
fn who_was_told_in_time_has_nothing_to_agree_on() {
    let (scenario, amendment) = learned("2025-01-20");
    scenario
        .when(decide(amendment, 1, "2025-07-01"))
        .then_refused("WRONG_STATE")
        .when(decide(amendment, 2, "2025-07-01"))
        .then_refused("NOT_A_MEMBER");
}

// Domain facts C.4.5: flagged, never decided by the system.
#[test]
fn a_member_told_late_leaves_on_the_day_agreed_on() {
    let (scenario, amendment) = learned("2025-05-20");
    scenario
        .at("2025-06-02")
        .when(leave(amendment))
        .then_refused("NEEDS_DECISION")
        .when(decide(amendment, 1, "2025-05-31"))
        .then_refused("TOO_EARLY")
        .when(decide(amendment, 1, "2045-05-31"))
        .then_refused("TOO_FAR_AHEAD")
        .given(decide(amendment, 1, "2025-09-01"))
        .when(decide(amendment, 1, "2025-09-01"))
        .then_refused("NOTHING_TO_CHANGE")
        .given(leave(amendment))
        .then_state(|network| {
            let row = row(network, &member(1));
            assert_eq!(row.ends_at(), Some(instant("2025-08-31T21:00:00Z")));
            let notice = row.notices.last().unwrap();
            assert!(notice.review.is_empty(), "people have decided");
            assert!(notice.end.computation.source.contains("agreed on"));
        });
}

#[test]
fn who_leaves_before_anybody_decided_is_shown_to_a_human() {
    let (scenario, amendment) = learned("2025-05-20");
    scenario.given(leave(amendment)).then_state(|network| {
        let notice = row(network, &member(1)).notices.last().unwrap().clone();
        assert_eq!(notice.review, [ReviewGround::ToldLate]);
        assert_eq!(notice.end.day, day("2025-06-01"));
    });
}

#[test]
fn notices_because_of_a_withdrawn_amendment_are_shown_to_a_human() {
    let (scenario, amendment) = learned("2025-01-20");
    scenario
        .given(leave(amendment))
        .then_state(|network| {
            assert_eq!(row(network, &member(1)).notices_to_review().count(), 0);
        })
        .given(WithdrawAmendment {
            amendment,
            reason: "It had a mistake.".parse().unwrap(),
        })
        .then_state(|network| {
            let row = row(network, &member(1));
            let notice = row.notices_to_review().next().unwrap();
            assert_eq!(notice.review, [ReviewGround::AmendmentWithdrawn]);
            assert!(row.ends_at().is_some(), "it stands until both withdraw it");
        });
}
