//! Imports and memberships: what waits, what comes into use, and through which gate.

use super::*;
use crate::membership::tests::{application, company_application, joined};
use crate::{GiveNotice, SelfAuditGate};

#[test]
fn production_entries_of_non_members_are_recorded_and_do_not_route() {
    let call = ImportIntegrations {
        homes: vec![
            home_entry("30", Environment::Production),
            ImportedHome {
                organisation: home_organisation(),
                ..home_entry("31", Environment::Production)
            },
        ],
        ..empty()
    };
    let scenario = ledger().given(call);
    let now = scenario.now();
    let (stranger, _) = home_of(&scenario, "30");
    let (member, _) = home_of(&scenario, "31");
    assert_eq!(state(&scenario, stranger), IntegrationState::Accepted);
    assert!(!is_routable(scenario.network(), stranger, now));
    assert_eq!(
        warnings(scenario.network(), stranger, now),
        [Warning::NotAMember]
    );
    assert!(is_routable(scenario.network(), member, now));
}

/// A production client of the provider and a production integration of the home organisation.
fn production() -> ImportIntegrations {
    ImportIntegrations {
        clients: vec![client("20", Environment::Production, &[])],
        homes: vec![ImportedHome {
            organisation: home_organisation(),
            ..home_entry("30", Environment::Production)
        }],
        ..empty()
    }
}

fn both_of(scenario: &Scenario) -> (IntegrationId, IntegrationId) {
    let integrations = &scenario.network().integrations;
    (
        integrations.client_by_legacy_id(&id("20")).unwrap(),
        integrations.home_by_legacy_id(&id("30")).unwrap(),
    )
}

#[test]
fn a_membership_that_begins_later_takes_no_imported_entry_into_use() {
    let scenario = strangers()
        .given(self_audit_gate(SelfAuditGate::BeforeProduction))
        .given(production());
    let (client, home) = both_of(&scenario);
    // Begun on a day before the import, as its signature was recorded later.
    let scenario = scenario.at("2025-01-02");
    let scenario = joined(joined(scenario, &company_application()), &application());
    let now = scenario.now();
    let scenario = scenario
        .then_state(|network| {
            assert!(!is_routable(network, client, now));
            assert!(!is_routable(network, home, now));
        })
        // Reading the same once more changes nothing of it.
        .when(production())
        .then_refused("NOTHING_TO_CHANGE")
        .when(ActivateIntegration { integration: client })
        .then_refused("ASSURANCE_MISSING")
        .when(ActivateIntegration { integration: home })
        .then_refused("SELF_AUDIT_MISSING")
        .given(assurance())
        .then_state(|network| assert!(!is_routable(network, client, now)))
        .given(start())
        .then_state(|network| assert!(!is_routable(network, client, now)))
        .when(ActivateIntegration { integration: client })
        .then(&["IntegrationActivated"]);
    assert!(is_routable(scenario.network(), client, now));
}

#[test]
fn an_import_of_a_member_by_contract_comes_into_use_and_waits_for_its_gate() {
    let scenario = strangers().given(self_audit_gate(SelfAuditGate::BeforeProduction));
    let scenario = joined(joined(scenario, &company_application()), &application());
    let scenario = scenario.given(production());
    let now = scenario.now();
    let (client, home) = both_of(&scenario);
    for integration in [client, home] {
        assert!(!is_routable(scenario.network(), integration, now));
        let found = warnings(scenario.network(), integration, now);
        assert!(found.contains(&Warning::NotAdmitted), "{found:?}");
    }
    let scenario = scenario.given(assurance()).given(start());
    assert!(is_routable(scenario.network(), client, now));
    assert!(!is_routable(scenario.network(), home, now));
}

#[test]
fn a_network_in_operation_is_taken_over_whole_also_in_a_second_call() {
    let accept = || {
        Some(AcceptImportedMembers {
            instrument: "contract-2018".parse().unwrap(),
            since: crate::testing::day("2020-01-01"),
            evidence: id("list of members"),
        })
    };
    let taken_over = |accept_members| ImportIntegrations {
        accept_members,
        ..production()
    };
    let scenario = strangers()
        .given(production())
        .when(taken_over(accept()))
        .then(&[
            "MemberAccepted",
            "MembershipStarted",
            "RoleGranted",
            "MemberAccepted",
            "MembershipStarted",
            "RoleGranted",
            "IntegrationActivated",
            "IntegrationActivated",
            "IntegrationsImported",
        ])
        .when(taken_over(accept()))
        .then_refused("NOTHING_TO_CHANGE");
    let now = scenario.now();
    let (client, home) = both_of(&scenario);
    for integration in [client, home] {
        assert!(is_routable(scenario.network(), integration, now));
    }
    // What is registered here passes the gate, whoever's it is.
    let scenario = scenario.given(create_service(None));
    let service = last_service(&scenario);
    let own = register_client(service, Environment::Production, oidc_client("own"));
    let scenario = scenario.given(own);
    let integration = last_integration(&scenario);
    scenario
        .given(SubmitIntegration { integration })
        .given(AcceptIntegration { integration })
        .when(ActivateIntegration { integration })
        .then_refused("ASSURANCE_MISSING");
}

