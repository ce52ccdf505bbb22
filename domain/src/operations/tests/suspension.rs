//! Suspensions of end users (membership contract §6 ¶8).

use super::organisation;
use crate::testing::{Scenario, instant};
use crate::value::LanguageText;
use crate::{
    CreateService, EndUserSuspensionGround, Environment, InformTechnicalContact, IntegrationId,
    NoticeChannel, RegisterHomeIntegration, ReinstateEndUser, ServiceDescription, ServiceId,
    SuspendEndUser, SuspensionId,
};
use serde_json::json;
use uuid::Uuid;

/// A network with a test integration of an invented home organisation, and three services.
fn with_integration() -> (Scenario, IntegrationId, Vec<ServiceId>) {
    let register: RegisterHomeIntegration = serde_json::from_value(json!({
        "organisation": organisation(1),
        "environment": Environment::Test,
        "configuration": { "upstream": { "wilma": { "host": "wilma.example.org" } } },
    }))
    .unwrap();
    let create = |name: &str| CreateService {
        organisation: organisation(2),
        description: ServiceDescription::named(LanguageText::parse(name).unwrap()),
        environment: None,
    };
    let scenario = Scenario::founded()
        .given(register)
        .given(create("Lukutehtävät"))
        .given(create("Laskutehtävät"))
        .given(create("Kirjasto"));
    let network = scenario.network();
    let (integration, _) = network.integrations.iter().next().unwrap();
    let services = network
        .services
        .services
        .iter()
        .map(|(id, _)| *id)
        .collect();
    (scenario, integration, services)
}

fn suspend(integration: IntegrationId, services: Option<Vec<ServiceId>>) -> SuspendEndUser {
    SuspendEndUser {
        member: organisation(1),
        integration,
        user: "keksitty.oppilas".parse().unwrap(),
        services,
        ground: EndUserSuspensionGround::SuspectedFraud,
        reason: "The same account from four countries.".parse().unwrap(),
    }
}

fn only(scenario: &Scenario) -> SuspensionId {
    let suspensions = &scenario.network().operations.suspensions;
    assert_eq!(suspensions.len(), 1);
    *suspensions.iter().next().unwrap().0
}

#[test]
fn a_user_is_kept_from_all_services_until_reinstated() {
    let (scenario, integration, services) = with_integration();
    let scenario = scenario.given(suspend(integration, None));
    let suspension = only(&scenario);
    let reinstate = ReinstateEndUser {
        suspension,
        reason: "It was the user.".parse().unwrap(),
    };
    scenario
        .at("2025-01-05")
        .given(reinstate.clone())
        .when(reinstate)
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let row = network.operations.suspensions.get(&suspension).unwrap();
            let suspended = |at: &str| row.keeps_from(services[0], instant(at));
            assert!(!suspended("2025-01-01T09:59:59Z"));
            assert!(suspended("2025-01-01T10:00:00Z"));
            assert!(!suspended("2025-01-05T12:00:00Z"));
            assert!(row.user.slot().is_some(), "sealed");
        })
        .when(suspend(integration, None))
        .then(&["EndUserSuspended"]);
}

#[test]
fn a_user_is_kept_from_named_services_alone() {
    let (scenario, integration, services) = with_integration();
    let elsewhere = SuspendEndUser {
        member: organisation(2),
        ..suspend(integration, None)
    };
    scenario
        .when(elsewhere)
        .then_refused("UNKNOWN")
        .when(suspend(integration, Some(vec![ServiceId(Uuid::nil())])))
        .then_refused("UNKNOWN")
        .when(suspend(integration, Some(Vec::new())))
        .then_refused("SERVICES_INVALID")
        .given(suspend(
            integration,
            Some(vec![services[1], services[0], services[1]]),
        ))
        .then_state(|network| {
            let (_, row) = network.operations.suspensions.iter().next().unwrap();
            let now = instant("2025-01-01T10:00:00Z");
            let suspended = |number: usize| row.keeps_from(services[number], now);
            assert!(suspended(0) && suspended(1) && !suspended(2));
        })
        .when(suspend(integration, Some(vec![services[2]])))
        .then(&["EndUserSuspended"])
        .when(suspend(integration, None))
        .then(&["EndUserSuspended"]);
}

#[test]
fn the_technical_contact_is_told_and_the_delay_is_kept() {
    let (scenario, integration, _) = with_integration();
    let scenario = scenario.given(suspend(integration, None));
    let suspension = only(&scenario);
    let inform = |informed_at: &str| InformTechnicalContact {
        suspension,
        informed_at: instant(informed_at),
        channel: NoticeChannel::Email,
    };
    scenario
        .at("2025-01-02")
        .when(inform("2025-01-01T09:59:59Z"))
        .then_refused("TOO_EARLY")
        .when(inform("2025-01-02T12:00:01Z"))
        .then_refused("IN_THE_FUTURE")
        .given(inform("2025-01-01T11:30:59Z"))
        .when(inform("2025-01-01T11:30:59Z"))
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let row = network.operations.suspensions.get(&suspension).unwrap();
            assert_eq!(row.informed.as_ref().unwrap().delay_minutes, 90);
        });
}

#[test]
fn an_unknown_suspension_is_refused() {
    let suspension = SuspensionId(Uuid::nil());
    Scenario::founded()
        .when(ReinstateEndUser {
            suspension,
            reason: "It was the user.".parse().unwrap(),
        })
        .then_refused("UNKNOWN")
        .when(InformTechnicalContact {
            suspension,
            informed_at: instant("2025-01-01T10:00:00Z"),
            channel: NoticeChannel::Letter,
        })
        .then_refused("UNKNOWN");
}
