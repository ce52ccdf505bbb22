//! What is read, what is invalid, and what is worth a warning.

use super::{Files, HOMES, brief, read, without};
use crate::import::Kind;
use domain::value::ShortText;
use domain::{Environment, HomeUpstream, PeerName};
use rstest::rstest;
use serde_json::json;

#[test]
fn entries_of_every_kind_become_typed() {
    let reading = Files::new().read();
    assert_eq!(brief(&reading.errors), Vec::<String>::new());
    assert_eq!(
        (
            reading.sets.len(),
            reading.clients.len(),
            reading.homes.len()
        ),
        (2, 3, 5)
    );
    let kinds: Vec<_> = reading
        .homes
        .iter()
        .map(|home| home.configuration.upstream.kind())
        .collect();
    assert_eq!(kinds, ["azure", "gsuite", "opinsys", "wilma", "adfs"]);
    let environments: Vec<_> = reading.homes.iter().map(|home| home.environment).collect();
    assert_eq!(
        environments,
        [
            Environment::Production,
            Environment::Production,
            Environment::Test,
            Environment::Preproduction,
            Environment::Test,
        ]
    );
}

#[test]
fn what_configures_a_source_is_told_from_what_it_delivers() {
    let reading = Files::new().read();
    let azure = &reading.homes[0].configuration;
    assert_eq!(azure.datasource.as_ref().unwrap().as_str(), "azurev4");
    let mapped: Vec<_> = azure
        .attributes
        .iter()
        .map(|own| own.attribute.as_str())
        .collect();
    assert_eq!(
        mapped,
        ["learnerId", "roles", "firstName", "surname", "legacyId"]
    );
    let HomeUpstream::EntraId(entra) = &azure.upstream else {
        panic!()
    };
    assert_eq!(entra.tenant_id.as_str(), "kuvitteellinen-vuokraaja");
    assert!(
        entra.client_id.is_none() && reading.homes[0].secret.is_none(),
        "masked is not set"
    );
    let HomeUpstream::Opinsys(opinsys) = &reading.homes[2].configuration.upstream else {
        panic!()
    };
    assert_eq!(
        opinsys.client_id.as_ref().unwrap().as_str(),
        "uid=proxy,dc=example,dc=org"
    );
    assert!(reading.homes[2].secret.is_some());
}

#[test]
fn school_choice_is_read_in_its_mixed_shapes() {
    let reading = Files::new().read();
    let azure = &reading.homes[0].discovery;
    assert!(azure.show_schools && azure.logo.is_some());
    assert_eq!(azure.title.as_ref().unwrap().fi.as_str(), "Kuvitteellinen");
    let google = &reading.homes[1].discovery;
    assert!(
        !google.show_schools && google.title.is_none(),
        "an empty title is none"
    );
    assert_eq!(
        (google.schools.len(), google.institution_types[0].number()),
        (2, 15)
    );
}

#[test]
fn an_empty_list_of_services_means_all_of_them() {
    let reading = Files::new()
        .with(|files| files.idp(0)["allowedServiceProviders"] = json!([]))
        .read();
    assert_eq!(reading.homes[0].permitted, None);
    let named = reading.homes[1].permitted.as_ref().unwrap();
    assert!(matches!(named[0], PeerName::ClientId(_)) && matches!(named[1], PeerName::EntityId(_)));
    assert_eq!(named.len(), 3);
}

