//! Names that are unique, and the rules of the fields.

use super::*;

#[test]
fn a_client_id_is_unique_in_its_environment_as_long_as_it_is_in_use() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let client = |environment| register_client(service, environment, oidc_client("same"));
    let (scenario, first) = in_use(scenario, client(Environment::Test));
    let scenario = scenario
        .when(client(Environment::Test))
        .then_refused("CLIENT_ID_TAKEN")
        .given(client(Environment::Preproduction))
        .given(InactivateIntegration {
            integration: first,
            reason: None,
        })
        .given(client(Environment::Test));
    scenario
        .when(ReactivateIntegration { integration: first })
        .then_refused("CLIENT_ID_TAKEN");
}

#[test]
fn an_entity_id_is_unique_among_saml_services_alone() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let saml = || {
        let saml = ClientProtocol::Saml(saml_service("same-name"));
        register_client(service, Environment::Test, client_configuration(saml))
    };
    scenario
        .given(register_client(
            service,
            Environment::Test,
            oidc_client("same-name"),
        ))
        .given(saml())
        .when(saml())
        .then_refused("ENTITY_ID_TAKEN");
}

#[test]
fn a_proposed_name_is_taken_too() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let client = |name| register_client(service, Environment::Production, oidc_client(name));
    let (scenario, integration) = in_use(scenario, client("old"));
    scenario
        .given(ChangeServiceIntegration {
            integration,
            configuration: oidc_client("new"),
            secret_hash: None,
        })
        .when(client("new"))
        .then_refused("CLIENT_ID_TAKEN")
        .when(client("old"))
        .then_refused("CLIENT_ID_TAKEN")
        .given(AcceptIntegration { integration })
        .when(client("old"))
        .then(&["IntegrationRegistered", "CredentialRotated"]);
}

#[test]
fn production_wants_https_and_a_public_host() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let client = |environment, uri: &str| {
        let mut registration = open_id_connect("a");
        registration.redirect_uris = vec![uri.parse().unwrap()];
        let protocol = ClientProtocol::OpenIdConnect(registration);
        register_client(service, environment, client_configuration(protocol))
    };
    scenario
        .when(client(
            Environment::Production,
            "http://service.example.org/cb",
        ))
        .then_refused("ADDRESS_NOT_FOR_PRODUCTION")
        .when(client(Environment::Production, "https://localhost/cb"))
        .then_refused("ADDRESS_NOT_FOR_PRODUCTION")
        .when(client(Environment::Test, "http://localhost:3000/cb"))
        .then(&["IntegrationRegistered", "CredentialRotated"]);
}

#[test]
fn only_what_is_served_is_registered() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let client = |change: fn(&mut OpenIdConnectRegistration)| {
        let mut registration = open_id_connect("a");
        change(&mut registration);
        let protocol = ClientProtocol::OpenIdConnect(registration);
        register_client(service, Environment::Test, client_configuration(protocol))
    };
    scenario
        .when(client(|client| client.redirect_uris.clear()))
        .then_refused("REDIRECT_URI_MISSING")
        .when(client(|client| {
            client.response_types = vec![ResponseType::CodeToken];
        }))
        .then_refused("NOT_SERVED")
        .when(client(|client| {
            client.authentication = ClientAuthentication::ClientSecretJwt;
        }))
        .then_refused("NOT_SERVED")
        .when(client(|client| {
            client.id_token_algorithm = IdTokenAlgorithm::Hs256;
        }))
        .then_refused("NOT_SERVED")
        .when(client(|client| {
            client.authentication = ClientAuthentication::PrivateKeyJwt;
        }))
        .then_refused("KEYS_MISSING")
        .when(client(|client| {
            client.authentication = ClientAuthentication::PrivateKeyJwt;
            client.jwks_uri = Some("https://service.example.org/jwks".parse().unwrap());
            client.jwks = Some(keys());
        }))
        .then_refused("KEYS_TWICE")
        .when(client(|client| {
            let uri = format!("https://service.example.org/{}", "x".repeat(1900));
            client.redirect_uris = vec![uri.parse().unwrap(); 20];
        }))
        .then_refused("TOO_MANY");
}

fn keys() -> crate::value::KeySet {
    r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"Ag"}]}"#
        .parse()
        .unwrap()
}

