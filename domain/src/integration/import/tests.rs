//! Tests of the takeover from another system.

use super::*;
use crate::Command;
use crate::integration::tests::*;
use crate::integration::*;
use crate::testing::Scenario;
use crate::value::*;

mod members;

fn id(text: &str) -> ShortText {
    text.parse().unwrap()
}

fn set(legacy_id: &str, environment: Environment) -> ImportedSet {
    ImportedSet {
        legacy_id: id(legacy_id),
        environment,
        name: text("Tuotu palvelu"),
        organisation: None,
        allow_test_learner_id: None,
        unknown_fields: Vec::new(),
    }
}

fn client(legacy_id: &str, environment: Environment, sets: &[&str]) -> ImportedClient {
    ImportedClient {
        legacy_id: id(legacy_id),
        environment,
        organisation: provider(),
        name: text("Tuotu asiakas"),
        sets: sets.iter().map(|set| id(set)).collect(),
        configuration: oidc_client(&format!("client-{legacy_id}")),
        secret_hash: Some(id("s256.salt.digest")),
        unknown_fields: Vec::new(),
    }
}

fn home_entry(legacy_id: &str, environment: Environment) -> ImportedHome {
    ImportedHome {
        legacy_id: id(legacy_id),
        environment,
        organisation: oid(999),
        idp_id: format!("wilma_{legacy_id}").parse().unwrap(),
        flow_name: Some(format!("Wilma{legacy_id}").parse().unwrap()),
        configuration: wilma("wilma.example.org"),
        secret: None,
        secret_mark: None,
        discovery: Discovery::default(),
        permitted: None,
        unknown_fields: Vec::new(),
    }
}

fn empty() -> ImportIntegrations {
    ImportIntegrations {
        sets: Vec::new(),
        clients: Vec::new(),
        homes: Vec::new(),
        replace: false,
        max_removals: 10,
        skip_invalid: false,
        unreadable: Vec::new(),
        accept_members: None,
        source: None,
    }
}

/// A call of a few entries that depend on `choice`, for random commands.
pub(in crate::integration) fn call(
    choice: u8,
    environment: Environment,
    replace: bool,
) -> ImportIntegrations {
    let number = (choice % 4).to_string();
    ImportIntegrations {
        sets: vec![set(&number, environment)],
        clients: vec![
            client(&number, environment, &["1"]),
            client("9", environment, &[]),
        ],
        homes: vec![
            home_entry(&number, environment),
            ImportedHome {
                permitted: Some(vec![PeerName::ClientId("client-1".parse().unwrap())]),
                ..home_entry("8", environment)
            },
        ],
        replace,
        skip_invalid: true,
        ..empty()
    }
}

/// One set with a client, and a home integration that permits it.
fn whole() -> ImportIntegrations {
    ImportIntegrations {
        sets: vec![set("10", Environment::Test)],
        clients: vec![client("20", Environment::Test, &["10"])],
        homes: vec![ImportedHome {
            permitted: Some(vec![
                PeerName::ClientId("client-20".parse().unwrap()),
                PeerName::EntityId("https://nobody.example.org".parse().unwrap()),
            ]),
            ..home_entry("30", Environment::Test)
        }],
        ..empty()
    }
}

fn home_of<'a>(scenario: &'a Scenario, legacy_id: &str) -> (IntegrationId, &'a Home) {
    let integrations = &scenario.network().integrations;
    let integration = integrations.home_by_legacy_id(&id(legacy_id)).unwrap();
    (
        integration,
        integrations.get(integration).unwrap().home().unwrap(),
    )
}

#[test]
fn a_call_is_recorded_whole_and_once() {
    let scenario = ledger()
        .when(whole())
        .then(&[
            "ServiceCreated",
            "IntegrationRegistered",
            "CredentialRotated",
            "IntegrationActivated",
            "IntegrationRegistered",
            "PermissionModeSet",
            "IntegrationActivated",
            "IntegrationsImported",
        ])
        .when(whole())
        .then_refused("NOTHING_TO_CHANGE");
    let now = scenario.now();
    let (integration, home) = home_of(&scenario, "30");
    assert_eq!(home.permissions.mode, PermissionMode::List);
    assert_eq!(home.permissions.services.len(), 1);
    assert_eq!(home.permissions.unknown, [id("https://nobody.example.org")]);
    assert!(is_routable(scenario.network(), integration, now));
    let found = warnings(scenario.network(), integration, now);
    assert!(matches!(
        found.as_slice(),
        [Warning::UnknownClientsPermitted(_)]
    ));
}