#[test]
fn what_is_taken_nevertheless_is_warned_about() {
    let reading = Files::new()
        .with(|files| {
            files.home(3)["createdOn"] = json!("2024-01-01");
            files.service(2)["status"] = json!(0);
            files.metadata(0)["client_name"] = json!("x");
            files.metadata(0)["grant_types"] = json!(["authorization_code", "refresh_token"]);
            files.service(1)["integrationGroups"] = json!([{"id": 1}, {"id": 2}]);
            files.homes["version"] = json!(2);
        })
        .read();
    assert_eq!(brief(&reading.errors), Vec::<String>::new());
    let mut warnings = brief(&reading.warnings);
    warnings.sort();
    insta::assert_json_snapshot!(warnings, @r#"
    [
      "- version UNKNOWN_FIELD",
      "4900001 configurationEntity.attributes[6].content SECRET_NOT_SET",
      "4900001 configurationEntity.attributes[7].content SECRET_NOT_SET",
      "4900003 configurationEntity.attributes[2].clientId UNUSUAL_SHAPE",
      "4900004 createdOn UNKNOWN_FIELD",
      "4900005 deploymentPhase ENVIRONMENT_ASSUMED",
      "5900001 configurationEntity.sp.metadata.client_name UNKNOWN_FIELD",
      "5900001 configurationEntity.sp.metadata.grant_types[1] NOT_SERVED",
      "5900002 configurationEntity.sp.metadata.client_secret SECRET_NOT_SET",
      "5900002 integrationGroups SEVERAL_SETS",
      "5900003 status UNKNOWN_FIELD",
      "6900002 organization NO_ORGANISATION"
    ]
    "#);
    let home = &reading.homes[3];
    assert_eq!(
        home.unknown_fields
            .iter()
            .map(ShortText::as_str)
            .collect::<Vec<_>>(),
        ["createdOn"]
    );
}

#[rstest]
#[case::no_id("homes /identityProviders/0/id", "", "- id MISSING")]
#[case::id_null("homes /identityProviders/0/id", "null", "- id MISSING")]
#[case::id_word("homes /identityProviders/0/id", r#""neljä""#, "- id WRONG_SHAPE")]
#[case::id_negative("homes /identityProviders/0/id", "-4", "- id WRONG_SHAPE")]
#[case::no_idp_id(
    "homes /identityProviders/3/configurationEntity/idp/idpId",
    r#""""#,
    "4900004 configurationEntity.idp.idpId MISSING"
)]
#[case::idp_id(
    "homes /identityProviders/3/configurationEntity/idp/idpId",
    r#""wilma 1""#,
    "4900004 configurationEntity.idp.idpId IDP_ID"
)]
#[case::kind(
    "homes /identityProviders/3/configurationEntity/idp/type",
    r#""ldap""#,
    "4900004 configurationEntity.idp.type KIND_UNKNOWN"
)]
#[case::oid(
    "homes /identityProviders/0/organization/oid",
    r#""1.2.x""#,
    "4900001 organization.oid ORGANISATION_OID"
)]
#[case::no_oid(
    "homes /identityProviders/0/organization",
    "{}",
    "4900001 organization.oid MISSING"
)]
#[case::set_oid(
    "sets /integrationGroups/0/organization/oid",
    r#""9.9""#,
    "6900001 organization.oid ORGANISATION_OID"
)]
#[case::phase(
    "homes /identityProviders/0/deploymentPhase",
    "7",
    "4900001 deploymentPhase DEPLOYMENT_PHASE"
)]
#[case::logo(
    "homes /identityProviders/0/configurationEntity/idp/logoUrl",
    r#""logo""#,
    "4900001 configurationEntity.idp.logoUrl WEB_ADDRESS"
)]
#[case::metadata(
    "homes /identityProviders/0/configurationEntity/idp/metadataUrl",
    r#""http://sts.example.org""#,
    "4900001 configurationEntity.idp.metadataUrl WEB_ADDRESS"
)]
#[case::host(
    "homes /identityProviders/3/configurationEntity/idp/hostname",
    r#""https://x/""#,
    "4900004 configurationEntity.idp.hostname HOST_NAME"
)]
#[case::flag(
    "homes /identityProviders/0/discoveryInformation/showSchools",
    r#""kyllä""#,
    "4900001 discoveryInformation.showSchools WRONG_SHAPE"
)]
#[case::school(
    "homes /identityProviders/0/discoveryInformation/schools",
    r#"["x1"]"#,
    "4900001 discoveryInformation.schools[0] SCHOOL_CODE"
)]
#[case::list(
    "homes /identityProviders/0/configurationEntity/idp/institutionTypes",
    "11",
    "4900001 configurationEntity.idp.institutionTypes WRONG_SHAPE"
)]
#[case::entry("homes /identityProviders/0", r#""x""#, "-  WRONG_SHAPE")]
#[case::redirect(
    "services /services/0/configurationEntity/sp/metadata/redirect_uris",
    r#"["https://a.example.org/#x"]"#,
    "5900001 configurationEntity.sp.metadata.redirect_uris[0] REDIRECT_URI"
)]
#[case::no_redirect(
    "services /services/0/configurationEntity/sp/metadata/redirect_uris",
    "[]",
    "5900001 configurationEntity.sp.metadata.redirect_uris MISSING"
)]
#[case::no_client_id(
    "services /services/0/configurationEntity/sp/metadata/client_id",
    "null",
    "5900001 configurationEntity.sp.metadata.client_id MISSING"
)]
#[case::authentication(
    "services /services/0/configurationEntity/sp/metadata/token_endpoint_auth_method",
    r#""none""#,
    "5900001 configurationEntity.sp.metadata.token_endpoint_auth_method NOT_SERVED"
)]
#[case::certificate(
    "services /services/2/configurationEntity/sp/metadata/signingCertificates",
    r#"["MIIB"]"#,
    "5900003 configurationEntity.sp.metadata.signingCertificates[0] CERTIFICATE"
)]
#[case::no_certificate(
    "services /services/2/configurationEntity/sp/metadata/signingCertificates",
    "[]",
    "5900003 configurationEntity.sp.metadata.signingCertificates MISSING"
)]
#[case::consumer(
    "services /services/2/configurationEntity/sp/metadata/assertionConsumerServiceUrls/0/location",
    r#""koe""#,
    "5900003 configurationEntity.sp.metadata.assertionConsumerServiceUrls[0].location WEB_ADDRESS"
)]
#[case::service_kind(
    "services /services/0/configurationEntity/sp/type",
    r#""cas""#,
    "5900001 configurationEntity.sp.type KIND_UNKNOWN"
)]
#[case::no_name(
    "sets /integrationGroups/0/configurationEntity/set/name",
    r#""""#,
    "6900001 configurationEntity.set.name MISSING"
)]
fn an_invalid_entry_is_named_by_its_id_and_field(
    #[case] place: &str,
    #[case] value: &str,
    #[case] finding: &str,
) {
    let reading = Files::new().with(|files| files.put(place, value)).read();
    assert_eq!(brief(&reading.errors), [finding]);
    let count = reading.sets.len() + reading.clients.len() + reading.homes.len();
    assert_eq!(count, 9, "the others are usable");
}

