//! Review, use, suspension, end and return.

use super::*;
use rstest::rstest;

#[test]
fn the_test_environment_needs_neither_review_nor_membership() {
    let register = RegisterHomeIntegration {
        organisation: oid(999),
        ..register_home(Environment::Test)
    };
    let scenario = ledger().given(register);
    let integration = last_integration(&scenario);
    scenario
        .when(SubmitIntegration { integration })
        .then_refused("REVIEW_NOT_NEEDED")
        .when(ActivateIntegration { integration })
        .then(&["IntegrationActivated"])
        .when(ActivateIntegration { integration })
        .then_refused("NOTHING_TO_CHANGE");
}

#[rstest]
#[case(Environment::Preproduction)]
#[case(Environment::Production)]
fn other_environments_are_for_members_in_the_needed_role(#[case] environment: Environment) {
    let of = |organisation| RegisterHomeIntegration {
        organisation,
        ..register_home(environment)
    };
    ledger()
        .when(of(oid(999)))
        .then_refused("NOT_A_MEMBER")
        // A member, and no home organisation.
        .when(of(provider()))
        .then_refused("NOT_A_MEMBER");
}

#[test]
fn a_production_ledger_takes_no_test_organisation_in_production() {
    Scenario::founded()
        .when(register_home(Environment::Production))
        .then_refused("TEST_ORGANISATION")
        .when(register_home(Environment::Test))
        .then(&["IntegrationRegistered"]);
}

#[test]
fn production_comes_into_use_after_review() {
    let scenario = ledger().given(register_home(Environment::Production));
    let integration = last_integration(&scenario);
    let scenario = scenario
        .when(ActivateIntegration { integration })
        .then_refused("WRONG_STATE")
        .when(AcceptIntegration { integration })
        .then_refused("WRONG_STATE")
        .when(SubmitIntegration { integration })
        .then(&["IntegrationSubmitted"])
        .when(ActivateIntegration { integration })
        .then_refused("WRONG_STATE")
        .when(RefuseIntegration {
            integration,
            reason: "The host is not yours".parse().unwrap(),
        })
        .then(&["IntegrationRefused"]);
    assert_eq!(state(&scenario, integration), IntegrationState::Draft);
    scenario
        .given(SubmitIntegration { integration })
        .when(AcceptIntegration { integration })
        .then(&["IntegrationAccepted"])
        .then_state(|network| assert!(routable_windows(network, integration).is_empty()))
        .at("2025-02-01T08:00:00Z")
        .when(ActivateIntegration { integration })
        .then(&["IntegrationActivated"])
        .then_state(|network| {
            let at = |text| crate::testing::instant(text);
            assert!(!is_routable(
                network,
                integration,
                at("2025-02-01T07:59:59Z")
            ));
            assert!(is_routable(
                network,
                integration,
                at("2025-02-01T08:00:00Z")
            ));
        });
}

#[test]
fn production_asks_for_what_the_agreement_asks_for() {
    let rule = |gate| SetRule {
        rule: Rule::SelfAuditGate { gate },
        valid_from: day("2025-01-01"),
        source: "invented for tests".parse().unwrap(),
    };
    let accepted = |scenario: Scenario, register: Command| {
        let scenario = scenario.given(register);
        let integration = last_integration(&scenario);
        let scenario = scenario
            .given(SubmitIntegration { integration })
            .given(AcceptIntegration { integration });
        (scenario, integration)
    };
    let (scenario, home) = accepted(members(), register_home(Environment::Production).into());
    let scenario = scenario
        .when(ActivateIntegration { integration: home })
        .then_refused("RULE_NOT_SET")
        .given(rule(SelfAuditGate::BeforeProduction))
        .when(ActivateIntegration { integration: home })
        .then_refused("SELF_AUDIT_MISSING")
        .given(rule(SelfAuditGate::AfterJoining))
        .when(ActivateIntegration { integration: home })
        .then(&["IntegrationActivated"])
        .given(create_service(None));
    let service = last_service(&scenario);
    let client = register_client(service, Environment::Production, oidc_client("a"));
    let (scenario, client) = accepted(scenario, client.into());
    scenario
        .when(ActivateIntegration {
            integration: client,
        })
        .then_refused("ASSURANCE_MISSING");
}

#[test]
fn what_changes_under_review_is_a_draft_again() {
    let scenario = ledger().given(register_home(Environment::Production));
    let integration = last_integration(&scenario);
    let scenario = scenario
        .given(SubmitIntegration { integration })
        .given(ChangeHomeIntegration {
            integration,
            configuration: wilma("other.example.org"),
            secret: None,
        });
    assert_eq!(state(&scenario, integration), IntegrationState::Draft);
}

#[test]
fn a_suspended_integration_routes_nobody_until_it_is_reinstated() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Production));
    let suspend = || SuspendIntegration {
        integration,
        ground: SuspensionGround::Security,
        reason: "The key leaked".parse().unwrap(),
    };
    let at = crate::testing::instant;
    scenario
        .when(ReinstateIntegration { integration })
        .then_refused("WRONG_STATE")
        .at("2025-03-01T00:00:00Z")
        .given(suspend())
        .when(suspend())
        .then_refused("WRONG_STATE")
        .when(ActivateIntegration { integration })
        .then_refused("WRONG_STATE")
        .at("2025-03-02T00:00:00Z")
        .given(ReinstateIntegration { integration })
        .then_state(|network| {
            assert!(is_routable(
                network,
                integration,
                at("2025-02-28T00:00:00Z")
            ));
            assert!(!is_routable(
                network,
                integration,
                at("2025-03-01T00:00:00Z")
            ));
            assert!(is_routable(
                network,
                integration,
                at("2025-03-02T00:00:00Z")
            ));
        });
}