#[test]
fn only_differences_are_recorded() {
    let mut changed = whole();
    changed.homes[0].configuration = wilma("new.example.org");
    changed.homes[0].permitted = None;
    changed.clients[0].secret_hash = Some(id("s256.salt.other"));
    changed.sets[0].organisation = Some(provider());
    ledger()
        .given(whole())
        .when(changed.clone())
        .then(&[
            "ServiceChanged",
            "CredentialRotated",
            "IntegrationChanged",
            "PermissionModeSet",
            "IntegrationsImported",
        ])
        .when(changed)
        .then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn what_the_other_system_does_not_know_stays() {
    let mut protected = oidc_client("client-20");
    if let ClientProtocol::OpenIdConnect(client) = &mut protected.protocol {
        client.subject = ClientSubject::Public;
        client.pkce_required = false;
    }
    let scenario = ledger().given(whole());
    let clients = &scenario.network().integrations;
    let integration = clients.client_by_legacy_id(&id("20")).unwrap();
    scenario
        .given(ChangeServiceIntegration {
            integration,
            configuration: protected,
            secret_hash: None,
        })
        .when(whole())
        .then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn a_production_ledger_takes_no_test_organisations_over() {
    let call = ImportIntegrations {
        homes: vec![home_entry("30", Environment::Production)],
        ..empty()
    };
    Scenario::founded()
        .when(call)
        .then_refused("INVALID_ENTRIES");
}

#[test]
fn an_invalid_entry_refuses_the_call_or_is_left_out() {
    let mut repeated = whole();
    repeated.homes.push(ImportedHome {
        idp_id: "wilma_30".parse().unwrap(),
        ..home_entry("31", Environment::Test)
    });
    repeated.clients.push(client("20", Environment::Test, &[]));
    let scenario = ledger();
    let mut left = repeated.clone();
    left.skip_invalid = true;
    let mut scenario = scenario
        .when(repeated.clone())
        .then_refused("INVALID_ENTRIES")
        .given(left.clone())
        .when(left)
        .then_refused("NOTHING_TO_CHANGE");
    let summary = scenario
        .log()
        .iter()
        .rev()
        .find_map(|(event, _)| match event {
            crate::Event::IntegrationsImported(summary) => Some(summary.clone()),
            _ => None,
        });
    let summary = summary.unwrap();
    assert_eq!((summary.added, summary.left_out), (3, 2));
    let codes: Vec<_> = summary
        .left
        .iter()
        .map(|entry| entry.code.as_str())
        .collect();
    assert_eq!(codes, ["REPEATED", "IDP_ID_TAKEN"]);
    let refusal = scenario.decide(&Command::from(repeated)).unwrap_err();
    assert!(refusal.message.contains("Home 31, idpId"), "{refusal}");
}

#[test]
fn a_known_entry_never_becomes_another() {
    let other = |change: fn(&mut ImportedHome)| {
        let mut call = whole();
        change(&mut call.homes[0]);
        call
    };
    ledger()
        .given(whole())
        .when(other(|home| home.idp_id = "wilma_31".parse().unwrap()))
        .then_refused("INVALID_ENTRIES")
        .when(other(|home| home.organisation = oid(998)))
        .then_refused("INVALID_ENTRIES")
        .when(other(|home| home.environment = Environment::Demo))
        .then_refused("INVALID_ENTRIES")
        .when(other(|home| {
            home.configuration = configuration(HomeUpstream::Google(SamlUpstream::default()));
        }))
        .then_refused("INVALID_ENTRIES");
}

#[test]
fn replacing_takes_out_of_use_what_the_call_lacks_and_not_too_much() {
    let many = |count: usize| ImportIntegrations {
        homes: (100..100 + count)
            .map(|number| home_entry(&number.to_string(), Environment::Test))
            .collect(),
        replace: true,
        ..empty()
    };
    let own = register_home(Environment::Test);
    let (scenario, own) = in_use(ledger(), own);
    let scenario = scenario
        .given(many(12))
        .when(many(1))
        .then_refused("TOO_MANY_REMOVALS")
        .when(many(11))
        .then(&["IntegrationInactivated", "IntegrationsImported"])
        .when(many(11))
        .then_refused("NOTHING_TO_CHANGE")
        // Other environments and kinds are not spoken of.
        .when(ImportIntegrations {
            homes: vec![home_entry("500", Environment::Demo)],
            replace: true,
            ..empty()
        })
        .then(&["IntegrationRegistered", "IntegrationActivated", "IntegrationsImported"])
        .when(many(12))
        .then(&["IntegrationReactivated", "IntegrationsImported"]);
    assert_eq!(state(&scenario, own), IntegrationState::Active);
}

#[test]
fn replacing_withdraws_a_service_with_its_last_client_unless_the_call_lists_it() {
    let mut without = whole();
    without.replace = true;
    without.clients = vec![client("21", Environment::Test, &["11"])];
    let scenario = ledger()
        .given(whole())
        .given(without.clone())
        .when(without.clone())
        .then_refused("NOTHING_TO_CHANGE");
    let service = |scenario: &Scenario, legacy_id| {
        let services = &scenario.network().services;
        let service = services.by_legacy_id(&id(legacy_id)).unwrap();
        services.get(service).unwrap().is_active()
    };
    assert!(service(&scenario, "10"));
    without.sets = vec![set("12", Environment::Test)];
    let scenario = scenario
        .given(without.clone())
        .when(without)
        .then_refused("NOTHING_TO_CHANGE");
    assert!(!service(&scenario, "10"));
    // Nobody described it, a client names it.
    assert!(service(&scenario, "11"));
}

#[test]
fn a_client_moves_with_its_set_and_an_undescribed_set_is_described_later() {
    let with = |sets: &[&str]| ImportIntegrations {
        clients: vec![client("20", Environment::Test, sets)],
        ..empty()
    };
    ledger()
        .given(with(&["10"]))
        .when(ImportIntegrations {
            sets: vec![set("10", Environment::Test)],
            ..empty()
        })
        .then(&["ServiceChanged", "IntegrationsImported"])
        .when(with(&[]))
        .then_refused("NOTHING_TO_CHANGE")
        .when(with(&["11"]))
        .then(&["ServiceCreated", "ClientMoved", "IntegrationsImported"])
        .when(with(&["11"]))
        .then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn a_masked_secret_is_not_set_and_a_real_one_is_set_once() {
    let with = |secret: &str, mark: Option<&str>| ImportIntegrations {
        homes: vec![ImportedHome {
            idp_id: "opinsys_30".parse().unwrap(),
            configuration: configuration(HomeUpstream::Opinsys(OpinsysUpstream {
                tenant: "koulu.example.org".parse().unwrap(),
                client_id: Some("cn=proxy,dc=example,dc=org".parse().unwrap()),
            })),
            secret: Some(secret.parse().unwrap()),
            secret_mark: mark.map(id),
            ..home_entry("30", Environment::Test)
        }],
        ..empty()
    };
    let scenario = ledger().given(with("***", None));
    let now = scenario.now();
    let (integration, _) = home_of(&scenario, "30");
    scenario
        .then_state(|network| assert!(!is_routable(network, integration, now)))
        .when(with("secret", Some("mark-1")))
        .then(&["CredentialRotated", "IntegrationsImported"])
        .then_state(|network| assert!(is_routable(network, integration, now)))
        .when(with("secret", Some("mark-1")))
        .then_refused("NOTHING_TO_CHANGE")
        .when(with("secret", None))
        .then_refused("NOTHING_TO_CHANGE")
        .when(with("***", Some("mark-2")))
        .then_refused("NOTHING_TO_CHANGE")
        .when(with("another", Some("mark-2")))
        .then(&["CredentialRotated", "IntegrationsImported"]);
}

#[test]
fn what_an_import_lacks_is_said_and_not_refused() {
    let mut call = whole();
    call.clients[0].unknown_fields = vec![id("colour"), id("colour")];
    call.clients[0].secret_hash = None;
    let scenario = ledger().given(call);
    let clients = &scenario.network().integrations;
    let integration = clients.client_by_legacy_id(&id("20")).unwrap();
    assert_eq!(
        warnings(scenario.network(), integration, scenario.now()),
        [
            Warning::Blocked(Blocker::SecretMissing),
            Warning::ServiceWithoutOrganisation,
            Warning::UnknownFields(vec![id("colour")]),
        ]
    );
}

#[test]
fn an_entry_that_could_not_be_read_is_left_out_and_not_lacking() {
    let mut call = ImportIntegrations {
        homes: vec![
            home_entry("30", Environment::Test),
            home_entry("31", Environment::Test),
        ],
        replace: true,
        ..empty()
    };
    let scenario = ledger().given(call.clone());
    call.homes.pop();
    call.unreadable = vec![LeftEntry {
        kind: ImportKind::Home,
        legacy_id: id("31"),
        field: "idpId".to_owned(),
        code: "idp_id".to_owned(),
        message: "ä".repeat(500),
    }];
    let scenario = scenario.when(call.clone()).then_refused("INVALID_ENTRIES");
    call.skip_invalid = true;
    scenario.when(call).then_refused("NOTHING_TO_CHANGE");
}