#[test]
fn all_errors_are_listed_at_once_with_their_files() {
    let reading = Files::new()
        .with(|files| {
            files.home(0)["organization"]["oid"] = json!("x");
            files.idp(0)["logoUrl"] = json!("x");
            files.metadata(0)["redirect_uris"] = json!(["x"]);
            files.set(0)["deploymentPhase"] = json!("kolme");
        })
        .read();
    let mut lines: Vec<String> = reading
        .errors
        .iter()
        .map(|error| format!("{} {}", error.file, error.field))
        .collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "homes.json configurationEntity.idp.logoUrl",
            "homes.json organization.oid",
            "services.json configurationEntity.sp.metadata.redirect_uris[0]",
            "sets.json deploymentPhase",
        ]
    );
}

#[rstest]
#[case::id("homes /identityProviders/1/id", r#""4900001""#, "id")]
#[case::idp_id(
    "homes /identityProviders/1/configurationEntity/idp/idpId",
    r#""azure_kuvitteellinen""#,
    "configurationEntity.idp.idpId"
)]
#[case::flow_name(
    "homes /identityProviders/1/configurationEntity/idp/flowName",
    r#""azure4900001""#,
    "configurationEntity.idp.flowName"
)]
fn what_belongs_to_one_home_integration_refuses_both(
    #[case] place: &str,
    #[case] value: &str,
    #[case] field: &str,
) {
    let reading = Files::new().with(|files| files.put(place, value)).read();
    assert_eq!(reading.homes.len(), 3, "nobody can say which is meant");
    assert_eq!(reading.errors.len(), 2);
    assert!(
        reading
            .errors
            .iter()
            .all(|error| error.field == field && error.code == "REPEATED")
    );
}

#[test]
fn a_repeated_name_is_seen_beside_another_fault() {
    let reading = Files::new()
        .with(|files| {
            files.idp(1)["idpId"] = json!("azure_kuvitteellinen");
            files.idp(1)["metadataUrl"] = json!("x");
        })
        .read();
    let repeated: Vec<_> = reading
        .errors
        .iter()
        .filter(|own| own.code == "REPEATED")
        .collect();
    assert_eq!(repeated.len(), 2);
    assert!(
        repeated
            .iter()
            .any(|own| own.message.contains("4900002 in homes.json"))
    );
}

