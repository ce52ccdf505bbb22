//! The rules of single fields (domain facts F.3), and what an import may bring in all the same.

use super::*;
use rstest::rstest;

fn register(configuration: HomeConfiguration) -> RegisterHomeIntegration {
    RegisterHomeIntegration {
        configuration,
        ..register_home(Environment::Test)
    }
}

fn entra(tenant: &str) -> EntraIdUpstream {
    EntraIdUpstream {
        tenant_id: tenant.parse().unwrap(),
        client_id: None,
        client_key_valid_until: None,
        application_id_uri: None,
        login: EntraIdLogin::default(),
        saml: SamlUpstream::default(),
    }
}

const TENANT: &str = "00000000-0000-4000-8000-000000000001";

#[rstest]
#[case::none(wilma("a.example.org"), None, true)]
#[case::wilma(wilma("a.example.org"), Some("wilma"), true)]
#[case::wilma_2(wilma("a.example.org"), Some("wilmav2"), true)]
#[case::another_kinds(wilma("a.example.org"), Some("azurev4"), false)]
#[case::case_counts(wilma("a.example.org"), Some("Wilma"), false)]
#[case::entra(
    configuration(HomeUpstream::EntraId(entra(TENANT))),
    Some("azureLuovi"),
    true
)]
#[case::a_kind_with_none(configuration(HomeUpstream::Opinsys(OpinsysUpstream {
    tenant: "koulu.example.org".parse().unwrap(),
    client_id: None,
})), Some("opinsys"), false)]
fn a_data_source_is_one_that_its_kind_knows(
    #[case] mut configuration: HomeConfiguration,
    #[case] datasource: Option<&str>,
    #[case] taken: bool,
) {
    configuration.datasource = datasource.map(|name| name.parse().unwrap());
    let scenario = ledger().when(register(configuration));
    if taken {
        scenario.then(&["IntegrationRegistered"]);
    } else {
        scenario.then_refused("DATA_SOURCE_UNKNOWN");
    }
}

#[rstest]
#[case::uuid(TENANT, true)]
#[case::domain("kunta.example.org", true)]
#[case::path("kunta/../other", false)]
#[case::words("Kuvitteellinen kunta", false)]
fn a_tenant_is_a_uuid_or_a_name_of_its_domain(#[case] tenant: &str, #[case] taken: bool) {
    let scenario = ledger().when(register(configuration(HomeUpstream::EntraId(entra(
        tenant,
    )))));
    if taken {
        scenario.then(&["IntegrationRegistered"]);
    } else {
        scenario.then_refused("TENANT_INVALID");
    }
}

#[rstest]
#[case("1999-12-31", false)]
#[case("2000-01-01", true)]
#[case("2099-12-31", true)]
#[case("2100-01-01", false)]
fn a_client_key_ends_in_this_century(#[case] last_day: &str, #[case] taken: bool) {
    let entra = EntraIdUpstream {
        client_key_valid_until: Some(day(last_day)),
        ..entra(TENANT)
    };
    let scenario = ledger().when(register(configuration(HomeUpstream::EntraId(entra))));
    if taken {
        scenario.then(&["IntegrationRegistered"]);
    } else {
        scenario.then_refused("OUT_OF_RANGE");
    }
    let known = configuration(HomeUpstream::EntraId(self::entra(TENANT)));
    let (scenario, integration) = in_use(ledger(), register(known));
    let scenario = scenario.when(RotateCredential {
        integration,
        secret: Some("a-real-secret".parse().unwrap()),
        valid_until: Some(day(last_day)),
        secret_hash: None,
    });
    if taken {
        scenario.then(&["CredentialRotated"]);
    } else {
        scenario.then_refused("OUT_OF_RANGE");
    }
}

#[rstest]
#[case::none(Vec::new())]
#[case::implicit(vec![GrantType::Implicit])]
fn tokens_are_given_for_a_code(#[case] grant_types: Vec<GrantType>) {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let protocol = ClientProtocol::OpenIdConnect(OpenIdConnectRegistration {
        grant_types,
        ..open_id_connect("a")
    });
    let client = register_client(service, Environment::Test, client_configuration(protocol));
    scenario.when(client).then_refused("NOT_SERVED");
}

#[test]
fn assertions_are_taken_by_https_in_every_environment() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let mut saml = saml_service("https://service.example.org");
    saml.assertion_consumer_services[0].location = "http://localhost:8080/acs".parse().unwrap();
    let protocol = ClientProtocol::Saml(saml);
    let client = register_client(service, Environment::Test, client_configuration(protocol));
    scenario
        .when(client)
        .then_refused("CONSUMER_SERVICE_INVALID");
}
