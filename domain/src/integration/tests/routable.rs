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

/// The member gives notice, and it is the day on which the membership has ended.
fn left(scenario: Scenario, member: &OrganisationOid, on: &str) -> Scenario {
    let scenario = scenario
        .given(GiveNotice {
            member: member.clone(),
            cause: None,
        })
        .at(on);
    let row = scenario.network().members.get(member).unwrap();
    assert!(!row.in_force(scenario.now()));
    scenario
}

fn accepted_again(scenario: &Scenario, organisation: OrganisationOid) -> AcceptMember {
    let row = scenario.network().members.get(&organisation).unwrap();
    AcceptMember {
        organisation,
        name: None,
        business_id: None,
        instrument: "contract-2018".parse().unwrap(),
        since: scenario.network().date(scenario.now()),
        evidence: "invented for tests".parse().unwrap(),
        roles: if row.education_provider.is_some() {
            vec![MemberRole::HomeOrganisation]
        } else {
            vec![MemberRole::ServiceProvider]
        },
    }
}

#[test]
fn what_was_in_use_in_an_earlier_membership_waits_for_its_activation_in_this_one() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Production));
    let scenario = left(scenario, &home_organisation(), "2025-06-01");
    let rejoin = accepted_again(&scenario, home_organisation());
    let scenario = scenario.given(rejoin).at("2025-06-02");
    let now = scenario.now();
    assert_eq!(state(&scenario, integration), IntegrationState::Active);
    assert_eq!(
        warnings(scenario.network(), integration, now),
        [Warning::NotAdmitted]
    );
    scenario
        .then_state(|network| {
            assert!(!is_routable(network, integration, now));
            // The past stays as it was.
            assert!(is_routable(
                network,
                integration,
                instant("2025-01-31T12:00:00Z")
            ));
        })
        .when(ActivateIntegration { integration })
        .then(&["IntegrationActivated"])
        .then_state(|network| {
            assert!(is_routable(network, integration, now));
            assert!(!is_routable(
                network,
                integration,
                instant("2025-06-02T11:59:59Z")
            ));
        })
        .when(ActivateIntegration { integration })
        .then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn what_an_earlier_membership_assured_and_notified_opens_no_gate_of_a_later_one() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let client = register_client(service, Environment::Production, oidc_client("a"));
    let (scenario, integration) = in_use(scenario, client);
    let scenario = left(scenario, &provider(), "2025-06-01");
    let rejoin = accepted_again(&scenario, provider());
    let scenario = scenario
        .given(rejoin)
        .at("2025-06-02")
        .when(ActivateIntegration { integration })
        .then_refused("ASSURANCE_MISSING")
        .when(start())
        .then_refused("ASSURANCE_MISSING")
        .given(assurance())
        .when(ActivateIntegration { integration })
        .then_refused("SERVICE_START_MISSING")
        .given(NotifyServiceStart {
            service: Some(service),
            starts_on: day("2025-06-10"),
            ..start()
        })
        .when(ActivateIntegration { integration })
        .then(&["IntegrationActivated"]);
    scenario
        .then_state(|network| {
            // The first day belongs to the service whole (Europe/Helsinki).
            assert!(!is_routable(network, integration, instant("2025-06-09T20:59:59Z")));
            assert!(is_routable(network, integration, instant("2025-06-09T21:00:00Z")));
        })
        .when(ActivateIntegration { integration })
        .then_refused("NOTHING_TO_CHANGE")
        // The day is put off while it lies ahead, and not afterwards.
        .given(NotifyServiceStart {
            service: Some(service),
            starts_on: day("2025-06-20"),
            ..start()
        })
        .then_state(|network| {
            assert!(!is_routable(network, integration, instant("2025-06-10T12:00:00Z")));
            assert!(is_routable(network, integration, instant("2025-06-20T12:00:00Z")));
        })
        .at("2025-06-21")
        .given(NotifyServiceStart {
            service: Some(service),
            starts_on: day("2025-07-20"),
            ..start()
        })
        .then_state(|network| {
            assert!(is_routable(network, integration, instant("2025-06-21T12:00:00Z")));
        });
}