#[test]
fn a_client_id_belongs_to_one_client_of_its_environment() {
    let same = |phase: i32| {
        Files::new()
            .with(|files| {
                files.metadata(1)["client_id"] = json!("kirjasto-asiakas");
                files.metadata(1)["redirect_uris"] = json!(["https://peli.example.org/cb"]);
                files.service(1)["deploymentPhase"] = json!(phase);
            })
            .read()
    };
    assert_eq!(same(0).errors.len(), 0);
    let field = "configurationEntity.sp.metadata.client_id REPEATED";
    assert_eq!(
        brief(&same(1).errors),
        [format!("5900001 {field}"), format!("5900002 {field}")]
    );
}

#[test]
fn an_entity_id_and_an_id_may_not_be_repeated_across_files() {
    let files = Files::new();
    let services = files.services.to_string();
    let again = files.services["services"][2].clone();
    let again = json!({ "services": [again] }).to_string();
    let reading = read(&[("a.json", &services), ("b.json", &again)]);
    assert_eq!(
        brief(&reading.errors),
        [
            "5900003 configurationEntity.sp.metadata.entityId REPEATED",
            "5900003 id REPEATED",
            "5900003 configurationEntity.sp.metadata.entityId REPEATED",
            "5900003 id REPEATED",
        ]
    );
    assert!(reading.errors[0].message.contains("b.json"));
}

#[test]
fn an_id_that_stands_twice_leaves_the_entry_named() {
    let text = HOMES.replacen("\"id\": 4900001,", "\"id\": 4900001, \"id\": 4900001,", 1);
    let reading = read(&[("homes.json", &text)]);
    assert_eq!(brief(&reading.errors), ["4900001 id DUPLICATE_KEY"]);
    assert!(!reading.incomplete && reading.unusable.len() == 1);
}

#[test]
fn a_key_that_stands_twice_is_an_error_of_its_entry() {
    let text = HOMES.replacen("\"idpId\"", "\"idpId\": \"other\", \"idpId\"", 1);
    let reading = read(&[("homes.json", &text)]);
    assert_eq!(
        brief(&reading.errors),
        ["4900001 configurationEntity.idp.idpId DUPLICATE_KEY"]
    );
    assert_eq!(reading.homes.len(), 4);
}

#[rstest]
#[case("{\"identityProviders\": [", "BROKEN_JSON")]
#[case("", "BROKEN_JSON")]
#[case("{\"services\": [], \"services\": []}", "DUPLICATE_KEY")]
#[case("{}", "NOT_A_LOADING_FILE")]
#[case("{\"organisaatiot\": []}", "NOT_A_LOADING_FILE")]
#[case("[]", "WRONG_SHAPE")]
#[case("{\"services\": {}}", "WRONG_SHAPE")]
fn a_file_that_is_none_is_named(#[case] text: &str, #[case] code: &str) {
    let reading = read(&[("broken.json", text), ("homes.json", HOMES)]);
    assert_eq!(reading.errors.len(), 1);
    let error = &reading.errors[0];
    assert_eq!(
        (&*error.file, error.kind, error.code.as_str()),
        ("broken.json", Kind::File, code)
    );
    assert!(reading.incomplete);
    assert_eq!(reading.homes.len(), 5, "the other file is read");
}

#[test]
fn no_finding_holds_a_value() {
    let reading = Files::new()
        .with(|files| {
            files.metadata(0)["client_secret"] = json!(["client-secret-marker"]);
            let attributes = &mut files.home(2)["configurationEntity"]["attributes"];
            attributes[3]["content"] = json!({ "x": "opinsys-secret-marker" });
            attributes[2]["clientId"] = json!("no-name-marker");
        })
        .read();
    assert_eq!(reading.errors.len(), 3);
    let all = serde_json::to_string(&(&reading.errors, &reading.warnings)).unwrap();
    assert!(!all.contains("marker"), "{all}");
}

#[test]
fn a_call_of_one_kind_is_a_call() {
    let mut files = Files::new();
    without(&mut files.homes, "identityProviders", 0);
    let reading = read(&[("homes.json", &files.homes.to_string())]);
    assert_eq!((reading.homes.len(), reading.errors.len()), (4, 0));
}
