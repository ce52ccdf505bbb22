//! The kinds of source one by one: what each needs before it routes, and what it warns of.

use super::*;
use crate::testing::instant;
use rstest::rstest;

fn entra(client_id: Option<&str>, valid_until: Option<&str>) -> HomeConfiguration {
    configuration(HomeUpstream::EntraId(EntraIdUpstream {
        tenant_id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        client_id: client_id.map(|id| id.parse().unwrap()),
        client_key_valid_until: valid_until.map(day),
        application_id_uri: None,
        login: EntraIdLogin::default(),
        saml: SamlUpstream::default(),
    }))
}

fn ldap(servers: usize, bind: bool) -> HomeConfiguration {
    let server = LdapServer {
        host: "ldap.example.org".parse().unwrap(),
        port: None,
    };
    configuration(HomeUpstream::Ldap(LdapUpstream {
        servers: vec![server; servers],
        security: LdapSecurity::StartTls,
        base: "dc=example,dc=org".parse().unwrap(),
        bind: bind.then(|| "cn=reader,dc=example,dc=org".parse().unwrap()),
        trusted_certificates: Vec::new(),
        user_attribute: "uid".parse().unwrap(),
    }))
}

fn saml() -> HomeConfiguration {
    configuration(HomeUpstream::Saml(SamlUpstream {
        metadata_url: Some("https://idp.example.org/metadata".parse().unwrap()),
        ..SamlUpstream::default()
    }))
}

fn opinsys() -> HomeConfiguration {
    configuration(HomeUpstream::Opinsys(OpinsysUpstream {
        tenant: "koulu.example.org".parse().unwrap(),
        client_id: None,
    }))
}

fn with(configuration: HomeConfiguration, secret: Option<&str>) -> RegisterHomeIntegration {
    RegisterHomeIntegration {
        configuration,
        secret: secret.map(|secret| secret.parse().unwrap()),
        ..register_home(Environment::Test)
    }
}

#[rstest]
#[case::entra(entra(None, None), None, &[Blocker::SecretMissing, Blocker::ClientIdMissing, Blocker::MetadataMissing])]
#[case::entra_with_a_name(entra(Some("proxy"), None), Some("a-real-secret"), &[Blocker::MetadataMissing])]
#[case::opinsys(opinsys(), None, &[Blocker::SecretMissing, Blocker::ClientIdMissing])]
#[case::directory(ldap(1, true), None, &[Blocker::SecretMissing])]
#[case::directory_with_its_password(ldap(1, true), Some("a-real-secret"), &[])]
#[case::directory_that_answers_anybody(ldap(1, false), None, &[])]
#[case::saml(saml(), None, &[Blocker::MetadataMissing])]
fn each_kind_lacks_what_it_needs(
    #[case] configuration: HomeConfiguration,
    #[case] secret: Option<&str>,
    #[case] lacking: &[Blocker],
) {
    let (scenario, integration) = in_use(ledger(), with(configuration, secret));
    let network = scenario.network();
    let row = network.integrations.get(integration).unwrap();
    assert_eq!(blockers(network, row), lacking);
    let routes = is_routable(network, integration, scenario.now());
    assert_eq!(routes, lacking.is_empty());
}

fn metadata() -> PeerMetadata {
    PeerMetadata {
        entity_id: "https://idp.example.org".parse().unwrap(),
        single_sign_on: vec![SingleSignOnEndpoint {
            binding: SamlBinding::HttpRedirect,
            location: "https://idp.example.org/sso".parse().unwrap(),
        }],
        signing_certificates: vec![certificate()],
        valid_until: None,
    }
}

#[test]
fn entra_id_routes_when_it_is_complete() {
    let register = with(entra(Some("proxy"), None), Some("a-real-secret"));
    let (scenario, integration) = in_use(ledger(), register);
    let scenario = scenario.given(RefreshMetadata {
        integration,
        metadata: metadata(),
    });
    assert!(is_routable(scenario.network(), integration, scenario.now()));
    let home = home(scenario.network(), integration);
    let address = home.configuration.upstream.metadata_url().unwrap();
    assert!(
        address
            .as_str()
            .contains("/00000000-0000-4000-8000-000000000001/")
    );
}

// Six months ahead, by the day.
#[rstest]
#[case("2025-07-01", false)]
#[case("2025-06-30", true)]
#[case("2024-12-31", true)]
fn a_client_key_that_ends_soon_is_worth_a_warning(#[case] last_day: &str, #[case] warned: bool) {
    let register = with(entra(Some("proxy"), Some(last_day)), Some("a-real-secret"));
    let (scenario, integration) = in_use(ledger(), register);
    let now = instant("2025-01-01T12:00:00Z");
    let found = warnings(scenario.network(), integration, now);
    let expected = Warning::ClientKeyExpires { on: day(last_day) };
    assert_eq!(found.contains(&expected), warned, "{found:?}");
}

#[rstest]
#[case(0)]
#[case(21)]
fn a_directory_has_servers_and_not_too_many(#[case] servers: usize) {
    ledger()
        .when(with(ldap(servers, true), None))
        .then_refused("SERVERS_INVALID");
}

#[test]
fn metadata_name_where_logins_begin_and_only_some_kinds_have_them() {
    let (scenario, integration) = in_use(ledger(), with(saml(), None));
    let mut nowhere = metadata();
    nowhere.single_sign_on.clear();
    let scenario = scenario
        .when(RefreshMetadata {
            integration,
            metadata: nowhere,
        })
        .then_refused("ENDPOINTS_INVALID");
    let (scenario, directory) = in_use(scenario, with(ldap(1, false), None));
    scenario
        .when(RefreshMetadata {
            integration: directory,
            metadata: metadata(),
        })
        .then_refused("NO_METADATA");
}

#[test]
fn a_command_for_one_side_is_refused_for_the_other() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let client = register_client(service, Environment::Test, oidc_client("a"));
    let (scenario, client) = in_use(scenario, client);
    let (scenario, home) = in_use(scenario, register_home(Environment::Test));
    scenario
        .when(ChangeHomeIntegration {
            integration: client,
            configuration: wilma("wilma.example.org"),
            secret: None,
        })
        .then_refused("WRONG_KIND")
        .when(RefreshMetadata {
            integration: client,
            metadata: metadata(),
        })
        .then_refused("WRONG_KIND")
        .when(ChangeServiceIntegration {
            integration: home,
            configuration: oidc_client("a"),
            secret_hash: None,
        })
        .then_refused("WRONG_KIND");
}