#[test]
fn an_inactive_entry_of_a_former_member_comes_back_and_waits() {
    let mut call = production();
    let scenario = ledger().given(call.clone());
    let (client, home) = both_of(&scenario);
    let inactivate = |integration| InactivateIntegration {
        integration,
        reason: None,
    };
    let scenario = scenario
        .given(inactivate(client))
        .given(inactivate(home))
        .given(GiveNotice {
            member: home_organisation(),
            cause: None,
        })
        .at("2025-06-01");
    call.clients.clear();
    let scenario = scenario
        .when(call)
        .then(&["IntegrationReactivated", "IntegrationsImported"]);
    assert_eq!(state(&scenario, home), IntegrationState::Accepted);
    assert!(
        routable_windows(scenario.network(), home)
            .iter()
            .all(|window| window.until.is_some())
    );
}

#[test]
fn memberships_are_accepted_with_the_entries_that_need_one() {
    let mut call = ImportIntegrations {
        homes: vec![
            home_entry("30", Environment::Production),
            ImportedHome {
                organisation: oid(998),
                ..home_entry("31", Environment::Test)
            },
        ],
        accept_members: Some(AcceptImportedMembers {
            instrument: "contract-2018".parse().unwrap(),
            since: crate::testing::day("2020-01-01"),
            evidence: id("list of members"),
        }),
        ..empty()
    };
    let scenario = ledger().given(call.clone());
    let (integration, _) = home_of(&scenario, "30");
    assert!(is_routable(scenario.network(), integration, scenario.now()));
    assert!(scenario.network().members.get(&oid(998)).is_none());
    call.accept_members.as_mut().unwrap().instrument = "unheard-of".parse().unwrap();
    ledger().when(call).then_refused("UNKNOWN");
}

#[test]
fn a_data_source_that_nobody_knows_is_taken_over_with_a_warning() {
    let mut entry = home_entry("30", Environment::Test);
    entry.configuration.datasource = Some(id("wilmav9"));
    let scenario = ledger().given(ImportIntegrations {
        homes: vec![entry],
        ..empty()
    });
    let (integration, _) = home_of(&scenario, "30");
    assert_eq!(
        warnings(scenario.network(), integration, scenario.now()),
        [Warning::UnknownDataSource(id("wilmav9"))]
    );
}

#[test]
fn a_recorded_municipality_survives_an_import_that_has_none() {
    let call = || ImportIntegrations {
        homes: vec![home_entry("30", Environment::Test)],
        ..empty()
    };
    let scenario = ledger().given(call());
    let (integration, home) = home_of(&scenario, "30");
    let mut configuration = home.configuration.clone();
    configuration.municipality = Some(Municipality {
        name: id("Kuvitteellinen kunta"),
        code: None,
    });
    scenario
        .given(ChangeHomeIntegration {
            integration,
            configuration,
            secret: None,
        })
        .when(call())
        .then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn a_flow_name_is_one_integrations_for_ever() {
    let entry = |legacy_id: &str, flow_name: &str| ImportedHome {
        flow_name: Some(flow_name.parse().unwrap()),
        ..home_entry(legacy_id, Environment::Test)
    };
    let left = |scenario: Scenario, entry: ImportedHome| {
        let (call, mut scenario) = (
            ImportIntegrations {
                homes: vec![entry, home_entry("40", Environment::Test)],
                skip_invalid: true,
                ..empty()
            },
            scenario,
        );
        let events = scenario.decide(&Command::from(call)).unwrap();
        let summary = events.into_iter().find_map(|event| match event {
            crate::Event::IntegrationsImported(summary) => Some(summary),
            _ => None,
        });
        summary.unwrap().left[0].code.clone()
    };
    let known = || {
        ledger().given(ImportIntegrations {
            homes: vec![entry("30", "Wilma30")],
            ..empty()
        })
    };
    // Case does not count.
    assert_eq!(left(known(), entry("31", "wilma30")), "FLOW_NAME_TAKEN");
    assert_eq!(left(known(), entry("30", "Wilma31")), "FLOW_NAME_FIXED");
}
