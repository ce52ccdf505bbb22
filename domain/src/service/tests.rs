//! Tests of services, release sets and vetoes.

use super::*;
use crate::integration::tests::{
    create_service, home_organisation, in_use, last_service, ledger, oid, oidc_client, provider,
    register_client, text,
};
use crate::testing::Scenario;
use crate::*;

fn set(names: &[&str]) -> Vec<ReleasedAttribute> {
    let released = |name: &&str| ReleasedAttribute {
        attribute: name.parse().unwrap(),
        purpose: "To show the right class".parse().unwrap(),
    };
    names.iter().map(released).collect()
}

fn service(scenario: &Scenario, service: ServiceId) -> Service {
    scenario.network().services.get(service).unwrap().clone()
}

#[test]
fn a_release_set_holds_at_once_until_a_client_is_reviewed() {
    let scenario = ledger().given(create_service(None));
    let id = last_service(&scenario);
    let declare = |names: &[&str]| DeclareReleaseSet {
        service: id,
        attributes: set(names),
    };
    let scenario = scenario
        .given(declare(&["urn:mpass.id:role"]))
        .when(declare(&["urn:mpass.id:role"]))
        .then_refused("NOTHING_TO_CHANGE");
    let released = service(&scenario, id).released_attributes().unwrap();
    // The three without which the protocol fails are always among them.
    assert_eq!(released.len(), 4);
    let (scenario, _) = in_use(
        scenario,
        register_client(id, Environment::Production, oidc_client("a")),
    );
    let scenario = scenario.given(declare(&["urn:mpass.id:class"]));
    assert_eq!(
        service(&scenario, id).release_set.unwrap(),
        set(&["urn:mpass.id:role"])
    );
    let scenario = scenario
        .given(RefuseReleaseSet {
            service: id,
            reason: "Not needed".parse().unwrap(),
        })
        .when(AcceptReleaseSet { service: id })
        .then_refused("NOTHING_TO_CHANGE")
        .given(declare(&["urn:mpass.id:class"]))
        .given(AcceptReleaseSet { service: id });
    assert_eq!(
        service(&scenario, id).release_set.unwrap(),
        set(&["urn:mpass.id:class"])
    );
}

#[test]
fn a_proposed_release_set_is_accepted_with_the_integration() {
    let scenario = ledger().given(create_service(None));
    let id = last_service(&scenario);
    let scenario = scenario.given(register_client(
        id,
        Environment::Production,
        oidc_client("a"),
    ));
    let integration = crate::integration::tests::last_integration(&scenario);
    let scenario = scenario
        .given(SubmitIntegration { integration })
        .given(DeclareReleaseSet {
            service: id,
            attributes: set(&["urn:mpass.id:role"]),
        });
    assert_eq!(service(&scenario, id).release_set, None);
    let scenario = scenario
        .when(AcceptIntegration { integration })
        .then(&["IntegrationAccepted", "ReleaseSetAccepted"]);
    assert!(service(&scenario, id).release_set.is_some());
}

#[test]
fn a_release_set_names_each_attribute_once_by_any_of_its_names() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let declare = |names: &[&str]| DeclareReleaseSet {
        service,
        attributes: set(names),
    };
    scenario
        .when(declare(&[]))
        .then_refused("RELEASE_SET_INVALID")
        .when(declare(&["urn:mpass.id:shoeSize"]))
        .then_refused("ATTRIBUTE_UNKNOWN")
        .when(declare(&["family_name", "urn:oid:2.5.4.4"]))
        .then_refused("REPEATED")
        .given(declare(&["family_name"]))
        .then_state(|network| {
            let row = network.services.get(service).unwrap();
            assert_eq!(
                row.release_set.as_ref().unwrap()[0].attribute.as_str(),
                "urn:oid:2.5.4.4"
            );
        });
}

#[test]
fn a_home_organisation_withholds_what_is_not_essential() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let veto = |names: &[&str]| VetoRelease {
        organisation: home_organisation(),
        service,
        attributes: names.iter().map(|name| name.parse().unwrap()).collect(),
    };
    scenario
        .when(veto(&[]))
        .then_refused("NOTHING_TO_CHANGE")
        .when(veto(&["urn:mpass.id:uid"]))
        .then_refused("CANNOT_BE_WITHHELD")
        .when(veto(&["urn:oid:1.3.6.1.4.1.16161.1.1.27"]))
        .then_refused("CANNOT_BE_WITHHELD")
        .when(veto(&["urn:mpass.id:originalIssuer"]))
        .then_refused("CANNOT_BE_WITHHELD")
        .given(veto(&["given_name", "urn:mpass.id:nickname"]))
        .when(veto(&["urn:mpass.id:nickname", "urn:oid:2.5.4.42"]))
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let vetoes: Vec<_> = network.services.vetoes_of(&home_organisation()).collect();
            assert_eq!(vetoes.len(), 1);
            assert_eq!(vetoes[0].1.attributes.len(), 2);
        })
        .given(veto(&[]))
        .then_state(|network| {
            assert_eq!(network.services.vetoes_of(&home_organisation()).count(), 0);
        });
}

