//! Random commands of the operations.

use super::Dice;
use crate::agreement::tests::{document, member};
use crate::time::{Instant, Window};
use crate::*;
use ::time::Duration;

pub(super) fn command(network: &Network, now: Instant, dice: Dice) -> Option<Command> {
    let operations = &network.operations;
    let date = dice.date(network, now);
    let member = member(u32::try_from(dice.other % 4 + 1).ok()?);
    let at = now.plus(Duration::days(dice.days));
    let earlier = now.plus(Duration::hours(-i64::try_from(dice.other).ok()?));
    let interruption = || dice.one(operations.interruptions.iter().map(|(id, _)| *id));
    let breach = || dice.one(operations.breaches.iter().map(|(id, _)| *id));
    Some(match dice.kind % 12 {
        0 => AnnounceMaintenance {
            environments: vec![Environment::Production],
            starts_at: at,
            ends_at: at.plus(Duration::hours(2)),
            description: "Logins may fail.".parse().unwrap(),
            address: None,
        }
        .into(),
        1 | 2 => StartInterruption {
            announced: interruption().filter(|_| dice.kind > 80),
            environments: vec![Environment::Production],
            started_at: earlier,
            ground: (dice.pick > 2).then_some(InterruptionGround::Security),
            suspends_service: dice.pick > 1,
            description: "A disk had to be replaced.".parse().unwrap(),
        }
        .into(),
        3 => EndInterruption {
            interruption: interruption()?,
            ended_at: earlier,
        }
        .into(),
        4 => DetectDataBreach {
            detected_at: earlier,
            description: "A log file was readable.".parse().unwrap(),
            controllers: vec![member],
        }
        .into(),
        5 => WidenDataBreach {
            breach: breach()?,
            controllers: vec![member],
        }
        .into(),
        6 => NotifyDataBreach {
            breach: breach()?,
            controller: member,
            notified_at: earlier,
            channel: NoticeChannel::Email,
            content: "It was readable for an hour.".parse().unwrap(),
            document: None,
        }
        .into(),
        7 => PermitSubprocessor {
            member,
            processor: PermittedProcessor::Operator(OperatorPermission {
                document: document('b'),
            }),
            subprocessor: None,
            permitted_on: date,
        }
        .into(),
        8 => RevokeSubprocessor {
            permit: dice.one(operations.permits.iter().map(|(id, _)| *id))?,
            last_day: date,
        }
        .into(),
        9 => RequestLogDisclosure {
            member,
            legal_basis: "decision 12".parse().unwrap(),
            user: Some("keksitty.oppilas".parse().unwrap()),
            message_id: None,
            integration: None,
            first_day: date,
            last_day: network.date(now),
            received_on: network.date(now),
        }
        .into(),
        10 => DiscloseLog {
            disclosure: dice.one(operations.disclosures.iter().map(|(id, _)| *id))?,
            disclosed_on: date,
            document: document('c'),
            authentications: 1,
        }
        .into(),
        _ => ReceiveSubjectRequest {
            member,
            right: SubjectRight::Access,
            received_on: date,
            user: None,
            description: "Which services saw the data?".parse().unwrap(),
        }
        .into(),
    })
}

/// Windows run forwards, what ended had begun, and the service is suspended only while an
/// interruption runs.
pub(super) fn check(network: &Network, now: Instant) {
    let forwards = |window: &Window| window.until.is_none_or(|until| window.from <= until);
    let operations = &network.operations;
    for (_, interruption) in operations.interruptions.iter() {
        assert!(interruption.suspends.iter().all(forwards));
        let suspends = interruption
            .suspends
            .is_some_and(|window| window.holds_at(now));
        assert!(!suspends || interruption.is_running());
        if let Some(ended_at) = interruption.ended_at {
            assert!(
                interruption
                    .start
                    .as_ref()
                    .is_some_and(|s| s.started_at <= ended_at)
            );
        }
    }
    for (_, permit) in operations.permits.iter() {
        assert_eq!(permit.window.until.is_some(), permit.last_day.is_some());
    }
    for (_, breach) in operations.breaches.iter() {
        for (_, notice) in breach.controllers.iter() {
            assert!(notice.iter().all(|n| n.notified_at >= breach.detected_at));
        }
    }
}
