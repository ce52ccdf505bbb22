//! Random commands of the agreement and the steering group.

use super::{Dice, organisation};
use crate::agreement::tests::proposal;
use crate::steering::tests::appoint;
use crate::time::Instant;
use crate::*;

pub(super) fn command(network: &Network, now: Instant, dice: Dice) -> Option<Command> {
    let date = dice.date(network, now);
    let today = network.date(now);
    let amendments = network.agreement.amendments.iter().map(|(id, _)| *id);
    let amendment = || dice.one(amendments);
    let seat = || dice.one(network.steering.seats.iter().map(|(id, _)| *id));
    let member = organisation(dice.other % 4);
    let urgent = dice
        .pick
        .is_multiple_of(3)
        .then_some(UrgentGround::NetworkOperation);
    Some(match dice.kind % 14 {
        0 | 1 => ProposeAmendment {
            version: format!("v{}{}", dice.pick, dice.other).parse().unwrap(),
            enters_on: date,
            urgent,
            ..proposal()
        }
        .into(),
        2..=4 => CastVote {
            amendment: amendment()?,
            seat: dice.one(
                network
                    .steering
                    .seats
                    .iter()
                    .map(|(id, _)| *id)
                    .skip(dice.other % 3),
            )?,
            ballot: if dice.kind > 40 {
                Ballot::For
            } else {
                Ballot::Against
            },
        }
        .into(),
        5 => DecideAmendment {
            amendment: amendment()?,
            decided_on: today,
            meeting: None,
        }
        .into(),
        6 => PublishAmendment {
            amendment: amendment()?,
            published_on: today,
            address: "https://agreement.example.org/annexes".parse().unwrap(),
        }
        .into(),
        7 | 8 => SendAmendmentNotice {
            amendment: amendment()?,
            member,
            channel: NoticeChannel::Email,
            sent_on: today,
            document: proposal().document,
            describes_change: true,
            late_because: None,
        }
        .into(),
        9 => ReceiveAmendmentNotice {
            amendment: amendment()?,
            member,
            received_on: today,
        }
        .into(),
        10 => ConfirmUrgentAmendment {
            amendment: amendment()?,
            confirmed_on: today,
        }
        .into(),
        11 => PostponeAmendment {
            amendment: amendment()?,
            enters_on: date,
            transition_last_day: None,
        }
        .into(),
        12 if dice.other == 0 => WithdrawAmendment {
            amendment: amendment()?,
            reason: "It had a mistake.".parse().unwrap(),
        }
        .into(),
        12 => appoint("Daavid", &date.to_string()).into(),
        _ => DismissSteeringMember {
            seat: seat()?,
            last_day: date,
            reason: "Moved to another job.".parse().unwrap(),
        }
        .into(),
    })
}

/// Editions stand in order and come from amendments that hold; votes, windows and exits agree.
pub(super) fn check(network: &Network, now: Instant) {
    let agreement = &network.agreement;
    for (_, editions) in agreement.annexes.iter() {
        assert!(editions.is_sorted_by_key(|edition| edition.enters_at));
        for id in editions.iter().filter_map(|edition| edition.amendment) {
            let amendment = agreement.amendments.get(&id).unwrap();
            assert!(amendment.is_approved() && amendment.announcement.is_some());
        }
    }
    for (id, amendment) in agreement.amendments.iter() {
        let editions = agreement.annexes.get(&amendment.annex);
        let stands = editions
            .into_iter()
            .flatten()
            .any(|edition| edition.amendment == Some(*id));
        let announced = matches!(
            amendment.state(now),
            AmendmentState::Announced | AmendmentState::InForce
        );
        assert_eq!(stands, announced, "announced amendments stand, no others");
        if let Some(decision) = &amendment.decision {
            assert!(decision.tally.took_part() <= decision.tally.in_office);
        }
        for (member, notice) in amendment.notices.iter() {
            let Some(receipt) = &notice.receipt else {
                continue;
            };
            assert!(receipt.received_on >= notice.sent_on);
            let exit = network.amendment_exit(*id, member, receipt.received_on, now);
            if let Ok(exit) = exit {
                assert_eq!(exit.ends_at, amendment.enters_at);
                assert!(receipt.received_on < exit.ends_on);
            }
        }
    }
    let steering = &network.steering;
    for pair in steering.terms.windows(2) {
        assert!(pair[0].last_day < pair[1].first_day);
    }
    for (_, seat) in steering.seats.iter() {
        assert!(seat.first_day <= seat.last_day);
        assert!(
            seat.in_office
                .until
                .is_some_and(|until| until > seat.in_office.from)
        );
    }
}