#[test]
fn a_service_keeps_its_organisation() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let change = |organisation| ChangeService {
        service,
        description: ServiceDescription::named(text("Uusi nimi")),
        organisation,
    };
    scenario
        .when(change(Some(oid(7))))
        .then_refused("ORGANISATION_FIXED")
        .given(change(Some(provider())))
        .when(change(None))
        .then_refused("NOTHING_TO_CHANGE");
}

#[test]
fn a_service_for_one_environment_has_no_client_elsewhere() {
    let scenario = ledger().given(CreateService {
        environment: Some(Environment::Test),
        ..create_service(None)
    });
    let service = last_service(&scenario);
    scenario
        .when(register_client(
            service,
            Environment::Production,
            oidc_client("a"),
        ))
        .then_refused("ENVIRONMENT_DIFFERS");
}

#[test]
fn who_manages_an_organisation_manages_its_services() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let command: Command = InactivateService { service }.into();
    let may = |organisation| {
        let rights: Rights = [(Right::ServiceManager, Some(organisation))]
            .into_iter()
            .collect();
        rights.satisfy(&command.authorities(scenario.network()))
    };
    assert!(may(provider()));
    assert!(!may(home_organisation()));
}

#[test]
fn a_withdrawn_service_is_offered_again_and_its_clients_stay_as_they_are() {
    let scenario = ledger().given(create_service(None));
    let id = last_service(&scenario);
    scenario
        .when(ReactivateService { service: id })
        .then_refused("NOTHING_TO_CHANGE")
        .given(InactivateService { service: id })
        .then_state(|network| assert!(!network.services.get(id).unwrap().is_active()))
        .when(ReactivateService { service: id })
        .then(&["ServiceReactivated"])
        .then_state(|network| assert!(network.services.get(id).unwrap().is_active()));
}

#[test]
fn a_service_that_nobody_provides_takes_no_client() {
    let scenario = ledger().given(ImportIntegrations {
        sets: vec![ImportedSet {
            legacy_id: "10".parse().unwrap(),
            environment: Environment::Test,
            name: text("Tuotu palvelu"),
            organisation: None,
            allow_test_learner_id: None,
            unknown_fields: Vec::new(),
        }],
        clients: Vec::new(),
        homes: Vec::new(),
        replace: false,
        max_removals: 10,
        skip_invalid: false,
        unreadable: Vec::new(),
        accept_members: None,
        source: None,
    });
    let service = last_service(&scenario);
    scenario
        .when(register_client(
            service,
            Environment::Test,
            oidc_client("a"),
        ))
        .then_refused("ORGANISATION_MISSING");
}

// Domain facts J.5.
#[test]
fn a_service_may_stay_on_the_previous_data_model_through_the_transition() {
    use crate::agreement::tests::data_model_annex;
    use crate::data_model::Version;
    use crate::testing::instant;
    let scenario = ledger()
        .given(data_model_annex("3-1.3", Version::V1_3, "2022-08-02", None))
        .given(data_model_annex(
            "3-1.4",
            Version::V1_4,
            "2024-12-01",
            Some("2025-08-31"),
        ))
        .given(create_service(None));
    let id = last_service(&scenario);
    let version = |scenario: &Scenario, at: &str| {
        let row = service(scenario, id);
        row.data_model_version(scenario.network(), instant(at))
            .unwrap()
    };
    let in_transition = "2025-06-01T12:00:00Z";
    assert_eq!(version(&scenario, in_transition), Version::V1_4);
    let mut description = service(&scenario, id).description;
    description.data_model = DataModelChoice::Previous;
    let scenario = scenario.given(ChangeService {
        service: id,
        description,
        organisation: None,
    });
    assert_eq!(version(&scenario, "2024-11-01T12:00:00Z"), Version::V1_3);
    assert_eq!(version(&scenario, in_transition), Version::V1_3);
    assert_eq!(version(&scenario, "2025-08-31T20:59:59Z"), Version::V1_3);
    assert_eq!(version(&scenario, "2025-08-31T21:00:00Z"), Version::V1_4);
}