/// What the home organisation may hold both roles by.
fn eligible() -> RecordEligibility {
    RecordEligibility {
        member: home_organisation(),
        education_provider: Some(crate::membership::tests::education()),
        service_purpose: Some(crate::membership::tests::purpose()),
    }
}

#[test]
fn a_role_that_comes_back_brings_nothing_back_with_it() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Production));
    let role = MemberRole::HomeOrganisation;
    let scenario = scenario
        .given(eligible())
        .given(WithdrawRole {
            member: home_organisation(),
            role,
            last_day: None,
        })
        .at("2025-03-01")
        .given(GrantRole {
            member: home_organisation(),
            role,
        });
    let now = scenario.now();
    scenario
        .then_state(|network| assert!(!is_routable(network, integration, now)))
        .given(ActivateIntegration { integration })
        .then_state(|network| assert!(is_routable(network, integration, now)));
}

#[test]
fn a_role_that_goes_on_without_a_gap_is_one() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Production));
    let role = MemberRole::HomeOrganisation;
    scenario
        .given(eligible())
        .given(WithdrawRole {
            member: home_organisation(),
            role,
            last_day: Some(day("2025-06-30")),
        })
        .given(GrantRole {
            member: home_organisation(),
            role,
        })
        .then_state(|network| {
            assert!(is_routable(
                network,
                integration,
                instant("2025-07-01T12:00:00Z")
            ));
            assert_eq!(routable_windows(network, integration).len(), 1);
        });
}

#[test]
fn a_suspended_integration_comes_back_through_the_gates_of_the_membership_in_force() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let client = register_client(service, Environment::Production, oidc_client("a"));
    let (scenario, integration) = in_use(scenario, client);
    let scenario = scenario.given(SuspendIntegration {
        integration,
        ground: SuspensionGround::Security,
        reason: "The key leaked".parse().unwrap(),
    });
    let scenario = left(scenario, &provider(), "2025-06-01")
        .when(ReinstateIntegration { integration })
        .then_refused("NOT_A_MEMBER");
    let rejoin = accepted_again(&scenario, provider());
    scenario
        .given(rejoin)
        .when(ReinstateIntegration { integration })
        .then_refused("ASSURANCE_MISSING");
}

// The rule of the day on which the use began decides; a later one lets nobody out.
#[test]
fn a_home_integration_passes_the_self_audit_gate_of_the_day_it_came_into_use() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Production));
    scenario
        .given(SetRule {
            valid_from: day("2025-02-01"),
            ..self_audit_gate(SelfAuditGate::BeforeProduction)
        })
        .at("2025-03-01")
        .then_state(|network| {
            assert!(is_routable(
                network,
                integration,
                instant("2025-03-01T12:00:00Z")
            ));
        });
}

#[test]
fn the_routes_of_a_closed_organisation_stay_while_it_is_a_member() {
    let entry = |active| RecordOrganisations {
        organisations: vec![OrganisationEntry {
            organisation: home_organisation(),
            description: OrganisationDescription {
                name: text("Kuvitteellinen kunta"),
                business_id: None,
                types: vec!["organisaatiotyyppi_01".parse().unwrap()],
                institution_type: None,
                school_code: None,
                municipality: None,
                parent: None,
            },
            active,
        }],
        complete: false,
        under: None,
    };
    let (scenario, integration) = in_use(
        ledger().given(entry(true)),
        register_home(Environment::Production),
    );
    let scenario = scenario
        .at("2025-02-01")
        .given(SetRule {
            rule: Rule::OrganisationClosures { percent: 100 },
            valid_from: day("2025-01-01"),
            source: "invented for tests".parse().unwrap(),
        })
        .given(entry(false));
    let network = scenario.network();
    let closed = network.organisations.get(&home_organisation()).unwrap();
    assert!(closed.closed_at.is_some());
    assert!(is_routable(network, integration, scenario.now()));
}