#[test]
fn a_client_may_hand_in_its_keys_and_then_needs_no_secret() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let registration = OpenIdConnectRegistration {
        authentication: ClientAuthentication::PrivateKeyJwt,
        jwks: Some(keys()),
        ..open_id_connect("own-keys")
    };
    let protocol = ClientProtocol::OpenIdConnect(registration);
    let register = register_client(service, Environment::Test, client_configuration(protocol));
    let scenario = scenario.given(RegisterServiceIntegration {
        secret_hash: None,
        ..register
    });
    let integration = last_integration(&scenario);
    scenario.then_state(|network| {
        let row = network.integrations.get(integration).unwrap();
        assert!(blockers(network, row).is_empty());
    });
}

#[test]
fn a_directory_of_the_proxys_own_machine_is_nobodys_in_production() {
    let directory = |environment, host: &str| RegisterHomeIntegration {
        configuration: configuration(HomeUpstream::Ldap(LdapUpstream {
            servers: vec![LdapServer {
                host: host.parse().unwrap(),
                port: None,
            }],
            security: LdapSecurity::StartTls,
            trusted_certificates: Vec::new(),
            base: "dc=example,dc=org".parse().unwrap(),
            bind: None,
            user_attribute: "uid".parse().unwrap(),
        })),
        ..register_home(environment)
    };
    ledger()
        .when(directory(Environment::Production, "localhost"))
        .then_refused("ADDRESS_NOT_FOR_PRODUCTION")
        .when(directory(Environment::Production, "x.localhost"))
        .then_refused("ADDRESS_NOT_FOR_PRODUCTION")
        .when(directory(Environment::Test, "localhost"))
        .then(&["IntegrationRegistered"]);
}

#[test]
fn entra_id_by_openid_connect_needs_no_metadata() {
    let entra = |login| RegisterHomeIntegration {
        configuration: configuration(HomeUpstream::EntraId(EntraIdUpstream {
            tenant_id: "tenant".parse().unwrap(),
            client_id: Some("registration".parse().unwrap()),
            client_key_valid_until: None,
            application_id_uri: None,
            login,
            saml: SamlUpstream::default(),
        })),
        secret: Some("an invented key".parse().unwrap()),
        ..register_home(Environment::Test)
    };
    for (login, missing) in [
        (EntraIdLogin::Saml, &[Blocker::MetadataMissing][..]),
        (EntraIdLogin::OpenIdConnect, &[]),
    ] {
        let scenario = ledger().given(entra(login));
        let integration = last_integration(&scenario);
        scenario.then_state(|network| {
            let row = network.integrations.get(integration).unwrap();
            assert_eq!(blockers(network, row), missing);
        });
    }
}

#[test]
fn a_saml_service_has_a_certificate_everywhere_and_signed_assertions_in_production() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let client = |environment, saml: SamlRegistration| {
        let protocol = ClientProtocol::Saml(saml);
        register_client(service, environment, client_configuration(protocol))
    };
    let mut bare = saml_service("https://bare.example.org");
    bare.signing_certificates.clear();
    let mut twice = saml_service("https://twice.example.org");
    let place = twice.assertion_consumer_services[0].clone();
    twice.assertion_consumer_services.push(place);
    let (scenario, integration) = in_use(
        scenario
            .when(client(Environment::Test, bare))
            .then_refused("CERTIFICATE_MISSING")
            .when(client(Environment::Test, twice))
            .then_refused("CONSUMER_SERVICE_INVALID"),
        client(
            Environment::Production,
            saml_service("https://sp.example.org"),
        ),
    );
    let row = scenario.network().integrations.get(integration).unwrap();
    let ClientProtocol::Saml(saml) = &row.client().unwrap().configuration.protocol else {
        panic!("a SAML service");
    };
    assert!(saml.assertions_signed);
}

#[test]
fn certificates_are_warned_about_by_their_dates() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let saml = ClientProtocol::Saml(saml_service("https://sp.example.org"));
    let (scenario, integration) = in_use(
        scenario,
        register_client(service, Environment::Test, client_configuration(saml)),
    );
    let kinds = |at: &str| -> Vec<&'static str> {
        let at = crate::testing::instant(at);
        let found = warnings(scenario.network(), integration, at);
        let names = found.iter().map(|warning| match warning {
            Warning::CertificateNotYetValid { .. } => "not yet",
            Warning::CertificateExpiresSoon { .. } => "soon",
            Warning::CertificateExpired { .. } => "expired",
            _ => "other",
        });
        names.collect()
    };
    assert_eq!(kinds("2026-01-01T00:00:00Z"), ["not yet"]);
    assert!(kinds("2030-01-01T00:00:00Z").is_empty());
    assert_eq!(kinds("2036-07-01T00:00:00Z"), ["soon"]);
    assert_eq!(kinds("2037-01-01T00:00:00Z"), ["expired"]);
}