#[test]
fn an_integration_comes_back_with_its_identifiers_and_nobody_else_gets_them() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Test));
    let idp_id = home(scenario.network(), integration).idp_id.clone();
    let gone = scenario.given(InactivateIntegration {
        integration,
        reason: Some("Moved".parse().unwrap()),
    });
    let (scenario, other) = in_use(gone, register_home(Environment::Test));
    assert_ne!(home(scenario.network(), other).idp_id, idp_id);
    scenario
        .when(InactivateIntegration {
            integration,
            reason: None,
        })
        .then_refused("NOTHING_TO_CHANGE")
        .when(ReactivateIntegration { integration })
        .then(&["IntegrationReactivated"])
        .then_state(|network| {
            assert_eq!(home(network, integration).idp_id, idp_id);
            assert_eq!(network.integrations.by_idp_id(&idp_id), Some(integration));
        });
}

#[test]
fn what_was_never_accepted_comes_back_as_a_draft() {
    let scenario = ledger().given(register_home(Environment::Production));
    let integration = last_integration(&scenario);
    let scenario = scenario
        .given(InactivateIntegration {
            integration,
            reason: None,
        })
        .given(ReactivateIntegration { integration });
    assert_eq!(state(&scenario, integration), IntegrationState::Draft);
}

#[test]
fn demo_takes_free_services_only_and_keeps_them_free() {
    let scenario = ledger().given(create_service(Some(ServiceFee::Paid)));
    let paid = last_service(&scenario);
    let scenario = scenario.given(create_service(Some(ServiceFee::Freemium)));
    let free = last_service(&scenario);
    let (scenario, _) = in_use(
        scenario
            .when(register_client(paid, Environment::Demo, oidc_client("a")))
            .then_refused("NOT_FOR_DEMO"),
        register_client(free, Environment::Demo, oidc_client("a")),
    );
    scenario
        .when(ChangeService {
            service: free,
            description: create_service(Some(ServiceFee::Paid)).description,
            organisation: None,
        })
        .then_refused("NOT_FOR_DEMO");
}

#[test]
fn with_its_last_client_a_service_is_withdrawn_and_with_one_it_comes_back() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let client = |name| register_client(service, Environment::Test, oidc_client(name));
    let (scenario, first) = in_use(scenario, client("first"));
    let (scenario, second) = in_use(scenario, client("second"));
    let inactivate = |integration| InactivateIntegration {
        integration,
        reason: None,
    };
    scenario
        .when(inactivate(first))
        .then(&["IntegrationInactivated"])
        .when(InactivateService { service })
        .then_refused("IN_USE")
        .when(inactivate(second))
        .then(&["IntegrationInactivated", "ServiceInactivated"])
        .when(client("third"))
        .then_refused("WRONG_STATE")
        .when(ReactivateIntegration { integration: first })
        .then(&["IntegrationReactivated", "ServiceReactivated"]);
}

#[test]
fn a_service_manager_never_reaches_a_home_integration_nor_an_applicant_beyond_test() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let (scenario, production) = in_use(scenario, register_home(Environment::Production));
    let (scenario, test) = in_use(scenario, register_home(Environment::Test));
    let (scenario, client) = in_use(
        scenario,
        register_client(service, Environment::Production, oidc_client("a")),
    );
    let may = |right, organisation: OrganisationOid, integration| {
        let command: Command = InactivateIntegration {
            integration,
            reason: None,
        }
        .into();
        let rights: Rights = [(right, Some(organisation))].into_iter().collect();
        rights.satisfy(&command.authorities(scenario.network()))
    };
    assert!(may(Right::Manager, home_organisation(), production));
    assert!(!may(Right::ServiceManager, home_organisation(), production));
    assert!(may(Right::ServiceManager, provider(), client));
    assert!(!may(Right::ServiceManager, home_organisation(), client));
    assert!(!may(Right::Applicant, home_organisation(), production));
    assert!(may(Right::Applicant, home_organisation(), test));
    assert!(!may(Right::Applicant, provider(), client));
}

#[test]
fn whoever_is_no_member_yet_takes_its_own_demo_integration_all_the_way() {
    let scenario = ledger().given(RegisterHomeIntegration {
        organisation: oid(999),
        ..register_home(Environment::Demo)
    });
    let integration = last_integration(&scenario);
    let rights: Rights = [(Right::Applicant, Some(oid(999)))].into_iter().collect();
    let may = |scenario: &Scenario, command: &Command| {
        rights.satisfy(&command.authorities(scenario.network()))
    };
    let submit: Command = SubmitIntegration { integration }.into();
    let activate: Command = ActivateIntegration { integration }.into();
    assert!(may(&scenario, &submit) && may(&scenario, &activate));
    let accept: Command = AcceptIntegration { integration }.into();
    assert!(!may(&scenario, &accept));
    let scenario = scenario.given(submit).given(accept).given(activate);
    assert!(is_routable(scenario.network(), integration, scenario.now()));
}
