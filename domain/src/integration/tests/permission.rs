//! All, or a list; an empty list means none.

use super::*;

#[test]
fn a_new_home_integration_permits_all_and_an_empty_list_none() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let (scenario, integration) = in_use(scenario, register_home(Environment::Test));
    let permits = |network: &Network| {
        home(network, integration)
            .permissions
            .permits(network, service)
    };
    let mode = |mode, services| SetPermissionMode {
        integration,
        mode,
        services,
    };
    let services = vec![service];
    scenario
        .then_state(|network| assert!(permits(network)))
        .when(ForbidServices {
            integration,
            services: services.clone(),
        })
        .then_refused("WRONG_STATE")
        .when(mode(PermissionMode::All, vec![]))
        .then_refused("NOTHING_TO_CHANGE")
        .when(mode(PermissionMode::All, services.clone()))
        .then_refused("LIST_NOT_WANTED")
        .given(mode(PermissionMode::List, vec![]))
        .then_state(|network| assert!(!permits(network)))
        .when(PermitServices {
            integration,
            services: services.clone(),
        })
        .then(&["ServicePermitted"])
        .then_state(|network| assert!(permits(network)))
        .when(PermitServices {
            integration,
            services: services.clone(),
        })
        .then_refused("NOTHING_TO_CHANGE")
        .when(ForbidServices {
            integration,
            services,
        })
        .then(&["ServiceForbidden"])
        .then_state(|network| assert!(!permits(network)));
}

#[test]
fn who_permitted_what_and_when_stays_when_the_list_grows() {
    let scenario = ledger().given(create_service(None));
    let first = last_service(&scenario);
    let scenario = scenario.given(create_service(None));
    let second = last_service(&scenario);
    let (scenario, integration) = in_use(scenario, register_home(Environment::Test));
    let list = |services| SetPermissionMode {
        integration,
        mode: PermissionMode::List,
        services,
    };
    let then = scenario.now();
    scenario
        .given(list(vec![first]))
        .at("2025-05-05")
        .given(list(vec![first, second]))
        .then_state(|network| {
            let services = &home(network, integration).permissions.services;
            assert_eq!(services[&first].at, then);
            assert_ne!(services[&second].at, then);
        });
}

#[test]
fn the_attribute_test_service_is_permitted_by_everybody() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let (scenario, integration) = in_use(scenario, register_home(Environment::Test));
    scenario
        .given(SetPermissionMode {
            integration,
            mode: PermissionMode::List,
            services: vec![],
        })
        .given(NameAttributeTestService { service })
        .then_state(|network| {
            let permissions = &home(network, integration).permissions;
            assert!(permissions.permits(network, service));
            assert_eq!(permissions.permitted(network).unwrap().len(), 1);
        });
}

#[test]
fn a_service_that_nobody_offers_is_not_permitted() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Test));
    scenario
        .when(SetPermissionMode {
            integration,
            mode: PermissionMode::List,
            services: vec![ServiceId(uuid::Uuid::nil())],
        })
        .then_refused("UNKNOWN");
}
