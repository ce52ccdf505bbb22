//! When an integration routes.

use super::*;
use crate::testing::instant;

#[test]
fn production_routes_only_inside_the_membership_and_its_role() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Production));
    scenario
        .given(WithdrawRole {
            member: home_organisation(),
            role: MemberRole::HomeOrganisation,
            last_day: Some(day("2025-06-30")),
        })
        .then_state(|network| {
            // The whole last day belongs to the member (Europe/Helsinki).
            assert!(is_routable(
                network,
                integration,
                instant("2025-06-30T20:59:59Z")
            ));
            assert!(!is_routable(
                network,
                integration,
                instant("2025-06-30T21:00:00Z")
            ));
        })
        .at("2025-08-01")
        .then_state(|network| {
            let found = warnings(network, integration, instant("2025-08-01T12:00:00Z"));
            assert_eq!(found, [Warning::NotAMember]);
        });
}

#[test]
fn the_test_environment_routes_without_a_membership() {
    let register = RegisterHomeIntegration {
        organisation: oid(999),
        ..register_home(Environment::Test)
    };
    let (scenario, integration) = in_use(ledger(), register);
    assert!(is_routable(scenario.network(), integration, scenario.now()));
}

#[test]
fn a_client_without_a_secret_or_of_a_withdrawn_service_routes_nobody() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let (scenario, integration) = in_use(
        scenario,
        RegisterServiceIntegration {
            secret_hash: None,
            ..register_client(service, Environment::Production, oidc_client("a"))
        },
    );
    let now = scenario.now();
    scenario
        .then_state(|network| assert!(!is_routable(network, integration, now)))
        .given(RotateCredential {
            integration,
            secret: None,
            valid_until: None,
            secret_hash: Some("s256.salt.digest".parse().unwrap()),
        })
        .then_state(|network| assert!(is_routable(network, integration, now)));
}
