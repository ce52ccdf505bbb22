//! Maintenance and interruptions (membership contract §6 ¶4).

use crate::testing::{Scenario, instant};
use crate::{
    AnnounceMaintenance, CancelMaintenance, EndInterruption, Environment, InterruptionGround,
    InterruptionId, StartInterruption,
};
use rstest::rstest;

fn announce(starts_at: &str, ends_at: &str) -> AnnounceMaintenance {
    AnnounceMaintenance {
        environments: vec![Environment::Production],
        starts_at: instant(starts_at),
        ends_at: instant(ends_at),
        description: "Logins may fail for some minutes.".parse().unwrap(),
        address: None,
    }
}

fn start(started_at: &str, ground: Option<InterruptionGround>) -> StartInterruption {
    StartInterruption {
        announced: None,
        environments: vec![Environment::Production, Environment::Production],
        started_at: instant(started_at),
        ground,
        suspends_service: false,
        description: "A disk had to be replaced.".parse().unwrap(),
    }
}

fn only(scenario: &Scenario) -> InterruptionId {
    let interruptions = &scenario.network().operations.interruptions;
    assert_eq!(interruptions.len(), 1);
    *interruptions.iter().next().unwrap().0
}

fn announced() -> (Scenario, InterruptionId) {
    let scenario =
        Scenario::founded().given(announce("2025-01-02T20:00:00Z", "2025-01-02T22:00:00Z"));
    let interruption = only(&scenario);
    (scenario, interruption)
}

#[test]
fn maintenance_is_announced_in_advance() {
    let nowhere = AnnounceMaintenance {
        environments: Vec::new(),
        ..announce("2025-01-02T20:00:00Z", "2025-01-02T22:00:00Z")
    };
    Scenario::founded()
        .when(announce("2025-01-01T10:00:00Z", "2025-01-01T12:00:00Z"))
        .then_refused("TOO_EARLY")
        .when(announce("2025-01-02T20:00:00Z", "2025-01-02T20:00:00Z"))
        .then_refused("TOO_EARLY")
        .when(announce("2025-01-02T20:00:00Z", "2099-01-02T20:00:00Z"))
        .then_refused("TOO_FAR_AHEAD")
        .when(nowhere)
        .then_refused("ENVIRONMENT_MISSING");
}

#[rstest]
#[case(None, false)]
#[case(Some(InterruptionGround::NecessaryRepair), true)]
#[case(Some(InterruptionGround::SeriousDisturbance), true)]
#[case(Some(InterruptionGround::Security), true)]
fn without_an_announcement_there_is_a_ground(
    #[case] ground: Option<InterruptionGround>,
    #[case] accepted: bool,
) {
    let scenario = Scenario::founded().when(start("2025-01-01T09:00:00Z", ground));
    if accepted {
        scenario
            .then(&["InterruptionStarted"])
            .then_state(|network| {
                let mut rows = network.operations.interruptions.values();
                let row = rows.next().unwrap();
                assert!(row.is_running() && row.came_unannounced());
                assert_eq!(row.environments, [Environment::Production]);
            });
    } else {
        scenario.then_refused("NOT_ANNOUNCED");
    }
}

#[test]
fn what_begins_as_announced_needs_no_ground() {
    let (scenario, interruption) = announced();
    let begin = |started_at: &str, ground| StartInterruption {
        announced: Some(interruption),
        ..start(started_at, ground)
    };
    let elsewhere = StartInterruption {
        environments: vec![Environment::Test],
        ..begin("2025-01-02T20:00:00Z", None)
    };
    scenario
        .at("2025-01-03")
        .when(begin("2025-01-02T19:59:59Z", None))
        .then_refused("NOT_ANNOUNCED")
        .when(elsewhere)
        .then_refused("WRONG_STATE")
        .given(begin(
            "2025-01-02T20:00:00Z",
            Some(InterruptionGround::Security),
        ))
        .then_state(|network| {
            let row = network.operations.interruptions.get(&interruption).unwrap();
            assert!(!row.came_unannounced(), "it was announced");
        })
        .when(begin("2025-01-02T20:00:00Z", None))
        .then_refused("WRONG_STATE");
}

#[test]
fn maintenance_that_is_called_off_does_not_begin() {
    let (scenario, interruption) = announced();
    let cancel = CancelMaintenance {
        interruption,
        reason: "The part did not come.".parse().unwrap(),
    };
    scenario
        .given(cancel.clone())
        .when(cancel)
        .then_refused("WRONG_STATE")
        .at("2025-01-03")
        .when(StartInterruption {
            announced: Some(interruption),
            ..start("2025-01-02T20:00:00Z", None)
        })
        .then_refused("WRONG_STATE")
        .when(EndInterruption {
            interruption,
            ended_at: instant("2025-01-02T21:00:00Z"),
        })
        .then_refused("WRONG_STATE");
}

#[test]
fn a_suspended_service_is_suspended_from_the_record_to_the_record() {
    // Nobody was kept out in the past, whatever the record says of it.
    let scenario = Scenario::founded().given(StartInterruption {
        suspends_service: true,
        ..start("2025-01-01T09:00:00Z", Some(InterruptionGround::Security))
    });
    let interruption = only(&scenario);
    let end = |ended_at: &str| EndInterruption {
        interruption,
        ended_at: instant(ended_at),
    };
    scenario
        .when(end("2025-01-01T08:59:59Z"))
        .then_refused("TOO_EARLY")
        .when(end("2025-01-01T10:00:01Z"))
        .then_refused("IN_THE_FUTURE")
        .at("2025-01-01T12:00:00Z")
        .given(end("2025-01-01T11:00:00Z"))
        .when(end("2025-01-01T11:00:00Z"))
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let suspended = |environment, at: &str| {
                network
                    .operations
                    .is_service_suspended(environment, instant(at))
            };
            assert!(!suspended(Environment::Production, "2025-01-01T09:59:59Z"));
            assert!(suspended(Environment::Production, "2025-01-01T10:00:00Z"));
            assert!(!suspended(Environment::Test, "2025-01-01T10:00:00Z"));
            assert!(suspended(Environment::Production, "2025-01-01T11:59:59Z"));
            assert!(!suspended(Environment::Production, "2025-01-01T12:00:00Z"));
        });
}

#[test]
fn an_interruption_that_lets_logins_through_suspends_nothing() {
    Scenario::founded()
        .given(start(
            "2025-01-01T09:00:00Z",
            Some(InterruptionGround::NecessaryRepair),
        ))
        .then_state(|network| {
            let now = instant("2025-01-01T10:00:00Z");
            let operations = &network.operations;
            assert!(!operations.is_service_suspended(Environment::Production, now));
        });
}

#[test]
fn an_unknown_interruption_neither_begins_nor_ends() {
    let interruption = InterruptionId(uuid::Uuid::nil());
    Scenario::founded()
        .when(StartInterruption {
            announced: Some(interruption),
            ..start("2025-01-01T09:00:00Z", None)
        })
        .then_refused("UNKNOWN")
        .when(EndInterruption {
            interruption,
            ended_at: instant("2025-01-01T09:00:00Z"),
        })
        .then_refused("UNKNOWN")
        .when(start("2025-01-01T10:00:01Z", None))
        .then_refused("IN_THE_FUTURE");
}
